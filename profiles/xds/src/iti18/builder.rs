//! Queries for clients, spelled as the catalogue says.

use super::{AdhocQuery, ReturnType};
use crate::catalogue::literal::{quote, quote_list};
use crate::catalogue::{
    FIND_DOCUMENTS, GET_DOCUMENTS, GET_SUBMISSION_SET_AND_CONTENTS, ParamKind, by_id,
};
use renkei_metadata::ids::{Dtm, EntryUuid, HomeCommunityId, Oid, PatientId, UniqueId};
use renkei_metadata::model::{AvailabilityStatus, Code};

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
        Self::new(FIND_DOCUMENTS)
            .set("$XDSDocumentEntryPatientId", [patient.to_string()])
            .set("$XDSDocumentEntryStatus", statuses.iter().map(|s| s.urn()))
    }

    /// GetDocuments by entryUUID.
    pub fn get_documents(ids: &[EntryUuid]) -> Self {
        let ids = ids.iter().map(EntryUuid::to_string);
        Self::new(GET_DOCUMENTS).set("$XDSDocumentEntryEntryUUID", ids)
    }

    /// GetDocuments by uniqueId.
    pub fn get_documents_by_unique_id(ids: &[UniqueId]) -> Self {
        let ids = ids.iter().map(UniqueId::as_str);
        Self::new(GET_DOCUMENTS).set("$XDSDocumentEntryUniqueId", ids)
    }

    /// GetSubmissionSetAndContents by entryUUID.
    pub fn get_submission_set_and_contents(id: EntryUuid) -> Self {
        Self::new(GET_SUBMISSION_SET_AND_CONTENTS)
            .set("$XDSSubmissionSetEntryUUID", [id.to_string()])
    }

    /// GetSubmissionSetAndContents by uniqueId.
    pub fn get_submission_set_and_contents_by_unique_id(id: &Oid) -> Self {
        Self::new(GET_SUBMISSION_SET_AND_CONTENTS).set("$XDSSubmissionSetUniqueId", [id.as_str()])
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
        let param = by_id(&self.query.id).and_then(|q| q.param(name));
        let values = values.into_iter();
        let values: Vec<String> = match param {
            Some(p) if matches!(p.kind, ParamKind::From(_) | ParamKind::To(_)) => {
                values.map(|v| v.as_ref().to_owned()).collect()
            }
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

    /// The query.
    pub fn build(self) -> AdhocQuery {
        self.query
    }
}
