//! The rows of the error table that only a gateway can find.

renkei_metadata::finding::error_table! { pub rows:
    /// `home`, or `HomeCommunityId`, is that of another community.
    UNKNOWN_COMMUNITY = "gateway-unknown-community", UnknownCommunity, "ITI TF-2: 3.38.4.1.3" {
        en: "is not this community", "ask the gateway from which the object came, with the homeCommunityId that it has there";
        ja: "はこのコミュニティのものではありません", "オブジェクトを返したゲートウェイに、そのhomeCommunityIdで問い合わせてください"
    }
    /// A query without a patient id, or a document, without its community.
    HOME_MISSING = "gateway-home-missing", MissingHomeCommunityId, "ITI TF-2: 3.38.4.1.2.1" {
        en: "is required and missing", "send the homeCommunityId that the object had in the answer to a query";
        ja: "は必須ですが、指定されていません", "検索結果のオブジェクトが持つhomeCommunityIdを送ってください"
    }
}
