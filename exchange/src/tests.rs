//! On every database there is.

use super::*;
use renkei_database::testing::TestDatabase;
use renkei_database::{Database, Db, Migrations, Options};
use renkei_sealing::KeyRing;
use std::collections::HashSet;
use std::time::Duration;

const BOUNDS: Bounds = Bounds { answers: 3, replies: 2 };

struct Fixture {
    place: TestDatabase,
    keys: KeyRing,
}

impl Fixture {
    fn each() -> Vec<Self> {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyRing::open_or_create(folder.path()).unwrap();
        let all = TestDatabase::each().unwrap();
        all.into_iter().map(|place| Self { place, keys: keys.clone() }).collect()
    }

    fn database(&self) -> Database {
        let migrations = Migrations { actor: "registry", tables: vec![tables()] };
        Database::open(self.place.url(), migrations, Options::default()).unwrap()
    }

    fn memory(&self, database: &Database) -> Memory {
        Memory::new(database, &self.keys, BOUNDS).unwrap()
    }
}

fn answer(text: &str) -> Answer {
    Answer { content_type: "text/plain".to_owned(), body: text.as_bytes().to_vec() }
}

fn reply(text: &str) -> Reply {
    Reply {
        transaction: "ITI-18".to_owned(),
        to: "https://h/".to_owned(),
        content_type: "text/plain".to_owned(),
        body: text.as_bytes().to_vec(),
    }
}

#[test]
fn a_message_is_its_sender_its_id_and_its_envelope() {
    let first = message("a", "urn:1", "<x/>");
    assert_eq!(first, message("a", "urn:1", "<x/>"));
    assert_ne!(first.key, message("b", "urn:1", "<x/>").key);
    assert_ne!(first.key, message("a", "urn:2", "<x/>").key);
    assert_ne!(message("a", "bc", "").key, message("ab", "c", "").key);
    let other = message("a", "urn:1", "<y/>");
    assert_eq!(first.key, other.key);
    assert_ne!(first.envelope, other.envelope);
    let digests = [
        parts([]),
        parts([("a", [1; 32])]),
        parts([("b", [1; 32])]),
        parts([("a", [2; 32])]),
        parts([("a", [1; 32]), ("b", [2; 32])]),
        parts([("b", [2; 32]), ("a", [1; 32])]),
    ];
    assert_eq!(digests.iter().collect::<HashSet<_>>().len(), digests.len());
}

#[tokio::test]
async fn a_repeat_is_answered_as_before_also_after_a_restart() {
    for fixture in Fixture::each() {
        let said = message("peer", "urn:1", "<x/>");
        {
            let database = fixture.database();
            let memory = fixture.memory(&database);
            assert!(matches!(memory.begin(&said).await, Ok(Occurrence::New(_))));
            memory.keep(&said, &answer("done")).await.unwrap();
            database.close().await;
        }
        let database = fixture.database();
        let memory = fixture.memory(&database);
        match memory.begin(&said).await.unwrap() {
            Occurrence::Repeat(found) => assert_eq!(found.answer, Some(answer("done"))),
            other => panic!("{other:?}"),
        }
        let other = message("peer", "urn:1", "<y/>");
        assert!(matches!(memory.begin(&other).await, Ok(Occurrence::Conflict)));
        let elsewhere = message("other", "urn:1", "<x/>");
        assert!(matches!(memory.begin(&elsewhere).await, Ok(Occurrence::New(_))));
        database.close().await;
    }
}

#[tokio::test]
async fn what_was_carried_out_is_known_with_its_change() {
    for fixture in Fixture::each() {
        let database = fixture.database();
        let memory = fixture.memory(&database);
        let said = message("peer", "urn:1", "<x/>");
        let undone = database.write(move |db: &mut Db| {
            mark(db, &said)?;
            Err::<(), _>(ExchangeError::Format)
        });
        assert!(undone.await.is_err());
        assert!(matches!(memory.begin(&said).await, Ok(Occurrence::New(_))));
        database.write(move |db: &mut Db| mark(db, &said)).await.unwrap();
        assert_eq!(memory.done(&said).await.unwrap().unwrap().answer, None);
        memory.keep(&said, &answer("done")).await.unwrap();
        // A second mark takes nothing away.
        database.write(move |db: &mut Db| mark(db, &said)).await.unwrap();
        assert_eq!(memory.done(&said).await.unwrap().unwrap().answer, Some(answer("done")));
        assert_eq!(memory.done(&message("peer", "urn:1", "<y/>")).await.unwrap(), None);
        database.close().await;
    }
}

#[tokio::test]
async fn what_was_begun_is_known_and_is_not_done() {
    for fixture in Fixture::each() {
        let database = fixture.database();
        let memory = fixture.memory(&database);
        let said = message("peer", "urn:1", "<x/>");
        assert!(!memory.was_begun(&said).await.unwrap());
        for _ in 0..2 {
            memory.note_begun(&said).await.unwrap();
        }
        assert!(memory.was_begun(&said).await.unwrap());
        assert!(!memory.was_begun(&message("peer", "urn:1", "<y/>")).await.unwrap());
        assert!(matches!(memory.begin(&said).await, Ok(Occurrence::New(_))));
        database.close().await;
    }
}

#[tokio::test]
async fn other_parts_are_another_message() {
    for fixture in Fixture::each() {
        let database = fixture.database();
        let memory = fixture.memory(&database);
        let (first, others) = (parts([("a", [1; 32])]), parts([("a", [2; 32])]));
        let said = message("peer", "urn:1", "<x/>");
        let alone = message("peer", "urn:2", "<x/>");
        database.write(move |db: &mut Db| mark(db, &alone)).await.unwrap();
        let done = memory.done(&alone).await.unwrap().unwrap();
        assert!(done.had(parts([])) && !done.had(first));
        let came = renkei_context::Message { parts: Some(first), ..said };
        database.write(move |db: &mut Db| mark(db, &came)).await.unwrap();
        // With the change, and with the answer.
        for _ in 0..2 {
            match memory.begin(&said).await.unwrap() {
                Occurrence::Repeat(done) => assert!(done.had(first) && !done.had(others)),
                other => panic!("{other:?}"),
            }
            memory.keep(&came, &answer("done")).await.unwrap();
        }
        database.close().await;
    }
}

#[tokio::test]
async fn a_repeat_waits_for_the_first() {
    for fixture in Fixture::each() {
        let database = fixture.database();
        let memory = fixture.memory(&database);
        let said = message("peer", "urn:1", "<x/>");
        let Occurrence::New(under_way) = memory.begin(&said).await.unwrap() else {
            panic!("not new")
        };
        let second = tokio::spawn({
            let memory = memory.clone();
            async move { memory.begin(&said).await }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!second.is_finished());
        memory.keep(&said, &answer("done")).await.unwrap();
        drop(under_way);
        assert!(matches!(
            second.await.unwrap(),
            Ok(Occurrence::Repeat(Done { answer: Some(_), .. }))
        ));
        database.close().await;
    }
}

#[tokio::test]
async fn the_oldest_are_forgotten_first() {
    for fixture in Fixture::each() {
        let database = fixture.database();
        let memory = fixture.memory(&database);
        let said: Vec<_> = (0..5).map(|n| message("peer", &n.to_string(), "")).collect();
        for one in &said {
            memory.keep(one, &answer("x")).await.unwrap();
        }
        memory.forget().await.unwrap();
        let mut known = 0;
        for one in &said {
            known += usize::from(matches!(memory.begin(one).await, Ok(Occurrence::Repeat(_))));
        }
        assert_eq!(known, 3);
        assert!(matches!(memory.begin(&said[0]).await, Ok(Occurrence::New(_))));
        database.close().await;
    }
}

#[tokio::test]
async fn a_reply_waits_until_it_is_there() {
    for fixture in Fixture::each() {
        {
            let database = fixture.database();
            let memory = fixture.memory(&database);
            assert_eq!(memory.take().await.unwrap(), None);
            for text in ["first", "second"] {
                memory.room().await.unwrap();
                memory.send(&reply(text)).await.unwrap();
            }
            assert!(matches!(memory.room().await, Err(ExchangeError::Busy("async.replies"))));
            database.close().await;
        }
        let database = fixture.database();
        let memory = fixture.memory(&database);
        let first = memory.take().await.unwrap().unwrap();
        let second = memory.take().await.unwrap().unwrap();
        let mut found = [first.reply.clone(), second.reply.clone()];
        found.sort_by(|a, b| a.body.cmp(&b.body));
        assert_eq!(found, [reply("first"), reply("second")]);
        // Taken, and put off, is not due.
        assert_eq!(memory.take().await.unwrap(), None);
        memory.delivered(&first).await.unwrap();
        assert!(memory.put_off(&second).await.unwrap());
        assert_eq!((second.attempts, memory.take().await.unwrap()), (1, None));
        memory.wait(Duration::from_secs(30)).await;
        let again = memory.take().await.unwrap().unwrap();
        assert_eq!((again.attempts, &again.reply), (2, &second.reply));
        memory.give_up(&again).await.unwrap();
        memory.send(&reply("third")).await.unwrap();
        memory.room().await.expect("one waits, and what was given up does not");
        database.close().await;
    }
}
