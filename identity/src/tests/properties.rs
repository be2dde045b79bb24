//! What holds of all news, in whatever order they come.

use super::links::COMPANY;
use super::order::{at, of};
use super::records::{CLINIC, local};
use super::{
    HOME, SHARED, World, hanako, id, insured, living, numbered, phone, worlds, worlds_alike,
};
use crate::{Decision, News, Question, Told};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;
use renkei_metadata::ids::PatientId;
use renkei_person::{Birth, Merge, Name, Person, Sex, Writing};
use std::collections::BTreeSet;

/// All identifiers of which news may tell.
fn all() -> Vec<PatientId> {
    let home = (1..=3).map(|n| id(&n.to_string()));
    let clinic = (1..=3).map(|n| local(&format!("A-{n}"), CLINIC));
    let company = (1..=3).map(|n| local(&format!("C-{n}"), COMPANY));
    home.chain(clinic).chain(company).collect()
}

/// Few people, so that many are alike: each record is told of once, whole, whatever its time.
fn person() -> impl Strategy<Value = Person> {
    let given = select(vec!["ハナコ", "ハナヨ", "タロウ"]);
    let birth = select(vec!["19750412", "19751204", "1975"]);
    let street = select(vec!["", "架空町1-2", "別町9"]);
    let number = select(vec!["", "090-0000-0001", "090-0000-0002"]);
    let card = select(vec!["", "138057:1:1:1", "138057:1:1:2", "138057:1:1:"]);
    let shared = select(vec!["", "", "S-1", "S-2"]);
    (given, birth, street, number, card, shared).prop_map(
        |(given, birth, street, number, card, shared)| {
            let sex = if given == "タロウ" { Sex::Male } else { Sex::Female };
            let mut person = Person {
                names: vec![Name::new(Writing::Syllabic, "ケンシン", given)],
                birth: Birth::parse(birth),
                sex: Some(sex),
                ..hanako("")
            };
            if !street.is_empty() {
                person = living(person, street);
            }
            if !number.is_empty() {
                person = phone(person, number);
            }
            if !card.is_empty() {
                person = insured(person, card);
            }
            if !shared.is_empty() {
                person = numbered(person, shared, SHARED);
            }
            person
        },
    )
}

/// News of each record, and some that tell two to be one.
fn news() -> impl Strategy<Value = Vec<Told>> {
    let told = prop::collection::vec(person(), all().len());
    let pairs = prop::collection::vec((0_usize..3, 0_usize..6), 0..3);
    let merges = prop::collection::vec(select(vec![(0_usize, 1_usize), (3, 4), (6, 7)]), 0..2);
    (told, pairs, merges).prop_map(|(told, pairs, merges)| {
        let mut news = Vec::new();
        for (person, id) in told.into_iter().zip(all()) {
            let identifiers = [vec![id.into()], person.identifiers.clone()].concat();
            news.push(of(10, Person { identifiers, ..person }));
        }
        for (home, other) in pairs {
            let identifiers = vec![all()[home].clone().into(), all()[3 + other].clone().into()];
            news.push(of(20, Person { identifiers, ..Person::default() }));
        }
        for (subsumed, survivor) in merges {
            let merge =
                Merge { subsumed: all()[subsumed].clone(), survivor: all()[survivor].clone() };
            news.push(Told { at: at(30), news: News::Merged(merge, Box::default()) });
        }
        news
    })
}

type Clusters = BTreeSet<BTreeSet<String>>;

impl World {
    /// Who is one person with whom, and the pairs that wait.
    async fn state(&self) -> (Clusters, BTreeSet<[String; 2]>) {
        let mut clusters = Clusters::new();
        for id in all() {
            let Some(mut others) = self.others(&id, &[HOME, CLINIC, COMPANY]).await else {
                continue;
            };
            // One that was merged away is not among the others' others.
            others.push(id.id);
            let others: BTreeSet<String> = others.into_iter().collect();
            clusters.insert(others);
        }
        let waiting = self.review().await.into_iter().map(|waiting| {
            let mut ids = waiting.people.map(|found| found.id.id);
            ids.sort();
            ids
        });
        (clusters, waiting.collect())
    }
}

fn run<T: std::fmt::Debug>(
    strategy: impl Strategy<Value = T>,
    cases: u32,
    check: impl Fn(T) -> Result<(), TestCaseError>,
) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config).run(&strategy, check).unwrap();
}

#[test]
fn any_order_of_news_leaves_the_same_persons() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let shuffled = news().prop_flat_map(|news| (Just(news.clone()), Just(news).prop_shuffle()));
    run(shuffled, 12, |(news, other)| {
        for [one, two] in worlds_alike() {
            let states = runtime.block_on(async {
                one.take(news.clone()).await;
                for told in other.clone() {
                    two.take(vec![told]).await;
                }
                // Again, nothing changes.
                let state = two.state().await;
                two.take(other.clone()).await;
                assert_eq!(two.state().await, state);
                (one.state().await, state)
            });
            prop_assert_eq!(&states.0, &states.1);
        }
        Ok(())
    });
}

#[test]
fn what_is_taken_back_leaves_what_was_before() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let pair = (any::<Index>(), any::<Index>(), any::<bool>());
    run((news(), prop::collection::vec(pair, 1..4)), 12, |(news, pairs)| {
        for w in worlds() {
            runtime.block_on(async {
                w.take(news.clone()).await;
                let mut states = vec![w.state().await];
                let mut done = Vec::new();
                for (a, b, same) in &pairs {
                    let (a, b) = (a.get(&all()).clone(), b.get(&all()).clone());
                    let decision = if *same { Decision::Same } else { Decision::NotTheSame };
                    let at = at(40);
                    let repeated = done.contains(&[a.clone(), b.clone()])
                        || done.contains(&[b.clone(), a.clone()]);
                    let decided =
                        w.identity.explain(&a, &b).await.is_ok_and(|e| e.decided.is_some());
                    if repeated || decided {
                        continue;
                    }
                    if w.identity.decide([&a, &b], decision, "clerk", at).await.is_ok() {
                        if decision == Decision::NotTheSame {
                            let [a, b] = [&a, &b].map(|id| w.others(id, &[HOME, CLINIC, COMPANY]));
                            assert!(a.await.is_some() && b.await.is_some(), "none is lost");
                        }
                        done.push([a, b]);
                        states.push(w.state().await);
                    }
                }
                while let Some([a, b]) = done.pop() {
                    assert_eq!(w.state().await, states.pop().unwrap());
                    w.identity.undo([&a, &b], "clerk", at(50)).await.unwrap();
                }
                assert_eq!(w.state().await, states.pop().unwrap());
                assert_eq!(states.len(), 0);
            });
        }
        Ok(())
    });
}

#[test]
fn nobody_is_with_whom_a_clerk_said_they_are_not() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    run((news(), any::<Index>(), any::<Index>()), 12, |(news, a, b)| {
        for w in worlds() {
            let (a, b) = (a.get(&all()).clone(), b.get(&all()).clone());
            runtime.block_on(async {
                w.take(news.clone()).await;
                let decision = Decision::NotTheSame;
                if w.identity.decide([&a, &b], decision, "clerk", at(40)).await.is_ok() {
                    w.take(news.clone()).await;
                    assert!(!w.identity.explain(&a, &b).await.unwrap().is_one);
                    let of_both = w.review().await.into_iter().filter(|waiting| {
                        waiting.question != Question::Contradiction
                            && waiting.people.iter().all(|p| p.id == a || p.id == b)
                    });
                    assert_eq!(of_both.count(), 0, "nobody is asked again");
                }
            });
        }
        Ok(())
    });
}
