//! What rules make of records of several institutions, and what clerks make of that.

use super::order::of;
use super::records::{CLINIC, apart, hers, local};
use super::{HOME, World, hanako, id, living, numbered, phone, worlds};
use crate::{
    Candidates, Decision, IdentityError, Place, Question, Refused, ReviewError, RuleBook, Told,
    Waiting,
};
use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use renkei_database::{Db, each};
use renkei_matching::{Basis, Line};
use renkei_metadata::ids::PatientId;
use renkei_person::{Merge, Name, Person, Writing};

pub(crate) const COMPANY: &str = "2.999.8";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

/// Her records of two institutions, which rules link.
fn both() -> [PatientId; 2] {
    [local("A-1", CLINIC), local("C-1", COMPANY)]
}

fn hers_of_both() -> Vec<Told> {
    vec![of(1, hers("A-1", CLINIC)), of(2, hers("C-1", COMPANY))]
}

/// The same name and day of birth; everything else differs, so that a clerk is asked.
fn namesakes() -> Vec<Told> {
    vec![
        of(1, phone(living(hers("A-1", CLINIC), "架空町1-2"), "090-0000-0001")),
        of(2, phone(living(hers("C-1", COMPANY), "別町9-9"), "090-0000-0002")),
    ]
}

impl World {
    pub(crate) async fn review(&self) -> Vec<Waiting> {
        self.identity.review(Place::default(), 100).await.unwrap()
    }

    async fn questions(&self) -> Vec<Question> {
        self.review().await.into_iter().map(|waiting| waiting.question).collect()
    }

    async fn are_one(&self) -> bool {
        let [a, b] = both();
        let known = self.identity.explain(&a, &b).await.unwrap();
        let by_reference = self.others(&a, &[COMPANY]).await.unwrap().contains(&b.id);
        assert_eq!(known.is_one, by_reference);
        known.is_one
    }

    async fn decide(&self, decision: Decision) {
        let [a, b] = both();
        self.identity.decide([&a, &b], decision, "clerk", now()).await.unwrap();
    }
}

#[tokio::test]
async fn one_person_of_two_institutions_is_linked_with_the_reason() {
    for w in worlds() {
        w.take(hers_of_both()).await;
        assert!(w.are_one().await);
        assert_eq!(w.changed().await, [["A-1", "C-1"]]);
        assert_eq!(w.questions().await, []);
        let [a, b] = both();
        let known = w.identity.explain(&a, &b).await.unwrap();
        let (kept, _) = known.kept.unwrap();
        assert_eq!(kept, known.verdict);
        assert_eq!((kept.line, &kept.basis), (Line::Linked, &Basis::Score));
        assert_eq!(&*kept.rules, RuleBook::standard().version());
        assert!(kept.japanese().contains("姓が一致"), "{}", kept.japanese());
        assert_eq!((known.told, known.decided, known.history), (None, None, vec![]));
    }
}

#[tokio::test]
async fn whoever_may_be_another_waits_for_a_clerk() {
    for w in worlds() {
        w.take(namesakes()).await;
        assert!(!w.are_one().await);
        let waiting = w.review().await;
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].question, Question::Same);
        let verdict = waiting[0].verdict.clone().unwrap();
        assert_eq!(verdict.line, Line::WorkList);
        let Basis::Veto(rule) = verdict.basis else { panic!() };
        assert_eq!(rule.id, "namesakes");
        assert_eq!(waiting[0].people.clone().map(|found| found.id), both());
        let after = w.identity.review(waiting[0].next, 100).await.unwrap();
        assert_eq!(after, []);
        assert_eq!(w.identity.backlog().await.unwrap(), (1, 0));
    }
}

#[tokio::test]
async fn what_a_clerk_decided_holds_and_can_be_taken_back() {
    for w in worlds() {
        w.take(namesakes()).await;
        w.decide(Decision::Same).await;
        assert!(w.are_one().await);
        assert_eq!(w.questions().await, []);
        w.decide(Decision::NotTheSame).await;
        assert!(!w.are_one().await);
        // Their news come again, and more of them: it is decided.
        w.take(namesakes()).await;
        w.take(vec![of(9, phone(hers("A-1", CLINIC), "090-0000-0003"))]).await;
        assert!(!w.are_one().await);
        assert_eq!(w.questions().await, []);
        let [a, b] = both();
        w.identity.undo([&a, &b], "chief", now()).await.unwrap();
        assert_eq!(w.questions().await, [Question::Same]);
        let known = w.identity.explain(&a, &b).await.unwrap();
        let who: Vec<&str> = known.history.iter().map(|entry| entry.by.as_str()).collect();
        assert_eq!((known.decided, who), (None, vec!["clerk", "clerk", "chief"]));
        let again = w.identity.undo([&a, &b], "chief", now()).await;
        assert!(matches!(again, Err(ReviewError::Refused(Refused::NothingDecided(..)))));
    }
}

#[tokio::test]
async fn a_link_that_was_wrong_is_parted_and_not_made_again() {
    for w in worlds() {
        w.take(hers_of_both()).await;
        w.changed().await;
        let [a, b] = both();
        w.identity.unlink([&a, &b], "clerk", now()).await.unwrap();
        assert!(!w.are_one().await);
        let mut changed = w.changed().await;
        changed.sort();
        assert_eq!(changed, [["A-1"], ["C-1"]]);
        w.take(hers_of_both()).await;
        w.take(vec![of(9, living(hers("A-1", CLINIC), "新町1"))]).await;
        let standard = RuleBook::standard();
        w.identity.put_in_force(&standard, now()).await.unwrap();
        w.identity.catch_up_all(now()).await.unwrap();
        assert!(!w.are_one().await, "the same rules do not link them again");
        let again = w.identity.unlink([&a, &b], "clerk", now()).await;
        assert!(matches!(again, Err(ReviewError::Refused(Refused::NotLinked(..)))));
        w.identity.undo([&a, &b], "clerk", now()).await.unwrap();
        assert!(w.are_one().await);
    }
}

#[tokio::test]
async fn what_a_clerk_parts_is_not_brought_together_by_a_third() {
    for w in worlds() {
        w.take(hers_of_both()).await;
        let third = local("D-1", "2.999.9");
        w.take(vec![of(3, hers("D-1", "2.999.9"))]).await;
        assert_eq!(w.others(&third, &[]).await.unwrap().len(), 2);
        let [a, b] = both();
        w.identity.unlink([&a, &b], "clerk", now()).await.unwrap();
        assert!(!w.are_one().await);
        assert_eq!(w.others(&third, &[]).await.unwrap().len(), 1, "it is one of both");
        assert_eq!(w.questions().await, [Question::Contradiction]);
        // The feed does not do so, either; and it is told.
        let told = numbered(numbered(hanako("1"), "A-1", CLINIC), "C-1", COMPANY);
        w.take(vec![of(4, told)]).await;
        assert!(!w.are_one().await);
        assert!(w.questions().await.contains(&Question::Contradiction));
    }
}

#[tokio::test]
async fn rules_bring_no_two_together_against_whom_they_speak() {
    for w in worlds() {
        // Two whom a shared authority tells apart, and one without it who is like both.
        let told = [
            of(1, apart(hers("A-1", CLINIC), "S-1")),
            of(1, apart(hers("C-1", COMPANY), "S-2")),
            of(1, hers("D-1", "2.999.9")),
        ];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            w.take(order.map(|n: usize| told[n].clone()).to_vec()).await;
            assert!(!w.are_one().await, "{order:?}");
        }
        let mut questions = w.questions().await;
        questions.sort_by_key(|question| *question == Question::Same);
        assert_eq!(questions, [Question::Contradiction, Question::Same]);
    }
}

#[tokio::test]
async fn twins_are_two() {
    for w in worlds() {
        let named = |given: &str, kanji: &str, id: &str, of: &str| Person {
            names: vec![
                Name::new(Writing::Ideographic, "健診", kanji),
                Name::new(Writing::Syllabic, "ケンシン", given),
            ],
            ..living(hers(id, of), "架空町1-2")
        };
        w.take(vec![
            of(1, named("ハナコ", "花子", "A-1", CLINIC)),
            of(1, named("モモコ", "桃子", "C-1", COMPANY)),
        ])
        .await;
        assert!(!w.are_one().await);
        assert_eq!(w.questions().await, []);
    }
}

#[tokio::test]
async fn two_ids_of_the_domain_are_merged_by_two_people() {
    for w in worlds() {
        w.take(vec![of(1, hanako("1")), of(2, hanako("2"))]).await;
        // Whoever gave two identifiers takes them for two persons, until somebody says otherwise.
        assert_eq!(w.questions().await, [Question::Merge]);
        assert!(w.others(&id("1"), &[HOME]).await.unwrap().is_empty());
        assert!(!matches!(w.find(&hanako("")).await, Candidates::One(_)));
        let merge = Merge { subsumed: id("1"), survivor: id("2") };
        let refused = |result: Result<(), ReviewError>| match result {
            Err(ReviewError::Refused(refused)) => refused,
            other => panic!("{other:?}"),
        };
        let early = w.identity.confirm_merge(&merge, "b", now()).await;
        assert!(matches!(refused(early), Refused::NotProposed(..)));
        w.identity.propose_merge(&merge, "a", now()).await.unwrap();
        let same = w.identity.confirm_merge(&merge, "a", now()).await;
        assert_eq!(refused(same), Refused::SecondPerson("a".to_owned()));
        let turned = Merge { subsumed: id("2"), survivor: id("1") };
        let turned = w.identity.confirm_merge(&turned, "b", now()).await;
        assert!(matches!(refused(turned), Refused::NotProposed(..)));
        let twice = w.identity.propose_merge(&merge, "b", now()).await;
        assert_eq!(refused(twice), Refused::Proposed("a".to_owned()));
        // From the proposal on they are cross-referenced.
        assert_eq!(w.others(&id("1"), &[HOME]).await.unwrap(), ["2"]);
        assert!(matches!(w.find(&hanako("")).await, Candidates::One(_)));
        let waiting = w.review().await;
        assert_eq!(waiting[0].proposal.as_ref().unwrap().merge().unwrap(), merge);
        w.identity.confirm_merge(&merge, "b", now()).await.unwrap();
        w.identity.confirm_merge(&merge, "b", now()).await.unwrap();
        w.merge("1", "2").await;
        assert_eq!(w.questions().await, []);
        assert_eq!(w.others(&id("1"), &[HOME]).await.unwrap(), ["2"]);
        let local_id = local("A-1", CLINIC);
        w.take(vec![of(3, hers("A-1", CLINIC))]).await;
        let foreign = Merge { subsumed: local_id.clone(), survivor: id("2") };
        let foreign = w.identity.propose_merge(&foreign, "a", now()).await;
        assert_eq!(refused(foreign), Refused::NotOfTheDomain(local_id));
    }
}

#[tokio::test]
async fn two_of_one_domain_are_not_brought_together_by_a_third() {
    for w in worlds() {
        w.take(hers_of_both()).await;
        w.take(vec![of(3, hers("A-2", CLINIC))]).await;
        let second = local("A-2", CLINIC);
        let third = w.others(&both()[1], &[]).await.unwrap();
        assert_eq!(third.len(), 1, "it is one of both");
        assert!(w.questions().await.contains(&Question::Same), "somebody has to look at it");
        w.identity.decide([&both()[0], &second], Decision::Same, "clerk", now()).await.unwrap();
        assert_eq!(w.others(&second, &[]).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn what_is_not_there_is_refused_by_name() {
    for w in worlds() {
        w.take(vec![of(1, hers("A-1", CLINIC)), of(1, hanako("1")), of(1, hanako("2"))]).await;
        let [a, b] = both();
        let unknown = w.identity.decide([&a, &b], Decision::Same, "clerk", now()).await;
        let Err(ReviewError::Refused(Refused::Unknown(named))) = unknown else { panic!() };
        assert_eq!(named, b);
        w.merge("1", "2").await;
        let one = w.identity.explain(&id("1"), &id("2")).await;
        assert!(matches!(one, Err(ReviewError::Refused(Refused::OneRecord(..)))));
    }
}

#[tokio::test]
async fn two_processes_at_once_do_not_miss_each_other() {
    for w in worlds() {
        let other = w.beside();
        for n in 0..10 {
            let named = |id: &str, authority: &str| {
                let name = ["ア", "イ", "ウ", "エ", "オ", "カ", "キ", "ク", "ケ", "コ"][n];
                let names = vec![Name::new(Writing::Syllabic, "トクベツ", &name.repeat(3))];
                of(1, Person { names, ..hers(&format!("{id}-{n}"), authority) })
            };
            let (one, two) = tokio::join!(
                w.identity.take(vec![named("A", CLINIC)]),
                other.take(vec![named("C", COMPANY)])
            );
            one.and(two).unwrap();
            let found = w.others(&local(&format!("A-{n}"), CLINIC), &[COMPANY]).await.unwrap();
            assert_eq!(found, [format!("C-{n}")]);
        }
    }
}

/// The rules of the program with other words in them.
pub(crate) fn changed_rules(changes: &[(&str, &str)]) -> RuleBook {
    let mut toml = renkei_matching::STANDARD.to_owned();
    for (from, to) in changes {
        assert!(toml.contains(from), "{from}");
        toml = toml.replace(from, to);
    }
    RuleBook::read(&toml, None).unwrap()
}

#[tokio::test]
async fn other_rules_are_tried_before_they_act() {
    for w in worlds() {
        w.take(hers_of_both()).await;
        w.take(vec![of(1, hers("D-1", "2.999.9"))]).await;
        let third = local("D-1", "2.999.9");
        let [a, b] = both();
        w.identity.decide([&a, &third], Decision::Same, "clerk", now()).await.unwrap();
        let strict = changed_rules(&[
            ("upper = 29.0", "upper = 90.0"),
            ("version = \"2026.12.2\"", "version = \"strict\""),
        ]);
        let found = w.identity.try_rules(&strict).await.unwrap();
        assert_eq!((found.version.as_str(), found.records, found.decided), ("strict", 3, 1));
        assert_eq!(
            found.changes.into_iter().collect::<Vec<_>>(),
            [((Line::Linked, Line::WorkList), 2)]
        );
        assert_eq!((found.pairs.len(), found.trial.compared), (2, 3));
        assert!(w.are_one().await, "a trial changes nothing");
        let in_force = w.identity.rules_in_force().await.unwrap();
        assert_eq!(in_force, RuleBook::standard());
        // Another process learns of it as well.
        let other = w.beside();
        w.identity.put_in_force(&strict, now()).await.unwrap();
        other.catch_up_all(now()).await.unwrap();
        assert_eq!(other.rules_in_force().await.unwrap().version(), "strict");
        assert!(!w.identity.explain(&a, &b).await.unwrap().is_one);
        assert!(w.identity.explain(&a, &third).await.unwrap().is_one, "a clerk decided");
        let kept = w.identity.explain(&a, &b).await.unwrap().kept.unwrap().0;
        assert_eq!((&*kept.rules, kept.line), ("strict", Line::WorkList));
        assert_eq!(w.identity.catch_up(0, now()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn what_too_many_have_is_divided_and_what_remains_is_counted() {
    for w in worlds() {
        let few = changed_rules(&[("largest = 100", "largest = 4")]);
        w.identity.put_in_force(&few, now()).await.unwrap();
        for n in 0..20 {
            let told = apart(hers(&format!("A-{n}"), CLINIC), &format!("S-{n}"));
            w.take(vec![of(1, told)]).await;
        }
        let (waiting, left_out) = w.identity.backlog().await.unwrap();
        assert!(left_out > 0);
        assert!((1..190).contains(&waiting), "{waiting} of 190 pairs were compared");
        // Somebody with another key in common is found all the same.
        w.take(vec![of(2, phone(hers("A-1", CLINIC), "090-0000-0001"))]).await;
        w.take(vec![of(2, phone(hers("C-1", COMPANY), "090-0000-0001"))]).await;
        assert!(w.are_one().await);
    }
}

#[tokio::test]
async fn records_from_before_there_were_rules_are_judged_by_and_by() {
    for w in worlds() {
        w.take(hers_of_both()).await;
        w.take(vec![of(3, hanako("1"))]).await;
        // As an update finds them.
        let before = [
            "DELETE FROM rules",
            "DELETE FROM lead",
            "DELETE FROM known_as",
            "DELETE FROM pair",
            "UPDATE person SET epoch = 0, cluster = key",
        ];
        let undone = w.identity.database().write(move |db: &mut Db| {
            for sql in before {
                each!(db, |c| c.batch_execute(sql)).map_err(IdentityError::from)?;
            }
            Ok::<_, IdentityError>(())
        });
        undone.await.unwrap();
        let updated = w.beside();
        assert!(updated.catch_up(0, now()).await.unwrap().is_some());
        updated.catch_up_all(now()).await.unwrap();
        assert!(w.are_one().await);
        assert_eq!(w.others(&id("1"), &[]).await.unwrap(), ["A-1", "C-1"]);
        assert_eq!(updated.catch_up(0, now()).await.unwrap(), None);
    }
}
