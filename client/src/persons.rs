//! Who somebody is, asked of a house: by what is known of the person (ITI-47), and by which identifiers others know
//! them (ITI-45).

use crate::connection::Connection;
use crate::error::ClientError;
use crate::soap::SoapClient;
use chrono::Utc;
use renkei_hl7v3::acknowledgement::{Detail, Gravity};
use renkei_hl7v3::iti47::{self, Continuation, Wish};
use renkei_hl7v3::query::Query;
use renkei_hl7v3::transmission::{Party, Processing, Transmission};
use renkei_hl7v3::{InstanceId, Time, iti45};
use renkei_metadata::ids::{HomeCommunityId, Oid, PatientId};
use renkei_person::Person;
use url::Url;
use uuid::Uuid;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// The house does not say where it is asked.
    #[error(
        "患者照会の接続先がありません。新しい connect.json を拠点の管理者から受け取ってください / \
         connect.json does not say where {transaction} is asked; get a newer one from the operator of the house"
    )]
    NotServed {
        /// `ITI-45`, `ITI-47`.
        transaction: &'static str,
    },
    /// There was no answer that could be read.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// It was refused; what the house said of that.
    #[error("{}", told(.0))]
    Refused(Vec<Detail>),
}

fn told(details: &[Detail]) -> String {
    let one = |detail: &Detail| {
        let words = detail.text.as_deref().or(detail.code.as_deref()).unwrap_or_default();
        match detail.locations.first() {
            Some(place) => format!("{words} ({place})"),
            None => words.to_owned(),
        }
    };
    let told: Vec<String> = details.iter().map(one).collect();
    match told.is_empty() {
        true => "理由のない拒否 / refused without a reason".to_owned(),
        false => told.join("; "),
    }
}

/// Somebody who was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPerson {
    /// Every identifier that was told.
    pub identifiers: Vec<PatientId>,
    /// Who it is; without identifiers.
    pub person: Person,
}

/// Those who were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundPersons {
    /// Not more than were wanted.
    pub persons: Vec<FoundPerson>,
    /// How many there are in all, as the house says; at least as many as `persons`.
    pub total: usize,
}

/// What is known of an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrossReferenced {
    /// The person has these in the domains that were asked for, one at least.
    Known(Vec<PatientId>),
    /// The person is known, and has none there.
    NoneThere,
}

/// Asks one house.
pub struct Persons<'a> {
    client: &'a SoapClient,
    connection: &'a Connection,
    sender: Oid,
}

impl<'a> Persons<'a> {
    /// Questions by `client` to the house of `connection`.
    pub fn of(client: &'a SoapClient, connection: &'a Connection) -> Self {
        Self { client, connection, sender: Oid::from_uuid(Uuid::new_v4()) }
    }

    /// Those whom all of `query` fits, at most `most` of them (ITI-47, continued as long as more are wanted).
    ///
    /// # Errors
    /// When there is no answer, or a refusal.
    pub async fn find(&self, query: Query, most: usize) -> Result<FoundPersons, LookupError> {
        let transaction = "ITI-47";
        let url = served(self.connection.pdq.as_ref(), transaction)?;
        let quantity = u32::try_from(most.clamp(1, 100)).ok();
        let query = Query { initial_quantity: query.initial_quantity.or(quantity), ..query };
        let asked = iti47::Request::new(self.transmission(), query);
        let mut answer = self.client.find_patients(url, &asked).await?;
        let mut all = FoundPersons::default();
        loop {
            let (before, counts) = (all.persons.len(), answer.counts.unwrap_or_default());
            all.take(answer.outcome, answer.details)?;
            all.total = all.persons.len().max(usize::try_from(counts.total).unwrap_or(usize::MAX));
            // Who says that there are more, and tells none, would be asked for ever.
            let is_over = counts.remaining == 0 || all.persons.len() == before;
            let next = Continuation {
                transmission: self.transmission(),
                target: Some(answer.transmission.id),
                query_id: asked.query.id.clone(),
                wish: if all.persons.len() < most {
                    Wish::More { start: None, quantity }
                } else {
                    Wish::NoMore
                },
            };
            match next.wish {
                _ if is_over => break,
                Wish::More { .. } => answer = self.client.find_more_patients(url, &next).await?,
                Wish::NoMore => {
                    // What is not given up ends by itself after a while.
                    drop(self.client.find_no_more_patients(url, &next).await);
                    break;
                }
            }
        }
        all.persons.truncate(most);
        Ok(all)
    }

    /// By which identifiers the person of `id` is known in `domains`, or in all if there are none (ITI-45).
    ///
    /// # Errors
    /// When there is no answer, or a refusal: nobody announced the identifier, or a domain is not known.
    pub async fn cross_references(
        &self,
        id: &PatientId,
        domains: &[Oid],
    ) -> Result<CrossReferenced, LookupError> {
        let url = served(self.connection.pix.as_ref(), "ITI-45")?;
        let (query_id, wanted) = (InstanceId::new(Uuid::new_v4()), domains.iter().cloned());
        let patient = id.clone().into();
        let asked = iti45::Request::new(self.transmission(), query_id, patient, wanted);
        let answer = self.client.cross_reference(url, &asked).await?;
        Ok(match answer.outcome {
            iti45::Outcome::Found { identifiers, .. } => {
                let ids = identifiers.into_iter().map(|of| of.id);
                CrossReferenced::Known(ids.filter(|other| other != id).collect())
            }
            iti45::Outcome::NotFound => CrossReferenced::NoneThere,
            iti45::Outcome::Error => return Err(LookupError::Refused(answer.details)),
        })
    }

    fn transmission(&self) -> Transmission {
        let home = self.connection.home_community_id.as_deref();
        let home = home.and_then(|home| HomeCommunityId::parse(home).ok());
        let device = home.and_then(|home| Oid::parse(home.oid()).ok());
        // A house whose id nobody told is asked all the same.
        let device = device.unwrap_or_else(|| self.sender.clone());
        Transmission {
            id: InstanceId::new(Uuid::new_v4()),
            created: Time::at(Utc::now().fixed_offset()),
            processing: Processing::Production,
            receiver: Party { device, community: None },
            respond_to: None,
            sender: Party { device: self.sender.clone(), community: None },
        }
    }
}

impl FoundPersons {
    fn take(&mut self, outcome: iti47::Outcome, details: Vec<Detail>) -> Result<(), LookupError> {
        match outcome {
            iti47::Outcome::Found(found) => self.persons.extend(found.into_iter().map(|one| {
                let identifiers = one.identifiers().map(|of| of.id.clone()).collect();
                let person = Person { identifiers: Vec::new(), ..one.person };
                FoundPerson { identifiers, person }
            })),
            iti47::Outcome::NotFound => {}
            iti47::Outcome::Error => {
                let grave = |detail: &Detail| detail.gravity == Gravity::Error;
                let errors: Vec<Detail> = details.iter().filter(|d| grave(d)).cloned().collect();
                let errors = if errors.is_empty() { details } else { errors };
                return Err(LookupError::Refused(errors));
            }
        }
        Ok(())
    }
}

fn served<'u>(url: Option<&'u Url>, transaction: &'static str) -> Result<&'u Url, LookupError> {
    url.ok_or(LookupError::NotServed { transaction })
}
