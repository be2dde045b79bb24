//! What is known of two records: who told that they are one person, what the rules say, what a clerk decided.

use super::bulk;
use super::schema::pair;
use super::vault::Vault;
use crate::error::IdentityError;
use crate::evidence::{self, Evidence};
use crate::review::{Entry, Proposal};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension,
    QueryDsl, QueryResult, RunQueryDsl,
};
use renkei_database::{Db, each};
use renkei_matching::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Two records, the one with the lower key first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Two {
    pub(crate) low: i64,
    pub(crate) high: i64,
}

impl Two {
    /// `None` for one and the same.
    pub(crate) fn of(a: i64, b: i64) -> Option<Self> {
        (a != b).then(|| Self { low: a.min(b), high: a.max(b) })
    }

    /// By which bit it is kept that this one told of the other.
    fn bit(self, teller: i64) -> i32 {
        if teller == self.low { 1 } else { 2 }
    }

    pub(crate) fn other(self, key: i64) -> i64 {
        if key == self.low { self.high } else { self.low }
    }

    fn context(self) -> Vec<u8> {
        format!("pair:{}:{}", self.low, self.high).into_bytes()
    }
}

/// What is plain of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) two: Two,
    pub(crate) told: i32,
    pub(crate) line: i32,
    pub(crate) score: i32,
    pub(crate) decided: Option<i32>,
    pub(crate) waiting: Option<i64>,
}

/// What is sealed of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    /// When the feed told last that they are one; microseconds since 1970.
    pub(crate) told_at: Option<i64>,
    /// What the rules said, and since when.
    pub(crate) evidence: Option<(Evidence, i64)>,
    /// What clerks did, the last last.
    pub(crate) history: Vec<Entry>,
    /// That the affinity domain call both by one identifier.
    pub(crate) proposal: Option<Proposal>,
}

/// A pair.
pub(crate) struct Pair {
    pub(crate) edge: Edge,
    pub(crate) kept: Kept,
}

type Plain = (i64, i64, i32, i32, i32, Option<i32>, Option<i64>);

fn edge((low, high, told, line, score, decided, waiting): Plain) -> Edge {
    Edge { two: Two { low, high }, told, line, score, decided, waiting }
}

const PLAIN: (
    pair::low,
    pair::high,
    pair::told,
    pair::line,
    pair::score,
    pair::decided,
    pair::waiting,
) = (pair::low, pair::high, pair::told, pair::line, pair::score, pair::decided, pair::waiting);

/// All pairs of these records.
pub(crate) fn touching(db: &mut Db, keys: &[i64]) -> QueryResult<Vec<Edge>> {
    let lower = pair::table.filter(pair::low.eq_any(keys)).select(PLAIN);
    let mut all: Vec<Plain> = each!(db, |c| lower.load(c))?;
    let higher = pair::table.filter(pair::high.eq_any(keys)).select(PLAIN);
    all.extend(each!(db, |c| higher.load::<Plain>(c))?);
    Ok(all.into_iter().map(edge).collect())
}

/// The pair of two records.
pub(crate) fn of(db: &mut Db, vault: &Vault, two: Two) -> Result<Pair, IdentityError> {
    let query = pair::table.find((two.low, two.high)).select((PLAIN, pair::sealed));
    let row: Option<(Plain, Vec<u8>)> = each!(db, |c| query.first(c).optional())?;
    let Some((plain, sealed)) = row else { return Ok(Pair::unknown(two)) };
    Ok(Pair { edge: edge(plain), kept: vault.open_content(&two.context(), &sealed)? })
}

/// Pairs as they stand in the table, by the other of both records; what is sealed is opened only for those that change.
type Table = BTreeMap<i64, (Edge, Vec<u8>)>;

/// All pairs of a record.
fn of_record(db: &mut Db, key: i64) -> QueryResult<Table> {
    let lower = pair::table.filter(pair::low.eq(key)).select((PLAIN, pair::sealed));
    let mut all: Vec<(Plain, Vec<u8>)> = each!(db, |c| lower.load(c))?;
    let higher = pair::table.filter(pair::high.eq(key)).select((PLAIN, pair::sealed));
    all.extend(each!(db, |c| higher.load::<(Plain, Vec<u8>)>(c))?);
    let by_other = |(plain, sealed)| (edge(plain).two.other(key), (edge(plain), sealed));
    Ok(all.into_iter().map(by_other).collect())
}

/// The pair of a record and another one among all of its pairs, and whether it stands there.
fn among(
    table: &Table,
    two: Two,
    other: i64,
    vault: &Vault,
) -> Result<(Pair, bool), IdentityError> {
    match table.get(&other) {
        Some((edge, sealed)) => {
            Ok((Pair { edge: *edge, kept: vault.open_content(&two.context(), sealed)? }, true))
        }
        None => Ok((Pair::unknown(two), false)),
    }
}

/// Keeps pairs, each with whether it stands in the table already.
fn keep_all(db: &mut Db, vault: &Vault, pairs: &[(Pair, bool)]) -> Result<(), IdentityError> {
    let mut new = Vec::new();
    for (pair, is_there) in pairs {
        match is_there {
            true => keep(db, vault, pair)?,
            false if pair.is_nothing() => {}
            false => {
                let context = pair.edge.two.context();
                new.push((pair.edge, vault.seal_content(&context, &pair.kept)?));
            }
        }
    }
    Ok(bulk::insert_pairs(db, &new)?)
}

impl Pair {
    /// Two of whom nothing is known.
    fn unknown(two: Two) -> Self {
        let edge = Edge { two, told: 0, line: 0, score: 0, decided: None, waiting: None };
        Self { edge, kept: Kept::default() }
    }

    /// Whether nothing is known of both any more.
    fn is_nothing(&self) -> bool {
        let Edge { told, line, decided, .. } = self.edge;
        let is_remembered = !self.kept.history.is_empty() || self.kept.proposal.is_some();
        told == 0 && line == 0 && decided.is_none() && !is_remembered
    }
}

/// Keeps it; of whom nothing is known any more, nothing is kept.
pub(crate) fn keep(db: &mut Db, vault: &Vault, pair: &Pair) -> Result<(), IdentityError> {
    let Edge { two, told, line, score, decided, waiting } = pair.edge;
    if pair.is_nothing() {
        let one = pair::table.find((two.low, two.high));
        each!(db, |c| diesel::delete(one).execute(c))?;
        return Ok(());
    }
    let news = (
        pair::told.eq(told),
        pair::line.eq(line),
        pair::score.eq(score),
        pair::decided.eq(decided),
        pair::waiting.eq(waiting),
        pair::sealed.eq(vault.seal_content(&two.context(), &pair.kept)?),
    );
    let row = (pair::low.eq(two.low), pair::high.eq(two.high));
    each!(db, |c| diesel::insert_into(pair::table)
        .values((row, news.clone()))
        .on_conflict((pair::low, pair::high))
        .do_update()
        .set(news)
        .execute(c))?;
    Ok(())
}

/// Since when these wait for a clerk; `None` for not at all.
pub(crate) fn wait(db: &mut Db, all: &BTreeSet<Two>, since: Option<i64>) -> QueryResult<()> {
    // One statement for all pairs of one record: what is new has the highest key, and is compared with many.
    let mut lower: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for two in all {
        lower.entry(two.high).or_default().push(two.low);
    }
    for (high, low) in lower {
        let of = pair::table.filter(pair::high.eq(high)).filter(pair::low.eq_any(low));
        let update = diesel::update(of).set(pair::waiting.eq(since));
        each!(db, |c| update.execute(c))?;
    }
    Ok(())
}

/// The records that tell of this one that they are one person with it.
pub(crate) fn that_tell_of(db: &mut Db, key: i64) -> QueryResult<Vec<i64>> {
    let all = touching(db, &[key])?.into_iter();
    let tell = all.filter(|edge| edge.told & edge.two.bit(edge.two.other(key)) != 0);
    Ok(tell.map(|edge| edge.two.other(key)).collect())
}

/// A record tells of these, and of no others, that they are one person with it.
pub(crate) fn told_by(
    db: &mut Db,
    (teller, at): (i64, i64),
    vault: &Vault,
    others: &BTreeSet<i64>,
) -> Result<(), IdentityError> {
    let table = of_record(db, teller)?;
    let told = |(_, (edge, _)): &(&i64, &(Edge, Vec<u8>))| edge.told & edge.two.bit(teller) != 0;
    let before: BTreeSet<i64> = table.iter().filter(told).map(|(other, _)| *other).collect();
    let mut changed = Vec::new();
    for other in before.symmetric_difference(others) {
        let Some(two) = Two::of(teller, *other) else { continue };
        let (mut pair, is_there) = among(&table, two, *other, vault)?;
        pair.edge.told ^= two.bit(teller);
        pair.kept.told_at = (pair.edge.told != 0).then_some(at);
        changed.push((pair, is_there));
    }
    keep_all(db, vault, &changed)
}

/// What the rules say of a record and others, and nothing of all the rest.
pub(crate) fn judged(
    db: &mut Db,
    vault: &Vault,
    (key, at): (i64, i64),
    said: &BTreeMap<i64, Verdict>,
) -> Result<(), IdentityError> {
    let table = of_record(db, key)?;
    let judged = table.iter().filter(|(_, (edge, _))| edge.line != 0);
    let before: BTreeSet<i64> = judged.map(|(other, _)| *other).collect();
    let mut changed = Vec::new();
    for other in before.iter().chain(said.keys().filter(|other| !before.contains(other))) {
        let Some(two) = Two::of(key, *other) else { continue };
        let (mut pair, is_there) = among(&table, two, *other, vault)?;
        let new = said.get(other);
        let line = new.map_or(0, |verdict| evidence::number(verdict.line));
        let evidence = new.map(Evidence::of);
        let known = pair.kept.evidence.as_ref().map(|(evidence, _)| evidence);
        if pair.edge.line == line && known == evidence.as_ref() {
            continue;
        }
        pair.edge.line = line;
        pair.edge.score = evidence.as_ref().map_or(0, |evidence| evidence.score);
        pair.kept.evidence = evidence.map(|evidence| (evidence, at));
        changed.push((pair, is_there));
    }
    keep_all(db, vault, &changed)
}

/// Those that wait for a clerk, in the order in which they came, behind `after`.
pub(crate) fn waiting(
    db: &mut Db,
    after: (i64, i64, i64),
    limit: i64,
) -> QueryResult<Vec<(i64, i64, i64)>> {
    let (since, low, high) = after;
    let same_pair = pair::low.gt(low).or(pair::low.eq(low).and(pair::high.gt(high)));
    let behind = pair::waiting.gt(since).or(pair::waiting.eq(since).and(same_pair.nullable()));
    let query = pair::table
        .filter(pair::waiting.ge(since))
        .filter(behind)
        .order((pair::waiting, pair::low, pair::high))
        .limit(limit)
        .select((pair::waiting.assume_not_null(), pair::low, pair::high));
    each!(db, |c| query.load(c))
}

/// How many wait.
pub(crate) fn count_waiting(db: &mut Db) -> QueryResult<i64> {
    let query = pair::table.filter(pair::waiting.ge(0)).select(diesel::dsl::count_star());
    each!(db, |c| query.first(c))
}
