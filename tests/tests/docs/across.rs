//! What another community asks: ITI-38 and ITI-39, and what it is refused.

use crate::documents::{FILED, REPLACEMENT, request};
use crate::house::{home, patient, uuid};
use crate::messages::Example;
use renkei_metadata::ids::HomeCommunityId;
use renkei_metadata::model::AvailabilityStatus;
use renkei_xds::iti18::{self, AdhocQuery, QueryBuilder};
use renkei_xds::iti43::{self, DocumentRequest};
use renkei_xds::transaction::{ITI_38, ITI_39};

fn query(name: &str, about: [&str; 2], query: &AdhocQuery) -> Example {
    Example::soap(&ITI_38, name, about, &[], |w| iti18::write_request(w, query))
}

/// ITI-38 and ITI-39.
pub(crate) fn asked() -> Vec<Example> {
    let approved = [AvailabilityStatus::Approved];
    let find = QueryBuilder::find_documents(&patient(1001), &approved).build();
    let by_ids = AdhocQuery {
        home: home().map(|home| home.to_string()),
        ..QueryBuilder::get_documents(&[uuid(FILED)]).build()
    };
    let wanted = [FILED, REPLACEMENT].map(|n| DocumentRequest { home: home(), ..request(n) });
    let about = ["コミュニティを越えた文書2件の取得", "retrieves two documents across communities"];
    let write = |w: &mut _| iti43::write_request(w, &wanted);
    vec![
        query(
            "iti-38/FindDocuments",
            ["患者の文書の検索(homeは不要)", "documents of a patient: home is not needed"],
            &find,
        ),
        query(
            "iti-38/GetDocuments",
            ["idによる取得(homeが必須)", "documents by their ids: home is required"],
            &by_ids,
        ),
        Example::soap(&ITI_39, "iti-39/documents", about, &[], write),
    ]
}

/// What another community is refused.
pub(crate) fn refused() -> Vec<Example> {
    let no_home = QueryBuilder::get_documents(&[uuid(FILED)]).build();
    let other = HomeCommunityId::parse("urn:oid:2.999.77").ok();
    let wanted = [other, None].map(|home| DocumentRequest { home, ..request(FILED) });
    let about = [
        "別のコミュニティの文書と、homeCommunityIdのない文書",
        "a document of another community, and one without homeCommunityId",
    ];
    let write = |w: &mut _| iti43::write_request(w, &wanted);
    vec![
        query(
            "errors/missing-home",
            ["homeのないidによる検索", "a query by ids without home"],
            &no_home,
        )
        .ending("XDSMissingHomeCommunityId"),
        Example::soap(&ITI_39, "errors/unknown-community", about, &[], write)
            .ending("XDSUnknownCommunity"),
    ]
}
