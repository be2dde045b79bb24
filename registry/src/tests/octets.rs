//! An entry leads to the octets of a document in a repository. What a node registers or updates brings it neither the
//! octets of others, nor the right to erase them.

use super::entitled::{accept, of, of_node, rows};
use super::world::{World, ctx, entry, patient, read, submission, with_uuid};
use renkei_context::{Action, Caller, Ctx, GrantedIds, Grants, within};
use renkei_metadata::finding::Checked;
use renkei_metadata::ids::{EntryUuid, ObjectId, RepositoryUniqueId, Sha1Hash, UniqueId};
use renkei_metadata::model::{DocumentEntry, RegistryObject};
use renkei_metadata::update::{Form, Propagation};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::RegistryResponse;
use renkei_xds::update::UpdateBuilder;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

const OWN: &str = "1.2.3.9";

fn at(repository: &str) -> Option<RepositoryUniqueId> {
    RepositoryUniqueId::parse(repository).ok()
}

/// A node that sees and changes its own, and registers for the repository of its own.
fn of_repository(name: &str) -> Ctx {
    let grants = of_node(name).caller.grants.as_ref().clone();
    let repositories = GrantedIds::Listed(BTreeSet::from([OWN.to_owned()]));
    of(name, Grants { repositories, ..grants })
}

async fn updated(w: &World, by: &Ctx, form: Form, entry: DocumentEntry) -> RegistryResponse {
    let set = submission(&patient("1"), Vec::new()).submission_set;
    let update = UpdateBuilder::new(set).entry(entry, Propagation::Yes).unwrap().build();
    match form {
        Form::Full => w.registry.update(by, Checked::good(update)).await,
        Form::Restricted => w.registry.update_restricted(by, Checked::good(update)).await,
    }
}

/// The next version of a document.
fn next((first, id): &(DocumentEntry, EntryUuid), before: u32) -> DocumentEntry {
    let new = ObjectId::Symbol("new".into());
    DocumentEntry { lid: Some(*id), id: new, version: Some(before), ..first.clone() }
}

#[tokio::test]
async fn an_update_leads_to_no_repository_of_another() {
    for w in World::each() {
        let by = of_repository("mine");
        let (first, id) = with_uuid(entry(&patient("1")));
        let house = first.repository.clone();
        assert!(house.is_some() && house != at(OWN));
        let document = (DocumentEntry { repository: at(OWN), ..first }, id);
        accept(&w, &by, &submission(&patient("1"), vec![document.0.clone()])).await;
        let moved = |before| DocumentEntry { repository: house.clone(), ..next(&document, before) };

        let refused = updated(&w, &by, Form::Full, moved(1)).await;
        assert_eq!(rows(&refused), ["repository-not-own"], "{refused:?}");
        let opened = async |repository: &RepositoryUniqueId| {
            let documents = [document.0.unique_id.clone()];
            w.registry.opens(&within(&by, Action::See), repository, &documents).await.unwrap()
        };
        assert_eq!(opened(house.as_ref().unwrap()).await, HashSet::new());
        let kept = updated(&w, &by, Form::Full, next(&document, 1)).await;
        assert_eq!(rows(&kept), Vec::<&str>::new());

        // Whoever may change everything says where a document is; then it stays there, whoever corrects it.
        let administrator =
            of("administrator", Grants { repositories: GrantedIds::none(), ..Grants::of_house() });
        assert_eq!(rows(&updated(&w, &administrator, Form::Full, moved(2)).await), [""; 0]);
        assert_eq!(rows(&updated(&w, &by, Form::Full, moved(3)).await), [""; 0]);
        let restricted = DocumentEntry { title: None, ..moved(4) };
        assert_eq!(rows(&updated(&w, &by, Form::Restricted, restricted).await), [""; 0]);
    }
}

#[tokio::test]
async fn what_another_has_an_entry_of_is_not_erased() {
    for w in World::each() {
        let (mine, theirs) = (of_node("mine"), of_node("theirs"));
        let [alone, shared, other] = [(); 3].map(|()| entry(&patient("1")));
        let (repository, documents) = (
            shared.repository.clone().unwrap(),
            [alone.unique_id.clone(), shared.unique_id.clone(), other.unique_id.clone()],
        );
        accept(&w, &mine, &submission(&patient("1"), vec![alone.clone(), shared.clone()])).await;
        accept(&w, &theirs, &submission(&patient("1"), vec![shared.clone(), other.clone()])).await;
        // The same document in another repository is another copy.
        let copy = DocumentEntry { repository: at(OWN), ..alone.clone() };
        accept(&w, &theirs, &submission(&patient("1"), vec![copy])).await;

        let house = of("house", Grants::of_house());
        let all = |entries: &[&DocumentEntry]| -> HashSet<String> {
            entries.iter().map(|e| e.unique_id.as_str().to_owned()).collect()
        };
        for (by, seen, erased) in [
            (&mine, all(&[&alone, &shared]), all(&[&alone])),
            (&theirs, all(&[&shared, &other]), all(&[&other])),
            (&house, all(&[&alone, &shared, &other]), all(&[&alone, &shared, &other])),
        ] {
            let scope = within(by, Action::Change);
            let opened = w.registry.opens(&scope, &repository, &documents).await.unwrap();
            assert_eq!(opened, seen);
            let opened = w.registry.opens_alone(&scope, &repository, &documents).await.unwrap();
            assert_eq!(opened, erased);
            assert_eq!(found_to_erase(&w, by, &repository, &documents).await, erased);
        }
    }
}

/// What a repository in another process is told when it asks for the node.
async fn found_to_erase(
    w: &World,
    by: &Ctx,
    repository: &RepositoryUniqueId,
    documents: &[UniqueId],
) -> HashSet<String> {
    let caller = Arc::new(Caller::clone(&by.caller).to_erase());
    let by = Ctx { caller: Arc::clone(&caller), origin: caller, ..ctx() };
    let query = QueryBuilder::get_documents_by_unique_id(documents).everything().build();
    let found = read(w.registry.query(&by, &query).await).await.objects;
    let entries = found.into_iter().filter_map(|object| match object {
        RegistryObject::Entry(e) => Some(e),
        _ => None,
    });
    let here = entries.filter(|e| e.repository.as_ref() == Some(repository));
    here.map(|e| e.unique_id.as_str().to_owned()).collect()
}

#[tokio::test]
async fn what_others_have_an_entry_of_keeps_its_hash() {
    for w in World::each() {
        let (mine, theirs) = (of_node("mine"), of_node("theirs"));
        let p = patient("1");
        let [alone, shared] = [with_uuid(entry(&p)), with_uuid(entry(&p))];
        let both = vec![alone.0.clone(), shared.0.clone()];
        accept(&w, &mine, &submission(&p, both)).await;
        let again = || DocumentEntry { id: ObjectId::Symbol("again".into()), ..shared.0.clone() };
        accept(&w, &theirs, &submission(&p, vec![again()])).await;
        let other = |document, before| DocumentEntry {
            size: Some(7),
            hash: Some(Sha1Hash::from_digest([7; 20])),
            ..next(document, before)
        };
        let answer = updated(&w, &mine, Form::Full, other(&shared, 1)).await;
        assert_eq!(rows(&answer), ["update-content-shared"; 2], "{answer:?}");
        accept(&w, &theirs, &submission(&p, vec![again()])).await;
        assert_eq!(rows(&updated(&w, &mine, Form::Full, other(&alone, 1)).await), [""; 0]);
        let house = of("house", Grants::of_house());
        assert_eq!(rows(&updated(&w, &house, Form::Full, other(&shared, 1)).await), [""; 0]);
    }
}
