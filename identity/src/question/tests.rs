//! Questions that wait for their answers, on each database.

use super::{Question, Settled, put, store};
use crate::IdentityError;
use crate::correlation::Correlation;
use crate::tests::{World, hanako, id, living, worlds};
use chrono::{DateTime, TimeDelta, Utc};
use renkei_database::Db;
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;

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

fn question(of: &str, message_id: &str) -> Question {
    Question {
        patient: id(of),
        message_id: message_id.to_owned(),
        message: format!("message of {message_id}"),
        query: format!("query of {message_id}"),
        asked_by: [7; 32],
        with_more: false,
        heard: None,
        until: now() + TimeDelta::minutes(10),
    }
}

fn known() -> Settled {
    Settled::Known(Correlation {
        theirs: Some(PatientId::parse("there^^^&2.999.20.1&ISO").unwrap()),
        asked_by: [7; 32],
        degree: Some(98),
        since: now(),
        until: now() + TimeDelta::days(7),
    })
}

impl World {
    async fn asks(&self, home: &HomeCommunityId, question: Question) -> bool {
        self.identity.ask(home, question, now()).await.unwrap()
    }

    async fn asked(&self, home: &HomeCommunityId, of: &str) -> Option<Question> {
        self.identity.question(&id(of), home).await.unwrap()
    }

    async fn settles(&self, message_id: &str, settled: Settled) -> bool {
        self.identity.settle_question(message_id, settled, now()).await.unwrap()
    }

    /// Writes, and while that is not committed yet has the other thing done: on PostgreSQL by another
    /// connection, on SQLite behind it.
    async fn meanwhile<T: Send + 'static>(
        &self,
        mut write: impl FnMut(&mut Db) -> Result<T, IdentityError> + Send + 'static,
        other: impl Future,
    ) -> T {
        let (written, is_written) = oneshot::channel();
        let mut written = Some(written);
        let slow = self.identity.database().write(move |db: &mut Db| {
            let done = write(db)?;
            if let Some(written) = written.take() {
                written.send(()).unwrap();
            }
            thread::sleep(Duration::from_millis(300));
            Ok::<T, IdentityError>(done)
        });
        let other = async {
            is_written.await.unwrap();
            other.await;
        };
        tokio::join!(slow, other).0.unwrap()
    }
}

#[tokio::test]
async fn nobody_is_asked_the_same_twice_while_an_answer_is_awaited() {
    for w in worlds() {
        assert!(w.asks(&north(), question("1", "m1")).await);
        assert!(!w.asks(&north(), question("1", "m2")).await, "is awaited");
        assert_eq!(w.asked(&north(), "1").await, Some(question("1", "m1")));
        assert!(w.asks(&south(), question("1", "m3")).await, "is somebody else");
        assert!(w.asks(&north(), question("2", "m4")).await, "about somebody else");
        let otherwise = Question { asked_by: [8; 32], ..question("1", "m5") };
        assert!(w.asks(&north(), otherwise.clone()).await, "says something else");
        assert_eq!(w.identity.question_of("m1").await.unwrap(), None, "nobody waits for it");
        let found = w.identity.question_of("m5").await.unwrap();
        assert_eq!(found, Some((north(), otherwise)));
        let later = now() + TimeDelta::minutes(10);
        let again = Question { until: later + TimeDelta::days(30), ..question("2", "m6") };
        assert!(w.identity.ask(&north(), again, later).await.unwrap(), "was never taken");
    }
}

#[tokio::test]
async fn what_was_taken_is_awaited_and_what_was_not_is_forgotten() {
    for w in worlds() {
        w.asks(&north(), question("1", "m1")).await;
        let until = now() + TimeDelta::days(30);
        w.identity.await_answer("m1", until).await.unwrap();
        assert_eq!(w.asked(&north(), "1").await, Some(Question { until, ..question("1", "m1") }));
        w.identity.withdraw_question("m1").await.unwrap();
        assert_eq!(w.asked(&north(), "1").await, None);
        w.identity.await_answer("m1", until).await.unwrap();
        assert_eq!(w.asked(&north(), "1").await, None);
    }
}

#[tokio::test]
async fn an_answer_is_taken_once() {
    for w in worlds() {
        assert!(!w.settles("m1", known()).await, "nobody asked");
        w.asks(&north(), question("1", "m1")).await;
        assert!(w.settles("m1", known()).await);
        assert!(!w.settles("m1", known()).await);
        assert_eq!(w.asked(&north(), "1").await, None);
        assert!(w.identity.correlation(&id("1"), &north()).await.unwrap().is_some());

        w.asks(&north(), question("2", "m2")).await;
        let heard = Some(("discovery-several".to_owned(), String::new()));
        let until = now() + TimeDelta::days(1);
        assert!(w.settles("m2", Settled::Told(heard.clone().unwrap(), until)).await);
        assert!(!w.settles("m2", known()).await, "it was heard");
        // The acknowledgement may come later than the answer.
        w.identity.await_answer("m2", now() + TimeDelta::days(30)).await.unwrap();
        let told = Question { heard, until, ..question("2", "m2") };
        assert_eq!(w.asked(&north(), "2").await, Some(told));
        assert!(w.asks(&north(), question("2", "m3")).await);

        assert!(w.settles("m3", Settled::Void).await);
        assert_eq!(w.asked(&north(), "2").await, None);
        w.asks(&north(), question("3", "m4")).await;
        let late = now() + TimeDelta::minutes(10);
        assert!(
            !w.identity.settle_question("m4", known(), late).await.unwrap(),
            "its time is over"
        );
        assert_eq!(w.identity.correlation(&id("3"), &north()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_question_ends_with_what_it_said_and_by_command() {
    for w in worlds() {
        w.remember(hanako("1")).await;
        w.asks(&north(), question("1", "m1")).await;
        w.remember(hanako("1")).await;
        assert!(w.asked(&north(), "1").await.is_some(), "nothing new was said");
        w.remember(living(hanako("1"), "新町2")).await;
        assert_eq!(w.asked(&north(), "1").await, None);
        assert!(!w.settles("m1", known()).await);

        w.remember(hanako("2")).await;
        w.asks(&north(), question("1", "m2")).await;
        w.asks(&north(), question("2", "m3")).await;
        w.merge("1", "2").await;
        assert!(!w.settles("m2", known()).await && !w.settles("m3", known()).await);

        w.asks(&north(), question("3", "m4")).await;
        w.asks(&south(), question("3", "m5")).await;
        let counts = w.identity.correlations(now()).await.unwrap();
        assert_eq!(counts.get(north().as_str()).map(|count| count.asked), Some(1));
        let forgotten = w.identity.forget_correlations(&north(), Some(&id("3"))).await.unwrap();
        assert_eq!(forgotten, 1);
        assert!(!w.settles("m4", known()).await && w.settles("m5", known()).await);
    }
}

#[tokio::test]
async fn of_two_processes_that_hear_an_answer_at_once_one_takes_it() {
    for w in worlds() {
        let other = w.beside();
        for number in 0..20 {
            let (of, message_id) = (number.to_string(), format!("m{number}"));
            w.asks(&north(), question(&of, &message_id)).await;
            let (one, another) = tokio::join!(
                w.identity.settle_question(&message_id, known(), now()),
                other.settle_question(&message_id, known(), now()),
            );
            assert_ne!(one.unwrap(), another.unwrap(), "{message_id}");
        }
    }
}

#[tokio::test]
async fn two_who_ask_the_same_at_once_ask_once() {
    for w in worlds() {
        let inner = Arc::clone(&w.identity.inner);
        let first = move |db: &mut Db| put(db, &inner.vault, &north(), &question("1", "m1"), now());
        let second = async { assert!(!w.asks(&north(), question("1", "m2")).await, "is awaited") };
        assert!(w.meanwhile(first, second).await);
        assert_eq!(w.asked(&north(), "1").await, Some(question("1", "m1")));
    }
}

#[tokio::test]
async fn what_is_answered_while_it_is_acknowledged_is_answered() {
    for w in worlds() {
        let taken = || async {
            let until = now() + TimeDelta::days(30);
            w.identity.await_answer("m1", until).await.unwrap();
        };
        w.asks(&north(), question("1", "m1")).await;
        let gone = |db: &mut Db| store::drop(db, "m1");
        assert_eq!(w.meanwhile(gone, taken()).await, 1);
        assert_eq!(w.asked(&north(), "1").await, None);

        w.asks(&north(), question("1", "m1")).await;
        let inner = Arc::clone(&w.identity.inner);
        let heard = Some(("discovery-several".to_owned(), String::new()));
        let told = Question { heard, ..question("1", "m1") };
        let kept = told.clone();
        let tells = move |db: &mut Db| {
            store::drop(db, "m1")?;
            store::keep(db, &inner.vault, &north(), &kept)
        };
        w.meanwhile(tells, taken()).await;
        assert_eq!(w.asked(&north(), "1").await, Some(told));
    }
}
