//! Cross Gateway Patient Discovery (ITI-55, ITI TF-2: 3.55): whether this community knows a person, and as
//! whom it may be asked for them (ITI-38).

mod locations;
pub mod told;

#[cfg(test)]
mod tests;

use super::Untold;
use super::doors::in_time;
use futures_util::future::BoxFuture;
use renkei_context::Ctx;
use renkei_hl7v3::acknowledgement::{Detail, Gravity};
use renkei_hl7v3::iti55::{
    Answer, Attribute, Candidate, Locator, Outcome, Reason, Request, TimeToLive,
};
use renkei_hl7v3::problem::Answerable;
use renkei_hl7v3::query::{BirthTime, Query};
use renkei_hl7v3::{InstanceId, Rule, Time};
use renkei_metadata::ids::{HomeCommunityId, Invalid, Oid, PatientId};
use renkei_person::{BirthPlace, Person, SharedAuthorities};
use renkei_soap::envelope::HeaderElement;
use std::sync::Arc;

/// Who it is, strictly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// Nobody, as far as can be told.
    Nobody,
    /// This person and no other, known here by this identifier.
    One(PatientId, Box<Person>),
    /// Several, whom these attributes would tell apart.
    Unclear(Vec<Attribute>),
    /// Several, and nothing tells them apart.
    Several,
}

/// As whom a person is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// In this community.
    pub here: PatientId,
    /// In others, as they told, while that holds.
    pub elsewhere: Vec<(HomeCommunityId, PatientId)>,
}

/// Those who know the persons of this community. Of whom the caller may not know, is nobody.
pub trait Persons: Send + Sync {
    /// Who somebody is, as others describe them; else why that is not told.
    fn find<'a>(&'a self, ctx: &'a Ctx, asked: &'a Person) -> BoxFuture<'a, Result<Match, Untold>>;

    /// Where somebody is known who is called `patient` here; `None` when nobody is. Else why that is not told.
    fn locate<'a>(
        &'a self,
        ctx: &'a Ctx,
        patient: &'a PatientId,
    ) -> BoxFuture<'a, Result<Option<Known>, Untold>>;
}

/// The responding side of patient discovery. Clones are the same.
#[derive(Clone)]
pub struct Discovery {
    home: HomeCommunityId,
    /// The same, as HL7 v3 writes it.
    community: Oid,
    shared: SharedAuthorities,
    /// How long others may keep a match.
    keeps: Option<TimeToLive>,
    /// Whether others are told where persons are known (ITI-56).
    locator: Locator,
    persons: Arc<dyn Persons>,
}

/// An answer, and what auditors are told of it.
#[derive(Clone, Debug)]
pub struct Discovered {
    /// The answer.
    pub answer: Answer,
    /// Whom it names.
    pub patients: Vec<PatientId>,
    /// The row for which it is none.
    pub failure: Option<&'static Rule>,
    /// How long it may be kept; otherwise it is for the use at hand (ITI TF-2: 3.55.4.2.3.1).
    pub keeps: Option<TimeToLive>,
}

impl Discovered {
    /// What its message has in its header.
    pub fn headers(&self) -> Vec<HeaderElement> {
        self.keeps.and_then(|keeps| keeps.header().ok()).into_iter().collect()
    }
}

/// How sure this community is of a match: it is certain, or there is none.
const CERTAIN: u8 = 100;

impl Discovery {
    /// The community `home`; identifiers of `shared` authorities are told, and a match may be kept for so
    /// many days; `locator` says whether others are told where persons are known.
    ///
    /// # Errors
    /// When the community is not named by an OID.
    pub fn new(
        home: HomeCommunityId,
        shared: SharedAuthorities,
        days: u32,
        locator: Locator,
        persons: Arc<dyn Persons>,
    ) -> Result<Self, Invalid> {
        let community = Oid::parse(home.oid())?;
        let keeps = (days > 0).then(|| TimeToLive::days(days));
        Ok(Self { home, community, shared, keeps, locator, persons })
    }

    /// This community.
    pub fn home(&self) -> &HomeCommunityId {
        &self.home
    }

    /// Answers who somebody is (ITI TF-2: 3.55.4.2.2).
    pub async fn discover(&self, ctx: &Ctx, asked: &Request) -> Discovered {
        let query = &asked.query;
        let found = in_time(ctx, self.persons.find(ctx, &described(query))).await;
        let told = |outcome, row, gravity| (outcome, vec![told::detail(row, gravity)], Vec::new());
        let mut failure = None;
        let (outcome, details, patients) = match found {
            Ok(Match::One(_, person)) if is_born_outside(query, &person) => {
                told(Outcome::NotFound, &told::NOBODY, Gravity::Information)
            }
            Ok(Match::One(patient, person)) => {
                let candidate = self.candidate(patient.clone(), self.verifying(query, *person));
                (Outcome::Found(vec![candidate]), Vec::new(), vec![patient])
            }
            Ok(Match::Nobody) => told(Outcome::NotFound, &told::NOBODY, Gravity::Information),
            Ok(Match::Unclear(attributes)) => {
                told(Outcome::Requested(attributes), &told::MORE, Gravity::Information)
            }
            Ok(Match::Several) => {
                failure = Some(&told::SEVERAL);
                let outcome = Outcome::Error(Some(Reason::AnswerNotAvailable));
                told(outcome, &told::SEVERAL, Gravity::Error)
            }
            Err(error) => {
                let request = ctx.request_id;
                tracing::error!(%request, %error, "whether a person is known cannot be told");
                let (row, reason) = match error {
                    Untold::Busy(_) => (&told::BUSY, Reason::ResponderBusy),
                    Untold::Failed(_) => (&told::FAILED, Reason::InternalError),
                };
                failure = Some(row);
                told(Outcome::Error(Some(reason)), row, Gravity::Error)
            }
        };
        // Whoever is nobody today may be somebody tomorrow.
        let keeps = self.keeps.filter(|_| !patients.is_empty());
        Discovered { answer: answer(ctx, asked, outcome, details), patients, failure, keeps }
    }

    /// Answers a request that breaks rules of the transaction; `None` where only a fault is left.
    pub fn refuse(&self, ctx: &Ctx, refused: &Answerable) -> Option<Answer> {
        Answer::refusing(refused, InstanceId::new(ctx.ids.new_uuid()), now(ctx))
    }

    /// What of a person is told, so that whoever asked can verify the match (ITI TF-2: 3.55.4.2.2): what
    /// persons are found by, and of what else is known only that of which the query told its own.
    fn verifying(&self, query: &Query, person: Person) -> Person {
        let Person { identifiers, names, sex, birth, addresses, contacts, .. } = person;
        let mut identifiers = identifiers;
        identifiers.retain(|known| self.shared.has(&known.id.authority));
        let (says_address, says_contact) =
            (!query.addresses.is_empty(), !query.contacts.is_empty());
        let says_mother = query.mothers_maiden_name.is_some();
        Person {
            identifiers,
            names,
            sex,
            birth,
            addresses: if says_address { addresses } else { Vec::new() },
            contacts: if says_contact { contacts } else { Vec::new() },
            mothers_maiden_name: person.mothers_maiden_name.filter(|_| says_mother),
            birth_place: person.birth_place.filter(|_| place(query).is_some()),
        }
    }

    fn candidate(&self, patient: PatientId, person: Person) -> Candidate {
        Candidate {
            patient: patient.into(),
            person,
            degree: Some(CERTAIN),
            community: self.community.clone(),
            locator: self.locator,
        }
    }
}

fn answer(ctx: &Ctx, asked: &Request, outcome: Outcome, details: Vec<Detail>) -> Answer {
    let id = InstanceId::new(ctx.ids.new_uuid());
    Answer { details, ..Answer::to(asked, outcome, id, now(ctx)) }
}

fn now(ctx: &Ctx) -> Time {
    Time::at(ctx.now().fixed_offset())
}

/// The person that a query describes. A birth between two days is none that somebody was born on; it is held
/// against whoever is found ([`is_born_outside`]).
fn described(query: &Query) -> Person {
    let birth = match &query.birth {
        Some(BirthTime::At(birth)) => Some(*birth),
        Some(BirthTime::Between(first, last)) if first == last => *first,
        Some(BirthTime::Between(..)) | None => None,
    };
    Person {
        identifiers: query.identifiers.clone(),
        names: query.names.clone(),
        sex: query.sex,
        birth,
        addresses: query.addresses.clone(),
        contacts: query.contacts.clone(),
        mothers_maiden_name: query.mothers_maiden_name.clone(),
        birth_place: place(query),
    }
}

fn place(query: &Query) -> Option<BirthPlace> {
    let (name, address) = (query.birth_place_name.clone(), query.birth_place_address.clone());
    (name.is_some() || address.is_some()).then_some(BirthPlace { name, address })
}

/// Whether a person was certainly not born between the days that a query says.
fn is_born_outside(query: &Query, person: &Person) -> bool {
    let (Some(BirthTime::Between(first, last)), Some(birth)) = (&query.birth, person.birth) else {
        return false;
    };
    let before = first.is_some_and(|first| birth.last() < first.first());
    let after = last.is_some_and(|last| last.last() < birth.first());
    before || after
}
