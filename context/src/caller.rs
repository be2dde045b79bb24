//! The peer behind a connection, as its certificate and the peer table describe it.

use crate::Grants;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What a node may do. A certificate is issued for one or more roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Document Source: ITI-41, and ITI-18 to find its own repeats.
    Source,
    /// Document Repository: ITI-42, and ITI-18 to settle unknown outcomes.
    Repository,
    /// Document Consumer: ITI-18 and ITI-43.
    Consumer,
    /// Patient Identity Source: ITI-8.
    Feed,
    /// Document Administrator.
    Administrator,
    /// Gateway of another community.
    Gateway,
    /// Reader of the audit records.
    Auditor,
}

impl Role {
    /// Every role, in the order in which they are documented.
    pub const ALL: [Role; 7] = [
        Role::Source,
        Role::Repository,
        Role::Consumer,
        Role::Feed,
        Role::Administrator,
        Role::Gateway,
        Role::Auditor,
    ];

    /// The name used on the command line and in the peer table.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Source => "source",
            Role::Repository => "repository",
            Role::Consumer => "consumer",
            Role::Feed => "feed",
            Role::Administrator => "administrator",
            Role::Gateway => "gateway",
            Role::Auditor => "auditor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a role; use one of source, repository, consumer, feed, administrator, gateway, auditor"
)]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Role::ALL.into_iter().find(|r| r.name() == s).ok_or_else(|| UnknownRole(s.to_owned()))
    }
}

/// A set of roles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles(Vec<Role>);

impl Roles {
    /// Collects roles; order and repeats do not matter.
    pub fn new(roles: impl IntoIterator<Item = Role>) -> Self {
        let mut v: Vec<Role> = roles.into_iter().collect();
        v.sort_unstable();
        v.dedup();
        Self(v)
    }

    /// Whether `role` is in the set.
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether one of `wanted` is in the set.
    pub fn any(&self, wanted: &[Role]) -> bool {
        wanted.iter().any(|r| self.has(*r))
    }

    /// The roles in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = Role> + '_ {
        self.0.iter().copied()
    }
}

/// The peer of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The name of its entry in the peer table.
    pub name: String,
    /// The subject of its certificate (RFC 4514 text); the audit UserID.
    pub subject: String,
    /// SHA-256 of its certificate (DER), lower-case hex; empty for the house itself.
    pub fingerprint: String,
    /// What it may do.
    pub roles: Roles,
    /// What it is entitled to.
    pub grants: Arc<Grants>,
    /// Its network address without the port; empty when there is no network between.
    pub address: String,
    /// Whether it asks what it may erase: of a document of which an entry is not in its scope it knows nothing then.
    pub is_to_erase: bool,
}

impl Caller {
    /// The house itself under the name of one of its parts.
    pub fn internal(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            subject: format!("CN={name}"),
            fingerprint: String::new(),
            roles: Roles::new(Role::ALL),
            grants: Arc::new(Grants::of_house()),
            address: String::new(),
            is_to_erase: false,
        }
    }

    /// The same where what it may erase is asked for: it knows of nothing else.
    #[must_use]
    pub fn to_erase(mut self) -> Self {
        let sees = self.grants.changes.clone();
        self.grants = Arc::new(Grants { sees, ..Grants::clone(&self.grants) });
        self.is_to_erase = true;
        self
    }

    /// Whether it is the house itself.
    pub fn is_house(&self) -> bool {
        self.fingerprint.is_empty()
    }
}
