//! Who may know of a document may know of all its versions, and nobody else of any: what is corrected is corrected for
//! the earlier versions, too.

use super::rows::{change, run};
use super::world::*;
use renkei_context::{Caller, Ctx, Grants, Labels, Scope};
use renkei_database::Dialect;
use renkei_metadata::finding::Checked;
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::{
    Author, AvailabilityStatus, DocumentEntry, RegistryObject, SubmissionSet,
};
use renkei_metadata::update::Propagation;
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;
use renkei_xds::update::UpdateBuilder;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

const ISSUER: &str = "1.2.392.200119.6.102";
const A: &str = "1111111111";
const B: &str = "2222222222";

fn new_id() -> EntryUuid {
    EntryUuid(Uuid::new_v4())
}

/// The same for an audience, of an author of an institution.
fn labelled(e: DocumentEntry, audience: &str, institution: &str) -> DocumentEntry {
    let xon = format!("架空^^^^^&{ISSUER}&ISO^^^^{institution}");
    let authors = vec![Author { institutions: vec![xon], ..Author::default() }];
    DocumentEntry { confidentiality_codes: vec![code(audience)], authors, ..e }
}

fn values(value: String) -> BTreeSet<String> {
    BTreeSet::from([value])
}

/// A scope that this audience opens.
fn audience(code: &str) -> Scope {
    let audiences = values(format!("{code}^^1.2.3"));
    Scope::of_openings([Labels { audiences, ..Labels::default() }])
}

/// A scope that this institution opens.
fn institution(number: &str) -> Scope {
    let institutions = values(format!("{number}^^{ISSUER}"));
    Scope::of_openings([Labels { institutions, ..Labels::default() }])
}

/// Everything of a community whose patient has one document, registered for STAT by A beside another for CONS, and
/// corrected.
struct Corrected<'a> {
    w: &'a World,
    document: DocumentEntry,
    first_set: SubmissionSet,
}

impl<'a> Corrected<'a> {
    async fn new(w: &'a World) -> Self {
        let p = patient("1");
        let (e, _) = with_uuid(entry(&p));
        let document = labelled(e, "STAT", A);
        let (beside, _) = with_uuid(entry(&p));
        let s = submission(&p, vec![document.clone(), labelled(beside, "CONS", "3333333333")]);
        let first_set = s.submission_set.clone();
        w.accept(s).await;
        let id = ObjectId::Symbol("new".into());
        let e = DocumentEntry { lid: document.id.uuid(), id, version: Some(1), ..document.clone() };
        let set = submission(&p, Vec::new()).submission_set;
        let update = UpdateBuilder::new(set).entry(labelled(e, "FULL", B), Propagation::Yes);
        let answer = w.registry.update(&ctx(), Checked::good(update.unwrap().build())).await;
        assert_eq!(answer.status, Status::Success, "{answer:?}");
        Self { w, document, first_set }
    }

    fn by(scope: &Scope) -> Ctx {
        let grants = Grants { sees: scope.clone(), changes: scope.clone(), ..Grants::of_house() };
        let caller = Caller { grants: Arc::new(grants), ..Caller::internal("consumer") };
        let caller = Arc::new(caller);
        Ctx { caller: Arc::clone(&caller), origin: caller, ..ctx() }
    }

    async fn all(&self, scope: &Scope) -> Vec<RegistryObject> {
        let query =
            QueryBuilder::get_all(&patient("1"), &AvailabilityStatus::ALL).everything().build();
        read(self.w.registry.query(&Self::by(scope), &query).await).await.objects
    }

    /// The versions of the document that the scope opens, whether it opens the content, and whether the set that
    /// brought the first one.
    async fn seen(&self, scope: &Scope) -> (Vec<u32>, bool, bool) {
        let all = self.all(scope).await;
        let mut versions: Vec<u32> = all
            .iter()
            .filter_map(|object| match object {
                RegistryObject::Entry(e) if e.unique_id == self.document.unique_id => e.version,
                _ => None,
            })
            .collect();
        versions.sort_unstable();
        let document = [self.document.unique_id.clone()];
        let repository = self.document.repository.clone().unwrap();
        let opened = self.w.registry.opens(scope, &repository, &document).await.unwrap();
        let is_set = |object: &RegistryObject| matches!(object, RegistryObject::SubmissionSet(s) if s.unique_id == self.first_set.unique_id);
        (versions, !opened.is_empty(), all.iter().any(is_set))
    }

    /// What was corrected goes again, with everything that came with it.
    async fn remove_the_correction(&self) {
        let all = self.all(&Scope::Everything).await;
        let came = all.iter().filter_map(|object| match object {
            RegistryObject::Entry(e) if e.version == Some(2) => Some(&e.id),
            RegistryObject::SubmissionSet(s) if s.unique_id != self.first_set.unique_id => {
                Some(&s.id)
            }
            _ => None,
        });
        let came: Vec<&ObjectId> = came.collect();
        let members = all.iter().filter_map(|object| match object {
            RegistryObject::Association(a) if came.contains(&&a.source) => Some(&a.id),
            _ => None,
        });
        let ids: Vec<EntryUuid> =
            members.chain(came.iter().copied()).filter_map(ObjectId::uuid).collect();
        let answer = self.w.registry.remove_metadata(&ctx(), Checked::good(ids)).await;
        assert_eq!(answer.status, Status::Success, "{answer:?}");
    }

    async fn is_whole(&self) {
        let found = super::inspecting::contradictions(self.w).await;
        assert_eq!(found, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_corrected_audience_or_institution_is_corrected_for_earlier_versions() {
    for w in World::each() {
        let c = Corrected::new(&w).await;
        for scope in [audience("STAT"), institution(A)] {
            assert_eq!(c.seen(&scope).await, (vec![], false, false), "{scope:?}");
        }
        assert_eq!(c.seen(&audience("FULL")).await, (vec![1, 2], true, true));
        // What somebody said of a set itself no document corrects.
        assert_eq!(c.seen(&institution(B)).await, (vec![1, 2], true, false));
        // Whoever sees the other document of the set goes on seeing the set.
        assert_eq!(c.seen(&audience("CONS")).await, (vec![], false, true));
        // What the first version said stays what it said.
        let all = c.all(&audience("FULL")).await;
        let said = all.iter().find_map(|object| match object {
            RegistryObject::Entry(e) if e.version == Some(1) => {
                Some(e.confidentiality_codes.clone())
            }
            _ => None,
        });
        assert_eq!(said, Some(vec![code("STAT")]));
        c.is_whole().await;
    }
}

#[tokio::test]
async fn a_correction_that_is_removed_counts_no_more() {
    for w in World::each() {
        let c = Corrected::new(&w).await;
        c.remove_the_correction().await;
        for scope in [audience("FULL"), institution(B)] {
            assert_eq!(c.seen(&scope).await, (vec![], false, false), "{scope:?}");
        }
        assert_eq!(c.seen(&audience("STAT")).await, (vec![1], true, true));
        assert_eq!(c.seen(&institution(A)).await, (vec![1], true, false));
        c.is_whole().await;
    }
}

/// Whoever corrects it with a scope of their own takes it from those who wrote it before, who can change it no more.
#[tokio::test]
async fn whoever_is_known_no_more_changes_no_earlier_version() {
    for w in World::each() {
        let c = Corrected::new(&w).await;
        let id = c.document.id.uuid().unwrap();
        let unknown = new_id();
        let removed = async |id: EntryUuid| {
            let by = Corrected::by(&institution(A));
            let answer = w.registry.remove_metadata(&by, Checked::good(vec![id])).await;
            format!("{answer:?}").replace(&id.to_string(), "ID")
        };
        assert_eq!(removed(id).await, removed(unknown).await);
    }
}

#[tokio::test]
async fn several_corrections_of_one_set_are_all_told_by_it() {
    for w in World::each() {
        let p = patient("1");
        let documents: Vec<DocumentEntry> = (0..3).map(|_| with_uuid(entry(&p)).0).collect();
        let stat = |e: &DocumentEntry| labelled(e.clone(), "STAT", A);
        let s = submission(&p, documents.iter().map(stat).collect());
        let first_set = s.submission_set.clone();
        w.accept(s).await;
        let mut update = UpdateBuilder::new(submission(&p, Vec::new()).submission_set);
        for (n, (e, code)) in documents.iter().zip(["FULL", "WORK", "CONS"]).enumerate() {
            let id = ObjectId::Symbol(format!("v{n}"));
            let e = DocumentEntry { lid: e.id.uuid(), id, version: Some(1), ..stat(e) };
            update = update.entry(labelled(e, code, A), Propagation::Yes).unwrap();
        }
        let answer = w.registry.update(&ctx(), Checked::good(update.build())).await;
        assert_eq!(answer.status, Status::Success, "{answer:?}");
        let c = Corrected { w: &w, document: documents[0].clone(), first_set };
        for (scope, versions) in
            [("FULL", vec![1, 2]), ("WORK", vec![]), ("CONS", vec![]), ("STAT", vec![])]
        {
            let seen = !versions.is_empty();
            let expected = (versions, seen, scope != "STAT");
            assert_eq!(c.seen(&audience(scope)).await, expected, "{scope}");
        }
        c.is_whole().await;
    }
}

/// Of databases from before: the statements of the migration, run again.
#[tokio::test]
async fn what_was_corrected_before_is_brought_up_to_its_newest_version() {
    const SQLITE: &str = include_str!("../../migrations/sqlite/2026-12-03-000006_labels/up.sql");
    const POSTGRES: &str =
        include_str!("../../migrations/postgres/2026-12-03-000006_labels/up.sql");
    for w in World::each() {
        let c = Corrected::new(&w).await;
        let first = c.document.id.uuid().unwrap();
        let old = format!("'\n{A}^^{ISSUER}\n', audience = '\nSTAT^^1.2.3\n'");
        change(&w, "document_entry", first, &format!("author_institution = {old}")).await;
        let both = "audience = '\nCONS^^1.2.3\nSTAT^^1.2.3\n'";
        run(&w, format!("UPDATE submission_set SET {both} WHERE audience LIKE '%CONS%'")).await;
        assert_eq!(c.seen(&audience("STAT")).await, (vec![1], true, true));
        assert_eq!(c.seen(&audience("FULL")).await, (vec![2], true, false));
        let sql = match w.registry.database().dialect() {
            Dialect::Sqlite => SQLITE,
            Dialect::Postgres => POSTGRES,
        };
        run(&w, sql.to_owned()).await;
        assert_eq!(c.seen(&audience("STAT")).await, (vec![], false, false));
        assert_eq!(c.seen(&institution(A)).await, (vec![], false, false));
        assert_eq!(c.seen(&audience("FULL")).await, (vec![1, 2], true, true));
        assert_eq!(c.seen(&audience("CONS")).await, (vec![], false, true));
        c.is_whole().await;
    }
}
