//! Who the patients are: the persons that the patient feed brings, with their names, identifiers and merges,
//! and whether somebody whom others describe is one of them.
//!
//! What registry and repository need of a patient stays theirs. Here, a person is what
//! [`renkei_person::Person`] says, filed under the identifier that the affinity domain gave; what is known is
//! sealed, and found by keyed hashes of the forms in which it is compared.

mod changes;
mod clustering;
pub mod compare;
pub mod correlation;
mod cross_reference;
mod error;
mod evidence;
pub mod feed;
mod find;
mod force;
pub mod forgiven;
mod merge;
pub mod question;
mod rematch;
mod review;
mod search;
mod spoken;
mod standing;
mod store;
#[cfg(test)]
mod tests;
mod whence;

pub use changes::{Change, Changed};
pub use cross_reference::{CrossReference, CrossReferences};
pub use error::{IdentityError, IdentityOpenError};
pub use evidence::{Decisive, Evidence, Rule};
pub use find::{Candidates, Found, Wanted};
pub use force::RuleBook;
pub use rematch::{Rejudged, Rematch};
pub use review::{
    Decision, Deed, Entry, Explanation, Place, Proposal, Question, Refused, ReviewError, Waiting,
};
pub use search::{Cursor, Page, Search, Searched, Sought, SoughtName};
pub use standing::Standing;

use chrono::Utc;
use force::InForce;
use renkei_context::{Ctx, reached};
use renkei_database::{Database, DatabaseUrl, Db, Options};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Merge, Person, SharedAuthorities};
use renkei_sealing::KeyRing;
use std::sync::{Arc, RwLock};
use store::bulk::Keys;
use store::vault::Vault;
use store::{desk, persons};

/// Whose identifiers say who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRules {
    /// The authority of the affinity domain: its identifiers name persons here.
    pub home: Oid,
    /// Others, whose identifiers mean the same person in every community.
    pub shared: SharedAuthorities,
}

impl IdentityRules {
    /// Whether an identifier of this authority is one person's, whoever tells it.
    pub fn trusts(&self, authority: &Oid) -> bool {
        *authority == self.home || self.shared.has(authority)
    }
}

/// What it is opened with.
pub struct IdentityConfig<'a> {
    /// Where its tables are.
    pub url: DatabaseUrl,
    /// Pools and queues.
    pub database: Options,
    /// Whose identifiers say who somebody is.
    pub rules: IdentityRules,
    /// Domains that are known before anybody tells of them.
    pub domains: Vec<Oid>,
    /// The rules of matching that are in force from the beginning on. In a store that has others, those stay in force
    /// until [`Identity::put_in_force`].
    pub matching: RuleBook,
    /// Whether [`Identity::changes`] are put down; somebody has to forget them.
    pub tells_changes: bool,
    /// Keys; it derives its own.
    pub keys: &'a KeyRing,
}

/// The persons. Clones are the same.
#[derive(Clone)]
pub struct Identity {
    inner: Arc<Inner>,
}

struct Inner {
    database: Database,
    vault: Vault,
    rules: IdentityRules,
    domains: Vec<Oid>,
    tells_changes: bool,
    /// The rules of matching with which this process began, and those in force.
    book: RuleBook,
    force: RwLock<Arc<InForce>>,
    /// Keys for records.
    keys: Keys,
}

impl Inner {
    /// Whether an identifier is a record's: an institution's own, or the affinity domain's. What communities share
    /// is told of persons, and of several at times.
    fn is_of_record(&self, id: &PatientId) -> bool {
        id.authority == self.rules.home || !self.rules.shared.has(&id.authority)
    }
}

impl Identity {
    /// Opens the database, brings its tables up to date and starts its threads. Blocks; call it at start-up.
    ///
    /// # Errors
    /// When the database cannot be opened or a key is missing.
    pub fn open(config: IdentityConfig<'_>) -> Result<Self, IdentityOpenError> {
        let vault = Vault::new(config.keys)?;
        let database = Database::open(&config.url, store::migrations(), config.database)?;
        let IdentityConfig { rules, domains, tells_changes, matching: book, .. } = config;
        let began = InForce { epoch: 0, rules: book.rules(&rules.shared)? };
        let force = RwLock::new(Arc::new(began));
        let keys = Keys::default();
        let inner = Inner { database, vault, rules, domains, tells_changes, book, force, keys };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.inner.database
    }

    /// Whose identifiers say who somebody is.
    pub fn rules(&self) -> &IdentityRules {
        &self.inner.rules
    }

    /// Remembers what a message says of a person, for each identifier of the affinity domain that it names.
    /// What the message does not speak of stays as it was; one that is older than what is known changes
    /// nothing.
    ///
    /// # Errors
    /// When the database does not take it; then nothing was changed.
    pub async fn remember(&self, ctx: &Ctx, person: &Person) -> Result<(), IdentityError> {
        self.take(vec![Told { at: ctx.now(), news: News::Of(Box::new(person.clone())) }]).await
    }

    /// Two persons are one from now on (ITI-8 A40). One that nobody told of begins with it.
    ///
    /// # Errors
    /// When the database does not take it; then nothing was changed.
    pub async fn merge(&self, ctx: &Ctx, merge: &Merge) -> Result<(), IdentityError> {
        self.take(vec![Told { at: ctx.now(), news: News::Merged(merge.clone(), Box::default()) }])
            .await
    }

    /// Takes news in their order, all of them in one transaction. News that come again change nothing.
    ///
    /// # Errors
    /// When the database does not take them; then nothing was changed.
    pub async fn take(&self, news: Vec<Told>) -> Result<(), IdentityError> {
        let inner = Arc::clone(&self.inner);
        let write = move |db: &mut Db| -> Result<(), IdentityError> {
            store::alone(db)?;
            inner.ready(db, Utc::now())?;
            for told in &news {
                desk::take(db, &inner, told)?;
            }
            reached("identity.before_commit");
            Ok(())
        };
        self.inner.database.write(write).await
    }

    /// What is known of a person of the affinity domain, under the identifier that it has now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn person(&self, id: &PatientId) -> Result<Option<Found>, IdentityError> {
        if id.authority != self.inner.rules.home {
            return Ok(None);
        }
        let (inner, id) = (Arc::clone(&self.inner), id.clone());
        self.inner.database.read_short(move |db| persons::person(db, &inner.vault, &id)).await
    }

    /// Who somebody is, as others describe them: strictly, or not at all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, asked: &Person) -> Result<Candidates, IdentityError> {
        self.find_among(asked, |_| true).await
    }

    /// The same if there were nobody but those whose identifier of the affinity domain `is_there`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_among(
        &self,
        asked: &Person,
        is_there: impl Fn(&PatientId) -> bool + Send + 'static,
    ) -> Result<Candidates, IdentityError> {
        let (inner, asked) = (Arc::clone(&self.inner), asked.clone());
        let read = move |db: &mut Db| {
            find::find(&inner.rules, &asked, |clues| {
                let mut pool = persons::with_clues(db, &inner.vault, clues)?;
                pool.found.retain(|(_, found)| is_there(&found.id));
                Ok(pool)
            })
        };
        self.inner.database.read(read).await
    }

    /// Who may be somebody whom others describe, by what [`Self::find`] looks for; not more than it looks at.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn candidates(&self, asked: &Person) -> Result<Vec<PatientId>, IdentityError> {
        let (inner, asked) = (Arc::clone(&self.inner), asked.clone());
        let read = move |db: &mut Db| {
            let with_clues = |clues: &_| persons::with_clues(db, &inner.vault, clues);
            find::candidates(&inner.rules, &asked, with_clues)
        };
        self.inner.database.read(read).await
    }
}

/// News of a person, and when they were taken in.
#[derive(Clone, Debug)]
pub struct Told {
    /// When the message was taken in: news are in this order, whatever the order in which they get here.
    pub at: chrono::DateTime<chrono::Utc>,
    /// What it says.
    pub news: News,
}

/// What a message of the patient feed says of persons.
#[derive(Clone, Debug)]
pub enum News {
    /// Who somebody is (ITI-8 A01, A04, A05).
    Of(Box<Person>),
    /// Who somebody is who is known already (ITI-8 A08): it announces nobody.
    Changed(Box<Person>),
    /// Two are one (ITI-8 A40), and what the message says of the one that stays.
    Merged(Merge, Box<Person>),
    /// A local identifier belongs to another person (ITI-64 A43).
    Moved {
        /// Whose it was.
        previous: PatientId,
        /// Whose it is.
        new: PatientId,
        /// The identifier.
        local: PatientId,
        /// Another one that it takes in.
        subsumed: Option<PatientId>,
    },
}
