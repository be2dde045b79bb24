//! What is counted, on each database.

use super::Forgiven;
use crate::tests::worlds;
use chrono::{DateTime, TimeDelta, Utc};
use renkei_metadata::ids::HomeCommunityId;

#[tokio::test]
async fn what_is_forgiven_adds_up_for_each_community_and_quirk() {
    let home = |text| HomeCommunityId::parse(text).unwrap();
    let (north, south) = (home("urn:oid:2.999.20"), home("urn:oid:2.999.30"));
    let first: DateTime<Utc> = "2026-12-01T09:00:00.123456Z".parse().unwrap();
    let then = first + TimeDelta::days(3);
    for w in worlds() {
        assert!(w.identity.forgiven().await.unwrap().is_empty());
        w.identity.forgave(&north, "home-missing", 2, first).await.unwrap();
        w.identity.forgave(&north, "home-missing", 3, then).await.unwrap();
        w.identity.forgave(&north, "home-differs", 1, first).await.unwrap();
        w.identity.forgave(&south, "home-missing", 1, first).await.unwrap();
        let told: Vec<_> = w.identity.forgiven().await.unwrap().into_iter().collect();
        let row = |home: &HomeCommunityId, quirk: &str, times, last| {
            ((home.to_string(), quirk.to_owned()), Forgiven { times, last })
        };
        let expected = [
            row(&north, "home-differs", 1, first),
            row(&north, "home-missing", 5, then),
            row(&south, "home-missing", 1, first),
        ];
        assert_eq!(told, expected);
    }
}
