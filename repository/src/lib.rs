//! XDS.b Document Repository: the content, sealed.
//!
//! [`Repository`] has the verbs of the actor: [`provide_and_register`](Repository::provide_and_register)
//! (ITI-41), [`retrieve`](Repository::retrieve) (ITI-43) and
//! [`remove_documents`](Repository::remove_documents) (ITI-86). No HTTP and no SOAP here; SQL is in
//! `store` alone.
//!
//! A document arrives in its home (`content`), each chunk sealed before it is written, and nobody can
//! retrieve it. Then it has a row, in one of two states. `stored`: all of it is durable and
//! retrievable by its uniqueId, which has to be so before the registry hears of it (ITI TF-2: 3.41.4.1.3.2).
//! `confirmed`: the registry has it. A definite refusal removes what the submission brought. Where
//! the outcome is unknown, everything stays until the registry has been asked.

mod audit;
mod bind;
mod confirm;
mod content;
mod failure;
pub mod inspect;
mod intake;
mod keep;
mod lease;
mod opened;
mod own_source;
mod registry_client;
mod remove;
mod retrieve;
pub mod rules;
mod store;
mod submit;
mod sweep;
mod upload;

pub use content::Home;
pub use registry_client::{RegistryClient, Taken, Unreachable};
pub use remove::Removed;
pub use retrieve::{OpenDocument, Retrieved, StreamError};
pub use submit::Provided;
pub use sweep::Swept;
pub use upload::{PartSink, Upload};

use confirm::Confirmations;
use content::{ContentStore, Homes};
use lease::Lease;
use own_source::BoundSources;
use renkei_atna::build::{Local, Peer};
use renkei_atna::sink::Sink;
use renkei_audit::{AuditContext, AuditError};
use renkei_database::{Database, DatabaseUrl, OpenError, Options};
use renkei_metadata::ids::{HomeCommunityId, RepositoryUniqueId};
use renkei_sealing::{KeyError, KeyRing, Sealer};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::key::{LeaseId, SubmissionId};
use uuid::Uuid;

/// How the repository watches over unsettled submissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// A process that was silent this long is gone.
    pub lease: Duration,
    /// How often a process says that it is there.
    pub renew: Duration,
    /// How long the registry gets to finish a registration whose answer was lost.
    pub grace: Duration,
    /// How often unsettled submissions are looked for.
    pub sweep: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(60),
            renew: Duration::from_secs(15),
            grace: Duration::from_secs(60),
            sweep: Duration::from_secs(30),
        }
    }
}

/// What a repository is opened with.
pub struct RepositoryConfig<'a> {
    /// Where its tables are.
    pub url: DatabaseUrl,
    /// Pools and queues.
    pub database: Options,
    /// Where new documents are kept.
    pub content: Home,
    /// The folder of the segments, for [`Home::Segments`].
    pub segments: PathBuf,
    /// Its repositoryUniqueId.
    pub unique_id: RepositoryUniqueId,
    /// The community put into entries that come without one.
    pub home: Option<HomeCommunityId>,
    /// The keys of the content.
    pub keys: &'a KeyRing,
    /// How the repository names itself in audit records.
    pub local: Local,
    /// How the repository appears as a client of its registry, in audit records.
    pub own: Peer,
    /// Where failures of its own side are audited. Successes are rows of the outbox, see
    /// [`Repository::database`].
    pub sink: Arc<dyn Sink>,
    /// Leases and sweeps.
    pub timing: Timing,
}

/// Why a repository cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryOpenError {
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The keys of audit records.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The folder of the content.
    #[error("{0}")]
    Content(String),
}

/// The Document Repository. Clones are the same repository.
#[derive(Clone)]
pub struct Repository {
    inner: Arc<Inner>,
}

struct Inner {
    database: Database,
    content: Homes,
    registry: Arc<dyn RegistryClient>,
    keys: KeyRing,
    /// Seals audit records that wait for the outcome of their submission.
    waiting: Sealer,
    outbox: Sealer,
    unique_id: RepositoryUniqueId,
    home: Option<HomeCommunityId>,
    audit: AuditContext,
    own: Peer,
    sink: Arc<dyn Sink>,
    timing: Timing,
    lease: Lease,
    confirmations: Confirmations,
    /// The submissions that this process works on.
    active: Mutex<HashSet<SubmissionId>>,
    bound_sources: Arc<BoundSources>,
}

impl Inner {
    // Each use of the set is one call, which a panic cannot leave half done: a poisoned lock is used
    // on.
    fn active(&self) -> MutexGuard<'_, HashSet<SubmissionId>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Repository {
    /// Opens the database, brings its tables up to date and starts its threads. Blocks; call it at
    /// start-up, then [`Repository::sweep`] once and [`Repository::run`] as a task.
    ///
    /// # Errors
    /// When the database cannot be opened or a key is missing.
    pub fn open(
        config: RepositoryConfig<'_>,
        registry: Arc<dyn RegistryClient>,
    ) -> Result<Self, RepositoryOpenError> {
        let waiting = config.keys.sealer("repository.waiting")?;
        let outbox = renkei_audit::outbox::sealer(config.keys)?;
        let database = Database::open(&config.url, store::migrations(), config.database)?;
        let lease = LeaseId(Uuid::now_v7());
        let content = Homes::open(config.content, &config.segments, &database, lease)
            .map_err(|e| RepositoryOpenError::Content(e.to_string()))?;
        Ok(Self {
            inner: Arc::new(Inner {
                database,
                content,
                registry,
                keys: config.keys.clone(),
                waiting,
                outbox,
                unique_id: config.unique_id,
                home: config.home,
                audit: AuditContext { local: config.local },
                own: config.own,
                sink: config.sink,
                timing: config.timing,
                lease: Lease::new(lease),
                confirmations: Confirmations::default(),
                active: Mutex::default(),
                bound_sources: Arc::default(),
            }),
        })
    }

    /// The database, whose table `audit_outbox` holds the audit records of what was done.
    pub fn database(&self) -> &Database {
        &self.inner.database
    }

    /// Its repositoryUniqueId.
    pub fn unique_id(&self) -> &RepositoryUniqueId {
        &self.inner.unique_id
    }

    /// Confirms what the registry has and nobody waited for. Call it when no request is under way,
    /// before the outbox is delivered for the last time.
    pub async fn drain(&self) {
        self.inner.confirm_what_waits().await;
    }

    /// Drains, gives up the lease and closes the database. Call it when no request is under way and the
    /// outbox has been delivered.
    pub async fn close(&self) {
        self.drain().await;
        self.inner.content.close().await;
        let lease = self.inner.lease.id();
        let given = self.inner.database.write(move |db| store::lease::give_up(db, lease)).await;
        if let Err(error) = given {
            tracing::warn!(%error, "the lease of this process stays until it expires");
        }
        self.inner.database.close().await;
    }
}
