//! As whom a person is known in other domains (ITI-9, ITI-45).

use crate::store::{known, leads, persons};
use crate::{Identity, IdentityError, Inner};
use renkei_database::Db;
use renkei_metadata::ids::{Oid, PatientId};
use std::sync::Arc;

/// The most records that an identifier that is none itself may lead to.
const MOST: i64 = 50;

/// What is known of an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrossReference {
    /// Nothing, and nothing of its domain.
    UnknownDomain,
    /// Nothing: nobody announced it, or it is not one person's.
    UnknownId,
    /// The other identifiers of the person in the domains that were asked for; none if there are none.
    Known(Vec<PatientId>),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrossReferences {
    /// What is known of the identifier.
    pub of: CrossReference,
    /// The domains that were asked for and are not known, by their place among them.
    pub unknown: Vec<usize>,
}

impl Identity {
    /// The other identifiers of the person whom `id` names, in `domains`; in all of them if there are none. A domain is
    /// known if it is the affinity domain, that of an identifier that communities share, one that the settings
    /// name, or one that has ever been told of.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cross_reference(
        &self,
        id: &PatientId,
        domains: &[Oid],
    ) -> Result<CrossReferences, IdentityError> {
        let (inner, id, domains) = (Arc::clone(&self.inner), id.clone(), domains.to_vec());
        let read = move |db: &mut Db| {
            let unknown = inner.unknown_domains(db, &domains)?;
            Ok(CrossReferences { of: of(db, &inner, &id, &domains)?, unknown })
        };
        self.inner.database.read_short(read).await
    }
}

fn of(
    db: &mut Db,
    inner: &Inner,
    id: &PatientId,
    domains: &[Oid],
) -> Result<CrossReference, IdentityError> {
    let Some(cluster) = cluster(db, inner, id)? else {
        return Ok(match inner.knows_domain(db, &id.authority)? {
            true => CrossReference::UnknownId,
            false => CrossReference::UnknownDomain,
        });
    };
    let mut ids = known::of(db, &inner.vault, cluster)?.unwrap_or_default();
    ids.retain(|other| other != id && (domains.is_empty() || domains.contains(&other.authority)));
    Ok(CrossReference::Known(ids))
}

/// The person whom an identifier names, if it names one.
fn cluster(db: &mut Db, inner: &Inner, id: &PatientId) -> Result<Option<i64>, IdentityError> {
    if inner.is_of_record(id) {
        let row = persons::by_hash(db, &inner.vault, &inner.vault.id_hash(id))?;
        return Ok(row.map(|row| row.cluster));
    }
    if !inner.rules.shared.name_one(id) {
        return Ok(None);
    }
    let Some(text) = leads::identifier(&inner.rules, id).into_iter().next() else {
        return Ok(None);
    };
    let (found, is_cut) = leads::clusters(db, &inner.vault.lead_hash(&text), MOST)?;
    let mut found = found.into_iter();
    Ok(found.next().filter(|_| found.next().is_none() && !is_cut))
}
