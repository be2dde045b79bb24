//! The persons of a house and its audit trail, for one command.

use crate::commands::house::HouseArguments;
use crate::commands::trail::Trail;
use crate::settings::Settings;
use crate::site::Site;
use crate::{host, persons};
use renkei_atna::build::{self, Local, Peer};
use renkei_atna::record::{Action, AuditRecord};
use renkei_database::Options;
use renkei_identity::Identity;
use renkei_sealing::KeyRing;
use std::path::PathBuf;

/// What a command works with.
pub(super) struct Desk {
    pub(super) dir: PathBuf,
    pub(super) settings: Settings,
    pub(super) keys: KeyRing,
    pub(super) identity: Identity,
}

impl Desk {
    pub(super) fn open(house: &HouseArguments) -> anyhow::Result<Self> {
        let settings = house.settings()?;
        let dir = house.data_dir.canonicalize()?;
        let keys = KeyRing::open_or_create(&Site::keys_dir_of(&dir))?;
        let identity = persons::open(&dir, &settings, &keys, Options::default())?;
        Ok(Self { dir, settings, keys, identity })
    }

    /// Who decides.
    pub(super) fn operator() -> String {
        host::operator()
    }

    /// Does what goes on record first: what is done with the records of these patients.
    pub(super) async fn on_record<T, E: Into<anyhow::Error>>(
        &self,
        (action, deed): (Action, &str),
        patients: &[String],
        work: impl Future<Output = Result<T, E>>,
    ) -> anyhow::Result<T> {
        let trail = Trail::open(&self.dir, &self.settings, &self.keys)?;
        let record = |at, id, operator: &Peer, local: &Local| {
            let record =
                build::patients_compared(at, id, operator, (action, deed), patients, local);
            // What is done with all records names none of them.
            let told = patients.is_empty().then(|| deed.to_owned());
            AuditRecord { outcome_description: told, ..record }
        };
        trail.on_record(record, work).await
    }

    pub(super) async fn close(self) {
        self.identity.database().close().await;
    }
}
