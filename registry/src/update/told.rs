//! Whom an update concerns, for auditors: whose its objects are from now on, and whose they were
//! (ITI TF-2: 3.57.5.1).

use super::look::{latest, predecessors};
use crate::Registry;
use crate::store::links;
use crate::store::write::WriteError;
use renkei_atna::build;
use renkei_atna::record::Object;
use renkei_metadata::ids::PatientId;
use renkei_metadata::update::Update;
use std::collections::BTreeSet;

impl Registry {
    /// The patient of the update, every other one from whom it takes an object, and its SubmissionSet.
    pub(super) async fn told_of_update(&self, update: &Update) -> Vec<Object> {
        let own = update.submission_set.patient_id.as_ref();
        let mut objects = build::submission(&update.submission_set);
        let before = self.patients_before(update).await;
        let others = before.iter().filter(|cx| Some(*cx) != own);
        objects.extend(others.map(|cx| build::patient(&cx.to_string())));
        objects
    }

    /// The patients that have the versions before those of the update.
    async fn patients_before(&self, update: &Update) -> Vec<PatientId> {
        let named: Vec<_> = predecessors(update).collect();
        let read = self.inner.database.read(move |db| {
            let mut roots = BTreeSet::new();
            for (kind, of) in named {
                roots.extend(latest(db, kind, of)?.map(|version| version.root));
            }
            Ok::<_, WriteError>(links::sealed_patients(db, &roots)?)
        });
        let sealed = read.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the patients before an update are not told");
            Vec::new()
        });
        let vault = &self.inner.vault;
        sealed.iter().filter_map(|(hash, cx)| vault.open_cx(hash, cx).ok()).collect()
    }
}
