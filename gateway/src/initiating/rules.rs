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
    /// The community knows no such patient (ITI-55).
    NOBODY = "discovery-nobody", UnknownPatientId Warning, "ITI TF-2: 3.55.4.2.2" {
        en: "knows no patient like this one", "if the patient has been there, have name, birth date and sex compared on both sides";
        ja: "には該当する患者が見つかりませんでした", "受診したことがあるはずの場合は、双方に登録された氏名・生年月日・性別を確認してください"
    }
    /// Several persons may be the patient.
    SEVERAL = "discovery-several", UnavailableCommunity, "ITI TF-2: 3.55.4.2.2" {
        en: "knows several persons who may be the patient and was not asked further, so that its documents are not in this answer", "have that community look for duplicates";
        ja: "に該当しうる患者が複数いるため照会を控えており、その文書はこの結果に含まれていません", "相手のコミュニティに重複登録の確認を依頼してください"
    }
    /// It cannot tell the patient from others without more than is known here.
    MORE_ASKED = "discovery-more-asked", UnavailableCommunity, "ITI TF-2: 3.55.4.2.2" {
        en: "cannot tell the patient from others without what is not known here, so that its documents are not in this answer", "add what is asked for to the patient's data, then ask again";
        ja: "が患者を特定するために求めている項目がここに登録されていないため、その文書はこの結果に含まれていません", "求められている項目を患者情報に登録し、再度照会してください"
    }
    /// Whom it found is not our patient as far as we see.
    UNLIKE = "discovery-unlike", UnavailableCommunity, "ITI TF-2: 3.55.4.2.3" {
        en: "found somebody whose shared identifier, name, birth date or sex differ from the patient's or are not told, and was not asked further, so that its documents are not in this answer", "have identifiers, name, birth date and sex compared on both sides";
        ja: "で見つかった患者の共有ID・氏名・生年月日・性別のいずれかが一致しないか示されていないため照会を控えており、その文書はこの結果に含まれていません", "双方に登録されたID・氏名・生年月日・性別を確認してください"
    }
    /// An answer about patients of another community alone.
    STRANGE_HOME = "discovery-strange-home", UnavailableCommunity, "ITI TF-2: 3.55.4.2.2" {
        en: "answered for another community, so that its documents are not in this answer", "tell your operator";
        ja: "が別のコミュニティの患者を応答したため、その文書はこの結果に含まれていません", "運用者に連絡してください"
    }
    /// ResponderBusy.
    BUSY = "discovery-busy", UnavailableCommunity, "ITI TF-2: 3.55.4.2.2" {
        en: "is too busy to look for the patient, so that its documents are not in this answer", "ask again later";
        ja: "は混み合っていて患者を照合できないため、その文書はこの結果に含まれていません", "後で再度照会してください"
    }
    /// AnswerNotAvailable.
    WITHHELD = "discovery-withheld", UnavailableCommunity, "ITI TF-2: 3.55.4.2.2" {
        en: "does not say by this way whether it knows the patient, so that its documents are not in this answer", "ask that community by telephone or in writing";
        ja: "は患者の有無をこの方法では回答しないため、その文書はこの結果に含まれていません", "電話や書面で相手のコミュニティに問い合わせてください"
    }
    /// InternalError, or an error without a reason.
    FAILED = "discovery-failed", UnavailableCommunity, "ITI TF-2: 3.55.4.2.2" {
        en: "could not look for the patient because of an error there, so that its documents are not in this answer", "ask again later; if it lasts, tell your operator";
        ja: "は内部エラーのため患者を照合できず、その文書はこの結果に含まれていません", "後で再度照会してください。続く場合は運用者に連絡してください"
    }
    /// Not asked: an answer could not be judged.
    TOO_LITTLE = "discovery-too-little", UnavailableCommunity, "ITI TF-2: 3.55.4.1.2" {
        en: "was not asked because name, birth date or sex of the patient are not known here, so that its documents are not in this answer", "complete the patient's data, then ask again";
        ja: "は、患者の氏名・生年月日・性別のいずれかがここに登録されていないため照会できず、その文書はこの結果に含まれていません", "患者情報を補ってから再度照会してください"
    }
    /// Not asked: it is asked by identifiers that communities share, and the patient has none.
    NO_IDENTIFIER = "discovery-no-identifier", UnavailableCommunity, "ITI TF-2: 3.55.1" {
        en: "was not asked because no identifier of the patient that communities share is known here, so that its documents are not in this answer", "add the patient's insurance card with its branch number or another shared identifier, then ask again";
        ja: "は、コミュニティ間で共有する患者のIDがここに登録されていないため照会できず、その文書はこの結果に含まれていません", "被保険者の記号・番号・枝番など共有するIDを患者情報に登録し、再度照会してください"
    }
    /// Asked, and its answer comes later.
    ASKED = "discovery-asked", UnavailableCommunity, "ITI TF-2: 3.55.6.2" {
        en: "was asked for the patient and answers later, so that its documents are not in this answer", "ask again later";
        ja: "に患者を照会しました。回答は後から届くため、その文書はこの結果に含まれていません", "後で再度照会してください"
    }
    /// It does not answer later (NS250), and was entered as one that does.
    NOT_LATER = "discovery-not-later", UnavailableCommunity, "ITI TF-2: 3.55.4.1.3" {
        en: "does not answer later for whom it looks, as it was entered here, so that its documents are not in this answer", "tell your operator";
        ja: "は、登録された方式(後からの回答)の患者照会に対応していないため、その文書はこの結果に含まれていません", "運用者に連絡してください"
    }
    /// Not asked: what is known of our patients cannot be read.
    UNREADY = "discovery-unready", UnavailableCommunity, "ITI TF-2: 3.55.4.1.2" {
        en: "was not asked because the patient's data cannot be read here now, so that its documents are not in this answer", "ask again later; if it lasts, tell your operator";
        ja: "は、ここに登録された患者情報を現在読み取れないため照会できず、その文書はこの結果に含まれていません", "後で再度照会してください。続く場合は運用者に連絡してください"
    }
    /// The community knows no patient by the identifier that it was asked for (ITI-38).
    KNOWS_NOBODY = "community-knows-nobody", UnknownPatientId Warning, "ITI TF-2: 3.38.4.1.3" {
        en: "knows no patient by the identifier that it was asked for, so that nothing of it is in this answer", "if the patient has been there, ask again; if it lasts, have the patient ids compared on both sides";
        ja: "には照会した患者IDの患者が登録されていないため、この結果に含まれる文書はありません", "受診したことがあるはずの場合は、再度照会してください。続く場合は双方の患者IDを確認してください"
    }
    /// Errors of its own, which stand beside this as they came.
    OWN_ERRORS = "community-own-errors", GeneralError Warning, "ITI TF-2: 3.18.4.1.3" {
        en: "answered with errors of its own, so that documents of it may be missing from this answer", "ask again later; if it lasts, tell your operator";
        ja: "がエラーを応答したため、その文書の一部またはすべてがこの結果に含まれていない可能性があります", "後で再度照会してください。続く場合は運用者に連絡してください"
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
    /// Objects for a patient whom nobody knows (`renkei community check`).
    OBJECT_OF_NOBODY = "community-object-of-nobody", ResultNotSinglePatient, "ITI TF-2: 3.38.4.1.3" {
        en: "answered a query for a patient whom nobody knows with objects", "have its operator look by what it finds documents; it is not to be asked until then";
        ja: "が、存在しない患者の照会に対してオブジェクトを返しました", "文書の検索条件の確認を相手の管理者に依頼し、それまで照会しないでください"
    }
    /// Errors of its own about documents, which stand beside this as they came.
    OWN_DOCUMENT_ERRORS = "community-document-own-errors", GeneralError Warning, "ITI TF-2: 3.39.4.1.3" {
        en: "answered with errors of its own, so that documents of it may be missing from this answer", "retrieve them again later; if it lasts, tell your operator";
        ja: "がエラーを応答したため、その文書の一部またはすべてがこの結果に含まれていない可能性があります", "後で再度取得してください。続く場合は運用者に連絡してください"
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
    /// A document of which the caller may know no entry: there is none, or none in its scope.
    DOCUMENT_UNKNOWN = "community-document-unknown", DocumentUniqueIdError, "ITI TF-2: 3.39.4.1.3" {
        en: "has no document of this id", "retrieve what a query of yours found, by its uniqueId, repositoryUniqueId and homeCommunityId";
        ja: "にはこのIDの文書がありません", "検索で得た文書を、その uniqueId、repositoryUniqueId、homeCommunityId で取得してください"
    }
    /// A document whose size or hash is not that of the entry that was seen.
    DOCUMENT_DIFFERS = "community-document-differs", NonIdenticalHash, "ITI TF-2: 3.39.4.1.3" {
        en: "sent a document that is not what its entry says, which was left out", "tell your operator";
        ja: "から登録情報と一致しない文書が届いたため除外しました", "運用者に連絡してください"
    }
    /// A document that ended before its end.
    DOCUMENT_BROKEN = "community-document-broken", UnavailableCommunity, "ITI TF-2: 3.39.4.1.3" {
        en: "sent a document in part only, which was left out", "ask again later; if it lasts, tell your operator";
        ja: "からの文書の受信が途中で途切れたため除外しました", "後で再度取得してください。続く場合は運用者に連絡してください"
    }
    /// A large document beside others that did not come to its end in time, or for which there was no room meanwhile.
    DOCUMENT_LARGE = "community-document-large", UnavailableCommunity, "ITI TF-2: 3.39.4.1.3" {
        en: "sends more than can be given together with the documents of others, so that this document was left out", "retrieve this document by itself; it is then passed on while it comes";
        ja: "の文書が大きく、他の文書と一緒には取得できないため除外しました", "この文書だけを指定して取得してください。受信しながらお渡しできます"
    }
    /// More communities than a query may list.
    LIST_TOO_LONG = "community-list-too-long", OutOfResources, "ITI TF-2: 3.18.4.1.2.3.8" {
        en: "lists more communities than one query may name", "name the communities that are meant, or leave the parameter out to ask all";
        ja: "のコミュニティが1回の検索で指定できる数を超えています", "必要なコミュニティだけを指定するか、パラメータを省いてすべてを検索してください"
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
