//! The Folder of a person's fiscal year (ITI TF-3: 4.2.3.4): whatever is sent of a checkup goes into it.
//!
//! The first document of the year brings the Folder, from whichever institution it comes; all others
//! are put into it. Its uniqueId is the same for all of them: of two that bring it at once, the second
//! is refused, looks again, and finds it.

use super::domain::{Domain, MissingCode};
use chrono::NaiveDate;
use renkei_checkup::dates::fiscal_year;
use renkei_checkup::identity::year_folder;
use renkei_metadata::finding::IheCode;
use renkei_metadata::ids::{ObjectId, Oid, PatientId};
use renkei_metadata::model::{AvailabilityStatus, Code, Folder, LocalizedText};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::RegistryError;

/// A person's fiscal year.
#[derive(Clone, Debug)]
pub struct Year {
    patient: PatientId,
    number: i32,
    code: Code,
}

/// The Folder that a submission puts its documents into.
#[derive(Clone, Debug)]
pub enum Filing {
    /// One that is registered.
    Into(ObjectId),
    /// One that comes with them.
    With(Box<Folder>),
}

impl Year {
    /// That of a checkup on this day.
    ///
    /// # Errors
    /// When the domain has no code for the year.
    pub(super) fn of(
        patient: &PatientId,
        day: NaiveDate,
        domain: &Domain,
    ) -> Result<Self, MissingCode> {
        let number = fiscal_year(day);
        Ok(Self { patient: patient.clone(), number, code: domain.year(number)? })
    }

    /// What asks for its Folders, whatever their status.
    pub(super) fn query(&self) -> QueryBuilder {
        QueryBuilder::find_folders(&self.patient, &AvailabilityStatus::ALL)
            .codes("$XDSFolderCodeList", [&self.code])
            .everything()
    }

    /// Where documents go when the registry has these Folders. `taken` counts the uniqueIds that were
    /// refused although no Folder was shown that has them.
    pub(super) fn filing(&self, registered: &[Folder], taken: u32) -> Filing {
        let is_current = |f: &&Folder| f.status != Some(AvailabilityStatus::Deprecated);
        match registered.iter().find(is_current) {
            Some(folder) => Filing::Into(folder.id.clone()),
            None => {
                let over = u32::try_from(registered.len()).unwrap_or(u32::MAX);
                Filing::With(Box::new(self.folder(over.saturating_add(taken))))
            }
        }
    }

    fn folder(&self, generation: u32) -> Folder {
        let id = year_folder(&self.patient.to_string(), self.number, generation);
        Folder {
            id: ObjectId::Symbol("Folder01".to_owned()),
            lid: None,
            version: None,
            home: None,
            status: None,
            title: Some(LocalizedText::ja(format!("{}年度 健診", self.number))),
            comments: None,
            codes: vec![self.code.clone()],
            last_update_time: None,
            patient_id: Some(self.patient.clone()),
            unique_id: Oid::from_uuid(id),
            extra: Vec::new(),
        }
    }
}

impl Filing {
    /// The id of the Folder.
    pub(super) const fn id(&self) -> &ObjectId {
        match self {
            Self::Into(id) => id,
            Self::With(folder) => &folder.id,
        }
    }

    /// Whether the submission was refused because somebody else brought the Folder first.
    pub(super) fn is_taken(&self, errors: &[RegistryError]) -> bool {
        let Self::With(folder) = self else { return false };
        let taken = |e: &RegistryError| {
            IheCode::DuplicateUniqueIdInRegistry.is_named(&e.code)
                && e.context.contains(folder.unique_id.as_str())
        };
        super::run::are_all(errors, taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_metadata::finding::Severity;

    fn year(day: &str) -> Year {
        let patient = PatientId::parse("a^^^&2.999.1&ISO").unwrap();
        Year::of(&patient, day.parse().unwrap(), &Domain::of_project().unwrap()).unwrap()
    }

    fn brought(filing: Filing) -> Folder {
        match filing {
            Filing::With(folder) => *folder,
            Filing::Into(id) => panic!("{id}"),
        }
    }

    #[test]
    fn the_first_of_a_year_brings_the_folder_and_the_others_join_it() {
        let march = brought(year("2026-03-31").filing(&[], 0));
        let mut april = brought(year("2026-04-01").filing(&[], 0));
        assert_eq!(march.title.as_ref().unwrap().text(), "2025年度 健診");
        assert_eq!(april.title.as_ref().unwrap().text(), "2026年度 健診");
        assert_eq!(april.codes[0].code, "KENSHIN-2026");
        assert_ne!(march.unique_id, april.unique_id);
        assert_eq!(april, brought(year("2027-03-31").filing(&[], 0)));
        april.status = Some(AvailabilityStatus::Approved);
        let joined = year("2026-06-01").filing(std::slice::from_ref(&april), 0);
        assert!(matches!(joined, Filing::Into(id) if id == april.id));
        // One that is no longer current stays as it is, and so does one that nobody shows.
        let first = april.unique_id.clone();
        april.status = Some(AvailabilityStatus::Deprecated);
        let second = brought(year("2026-06-01").filing(&[april], 0)).unique_id;
        assert_ne!(first, second);
        assert_eq!(brought(year("2026-06-01").filing(&[], 1)).unique_id, second);
    }

    #[test]
    fn who_comes_second_is_told_by_the_uniqueid() {
        let filing = year("2026-04-01").filing(&[], 0);
        let error = |code: &str, context: String| RegistryError {
            code: code.to_owned(),
            context,
            location: String::new(),
            severity: Severity::Error,
        };
        let id = brought(filing.clone()).unique_id;
        let taken = error("XDSDuplicateUniqueIdInRegistry", format!("Folder ({id})"));
        assert!(filing.is_taken(std::slice::from_ref(&taken)));
        let other = error("XDSRegistryMetadataError", format!("Folder ({id})"));
        assert!(!filing.is_taken(&[taken.clone(), other]));
        assert!(!filing.is_taken(&[]));
        assert!(!Filing::Into(ObjectId::Symbol("f".into())).is_taken(&[taken]));
    }
}
