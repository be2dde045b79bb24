//! The ids of the queries (ITI TF-2: 3.18.4.1.2.4, 3.51.4.1.2.1).

/// The id of FindDocuments.
pub const FIND_DOCUMENTS: &str = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d";
/// The id of FindSubmissionSets.
pub const FIND_SUBMISSION_SETS: &str = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9";
/// The id of FindFolders.
pub const FIND_FOLDERS: &str = "urn:uuid:958f3006-baad-4929-a4de-ff1114824431";
/// The id of GetAll.
pub const GET_ALL: &str = "urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3";
/// The id of GetDocuments.
pub const GET_DOCUMENTS: &str = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4";
/// The id of GetFolders.
pub const GET_FOLDERS: &str = "urn:uuid:5737b14c-8a1a-4539-b659-e03a34a5e1e4";
/// The id of GetAssociations.
pub const GET_ASSOCIATIONS: &str = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155";
/// The id of GetDocumentsAndAssociations.
pub const GET_DOCUMENTS_AND_ASSOCIATIONS: &str = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a";
/// The id of GetSubmissionSets.
pub const GET_SUBMISSION_SETS: &str = "urn:uuid:51224314-5390-4169-9b91-b1980040715a";
/// The id of GetSubmissionSetAndContents.
pub const GET_SUBMISSION_SET_AND_CONTENTS: &str = "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83";
/// The id of GetFolderAndContents.
pub const GET_FOLDER_AND_CONTENTS: &str = "urn:uuid:b909a503-523d-4517-8acf-8e5834dfc4c7";
/// The id of GetFoldersForDocument.
pub const GET_FOLDERS_FOR_DOCUMENT: &str = "urn:uuid:10cae35a-c7f9-4cf5-b61e-fc3278ffb578";
/// The id of GetRelatedDocuments.
pub const GET_RELATED_DOCUMENTS: &str = "urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6";
/// The id of FindDocumentsByReferenceId.
pub const FIND_DOCUMENTS_BY_REFERENCE_ID: &str = "urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492";
/// The id of FindDocumentsExclude.
pub const FIND_DOCUMENTS_EXCLUDE: &str = "urn:uuid:4308b1df-36de-4bef-8e2e-ba91f593c435";
/// The id of FindDocumentsForMultiplePatients.
pub const FIND_DOCUMENTS_FOR_PATIENTS: &str = "urn:uuid:3d1bdb10-39a2-11de-89c2-2f44d94eaa9f";
/// The id of FindFoldersForMultiplePatients.
pub const FIND_FOLDERS_FOR_PATIENTS: &str = "urn:uuid:50d3f5ac-39a2-11de-a1ca-b366239e58df";
/// The id of FindDocumentsByReferenceIdForMultiplePatients.
pub const FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS: &str =
    "urn:uuid:1191642d-86c4-42d8-b784-f95445f9f0d5";
