//! Everything that is kept, opened once, for an operator who wants to know that it is whole. Reads
//! alone, page by page, beside a repository at work.

use crate::content::{ContentError, ContentStore, Home, Homes};
use crate::failure::Failure;
use crate::store::abandoned;
use crate::store::inspect::{self as rows, ContentFacts, Named};
use crate::store::key::{ContentId, LeaseId, SubmissionId};
use crate::store::read::{self, StoredDocument};
use crate::{RepositoryOpenError, audit, store};
use renkei_database::{Database, DatabaseUrl, Options};
use renkei_metadata::ids::Oid;
use renkei_sealing::{KeyRing, Sealer};
use sha1::{Digest, Sha1};
use std::path::Path;
use uuid::Uuid;

/// Something could not be looked at, so that nothing can be said of the rest.
#[derive(Debug, thiserror::Error)]
#[error("the repository cannot be inspected: {0}")]
pub struct InspectionError(String);

impl From<Failure> for InspectionError {
    fn from(failure: Failure) -> Self {
        Self(failure.to_string())
    }
}

/// A repository's tables and content, opened for reading.
pub struct Inspection {
    database: Database,
    content: Homes,
    keys: KeyRing,
    waiting: Sealer,
}

/// How a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// All of its octets are there, and are those that came.
    Whole,
    /// Octets are gone.
    Missing,
    /// It opens, and is not what its row says.
    Mismatched,
    /// Its row, its key or a chunk does not open.
    Unreadable,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedContent {
    /// Its uniqueId; the id of its row where that is all there is.
    pub name: String,
    /// Whether no submission is under way that brought it.
    pub settled: bool,
    /// How it is.
    pub condition: Condition,
}

/// How far the documents were looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(ContentId);

/// What is kept under a uniqueId.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A document.
    Document(Measures),
    /// Nothing, since an administrator removed the document (ITI TF-2: 3.86).
    Removed,
    /// Nothing.
    Nothing,
}

/// What the row of a document says of its octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measures {
    /// SHA-1.
    pub hash: Vec<u8>,
    /// How many.
    pub size: u64,
}

/// The submissions that are not settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InspectedSubmissions {
    /// How many.
    pub unsettled: u64,
    /// The ids of those whose rows do not open.
    pub unreadable: Vec<String>,
}

impl Inspection {
    /// Opens the tables at `url`, and the folder of the segments, if there is one.
    ///
    /// # Errors
    /// When they cannot be opened or a key is missing.
    pub fn open(
        url: &DatabaseUrl,
        segments: &Path,
        keys: &KeyRing,
    ) -> Result<Self, RepositoryOpenError> {
        let waiting = keys.sealer("repository.waiting")?;
        let options = Options { readers: 1, writers: 1, ..Options::default() };
        let database = Database::open(url, store::migrations(), options)?;
        // Nothing is put, so that the home of new documents does not matter.
        let content = Homes::open(Home::Rows, segments, &database, LeaseId(Uuid::now_v7()))
            .map_err(|e| RepositoryOpenError::Content(e.to_string()))?;
        Ok(Self { database, content, keys: keys.clone(), waiting })
    }

    /// A page of documents, each read to its end: the first, or that behind `after`; and behind what the
    /// next one begins, `None` behind the last.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn contents(
        &self,
        after: Option<Cursor>,
    ) -> Result<(Vec<InspectedContent>, Option<Cursor>), InspectionError> {
        let after = after.map(|Cursor(id)| id);
        let page = self.database.read(move |db| rows::contents(db, after)).await?;
        let next = page.last().map(|facts| Cursor(facts.id));
        let mut contents = Vec::new();
        for facts in page {
            contents.extend(self.inspect(facts).await?);
        }
        Ok((contents, next))
    }

    /// What is kept under these uniqueIds.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn kept(&self, unique_ids: Vec<String>) -> Result<Vec<Kept>, InspectionError> {
        let read = self.database.read(move |db| {
            let one = |id: &String| {
                Ok::<_, Failure>(match rows::named(db, id)? {
                    Named::Here(sha1, size) => Kept::Document(Measures {
                        hash: sha1,
                        // What is no number is told as a difference.
                        size: u64::try_from(size).unwrap_or(u64::MAX),
                    }),
                    Named::Removed => Kept::Removed,
                    Named::Nothing => Kept::Nothing,
                })
            };
            unique_ids.iter().map(one).collect::<Result<Vec<_>, _>>()
        });
        Ok(read.await?)
    }

    /// The submissions that are not settled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn submissions(&self) -> Result<InspectedSubmissions, InspectionError> {
        let mut found = InspectedSubmissions::default();
        let mut after = None;
        loop {
            let page = self.database.read(move |db| rows::submissions(db, after)).await?;
            for id in page.iter().copied() {
                found.unsettled += 1;
                if !self.opens(id).await? {
                    found.unreadable.push(format!("submission {id}"));
                }
            }
            after = page.last().copied();
            if after.is_none() {
                return Ok(found);
            }
        }
    }

    async fn opens(&self, id: SubmissionId) -> Result<bool, Failure> {
        let Some(one) = self.database.read(move |db| abandoned::read(db, id)).await? else {
            // Settled meanwhile.
            return Ok(true);
        };
        let records = one.records.map(|sealed| audit::open_records(&self.waiting, id, &sealed));
        let set = one.set_id.map(|set| Oid::parse(&set));
        Ok(!matches!(records, Some(Err(_))) && !matches!(set, Some(Err(_))))
    }

    /// A document, unless it is removed while it is looked at.
    async fn inspect(&self, facts: ContentFacts) -> Result<Option<InspectedContent>, Failure> {
        let ContentFacts { id, settled, sha1, document } = facts;
        let Some(document) = document else {
            let condition = Condition::Unreadable;
            return Ok(Some(InspectedContent { name: id.to_string(), settled, condition }));
        };
        let condition = self.condition(&document, &sha1).await?;
        let name = document.unique_id.clone();
        if condition != Condition::Whole {
            let asked = [name.clone()];
            let now = self.database.read(move |db| read::find(db, &asked)).await?;
            if !now.iter().any(|other| other.id == document.id) {
                return Ok(None);
            }
        }
        Ok(Some(InspectedContent { name, settled, condition }))
    }

    async fn condition(
        &self,
        document: &StoredDocument,
        sha1: &[u8],
    ) -> Result<Condition, Failure> {
        let Ok(key) = self.keys.unwrap(&document.key) else { return Ok(Condition::Unreadable) };
        let (mut digest, mut size) = (Sha1::new(), 0_u64);
        for number in 0..document.chunks {
            let sealed = match self.content.read(document.id, &document.location, number).await {
                Ok(sealed) => sealed,
                Err(ContentError::Missing | ContentError::CutShort) => {
                    return Ok(Condition::Missing);
                }
                Err(ContentError::File { .. }) => return Ok(Condition::Unreadable),
                Err(
                    error
                    @ (ContentError::Database(_) | ContentError::Swept | ContentError::Closed),
                ) => return Err(error.into()),
            };
            let last = number + 1 == document.chunks;
            let Ok(octets) = key.open_chunk(document.id.0, number, last, &sealed) else {
                return Ok(Condition::Unreadable);
            };
            size = size.saturating_add(octets.len() as u64);
            digest.update(&octets);
        }
        let same = size == document.size && digest.finalize().as_slice() == sha1;
        Ok(if same { Condition::Whole } else { Condition::Mismatched })
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.content.close().await;
        self.database.close().await;
    }
}
