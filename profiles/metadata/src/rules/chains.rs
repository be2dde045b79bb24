//! Relationships between documents of one message (ITI TF-3: 4.2.2.2): each document leads to one
//! that was there before it, so that no chain of them closes.

use super::{APPENDED_TO_TRANSFORMATION, ASSOCIATION_RING, Report};
use crate::ids::ObjectId;
use crate::model::{Association, AssociationType, Submission};
use std::collections::{HashMap, HashSet};

/// Checks the relationships whose ends are both in the message.
pub(super) fn check(s: &Submission, report: &mut Report<'_>) {
    let here: HashSet<&ObjectId> = s.entries.iter().map(|e| &e.id).collect();
    let within: Vec<&Association> = s
        .associations
        .iter()
        .filter(|a| a.association_type != AssociationType::HasMember && a.source != a.target)
        .filter(|a| here.contains(&a.source) && here.contains(&a.target))
        .collect();
    appended(s, &within, report);
    for a in rings(within) {
        report.about(a, &ASSOCIATION_RING, "targetObject", |f| f.value(a.target.to_string()));
    }
}

/// A transformation says what its original says: what is added is added to that.
fn appended(s: &Submission, within: &[&Association], report: &mut Report<'_>) {
    let transforms = s.associations.iter().filter(|a| a.association_type == AssociationType::Xfrm);
    let transformations: HashSet<&ObjectId> = transforms.map(|a| &a.source).collect();
    let appends = within.iter().copied().filter(|a| a.association_type == AssociationType::Apnd);
    for a in appends.filter(|a| transformations.contains(&a.target)) {
        report.about(a, &APPENDED_TO_TRANSFORMATION, "targetObject", |f| {
            f.value(a.target.to_string())
        });
    }
}

/// The relationships of rings, and those that lead from one ring to another.
fn rings(within: Vec<&Association>) -> Vec<&Association> {
    let from_rings_on = peeled(within, |a| (&a.source, &a.target));
    peeled(from_rings_on, |a| (&a.target, &a.source))
}

/// What is left when, again and again, the relationships of documents are taken away to which none
/// leads. Each document is taken once.
fn peeled<'a>(
    within: Vec<&'a Association>,
    ends: impl Fn(&'a Association) -> (&'a ObjectId, &'a ObjectId),
) -> Vec<&'a Association> {
    let mut leading: HashMap<&ObjectId, usize> = HashMap::new();
    let mut from: HashMap<&ObjectId, Vec<&ObjectId>> = HashMap::new();
    for (source, target) in within.iter().map(|a| ends(a)) {
        let count = leading.entry(target).or_default();
        *count = count.saturating_add(1);
        leading.entry(source).or_default();
        from.entry(source).or_default().push(target);
    }
    let free = leading.iter().filter(|(_, count)| **count == 0);
    let mut free: Vec<&ObjectId> = free.map(|(id, _)| *id).collect();
    while let Some(id) = free.pop() {
        for target in from.remove(id).unwrap_or_default() {
            let Some(count) = leading.get_mut(target) else { continue };
            *count = count.saturating_sub(1);
            if *count == 0 {
                free.push(target);
            }
        }
    }
    within.into_iter().filter(|a| from.contains_key(ends(a).0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(ends: &[(u8, u8)]) -> Vec<Association> {
        let id = |n: u8| ObjectId::Symbol(format!("{n}"));
        let link = |(source, target): &(u8, u8)| {
            let name = ObjectId::Symbol(format!("{source}-{target}"));
            Association::joining(name, AssociationType::Signs, &id(*source), &id(*target))
        };
        ends.iter().map(link).collect()
    }

    fn in_rings(ends: &[(u8, u8)]) -> Vec<String> {
        rings(links(ends).iter().collect()).iter().map(|a| a.id.to_string()).collect()
    }

    #[test]
    fn rings_are_found_and_what_leads_to_them_or_away_is_not() {
        assert_eq!(in_rings(&[(1, 2), (2, 3), (1, 3), (4, 3)]), Vec::<String>::new());
        assert_eq!(in_rings(&[(1, 2), (2, 3), (3, 2), (3, 4)]), ["2-3", "3-2"]);
        let long: Vec<(u8, u8)> = (0..200).map(|n| (n, (n + 1) % 200)).collect();
        assert_eq!(in_rings(&long).len(), 200);
    }
}
