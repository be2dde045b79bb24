//! Which records are one person, brought up to what is known of pairs of them.

use super::desk::Desk;
use super::known;
use super::pairs::{self, Edge};
use super::schema::person;
use crate::clustering::{self, Clusters, Link, Strength};
use crate::error::IdentityError;
use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_matching::compare_forms;
use std::collections::{BTreeMap, BTreeSet};

/// A record, as far as it is plain.
#[derive(Clone, Debug)]
struct Member {
    root: i64,
    cluster: i64,
    hash: Vec<u8>,
    is_home: bool,
}

/// All records that may be one person with some, and what is known of pairs of them.
#[derive(Default)]
struct Near {
    members: BTreeMap<i64, Member>,
    edges: BTreeMap<(i64, i64), Edge>,
}

type Columns = (i64, Option<i64>, i64, Vec<u8>, bool);

const COLUMNS: (person::key, person::survivor, person::cluster, person::id_hash, person::is_home) =
    (person::key, person::survivor, person::cluster, person::id_hash, person::is_home);

/// Brings the clusters of these records, and of all that hang together with them, up to what is known.
pub(crate) fn settle(desk: &mut Desk<'_>, touched: &BTreeSet<i64>) -> Result<(), IdentityError> {
    let near = Near::of(desk, touched)?;
    let found = near.clusters(desk)?;
    let (mut begin, mut end) = (BTreeSet::new(), BTreeSet::new());
    for edge in near.edges.values() {
        match (edge.waiting.is_some(), near.waits(edge, &found)) {
            (false, true) => begin.insert(edge.two),
            (true, false) => end.insert(edge.two),
            (false, false) | (true, true) => false,
        };
    }
    pairs::wait(desk.db, &begin, Some(desk.at))?;
    pairs::wait(desk.db, &end, None)?;
    near.write(desk, &found)?;
    desk.clustered();
    Ok(())
}

impl Near {
    fn of(desk: &mut Desk<'_>, touched: &BTreeSet<i64>) -> Result<Self, IdentityError> {
        let mut near = Self::default();
        let mut next: BTreeSet<i64> = desk.roots(touched)?;
        while !next.is_empty() {
            let fresh = near.take_in(desk, &next)?;
            // Whoever is linked, and whoever was one person with them until now.
            let mut beyond: BTreeSet<i64> = fresh
                .iter()
                .filter_map(|key| near.members.get(key))
                .map(|member| member.root)
                .filter(|root| !near.members.contains_key(root))
                .collect();
            let keys: Vec<i64> = fresh.into_iter().collect();
            let mut others = BTreeSet::new();
            for edge in pairs::touching(desk.db, &keys)? {
                near.edges.insert((edge.two.low, edge.two.high), edge);
                if is_link(&edge) {
                    let ends = [edge.two.low, edge.two.high].into_iter();
                    others.extend(ends.filter(|end| !near.members.contains_key(end)));
                }
            }
            beyond.extend(desk.roots(&others)?);
            next = beyond;
        }
        Ok(near)
    }

    /// Takes in these persons with all their records, and all of their clusters; who is new.
    fn take_in(
        &mut self,
        desk: &mut Desk<'_>,
        roots: &BTreeSet<i64>,
    ) -> Result<BTreeSet<i64>, IdentityError> {
        let (alone, others): (BTreeSet<i64>, _) =
            roots.iter().partition(|key| desk.is_alone(**key));
        let mut rows = of_persons(desk.db, &others)?;
        for key in alone {
            let row = desk.by_key(key)?;
            let is_home = row.found.id.authority == desk.inner.rules.home;
            rows.push((key, Some(row.root), row.cluster, row.hash.clone(), is_home));
        }
        let mut fresh = BTreeSet::new();
        for (key, root, cluster, hash, is_home) in rows {
            let member = Member { root: root.unwrap_or(key), cluster, hash, is_home };
            if self.members.insert(key, member).is_none() {
                fresh.insert(key);
            }
        }
        Ok(fresh)
    }

    fn root(&self, key: i64) -> Option<i64> {
        self.members.get(&key).map(|member| member.root)
    }

    fn clusters(&self, desk: &mut Desk<'_>) -> Result<Clusters, IdentityError> {
        let is_root = |(key, member): &(&i64, &Member)| **key == member.root;
        let roots = self.members.iter().filter(is_root);
        let names = roots.map(|(key, member)| (*key, member.hash.clone())).collect();
        let mut links = Vec::new();
        let mut apart = BTreeSet::new();
        for edge in self.edges.values() {
            let ends = self.root(edge.two.low).zip(self.root(edge.two.high));
            let Some((a, b)) = ends.filter(|(a, b)| a != b) else { continue };
            if edge.decided == Some(0) {
                apart.insert((a.min(b), a.max(b)));
            }
            links.extend(strength(edge).map(|strength| Link { ends: (a, b), strength }));
        }
        let linked: BTreeSet<(i64, i64)> = links
            .iter()
            .map(|link| (link.ends.0.min(link.ends.1), link.ends.0.max(link.ends.1)))
            .collect();
        let ends = links.iter().flat_map(|link| [link.ends.0, link.ends.1]).collect();
        // read as one
        desk.by_keys(&ends)?;
        clustering::clusters(&names, links, &apart, |a, b| {
            let is_linked = linked.contains(&(a.min(b), a.max(b)));
            Ok(are_of_one_domain(desk, a, b)? || !is_linked && forbid(desk, a, b)?)
        })
    }

    /// Whether somebody has to look at a pair.
    fn waits(&self, edge: &Edge, found: &Clusters) -> bool {
        let (low, high) = (self.members.get(&edge.two.low), self.members.get(&edge.two.high));
        let cluster = |member: Option<&Member>| member.and_then(|m| found.of.get(&m.root));
        let is_one = cluster(low).is_some_and(|one| cluster(high) == Some(one));
        let are_home = low.zip(high).is_some_and(|(a, b)| a.is_home && b.is_home);
        let became_one = low.zip(high).is_some_and(|(a, b)| a.root == b.root);
        match edge.decided {
            _ if became_one => false,
            Some(0) => false,
            // Two people have to agree before the domain calls two persons one.
            _ if is_one => are_home && is_link(edge),
            _ => is_link(edge) || edge.line > 0,
        }
    }

    fn write(&self, desk: &mut Desk<'_>, found: &Clusters) -> Result<(), IdentityError> {
        let mut moved: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        let mut persons: BTreeMap<i64, known::Person> = BTreeMap::new();
        for (key, member) in &self.members {
            let Some(cluster) = found.of.get(&member.root).copied() else { continue };
            if cluster != member.cluster {
                moved.entry(cluster).or_default().push(*key);
            }
            let person = persons.entry(cluster).or_default();
            person.before.insert(member.cluster);
            person.roots.insert(member.root);
        }
        for (cluster, keys) in moved {
            let of = person::table.filter(person::key.eq_any(keys));
            let update = diesel::update(of).set(person::cluster.eq(cluster));
            each!(desk.db, |c| update.execute(c))?;
        }
        known::write(desk, &persons)
    }
}

/// All records of these persons, and of all who are in their clusters.
fn of_persons(db: &mut Db, roots: &BTreeSet<i64>) -> QueryResult<Vec<Columns>> {
    if roots.is_empty() {
        return Ok(Vec::new());
    }
    let of_roots = person::table.filter(person::survivor.eq_any(list(roots))).select(COLUMNS);
    let mut rows: Vec<Columns> = each!(db, |c| of_roots.load(c))?;
    let clusters: BTreeSet<i64> = rows.iter().map(|row| row.2).collect();
    let mates = person::table.filter(person::cluster.eq_any(list(&clusters))).select(COLUMNS);
    rows.extend(each!(db, |c| mates.load::<Columns>(c))?);
    Ok(rows)
}

/// Whether one domain gave both their identifiers: it takes them for two persons, and rules alone do not know that
/// better.
fn are_of_one_domain(desk: &mut Desk<'_>, a: i64, b: i64) -> Result<bool, IdentityError> {
    let (a, b) = (desk.by_key(a)?, desk.by_key(b)?);
    Ok(a.found.id.authority == b.found.id.authority)
}

/// Whether the rules forbid that two are one person.
fn forbid(desk: &mut Desk<'_>, a: i64, b: i64) -> Result<bool, IdentityError> {
    let (a, b) = (desk.by_key(a)?, desk.by_key(b)?);
    let (a, b) = (desk.form(&a), desk.form(&b));
    let rules = &desk.inner.in_force().rules;
    Ok(rules.speaks_against(&compare_forms(&a, &b, rules)))
}

/// Whether it says that both are one person.
fn is_link(edge: &Edge) -> bool {
    strength(edge).is_some()
}

fn strength(edge: &Edge) -> Option<Strength> {
    match edge.decided {
        Some(0) => None,
        Some(_) => Some(Strength::Clerk),
        None if edge.told != 0 => Some(Strength::Told),
        None if edge.line >= 2 => Some(Strength::Rules(edge.score)),
        None => None,
    }
}

/// The records that these are now.
pub(super) fn roots(db: &mut Db, keys: &BTreeSet<i64>) -> QueryResult<BTreeSet<i64>> {
    if keys.is_empty() {
        return Ok(BTreeSet::new());
    }
    let query = person::table
        .filter(person::key.eq_any(list(keys)))
        .select((person::key, person::survivor));
    let rows: Vec<(i64, Option<i64>)> = each!(db, |c| query.load(c))?;
    Ok(rows.into_iter().map(|(key, root)| root.unwrap_or(key)).collect())
}

fn list(keys: &BTreeSet<i64>) -> Vec<i64> {
    keys.iter().copied().collect()
}
