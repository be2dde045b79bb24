//! Statements of the writing side are prepared once, whatever a submission holds, and read no table
//! as a whole.

use super::world::{World, entry, link, member, patient, replacement, submission, with_uuid};
use diesel::Connection;
use diesel::connection::InstrumentationEvent;
use renkei_database::{DatabaseError, Db};
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::{AssociationType, Submission, SubmissionSetStatus};
use std::sync::{Arc, Mutex};

/// What the writer's connection did: each statement that it prepared, and each that it ran.
#[derive(Default)]
struct Seen {
    prepared: Vec<String>,
    run: Vec<String>,
}

/// Watches the writer of SQLite, of which there is one.
async fn watch(w: &World) -> Arc<Mutex<Seen>> {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let shared = Arc::clone(&seen);
    let done = w.registry.database().write(move |db: &mut Db| {
        let Db::Sqlite(c) = db else { return Err(DatabaseError::Closed) };
        let shared = Arc::clone(&shared);
        c.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::CacheQuery { sql, .. } => {
                shared.lock().unwrap().prepared.push(sql.to_owned());
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                let text = query.to_string();
                let sql = text.split(" -- binds").next().unwrap_or_default();
                shared.lock().unwrap().run.push(sql.to_owned());
            }
            _ => {}
        });
        Ok(())
    });
    done.await.unwrap();
    seen
}

/// Documents with reference ids, of which one replaces a registered one and one transforms it.
fn of_every_sort(p: &PatientId, old: EntryUuid, documents: usize) -> Submission {
    let mut s = replacement(p, entry(p), old);
    let more = submission(p, (1..documents).map(|_| entry(p)).collect());
    for (n, mut e) in more.entries.into_iter().enumerate() {
        e.id = ObjectId::Symbol(format!("More{n}"));
        e.reference_ids = vec![format!("{n}^^^&1.2.3&ISO^urn:x"), "7^^^&1.2.3&ISO^urn:x".into()];
        let member = member(&s.submission_set, &e.id, SubmissionSetStatus::Original);
        let xfrm = link(AssociationType::Xfrm, &e.id, &ObjectId::Uuid(old));
        s.associations.extend([member, xfrm]);
        s.entries.push(e);
    }
    s
}

#[tokio::test]
async fn no_submission_prepares_what_another_has_prepared_or_reads_a_whole_table() {
    let w = World::each().remove(0);
    let p = patient("1");
    let (old, id) = with_uuid(entry(&p));
    let (other, other_id) = with_uuid(entry(&p));
    let seen = watch(&w).await;
    w.accept(submission(&p, vec![old, other])).await;
    w.accept(of_every_sort(&p, id, 3)).await;
    let first = std::mem::take(&mut *seen.lock().unwrap());
    w.accept(of_every_sort(&p, other_id, 9)).await;
    let second = std::mem::take(&mut *seen.lock().unwrap());
    assert_eq!(second.prepared, Vec::<String>::new());
    let words = ["BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"];
    let run = second.run.iter().filter(|sql| !words.iter().any(|word| sql.starts_with(word)));
    let unprepared: Vec<&String> =
        run.clone().filter(|sql| !first.prepared.contains(sql)).collect();
    assert_eq!(unprepared, Vec::<&String>::new());
    assert!(run.clone().count() > 60, "{:?}", second.run);
    for sql in run.filter(|sql| !sql.starts_with("INSERT")) {
        let plan = w.registry.database().explain(sql).await.unwrap();
        assert!(plan.contains("SEARCH") && !plan.contains("SCAN"), "{sql}\n{plan}");
    }
}
