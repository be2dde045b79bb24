//! The rows: what only the registry can find wrong with a metadata update.

renkei_metadata::finding::error_table! { pub(crate) rows:
    VERSION_UNKNOWN = "update-version-unknown", MetadataVersionError, "ITI TF-2: 3.57.4.1.3.1" {
        en: "names no registered object of this kind", "ask for the object and send its logicalID and version";
        ja: "に該当する登録済みオブジェクトがない", "対象を検索し、そのlogicalIDと版番号を送る"
    }
    VERSION_DIFFERS = "update-version-differs", MetadataVersionError, "ITI TF-2: 3.57.4.1.3.1" {
        en: "is not the latest version", "ask for the latest version, apply the change to that and send it again";
        ja: "は最新の版ではない", "最新の版を検索し、それに変更を加えて再送する"
    }
    VERSION_DEPRECATED = "update-version-deprecated", MetadataUpdateError, "ITI TF-2: 3.57.4.1.3.1" {
        en: "is deprecated and cannot be updated", "set its availabilityStatus to Approved first";
        ja: "は無効(Deprecated)であり更新できない", "先に状態をApprovedにする"
    }
    IDENTITY_CHANGED = "update-identity-changed", MetadataUpdateError, "ITI TF-2: 3.57.4.1.3.1" {
        en: "differs from that of the registered object", "send it unchanged; another document is registered, not updated";
        ja: "が登録済みオブジェクトと異なる", "変更せずに送る。別の文書は更新ではなく登録する"
    }
    CONTENT_SHARED = "update-content-shared", MetadataUpdateError, "ITI TF-2: 3.42.4.1.3.3.1" {
        en: "differs, though other entries hold this document, too", "send it unchanged; whoever may change all of them corrects it";
        ja: "が異なるが、この文書は他のDocumentEntryでも登録されている", "変更せずに送る。訂正は、それらすべてを変更できる管理者が行う"
    }
    STATUS_DIFFERS = "update-status-differs", MetadataUpdateError, "ITI TF-2: 3.57.4.1.3.3.2" {
        en: "is not the status of the object", "ask for the object and send the status that it has";
        ja: "がオブジェクトの現在の状態と異なる", "対象を検索し、現在の状態を送る"
    }
    STATUS_NOT_LATEST = "update-status-not-latest", MetadataUpdateError, "ITI TF-2: 3.57.4.1.3.3.2" {
        en: "is not the latest version", "name the entryUUID of the latest version";
        ja: "は最新の版ではない", "最新の版のentryUUIDを指定する"
    }
    STATUS_OF_SUBMISSION = "update-status-of-submission", MetadataUpdateError, "ITI TF-2: 3.57.4.1.3.3.5" {
        en: "is a SubmissionSet or one of its memberships, whose status never changes", "name a DocumentEntry, a Folder or another Association";
        ja: "はSubmissionSetまたはそのメンバー関係であり、状態を変更できない", "DocumentEntry、Folderまたはその他のAssociationを指定する"
    }
    END_UNKNOWN = "update-end-unknown", UnresolvedReference, "ITI TF-2: 3.57.4.1.3.3.6" {
        en: "names no registered object", "refer to the entryUUID of a registered object";
        ja: "はレジストリに存在しない", "登録済みオブジェクトのentryUUIDを指定する"
    }
    END_OF_OTHER_KIND = "update-end-of-other-kind", MetadataError, "ITI TF-2: 3.57.4.1.3.3.6" {
        en: "joins objects that its type cannot join", "join a Folder with a DocumentEntry by HasMember, or two DocumentEntries by a relationship";
        ja: "はこの関連タイプで結べないオブジェクトを結んでいる", "HasMemberはFolderからDocumentEntryへ、その他はDocumentEntry同士を結ぶ"
    }
    END_NOT_CURRENT = "update-end-not-current", MetadataUpdateError, "ITI TF-2: 3.57.4.1.3.3.6" {
        en: "is deprecated or not the latest version", "join the current versions";
        ja: "は無効(Deprecated)または最新の版ではない", "現在有効な版を結ぶ"
    }
    ASSOCIATION_EXISTS = "update-association-exists", MetadataUpdateError, "ITI TF-2: 3.57.4.1.3.3.6" {
        en: "joins what an association of the same type joins already", "leave it out";
        ja: "と同じ関連が既に登録されている", "取り除く"
    }
    ASSOCIATION_RING = "update-association-ring", MetadataError, "ITI TF-3: 4.2.2.2" {
        en: "closes a ring of relationships between documents", "relate a document to one that does not lead to it";
        ja: "により文書同士の関係が循環する", "その文書に至る関連を持たない文書に関連付ける"
    }
    OTHER_PATIENT = "update-other-patient", PatientIdReconciliation, "ITI TF-2: 3.57.4.1.3.1" {
        en: "is of another patient than the update", "send one update for each patient, under the patientId of its objects";
        ja: "はこの更新とは別の患者のものである", "患者ごとに、そのオブジェクトのpatientIdで更新を送る"
    }
    STILL_CONNECTED = "update-still-connected", PatientIdReconciliation, "ITI TF-2: 3.57.4.1.3.3.1.7, 3.57.4.1.3.3.3.7" {
        en: "changes, but the object is still connected to one of another patient", "update what it is connected to in the same request, send AssociationPropagation no, or deprecate the association first";
        ja: "を変更しようとしているが、別の患者のオブジェクトとまだ関連している", "関連先も同じ要求で更新するか、AssociationPropagationをnoにするか、先に関連を無効にする"
    }
    TOO_MANY_CARRIED = "update-too-many-associations", OutOfResources, "ITI TF-3: 4.2.4.1" {
        en: "has more than 10,000 associations to take over, a fixed bound", "send AssociationPropagation no and submit those that are wanted";
        ja: "の引き継ぐ関連が固定の上限(10,000件)を超えている", "AssociationPropagationをnoとし、必要な関連だけを登録する"
    }
    RESTRICTED_COMMUNITY_UNKNOWN = "restricted-community-unknown", UnknownCommunity, "ITI TF-2: 3.92.4.1.3" {
        en: "is not a community whose documents are updated here", "send the homeCommunityId as the query answered it";
        ja: "はここで更新できるコミュニティではない", "検索応答のhomeCommunityIdをそのまま送る"
    }
    RESTRICTED_OBJECT_TYPE = "restricted-object-type", ObjectTypeError, "ITI TF-2: 3.92.4.1.3" {
        en: "names no DocumentEntry", "update DocumentEntries alone";
        ja: "はDocumentEntryではない", "DocumentEntryだけを更新する"
    }
    RESTRICTED_UNMODIFIABLE = "restricted-unmodifiable", Unmodifiable, "ITI TF-2: 3.92.4.1.3" {
        en: "may not be changed by a restricted update", "send it as it is registered";
        ja: "は制限付き更新では変更できない", "登録されている値のまま送る"
    }
    RESTRICTED_IDENTIFIER = "restricted-identifier", MetadataIdentifier, "ITI TF-2: 3.92.4.1.3" {
        en: "differs from that of the registered document", "send it as it is registered";
        ja: "が登録済み文書と異なる", "登録されている値のまま送る"
    }
    RESTRICTED_PATIENT = "restricted-patient", PatientIdReconciliation, "ITI TF-2: 3.92.4.1.3" {
        en: "differs from that of the registered document", "send the patientId that the query answered";
        ja: "が登録済み文書と異なる", "検索応答のpatientIdを送る"
    }
    RESTRICTED_BY_POLICY = "restricted-by-policy", LocalPolicyRestriction, "ITI TF-2: 3.92.4.1.3" {
        en: "is protected here (registry.protected_attributes)", "send it as it is registered, or ask the operator";
        ja: "はこのレジストリで保護されている(registry.protected_attributes)", "登録されている値のまま送るか、運用者に相談する"
    }
}
