//! Whom we look for: what is told of a patient to find them elsewhere (ITI TF-2: 3.55.4.1.2).

use super::super::rules;
use crate::community::{By, Community};
use renkei_hl7v3::InstanceId;
use renkei_hl7v3::iti55::Attribute;
use renkei_hl7v3::query::{BirthTime, Query};
use renkei_metadata::finding::Rule;
use renkei_metadata::ids::PatientId;
use renkei_person::{Birth, Identifier, Person, Sex, SharedAuthorities};
use sha2::{Digest, Sha256};
use url::Url;
use uuid::Uuid;

/// A patient of whom enough is known to tell them from others: a name, the day of birth, the sex; or, where that
/// is how a community is asked, an identifier that communities share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Whom {
    pub(super) patient: PatientId,
    pub(super) person: Person,
    /// The identifiers of shared authorities that are theirs alone.
    pub(super) named: Vec<Identifier>,
    /// By what they are looked for.
    pub(super) by: By,
    /// To the day.
    pub(super) birth: Option<Birth>,
    /// Known.
    pub(super) sex: Option<Sex>,
}

impl Whom {
    /// The row that says so when too little is known: an answer could not be judged. Of the identifiers, those of
    /// `shared` authorities are told.
    pub(super) fn of(
        patient: &PatientId,
        mut person: Person,
        shared: &SharedAuthorities,
        by: By,
    ) -> Result<Self, &'static Rule> {
        person.identifiers.retain(|known| known.id != *patient && shared.has(&known.id.authority));
        person.names.retain(|name| !name.is_empty());
        let birth = person.birth.filter(|birth| birth.day().is_some());
        let sex = person.sex.filter(|sex| *sex != Sex::Unknown);
        let is_described = birth.is_some() && sex.is_some() && !person.names.is_empty();
        let named = person.identifiers.iter().filter(|known| shared.name_one(&known.id));
        let named: Vec<Identifier> = named.cloned().collect();
        match by {
            By::Demographics if !is_described => Err(&rules::TOO_LITTLE),
            By::Identifier if named.is_empty() => Err(&rules::NO_IDENTIFIER),
            By::Demographics | By::Identifier => {
                Ok(Self { patient: patient.clone(), person, named, by, birth, sex })
            }
        }
    }

    /// The query for them, with no more than is needed and what was asked for (the modes of ITI TF-2: 3.55.1).
    pub(super) fn query(&self, id: InstanceId, more: &[Attribute]) -> Query {
        let mut query = match self.by {
            By::Demographics => self.described(id),
            By::Identifier => Query { identifiers: self.named.clone(), ..Query::new(id) },
        };
        let Person { addresses, contacts, mothers_maiden_name, birth_place, .. } = &self.person;
        let place = birth_place.as_ref();
        for attribute in more {
            match attribute {
                Attribute::Sex => query.sex = self.sex,
                Attribute::Address => query.addresses.clone_from(addresses),
                Attribute::Telecom => query.contacts.clone_from(contacts),
                Attribute::BirthPlaceName => {
                    query.birth_place_name = place.and_then(|place| place.name.clone());
                }
                Attribute::BirthPlaceAddress => {
                    query.birth_place_address = place.and_then(|place| place.address.clone());
                }
                Attribute::MothersMaidenName => {
                    query.mothers_maiden_name.clone_from(mothers_maiden_name);
                }
            }
        }
        query
    }

    /// Our identifier goes along (Demographic Query and Feed).
    fn described(&self, id: InstanceId) -> Query {
        let mut query = Query::new(id);
        query.sex = self.sex;
        query.birth = self.birth.map(BirthTime::At);
        query.names.clone_from(&self.person.names);
        query.identifiers.push(Identifier::from(self.patient.clone()));
        query.identifiers.extend(self.person.identifiers.iter().cloned());
        query
    }

    /// Whether a query with these says more than one without.
    pub(super) fn knows_any(&self, more: &[Attribute]) -> bool {
        let id = || InstanceId::new(Uuid::nil());
        self.query(id(), more) != self.query(id(), &[])
    }

    /// A digest of all that could be told, in whichever way, and of whom we believe to answer: what was told under
    /// another entry of the community, or is told to a question that went out under it, holds for nothing.
    pub(super) fn digest(&self, community: &Community) -> [u8; 32] {
        let described = Self { by: By::Demographics, ..self.clone() };
        let all = described.query(InstanceId::new(Uuid::nil()), &Attribute::ALL);
        let Community { discovery, discovery_by, discovery_answers, peer, authorities, .. } =
            community;
        let entered = (
            discovery.as_ref().map(Url::as_str),
            (discovery_by.name(), discovery_answers.name()),
            (peer.as_deref(), authorities.as_deref()),
        );
        // Quoted, so that none of them runs into the next.
        Sha256::digest(format!("{entered:?}\n{}", all.to_copy().as_xml())).into()
    }
}
