//! News of one person from several sides, and what they leave.

use super::{SHARED, hanako, id, identity, numbered, oid, worlds};
use crate::{News, Told};
use chrono::{DateTime, Utc};
use renkei_metadata::ids::PatientId;
use renkei_person::{Birth, Person, Sex};

const LOCAL: &str = "2.999.7";

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn of(seconds: i64, person: Person) -> Told {
    Told { at: at(seconds), news: News::Of(Box::new(person)) }
}

/// The identifier `local` of `authority` is another's.
fn moved(seconds: i64, [previous, new]: [&str; 2], local: &str, authority: &str) -> Told {
    let local = PatientId::new(local, oid(authority)).unwrap();
    let news = News::Moved { previous: id(previous), new: id(new), local, subsumed: None };
    Told { at: at(seconds), news }
}

#[tokio::test]
async fn two_processes_that_take_news_at_once_lose_nothing() {
    for w in worlds() {
        let other = identity(&w.database, &w.keys);
        for n in 0..20 {
            let told =
                |of_whom: &str| of(1, numbered(hanako("1"), &format!("{of_whom}-{n}"), LOCAL));
            let (a, b) =
                tokio::join!(w.identity.take(vec![told("A")]), other.take(vec![told("B")]));
            a.and(b).unwrap();
        }
        let known = w.identity.person(&id("1")).await.unwrap().unwrap();
        assert_eq!(known.person.identifiers.len(), 40);
    }
}

#[tokio::test]
async fn what_is_known_less_exactly_changes_nothing() {
    for w in worlds() {
        w.remember(hanako("1")).await;
        for less in ["1975", "197504"] {
            let sex = Some(Sex::Unknown);
            w.remember(Person { sex, birth: Birth::parse(less), ..hanako("1") }).await;
            assert_eq!(w.found(&hanako("")).await.as_deref(), Some("1"), "{less}");
        }
        let other = Birth::parse("197505");
        w.remember(Person { sex: Some(Sex::Male), birth: other, ..hanako("1") }).await;
        let known = w.identity.person(&id("1")).await.unwrap().unwrap().person;
        assert_eq!((known.sex, known.birth), (Some(Sex::Male), other));
    }
}

#[tokio::test]
async fn an_identifier_that_was_taken_away_leads_there_by_no_way() {
    for w in worlds() {
        let asked = numbered(Person::default(), "S", SHARED);
        w.identity.take(vec![of(1, numbered(hanako("1"), "S", SHARED))]).await.unwrap();
        w.merge("1", "2").await;
        assert_eq!(w.found(&asked).await.as_deref(), Some("2"));
        w.identity.take(vec![moved(2, ["2", "3"], "S", SHARED)]).await.unwrap();
        assert_eq!(w.found(&asked).await.as_deref(), Some("3"));
        // By what the person was called, and by the identifier of then, as before.
        assert_eq!(w.found(&hanako("1")).await.as_deref(), Some("2"));
        assert_eq!(w.found(&hanako("")).await.as_deref(), Some("2"));
    }
}
