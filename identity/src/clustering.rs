//! Which records are one person, as far as all that is known of pairs of them goes together.
//!
//! Links are followed from the strongest on: what a clerk decided, what the feed told, what rules say by their
//! score. A link that would bring two together of whom a clerk said that they are not the same, or whom the rules
//! forbid, is refused, and somebody has to look at it. The outcome depends on what is known alone, never on the order
//! in which it got known.

use std::collections::{BTreeMap, BTreeSet};

/// Why two are linked; the stronger the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// The rules, by this score in hundredths of a bit.
    Rules(i32),
    /// The feed.
    Told,
    /// A clerk.
    Clerk,
}

/// A link of two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) ends: (i64, i64),
    pub(crate) strength: Strength,
}

/// Who is one person with whom.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Clusters {
    /// The cluster of each record: the lowest key in it.
    pub(crate) of: BTreeMap<i64, i64>,
}

/// Clusters of records, whose `names` (of the same bytes whatever their keys) break a tie. `apart` are two of whom a
/// clerk said that they are not the same, the lower first; `forbids` says so for the rules.
pub(crate) fn clusters<E>(
    names: &BTreeMap<i64, Vec<u8>>,
    mut links: Vec<Link>,
    apart: &BTreeSet<(i64, i64)>,
    mut forbids: impl FnMut(i64, i64) -> Result<bool, E>,
) -> Result<Clusters, E> {
    let tie = |link: &Link| {
        let (a, b) = (names.get(&link.ends.0), names.get(&link.ends.1));
        if a <= b { (a, b) } else { (b, a) }
    };
    links.sort_by(|one, two| two.strength.cmp(&one.strength).then_with(|| tie(one).cmp(&tie(two))));
    let mut groups: BTreeMap<i64, BTreeSet<i64>> =
        names.keys().map(|key| (*key, BTreeSet::from([*key]))).collect();
    let mut of: BTreeMap<i64, i64> = names.keys().map(|key| (*key, *key)).collect();
    for Link { ends: (a, b), strength } in links {
        let (Some(one), Some(two)) = (of.get(&a).copied(), of.get(&b).copied()) else { continue };
        if one == two {
            continue;
        }
        let both = (groups.get(&one).cloned(), groups.get(&two).cloned());
        let (Some(ours), Some(theirs)) = both else { continue };
        let is_apart = |(a, b): (i64, i64)| apart.contains(&(a.min(b), a.max(b)));
        let mut across = ours.iter().flat_map(|a| theirs.iter().map(move |b| (*a, *b)));
        if across.clone().any(is_apart) {
            continue;
        }
        if matches!(strength, Strength::Rules(_)) {
            let forbidden = across.try_fold(false, |so_far, (a, b)| Ok(so_far || forbids(a, b)?));
            if forbidden? {
                continue;
            }
        }
        let (stays, goes) = (one.min(two), one.max(two));
        let mut all = ours;
        all.extend(theirs);
        for key in &all {
            of.insert(*key, stays);
        }
        groups.remove(&goes);
        groups.insert(stays, all);
    }
    Ok(Clusters { of })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn cluster(links: &[(i64, i64, Strength)], apart: &[(i64, i64)]) -> Vec<Vec<i64>> {
        let names = (1..=4).map(|key| (key, vec![u8::try_from(key).unwrap()])).collect();
        let links =
            links.iter().map(|(a, b, strength)| Link { ends: (*a, *b), strength: *strength });
        let never = |_, _| Ok::<_, Infallible>(false);
        let apart = apart.iter().copied().collect();
        let found = clusters(&names, links.collect(), &apart, never).unwrap();
        let mut groups: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (key, of) in found.of {
            groups.entry(of).or_default().push(key);
        }
        groups.into_values().collect()
    }

    #[test]
    fn who_is_linked_with_one_is_linked_with_all() {
        let told = Strength::Told;
        assert_eq!(cluster(&[(1, 2, told), (4, 3, told), (3, 2, told)], &[]), [vec![1, 2, 3, 4]]);
        assert_eq!(cluster(&[], &[]), [[1], [2], [3], [4]]);
    }

    #[test]
    fn the_weaker_link_gives_way_to_a_clerk() {
        let strong = [(1, 2, Strength::Rules(3000)), (2, 3, Strength::Rules(2900))];
        let apart = [vec![1, 2], vec![3], vec![4]];
        assert_eq!(cluster(&strong, &[(1, 3)]), apart);
        let other = [(2, 3, Strength::Rules(2900)), (1, 2, Strength::Rules(3000))];
        assert_eq!(cluster(&other, &[(1, 3)]), apart);
        let told = [(1, 2, Strength::Rules(3000)), (2, 3, Strength::Told)];
        assert_eq!(cluster(&told, &[(1, 3)]), [vec![1], vec![2, 3], vec![4]]);
    }

    #[test]
    fn rules_bring_nobody_together_whom_they_forbid_and_others_do() {
        let names = (1..=3).map(|key| (key, vec![u8::try_from(key).unwrap()])).collect();
        let link = |a, b, strength| Link { ends: (a, b), strength };
        let forbids = |a: i64, b: i64| Ok::<_, Infallible>((a.min(b), a.max(b)) == (1, 3));
        let by = |strength| {
            let links = vec![link(1, 2, Strength::Rules(5000)), link(2, 3, strength)];
            clusters(&names, links, &BTreeSet::new(), forbids).unwrap().of
        };
        assert_eq!(by(Strength::Rules(4000))[&3], 3);
        assert_eq!(
            by(Strength::Told)[&3],
            2,
            "the feed comes first, and the rules add nobody to it"
        );
        assert_eq!(by(Strength::Told)[&1], 1);
    }
}
