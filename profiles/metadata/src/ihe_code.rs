//! The error codes of the standard, each once.

/// Who reports: decides between the two names of some codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reporter {
    /// The Document Registry.
    Registry,
    /// The Document Repository (or Recipient).
    Repository,
}

/// `Meaning = "name";`, or `Meaning = "the registry's name" | "the repository's name";`
macro_rules! codes {
    ($($code:ident = $name:literal $(| $repository:literal)?;)*) => {
        /// Error codes of ITI TF-3: Table 4.2.4.1-2 and of the transactions that change metadata, by
        /// meaning; some have two names on the wire, depending on who found the error.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum IheCode {
            $(
                #[doc = concat!($name, $(" or ", $repository,)? ".")]
                $code,
            )*
        }

        impl IheCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// The `errorCode` on the wire.
            pub const fn name(self, reporter: Reporter) -> &'static str {
                match (self, reporter) {
                    $(
                        $((Self::$code, Reporter::Repository) => $repository,)?
                        (Self::$code, _) => $name,
                    )*
                }
            }
        }
    };
}

codes! {
    MetadataError = "XDSRegistryMetadataError" | "XDSRepositoryMetadataError";
    MetadataUpdateError = "XDSMetadataUpdateError";
    MetadataUpdateOperationError = "XDSMetadataUpdateOperationError";
    MetadataVersionError = "XDSMetadataVersionError";
    PatientIdReconciliation = "XDSPatientIDReconciliationError";
    MetadataAnnotation = "XDSMetadataAnnotationError";
    MetadataIdentifier = "XDSMetadataIdentifierError";
    InvalidRequest = "XDSInvalidRequestException";
    ObjectTypeError = "XDSObjectTypeError";
    Unmodifiable = "UnmodifiableMetadataError";
    GeneralError = "XDSRegistryError" | "XDSRepositoryError";
    Busy = "XDSRegistryBusy" | "XDSRepositoryBusy";
    OutOfResources = "XDSRegistryOutOfResources" | "XDSRepositoryOutOfResources";
    DuplicateUniqueIdInMessage = "XDSRegistryDuplicateUniqueIdInMessage" | "XDSRepositoryDuplicateUniqueIdInMessage";
    UnresolvedReference = "UnresolvedReferenceException";
    DocumentUniqueIdError = "XDSDocumentUniqueIdError";
    DuplicateUniqueIdInRegistry = "XDSDuplicateUniqueIdInRegistry";
    ExtraMetadataNotSaved = "XDSExtraMetadataNotSaved";
    MissingDocument = "XDSMissingDocument";
    MissingDocumentMetadata = "XDSMissingDocumentMetadata";
    UnavailableCommunity = "XDSUnavailableCommunity";
    MissingHomeCommunityId = "XDSMissingHomeCommunityId";
    NonIdenticalHash = "XDSNonIdenticalHash";
    NonIdenticalSize = "XDSNonIdenticalSize";
    PatientIdDoesNotMatch = "XDSPatientIdDoesNotMatch";
    DeprecatedDocument = "XDSRegistryDeprecatedDocumentError";
    RegistryNotAvailable = "XDSRegistryNotAvailable";
    ResultNotSinglePatient = "XDSResultNotSinglePatient";
    StoredQueryMissingParam = "XDSStoredQueryMissingParam";
    StoredQueryParamNumber = "XDSStoredQueryParamNumber";
    TooManyResults = "XDSTooManyResults";
    UnknownCommunity = "XDSUnknownCommunity";
    UnknownPatientId = "XDSUnknownPatientId";
    UnknownRepositoryId = "XDSUnknownRepositoryId";
    UnknownStoredQuery = "XDSUnknownStoredQuery";
    ReferencesExist = "ReferencesExistException";
    UnreferencedObject = "XDSUnreferencedObjectException";
    RemoveDocumentsError = "XDSRemoveDocumentsError";
    LocalPolicyRestriction = "LocalPolicyRestrictionError";
}

impl IheCode {
    /// Whether a peer that gave `name`, whoever it is, means this code.
    pub fn is_named(self, name: &str) -> bool {
        [Reporter::Registry, Reporter::Repository].iter().any(|r| self.name(*r) == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_name_means_one_code() {
        let mut names = HashSet::new();
        for code in IheCode::ALL {
            let (registry, repository) =
                (code.name(Reporter::Registry), code.name(Reporter::Repository));
            assert!(code.is_named(registry) && code.is_named(repository));
            assert!(names.insert(registry), "{registry}");
            assert!(registry == repository || names.insert(repository), "{repository}");
        }
    }
}
