//! Random sequences of all operations, against a small model of what a registry is: one registry, two
//! that take turns, and two at the same moment.

mod choices;
mod decide;
mod messages;
mod reference;
mod stored;

use super::world::World;
use crate::Registry;
use choices::{Choice, choice};
use decide::decide;
use messages::perform;
use proptest::collection::vec;
use proptest::prelude::*;
use reference::{Operation, Registered, broken};
use stored::Stored;

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
