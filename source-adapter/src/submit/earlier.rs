//! What an institution's numbers have under other patient ids: birth date, sex, kana or card of a
//! person were corrected, or a checkup was filed under another person.
//!
//! An identity with the role administrator finds the earlier documents of the same checkup across
//! patients by the source's own key (ITI-51) and withdraws them, once the new ones are there. Of all
//! others, and for everybody else, there is a notice.

use super::document_set::Converted;
use super::entry::{person, source_patient_id};
use super::identifiers::Checkup;
use super::look;
use super::notices::{ChangedIdentity, KnownBy, Notices};
use super::run::Submitter;
use super::seen::Number;
use super::turns::Turns;
use crate::withdraw::{Found, Reason, Stays, Withdrawal, Withdrawer, Withdrawn};
use renkei_checkup::Record;
use renkei_context::{Role, reached};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry};
use renkei_xds::iti18::QueryBuilder;

impl Submitter {
    /// Sees to what stands under other patient ids, once the documents of a record are registered under
    /// `patient`.
    pub(super) async fn earlier(
        &self,
        converted: &Converted,
        patient: &PatientId,
        turns: &Turns,
        notices: &mut Notices,
    ) {
        let record = &converted.record;
        let Ok(source) = self.source_id(record) else { return };
        let checkup = Checkup::of(record, &converted.report_no, &source, &self.domain);
        if self.connection.roles.contains(&Role::Administrator) {
            reached("submit.sent");
            notices.withdrawn = self.replaced(record, (&checkup, &source), patient, turns).await;
        }
        notices.changed = self.changed(converted, &checkup, patient).await;
    }

    /// Withdraws what the checkup has under another patient id. Under several, which of them is wrong
    /// would be guessed: then a person decides.
    async fn replaced(
        &self,
        record: &Record,
        (checkup, source): (&Checkup, &Oid),
        patient: &PatientId,
        turns: &Turns,
    ) -> Vec<Withdrawal> {
        let withdrawer =
            Withdrawer { client: &self.client, connection: &self.connection, domain: &self.domain };
        let named = (record.get("record_no"), record.get("patient_id"));
        let others = match withdrawer.find_but(checkup, source, Some(patient)).await {
            Ok(found) => found,
            Err(stays) => return vec![Withdrawal::unknown(named, &stays)],
        };
        let is_in_force = |found: &&Found| found.in_force().next().is_some();
        let left = |found: &Found, reason: Reason| {
            let stays = Some(Stays::from(reason));
            Withdrawal::of(named, found, &Withdrawn { stays, ..Withdrawn::default() })
        };
        let person = person(record);
        let (others, strangers): (Vec<Found>, Vec<Found>) =
            others.into_iter().partition(|found| found.is_certain(checkup, &person));
        let strangers = strangers.iter().filter(is_in_force);
        let mut told: Vec<Withdrawal> =
            strangers.map(|found| left(found, Reason::OtherPerson)).collect();
        let candidates: Vec<&Found> = others.iter().filter(is_in_force).collect();
        if candidates.len() > 1 {
            told.extend(candidates.into_iter().map(|f| left(f, Reason::SeveralPatients)));
            return told;
        }
        for found in &others {
            // Their own records come before or after.
            let _turn = turns.of(&found.patient).await;
            let done = withdrawer.withdraw(found, source).await;
            told.push(Withdrawal::of(named, found, &done));
        }
        told
    }

    /// Under which other patient ids documents of this person's or this checkup's number stand.
    async fn changed(
        &self,
        converted: &Converted,
        checkup: &Checkup,
        patient: &PatientId,
    ) -> Vec<ChangedIdentity> {
        let record = &converted.record;
        let institution = record.get("inst_no");
        let meet = |number| self.seen.meet(institution, number, patient);
        let mut others: Vec<(PatientId, KnownBy)> = Vec::new();
        let (person, report_no) = (record.get("patient_id"), converted.report_no.trim());
        if !person.is_empty() {
            let met = meet(Number::Person(person)).into_iter();
            others.extend(met.map(|other| (other, KnownBy::PatientId)));
        }
        if checkup.is_numbered() {
            let met = meet(Number::Report(report_no)).into_iter();
            let new = met.filter(|id| others.iter().all(|(other, _)| other != id));
            let new: Vec<_> = new.map(|other| (other, KnownBy::ReportNo)).collect();
            others.extend(new);
        }
        let mut changed = Vec::new();
        for (other, known_by) in others {
            let standing = self.standing(&other, record, checkup).await;
            if standing.as_ref().is_some_and(Vec::is_empty) {
                for number in [Number::Person(person), Number::Report(report_no)] {
                    self.seen.forget(institution, number, &other);
                }
            }
            changed.extend(look::changed(record, patient, &other, known_by, standing.as_deref()));
        }
        changed
    }

    /// The documents in force of another patient id that are of this person's number, or of this
    /// checkup; nothing when the registry does not say.
    async fn standing(
        &self,
        other: &PatientId,
        record: &Record,
        checkup: &Checkup,
    ) -> Option<Vec<DocumentEntry>> {
        let approved = [AvailabilityStatus::Approved];
        let entries = self.find(QueryBuilder::find_documents(other, &approved)).await.ok()?;
        let person = source_patient_id(record);
        let is_of = |e: &DocumentEntry| {
            e.source_patient_id.as_deref() == Some(&*person) || checkup.is_version(e)
        };
        Some(entries.into_iter().filter(is_of).collect())
    }
}
