//! Random sequences of all operations, against a small model of what a registry is: one registry, two
//! that take turns, and two at the same moment.

mod choices;
mod reference;
mod stored;

use super::feeding::merge;
use super::world::{
    World, bring, ctx, entry, file, folder, hash, link, member, patient, submission,
};
use crate::Registry;
use choices::{Choice, choice, decide};
use proptest::collection::vec;
use proptest::prelude::*;
use reference::{End, Node, Operation, Registered, broken};
use renkei_metadata::finding::Checked;
use renkei_metadata::ids::{EntryUuid, ObjectId, UniqueId};
use renkei_metadata::model::{Submission, SubmissionSetStatus};
use renkei_xds::response::Status;
use stored::Stored;

fn id_of(w: &Registered, node: Node) -> EntryUuid {
    w.objects[node].id.unwrap()
}

/// The message of a registration.
fn message(w: &Registered, operation: &Operation) -> Option<Submission> {
    let Operation::Register {
        patient: p,
        set,
        documents,
        folders,
        relations,
        memberships,
        reference,
    } = operation
    else {
        return None;
    };
    let p = patient(&p.to_string());
    let entries = documents.iter().map(|d| {
        let mut e = entry(&p);
        e.id = ObjectId::Uuid(d.id);
        e.unique_id = UniqueId::parse(&format!("2.999.7.{}", d.unique)).unwrap();
        (e.hash, e.size) = (Some(hash(d.content)), Some(u64::from(d.content)));
        e.reference_ids = vec![format!("{}^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order", d.unique)];
        e
    });
    let mut s = submission(&p, entries.collect());
    let old = std::mem::replace(&mut s.submission_set.id, ObjectId::Uuid(*set));
    for a in s.associations.iter_mut().filter(|a| a.source == old) {
        a.source = ObjectId::Uuid(*set);
    }
    for id in folders {
        let (mut new, _) = folder(&p);
        new.id = ObjectId::Uuid(*id);
        bring(&mut s, new);
    }
    let at = |end: &End, new: &dyn Fn(usize) -> EntryUuid| match end {
        End::Registered(node) => id_of(w, *node),
        End::New(n) => new(*n),
    };
    let document = |n: usize| documents[n].id;
    for (from, kind, to) in relations {
        let [from, to] = [document(*from), at(to, &document)].map(ObjectId::Uuid);
        s.associations.push(link(*kind, &from, &to));
    }
    for (holder, held) in memberships {
        let holder = at(holder, &|n| folders[n]);
        file(&mut s, holder, &ObjectId::Uuid(at(held, &document)));
    }
    if let Some(node) = reference {
        let id = ObjectId::Uuid(id_of(w, *node));
        s.associations.push(member(&s.submission_set, &id, SubmissionSetStatus::Reference));
    }
    Some(s)
}

/// What became of an operation: whether it was accepted, and what was said.
type Ended = (bool, String);

/// Carries out an operation that was decided on when `w` was registered.
async fn perform(registry: &Registry, w: &Registered, operation: &Operation) -> Ended {
    let answer = match operation {
        Operation::Register { .. } => {
            let message = message(w, operation).unwrap();
            registry.register(&ctx(), Checked::good(message)).await
        }
        Operation::Remove(nodes) => {
            let ids = nodes.iter().map(|node| id_of(w, *node)).collect();
            registry.remove_metadata(&ctx(), Checked::good(ids)).await
        }
        Operation::Merge(subsumed, surviving) => {
            let message = merge(&subsumed.to_string(), &surviving.to_string());
            let answer = registry.feed(&ctx(), &message).await;
            return (answer.is_ok(), format!("{answer:?}"));
        }
    };
    // Nothing but Success, and Failure for a reason that is the sender's.
    let inside = ["XDSRegistryError", "XDSRegistryBusy", "XDSRegistryOutOfResources"];
    assert!(!answer.errors.iter().any(|e| inside.contains(&e.code.as_str())), "{answer:?}");
    (answer.status == Status::Success, format!("{answer:?}"))
}

async fn whole(w: &World, model: &Registered) {
    assert_eq!(broken(model), None);
    let contradictions = super::inspecting::contradictions(w).await;
    assert_eq!(contradictions, Vec::<String>::new());
}

async fn in_turn(w: &World, registries: &[Registry], choices: &[Choice]) {
    let mut model = Registered::default();
    for (n, choice) in choices.iter().enumerate() {
        let Some(operation) = decide(&model, choice) else { continue };
        let after = model.after(&operation);
        let registry = &registries[n % registries.len()];
        let (accepted, answer) = perform(registry, &model, &operation).await;
        assert_eq!(accepted, after.is_some(), "{operation:?}: {answer}");
        let expected = after.unwrap_or(model);
        model = Stored::read(w).await.is(w, &expected).unwrap_or_else(|difference| {
            panic!("{operation:?}: {difference}");
        });
        whole(w, &model).await;
    }
}

/// What is registered after `first` and then `second`, and which of them were accepted.
fn one_after_the_other(
    w: &Registered,
    first: &Operation,
    second: &Operation,
) -> (Registered, [bool; 2]) {
    let after = w.after(first);
    let ended = after.is_some();
    let w = after.unwrap_or_else(|| w.clone());
    match w.after(second) {
        Some(after) => (after, [ended, true]),
        None => (w, [ended, false]),
    }
}

async fn at_once(w: &World, other: &Registry, pairs: &[(Choice, Choice)]) {
    let mut model = Registered::default();
    for (a, b) in pairs {
        let (Some(a), Some(b)) = (decide(&model, a), decide(&model, b)) else { continue };
        let answers = tokio::join!(perform(&w.registry, &model, &a), perform(other, &model, &b));
        let ended = [answers.0.0, answers.1.0];
        let stored = Stored::read(w).await;
        let (one, [a1, b1]) = one_after_the_other(&model, &a, &b);
        let (two, [b2, a2]) = one_after_the_other(&model, &b, &a);
        let orders = [(one, [a1, b1]), (two, [a2, b2])];
        let mut found = Vec::new();
        let fitting = orders.into_iter().filter(|(_, expected)| *expected == ended);
        for (expected, _) in fitting {
            found.push(stored.is(w, &expected));
        }
        let told = format!("{a:?} and {b:?}: {answers:?}: {found:?}");
        model = found.into_iter().find_map(Result::ok).unwrap_or_else(|| panic!("{told}"));
        whole(w, &model).await;
    }
}

fn on_a_runtime(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.unwrap().block_on(work);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 60, ..Default::default() })]

    #[test]
    fn one_registry_is_the_model(choices in vec(choice(), 1..14)) {
        on_a_runtime(async {
            for w in World::each() {
                let registry = w.registry.clone();
                in_turn(&w, &[registry], &choices).await;
            }
        });
    }

    #[test]
    fn two_registries_that_take_turns_are_the_model(choices in vec(choice(), 1..10)) {
        on_a_runtime(async {
            for (w, other) in World::each().into_iter().map(World::beside) {
                let registries = [w.registry.clone(), other];
                in_turn(&w, &registries, &choices).await;
            }
        });
    }

    #[test]
    fn two_registries_at_once_do_one_after_the_other(
        pairs in vec((choice(), choice()), 1..8),
    ) {
        on_a_runtime(async {
            for (w, other) in World::each().into_iter().map(World::beside) {
                at_once(&w, &other, &pairs).await;
            }
        });
    }
}
