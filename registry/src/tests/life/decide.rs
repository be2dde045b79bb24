//! What a random choice comes to, in relation to what is registered.

use super::choices::{Choice, How, LOCALS, Of, Other, StatusChoice, UpdateChoice};
use super::reference::{
    Document, End, Link, Move, NewVersion, Node, Operation, Registered, Registration, Update, What,
    replaces,
};
use proptest::sample::Index;
use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::AssociationType::{self, *};
use renkei_metadata::update::Form;
use std::collections::BTreeSet;
use uuid::Uuid;

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
        Choice::Register { .. } => registration(w, choice).map(Operation::Register),
        Choice::Update(update) => self::update(w, update).map(Operation::Update),
        Choice::Merge(subsumed, surviving) => Some(Operation::Merge(*subsumed, *surviving)),
        Choice::Move { patients: [previous, new], local, takes_in } => {
            let takes_in = takes_in.filter(|other| other != local);
            let (previous, new, local) = (*previous, *new, *local);
            Some(Operation::Move(Move { previous, new, local, takes_in }))
        }
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

fn registration(w: &Registered, choice: &Choice) -> Option<Registration> {
    let Choice::Register {
        patient,
        on_demand,
        documents,
        folders,
        relations,
        memberships,
        reference,
    } = choice
    else {
        return None;
    };
    let documents: Vec<(EntryUuid, Document)> = documents
        .iter()
        .enumerate()
        .map(|(n, again)| (new_id(), document(w, n, *on_demand, again)))
        .collect();
    let relations = relations
        .iter()
        .filter_map(|(from, kind, to)| {
            let from = from_new(documents.len(), from)?;
            let to = end(w, *patient, to, documents.len(), Registered::is_document)?;
            let new = matches!(to, End::New(_));
            let odd = replaces(*kind) && new || *kind == IsSnapshotOf && (new || *on_demand);
            // No ring of new documents.
            let back = matches!(to, End::New(to) if to >= from);
            (!back && !odd).then_some((from, *kind, to))
        })
        .collect();
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
    (!nothing).then(|| Registration {
        patient: *patient,
        set: new_id(),
        on_demand: *on_demand,
        documents,
        folders: (0..*folders).map(|_| new_id()).collect(),
        relations: once(relations),
        memberships,
        reference: reference.as_ref().and_then(|index| one(&known, index)),
    })
}

fn update(w: &Registered, choice: &UpdateChoice) -> Option<Update> {
    let subject = one(&nodes(w, Registered::is_versioned), &choice.subject)?;
    let own = w.patient_of(subject);
    let versions = versions(w, own, choice);
    let count = versions.len();
    let associations: Vec<(End, AssociationType, End)> = choice
        .associations
        .iter()
        .filter_map(|(from, kind, to)| {
            let is_source = match kind {
                HasMember => Registered::is_folder,
                _ => Registered::is_document,
            };
            let from = end(w, own, from, count, is_source)?;
            Some((from, *kind, end(w, own, to, count, Registered::is_document)?))
        })
        .collect();
    let mut seen = BTreeSet::new();
    let statuses = choice.statuses.iter().filter_map(|s| status(w, own, s));
    let statuses: Vec<_> = statuses.filter(|(node, _)| seen.insert(*node)).collect();
    let nothing = versions.is_empty() && associations.is_empty() && statuses.is_empty();
    (!nothing).then(|| Update {
        form: if choice.restricted { Form::Restricted } else { Form::Full },
        patient: choice.patient.unwrap_or(own),
        set: Some(new_id()),
        versions,
        associations,
        statuses,
        leaves: false,
    })
}

fn versions(w: &Registered, own: usize, choice: &UpdateChoice) -> Vec<NewVersion> {
    let mut versions: Vec<NewVersion> = Vec::new();
    for version in &choice.versions {
        let End::Registered(of) = (match end(w, own, &version.of, 0, Registered::is_versioned) {
            Some(end) => end,
            None => continue,
        }) else {
            continue;
        };
        // A restricted update has no way to say that nothing is taken over.
        let propagates = version.propagates || choice.restricted;
        let wrong = u32::from(!version.honest);
        let previous = w.objects[of].version + wrong;
        versions.push(NewVersion { id: Some(new_id()), of, previous, propagates, local: None });
    }
    if choice.together {
        let mut names: BTreeSet<Node> = versions.iter().map(|v| v.of).collect();
        while let Some(of) = joined(w, &names) {
            names.insert(of);
            let previous = w.objects[of].version;
            let id = Some(new_id());
            versions.push(NewVersion { id, of, previous, propagates: true, local: None });
        }
    }
    versions
}

/// A newest version that is connected to one of these.
fn joined(w: &Registered, to: &BTreeSet<Node>) -> Option<Node> {
    let ends = |(_, _, from, target): Link| [(from, target), (target, from)];
    let links = w.current_links().filter(|(_, _, from, _)| !w.is_set(*from));
    let mut pairs = links.flat_map(ends);
    let fits = |n: &Node| !to.contains(n) && w.is_newest(*n) && w.is_versioned(*n);
    pairs.find(|(near, far)| to.contains(near) && fits(far)).map(|(_, far)| far)
}

fn status(w: &Registered, own: usize, choice: &StatusChoice) -> Option<(Node, [bool; 2])> {
    let of_patient = |node: &Node| w.patient_of(*node) == own;
    let here: Vec<Node> = w.here().map(|(node, _)| node).collect();
    let from: Vec<Node> = match choice.of {
        Of::Anything => here,
        Of::Versioned => {
            nodes(w, Registered::is_versioned).into_iter().filter(of_patient).collect()
        }
        Of::Link => {
            let links = w.links().filter(|(_, _, from, _)| !w.is_set(*from));
            links.map(|(link, ..)| link).filter(of_patient).collect()
        }
    };
    let node = one(&from, &choice.index)?;
    let original = w.objects[node].approved == choice.honest;
    Some((node, [original, !original]))
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

fn document(w: &Registered, n: usize, on_demand: bool, again: &Option<(Index, bool)>) -> Document {
    let known: Vec<Document> = w
        .objects
        .iter()
        .filter_map(|o| match o.what {
            What::Document(document) => Some(document),
            _ => None,
        })
        .collect();
    // The first alone repeats: a message names a uniqueId once.
    let repeated = again.as_ref().filter(|_| n == 0).and_then(|(index, other)| {
        let old = one(&known, index)?;
        let content = if *other { old.content.wrapping_add(1) } else { old.content };
        Some(Document { content, on_demand, ..old })
    });
    let fresh = known.iter().map(|d| d.unique + 1).max().unwrap_or(1);
    let unique = fresh + u32::try_from(n).unwrap_or_default();
    let local = usize::try_from(unique).unwrap_or_default() % LOCALS;
    repeated.unwrap_or(Document { unique, content: 1, on_demand, local })
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
                w.objects[*node].approved && w.patient_of(*node) == w.patient(patient)
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
            let left = |(l, k, f, t): &Link| {
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
                Apnd | Xfrm | Signs | IsSnapshotOf => _ = more.insert(from),
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
