//! News of one person from several sides, and what they leave.

use super::{hanako, id, identity, numbered, worlds};
use crate::{News, Told};
use chrono::{DateTime, Utc};
use renkei_person::Person;

const LOCAL: &str = "2.999.7";

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn of(seconds: i64, person: Person) -> Told {
    Told { at: at(seconds), news: News::Of(Box::new(person)) }
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
