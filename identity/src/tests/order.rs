//! News of one person from several sides, and what they leave.

use super::{SHARED, hanako, id, living, numbered, oid, worlds};
use crate::{News, Told};
use chrono::{DateTime, Utc};
use renkei_metadata::ids::PatientId;
use renkei_person::{Birth, Merge, Name, Person, Sex, Writing};
use std::collections::BTreeSet;

const LOCAL: &str = "2.999.7";

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

pub(crate) fn of(seconds: i64, person: Person) -> Told {
    Told { at: at(seconds), news: News::Of(Box::new(person)) }
}

/// The identifier `local` of `authority` is another's.
pub(crate) fn moved(
    seconds: i64,
    [previous, new]: [&str; 2],
    local: &str,
    authority: &str,
) -> Told {
    let local = PatientId::new(local, oid(authority)).unwrap();
    let news = News::Moved { previous: id(previous), new: id(new), local, subsumed: None };
    Told { at: at(seconds), news }
}

#[tokio::test]
async fn two_processes_that_take_news_at_once_lose_nothing() {
    for w in worlds() {
        let other = w.beside();
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

/// Who comes into being by a merge takes over what the other was known as, and those who want to be told hear of both.
#[tokio::test]
async fn a_merge_into_somebody_new_is_a_change_of_the_one_who_was_known() {
    for w in worlds() {
        w.remember(numbered(hanako("1"), "S", SHARED)).await;
        w.merge("1", "2").await;
        let changes = w.identity.changes(10).await.unwrap();
        let ids = |ids: &[PatientId]| ids.iter().map(|id| id.id.clone()).collect::<Vec<_>>();
        let last = &changes.last().unwrap().changed;
        assert_eq!(last.before.iter().map(|of| ids(of)).collect::<Vec<_>>(), [["1", "S"]]);
        assert_eq!(ids(&last.now), ["2", "S"]);
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

#[tokio::test]
async fn of_an_identifier_counts_what_was_said_last() {
    for w in worlds() {
        let with_local = |of: &str| numbered(hanako(of), "L", LOCAL);
        let first = of(1, with_local("1"));
        let there = moved(2, ["1", "2"], "L", LOCAL);
        let back = moved(3, ["2", "1"], "L", LOCAL);
        let has = async |of: &str| {
            let known = w.identity.person(&id(of)).await.unwrap().unwrap();
            !known.person.identifiers.is_empty()
        };
        w.identity.take(vec![there.clone(), first.clone()]).await.unwrap();
        assert_eq!((has("1").await, has("2").await), (false, true));
        w.identity.take(vec![back, there, first]).await.unwrap();
        assert_eq!((has("1").await, has("2").await), (true, false));
    }
}

#[tokio::test]
async fn a_merge_brings_back_no_identifier_that_was_taken_away() {
    for w in worlds() {
        for ([old, new, other], from) in [(["1", "2", "3"], "1"), (["4", "5", "6"], "5")] {
            let with_local = |of_whom| of(1, numbered(hanako(of_whom), "L", LOCAL));
            let taken = moved(2, [from, other], "L", LOCAL);
            w.identity.take(vec![with_local(old), with_local(new), taken]).await.unwrap();
            w.merge(old, new).await;
            w.identity.take(vec![with_local(old)]).await.unwrap();
            let known = w.identity.person(&id(old)).await.unwrap().unwrap();
            assert_eq!((known.id, known.person.identifiers), (id(new), vec![]), "{from}");
            w.merge(new, other).await;
            let known = w.identity.person(&id(old)).await.unwrap().unwrap();
            assert_eq!((known.id, known.person.identifiers.len()), (id(other), 1), "{from}");
        }
    }
}

/// All orders of so many.
fn orders(of: usize) -> Vec<Vec<usize>> {
    let Some(last) = of.checked_sub(1) else { return vec![vec![]] };
    let shorter = orders(last);
    let longer = |order: &Vec<usize>, place| [&order[..place], &[last], &order[place..]].concat();
    shorter.iter().flat_map(|order| (0..=last).map(move |place| longer(order, place))).collect()
}

#[tokio::test]
async fn what_one_says_of_itself_goes_before_what_it_inherits_whichever_came_first() {
    let own = |of_whom: &str, family: &str| {
        let names = vec![Name::new(Writing::Syllabic, family, "ハナコ")];
        of(10, Person { names, ..hanako(of_whom) })
    };
    let merge = Merge { survivor: id("2"), subsumed: id("1") };
    let news = [
        own("1", "ワタナベ"),
        own("2", "アベ"),
        // Something was said of it, and nothing of who it is.
        of(20, Person { identifiers: vec![id("2").into()], ..Person::default() }),
        Told { at: at(30), news: News::Merged(merge, Box::default()) },
    ];
    for order in orders(news.len()) {
        for w in worlds() {
            for n in &order {
                w.identity.take(vec![news[*n].clone()]).await.unwrap();
            }
            let known = w.identity.person(&id("1")).await.unwrap().unwrap();
            assert_eq!(known.id, id("2"));
            assert_eq!(known.person.names[0].family, "アベ", "{order:?}");
        }
    }
}

#[tokio::test]
async fn of_each_attribute_counts_what_was_said_last_whatever_else_was_said_since() {
    let named = |seconds, family: &str| {
        let names = vec![Name::new(Writing::Syllabic, family, "ハナコ")];
        of(seconds, Person { names, ..hanako("1") })
    };
    let elsewhere = of(30, living(Person { names: vec![], ..hanako("1") }, "架空町1-2"));
    let news = [named(10, "キュウセイ"), named(20, "シンセイ"), elsewhere];
    for order in orders(news.len()) {
        for w in worlds() {
            for n in &order {
                w.identity.take(vec![news[*n].clone()]).await.unwrap();
            }
            let known = w.identity.person(&id("1")).await.unwrap().unwrap().person;
            let told = (known.names[0].family.as_str(), known.addresses.len());
            assert_eq!(told, ("シンセイ", 1), "{order:?}");
        }
    }
}

#[tokio::test]
async fn of_two_words_of_one_time_the_same_counts_in_every_order() {
    let lives = |street: &str| of(10, living(Person { addresses: vec![], ..hanako("1") }, street));
    let news = [lives("甲町1"), lives("乙町2")];
    let mut found = BTreeSet::new();
    for order in orders(news.len()) {
        for w in worlds() {
            for n in &order {
                w.identity.take(vec![news[*n].clone()]).await.unwrap();
            }
            let known = w.identity.person(&id("1")).await.unwrap().unwrap().person;
            found.extend(known.addresses.into_iter().flat_map(|address| address.lines));
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
}
