//! ITI-8, and merged patients.

use super::world::{AUTHORITY, World, ctx, entry, patient, submission};
use crate::{PatientPolicy, RegistryLimits};
use diesel::connection::SimpleConnection;
use renkei_atna::record::Outcome;
use renkei_database::{DatabaseError, Db, each};
use renkei_hl7v2::adt::{self, PatientFeed};
use renkei_metadata::model::AvailabilityStatus;
use renkei_xds::iti18::QueryBuilder;

fn feed(event: &str, pid3: &str) -> PatientFeed {
    let message = format!(
        "MSH|^~\\&|APP|FAC|REG|HUB|20260401||ADT^{event}|1|P|2.3.1\rEVN|{event}|20260401\r\
         PID|||{pid3}||健診^花子||19700101|F\rPV1||O\r"
    );
    adt::read(message.as_bytes()).unwrap()
}

#[tokio::test]
async fn announced_patients_may_have_documents() {
    for w in World::each_with(PatientPolicy::KnownOnly, RegistryLimits::default()) {
        for (n, event) in ["A01", "A04", "A05"].into_iter().enumerate() {
            let pid3 = format!("7^^^&2.99.1&ISO~{n}^^^&{AUTHORITY}&ISO");
            for _ in 0..2 {
                w.registry.feed(&ctx(), &feed(event, &pid3)).await.unwrap();
            }
            let p = patient(&n.to_string());
            w.accept(submission(&p, vec![entry(&p)])).await;
        }
        let p = patient("never");
        w.registry.feed(&ctx(), &feed("A08", &format!("never^^^&{AUTHORITY}&ISO"))).await.unwrap();
        assert_eq!(w.refuse(submission(&p, vec![entry(&p)])).await, ["XDSUnknownPatientId"]);
    }
}

#[tokio::test]
async fn every_identifier_that_a_message_announces_is_on_record() {
    let ours = |id: &str| format!("{id}^^^&{AUTHORITY}&ISO");
    let pid3 = [ours("1"), "7^^^&2.99.1&ISO".to_owned(), ours("2"), ours("1")].join("~");
    for w in World::each() {
        w.registry.feed_refused(&ctx(), &feed("A04", &pid3), "refused".to_owned()).await;
        let records = w.records.0.lock().unwrap();
        let ids: Vec<&str> = records[0].objects.iter().map(|o| o.id.as_str()).collect();
        assert_eq!(ids, [ours("1"), ours("2")]);
    }
}

#[tokio::test]
async fn a_message_without_our_authority_is_refused_and_on_record() {
    for w in World::each() {
        let nak = w.registry.feed(&ctx(), &feed("A04", "7^^^&2.99.1&ISO")).await.unwrap_err();
        assert!(nak.problems[0].en.contains(AUTHORITY));
        let outcomes: Vec<Outcome> =
            w.records.0.lock().unwrap().iter().map(|r| r.outcome).collect();
        assert_eq!(outcomes, [Outcome::SeriousFailure]);
        assert_eq!(w.outbox().await, 0);
        w.registry.feed(&ctx(), &feed("A08", "7^^^&2.99.1&ISO")).await.unwrap();
        assert_eq!(w.outbox().await, 1);
    }
}

/// What a merge will do to the table.
async fn merge(w: &World, subsumed: i64, survivor: i64) {
    let sql = format!("UPDATE patient SET survivor = {survivor} WHERE key = {subsumed}");
    let done = w.registry.database().write(move |db: &mut Db| {
        each!(db, |c| c.batch_execute(&sql)).map_err(DatabaseError::from)
    });
    done.await.unwrap();
}

#[tokio::test]
async fn a_merged_patient_is_found_under_the_surviving_id() {
    for w in World::each() {
        let (old, new) = (patient("old"), patient("new"));
        let e = entry(&old);
        w.accept(submission(&old, vec![e.clone()])).await;
        w.accept(submission(&new, vec![entry(&new)])).await;
        merge(&w, 1, 2).await;
        let approved = &[AvailabilityStatus::Approved];
        let found = w.entries(&QueryBuilder::find_documents(&new, approved).build()).await;
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|e| e.patient_id.as_ref() == Some(&new)));
        let none = w.entries(&QueryBuilder::find_documents(&old, approved).build()).await;
        assert_eq!(none.len(), 0);
        let codes = w.refuse(submission(&old, vec![entry(&old)])).await;
        assert_eq!(codes, ["XDSUnknownPatientId"]);
        // The same document under the surviving id, and its replacement.
        let mut again = e.clone();
        again.patient_id = Some(new.clone());
        w.accept(submission(&new, vec![again])).await;
        let ids = [e.unique_id];
        let both = w.entries(&QueryBuilder::get_documents_by_unique_id(&ids).build()).await;
        assert_eq!(both.len(), 2);
        let first = found.iter().find(|f| f.unique_id == ids[0]).unwrap().id.uuid().unwrap();
        w.accept(super::world::replacement(&new, entry(&new), first)).await;
    }
}
