//! What is known of two records: who told that they are one person, what the rules say, what a clerk decided.

use super::schema::pair;
use super::vault::Vault;
use crate::error::IdentityError;
use crate::evidence::Evidence;
use crate::review::{Entry, Proposal};
use diesel::{
    BoolExpressionMethods, CombineDsl, ExpressionMethods, NullableExpressionMethods,
    OptionalExtension, QueryDsl, QueryResult, RunQueryDsl,
};
use renkei_database::{Db, each};
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
    pub(super) fn bit(self, teller: i64) -> i32 {
        if teller == self.low { 1 } else { 2 }
    }

    pub(crate) fn other(self, key: i64) -> i64 {
        if key == self.low { self.high } else { self.low }
    }

    pub(super) fn context(self) -> Vec<u8> {
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
#[derive(Clone, Debug)]
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
    let higher = pair::table.filter(pair::high.eq_any(keys)).select(PLAIN);
    let all: Vec<Plain> = each!(db, |c| lower.union_all(higher).load(c))?;
    Ok(all.into_iter().map(edge).collect())
}

/// The pair of two records.
pub(crate) fn of(db: &mut Db, vault: &Vault, two: Two) -> Result<Pair, IdentityError> {
    let query = pair::table.find((two.low, two.high)).select((PLAIN, pair::sealed));
    let row: Option<(Plain, Vec<u8>)> = each!(db, |c| query.first(c).optional())?;
    let Some((plain, sealed)) = row else { return Ok(Pair::unknown(two)) };
    Ok(Pair { edge: edge(plain), kept: vault.open_content(&two.context(), &sealed)? })
}

/// All pairs of a record, each with what is sealed of it.
pub(super) fn of_record(db: &mut Db, key: i64) -> QueryResult<Vec<(Edge, Vec<u8>)>> {
    let lower = pair::table.filter(pair::low.eq(key)).select((PLAIN, pair::sealed));
    let higher = pair::table.filter(pair::high.eq(key)).select((PLAIN, pair::sealed));
    let all: Vec<(Plain, Vec<u8>)> = each!(db, |c| lower.union_all(higher).load(c))?;
    Ok(all.into_iter().map(|(plain, sealed)| (edge(plain), sealed)).collect())
}

impl Pair {
    /// Two of whom nothing is known.
    pub(super) fn unknown(two: Two) -> Self {
        let edge = Edge { two, told: 0, line: 0, score: 0, decided: None, waiting: None };
        Self { edge, kept: Kept::default() }
    }

    /// Whether nothing is known of both any more.
    pub(super) fn is_nothing(&self) -> bool {
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
