//! ITI-10, PIX Update Notification: ADT^A31, which identifiers are one person's now (ITI TF-2: 3.10.4.1).

use super::pid::{self, repeats};
use super::read::{
    again, event_problems, header_problems, missing, missing_segment, not_a_message,
};
use super::write::Parties;
use crate::ack::rows;
use crate::ack::{AckCode, Location, Nak, Problem};
use crate::authorities::Authorities;
use crate::charset::Charset;
use crate::cx::CxField;
use crate::msh::{self, Form, Msh, Stamp, Version};
use crate::structure;
use crate::text::{self, escape};
use renkei_metadata::ids::PatientId;
use renkei_person::Identifier;

/// What a PIX Manager tells a consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateNotification {
    /// When and under which control id.
    pub stamp: Stamp,
    /// MSH-3 to MSH-6.
    pub parties: Parties,
    /// PID-3: all identifiers that one person has in the consumer's domains; one at least.
    pub identifiers: Vec<PatientId>,
}

/// Writes a notification, without frame, in UTF-8. Of the person nothing is said but the identifiers, each with
/// all of CX.4; a blank stands for the name (ITI TF-2: 3.10.4.1.2).
pub fn write(notification: &UpdateNotification, authorities: &Authorities) -> Vec<u8> {
    let UpdateNotification { stamp, parties, identifiers } = notification;
    let parties = parties.fields().map(|p| escape(p));
    let parties = parties.each_ref().map(String::as_str);
    let form = Form { version: Version::V25, charset: &Charset::utf8() };
    let head = msh::write_of("ITI-10", parties, "ADT^A31^ADT_A05", stamp, form);
    let written = identifiers.iter().map(|id| {
        let authority_name = Some(authorities.name_of(&id.authority));
        pid::write_identifier(&Identifier { id: id.clone(), authority_name })
    });
    let written = written.collect::<Vec<_>>().join("~");
    let at = msh::time(stamp.at);
    format!("{head}EVN||{at}\rPID|||{written}|| \rPV1||N\r").into_bytes()
}

/// A notification as a consumer receives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The header, for the answer and the audit record.
    pub msh: Msh,
    /// PID-3, each repetition; one of them at least holds an id.
    pub identifiers: Vec<CxField>,
}

/// Reads a notification without frame.
///
/// # Errors
/// A refusal that names every problem found and can be sent as it is.
pub fn read(frame: &[u8]) -> Result<Update, Nak> {
    let text =
        text::decode(frame).map_err(|nak| Nak { to: Msh::of_frame(frame).map(Box::new), ..nak })?;
    let msh = Msh::read(&text).ok_or_else(not_a_message)?;
    if (msh.message_type.as_str(), msh.event.as_str()) != ("ADT", "A31") {
        let place = Location::component("MSH", 9, 2);
        let problem = Problem::of(&rows::EVENT, place, &[("events", "A31")]);
        return Err(Nak::new(AckCode::Reject, Some(&msh), vec![problem]));
    }
    let message = structure::split(&text).map_err(|broken| Nak::broken(broken, &msh))?;
    let mut problems = header_problems(&msh);
    let repeated = structure::repeated(&message, &["MSH", "EVN", "PID"]);
    problems.extend(repeated.into_iter().map(|(name, count)| again(name, count)));
    event_problems(&message, &mut problems);
    let pid = message.segment("PID");
    let ids = pid.into_iter().flat_map(|pid| repeats(pid, 3)).map(CxField::read);
    let identifiers: Vec<CxField> = ids.collect();
    match pid {
        None => problems.push(missing_segment("PID")),
        Some(_) if identifiers.iter().all(|cx| cx.id.is_empty()) => {
            problems.push(missing("PID", 3))
        }
        Some(_) => {}
    }
    match problems.is_empty() {
        true => Ok(Update { msh, identifiers }),
        false => Err(Nak::new(AckCode::Error, Some(&msh), problems)),
    }
}
