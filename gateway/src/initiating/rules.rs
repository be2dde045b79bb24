//! What an Initiating Gateway tells of other communities: each row says in the words of a reader what is
//! missing from the answer, and what may be done.

renkei_metadata::finding::error_table! { pub rows:
    /// No connection, or it broke before the answer began.
    UNREACHABLE = "community-unreachable", UnavailableCommunity, "ITI TF-2: 3.18.4.1.3" {
        en: "cannot be reached now, so that its documents are not in this answer", "ask again later; if it lasts, tell your operator";
        ja: "に現在接続できないため、その文書はこの結果に含まれていません", "後で再度照会してください。続く場合は運用者に連絡してください"
    }
    /// A certificate that does not hold, on either side.
    NOT_TRUSTED = "community-not-trusted", UnavailableCommunity, "ITI TF-2: 3.19.6" {
        en: "could not be connected to safely (certificate), so that its documents are not in this answer", "tell your operator";
        ja: "と安全に接続できないため(証明書)、その文書はこの結果に含まれていません", "運用者に連絡してください"
    }
    /// No answer within the time.
    SILENT = "community-silent", UnavailableCommunity, "ITI TF-2: 3.18.4.1.3" {
        en: "did not answer in time, so that its documents are not in this answer", "ask again later; if it lasts, tell your operator";
        ja: "から時間内に応答がなかったため、その文書はこの結果に含まれていません", "後で再度照会してください。続く場合は運用者に連絡してください"
    }
    /// An answer that cannot be read, or broke off.
    UNREADABLE = "community-unreadable", UnavailableCommunity, "ITI TF-2: 3.18.4.1.3" {
        en: "answered in a way that cannot be read, so that its documents are not in this answer", "tell your operator";
        ja: "の応答を読み取れないため、その文書はこの結果に含まれていません", "運用者に連絡してください"
    }
    /// A SOAP fault, HTTP 403, or Failure without a reason.
    REFUSED = "community-refused", UnavailableCommunity, "ITI TF-2: 3.18.4.1.3" {
        en: "refused to answer, so that its documents are not in this answer", "tell your operator";
        ja: "が応答を拒否したため、その文書はこの結果に含まれていません", "運用者に連絡してください"
    }
    /// Not asked: it failed several times in a row, and is spared for a moment.
    RESTING = "community-resting", UnavailableCommunity, "ITI TF-2: 3.18.4.1.3" {
        en: "was not asked because it did not answer the last times, so that its documents are not in this answer", "ask again in a minute; if it lasts, tell your operator";
        ja: "は直前の照会に続けて応答しなかったため照会を控えており、その文書はこの結果に含まれていません", "1分ほど後に再度照会してください。続く場合は運用者に連絡してください"
    }
    /// Not asked: too many questions to it are under way.
    CROWDED = "community-crowded", UnavailableCommunity, "ITI TF-2: 3.18.4.1.3" {
        en: "was not asked because too many questions to it are under way, so that its documents are not in this answer", "ask again later";
        ja: "への照会が混み合っているため照会できず、その文書はこの結果に含まれていません", "後で再度照会してください"
    }
    /// Not asked: what is entered of it cannot be used, or our own part does not run.
    NOT_SET_UP = "community-not-set-up", UnavailableCommunity, "ITI TF-2: 3.18.4.1.3" {
        en: "was not asked because its connection is not set up correctly here, so that its documents are not in this answer", "tell your operator";
        ja: "は接続設定に誤りがあるため照会できず、その文書はこの結果に含まれていません", "運用者に連絡してください"
    }
    /// Its answer is larger than what is taken.
    TOO_MUCH = "community-too-much", TooManyResults, "ITI TF-2: 3.18.4.1.3" {
        en: "has more results than can be shown, and none of them is in this answer", "narrow the query, for example by dates";
        ja: "の結果が多すぎるため、その文書はこの結果に含まれていません", "期間などの条件を絞って再度照会してください"
    }
    /// An object that does not say of which community it is.
    OBJECT_HOMELESS = "community-object-homeless", MissingHomeCommunityId, "ITI TF-2: 3.38.4.1.3" {
        en: "sent an object without homeCommunityId, which was left out", "tell your operator";
        ja: "から届いたオブジェクトにhomeCommunityIdがないため除外しました", "運用者に連絡してください"
    }
    /// An object of yet another community.
    OBJECT_STRANGE = "community-object-strange", UnknownCommunity, "ITI TF-2: 3.38.4.1.3" {
        en: "sent an object with the homeCommunityId of somebody else, which was left out", "tell your operator";
        ja: "から届いたオブジェクトのhomeCommunityIdが異なるため除外しました", "運用者に連絡してください"
    }
    /// An object of another patient than the one asked about.
    OBJECT_OF_ANOTHER = "community-object-of-another", ResultNotSinglePatient, "ITI TF-2: 3.38.4.1.3" {
        en: "sent an object of another patient, which was left out", "tell your operator";
        ja: "から別の患者のオブジェクトが届いたため除外しました", "運用者に連絡してください"
    }
    /// A document that was not asked for.
    DOCUMENT_UNASKED = "community-document-unasked", GeneralError, "ITI TF-2: 3.39.4.1.3" {
        en: "sent a document that was not asked for, which was left out", "tell your operator";
        ja: "から要求していない文書が届いたため除外しました", "運用者に連絡してください"
    }
    /// A document that was asked for and of which nothing was said.
    DOCUMENT_UNANSWERED = "community-document-unanswered", DocumentUniqueIdError, "ITI TF-2: 3.39.4.1.3" {
        en: "did not send a document that was asked for", "ask again later; if it lasts, tell your operator";
        ja: "から要求した文書が届きませんでした", "後で再度取得してください。続く場合は運用者に連絡してください"
    }
    /// A community that nobody entered.
    UNKNOWN = "community-unknown", UnknownCommunity, "ITI TF-2: 3.18.4.1.2.3.8" {
        en: "is no community that is known here", "send the homeCommunityId that the object had in the answer to a query";
        ja: "は登録されていないコミュニティです", "検索結果のオブジェクトが持つhomeCommunityIdを送ってください"
    }
    /// An object or a document by its id alone, which says nothing of where it is.
    HOME_NEEDED = "community-home-needed", MissingHomeCommunityId, "ITI TF-2: 3.18.4.1.2.3.8" {
        en: "needs the homeCommunityId of the community that has it", "send the homeCommunityId that the object had in the answer to a query";
        ja: "には、それを持つコミュニティのhomeCommunityIdが必要です", "検索結果のオブジェクトが持つhomeCommunityIdを送ってください"
    }
}
