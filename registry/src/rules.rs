//! The registry's rows of the error table: what only it can find.

renkei_metadata::finding::error_table! { pub(crate) rows:
    PATIENT_UNKNOWN = "patient-unknown", UnknownPatientId, "ITI TF-2: 3.42.4.1.3.3.2" {
        en: "is not known to this registry", "announce the patient (ITI-8) before submitting";
        ja: "はこのレジストリに登録されていない", "提出前に患者をITI-8で通知する"
    }
    SOURCE_NOT_OWN = "registered-source-not-own", GeneralError, "ITI TF-3: 4.2.3.3.9" {
        en: "is not a sourceId under which this node may register",
        "register under a sourceId of your own, or have a certificate issued for this one (renkei pki issue --source-id)";
        ja: "はこのノードが登録に使えるsourceIdではありません",
        "自分のsourceIdで登録するか、このsourceIdの証明書の発行を受けてください(renkei pki issue --source-id)"
    }
    INSTITUTION_NOT_OWN = "registered-institution-not-own", GeneralError, "ITI TF-3: 4.2.3.1.4.2" {
        en: "is not an institution for whose authors this node may register",
        "name your own institution, or have a certificate issued for this one (renkei pki issue --scope institution=)";
        ja: "はこのノードが著者の機関として登録できる機関ではありません",
        "自分の機関を書くか、この機関の証明書の発行を受けてください(renkei pki issue --scope institution=)"
    }
    REPOSITORY_NOT_OWN = "repository-not-own", GeneralError, "ITI TF-3: 4.2.3.2.18" {
        en: "is not a repositoryUniqueId for which this node may register",
        "register documents of your own repository, and have its certificate issued for it (renkei pki issue --repository-id)";
        ja: "はこのノードが登録できるrepositoryUniqueIdではありません",
        "自分のリポジトリの文書を登録し、そのidの証明書の発行を受けてください(renkei pki issue --repository-id)"
    }
    COMMUNITY_NOT_OWN = "community-not-own", MetadataError, "ITI TF-3: 4.2.3.2.12" {
        en: "is another community than this one", "leave it out, or say this one";
        ja: "がこのコミュニティではありません", "省略するか、このコミュニティのidを指定してください"
    }
    PATIENT_SUBSUMED = "patient-subsumed", UnknownPatientId, "ITI TF-2: 3.8.4.2.4" {
        en: "was merged into another identifier and is no longer active",
        "submit under the surviving patient identifier";
        ja: "は別のIDに統合され、有効ではない", "統合後の患者IDで提出する"
    }
    PATIENT_AUTHORITY = "patient-authority", UnknownPatientId, "ITI TF-2: 3.42.4.1.3.3.2" {
        en: "is not of this affinity domain", "use the patient identifier of the affinity domain";
        ja: "はこのアフィニティドメインのIDではない", "アフィニティドメインの患者IDを用いる"
    }
    ASKED_UNKNOWN = "asked-unknown", UnknownPatientId Warning, "ITI TF-2: 3.18.4.1.3" {
        en: "names a patient who is not known to this registry or not within the scope of the node that asks, so that there are no documents",
        "check the identifier, find the person (ITI-47, renkei patient find), or have the scope of the certificate looked at";
        ja: "が指す患者はこのレジストリに登録されていないか、照会したノードの範囲外であるため、文書がない",
        "IDを確認するか、患者を検索する(ITI-47、renkei patient find)か、証明書の範囲を確認する"
    }
    ASKED_SUBSUMED = "asked-subsumed", UnknownPatientId Warning, "ITI TF-2: 3.18.4.1.2.3.9" {
        en: "names a patient identifier that was merged into another one, under which its documents are now",
        "ask with the surviving patient identifier (ITI-45, renkei patient xref)";
        ja: "が指す患者IDは別のIDに統合され、文書は統合後のIDにある", "統合後の患者IDで検索する(ITI-45、renkei patient xref)"
    }
    ASKED_ANOTHER_DOMAIN = "asked-another-domain", UnknownPatientId Warning, "ITI TF-2: 3.18.4.1.3" {
        en: "names a patient identifier that is not of this affinity domain, so that it has no documents here",
        "use the patient identifier of the affinity domain (ITI-45, renkei patient xref)";
        ja: "が指す患者IDはこのアフィニティドメインのものではないため、文書がない", "アフィニティドメインの患者IDで検索する(ITI-45、renkei patient xref)"
    }
    ENTRY_UUID_USED = "entry-uuid-used", MetadataError, "ITI TF-2: 3.42.4.1.3.7" {
        en: "is already the id of a registered object", "use a symbolic id or a new UUID";
        ja: "は登録済みオブジェクトのIDである", "シンボリックIDまたは新しいUUIDを用いる"
    }
    SET_UNIQUE_ID_USED = "set-unique-id-used", DuplicateUniqueIdInRegistry,
        "ITI TF-2: 3.42.4.1.3.3.7" {
        en: "is already the uniqueId of a registered object",
        "if this repeats an earlier submission, ask for it by GetSubmissionSetAndContents; otherwise use a new uniqueId";
        ja: "は登録済みオブジェクトのuniqueIdである",
        "再送であればGetSubmissionSetAndContentsで確認し、そうでなければ新しいuniqueIdを用いる"
    }
    FOLDER_UNIQUE_ID_USED = "folder-unique-id-used", DuplicateUniqueIdInRegistry,
        "ITI TF-3: Table 4.2.4.1-2" {
        en: "is already the uniqueId of a registered object",
        "put documents into the registered folder by its entryUUID, or use a new uniqueId";
        ja: "は登録済みオブジェクトのuniqueIdである",
        "登録済みのフォルダーにはentryUUIDで文書を入れ、新しいフォルダーには新しいuniqueIdを付ける"
    }
    DOCUMENT_UNIQUE_ID_USED = "document-unique-id-used", MetadataError, "ITI TF-3: 4.2.3.3.12" {
        en: "is already the uniqueId of a SubmissionSet or Folder",
        "give the document a uniqueId of its own";
        ja: "は登録済みのSubmissionSetまたはFolderのuniqueIdである",
        "文書には新しいuniqueIdを付ける"
    }
    DOCUMENT_TYPE_DIFFERS = "document-type-differs", MetadataError, "ITI TF-2: 3.61.4.1.3" {
        en: "is the uniqueId of a registered document of the other type, Stable or On-Demand",
        "give the document a uniqueId of its own";
        ja: "は種類(Stable/On-Demand)の異なる登録済み文書のuniqueIdである",
        "文書には新しいuniqueIdを付ける"
    }
    HASH_DIFFERS = "document-hash-differs", NonIdenticalHash, "ITI TF-2: 3.42.4.1.3.3.1" {
        en: "is registered with another hash", "give changed content a uniqueId of its own";
        ja: "は異なるハッシュ値で登録されている", "内容の異なる文書には新しいuniqueIdを付ける"
    }
    SIZE_DIFFERS = "document-size-differs", NonIdenticalSize, "ITI TF-2: 3.42.4.1.3.3.1" {
        en: "is registered with another size", "give changed content a uniqueId of its own";
        ja: "は異なるサイズで登録されている", "内容の異なる文書には新しいuniqueIdを付ける"
    }
    TARGET_UNKNOWN = "target-unknown", UnresolvedReference,
        "ITI TF-2: 3.42.4.1.3.5" {
        en: "names no registered object", "refer to the entryUUID of a registered object";
        ja: "はレジストリに存在しない", "登録済みオブジェクトのentryUUIDを指定する"
    }
    TARGET_NOT_A_DOCUMENT = "target-not-a-document", MetadataError, "ITI TF-3: 4.2.2" {
        en: "is not a DocumentEntry", "refer to a DocumentEntry";
        ja: "はDocumentEntryではない", "DocumentEntryを指定する"
    }
    SOURCE_NOT_A_FOLDER = "source-not-a-folder", MetadataError, "ITI TF-3: 4.2.2" {
        en: "is not a Folder",
        "relate documents of this submission, or put a document into a registered Folder";
        ja: "はFolderではない", "この提出の文書から関連付けるか、登録済みのFolderを指定する"
    }
    TARGET_DEPRECATED = "target-deprecated", DeprecatedDocument,
        "ITI TF-2: 3.42.4.1.3.4, 3.42.4.1.3.5" {
        en: "is deprecated", "find the current version and refer to it";
        ja: "は無効(Deprecated)である", "最新版を検索して指定する"
    }
    TARGET_REPLACED_TWICE = "target-replaced-twice", DeprecatedDocument,
        "ITI TF-2: 3.42.4.1.3.5" {
        en: "is replaced by two documents of this submission", "replace a document once";
        ja: "がこの提出で二度置換されている", "一つの文書は一度だけ置換する"
    }
    TARGET_JOINED = "target-joined", MetadataError, "ITI TF-3: 4.2.2" {
        en: "is joined twice in one way, by this submission or by what is registered", "leave the second association out";
        ja: "への同じ関連がこの提出内で重複しているか、既に登録されている", "重複する関連を取り除く"
    }
    TARGET_OF_OTHER_PATIENT = "target-of-other-patient", PatientIdDoesNotMatch,
        "ITI TF-2: 3.42.4.1.3.5" {
        en: "is of another patient", "join documents and folders of one patient only";
        ja: "は別の患者のものである", "同じ患者の文書とフォルダーだけを関連付ける"
    }
    FOLDER_OF_OTHER_PATIENT = "folder-of-other-patient", PatientIdDoesNotMatch,
        "ITI TF-2: 3.42.4.1.3.5" {
        en: "is in a folder of another patient, into which the new document cannot follow",
        "take the document out of that folder first";
        ja: "は別の患者のフォルダーに入っており、新しい文書を同じフォルダーに入れられない",
        "先に文書をそのフォルダーから外す"
    }
    SNAPSHOT_OF_STABLE = "snapshot-of-stable", MetadataError, "ITI TF-2: 3.42.4.1.3.5" {
        en: "is not an On-Demand DocumentEntry", "name the On-Demand entry of which this is a snapshot";
        ja: "はOn-DemandのDocumentEntryではない", "スナップショットの元のOn-Demandエントリを指定する"
    }
    OBJECT_TOO_LARGE = "object-too-large", OutOfResources, "ITI TF-3: 4.2.4.1" {
        en: "is larger than 1 MiB as XML, a fixed bound", "shorten its comments or lists";
        ja: "のXMLが固定の上限(1 MiB)を超えている", "コメントやリストを短くする"
    }
    TOO_MANY_RESULTS = "too-many-results", TooManyResults, "ITI TF-3: 4.2.4.1" {
        en: "has more results than the limit named",
        "narrow the query by dates or codes";
        ja: "の結果が示された上限を超えている",
        "日付やコードで絞り込む"
    }
    NOT_SINGLE_PATIENT = "not-single-patient", ResultNotSinglePatient,
        "ITI TF-2: 3.18.4.1.3" {
        en: "would return objects of several patients", "ask for ObjectRef, or patient by patient";
        ja: "の結果が複数の患者にまたがる", "ObjectRefで検索するか、患者ごとに検索する"
    }
    REMOVAL_OF_UNKNOWN = "removal-of-unknown", UnresolvedReference, "ITI TF-2: 3.62.4.1.3" {
        en: "names no registered object", "send the entryUUID as the registry gave it";
        ja: "はレジストリに存在しない", "レジストリが返したentryUUIDをそのまま送る"
    }
    REMOVAL_OF_REMOVED = "removal-of-removed", UnresolvedReference, "ITI TF-2: 3.62.4.1.3" {
        en: "was removed before", "leave it out of the request";
        ja: "は既に削除されている", "要求から除く"
    }
    REMOVAL_OF_REFERENCED = "removal-of-referenced", ReferencesExist, "ITI TF-2: 3.62.4.1.3" {
        en: "would stay an end of Associations that are not removed with it",
        "find them with GetAssociations and add them to the request";
        ja: "を端に持つAssociationが要求に含まれていない",
        "GetAssociationsで確認し、要求に加える"
    }
    REMOVAL_LEAVES_UNREFERENCED = "removal-leaves-unreferenced", UnreferencedObject,
        "ITI TF-2: 3.62.4.1.3" {
        en: "would stay without any SubmissionSet that holds it",
        "add it to the request, or keep its HasMember Association";
        ja: "を保持するSubmissionSetがなくなる",
        "要求に加えるか、HasMemberを残す"
    }
    REMOVAL_LEAVES_EMPTY_SET = "removal-leaves-empty-set", UnreferencedObject,
        "ITI TF-2: 3.62.4.1.3" {
        en: "would stay a SubmissionSet without content", "add it to the request";
        ja: "の内容がすべてなくなる", "要求に加える"
    }
    REMOVAL_BREAKS_RELATION = "removal-breaks-relation", ReferencesExist,
        "ITI TF-2: 3.62.4.1.3" {
        en: "explains a document that stays and is current",
        "remove that document too, or deprecate it or the Association first (ITI-57)";
        ja: "は残る有効な文書の元となる文書を示している",
        "その文書も削除するか、先に文書またはAssociationをITI-57で廃止する"
    }
    REMOVAL_BREAKS_REPLACEMENT = "removal-breaks-replacement", ReferencesExist,
        "ITI TF-2: 3.62.4.1.3" {
        en: "explains why a document that stays is deprecated",
        "remove the replaced document too, or approve it or deprecate the Association first (ITI-57)";
        ja: "は残る文書が廃止された理由を示している",
        "置換された文書も削除するか、先にITI-57でその文書を有効にするかAssociationを廃止する"
    }
    CONDITION_NOT_OFFERED = "condition-not-offered", GeneralError, "ITI TF-2: 3.18.4.1.2.3.7" {
        en: "cannot be searched for in this kind of object", "leave the parameter out";
        ja: "はこの種類のオブジェクトの検索条件にできない", "パラメータを除く"
    }
    /// A query of all patients that nothing leads to them.
    QUERY_TOO_WIDE = "query-too-wide", GeneralError, "ITI TF-2: 3.51.4.1.2.1" {
        en: "is absent, and nothing else leads to the documents of all patients", "name a patient, or give a whole reference id without wildcards";
        ja: "が指定されておらず、全患者の文書を探す手がかりがありません", "患者を指定するか、ワイルドカードのない参照IDを指定してください"
    }
    OVERTAKEN = "query-overtaken", Busy, "ITI TF-3: 4.2.4.1" {
        en: "found an object that was removed while the answer was read", "ask again";
        ja: "の応答の作成中に、対象のオブジェクトが削除された", "もう一度検索する"
    }
    BUSY = "registry-busy", Busy, "ITI TF-3: 4.2.4.1" {
        en: "cannot be served now, too much is waiting", "try again after a moment";
        ja: "は混雑のため処理できない", "しばらく待って再度実行する"
    }
    OUT_OF_SPACE = "registry-out-of-space", OutOfResources, "ITI TF-3: 4.2.4.1" {
        en: "cannot be stored, the registry has no space left", "inform the registry's operator";
        ja: "は保存領域の不足により登録できない", "レジストリの運用者に連絡する"
    }
    NOT_ANSWERED = "registry-query-failed", GeneralError, "ITI TF-3: 4.2.4.1" {
        en: "cannot be answered because of an internal error; nothing was changed",
        "ask again later, or inform the registry's operator";
        ja: "は内部エラーのため応答できない(登録内容に変更はない)",
        "しばらく待って再度検索するか、運用者に連絡する"
    }
    INTERNAL = "registry-internal", GeneralError, "ITI TF-3: 4.2.4.1" {
        en: "met an internal error; whether it took effect is open",
        "ask the registry for the objects, then try again or inform its operator";
        ja: "の処理中に内部エラーが起きた(反映の有無は不明)",
        "登録の有無を検索で確認してから再度実行するか、運用者に連絡する"
    }
}
