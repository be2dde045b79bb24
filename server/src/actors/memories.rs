//! Where the messages of a transaction are remembered, and its replies wait: in the database in which
//! its change is committed, so that the change and the message that asked for it are known together.

use crate::settings::Settings;
use renkei_database::Database;
use renkei_exchange::{Bounds, ExchangeError, Memory};
use renkei_registry::Registry;
use renkei_repository::Repository;
use renkei_sealing::KeyRing;

/// The memory of each database of this program.
pub(crate) struct Memories {
    registry: Option<Memory>,
    repository: Option<Memory>,
    /// Whether submissions are registered elsewhere.
    apart: bool,
}

impl Memories {
    /// The memories in the databases of the actors that this program serves.
    pub(super) fn open(
        registry: Option<&Registry>,
        repository: Option<&Repository>,
        settings: &Settings,
        keys: &KeyRing,
    ) -> Result<Self, ExchangeError> {
        let bounds = Bounds {
            answers: settings.limits.remembered_answers,
            replies: settings.asynchronous.replies,
            partner_replies: settings.asynchronous.partner_replies,
        };
        let memory = |database: &Database| Memory::new(database, keys, bounds);
        Ok(Self {
            registry: registry.map(|r| memory(r.database())).transpose()?,
            repository: repository.map(|r| memory(r.database())).transpose()?,
            apart: settings.registry.url.is_some(),
        })
    }

    /// Of what the registry changes.
    pub(crate) fn of_registry(&self) -> Option<&Memory> {
        self.registry.as_ref()
    }

    /// Of what the repository changes.
    pub(crate) fn of_repository(&self) -> Option<&Memory> {
        self.repository.as_ref()
    }

    /// Of submissions to the repository: the registry's, where that is in this process and commits them.
    pub(crate) fn of_submissions(&self) -> Option<&Memory> {
        let registry = self.registry.as_ref().filter(|_| !self.apart);
        registry.or(self.repository.as_ref())
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Memory> {
        self.registry.iter().chain(&self.repository).cloned().collect()
    }
}
