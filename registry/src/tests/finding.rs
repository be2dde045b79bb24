//! ITI-18: what is found.

use super::world::{
    World, code, ctx, dtm, entry, member, patient, read, replacement, submission, with_uuid,
};
use crate::{AnswerBroken, PatientPolicy, RegistryLimits};
use diesel::connection::SimpleConnection;
use futures_util::StreamExt;
use renkei_database::{DatabaseError, Db, each};
use renkei_metadata::finding::Severity;
use renkei_metadata::ids::{Dtm, ObjectId, Oid, PatientId};
use renkei_metadata::model::{
    Author, AvailabilityStatus, Code, DocumentEntry, LocalizedText, RegistryObject,
    SubmissionSetStatus,
};
use renkei_xds::iti18::{AdhocQuery, QueryBuilder, ReturnType};
use renkei_xds::response::{RegistryError, Status};
use std::collections::BTreeSet;

const APPROVED: &[AvailabilityStatus] = &[AvailabilityStatus::Approved];

fn find(p: &PatientId) -> QueryBuilder {
    QueryBuilder::find_documents(p, APPROVED)
}

/// How many documents a query finds.
async fn count(w: &World, query: QueryBuilder) -> usize {
    w.entries(&query.build()).await.len()
}

/// Registers one document of a new patient.
async fn one(w: &World, id: &str, change: impl FnOnce(&mut DocumentEntry)) -> PatientId {
    let p = patient(id);
    let mut e = entry(&p);
    change(&mut e);
    w.accept(submission(&p, vec![e])).await;
    p
}

#[tokio::test]
async fn an_unknown_patient_has_nothing() {
    for w in World::each() {
        let answer = w.query(&find(&patient("nobody")).build()).await;
        assert_eq!((answer.status, answer.objects.len()), (Status::Success, 0));
        // Who may have documents without being announced is not unknown.
        assert_eq!(answer.errors, []);
    }
}

#[tokio::test]
async fn a_patient_for_whom_nothing_can_be_there_is_named() {
    for w in World::each_with(PatientPolicy::KnownOnly, RegistryLimits::default()) {
        let answer = w.query(&find(&patient("nobody")).build()).await;
        assert_eq!((answer.status, answer.objects.len()), (Status::Success, 0));
        warned(&answer.errors, "asked-unknown", "nobody^^^");
        let mut elsewhere = patient("nobody");
        elsewhere.authority = Oid::parse("2.999.77").unwrap();
        let answer = w.query(&find(&elsewhere).build()).await;
        assert_eq!((answer.status, answer.objects.len()), (Status::Success, 0));
        warned(&answer.errors, "asked-another-domain", "2.999.77");
        let across = w.registry.query_across(&ctx(), &find(&elsewhere).build(), Vec::new()).await;
        assert_eq!(across.errors, [], "what others are told is the policy of the gateway");
    }
    for w in World::each() {
        one(&w, "old", |_| {}).await;
        let p = one(&w, "new", |_| {}).await;
        w.registry.feed(&ctx(), &super::feeding::merge("old", "new")).await.unwrap();
        let answer = w.query(&find(&patient("old")).build()).await;
        assert_eq!((answer.status, answer.objects.len()), (Status::Success, 0));
        warned(&answer.errors, "asked-subsumed", "old^^^");
        // One who is known and has nothing that fits is answered with nothing.
        let later = Dtm::parse("2999").unwrap();
        let none = find(&p).time("$XDSDocumentEntryCreationTimeFrom", &later).build();
        let answer = w.query(&none).await;
        assert_eq!((answer.status, answer.objects.len()), (Status::Success, 0));
        assert_eq!(answer.errors, []);
    }
}

/// One warning, of this row, about this value.
fn warned(errors: &[RegistryError], row: &str, value: &str) {
    let rule = crate::rules::all().iter().find(|rule| rule.id == row).unwrap();
    let [warning] = errors else { panic!("{errors:?}") };
    assert_eq!(
        (warning.severity, warning.code.as_str()),
        (Severity::Warning, "XDSUnknownPatientId")
    );
    assert!(warning.context.contains(rule.en) && warning.context.contains(value), "{warning:?}");
}

#[tokio::test]
async fn codes_match_by_code_and_scheme() {
    for w in World::each() {
        let p = one(&w, "1", |_| {}).await;
        for (name, value) in [
            ("$XDSDocumentEntryClassCode", "class"),
            ("$XDSDocumentEntryTypeCode", "type"),
            ("$XDSDocumentEntryPracticeSettingCode", "practice"),
            ("$XDSDocumentEntryHealthcareFacilityTypeCode", "facility"),
            ("$XDSDocumentEntryFormatCode", "format"),
            ("$XDSDocumentEntryConfidentialityCode", "N"),
        ] {
            let right = code(value);
            let other_scheme = Code { scheme: "1.2.9".into(), ..right.clone() };
            let other_case = Code { code: value.to_uppercase() + "x", ..right.clone() };
            assert_eq!(count(&w, find(&p).codes(name, [&right])).await, 1, "{name}");
            assert_eq!(count(&w, find(&p).codes(name, [&other_scheme, &right])).await, 1, "{name}");
            assert_eq!(count(&w, find(&p).codes(name, [&other_scheme])).await, 0, "{name}");
            assert_eq!(count(&w, find(&p).codes(name, [&other_case])).await, 0, "{name}");
        }
    }
}

#[tokio::test]
async fn several_slots_of_a_code_list_mean_and() {
    for w in World::each() {
        let p = one(&w, "1", |e| e.event_codes = vec![code("a%_"), code("b")]).await;
        let name = "$XDSDocumentEntryEventCodeList";
        let ask = |groups: Vec<Vec<&str>>| {
            let mut query = find(&p).build();
            for group in groups {
                let list: Vec<String> =
                    group.iter().map(|c| format!("'{}'", code(c).key())).collect();
                query.params.push((name.to_owned(), vec![format!("({})", list.join(","))]));
            }
            query
        };
        for (groups, found) in [
            (vec![vec!["a%_"]], 1),
            (vec![vec!["a%_"], vec!["b"]], 1),
            (vec![vec!["a%_"], vec!["c", "b"]], 1),
            (vec![vec!["a%_"], vec!["c"]], 0),
            (vec![vec!["A%_"]], 0),
            (vec![vec!["a"]], 0),
            (vec![vec!["%"]], 0),
        ] {
            assert_eq!(w.entries(&ask(groups.clone())).await.len(), found, "{groups:?}");
        }
    }
}

#[tokio::test]
async fn times_match_from_inclusive_to_exclusive() {
    for w in World::each() {
        let p = one(&w, "1", |e| {
            e.creation_time = Some(dtm("202604011200"));
            e.service_start = None;
        })
        .await;
        let (from, to) = ("$XDSDocumentEntryCreationTimeFrom", "$XDSDocumentEntryCreationTimeTo");
        for (name, time, found) in [
            (from, "20260401120000", 1),
            (from, "20260401120001", 0),
            (from, "2026", 1),
            (to, "20260401120000", 0),
            (to, "20260401120001", 1),
        ] {
            assert_eq!(count(&w, find(&p).time(name, &dtm(time))).await, found, "{name} {time}");
        }
        // Without the attribute the parameter does not apply.
        let start = "$XDSDocumentEntryServiceStartTimeFrom";
        assert_eq!(count(&w, find(&p).time(start, &dtm("2030"))).await, 1);
        let stop = "$XDSDocumentEntryServiceStopTimeFrom";
        assert_eq!(count(&w, find(&p).time(stop, &dtm("2030"))).await, 0);
    }
}

#[tokio::test]
async fn authors_match_by_pattern() {
    for w in World::each() {
        let p = one(&w, "1", |e| {
            let second = Author { person: Some("D2^カ\u{3099}^一".into()), ..Author::default() };
            e.authors.push(second);
        })
        .await;
        let nobody = one(&w, "2", |e| e.authors.clear()).await;
        let name = "$XDSDocumentEntryAuthorPerson";
        for (pattern, found) in
            [("D1^山田%", 1), ("%ガ%", 1), ("山田%", 0), ("d1%", 0), ("%D2_ガ_一", 1)]
        {
            assert_eq!(count(&w, find(&p).set(name, [pattern])).await, found, "{pattern}");
        }
        assert_eq!(count(&w, find(&p).set(name, ["x", "%太郎"])).await, 1);
        assert_eq!(count(&w, find(&nobody).set(name, ["%"])).await, 0);
    }
}

#[tokio::test]
async fn large_answers_come_in_pages_and_complete() {
    let limits = RegistryLimits { query_page: 7, query_results: 50, ..RegistryLimits::default() };
    for w in World::each_with(PatientPolicy::AcceptAny, limits) {
        let p = patient("1");
        let odd = |n: usize| if n % 2 == 1 { code("odd") } else { code("even") };
        for batch in 0..5 {
            let entries = (0..10).map(|n| {
                let mut e = entry(&p);
                e.type_code = Some(odd(n));
                e.authors[0].person = Some(format!("P{batch}{n}^x"));
                e
            });
            w.accept(submission(&p, entries.collect())).await;
        }
        let all = w.entries(&find(&p).build()).await;
        assert_eq!(all.len(), 50);
        let ids: std::collections::HashSet<_> = all.iter().map(|e| e.id.clone()).collect();
        assert_eq!(ids.len(), 50);
        let name = "$XDSDocumentEntryTypeCode";
        assert_eq!(count(&w, find(&p).codes(name, [&code("odd")])).await, 25);
        let persons = "$XDSDocumentEntryAuthorPerson";
        assert_eq!(count(&w, find(&p).set(persons, ["P_3^%"])).await, 5);
        w.accept(submission(&p, vec![entry(&p)])).await;
        let answer = w.query(&find(&p).build()).await;
        assert_eq!(answer.status, Status::Failure);
        assert_eq!(answer.errors[0].code, "XDSTooManyResults");
        assert!(answer.errors[0].context.contains("limits.query_results"));
        let answer = w.query(&find(&p).returning(ReturnType::ObjectRef).build()).await;
        assert_eq!((answer.status, answer.objects.len()), (Status::Success, 51));
    }
}

#[tokio::test]
async fn an_answer_is_one_state_whatever_is_committed_while_it_is_read() {
    let limits = RegistryLimits { query_page: 5, ..RegistryLimits::default() };
    for w in World::each_with(PatientPolicy::AcceptAny, limits) {
        let p = patient("1");
        // Several pieces of XML, so that most of it is read after the first has been taken.
        let large = |mut e: DocumentEntry| {
            e.comments = Some(LocalizedText::ja("所見".repeat(500)));
            e
        };
        let old: Vec<_> = (0..40).map(|_| with_uuid(large(entry(&p)))).collect();
        let before: BTreeSet<_> = old.iter().map(|(e, _)| e.unique_id.clone()).collect();
        let ids: Vec<_> = old.iter().map(|(_, id)| *id).collect();
        w.accept(submission(&p, old.into_iter().map(|(e, _)| e).collect())).await;
        let mut answer = w.registry.query(&ctx(), &find(&p).build()).await;
        let first = answer.body.next().await.unwrap().unwrap();
        for id in ids {
            w.accept(replacement(&p, large(entry(&p)), id)).await;
        }
        let first = futures_util::stream::iter([Ok(first)]);
        answer.body = first.chain(answer.body).boxed();
        let objects = read(answer).await.objects;
        let entry = |o: &RegistryObject| match o {
            RegistryObject::Entry(e) => Some((e.unique_id.clone(), e.status)),
            _ => None,
        };
        let told: Vec<_> = objects.iter().filter_map(entry).collect();
        let unique_ids: BTreeSet<_> = told.iter().map(|(id, _)| id.clone()).collect();
        assert_eq!((told.len(), unique_ids), (40, before));
        assert!(told.iter().all(|(_, s)| *s == Some(AvailabilityStatus::Approved)));
    }
}

#[tokio::test]
async fn an_object_removed_meanwhile_breaks_the_answer_off() {
    let limits = RegistryLimits { query_page: 5, ..RegistryLimits::default() };
    for w in World::each_with(PatientPolicy::AcceptAny, limits) {
        let p = patient("1");
        let large = |mut e: DocumentEntry| {
            e.comments = Some(LocalizedText::ja("所見".repeat(500)));
            e
        };
        w.accept(submission(&p, (0..40).map(|_| large(entry(&p))).collect())).await;
        let mut answer = w.registry.query(&ctx(), &find(&p).build()).await;
        assert!(answer.body.next().await.unwrap().is_ok());
        let remove = |db: &mut Db| {
            each!(db, |c| c.batch_execute("DELETE FROM fragment")).map_err(DatabaseError::from)
        };
        w.registry.database().write(remove).await.unwrap();
        assert_eq!(answer.body.next().await, Some(Err(AnswerBroken)));
        assert_eq!(answer.body.next().await, None);
    }
}

#[tokio::test]
async fn references_are_bounded_by_the_name_of_their_limit() {
    let limits = RegistryLimits { query_page: 2, query_references: 5, ..RegistryLimits::default() };
    for w in World::each_with(PatientPolicy::AcceptAny, limits) {
        let p = patient("1");
        w.accept(submission(&p, (0..5).map(|_| entry(&p)).collect())).await;
        let refs = find(&p).returning(ReturnType::ObjectRef);
        assert_eq!(w.query(&refs.clone().build()).await.objects.len(), 5);
        let by_author = find(&p).set("$XDSDocumentEntryAuthorPerson", ["%山田%"]);
        assert_eq!(count(&w, by_author.clone()).await, 5);
        w.accept(submission(&p, vec![entry(&p)])).await;
        for query in [refs, by_author] {
            let answer = w.query(&query.build()).await;
            assert_eq!(answer.errors[0].code, "XDSTooManyResults");
            let context = &answer.errors[0].context;
            assert!(context.contains("limits.query_references"), "{context}");
        }
    }
}

#[tokio::test]
async fn references_have_ids_only() {
    for w in World::each() {
        let p = one(&w, "1", |_| {}).await;
        let ids: Vec<ObjectId> =
            w.entries(&find(&p).build()).await.into_iter().map(|e| e.id).collect();
        let refs = w.query(&find(&p).returning(ReturnType::ObjectRef).build()).await.objects;
        assert_eq!(refs, [RegistryObject::Ref(ids[0].clone(), None)]);
    }
}

#[tokio::test]
async fn documents_of_two_patients_are_not_mixed() {
    for w in World::each() {
        let (p, q) = (patient("1"), patient("2"));
        let ((a, a_id), (b, b_id)) = (with_uuid(entry(&p)), with_uuid(entry(&q)));
        w.accept(submission(&p, vec![a.clone()])).await;
        w.accept(submission(&q, vec![b])).await;
        let both = QueryBuilder::get_documents(&[a_id, b_id]);
        let answer = w.query(&both.clone().build()).await;
        assert_eq!(answer.status, Status::Failure);
        assert_eq!(answer.errors[0].code, "XDSResultNotSinglePatient");
        assert_eq!(answer.objects.len(), 0);
        let refs = w.query(&both.returning(ReturnType::ObjectRef).build()).await;
        assert_eq!(refs.objects.len(), 2);
        let one = w.entries(&QueryBuilder::get_documents(&[a_id]).build()).await;
        assert_eq!(one[0].unique_id, a.unique_id);
    }
}

#[tokio::test]
async fn contents_of_a_set_are_those_that_pass_with_their_links() {
    for w in World::each() {
        let p = patient("1");
        let (earlier, earlier_id) = with_uuid(entry(&p));
        w.accept(submission(&p, vec![earlier])).await;
        let mut special = entry(&p);
        special.format_code = Some(code("special"));
        let mut s = submission(&p, vec![special, entry(&p)]);
        let reference = SubmissionSetStatus::Reference;
        s.associations.push(member(&s.submission_set, &ObjectId::Uuid(earlier_id), reference));
        let set = s.submission_set.unique_id.clone();
        w.accept(s).await;
        let contents = QueryBuilder::get_submission_set_and_contents_by_unique_id(&set);
        let kinds = |objects: &[RegistryObject]| {
            objects.iter().fold([0; 3], |mut n, o| {
                match o {
                    RegistryObject::SubmissionSet(_) => n[0] += 1,
                    RegistryObject::Entry(_) => n[1] += 1,
                    RegistryObject::Association(_) => n[2] += 1,
                    RegistryObject::Folder(_) | RegistryObject::Ref(..) => panic!("{o:?}"),
                }
                n
            })
        };
        let all = w.query(&contents.clone().build()).await.objects;
        assert_eq!(kinds(&all), [1, 3, 3]);
        let format = "$XDSDocumentEntryFormatCode";
        let some = contents.codes(format, [&code("special")]).build();
        let some = w.query(&some).await.objects;
        assert_eq!(kinds(&some), [1, 1, 1]);
        let set_id = some.iter().find_map(|o| match o {
            RegistryObject::SubmissionSet(s) => s.id.uuid(),
            _ => None,
        });
        let by_id = QueryBuilder::get_submission_set_and_contents(set_id.unwrap()).build();
        assert_eq!(kinds(&w.query(&by_id).await.objects), [1, 3, 3]);
        // The id of a document is not that of a set.
        let wrong = QueryBuilder::get_submission_set_and_contents(earlier_id).build();
        assert_eq!(w.query(&wrong).await.objects.len(), 0);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_told() {
    for w in World::each() {
        let unknown = AdhocQuery { id: "urn:uuid:none".into(), ..find(&patient("1")).build() };
        let answer = w.query(&unknown).await;
        assert_eq!(answer.status, Status::Failure);
        assert_eq!(answer.errors[0].code, "XDSUnknownStoredQuery");
        let mut missing = find(&patient("1")).build();
        missing.params.clear();
        let answer = w.query(&missing).await;
        assert!(answer.errors.iter().all(|e| e.code == "XDSStoredQueryMissingParam"));
        assert_eq!(w.records.0.lock().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn an_answer_that_is_not_taken_holds_nothing() {
    let limits = RegistryLimits { query_page: 5, ..RegistryLimits::default() };
    for w in World::each_with(PatientPolicy::AcceptAny, limits) {
        let p = patient("1");
        w.accept(submission(&p, (0..40).map(|_| entry(&p)).collect())).await;
        let mut slow = w.registry.query(&ctx(), &find(&p).build()).await;
        assert!(slow.body.next().await.unwrap().is_ok());
        // Documents that come meanwhile do not disturb the rest.
        w.accept(submission(&p, (0..5).map(|_| entry(&p)).collect())).await;
        while let Some(piece) = slow.body.next().await {
            piece.unwrap();
        }
        let again = read(w.registry.query(&ctx(), &find(&p).build()).await).await;
        assert_eq!(again.objects.len(), 45);
    }
}
