//! Looking what there is of each checkup, and withdrawing it.

use futures_util::{StreamExt, stream};
use renkei_metadata::ids::{Invalid, ObjectId, Oid, PatientId};
use renkei_source_adapter::submit::Seen;
use renkei_source_adapter::withdraw::{
    Found, Key, Reason, Stays, Withdrawal, WithdrawalOutcome, Withdrawer, Withdrawn,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Checkups that are asked for at once.
const AT_ONCE: usize = 4;

/// What there is of a checkup under one patient id, as it is shown before anything is done. Nothing else
/// goes.
pub(super) struct Listed {
    key: Key,
    patient: PatientId,
    entries: BTreeSet<ObjectId>,
    days: Vec<String>,
    pub(super) documents: usize,
    /// A line about it, Japanese and English.
    pub(super) about: (String, String),
}

impl Listed {
    fn of(key: &Key, found: &Found) -> Self {
        let shown = Withdrawal::of(names(key), found, &Withdrawn::default());
        Self {
            key: key.clone(),
            patient: found.patient.clone(),
            entries: found.entries.iter().map(|e| e.id.clone()).collect(),
            days: found.days(),
            documents: found.documents().len(),
            about: shown.about(),
        }
    }

    /// For machines.
    pub(super) fn json(&self) -> Value {
        json!({
            "record_no": self.key.record_no,
            "patient_id": self.key.person,
            "report_no": self.key.report_no,
            "patient": self.patient.to_string(),
            "days": self.days,
            "documents": self.documents,
        })
    }
}

fn names(key: &Key) -> (&str, &str) {
    (&key.record_no, &key.person)
}

/// One run.
pub(super) struct Run<'r> {
    pub(super) withdrawer: Withdrawer<'r>,
    /// By default made from the institution number.
    pub(super) source_id: Option<Oid>,
    /// Whose documents are meant; everybody's if nobody is named.
    pub(super) only: Option<PatientId>,
    /// What the state directory remembers.
    pub(super) seen: Option<Seen>,
}

impl Run<'_> {
    /// What there is of these checkups; and of which nobody can tell.
    pub(super) async fn list(&self, keys: &[Key]) -> (Vec<Listed>, Vec<Withdrawal>) {
        let (mut listed, mut unknown) = (Vec::new(), Vec::new());
        let mut looks = stream::iter(keys)
            .map(|key| async move { (key, self.look(key).await) })
            .buffered(AT_ONCE);
        while let Some((key, found)) = looks.next().await {
            match found {
                Ok((found, left)) => {
                    listed.extend(found.iter().map(|found| Listed::of(key, found)));
                    unknown.extend(left);
                }
                Err(stays) => {
                    unknown.push(Withdrawal::unknown(names(key), &stays));
                    // It will be no other for the next ones.
                    if matches!(stays.reason, Reason::NotAdministrator | Reason::NotReached) {
                        break;
                    }
                }
            }
        }
        (listed, unknown)
    }

    /// Withdraws what was listed.
    pub(super) async fn withdraw(&self, listed: &[Listed]) -> Vec<Withdrawal> {
        // One after the other: checkups of a person may share a Folder.
        let mut done = Vec::new();
        for listed in listed {
            done.extend(self.one(listed).await);
        }
        if let Some(Err(error)) = self.seen.as_ref().map(Seen::flush) {
            tracing::warn!(%error, "numbers of withdrawn checkups are still remembered");
        }
        done
    }

    async fn one(&self, listed: &Listed) -> Option<Withdrawal> {
        let key = &listed.key;
        let (source, found) = match (self.source(key), self.look(key).await) {
            (Ok(source), Ok((found, _))) => (source, found),
            (_, Err(stays)) => return Some(Withdrawal::unknown(names(key), &stays)),
            (Err(_), _) => return None,
        };
        let mut found = found.into_iter().find(|found| found.patient == listed.patient)?;
        found.entries.retain(|entry| listed.entries.contains(&entry.id));
        if found.entries.is_empty() {
            return None;
        }
        let done = self.withdrawer.withdraw(&found, &source).await;
        let withdrawal = Withdrawal::of(names(key), &found, &done);
        if let (WithdrawalOutcome::Removed, Some(seen)) = (withdrawal.outcome, &self.seen) {
            self.withdrawer.forget(key, &found.patient, seen).await;
        }
        Some(withdrawal)
    }

    /// What there is of a checkup, and what is left where nobody is named.
    async fn look(&self, key: &Key) -> Result<(Vec<Found>, Vec<Withdrawal>), Stays> {
        let domain = self.withdrawer.domain;
        let source = self.source(key).map_err(|_| Stays {
            reason: Reason::Refused,
            detail: format!("{:?} makes no OID", key.institution),
        })?;
        let checkup = key.checkup(&source, domain);
        let mut found = self.withdrawer.find(&checkup, &source).await?;
        match &self.only {
            Some(only) => {
                found.retain(|found| *only == found.patient);
                Ok((found, Vec::new()))
            }
            None => Ok(key.certain(&checkup, found)),
        }
    }

    fn source(&self, key: &Key) -> Result<Oid, Invalid> {
        match &self.source_id {
            Some(id) => Ok(id.clone()),
            None => self.withdrawer.domain.default_source_id(&key.institution),
        }
    }
}
