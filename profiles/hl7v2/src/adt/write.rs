//! Messages as they are written.

use super::person::{PersonName, Sex, write_name};
use super::{FeedEvent, pid};
use crate::charset::Charset;
use crate::cx::CxField;
use crate::msh::{self, Form, Stamp, Version};
use crate::text::escape;
use chrono::NaiveDate;
use renkei_metadata::ids::PatientId;
use renkei_person::Person;

/// What an A04 of the house says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct A04 {
    /// When and under which control id.
    pub stamp: Stamp,
    /// MSH-3.
    pub sending_application: String,
    /// MSH-4.
    pub sending_facility: String,
    /// MSH-5.
    pub receiving_application: String,
    /// MSH-6.
    pub receiving_facility: String,
    /// PID-3.
    pub patient: PatientId,
    /// PID-5; at least one, or the receiver refuses the message. Kanji before kana.
    pub names: Vec<PersonName>,
    /// PID-7.
    pub birth_date: Option<NaiveDate>,
    /// PID-8.
    pub sex: Option<Sex>,
}

/// Writes the message that announces a patient, without frame: version 2.3.1, in UTF-8.
pub fn write_a04(a04: &A04) -> Vec<u8> {
    text_of_a04(a04, Form { version: Version::V231, charset: &Charset::utf8() }).into_bytes()
}

/// The same in another version and set; `None` when the set lacks a character of it.
pub fn write_a04_in(a04: &A04, version: Version, charset: &Charset) -> Option<Vec<u8>> {
    encoded(&text_of_a04(a04, Form { version, charset }), charset)
}

fn text_of_a04(a04: &A04, form: Form<'_>) -> String {
    let parties = [
        &a04.sending_application,
        &a04.sending_facility,
        &a04.receiving_application,
        &a04.receiving_facility,
    ];
    let head = head(parties, "ADT^A04^ADT_A01", &a04.stamp, form);
    let names: Vec<String> = a04.names.iter().map(write_name).collect();
    let birth = a04.birth_date.map(|d| d.format("%Y%m%d").to_string()).unwrap_or_default();
    let pid = format!(
        "PID|||{}||{}||{birth}|{}",
        CxField::from(&a04.patient).write(),
        names.join("~"),
        a04.sex.map_or("", Sex::code),
    );
    format!("{head}{pid}\rPV1||O\r")
}

/// A person with everything that the feed can say of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// When and under which control id.
    pub stamp: Stamp,
    /// MSH-3 to MSH-6.
    pub parties: Parties,
    /// A01, A04, A05 or A08.
    pub event: FeedEvent,
    /// Whom it is about: an identifier and a name at least, or the receiver refuses the message.
    pub person: Person,
}

/// Writes what announces or changes a person, without frame; `None` when the set lacks a character of it.
pub fn write_announcement(
    of: &Announcement,
    version: Version,
    charset: &Charset,
) -> Option<Vec<u8>> {
    let kind = format!("ADT^{}^ADT_A01", of.event.code());
    let head = head(of.parties.fields(), &kind, &of.stamp, Form { version, charset });
    encoded(&format!("{head}{}\rPV1||O\r", pid::write(&of.person)), charset)
}

/// Who writes to whom: MSH-3 to MSH-6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parties {
    /// MSH-3; of ITI-64, the OID of the manager.
    pub sending_application: String,
    /// MSH-4.
    pub sending_facility: String,
    /// MSH-5.
    pub receiving_application: String,
    /// MSH-6.
    pub receiving_facility: String,
}

impl Parties {
    pub(crate) fn fields(&self) -> [&String; 4] {
        [
            &self.sending_application,
            &self.sending_facility,
            &self.receiving_application,
            &self.receiving_facility,
        ]
    }
}

/// A merge: both identifiers are one patient, known by the surviving one from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct A40 {
    /// When and under which control id.
    pub stamp: Stamp,
    /// MSH-3 to MSH-6.
    pub parties: Parties,
    /// PID-3.
    pub surviving: PatientId,
    /// MRG-1.
    pub subsumed: PatientId,
    /// PID-5.
    pub names: Vec<PersonName>,
}

/// Writes a merge, without frame; `None` when the set lacks a character of it.
pub fn write_a40_in(a40: &A40, version: Version, charset: &Charset) -> Option<Vec<u8>> {
    let head = head(a40.parties.fields(), "ADT^A40^ADT_A39", &a40.stamp, Form { version, charset });
    let names: Vec<String> = a40.names.iter().map(write_name).collect();
    let [surviving, subsumed] = [&a40.surviving, &a40.subsumed].map(|cx| CxField::from(cx).write());
    let names = names.join("~");
    encoded(&format!("{head}PID|||{surviving}||{names}\rMRG|{subsumed}\r"), charset)
}

/// A local identifier moves to another identifier of the affinity domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct A43 {
    /// When and under which control id.
    pub stamp: Stamp,
    /// MSH-3 to MSH-6.
    pub parties: Parties,
    /// PID-3, first repetition: where it belongs now.
    pub new: PatientId,
    /// PID-3, second repetition: what moves.
    pub local: PatientId,
    /// MRG-1, first repetition: where it was.
    pub previous: PatientId,
    /// MRG-1, second repetition: the local identifier that it takes in.
    pub subsumed: Option<PatientId>,
}

/// Writes a move, without frame; `None` when the set lacks a character of it.
pub fn write_a43_in(a43: &A43, charset: &Charset) -> Option<Vec<u8>> {
    let form = Form { version: Version::V25, charset };
    let head = head(a43.parties.fields(), "ADT^A43^ADT_A43", &a43.stamp, form);
    let cx = |id: &PatientId| CxField::from(id).write();
    let subsumed = a43.subsumed.as_ref().map(|id| format!("~{}", cx(id))).unwrap_or_default();
    let (new, local, previous) = (cx(&a43.new), cx(&a43.local), cx(&a43.previous));
    encoded(&format!("{head}PID|||{new}~{local}|| \rMRG|{previous}{subsumed}\r"), charset)
}

/// MSH and EVN.
fn head(parties: [&String; 4], kind: &str, stamp: &Stamp, form: Form<'_>) -> String {
    let [a, b, c, d] = parties.map(|p| escape(p));
    let msh = msh::write([&a, &b, &c, &d], kind, stamp, form);
    // EVN-1 repeats MSH-9.2 in version 2.3.1, and is left out later (HL7 V2.5: 3.4.1.1).
    let event = match form.version {
        Version::V231 => kind.split('^').nth(1).unwrap_or_default(),
        Version::V25 => "",
    };
    format!("{msh}EVN|{event}|{}\r", msh::time(stamp.at))
}

pub(crate) fn encoded(text: &str, charset: &Charset) -> Option<Vec<u8>> {
    charset.encode(text).map(|octets| octets.into_owned())
}
