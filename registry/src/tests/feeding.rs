//! ITI-8, and merged patients.

use super::world::{
    AUTHORITY, World, ctx, entry, link as relation, patient, replacement, submission, with_uuid,
};
use crate::{PatientPolicy, RegistryLimits};
use renkei_atna::record::Outcome;
use renkei_hl7v2::ack::{AckCode, ErrorCode};
use renkei_hl7v2::adt::{self, PatientFeed};
use renkei_metadata::finding::Checked;
use renkei_metadata::ids::{ObjectId, PatientId};
use renkei_metadata::model::{AssociationType, AvailabilityStatus, DocumentEntry};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;

pub(super) fn feed(event: &str, pid3: &str) -> PatientFeed {
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

#[tokio::test]
async fn an_authority_is_known_by_its_name() {
    for w in World::each_with(PatientPolicy::KnownOnly, RegistryLimits::default()) {
        w.registry.feed(&ctx(), &feed("A04", "1^^^HOUSE")).await.unwrap();
        let p = patient("1");
        w.accept(submission(&p, vec![entry(&p)])).await;
        for foreign in ["2^^^OTHER", "2^^^NEVER", &format!("2^^^OTHER&{AUTHORITY}&ISO")] {
            let nak = w.registry.feed(&ctx(), &feed("A04", foreign)).await.unwrap_err();
            assert_eq!(nak.problems[0].code, ErrorCode::UnknownKey, "{foreign}");
        }
    }
}

#[tokio::test]
async fn one_identifier_is_one_patient_however_it_is_escaped() {
    for w in World::each_with(PatientPolicy::KnownOnly, RegistryLimits::default()) {
        for (announced, submitted, asked) in [
            (r"W\E\1", r"W\1", r"W\E\1"),
            (r"W\T\2", r"W\T\2", r"W\X26\2"),
            ("カ\u{3099}", "ガ", "ガ"),
        ] {
            let pid3 = format!("{announced}^^^&{AUTHORITY}&ISO");
            w.registry.feed(&ctx(), &feed("A04", &pid3)).await.unwrap();
            let p = patient(submitted);
            w.accept(submission(&p, vec![entry(&p)])).await;
            let approved = &[AvailabilityStatus::Approved];
            let query = QueryBuilder::find_documents(&patient(asked), approved).build();
            assert_eq!(w.entries(&query).await.len(), 1, "{announced}");
        }
    }
}

/// A merge of the first identifier into the second.
pub(super) fn merge(subsumed: &str, surviving: &str) -> PatientFeed {
    let cx = |id: &str| format!("{id}^^^&{AUTHORITY}&ISO");
    let message = format!(
        "MSH|^~\\&|APP|FAC|REG|HUB|20260401||ADT^A40^ADT_A39|1|P|2.3.1\rEVN|A40|20260401\r\
         PID|||{}||健診^花子\rMRG|{}\r",
        cx(surviving),
        cx(subsumed),
    );
    adt::read(message.as_bytes()).unwrap()
}

/// How many current documents a patient has.
async fn documents(w: &World, id: &str) -> usize {
    let approved = &[AvailabilityStatus::Approved];
    let found = w.entries(&QueryBuilder::find_documents(&patient(id), approved).build()).await;
    assert!(found.iter().all(|e| e.patient_id.as_ref() == Some(&patient(id))));
    found.len()
}

#[tokio::test]
async fn a_merged_patient_is_found_under_the_surviving_id() {
    for w in World::each() {
        let (old, new) = (patient("old"), patient("new"));
        let e = entry(&old);
        w.accept(submission(&old, vec![e.clone()])).await;
        w.accept(submission(&new, vec![entry(&new)])).await;
        let before = w.outbox().await;
        w.registry.feed(&ctx(), &merge("old", "new")).await.unwrap();
        assert_eq!(w.outbox().await, before + 2, "one record for each identifier");
        assert_eq!((documents(&w, "old").await, documents(&w, "new").await), (0, 2));
        let codes = w.refuse(submission(&old, vec![entry(&old)])).await;
        assert_eq!(codes, ["XDSUnknownPatientId"]);
        // It is not announced again either.
        let again = feed("A04", &format!("old^^^&{AUTHORITY}&ISO"));
        let nak = w.registry.feed(&ctx(), &again).await.unwrap_err();
        assert!(nak.problems[0].en.contains("merged"), "{nak}");
        // The same document under the surviving id, and its replacement.
        let mut again = e.clone();
        again.patient_id = Some(new.clone());
        w.accept(submission(&new, vec![again])).await;
        let ids = [e.unique_id];
        let both = w.entries(&QueryBuilder::get_documents_by_unique_id(&ids).build()).await;
        assert_eq!(both.len(), 2);
        assert!(both.iter().all(|e| e.patient_id.as_ref() == Some(&new)));
        let first = both.first().unwrap().id.uuid().unwrap();
        w.accept(super::world::replacement(&new, entry(&new), first)).await;
    }
}

#[tokio::test]
async fn merges_make_chains_and_never_circles() {
    for w in World::each() {
        for id in ["a", "b", "c", "d"] {
            let p = patient(id);
            w.accept(submission(&p, vec![entry(&p)])).await;
        }
        for (subsumed, surviving) in [("a", "b"), ("c", "d"), ("b", "d")] {
            w.registry.feed(&ctx(), &merge(subsumed, surviving)).await.unwrap();
        }
        let found = [documents(&w, "a").await, documents(&w, "b").await, documents(&w, "d").await];
        assert_eq!(found, [0, 0, 4]);
        let records = w.outbox().await;
        for (subsumed, surviving, place, code) in [
            // Subsumed before, into another; the survivor was; into itself by way of a circle; not known.
            ("a", "c", "MRG^1^1", 205),
            ("d", "b", "PID^1^3", 204),
            ("d", "a", "PID^1^3", 204),
            ("never", "d", "MRG^1^1", 204),
        ] {
            let nak = w.registry.feed(&ctx(), &merge(subsumed, surviving)).await.unwrap_err();
            let problem = &nak.problems[0];
            assert_eq!(nak.code, AckCode::Error);
            let found = (problem.location.to_string(), problem.code.entry().0);
            assert_eq!(found, (place.to_owned(), code), "{subsumed} into {surviving}");
            assert_eq!((documents(&w, "d").await, w.outbox().await), (4, records));
        }
        // One that stands is confirmed, and changes nothing: told again, or where it led to.
        for (subsumed, surviving) in [("b", "d"), ("a", "d")] {
            w.registry.feed(&ctx(), &merge(subsumed, surviving)).await.unwrap();
            assert_eq!(documents(&w, "d").await, 4);
        }
        // A survivor that nobody has announced yet is known by the merge.
        w.registry.feed(&ctx(), &merge("d", "new")).await.unwrap();
        assert_eq!(documents(&w, "new").await, 4);
    }
}

#[tokio::test]
async fn a_refused_merge_is_on_record_with_both_identifiers() {
    for w in World::each() {
        w.registry.feed(&ctx(), &merge("never", "d")).await.unwrap_err();
        let records = w.records.0.lock().unwrap();
        let ids: Vec<String> = records[0].objects.iter().map(|o| o.id.clone()).collect();
        assert_eq!(ids, [patient("never").to_string(), patient("d").to_string()]);
        assert_eq!(records[0].outcome, Outcome::SeriousFailure);
    }
}

#[tokio::test]
async fn merges_and_submissions_at_once_lose_nothing() {
    for (w, other) in World::each().into_iter().map(World::beside) {
        for round in 0..8 {
            let id = |letter: &str| format!("{letter}{round}");
            let (a, b) = (patient(&id("a")), patient(&id("b")));
            for p in [&a, &b] {
                w.accept(submission(p, vec![entry(p)])).await;
            }
            // Each into the other, and documents for both meanwhile.
            let (c, d, e, f) = (ctx(), ctx(), ctx(), ctx());
            let (forth, back) = (merge(&id("a"), &id("b")), merge(&id("b"), &id("a")));
            let new = |p| Checked::good(submission(p, vec![entry(p)]));
            let (first, second, third, fourth) = tokio::join!(
                w.registry.feed(&c, &forth),
                other.feed(&d, &back),
                other.register(&e, new(&a)),
                w.registry.register(&f, new(&b)),
            );
            assert_ne!(first.is_ok(), second.is_ok(), "one of them survives");
            let accepted = [third, fourth].iter().filter(|r| r.status == Status::Success).count();
            let survivor = if first.is_ok() { id("b") } else { id("a") };
            let subsumed = if first.is_ok() { id("a") } else { id("b") };
            let found = [documents(&w, &survivor).await, documents(&w, &subsumed).await];
            assert_eq!(found, [2 + accepted, 0], "round {round}");
        }
    }
}

/// The local identifier belongs to another patient from now on, and takes in a second one.
pub(super) fn link([previous, new]: [&str; 2], local: &str, takes_in: Option<&str>) -> PatientFeed {
    let own = |id: &str| format!("{id}^^^&{AUTHORITY}&ISO");
    let of_facility = |id: &str| format!("{id}^^^&1.2.3.9&ISO");
    let prior = takes_in.map(|id| format!("~{}", of_facility(id))).unwrap_or_default();
    let message = format!(
        "MSH|^~\\&|1.2.3.8|FAC|REG|HUB|20260401||ADT^A43^ADT_A43|1|P|2.5\rEVN||20260401\r\
         PID|||{}~{}|| \rMRG|{}{prior}\r",
        own(new),
        of_facility(local),
        own(previous),
    );
    adt::read(message.as_bytes()).unwrap()
}

/// A document that came under a local identifier.
fn of_local(patient: &PatientId, local: &str) -> DocumentEntry {
    let source_patient_id = Some(format!("{local}^^^&1.2.3.9&ISO"));
    DocumentEntry { source_patient_id, ..entry(patient) }
}

#[tokio::test]
async fn the_documents_of_a_local_identifier_move_to_its_patient() {
    for w in World::each() {
        let (old, new) = (patient("old"), patient("new"));
        w.accept(submission(&new, vec![entry(&new)])).await;
        // Two that are related, one of another local identifier, one that is taken in.
        let (first, id) = with_uuid(of_local(&old, "L1"));
        w.accept(submission(&old, vec![first])).await;
        let mut second = submission(&old, vec![of_local(&old, "L1")]);
        let source = second.entries[0].id.clone();
        second.associations.push(relation(AssociationType::Apnd, &source, &ObjectId::Uuid(id)));
        w.accept(second).await;
        w.accept(submission(&old, vec![of_local(&old, "L2"), of_local(&old, "L3")])).await;
        let before = w.outbox().await;
        let message = link(["old", "new"], "L1", Some("L2"));
        w.registry.feed(&ctx(), &message).await.unwrap();
        assert_eq!(w.outbox().await, before + 1);
        assert_eq!((documents(&w, "old").await, documents(&w, "new").await), (1, 4));
        // Nothing is left to move, and that is no fault.
        w.registry.feed(&ctx(), &message).await.unwrap();
        // Two local identifiers of one patient become one: nothing moves to anybody.
        w.registry.feed(&ctx(), &link(["new", "new"], "L1", Some("L3"))).await.unwrap();
        assert_eq!((documents(&w, "old").await, documents(&w, "new").await), (1, 4));
        for (pair, place) in [(["old", "never"], "PID^1^3"), (["never", "new"], "MRG^1^1")] {
            let nak = w.registry.feed(&ctx(), &link(pair, "L3", None)).await.unwrap_err();
            assert_eq!(nak.problems[0].location.to_string(), place);
        }
        assert_eq!((documents(&w, "old").await, documents(&w, "new").await), (1, 4));
    }
}

#[tokio::test]
async fn a_moved_document_leaves_behind_what_it_was_connected_to() {
    for w in World::each() {
        let (old, new) = (patient("old"), patient("new"));
        w.accept(submission(&new, vec![entry(&new)])).await;
        let (first, first_id) = with_uuid(of_local(&old, "L3"));
        w.accept(submission(&old, vec![first])).await;
        // An addendum to one that stays, and its correction.
        let (second, second_id) = with_uuid(of_local(&old, "L1"));
        let mut second = submission(&old, vec![second]);
        let source = second.entries[0].id.clone();
        second.associations.push(relation(
            AssociationType::Apnd,
            &source,
            &ObjectId::Uuid(first_id),
        ));
        w.accept(second).await;
        w.accept(replacement(&old, of_local(&old, "L1"), second_id)).await;
        let message = link(["old", "new"], "L1", None);
        w.registry.feed(&ctx(), &message).await.unwrap();
        assert_eq!((documents(&w, "old").await, documents(&w, "new").await), (1, 2));
        // What was corrected goes along.
        for (patient, count) in [(&old, 1), (&new, 3)] {
            let everything = QueryBuilder::find_documents(patient, &AvailabilityStatus::ALL);
            assert_eq!(w.entries(&everything.build()).await.len(), count);
        }
        assert_eq!(super::inspecting::contradictions(&w).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_correction_moves_with_what_it_corrected() {
    for w in World::each() {
        let (old, new) = (patient("old"), patient("new"));
        w.accept(submission(&new, vec![entry(&new)])).await;
        let (first, id) = with_uuid(of_local(&old, "L1"));
        w.accept(submission(&old, vec![first.clone()])).await;
        let correction = of_local(&old, "L1");
        w.accept(replacement(&old, correction.clone(), id)).await;
        w.registry.feed(&ctx(), &link(["old", "new"], "L1", None)).await.unwrap();
        let of = |p| QueryBuilder::find_documents(p, &AvailabilityStatus::ALL).build();
        assert_eq!(w.entries(&of(&old)).await, []);
        let found = w.entries(&of(&new)).await;
        let one = |unique_id| found.iter().find(|e| e.unique_id == unique_id).unwrap();
        let (was, is) = (one(first.unique_id), one(correction.unique_id));
        for (e, status) in
            [(was, AvailabilityStatus::Deprecated), (is, AvailabilityStatus::Approved)]
        {
            assert_eq!((e.version, e.status), (Some(2), Some(status)));
        }
        // The one still replaces the other.
        let rplc = &[AssociationType::Rplc];
        let both = QueryBuilder::get_related_documents(is.id.uuid().unwrap(), rplc).build();
        assert_eq!(w.entries(&both).await.len(), 2);
        // And is corrected in its turn.
        w.accept(replacement(&new, of_local(&new, "L1"), is.id.uuid().unwrap())).await;
        assert_eq!(super::inspecting::contradictions(&w).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_local_identifier_that_was_taken_in_is_gone_from_the_documents() {
    let sources = |entries: Vec<DocumentEntry>| {
        let mut found: Vec<_> = entries.into_iter().filter_map(|e| e.source_patient_id).collect();
        found.sort();
        found
    };
    for w in World::each() {
        let (old, new) = (patient("old"), patient("new"));
        w.accept(submission(&new, vec![entry(&new)])).await;
        w.accept(submission(&old, vec![of_local(&old, "L1"), of_local(&old, "L2")])).await;
        let approved = &[AvailabilityStatus::Approved];
        // Within one patient, the identifier alone changes.
        w.registry.feed(&ctx(), &link(["old", "old"], "L1", Some("L2"))).await.unwrap();
        let found = w.entries(&QueryBuilder::find_documents(&old, approved).build()).await;
        assert!(
            found.iter().any(|e| e.version == Some(2))
                && found.iter().any(|e| e.version == Some(1))
        );
        assert_eq!(sources(found), ["L1^^^&1.2.3.9&ISO"; 2]);
        w.registry.feed(&ctx(), &link(["old", "new"], "L3", Some("L1"))).await.unwrap();
        let found = w.entries(&QueryBuilder::find_documents(&new, approved).build()).await;
        let expected = ["9^^^&1.2.3.9&ISO", "L3^^^&1.2.3.9&ISO", "L3^^^&1.2.3.9&ISO"];
        assert_eq!(sources(found), expected);
    }
}
