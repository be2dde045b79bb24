//! What a source remembers of numbers whose documents are gone.

use super::carry::Withdrawer;
use super::key::Key;
use crate::submit::{Number, Seen, source_patient_id};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::AvailabilityStatus;
use renkei_xds::iti18::QueryBuilder;

impl Withdrawer<'_> {
    /// Forgets under which patient id a checkup went of which nothing is left; and the person's number,
    /// where no document in force has it there. While the registry does not tell, it is remembered.
    pub async fn forget(&self, key: &Key, patient: &PatientId, seen: &Seen) {
        if !key.report_no.is_empty() {
            seen.forget(&key.institution, Number::Report(&key.report_no), patient);
        }
        let person = source_patient_id(&key.record());
        let approved = [AvailabilityStatus::Approved];
        let query = QueryBuilder::find_documents(patient, &approved);
        let is_of = |own: Option<&str>| own == Some(person.as_str());
        match self.entries(query).await {
            Ok(left) if !left.iter().any(|e| is_of(e.source_patient_id.as_deref())) => {
                seen.forget(&key.institution, Number::Person(&key.person), patient);
            }
            Ok(_) | Err(_) => {}
        }
    }
}
