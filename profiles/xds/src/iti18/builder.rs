//! Queries for clients, spelled as the catalogue says.

use super::{AdhocQuery, ReturnType};
use crate::catalogue::literal::{quote, quote_list};
use crate::catalogue::{
    FIND_DOCUMENTS, FIND_DOCUMENTS_BY_REFERENCE_ID, FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS,
    FIND_FOLDERS, FIND_SUBMISSION_SETS, GET_ALL, GET_ASSOCIATIONS, GET_DOCUMENTS,
    GET_DOCUMENTS_AND_ASSOCIATIONS, GET_FOLDER_AND_CONTENTS, GET_FOLDERS, GET_FOLDERS_FOR_DOCUMENT,
    GET_RELATED_DOCUMENTS, GET_SUBMISSION_SET_AND_CONTENTS, GET_SUBMISSION_SETS, Need, ParamDef,
    ParamKind, any_by_id,
};
use renkei_metadata::ids::{Dtm, EntryUuid, HomeCommunityId, Oid, PatientId, UniqueId};
use renkei_metadata::model::{AssociationType, AvailabilityStatus, Code, EntryType};

/// Builds a query. It asks for whole objects unless told otherwise.
#[derive(Clone, Debug)]
pub struct QueryBuilder {
    query: AdhocQuery,
}

impl QueryBuilder {
    /// A query by its id, without parameters.
    pub fn new(id: impl Into<String>) -> Self {
        let query = AdhocQuery {
            id: id.into(),
            return_type: ReturnType::LeafClass.name().to_owned(),
            home: None,
            params: Vec::new(),
        };
        Self { query }
    }

    /// FindDocuments: the documents of a patient that have one of these statuses.
    pub fn find_documents(patient: &PatientId, statuses: &[AvailabilityStatus]) -> Self {
        Self::new(FIND_DOCUMENTS).patient(patient).statuses(statuses)
    }

    /// FindDocumentsByReferenceId: those that carry one of these ids; `%` and `_` are wildcards.
    pub fn find_documents_by_reference_id<S: AsRef<str>>(
        patient: &PatientId,
        statuses: &[AvailabilityStatus],
        ids: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::new(FIND_DOCUMENTS_BY_REFERENCE_ID)
            .patient(patient)
            .statuses(statuses)
            .set("$XDSDocumentEntryReferenceIdList", ids)
    }

    /// FindDocumentsByReferenceIdForMultiplePatients: those of everybody that carry one of these ids.
    pub fn find_documents_of_everybody<S: AsRef<str>>(
        statuses: &[AvailabilityStatus],
        ids: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::new(FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS)
            .statuses(statuses)
            .set("$XDSDocumentEntryReferenceIdList", ids)
    }

    /// FindSubmissionSets: the submissions of a patient; none of them is ever Deprecated.
    pub fn find_submission_sets(patient: &PatientId) -> Self {
        Self::new(FIND_SUBMISSION_SETS).patient(patient).statuses(&[AvailabilityStatus::Approved])
    }

    /// FindFolders: the folders of a patient that have one of these statuses.
    pub fn find_folders(patient: &PatientId, statuses: &[AvailabilityStatus]) -> Self {
        Self::new(FIND_FOLDERS).patient(patient).statuses(statuses)
    }

    /// GetAll: everything of a patient that has one of these statuses.
    pub fn get_all(patient: &PatientId, statuses: &[AvailabilityStatus]) -> Self {
        Self::new(GET_ALL).patient(patient).statuses(statuses)
    }

    /// GetDocuments by entryUUID.
    pub fn get_documents(ids: &[EntryUuid]) -> Self {
        Self::new(GET_DOCUMENTS).uuids(ids)
    }

    /// GetDocuments by uniqueId.
    pub fn get_documents_by_unique_id(ids: &[UniqueId]) -> Self {
        Self::new(GET_DOCUMENTS).unique_ids(ids.iter().map(UniqueId::as_str))
    }

    /// GetFolders by entryUUID.
    pub fn get_folders(ids: &[EntryUuid]) -> Self {
        Self::new(GET_FOLDERS).uuids(ids)
    }

    /// GetAssociations: those that begin or end at one of these objects.
    pub fn get_associations(ids: &[EntryUuid]) -> Self {
        Self::new(GET_ASSOCIATIONS).uuids(ids)
    }

    /// GetDocumentsAndAssociations by entryUUID.
    pub fn get_documents_and_associations(ids: &[EntryUuid]) -> Self {
        Self::new(GET_DOCUMENTS_AND_ASSOCIATIONS).uuids(ids)
    }

    /// GetSubmissionSets: those that brought these documents and folders.
    pub fn get_submission_sets(ids: &[EntryUuid]) -> Self {
        Self::new(GET_SUBMISSION_SETS).uuids(ids)
    }

    /// GetSubmissionSetAndContents by entryUUID.
    pub fn get_submission_set_and_contents(id: EntryUuid) -> Self {
        Self::new(GET_SUBMISSION_SET_AND_CONTENTS).uuids(&[id])
    }

    /// GetSubmissionSetAndContents by uniqueId.
    pub fn get_submission_set_and_contents_by_unique_id(id: &Oid) -> Self {
        Self::new(GET_SUBMISSION_SET_AND_CONTENTS).unique_ids([id.as_str()])
    }

    /// GetFolderAndContents by entryUUID.
    pub fn get_folder_and_contents(id: EntryUuid) -> Self {
        Self::new(GET_FOLDER_AND_CONTENTS).uuids(&[id])
    }

    /// GetFoldersForDocument by entryUUID.
    pub fn get_folders_for_document(id: EntryUuid) -> Self {
        Self::new(GET_FOLDERS_FOR_DOCUMENT).uuids(&[id])
    }

    /// GetRelatedDocuments by entryUUID: over associations of these types.
    pub fn get_related_documents(id: EntryUuid, types: &[AssociationType]) -> Self {
        Self::new(GET_RELATED_DOCUMENTS).uuids(&[id]).association_types(types)
    }

    /// The patients that the query begins with.
    #[must_use]
    pub fn patients<'p>(self, patients: impl IntoIterator<Item = &'p PatientId>) -> Self {
        let patients = patients.into_iter().map(PatientId::to_string);
        self.set_all(|p| p.kind == ParamKind::PatientId, patients)
    }

    /// The patient that the query begins with.
    #[must_use]
    pub fn patient(self, patient: &PatientId) -> Self {
        self.patients([patient])
    }

    /// The entryUUIDs that the query begins with.
    #[must_use]
    pub fn uuids(self, ids: &[EntryUuid]) -> Self {
        let ids = ids.iter().map(EntryUuid::to_string);
        self.set_all(|p| p.kind == ParamKind::EntryUuid, ids)
    }

    /// The uniqueIds that the query begins with.
    #[must_use]
    pub fn unique_ids<S: AsRef<str>>(self, ids: impl IntoIterator<Item = S>) -> Self {
        self.set_all(|p| p.kind == ParamKind::UniqueId, ids)
    }

    /// The logicalIDs that the query begins with.
    #[must_use]
    pub fn logical_ids(self, ids: &[EntryUuid]) -> Self {
        let ids = ids.iter().map(EntryUuid::to_string);
        self.set_all(|p| p.kind == ParamKind::LogicalId, ids)
    }

    /// The statuses of all that the query asks for by status.
    #[must_use]
    pub fn statuses(self, statuses: &[AvailabilityStatus]) -> Self {
        let required = |p: &ParamDef| p.kind == ParamKind::Status && p.need == Need::Required;
        self.set_all(required, statuses.iter().map(|s| s.urn()))
    }

    /// Whether On-Demand entries are meant, Stable ones, or both.
    #[must_use]
    pub fn entry_types(self, types: &[EntryType]) -> Self {
        let meant = |p: &ParamDef| p.kind == ParamKind::EntryType && !p.excludes;
        self.set_all(meant, types.iter().map(|t| t.urn()))
    }

    /// The types of association that the query goes over.
    #[must_use]
    pub fn association_types(self, types: &[AssociationType]) -> Self {
        let types = types.iter().map(|t| t.urn());
        self.set_all(|p| p.kind == ParamKind::AssociationType, types)
    }

    /// Asks for old versions, Offline and Deprecated objects, too (Metadata Update).
    #[must_use]
    pub fn everything(self) -> Self {
        let links = |p: &ParamDef| p.name == "$XDSAssociationStatus";
        let all = AvailabilityStatus::ALL;
        self.set("$MetadataLevel", ["2"]).set_all(links, all.iter().map(|s| s.urn()))
    }

    /// Sets the parameters of the query that `meant` names.
    fn set_all<S: AsRef<str>>(
        self,
        meant: impl Fn(&ParamDef) -> bool,
        values: impl IntoIterator<Item = S>,
    ) -> Self {
        let values: Vec<S> = values.into_iter().collect();
        let params = any_by_id(&self.query.id).map_or(&[][..], |q| q.params);
        let names = params.iter().filter(|p| meant(p)).map(|p| p.name);
        names.fold(self, |query, name| query.set(name, &values))
    }

    /// Says how the objects are to be returned.
    #[must_use]
    pub fn returning(mut self, return_type: ReturnType) -> Self {
        self.query.return_type = return_type.name().to_owned();
        self
    }

    /// Names the community that the ids came from.
    #[must_use]
    pub fn home(mut self, home: &HomeCommunityId) -> Self {
        self.query.home = Some(home.to_string());
        self
    }

    /// Adds a slot, its values in the spelling that the catalogue has for it; a parameter that it
    /// does not have is spelled as a list of texts. Values are alternatives; a second slot of the
    /// same name means AND, where that is defined. Without values nothing is added.
    #[must_use]
    pub fn set<S: AsRef<str>>(mut self, name: &str, values: impl IntoIterator<Item = S>) -> Self {
        let param = any_by_id(&self.query.id).and_then(|q| q.param(name));
        let values = values.into_iter();
        let values: Vec<String> = match param {
            Some(p) if p.kind.is_number() => values.map(|v| v.as_ref().to_owned()).collect(),
            Some(p) if !p.multiple => values.map(|v| quote(v.as_ref())).collect(),
            _ => quote_list(values),
        };
        if !values.is_empty() {
            self.query.params.push((name.to_owned(), values));
        }
        self
    }

    /// Adds a slot of codes.
    #[must_use]
    pub fn codes<'c>(self, name: &str, codes: impl IntoIterator<Item = &'c Code>) -> Self {
        self.set(name, codes.into_iter().map(Code::key))
    }

    /// Adds one side of a range of time, such as `$XDSDocumentEntryCreationTimeFrom`.
    #[must_use]
    pub fn time(self, name: &str, time: &Dtm) -> Self {
        self.set(name, [time.as_str()])
    }

    /// Whether there is a slot of this name.
    pub fn has(&self, name: &str) -> bool {
        self.query.params.iter().any(|(n, _)| n == name)
    }

    /// The query.
    pub fn build(self) -> AdhocQuery {
        self.query
    }
}
