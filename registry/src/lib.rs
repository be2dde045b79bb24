//! XDS.b Document Registry: where documents are, whose they are, and which of them are current.
//!
//! [`Registry`] has the verbs of the actor: [`register`](Registry::register) (ITI-42),
//! [`update`](Registry::update) (ITI-57), [`remove_metadata`](Registry::remove_metadata) (ITI-62),
//! [`query`](Registry::query) (ITI-18) and [`feed`](Registry::feed) (ITI-8, ITI-64). No HTTP and no
//! SOAP here; SQL is in `store` alone.

mod audit;
mod change;
mod failure;
mod feed;
mod holds;
pub mod inspect;
mod news;
mod query;
mod register;
mod remove;
pub mod rules;
mod store;
pub mod update;

#[cfg(test)]
mod tests;

pub use holds::Known;
pub use news::{Batch, News, NoNews};
pub use query::{AnswerBroken, Hit, Hits, HitsBroken, QueryAnswer};
pub use store::rows::labels;

use renkei_atna::sink::Sink;
use renkei_audit::{AuditContext, AuditError};
use renkei_database::{Database, DatabaseUrl, OpenError, Options};
use renkei_hl7v2::authorities::{Authorities, NamedAuthority};
use renkei_metadata::codes::CodeList;
use renkei_metadata::ids::{HomeCommunityId, Oid};
use renkei_metadata::update::EntryAttribute;
use renkei_sealing::{KeyError, KeyRing, Sealer};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use store::vault::Vault;

/// Which patients may have documents: setting `patient.policy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PatientPolicy {
    /// Those that the patient feed announced.
    #[default]
    KnownOnly,
    /// Any of the affinity domain; the first submission makes a patient known.
    AcceptAny,
}

impl PatientPolicy {
    /// The word used in settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::KnownOnly => "known-only",
            Self::AcceptAny => "accept-any",
        }
    }
}

impl fmt::Display for PatientPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a patient policy; use known-only or accept-any")]
pub struct UnknownPolicy(pub String);

impl FromStr for PatientPolicy {
    type Err = UnknownPolicy;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let all = [Self::KnownOnly, Self::AcceptAny];
        all.into_iter().find(|p| p.name() == s).ok_or_else(|| UnknownPolicy(s.to_owned()))
    }
}

/// The registry's own limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistryLimits {
    /// `limits.query_results`: objects in the answer to one query.
    pub query_results: usize,
    /// `limits.query_references`: ObjectRefs in the answer to one query, and rows that are looked at
    /// one by one where a condition is on an encrypted attribute.
    pub query_references: usize,
    /// `limits.query_values`: parameter values in one query.
    pub query_values: usize,
    /// The metadata of one object as XML, octets; a fixed bound.
    pub object_bytes: usize,
    /// Objects read by one statement; fixed.
    pub query_page: usize,
}

impl Default for RegistryLimits {
    fn default() -> Self {
        Self {
            query_results: 10_000,
            query_references: 100_000,
            query_values: renkei_xds::catalogue::QUERY_VALUES,
            object_bytes: 1 << 20,
            query_page: 200,
        }
    }
}

/// What a registry is opened with.
pub struct RegistryConfig<'a> {
    /// Where its tables are.
    pub url: DatabaseUrl,
    /// Pools and queues.
    pub database: Options,
    /// The community of objects that were submitted without one.
    pub home: Option<HomeCommunityId>,
    /// Which patients may have documents.
    pub policy: PatientPolicy,
    /// The affinity domain's codes.
    pub codes: Arc<CodeList>,
    /// The authority whose patient identifiers the affinity domain uses.
    pub assigning_authority: Oid,
    /// Names of authorities, as senders of the patient feed use them: `ids.namespaces`.
    pub namespaces: Vec<NamedAuthority>,
    /// The attributes of DocumentEntries that no restricted update (ITI-92) changes.
    pub protected: Vec<EntryAttribute>,
    /// Limits.
    pub limits: RegistryLimits,
    /// Keys; the registry derives its own.
    pub keys: &'a KeyRing,
    /// How the registry names itself in audit records.
    pub audit: AuditContext,
    /// Where queries and refusals are audited. Changes are audited by rows of the outbox, see
    /// [`Registry::database`].
    pub sink: Arc<dyn Sink>,
}

/// Why a registry cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum RegistryOpenError {
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The audit outbox.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

/// The Document Registry. Clones are the same registry.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

struct Inner {
    database: Database,
    vault: Vault,
    outbox: Sealer,
    codes: Arc<CodeList>,
    patients: PatientRules,
    home: Option<HomeCommunityId>,
    protected: Arc<[EntryAttribute]>,
    limits: RegistryLimits,
    audit: AuditContext,
    sink: Arc<dyn Sink>,
}

/// Which patient identifiers are accepted.
#[derive(Clone, Debug)]
struct PatientRules {
    policy: PatientPolicy,
    assigning_authority: Oid,
    authorities: Authorities,
}

impl Registry {
    /// Opens the database, brings its tables up to date and starts its threads. Blocks; call it at
    /// start-up.
    ///
    /// # Errors
    /// When the database cannot be opened or a key is missing.
    pub fn open(config: RegistryConfig<'_>) -> Result<Self, RegistryOpenError> {
        let vault = Vault::new(config.keys, config.limits.object_bytes)?;
        let outbox = renkei_audit::outbox::sealer(config.keys)?;
        let database = Database::open(&config.url, store::migrations(), config.database)?;
        Ok(Self {
            inner: Arc::new(Inner {
                database,
                vault,
                outbox,
                codes: config.codes,
                patients: PatientRules {
                    policy: config.policy,
                    authorities: Authorities::new(config.assigning_authority.clone())
                        .named(config.namespaces),
                    assigning_authority: config.assigning_authority,
                },
                home: config.home,
                protected: config.protected.into(),
                limits: config.limits,
                audit: config.audit,
                sink: config.sink,
            }),
        })
    }

    /// The database, whose table `audit_outbox` holds the audit records of what was done.
    pub fn database(&self) -> &Database {
        &self.inner.database
    }

    /// The authority whose patient identifiers are accepted.
    pub fn assigning_authority(&self) -> &Oid {
        &self.inner.patients.assigning_authority
    }
}
