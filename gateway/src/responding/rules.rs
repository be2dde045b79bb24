//! The rows of the error table that only a Responding Gateway can find.

renkei_metadata::finding::error_table! { pub rows:
    /// `home`, or `HomeCommunityId`, is that of another community.
    UNKNOWN_COMMUNITY = "gateway-unknown-community", UnknownCommunity, "ITI TF-2: 3.38.4.1.3" {
        en: "is not this community", "ask the gateway from which the object came, with the homeCommunityId that it has there";
        ja: "はこのコミュニティのものではありません", "オブジェクトを返したゲートウェイに、そのhomeCommunityIdで問い合わせてください"
    }
    /// A query by ids, or a document, without its community.
    HOME_MISSING = "gateway-home-missing", MissingHomeCommunityId, "ITI TF-2: 3.38.4.1.2.1" {
        en: "is required and missing", "send the homeCommunityId that the object had in the answer to a query";
        ja: "は必須ですが、指定されていません", "検索結果のオブジェクトが持つhomeCommunityIdを送ってください"
    }
    /// Told of one who was merged into another, and of any where the house is set so; otherwise there is simply nothing.
    UNKNOWN_PATIENT = "gateway-unknown-patient", UnknownPatientId, "ITI TF-2: 3.38.4.1.3" {
        en: "is not known to this community", "find the identifier that the patient has here, and ask with that";
        ja: "はこのコミュニティに登録されていません", "このコミュニティでの患者IDを確認し、そのIDで問い合わせてください"
    }
    /// No repository of this community has this id.
    UNKNOWN_REPOSITORY = "gateway-unknown-repository", UnknownRepositoryId, "ITI TF-2: 3.39.4.1.3" {
        en: "is no repository of this community", "send the repositoryUniqueId of the DocumentEntry";
        ja: "はこのコミュニティのリポジトリではありません", "DocumentEntryのrepositoryUniqueIdを送ってください"
    }
    /// Whether a patient is known could not be told.
    REGISTRY_SILENT = "gateway-registry-silent", GeneralError, "ITI TF-3: 4.2.4.1" {
        en: "cannot be answered, since the registry of this community did not answer", "try again later";
        ja: "には、このコミュニティのレジストリが応答しないため回答できません", "しばらくしてから再度問い合わせてください"
    }
    /// Whether a patient is known cannot be told now.
    REGISTRY_BUSY = "gateway-registry-busy", Busy, "ITI TF-3: 4.2.4.1" {
        en: "cannot be answered now, since the registry of this community is busy", "try again after a moment";
        ja: "には、このコミュニティのレジストリが混み合っているため現在回答できません", "しばらくしてから再度問い合わせてください"
    }
    /// Another repository of this community has no such document that whoever asks may know of.
    UNKNOWN_DOCUMENT = "gateway-unknown-document", DocumentUniqueIdError, "ITI TF-2: 3.39.4.1.3" {
        en: "is not a document that can be retrieved from this community", "check the uniqueId with a query";
        ja: "はこのコミュニティから取得できる文書ではありません", "uniqueIdを検索で確認してください"
    }
    /// Another repository of this community gave no answer that can be read.
    REPOSITORY_SILENT = "gateway-repository-silent", GeneralError, "ITI TF-2: 3.39.4.1.3" {
        en: "is kept in a repository of this community that did not answer", "try again later";
        ja: "を保管するリポジトリが応答しません", "しばらくしてから再度取得してください"
    }
    /// Another repository of this community sent a document that ended before its end.
    REPOSITORY_BROKEN = "gateway-repository-broken", GeneralError, "ITI TF-2: 3.39.4.1.3" {
        en: "came in part only from the repository of this community that keeps it, and was left out", "try again later; if it lasts, tell the operator of the repository";
        ja: "は、保管するリポジトリからの受信が途中で途切れたため除外しました", "後で再度取得してください。続く場合はリポジトリの運用者に連絡してください"
    }
    /// Another repository of this community sent another document than its entry says.
    REPOSITORY_DIFFERS = "gateway-repository-differs", GeneralError, "ITI TF-2: 3.39.4.1.3" {
        en: "came from the repository of this community that keeps it as another document than its entry says (size or hash), and was left out", "tell the operator of the repository";
        ja: "は、保管するリポジトリから届いた内容がエントリのサイズまたはハッシュと異なるため除外しました", "リポジトリの運用者に連絡してください"
    }
    /// A large document of another repository, beside others, that did not come to its end in time, or found no room.
    REPOSITORY_LARGE = "gateway-repository-large", GeneralError, "ITI TF-2: 3.39.4.1.3" {
        en: "is too large to be given together with documents of others, and was left out", "retrieve this document by itself; it is then passed on while it comes";
        ja: "は大きく、他の文書と一緒には取得できないため除外しました", "この文書だけを指定して取得してください。受信しながらお渡しできます"
    }
}
