//! An institution with its program: submits exports and looks at what became of them.

use anyhow::{Context, Result};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry};
use renkei_tests::{Form, Start, World, exports, program};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Documents of one 事業者健診.
pub(crate) const DOCUMENTS: usize = 5;

/// An institution with its program and a place for its files.
pub(crate) struct Institution {
    pub(crate) world: World,
    place: tempfile::TempDir,
    identity: PathBuf,
    connect: PathBuf,
    mapping: PathBuf,
}

impl Institution {
    pub(crate) fn new() -> Result<Self> {
        Self::start(Start::new(Form::PLAIN))
    }

    /// One in a community of these settings.
    pub(crate) fn start(start: Start) -> Result<Self> {
        let world = World::start(start.set("patient.policy=known-only"))?;
        let identity = world.renkei.identities().issue("institution", &["source", "feed"])?;
        let (connect, mapping) = (world.renkei.connect_file()?, exports::mapping());
        Ok(Self { world, place: tempfile::tempdir()?, identity, connect, mapping })
    }

    /// It uses another mapping from now on.
    pub(crate) fn mapping(&mut self, mapping: &Path) {
        mapping.clone_into(&mut self.mapping);
    }

    /// It got another identity, with a file that says where to connect.
    pub(crate) fn identity(&mut self, identity: PathBuf) {
        self.connect = identity.join("connect.json");
        self.identity = identity;
    }

    /// The addresses that the house got, as settings for whoever issues an identity.
    pub(crate) fn settings(&self) -> Result<[String; 2]> {
        let renkei = &self.world.renkei;
        let feed = renkei.ready.endpoints.patient_feed.as_deref().context("no feed")?;
        let feed = feed.rsplit(':').next().context("no port")?;
        Ok([
            format!("listen.systems=127.0.0.1:{}", renkei.port()),
            format!("listen.mllp=127.0.0.1:{feed}"),
        ])
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// The command line that submits an export.
    pub(crate) fn arguments(&self, export: &Path) -> Vec<String> {
        let text = |path: &Path| path.display().to_string();
        let mut arguments = vec!["submit".to_owned(), text(export)];
        for (name, path) in [
            ("--mapping", self.mapping.clone()),
            ("--connect", self.connect.clone()),
            ("--identity", self.identity.clone()),
            ("--state-dir", self.path("state")),
            ("--report", self.path("report")),
        ] {
            arguments.extend([name.to_owned(), text(&path)]);
        }
        let more = ["--created-at", "2025-06-20T10:15:30+09:00", "--mode", "reject_row", "--json"];
        let more = more.into_iter().chain(["--as-of", "2025-12-31"]);
        arguments.extend(more.map(str::to_owned));
        arguments
    }

    /// Submits to the end; exit status and report.
    pub(crate) fn submit(&self, export: &Path) -> Result<(Option<i32>, Value)> {
        let arguments = self.arguments(export);
        let output = program::run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
        let report = serde_json::from_slice(&output.stdout);
        let report =
            report.with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        Ok((output.status.code(), report))
    }

    /// The people of the last run by their numbers at the institution.
    pub(crate) fn people(&self) -> Result<BTreeMap<String, PatientId>> {
        let text = std::fs::read_to_string(self.path("report/records.csv"))?;
        let rows = text.split_terminator("\r\n").skip(1).map(|row| row.split(',').collect());
        rows.map(|row: Vec<&str>| {
            let (number, patient) = (row.get(1).context("no number")?, row.get(2));
            let patient = PatientId::parse(patient.context("no patient")?);
            Ok(((*number).to_owned(), patient.map_err(|e| anyhow::anyhow!("{text}: {e}"))?))
        })
        .collect()
    }

    /// Every document of everybody, whatever its status (ITI-18).
    pub(crate) fn documents(&self) -> Result<BTreeMap<String, Vec<DocumentEntry>>> {
        let people = self.people()?.into_iter();
        people.map(|(number, id)| Ok((number, self.world.documents_of(&id)?))).collect()
    }
}

/// The ids of the entries of a status.
pub(crate) fn ids(entries: &[DocumentEntry], status: AvailabilityStatus) -> BTreeSet<String> {
    let of_status = entries.iter().filter(|e| e.status == Some(status));
    of_status.map(|e| e.id.to_string()).collect()
}

/// The ids of the entries in force.
pub(crate) fn approved(entries: &[DocumentEntry]) -> BTreeSet<String> {
    ids(entries, AvailabilityStatus::Approved)
}
