//! On every database there is.

use super::*;
use renkei_database::testing::TestDatabase;
use renkei_database::{Database, Db, Migrations, Options};
use renkei_sealing::KeyRing;
use std::collections::HashSet;
use std::time::Duration;

const BOUNDS: Bounds = Bounds { answers: 3, replies: 4, partner_replies: 2 };

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

const NORTH: Addressee<'_> = Addressee { partner: "north", host: "https://n" };
const SOUTH: Addressee<'_> = Addressee { partner: "south", host: "https://s" };

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
            memory.send(NORTH, &reply("first")).await.unwrap();
            memory.send(SOUTH, &reply("second")).await.unwrap();
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
        memory.wait(Duration::from_secs(30)).await;
        let again = memory.take().await.unwrap().unwrap();
        assert_eq!((again.attempts, &again.reply), (2, &second.reply));
        memory.give_up(&again).await.unwrap();
        assert_eq!(memory.take().await.unwrap(), None);
        database.close().await;
    }
}

/// The text of the reply that is taken next.
async fn next(memory: &Memory) -> Option<(Due, String)> {
    let due = memory.take().await.unwrap()?;
    let text = String::from_utf8(due.reply.body.clone()).unwrap();
    Some((due, text))
}

#[tokio::test]
async fn a_host_is_called_once_at_a_time_and_keeps_nobody_else_waiting() {
    for fixture in Fixture::each() {
        let database = fixture.database();
        let memory = fixture.memory(&database);
        // Two processes on one database share what is under way.
        let other = fixture.memory(&database);
        for text in ["n1", "n2"] {
            memory.send(NORTH, &reply(text)).await.unwrap();
        }
        memory.send(SOUTH, &reply("s1")).await.unwrap();
        let (north, text) = next(&memory).await.unwrap();
        assert_eq!(text, "n1");
        let (south, text) = next(&other).await.unwrap();
        assert_eq!(text, "s1", "n2 waits for n1");
        assert!(next(&memory).await.is_none() && next(&other).await.is_none());
        other.delivered(&south).await.unwrap();
        assert!(next(&other).await.is_none());
        // What did not get there goes behind what was not tried.
        assert!(memory.put_off(&north).await.unwrap());
        let (second, text) = next(&memory).await.unwrap();
        assert_eq!(text, "n2");
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        assert!(next(&memory).await.is_none(), "n1 is due, and waits for n2");
        memory.give_up(&second).await.unwrap();
        assert_eq!(next(&memory).await.map(|(due, _)| due.attempts), Some(2));
        database.close().await;
    }
}

#[tokio::test]
async fn one_partner_does_not_take_the_room_of_another() {
    let full = |room: Result<(), ExchangeError>| match room {
        Err(ExchangeError::Busy(limit) | ExchangeError::PartnerBusy(limit)) => limit,
        other => panic!("{other:?}"),
    };
    for fixture in Fixture::each() {
        let database = fixture.database();
        let memory = fixture.memory(&database);
        for text in ["n1", "n2"] {
            memory.room("north").await.unwrap();
            memory.send(NORTH, &reply(text)).await.unwrap();
        }
        assert_eq!(full(memory.room("north").await), "async.partner_replies");
        // Whoever else has replies sent to that host.
        let west = Addressee { partner: "west", ..NORTH };
        for to in [SOUTH, west] {
            memory.room(to.partner).await.unwrap();
            memory.send(to, &reply("more")).await.unwrap();
        }
        assert_eq!(full(memory.room("south").await), "async.replies");
        let (due, _) = next(&memory).await.unwrap();
        memory.give_up(&due).await.unwrap();
        memory.room("south").await.unwrap();
        database.close().await;
    }
}
