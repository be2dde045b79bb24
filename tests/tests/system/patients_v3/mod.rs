//! Patients over HL7 v3: the feed (ITI-44), what is asked of who keeps the persons (ITI-45, ITI-47), and who is
//! told of changes (ITI-46).

mod feed;
mod notices;
pub(crate) mod pdq;
pub(crate) mod pix;
mod records;

use anyhow::{Context, Result, ensure};
use chrono::Utc;
use renkei_hl7v3::acknowledgement::Detail;
use renkei_hl7v3::iti44::{Event, Feed};
use renkei_hl7v3::transmission::{Party, Processing, Transmission};
use renkei_hl7v3::{InstanceId, Time, told};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::Person;
use renkei_tests::message::{self, Message};
use uuid::Uuid;

/// The wrapper of a message to the house.
pub(crate) fn transmission() -> Result<Transmission> {
    let party = |device: &str| {
        Ok::<_, anyhow::Error>(Party { device: Oid::parse(device)?, community: None })
    };
    Ok(Transmission {
        id: InstanceId::new(Uuid::new_v4()),
        created: Time::at(Utc::now().into()),
        processing: Processing::Production,
        receiver: party("2.999.10.1")?,
        respond_to: None,
        sender: party("2.999.10.7")?,
    })
}

/// A message about a person, of whose identifiers the first are those of the record.
pub(crate) fn feed(event: Event, person: &Person) -> Result<Feed> {
    let (own, others) = person.identifiers.split_at(person.identifiers.len().min(1));
    Ok(Feed {
        transmission: transmission()?,
        event,
        ids: own.iter().map(|of| of.id.clone().into()).collect(),
        person: Person { identifiers: others.to_vec(), ..person.clone() },
        provider: own.first().map(|of| of.id.authority.clone()),
        prior: Vec::new(),
    })
}

/// A duplicate: `subsumed` is `survivor`.
pub(crate) fn merge(subsumed: &PatientId, survivor: &PatientId) -> Result<Feed> {
    let person = Person { identifiers: vec![survivor.clone().into()], ..Person::default() };
    let prior = vec![subsumed.clone().into()];
    Ok(Feed { prior, ..feed(Event::Merged, &person)? })
}

/// Fails unless this is what the row says, in both languages and under its code.
fn says(detail: &Detail, row: &str) -> Result<()> {
    let known = told::ALL.iter().find(|known| known.id == row).context("no such row")?;
    ensure!(detail.code.as_deref() == Some(known.code), "{detail:?}");
    let text = detail.text.clone().unwrap_or_default();
    for words in [known.en, known.fix_en, known.ja, known.fix_ja] {
        ensure!(text.contains(words), "{text}");
    }
    Ok(())
}

/// ITI-44.
pub(crate) fn fed(feed: &Feed) -> Message {
    let action = format!("urn:hl7-org:v3:{}", feed.event.interaction().name());
    message::hl7v3(&action, |w| feed.write(w))
}
