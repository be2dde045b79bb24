//! What others ask of what is registered: whether a submission is, which a repository that has lost an
//! answer asks, and whether a patient is.

use crate::Registry;
use crate::store::key::Id;
use crate::store::lookup;
use crate::store::patients::Standing;
use crate::store::search::seen;
use renkei_context::Scope;
use renkei_database::{DatabaseError, Db};
use renkei_metadata::ids::{EntryUuid, Oid, PatientId, RepositoryUniqueId, Sha1Hash, UniqueId};
use renkei_metadata::model::ObjectKind;
use std::collections::HashSet;
use std::sync::Arc;

/// What a patient identifier is to a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Somebody's, and in force.
    Active,
    /// Somebody's who was merged into another: in force is that one's (ITI TF-2: 3.8.4.2.3).
    Subsumed,
    /// Nobody's.
    Not,
}

impl Registry {
    /// Whether the SubmissionSet `set` was ever registered, and an entry of each of `documents`:
    /// whatever was updated, moved or removed since, for uniqueIds stay taken.
    ///
    /// The set decides: documents that were resubmitted under another one are registered whatever
    /// became of this (ITI TF-2: 3.42.4.1.3.3.1). Who belongs to whom is not asked, since an
    /// administrator may have removed that alone. A document that no entry ever named is of a message
    /// that misused the uniqueId of a set, and was refused. With its entryUUID `id`, another set of the same uniqueId
    /// is not it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn took(
        &self,
        set: &Oid,
        id: Option<EntryUuid>,
        documents: &[UniqueId],
    ) -> Result<bool, DatabaseError> {
        let set = set.as_str().to_owned();
        let documents = texts(documents);
        self.inner
            .database
            .read(move |db| {
                let all: Vec<&str> =
                    documents.iter().map(String::as_str).chain([set.as_str()]).collect();
                let taken = lookup::unique_ids(db, &all)?;
                let is = |value: &str, kind| taken.get(value) == Some(&kind);
                let whole = is(&set, ObjectKind::SubmissionSet)
                    && documents.iter().all(|d| is(d, ObjectKind::DocumentEntry));
                Ok::<_, DatabaseError>(match id {
                    Some(EntryUuid(id)) if whole => {
                        let id = Id(id);
                        lookup::objects(db, &[id])?.contains_key(&id)
                    }
                    Some(_) | None => whole,
                })
            })
            .await
    }

    /// What a patient identifier is here.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn knows(&self, patient: &PatientId) -> Result<Known, DatabaseError> {
        let hash = self.inner.vault.hash(patient);
        let found = move |db: &mut _| Ok::<_, DatabaseError>(lookup::patient(db, &hash)?.into());
        let standing: Standing = self.inner.database.read_short(found).await?;
        Ok(match standing {
            Standing::Active(_) => Known::Active,
            Standing::Subsumed(_) => Known::Subsumed,
            Standing::Unknown => Known::Not,
        })
    }

    /// What the newest entry of each of these documents says of its octets, in their order: size and SHA-1, as far as
    /// it says.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn contents(
        &self,
        documents: &[UniqueId],
    ) -> Result<Vec<(Option<u64>, Option<Sha1Hash>)>, DatabaseError> {
        let documents = texts(documents);
        let read = move |db: &mut _| {
            let mut contents = Vec::with_capacity(documents.len());
            for unique_id in &documents {
                let content = lookup::content(db, unique_id)?;
                let (size, hash) = content.map(|c| (c.size, c.hash)).unwrap_or_default();
                let hash = hash.and_then(|hash| <[u8; 20]>::try_from(hash).ok());
                contents
                    .push((size.and_then(|n| n.try_into().ok()), hash.map(Sha1Hash::from_digest)));
            }
            Ok::<_, DatabaseError>(contents)
        };
        self.inner.database.read(read).await
    }

    /// Of the documents of a repository with these uniqueIds, those that `scope` opens.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn opens(
        &self,
        scope: &Scope,
        repository: &RepositoryUniqueId,
        documents: &[UniqueId],
    ) -> Result<HashSet<String>, DatabaseError> {
        let (scope, documents) = (scope.clone(), texts(documents));
        let repository = repository.as_str().to_owned();
        self.inner
            .database
            .read_short(move |db| {
                Ok::<_, DatabaseError>(seen::documents(db, &scope, &repository, &documents)?)
            })
            .await
    }

    /// The same that are opened by every entry that names them, whoever registered it: what may be erased.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn opens_alone(
        &self,
        scope: &Scope,
        repository: &RepositoryUniqueId,
        documents: &[UniqueId],
    ) -> Result<HashSet<String>, DatabaseError> {
        let (scope, documents) = (scope.clone(), texts(documents));
        let repository = repository.as_str().to_owned();
        let read = move |db: &mut _| {
            Ok::<_, DatabaseError>(seen::documents_alone(db, &scope, &repository, &documents)?)
        };
        self.inner.database.read_short(read).await
    }

    /// Of these patients those of whom `scope` opens a document, of whatever version and status. Who was merged is
    /// whom they became.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn opens_of(
        &self,
        scope: &Scope,
        patients: &[PatientId],
    ) -> Result<HashSet<PatientId>, DatabaseError> {
        if patients.is_empty() || *scope == Scope::Nothing {
            return Ok(HashSet::new());
        }
        let (inner, scope, patients) = (Arc::clone(&self.inner), scope.clone(), patients.to_vec());
        let read = move |db: &mut Db| {
            let mut opened = HashSet::new();
            let own = &inner.patients.assigning_authority;
            for patient in patients.into_iter().filter(|of| of.authority == *own) {
                let key = match lookup::patient(db, &inner.vault.hash(&patient))?.into() {
                    Standing::Active(key) | Standing::Subsumed(key) => key,
                    Standing::Unknown => continue,
                };
                if seen::patient(db, &scope, key)? {
                    opened.insert(patient);
                }
            }
            Ok::<_, DatabaseError>(opened)
        };
        self.inner.database.read(read).await
    }

    /// Whether one of these documents has an entry now, of whatever version and status.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_entries(&self, documents: &[UniqueId]) -> Result<bool, DatabaseError> {
        let documents = texts(documents);
        self.inner
            .database
            .read(move |db| {
                for unique_id in &documents {
                    if lookup::content(db, unique_id)?.is_some() {
                        return Ok(true);
                    }
                }
                Ok::<_, DatabaseError>(false)
            })
            .await
    }
}

fn texts(documents: &[UniqueId]) -> Vec<String> {
    documents.iter().map(|id| id.as_str().to_owned()).collect()
}
