//! The rows: what can be wrong with an update as far as it can be said without a registry.

crate::finding::error_table! { pub rows:
    UPDATE_EMPTY = "update-empty", MetadataUpdateError, "ITI TF-2: 3.57.4.1.3.1" {
        en: "carries no operation", "send at least one operation with its SubmissionSet";
        ja: "に更新操作がありません", "SubmissionSet とともに更新操作を1つ以上送ってください"
    }
    UPDATE_INITIAL = "update-initial", MetadataUpdateError, "ITI TF-2: 3.57.4.1.3.1" {
        en: "names no registered object of which this is a new version", "send the logicalID of the registered object and an id of its own, or register it with [ITI-42]";
        ja: "に更新対象の登録済みオブジェクトが示されていません", "登録済みオブジェクトの logicalID と新しいidを送るか、[ITI-42] で登録してください"
    }
    UPDATE_LOGICAL_ID = "update-logical-id", MetadataUpdateError, "ITI TF-2: 3.57.4.1.3.1" {
        en: "is not a UUID", "send the logicalID as the registry gave it";
        ja: "がUUIDではありません", "レジストリが返した logicalID をそのまま送ってください"
    }
    /// A slot or an end of an operation that is missing, repeated, unknown or has another value.
    UPDATE_OPERATION = "update-operation", MetadataUpdateOperationError, "ITI TF-2: 3.57.4.1.3.3" {
        en: "is not as this operation has it", "correct the association that carries the operation";
        ja: "がこの更新操作の形式に合っていません", "操作を表す Association を修正してください"
    }
    UPDATE_NO_OPERATION = "update-no-operation", MetadataUpdateOperationError, "ITI TF-2: 3.57.4.1.3.3" {
        en: "belongs to no operation of this update", "submit a new association with SubmitAssociation, and leave everything else out";
        ja: "はどの更新操作にも属していません", "新しい関連は SubmitAssociation で送り、それ以外は取り除いてください"
    }
    UPDATE_MEMBERSHIP = "update-membership", MetadataUpdateOperationError, "ITI TF-2: 3.57.4.1.3.3.1" {
        en: "has not exactly one HasMember from the SubmissionSet", "send one HasMember with PreviousVersion for each new version";
        ja: "に SubmissionSet からの HasMember がちょうど1つありません", "新しい版ごとに PreviousVersion を持つ HasMember を1つ送ってください"
    }
    UPDATE_REPEATED = "update-repeated", MetadataUpdateOperationError, "ITI TF-2: 3.57.4.1.3.1" {
        en: "is changed by another operation of this update, too", "change each object once in a request";
        ja: "はこの更新の別の操作でも変更されています", "1つの要求では各オブジェクトを1回だけ変更してください"
    }
    UPDATE_STATUS_UNCHANGED = "update-status-unchanged", MetadataUpdateOperationError, "ITI TF-2: 3.57.4.1.3.3.2" {
        en: "is what OriginalStatus is", "send the status that the object is to get";
        ja: "が OriginalStatus と同じです", "変更後の状態を送ってください"
    }
    UPDATE_PROPAGATED = "update-propagated", MetadataUpdateOperationError, "ITI TF-2: 3.57.4.1.3.3.6" {
        en: "is updated with association propagation, which leaves no place for a submitted association", "send AssociationPropagation no, or the association in a request of its own";
        ja: "は関連の引き継ぎを伴って更新されるため、関連を同時に登録できません", "AssociationPropagation を no にするか、関連を別の要求で送ってください"
    }
    UPDATE_PATIENT = "update-patient", PatientIdReconciliation, "ITI TF-2: 3.57.4.1.3.1" {
        en: "differs from the patientId of the SubmissionSet", "send one update for each patient";
        ja: "が SubmissionSet の patientId と一致しません", "患者ごとに別の更新を送ってください"
    }
    RESTRICTED_COMMUNITY_MISSING = "restricted-community-missing", MissingHomeCommunityId, "ITI TF-2: 3.92.4.1.2" {
        en: "is missing", "send the homeCommunityId as the query answered it";
        ja: "がありません", "検索応答の homeCommunityId をそのまま送ってください"
    }
    RESTRICTED_INITIAL = "restricted-initial", InvalidRequest, "ITI TF-2: 3.92.4.1.3" {
        en: "names no registered document of which this is a new version", "send the logicalID of the registered document and an id of its own";
        ja: "に更新対象の登録済み文書が示されていません", "登録済み文書の logicalID と新しいidを送ってください"
    }
    RESTRICTED_CONTENT = "restricted-content", InvalidRequest, "ITI TF-2: 3.92.4.1.2" {
        en: "is no new version of a DocumentEntry", "send new versions of DocumentEntries alone; everything else belongs to [ITI-57]";
        ja: "は DocumentEntry の新しい版ではありません", "DocumentEntry の新しい版だけを送ってください。その他は [ITI-57] で送ります"
    }
    RESTRICTED_EMPTY = "restricted-empty", InvalidRequest, "ITI TF-2: 3.92.4.1.2" {
        en: "carries no new version of a DocumentEntry", "send at least one";
        ja: "に DocumentEntry の新しい版がありません", "1つ以上送ってください"
    }
    RESTRICTED_ANNOTATION = "restricted-annotation", MetadataAnnotation, "ITI TF-2: 3.92.4.1.2" {
        en: "is not as the HasMember of a new version has it", "send SubmissionSetStatus Original, PreviousVersion, and AssociationPropagation yes or not at all";
        ja: "が新しい版の HasMember の形式に合っていません", "SubmissionSetStatus に Original、PreviousVersion を送り、AssociationPropagation は yes とするか省略してください"
    }
}
