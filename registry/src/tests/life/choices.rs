//! Random operations, in relation to what is registered when they are decided on.

use super::reference::{End, NewDocument, Node, Operation, Registered, What, replaces};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::AssociationType::{self, *};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How many patients there are.
pub(super) const PATIENTS: usize = 4;

/// What a random operation is to be.
#[derive(Clone, Debug)]
pub(super) enum Choice {
    Register {
        patient: usize,
        /// Whether a document has the uniqueId of a registered one, and then other content.
        documents: Vec<Option<(Index, bool)>>,
        folders: usize,
        relations: Vec<(Index, AssociationType, Other)>,
        memberships: Vec<(Other, Other)>,
        reference: Option<Index>,
    },
    Remove {
        of: Index,
        how: How,
        spoilt: Option<(Index, bool)>,
    },
    Merge(usize, usize),
}

/// The other end of an association.
#[derive(Clone, Debug)]
pub(super) enum Other {
    Registered(Index),
    /// One of the patient's own that is current, if there is one.
    Fitting(Index),
    New(Index),
}

/// How much is removed.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    /// What is named alone.
    Alone,
    /// With everything that has to go with it.
    Whole,
}

fn relation() -> impl Strategy<Value = (Index, AssociationType, Other)> {
    let kind = prop_oneof![
        4 => Just(Rplc), 2 => Just(Apnd), 2 => Just(Xfrm), 1 => Just(XfrmRplc), 1 => Just(Signs),
    ];
    (any::<Index>(), kind, other())
}

fn other() -> impl Strategy<Value = Other> {
    prop_oneof![
        1 => any::<Index>().prop_map(Other::Registered),
        7 => any::<Index>().prop_map(Other::Fitting),
        2 => any::<Index>().prop_map(Other::New),
    ]
}

fn register() -> impl Strategy<Value = Choice> {
    let repeated = prop::option::weighted(0.15, (any::<Index>(), prop::bool::weighted(0.3)));
    (
        prop_oneof![5 => Just(0), 3 => Just(1), 1 => 2..PATIENTS],
        vec(repeated, 0..3),
        prop_oneof![4 => Just(0), 1 => Just(1usize)],
        vec(relation(), 0..3),
        vec((other(), other()), 0..2),
        prop::option::weighted(0.2, any::<Index>()),
    )
        .prop_map(|(patient, documents, folders, relations, memberships, reference)| {
            Choice::Register { patient, documents, folders, relations, memberships, reference }
        })
}

pub(super) fn choice() -> impl Strategy<Value = Choice> {
    let how = prop_oneof![1 => Just(How::Alone), 4 => Just(How::Whole)];
    let spoilt = prop::option::weighted(0.2, (any::<Index>(), any::<bool>()));
    let remove = (any::<Index>(), how, spoilt);
    prop_oneof![
        10 => register(),
        4 => remove.prop_map(|(of, how, spoilt)| Choice::Remove { of, how, spoilt }),
        1 => (0..PATIENTS, 0..PATIENTS).prop_map(|(from, into)| Choice::Merge(from, into)),
    ]
}

fn new_id() -> EntryUuid {
    EntryUuid(Uuid::new_v4())
}

/// One of these.
fn one<T: Copy>(of: &[T], index: &Index) -> Option<T> {
    (!of.is_empty()).then(|| *index.get(of))
}

/// The operation that a choice comes to; `None` when there is nothing that it could be about.
pub(super) fn decide(w: &Registered, choice: &Choice) -> Option<Operation> {
    match choice {
        Choice::Register { patient, documents, folders, relations, memberships, reference } => {
            let documents: Vec<NewDocument> =
                documents.iter().enumerate().map(|(n, again)| document(w, n, again)).collect();
            let relations = relations
                .iter()
                .filter_map(|(from, kind, to)| {
                    let from = from_new(documents.len(), from)?;
                    let to = end(w, *patient, to, documents.len(), Registered::is_document)?;
                    let new = matches!(to, End::New(_));
                    (to != End::New(from) && !(new && replaces(*kind))).then_some((from, *kind, to))
                })
                .collect::<Vec<_>>();
            let mut seen = BTreeSet::new();
            let memberships: Vec<(End, End)> = memberships
                .iter()
                .filter_map(|(folder, member)| {
                    let folder = end(w, *patient, folder, *folders, Registered::is_folder)?;
                    let count = documents.len();
                    Some((folder, end(w, *patient, member, count, Registered::is_document)?))
                })
                .filter(|pair| seen.insert(*pair))
                .collect();
            let nothing = documents.is_empty() && *folders == 0 && memberships.is_empty();
            let known: Vec<Node> = nodes(w, Registered::is_document);
            (!nothing).then(|| Operation::Register {
                patient: *patient,
                set: new_id(),
                documents,
                folders: (0..*folders).map(|_| new_id()).collect(),
                relations: once(relations),
                memberships,
                reference: reference.as_ref().and_then(|index| one(&known, index)),
            })
        }
        Choice::Merge(subsumed, surviving) => Some(Operation::Merge(*subsumed, *surviving)),
        Choice::Remove { of, how, spoilt } => {
            let here: Vec<Node> = w.here().map(|(node, _)| node).collect();
            let mut goes = BTreeSet::from([one(&here, of)?]);
            if matches!(how, How::Whole) {
                goes = whole(w, goes);
            }
            match spoilt {
                Some((index, true)) => _ = goes.insert(one(&here, index)?),
                Some((index, false)) if goes.len() > 1 => {
                    let all: Vec<Node> = goes.iter().copied().collect();
                    goes.remove(&one(&all, index)?);
                }
                Some((_, false)) | None => {}
            }
            Some(Operation::Remove(goes.into_iter().collect()))
        }
    }
}

/// Two relations of one kind between the same ends are one.
fn once(mut relations: Vec<(usize, AssociationType, End)>) -> Vec<(usize, AssociationType, End)> {
    let mut seen = Vec::new();
    relations.retain(|relation| {
        let new = !seen.contains(relation);
        seen.push(*relation);
        new
    });
    relations
}

fn document(w: &Registered, n: usize, again: &Option<(Index, bool)>) -> NewDocument {
    let known: Vec<(u32, u8)> = w
        .objects
        .iter()
        .filter_map(|o| match o.what {
            What::Document { unique, content } => Some((unique, content)),
            _ => None,
        })
        .collect();
    // The first alone repeats: a message names a uniqueId once.
    let repeated = again.as_ref().filter(|_| n == 0).and_then(|(index, other)| {
        let (unique, content) = one(&known, index)?;
        Some((unique, if *other { content.wrapping_add(1) } else { content }))
    });
    let fresh = known.iter().map(|(unique, _)| unique + 1).max().unwrap_or(1);
    let fresh = fresh + u32::try_from(n).unwrap_or_default();
    let (unique, content) = repeated.unwrap_or((fresh, 1));
    NewDocument { id: new_id(), unique, content }
}

fn from_new(count: usize, index: &Index) -> Option<usize> {
    (count > 0).then(|| index.index(count))
}

fn nodes(w: &Registered, is: fn(&Registered, Node) -> bool) -> Vec<Node> {
    w.here().map(|(node, _)| node).filter(|node| is(w, *node)).collect()
}

fn end(
    w: &Registered,
    patient: usize,
    other: &Other,
    new: usize,
    is: fn(&Registered, Node) -> bool,
) -> Option<End> {
    match other {
        Other::Registered(index) => one(&nodes(w, is), index).map(End::Registered),
        Other::Fitting(index) => {
            let fits = |node: &Node| {
                let object = &w.objects[*node];
                object.approved && w.patient(object.patient) == w.patient(patient)
            };
            let fitting: Vec<Node> = nodes(w, is).into_iter().filter(fits).collect();
            one(&fitting, index).map(End::Registered)
        }
        Other::New(index) => from_new(new, index).map(End::New),
    }
}

/// Adds whatever has to go with these, as an administrator finds it out: what refers to them, what
/// nothing else holds, and what they explain.
fn whole(w: &Registered, mut goes: BTreeSet<Node>) -> BTreeSet<Node> {
    loop {
        let mut more = BTreeSet::new();
        for (link, kind, from, to) in w.links() {
            if goes.contains(&from) || goes.contains(&to) {
                more.insert(link);
            }
            if !goes.contains(&link) {
                continue;
            }
            let left = |(l, k, f, t): &(Node, AssociationType, Node, Node)| {
                *k == HasMember && w.is_set(*f) && !goes.contains(l) && *t == to
            };
            if kind == HasMember && w.is_set(from) {
                if !w.links().any(|l| left(&l)) {
                    more.insert(to);
                }
                if !w.links().any(|(l, _, f, _)| f == from && !goes.contains(&l)) {
                    more.insert(from);
                }
            }
            match kind {
                Apnd | Xfrm | Signs => _ = more.insert(from),
                Rplc | XfrmRplc => _ = more.insert(to),
                _ => {}
            }
        }
        more.retain(|node| !goes.contains(node));
        if more.is_empty() {
            return goes;
        }
        goes.extend(more);
    }
}
