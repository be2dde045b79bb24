//! Audit records as `renkei audit list` shows them.

use crate::Renkei;
use crate::program;
use anyhow::{Result, bail};
use serde::Deserialize;
use std::time::{Duration, Instant};

/// One record.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// EventID code.
    pub event: String,
    /// EventTypeCode code.
    #[serde(rename = "type")]
    pub event_type: Option<String>,
    /// EventActionCode.
    pub action: String,
    /// EventOutcomeIndicator.
    pub outcome: u8,
    /// EventOutcomeDescription.
    pub description: Option<String>,
    /// ActiveParticipant, each.
    pub participants: Vec<Participant>,
    /// ParticipantObjectIdentification, each.
    pub objects: Vec<Object>,
}

/// A participant.
#[derive(Clone, Debug, Deserialize)]
pub struct Participant {
    /// UserID.
    pub user_id: String,
    /// AlternativeUserID.
    pub alternative_user_id: Option<String>,
    /// UserName.
    pub user_name: Option<String>,
    /// UserIsRequestor.
    pub requestor: bool,
    /// RoleIDCode codes.
    pub roles: Vec<String>,
    /// NetworkAccessPointID.
    pub network: Option<String>,
}

/// An object.
#[derive(Clone, Debug, Deserialize)]
pub struct Object {
    /// ParticipantObjectID.
    pub id: String,
    /// ParticipantObjectTypeCode.
    #[serde(rename = "type")]
    pub type_code: u8,
    /// ParticipantObjectTypeCodeRole.
    pub role: u8,
    /// ParticipantObjectDataLifeCycle.
    pub life_cycle: Option<u8>,
    /// ParticipantObjectIDTypeCode code.
    pub id_type: String,
    /// ParticipantObjectQuery, plain.
    pub query: Option<String>,
    /// Detail names and values.
    pub details: Vec<(String, String)>,
}

impl Record {
    /// What tells records apart at a glance: event, type, action, outcome.
    pub fn key(&self) -> String {
        let event_type = self.event_type.as_deref().unwrap_or("-");
        format!("{} {event_type} {} {}", self.event, self.action, self.outcome)
    }

    /// The objects with this role.
    pub fn objects_of(&self, role: u8) -> Vec<&str> {
        self.objects.iter().filter(|o| o.role == role).map(|o| o.id.as_str()).collect()
    }

    /// The participant with this role id code.
    pub fn participant(&self, role: &str) -> Option<&Participant> {
        self.participants.iter().find(|p| p.roles.iter().any(|r| r == role))
    }
}

/// The records in the store of the data directory that `settings` (`key=value`) belong to.
pub fn list(data_dir: &std::path::Path, settings: &[String]) -> Result<Vec<Record>> {
    let directory = data_dir.display().to_string();
    let mut args = vec!["audit", "list", "--json", "--data-dir", &directory];
    for setting in settings {
        args.extend(["--set", setting]);
    }
    let output = program::run(&args)?;
    if !output.status.success() {
        bail!("audit list: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout)?;
    text.lines().map(|l| Ok(serde_json::from_str(l)?)).collect()
}

/// Waits until the store of a running program holds a record that fits.
pub fn wait_for(renkei: &Renkei, fits: impl Fn(&Record) -> bool) -> Result<Record> {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let records = list(&renkei.place().data_dir(), &renkei.settings())?;
        if let Some(record) = records.iter().find(|r| fits(r)) {
            return Ok(record.clone());
        }
        if Instant::now() > until {
            let keys: Vec<String> = records.iter().map(Record::key).collect();
            bail!("no such record among {keys:#?}");
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}
