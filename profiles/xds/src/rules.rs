//! The rows of the error table that belong to the transactions themselves: what can be wrong with a
//! query, with a retrieve request, and with the documents that come with a submission.

renkei_metadata::finding::error_table! { pub rows:
    /// The query id is not in the catalogue.
    QUERY_UNKNOWN = "query-unknown", UnknownStoredQuery, "ITI TF-2: 3.18.4.1.2.4" {
        en: "is not a stored query of this registry", "use the id of a supported query";
        ja: "はこのレジストリが対応するストアドクエリではありません", "対応するクエリのidを指定してください"
    }
    /// returnType is neither LeafClass nor ObjectRef.
    QUERY_RETURN_TYPE = "query-return-type", GeneralError, "ITI TF-2: 3.18.4.1.2.3.1" {
        en: "is not a return type of stored queries", "correct the returnType and ask again";
        ja: "はストアドクエリのreturnTypeではありません", "returnTypeを直して再送してください"
    }
    /// `AdhocQuery/@home` is malformed.
    QUERY_HOME = "query-home", UnknownCommunity, "ITI TF-2: 3.18.4.1.2.3.8" {
        en: "is not a homeCommunityId", "send the homeCommunityId as it was received, or none";
        ja: "はhomeCommunityIdの形式ではありません", "受け取ったhomeCommunityIdをそのまま送るか、省略してください"
    }
    /// A required parameter is absent, empty, or has no value left that is understood.
    QUERY_PARAM_MISSING = "query-param-missing", StoredQueryMissingParam, "ITI TF-2: 3.18.4.1.3" {
        en: "is required and has no usable value", "add the parameter";
        ja: "は必須ですが、使える値がありません", "パラメータを追加してください"
    }
    /// None of the parameters of which one is required.
    QUERY_CHOICE_MISSING = "query-choice-missing", StoredQueryMissingParam, "ITI TF-2: 3.18.4.1.2.3.7" {
        en: "are absent, and one of them is required", "give exactly one of them";
        ja: "のいずれか一つが必須ですが、どれも指定されていません", "いずれか一つだけを指定してください"
    }
    /// More than one of the parameters of which one is allowed.
    QUERY_CHOICE_NUMBER = "query-choice-number", StoredQueryParamNumber, "ITI TF-2: 3.18.4.1.2.3.7" {
        en: "exclude one another and were given together", "give exactly one of them";
        ja: "は同時に指定できません", "いずれか一つだけを指定してください"
    }
    /// None of the parameters of which at least one is required.
    QUERY_ANY_MISSING = "query-any-missing", StoredQueryMissingParam, "ITI TF-2: 3.51.4.1.2.1" {
        en: "are absent, and at least one of them is required", "give one of them or more";
        ja: "の少なくとも一つが必須ですが、どれも指定されていません", "一つ以上を指定してください"
    }
    /// The scheme of a code in a parameter of its own, as in old revisions.
    QUERY_OLD_SCHEME = "query-old-scheme", GeneralError, "ITI TF-2: 3.18.4.1.2.3.4" {
        en: "was withdrawn from the standard", "write the scheme behind each code: ('code^^scheme')";
        ja: "は標準から廃止されたパラメータです", "コードの後ろにコード体系を書いてください: ('code^^scheme')"
    }
    /// Several values where one is allowed.
    QUERY_PARAM_NUMBER = "query-param-number", StoredQueryParamNumber, "ITI TF-2: 3.18.4.1.2.3.7" {
        en: "takes one value and was given several", "give one value, or ask once for each";
        ja: "は値を一つだけ取りますが、複数の値が指定されました", "値を一つにするか、値ごとに問い合わせてください"
    }
    /// A slot repeated where AND is not defined.
    QUERY_PARAM_REPEATED = "query-param-repeated", StoredQueryParamNumber, "ITI TF-2: 3.18.4.1.2.3.5" {
        en: "was given in several slots, which is defined for multi-valued attributes only", "put all values into one slot";
        ja: "が複数のSlotで指定されましたが、複数Slotは多値属性でのみ定義されています", "すべての値を一つのSlotに入れてください"
    }
    /// A value that is not coded as its parameter demands.
    QUERY_VALUE = "query-value", GeneralError, "ITI TF-2: 3.18.4.1.2.3.3" {
        en: "has a value that cannot be read", "correct the value and ask again";
        ja: "の値を解釈できません", "値を直して再送してください"
    }
    /// More values than a query may carry.
    QUERY_TOO_MANY_VALUES = "query-too-many-values", GeneralError, "ITI TF-2: 3.18.4.1.2.3" {
        en: "has more values than are accepted", "split the query";
        ja: "の値の数が上限を超えています", "クエリを分割してください"
    }
    /// A retrieve request that asks for nothing.
    RETRIEVE_NOTHING = "retrieve-nothing", GeneralError, "ITI TF-2: 3.43.4.1.2" {
        en: "asks for no document", "name at least one document";
        ja: "に取得対象の文書がありません", "少なくとも一つの文書を指定してください"
    }
    /// A retrieve request that asks for more than one answer can carry.
    RETRIEVE_TOO_MANY = "retrieve-too-many", TooManyResults, "ITI TF-3: 4.2.4.1" {
        en: "asks for more documents than are accepted", "split the request";
        ja: "の文書数が上限を超えています", "要求を分割してください"
    }
    /// RepositoryUniqueId is absent or malformed.
    RETRIEVE_REPOSITORY = "retrieve-repository", UnknownRepositoryId, "ITI TF-2: 3.43.4.1.2" {
        en: "is not a repositoryUniqueId", "send the repositoryUniqueId of the DocumentEntry";
        ja: "はrepositoryUniqueIdの形式ではありません", "DocumentEntryのrepositoryUniqueIdを送ってください"
    }
    /// DocumentUniqueId is absent or malformed.
    RETRIEVE_DOCUMENT = "retrieve-document", DocumentUniqueIdError, "ITI TF-2: 3.43.4.1.2" {
        en: "is not a document's uniqueId", "send the uniqueId of the DocumentEntry";
        ja: "は文書のuniqueIdの形式ではありません", "DocumentEntryのuniqueIdを送ってください"
    }
    /// HomeCommunityId is malformed.
    RETRIEVE_HOME = "retrieve-home", UnknownCommunity, "ITI TF-2: 3.43.4.1.2" {
        en: "is not a homeCommunityId", "send the homeCommunityId of the DocumentEntry, or none";
        ja: "はhomeCommunityIdの形式ではありません", "DocumentEntryのhomeCommunityIdを送るか、省略してください"
    }
    /// A request that removes no document.
    REMOVE_NOTHING = "remove-nothing", RemoveDocumentsError, "ITI TF-2: 3.86.4.1.2" {
        en: "names no document to be removed", "name at least one document";
        ja: "に削除対象の文書がありません", "少なくとも一つの文書を指定してください"
    }
    /// A request that removes more documents than one may.
    REMOVE_TOO_MANY = "remove-too-many", RemoveDocumentsError, "ITI TF-2: 3.86.4.1.3" {
        en: "names more documents than one request may remove", "split the request";
        ja: "の文書数が一度に削除できる上限を超えています", "要求を分割してください"
    }
    /// A removal of metadata that names no object.
    REMOVAL_EMPTY = "removal-empty", MetadataError, "ITI TF-2: 3.62.4.1.2" {
        en: "names no object to be removed", "send the entryUUID of each object in a rim:ObjectRefList";
        ja: "に削除対象のオブジェクトがありません", "対象のentryUUIDをrim:ObjectRefListで送ってください"
    }
    /// An ObjectRef that is no entryUUID.
    REMOVAL_ID = "removal-id", MetadataError, "ITI TF-2: 3.62.4.1.2" {
        en: "is not an entryUUID", "send the entryUUID as the registry gave it";
        ja: "はentryUUIDの形式ではありません", "レジストリが返したentryUUIDをそのまま送ってください"
    }
    /// A removal by query.
    REMOVAL_BY_QUERY = "removal-by-query", MetadataError, "ITI TF-2: 3.62.4.1.2" {
        en: "is not allowed in a removal", "leave it out and name every object in the rim:ObjectRefList";
        ja: "は削除要求では使えません", "これを外し、対象をすべてrim:ObjectRefListで指定してください"
    }
    /// A removal of more objects than one request may remove.
    REMOVAL_TOO_MANY = "removal-too-many", LocalPolicyRestriction, "ITI TF-2: 3.62.4.1.3" {
        en: "names more objects than one request may remove", "remove one submission at a time";
        ja: "の件数が一度に削除できる上限を超えています", "提出ごとに分けて削除してください"
    }
    /// The metadata is absent from the message.
    SUBMISSION_ABSENT = "submission-absent", MetadataError, "ITI TF-2: 3.42.4.1.2" {
        en: "is missing", "send one lcm:SubmitObjectsRequest with one rim:RegistryObjectList";
        ja: "がありません", "lcm:SubmitObjectsRequestとrim:RegistryObjectListを一つずつ送ってください"
    }
    /// The metadata is in the message twice.
    SUBMISSION_TWICE = "submission-twice", MetadataError, "ITI TF-2: 3.42.4.1.2" {
        en: "is there more than once", "send one submission a message";
        ja: "が複数あります", "一つのメッセージで一つの登録だけを送ってください"
    }
    /// A DocumentEntry without its document.
    DOCUMENT_MISSING = "document-missing", MissingDocument, "ITI TF-2: 3.41.4.1.3" {
        en: "has no document in the message", "attach the document under the entry's id";
        ja: "に対応する文書がメッセージにありません", "DocumentEntryのidで文書を添付してください"
    }
    /// A document without its DocumentEntry.
    DOCUMENT_WITHOUT_METADATA = "document-without-metadata", MissingDocumentMetadata, "ITI TF-2: 3.41.4.1.3" {
        en: "names no DocumentEntry of the message", "send the metadata, or leave the document out";
        ja: "に対応するDocumentEntryがメッセージにありません", "メタデータを送るか、文書を外してください"
    }
    /// Two documents for one DocumentEntry.
    DOCUMENT_TWICE = "document-twice", MetadataError, "ITI TF-2: 3.41.4.1.2" {
        en: "is given to more than one document", "send one document for each DocumentEntry";
        ja: "が複数の文書に使われています", "DocumentEntryごとに文書を一つ送ってください"
    }
    /// A refusal whose reason got lost; it must not go out as an empty list.
    REASON_LOST = "reason-lost", GeneralError, "ITI TF-3: 4.2.4.1" {
        en: "was refused, and the reason could not be told", "report this with the time of the request to the operator";
        ja: "は拒否されましたが、理由を示せません", "要求の時刻を添えて運用者に連絡してください"
    }
}
