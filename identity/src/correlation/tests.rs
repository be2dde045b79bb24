//! What others told, on each database.

use super::{Correlation, Count};
use crate::tests::{World, hanako, id, living, worlds};
use chrono::{DateTime, TimeDelta, Utc};
use renkei_metadata::ids::{HomeCommunityId, PatientId};

fn north() -> HomeCommunityId {
    HomeCommunityId::parse("urn:oid:2.999.20").unwrap()
}

fn south() -> HomeCommunityId {
    HomeCommunityId::parse("urn:oid:2.999.30").unwrap()
}

/// A moment without what no database keeps.
fn now() -> DateTime<Utc> {
    "2026-12-01T09:00:00.123456Z".parse().unwrap()
}

fn told(theirs: Option<&str>, days: i64) -> Correlation {
    Correlation {
        theirs: theirs.map(|theirs| PatientId::parse(theirs).unwrap()),
        asked_by: [7; 32],
        degree: Some(98),
        since: now(),
        until: now() + TimeDelta::days(days),
    }
}

const THEIRS: Option<&str> = Some("there^^^&2.999.20.1&ISO");

impl World {
    async fn tells(&self, home: &HomeCommunityId, of: &str, told: Correlation) {
        self.identity.correlate(&id(of), home, told, now()).await.unwrap();
    }

    async fn has(&self, home: &HomeCommunityId, of: &str) -> Option<Correlation> {
        self.identity.correlation(&id(of), home).await.unwrap()
    }
}

#[tokio::test]
async fn what_a_community_told_last_is_kept_for_itself() {
    for w in worlds() {
        assert_eq!(w.has(&north(), "1").await, None);
        w.tells(&north(), "1", told(None, 1)).await;
        assert_eq!(w.has(&north(), "1").await, Some(told(None, 1)));
        w.tells(&north(), "1", told(THEIRS, 7)).await;
        assert_eq!(w.has(&north(), "1").await, Some(told(THEIRS, 7)));
        assert_eq!(w.has(&south(), "1").await, None);
        assert_eq!(w.has(&north(), "2").await, None);
    }
}

#[tokio::test]
async fn what_holds_no_more_is_counted_and_kept_no_more() {
    for w in worlds() {
        w.tells(&north(), "1", told(THEIRS, 7)).await;
        w.tells(&north(), "2", told(None, 1)).await;
        w.tells(&south(), "1", told(THEIRS, 1)).await;
        let counts = |days| w.identity.correlations(now() + TimeDelta::days(days));
        let first = counts(0).await.unwrap();
        assert_eq!(first.get(north().as_str()), Some(&Count { known: 1, nobody: 1, asked: 0 }));
        assert_eq!(first.get(south().as_str()), Some(&Count { known: 1, nobody: 0, asked: 0 }));
        let later = counts(1).await.unwrap();
        assert_eq!(later.get(north().as_str()), Some(&Count { known: 1, nobody: 0, asked: 0 }));
        assert_eq!(later.get(south().as_str()), None);
        let then = now() + TimeDelta::days(1);
        w.identity.correlate(&id("3"), &south(), told(THEIRS, 7), then).await.unwrap();
        assert_eq!(w.has(&south(), "1").await, None, "its row is gone");
        assert_eq!(w.has(&north(), "1").await, Some(told(THEIRS, 7)));
    }
}

#[tokio::test]
async fn the_communities_that_know_a_person_are_told_while_that_holds() {
    for w in worlds() {
        let known = async |days: i64| {
            let then = now() + TimeDelta::days(days);
            w.identity.known_elsewhere(&id("1"), then).await.unwrap()
        };
        assert_eq!(known(0).await, []);
        w.tells(&south(), "1", told(THEIRS, 1)).await;
        w.tells(&north(), "1", told(THEIRS, 7)).await;
        w.tells(&north(), "2", told(THEIRS, 7)).await;
        let both = [(north(), told(THEIRS, 7)), (south(), told(THEIRS, 1))];
        assert_eq!(known(0).await, both);
        assert_eq!(known(1).await, both[..1], "what ended is told no more");
        w.tells(&north(), "1", told(None, 1)).await;
        w.tells(&south(), "1", told(None, 1)).await;
        assert_eq!(known(0).await, [], "it knows nobody");
    }
}

#[tokio::test]
async fn one_or_all_of_a_community_are_forgotten() {
    for w in worlds() {
        for of in ["1", "2", "3"] {
            w.tells(&north(), of, told(THEIRS, 7)).await;
            w.tells(&south(), of, told(None, 1)).await;
        }
        let forget = async |of: Option<&str>| {
            let patient = of.map(id);
            w.identity.forget_correlations(&north(), patient.as_ref()).await.unwrap()
        };
        assert_eq!(forget(Some("1")).await, 1);
        assert_eq!(forget(Some("1")).await, 0);
        assert!(w.has(&north(), "1").await.is_none() && w.has(&north(), "2").await.is_some());
        assert_eq!(forget(None).await, 2);
        assert!(w.has(&north(), "3").await.is_none() && w.has(&south(), "3").await.is_some());
    }
}

#[tokio::test]
async fn whoever_is_described_otherwise_or_merged_has_to_be_asked_for_again() {
    for w in worlds() {
        w.remember(hanako("1")).await;
        w.tells(&north(), "1", told(THEIRS, 7)).await;
        w.tells(&south(), "1", told(None, 1)).await;
        w.remember(hanako("1")).await;
        assert!(w.has(&north(), "1").await.is_some(), "nothing new was said");
        w.remember(living(hanako("1"), "新町2")).await;
        assert!(w.has(&north(), "1").await.is_none() && w.has(&south(), "1").await.is_none());

        w.remember(hanako("2")).await;
        for of in ["1", "2", "3"] {
            w.tells(&north(), of, told(THEIRS, 7)).await;
        }
        w.merge("1", "2").await;
        assert!(w.has(&north(), "1").await.is_none() && w.has(&north(), "2").await.is_none());
        assert!(w.has(&north(), "3").await.is_some(), "is somebody else");
    }
}
