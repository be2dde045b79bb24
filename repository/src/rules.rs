//! The repository's rows of the error table: what only it can find.

renkei_metadata::finding::error_table! { pub rows:
    HASH_DIFFERS = "content-hash-differs", MetadataError, "ITI TF-2: 3.41.4.1.3" {
        en: "is not the SHA-1 of the document that was received",
        "send the document and the hash of its octets, or no hash";
        ja: "が受信した文書のSHA-1と一致しません", "文書のSHA-1を送るか、hashを省略してください"
    }
    SIZE_DIFFERS = "content-size-differs", MetadataError, "ITI TF-2: 3.41.4.1.3" {
        en: "is not the number of octets of the document that was received",
        "send the document and its size, or no size";
        ja: "が受信した文書のバイト数と一致しません", "文書のバイト数を送るか、sizeを省略してください"
    }
    PART_MISSING = "content-part-missing", MissingDocument, "ITI TF-2: 3.41.4.1.3" {
        en: "refers to a part that is not in the message",
        "send the part with the Content-ID that xop:Include names";
        ja: "が参照するパートがメッセージにありません", "xop:Includeが示すContent-IDのパートを送ってください"
    }
    PART_TWICE = "content-part-twice", MetadataError, "ITI TF-2: V.8" {
        en: "is the Content-ID of more than one part", "give each part a Content-ID of its own";
        ja: "を複数のパートがContent-IDに使っています", "パートごとに異なるContent-IDを付けてください"
    }
    NOT_STABLE = "content-not-stable", MetadataError, "ITI TF-2: 3.41.4.1.2" {
        en: "is not that of a stable document", "submit stable documents only";
        ja: "が安定文書(Stable)ではありません", "安定文書だけを提出してください"
    }
    NON_IDENTICAL_HASH = "content-non-identical-hash", NonIdenticalHash, "ITI TF-2: 3.41.4.1.3.2" {
        en: "is that of a document already here with other octets",
        "give a changed document a uniqueId of its own";
        ja: "は内容の異なる文書で既に使われています", "内容を変えた文書には新しいuniqueIdを付けてください"
    }
    NON_IDENTICAL_SIZE = "content-non-identical-size", NonIdenticalSize, "ITI TF-2: 3.41.4.1.3.2" {
        en: "is that of a document already here with another size",
        "give a changed document a uniqueId of its own";
        ja: "はサイズの異なる文書で既に使われています", "内容を変えた文書には新しいuniqueIdを付けてください"
    }
    MEDIA_TYPE_CHANGED = "content-media-type-changed", GeneralError Warning, "ITI TF-2: 3.43.5" {
        en: "is another media type than this document has here so far, and is told to whoever retrieves it from now on",
        "replace the earlier DocumentEntry, which still gives the other one";
        ja: "はこの文書のこれまでのメディアタイプと異なり、今後の取得にはこの値を返します",
        "以前の値を持つDocumentEntryを置換してください"
    }
    REGISTRY_NOT_AVAILABLE = "registry-not-available", RegistryNotAvailable, "ITI TF-3: 4.2.4.1" {
        en: "may or may not be registered, for the registry gave no answer",
        "ask for this uniqueId later (GetSubmissionSetAndContents), or submit again with the same identifiers";
        ja: "はレジストリの応答がないため、登録されたかどうか不明です",
        "後でこのuniqueIdをGetSubmissionSetAndContentsで照会するか、同じ識別子のまま再送してください"
    }
    SOURCE_NOT_OWN = "source-not-own", GeneralError, "ITI TF-3: 4.2.3.3.9" {
        en: "is not a sourceId under which this node may submit",
        "submit under the sourceId of your first submission, or have a certificate issued for this one (renkei pki issue --source-id)";
        ja: "はこのノードが登録に使えるsourceIdではありません",
        "最初の登録で使ったsourceIdで提出するか、このsourceIdの証明書の発行を受けてください(renkei pki issue --source-id)"
    }
    INSTITUTION_NOT_OWN = "institution-not-own", GeneralError, "ITI TF-3: 4.2.3.1.4.2" {
        en: "is not an institution for whose authors this node may submit",
        "name your own institution, or have a certificate issued for this one (renkei pki issue --scope institution=)";
        ja: "はこのノードが著者の機関として登録できる機関ではありません",
        "自分の機関を書くか、この機関の証明書の発行を受けてください(renkei pki issue --scope institution=)"
    }
    BUSY = "repository-busy", Busy, "ITI TF-3: 4.2.4.1" {
        en: "is one more than can be handled now", "try again later";
        ja: "は現在処理できる数を超えています", "しばらくしてから再送してください"
    }
    OUT_OF_SPACE = "repository-out-of-space", OutOfResources, "ITI TF-3: 4.2.4.1" {
        en: "cannot be stored for lack of space", "try again when the operator has made room";
        ja: "を保存する空き容量がありません", "運用者が容量を確保してから再送してください"
    }
    INTERNAL = "repository-internal", GeneralError, "ITI TF-3: 4.2.4.1" {
        en: "could not be handled by an error inside the repository",
        "try again, and report the time of the request to the operator if it stays";
        ja: "を内部エラーのため処理できません", "再送し、続く場合は要求の時刻を運用者に連絡してください"
    }
    UNKNOWN_REPOSITORY = "retrieve-unknown-repository", UnknownRepositoryId, "ITI TF-2: 3.43.5" {
        en: "is not the repositoryUniqueId of this repository",
        "ask the repository that the DocumentEntry names";
        ja: "はこのリポジトリのrepositoryUniqueIdではありません", "DocumentEntryが示すリポジトリに要求してください"
    }
    UNKNOWN_DOCUMENT = "retrieve-unknown-document", DocumentUniqueIdError, "ITI TF-2: 3.43.5" {
        en: "is not a document that can be retrieved here", "check the uniqueId with the registry";
        ja: "はここから取得できる文書ではありません", "uniqueIdをレジストリで確認してください"
    }
    NOT_HERE = "remove-unknown-document", DocumentUniqueIdError, "ITI TF-2: 3.86.4.1.3" {
        en: "is not a document of this repository", "check the uniqueId with the registry";
        ja: "はこのリポジトリの文書ではありません", "uniqueIdをレジストリで確認してください"
    }
    REMOVED_BEFORE = "remove-removed-before", DocumentUniqueIdError, "ITI TF-2: 3.86.4.1.3" {
        en: "was removed before", "nothing remains to be done here";
        ja: "は既に削除されています", "ここでの対応は不要です"
    }
    REMOVE_UNSETTLED = "remove-unsettled", RemoveDocumentsError, "ITI TF-2: 3.86.4.1.3" {
        en: "is being submitted, and the registry has not settled that yet", "try again later";
        ja: "は提出の処理中で、登録がまだ確定していません", "しばらくしてから再送してください"
    }
    REMOVE_FAILED = "remove-failed", RemoveDocumentsError, "ITI TF-2: 3.86.4.1.3" {
        en: "could not be removed by an error inside the repository",
        "try again, and report the time of the request to the operator if it stays";
        ja: "を内部エラーのため削除できません", "再送し、続く場合は要求の時刻を運用者に連絡してください"
    }
    UNREADABLE = "retrieve-unreadable", GeneralError, "ITI TF-2: 3.43.5" {
        en: "is here but cannot be opened", "report the uniqueId to the operator";
        ja: "は保存されていますが開けません", "uniqueIdを運用者に連絡してください"
    }
}
