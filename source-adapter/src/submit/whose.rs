//! Under which id the affinity domain knows the person of a record: as the PIX Manager says (ITI-45), which is told of
//! the institution's own number first (ITI-8); by a keyed hash where there is none, or it does not answer this source.

use super::described::described;
use super::run::{Submitter, Trouble};
use chrono::Utc;
use renkei_checkup::Record;
use renkei_client::{Connection, CrossReferenced, FoundPerson, LookupError, Persons};
use renkei_hl7v2::adt::{Announcement, FeedEvent, Parties};
use renkei_hl7v2::msh::Stamp;
use renkei_hl7v3::InstanceId;
use renkei_hl7v3::acknowledgement::Detail;
use renkei_hl7v3::query::Query;
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Insured, Person};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// Who said under which ids the people of a run are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PatientIdSources {
    /// Records whose patient id the PIX Manager told.
    pub told: u64,
    /// Records whose patient id is the keyed hash.
    pub hashed: u64,
    /// Why the PIX Manager was not asked any further for people of an institution, if it was not.
    pub not_asked: Option<String>,
}

/// The same of a run that is under way, and whose numbers are not asked about any more.
#[derive(Debug, Default)]
pub struct Whose(Mutex<(PatientIdSources, BTreeSet<Oid>)>);

impl Whose {
    fn now(&self) -> MutexGuard<'_, (PatientIdSources, BTreeSet<Oid>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of it.
    pub(super) fn sources(&self) -> PatientIdSources {
        self.now().0.clone()
    }
}

/// The id of a person, and who says so.
pub(super) enum Known {
    /// The PIX Manager, for whom the person is somebody already.
    Told(PatientId),
    /// Nobody: it is the keyed hash.
    Hashed(PatientId),
}

impl Known {
    pub(super) const fn id(&self) -> &PatientId {
        match self {
            Self::Told(id) | Self::Hashed(id) => id,
        }
    }
}

/// Application error of a key or a domain that is not known, or not the asking node's (HL7 table 0357).
const UNKNOWN_KEY: &str = "204";

impl Submitter {
    /// The id of the person of a record; `local` is the institution's number of the person.
    pub(super) async fn whose(
        &self,
        record: &Record,
        local: Option<&PatientId>,
    ) -> Result<Known, Trouble> {
        let hash = self.patients.patient_id(record);
        let told = match local.filter(|local| self.asks(&local.authority)) {
            Some(local) => self.tell_and_ask(record, local, &hash).await?,
            None => None,
        };
        let (sources, _) = &mut *self.whose.now();
        Ok(match told {
            Some(id) => {
                sources.told += 1;
                Known::Told(id)
            }
            None => {
                sources.hashed += 1;
                Known::Hashed(hash)
            }
        })
    }

    fn asks(&self, authority: &Oid) -> bool {
        let Connection { pix, pdq, .. } = &self.connection;
        let can = pix.is_some() && pdq.is_some() && self.feed.is_some();
        can && !self.whose.now().1.contains(authority)
    }

    /// Tells of the institution's number and what the export knows, by which the person may be somebody who is known
    /// already, and asks who it is. A number under which somebody else is known is not told anew: what is filed would
    /// go to that person.
    async fn tell_and_ask(
        &self,
        record: &Record,
        local: &PatientId,
        hash: &PatientId,
    ) -> Result<Option<PatientId>, Trouble> {
        let persons = Persons::of(&self.client, &self.connection);
        let mut query = Query::new(InstanceId::new(Uuid::new_v4()));
        query.identifiers.push(local.clone().into());
        let known = match persons.find(query, 2).await {
            Ok(found) => found.persons,
            Err(error) => return self.refused(error, local),
        };
        let person = self.described(record, [local.clone()]);
        if known.iter().any(|known| is_somebody_else(known, &person)) {
            return Err(Trouble::NumberTaken);
        }
        // A registry without PIX Manager has no use for a person without an id of its own.
        match self.announce(person).await {
            Err(Trouble::Patient { text, codes }) if codes == [UNKNOWN_KEY] => {
                self.stop_asking(local, text);
                return Ok(None);
            }
            told => told?,
        }
        let own = std::slice::from_ref(&hash.authority);
        let ids = match persons.cross_references(local, own).await {
            Ok(CrossReferenced::Known(ids)) => ids,
            Ok(CrossReferenced::NoneThere) => return Ok(None),
            Err(error) => return self.refused(error, local),
        };
        let mut ids: Vec<PatientId> =
            ids.into_iter().filter(|id| id.authority == hash.authority).collect();
        if let Some(at) = ids.iter().position(|id| id == hash) {
            return Ok(Some(ids.swap_remove(at)));
        }
        match ids.len() {
            0 => Ok(None),
            1 => Ok(ids.pop()),
            several => Err(Trouble::SeveralIds(several)),
        }
    }

    /// A node that may not ask by these numbers goes without; whatever else is wrong is wrong with this record, which
    /// must not get an id of its own for that.
    fn refused(&self, error: LookupError, local: &PatientId) -> Result<Option<PatientId>, Trouble> {
        match error {
            LookupError::Client(error) => Err(error.into()),
            LookupError::NotServed { transaction } => Err(Trouble::NoAddress(transaction)),
            LookupError::Refused(details) => {
                let is_key = |detail: &Detail| detail.code.as_deref() == Some(UNKNOWN_KEY);
                let is_refused = !details.is_empty() && details.iter().all(is_key);
                let text = LookupError::Refused(details).to_string();
                if !is_refused {
                    return Err(Trouble::Patient { text, codes: Vec::new() });
                }
                self.stop_asking(local, text);
                Ok(None)
            }
        }
    }

    fn stop_asking(&self, local: &PatientId, why: String) {
        let (sources, authorities) = &mut *self.whose.now();
        sources.not_asked.get_or_insert(why);
        authorities.insert(local.authority.clone());
    }

    /// The person of a record by these identifiers.
    pub(super) fn described(
        &self,
        record: &Record,
        ids: impl IntoIterator<Item = PatientId>,
    ) -> Told {
        let insured = self.connection.insured_authority.as_deref();
        let insured = insured.and_then(|oid| Oid::parse(oid).ok());
        let facility = record.get("inst_no").to_owned();
        Told { person: described(record, ids, insured.as_ref()), facility, insured }
    }

    /// ITI-8: the registry takes documents only of people it knows.
    pub(super) async fn announce(&self, told: Told) -> Result<(), Trouble> {
        let Some(feed) = &self.feed else { return Ok(()) };
        let message = Announcement {
            stamp: Stamp::new(Utc::now(), Uuid::new_v4()),
            parties: Parties {
                sending_application: "CHECKUP".to_owned(),
                sending_facility: told.facility,
                receiving_application: "REGISTRY".to_owned(),
                receiving_facility: "RENKEI".to_owned(),
            },
            event: FeedEvent::A04,
            person: told.person,
        };
        let ack = feed.announce_person(&message).await?;
        if ack.is_accepted() {
            return Ok(());
        }
        let mut codes: Vec<String> = ack.reports.iter().map(|report| report.code.clone()).collect();
        codes.dedup();
        Err(Trouble::Patient { text: ack.text(), codes })
    }
}

/// Somebody as the feed is told of them.
pub(super) struct Told {
    person: Person,
    facility: String,
    insured: Option<Oid>,
}

/// Whether who is known by a number is not the person of a record: birth date or sex differ, and a given name or the
/// card as well. One alone may be a correction, a marriage or another insurer.
fn is_somebody_else(known: &FoundPerson, told: &Told) -> bool {
    let (ours, theirs) = (&told.person, &known.person);
    let differ = |a: Option<String>, b: Option<String>| a.is_some() && b.is_some() && a != b;
    let sex = |person: &Person| person.sex.map(|sex| format!("{sex:?}"));
    let born = |person: &Person| person.birth.map(|birth| birth.to_string());
    let other = differ(born(ours), born(theirs)) || differ(sex(ours), sex(theirs));
    other
        && (are_apart(&given(ours), &given(theirs))
            || are_apart(&told.cards(), &cards(told, known)))
}

fn are_apart(ours: &[String], theirs: &[String]) -> bool {
    !ours.is_empty() && !theirs.is_empty() && !ours.iter().any(|one| theirs.contains(one))
}

fn given(person: &Person) -> Vec<String> {
    let names = person.names.iter().map(|name| name.compared().1);
    names.filter(|given| !given.is_empty()).collect()
}

fn cards(told: &Told, known: &FoundPerson) -> Vec<String> {
    keys(told.insured.as_ref(), known.identifiers.iter())
}

fn keys<'a>(insured: Option<&Oid>, ids: impl Iterator<Item = &'a PatientId>) -> Vec<String> {
    let cards = ids.filter(|id| insured == Some(&id.authority));
    cards.filter_map(|id| Some(Insured::parse(&id.id)?.comparison_key())).collect()
}

impl Told {
    fn cards(&self) -> Vec<String> {
        keys(self.insured.as_ref(), self.person.identifiers.iter().map(|of| &of.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_person::{Birth, Name, Sex, Writing};

    fn person(given: &str, born: &str, sex: Sex) -> Person {
        Person {
            names: vec![Name::new(Writing::Syllabic, "ヤハギ", given)],
            birth: Birth::parse(born),
            sex: Some(sex),
            ..Person::default()
        }
    }

    #[test]
    fn a_number_is_somebody_else_s_where_more_than_a_correction_differs() {
        let insured = Oid::parse("2.999.3").unwrap();
        let card = |number: &str| {
            PatientId::new(&format!("06139992:1:{number}:00"), insured.clone()).unwrap()
        };
        let known = FoundPerson {
            identifiers: vec![card("7")],
            person: person("ハナコ", "19750412", Sex::Female),
        };
        for (given, born, sex, number, is_other) in [
            ("ハナコ", "19750412", Sex::Female, "8", false),
            ("はなこ", "19751204", Sex::Female, "7", false),
            ("ハナエ", "19750412", Sex::Female, "8", false),
            ("ハナエ", "19751204", Sex::Female, "7", true),
            ("ハナコ", "19751204", Sex::Female, "8", true),
            ("タロウ", "19750412", Sex::Male, "7", true),
        ] {
            let mut person = person(given, born, sex);
            person.identifiers.push(card(number).into());
            let told = Told { person, facility: String::new(), insured: Some(insured.clone()) };
            assert_eq!(is_somebody_else(&known, &told), is_other, "{given} {born} {number}");
        }
    }
}
