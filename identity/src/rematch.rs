//! Rules tried on the whole store before they act, and put in force.

use crate::evidence;
use crate::force::{InForce, RuleBook};
use crate::store::desk::Desk;
use crate::store::pairs;
use crate::store::persons::{self, Row};
use crate::store::{alone, blocks, rules};
use crate::{Identity, IdentityError, Inner};
use chrono::{DateTime, Utc};
use renkei_context::reached;
use renkei_database::Db;
use renkei_matching::trial::Trial;
use renkei_matching::{Line, compare_forms};
use renkei_metadata::ids::PatientId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The records of one step.
const STEP: i64 = 200;

/// The most pairs that are told one by one.
const TOLD: usize = 1_000;

/// What rules would change.
#[derive(Clone, Debug, Default)]
pub struct Rematch {
    /// The version of the rules that were tried.
    pub version: String,
    /// The records that were looked at.
    pub records: u64,
    /// Pairs by what is kept of them and what would be; those of which nothing changes among them, but for pairs that
    /// are nothing and stay so.
    pub changes: BTreeMap<(Line, Line), u64>,
    /// Pairs that a clerk decided, which no rules change.
    pub decided: u64,
    /// The first pairs that would change.
    pub pairs: Vec<Rejudged>,
    /// The scores of all pairs that were compared.
    pub trial: Trial,
}

/// A pair that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejudged {
    /// Both.
    pub pair: [PatientId; 2],
    /// What is kept of it.
    pub from: Line,
    /// What would be.
    pub to: Line,
    /// The new score, in hundredths of a bit.
    pub score: i32,
}

impl Identity {
    /// Tries rules on all records; nothing changes. Memory does not grow with the store.
    ///
    /// # Errors
    /// When the database does not answer, or the rules cannot be read.
    pub async fn try_rules(&self, book: &RuleBook) -> Result<Rematch, IdentityError> {
        let rules = book.rules(&self.inner.rules.shared)?;
        let force = Arc::new(InForce { epoch: 0, rules });
        let mut so_far = Rematch { version: book.version().to_owned(), ..Rematch::default() };
        let mut after = 0;
        loop {
            let (inner, force) = (Arc::clone(&self.inner), Arc::clone(&force));
            let step = move |db: &mut Db| {
                let rows = persons::behind(db, &inner.vault, (after, None), STEP)?;
                let last = rows.last().map(|row| row.key);
                for row in rows.iter().filter(|row| row.root == row.key) {
                    so_far.look_at(db, &inner, &force, row)?;
                }
                Ok::<_, IdentityError>((so_far, last))
            };
            let (done, last) = self.inner.database.read(step).await?;
            so_far = done;
            match last {
                Some(last) => after = last,
                None => return Ok(so_far),
            }
        }
    }

    /// Puts rules in force. What they make of records that are known is for [`Self::catch_up`].
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn put_in_force(
        &self,
        book: &RuleBook,
        at: DateTime<Utc>,
    ) -> Result<(), IdentityError> {
        let (inner, book) = (Arc::clone(&self.inner), book.clone());
        let write = move |db: &mut Db| {
            alone(db)?;
            rules::put(db, &book, at.timestamp_micros())?;
            reached("identity.before_in_force");
            inner.refresh(db)
        };
        self.inner.database.write(write).await
    }

    /// Judges all records that the rules in force have not judged yet; how many steps that took.
    ///
    /// # Errors
    /// When the database does not take it; what was judged until then stays.
    pub async fn catch_up_all(&self, at: DateTime<Utc>) -> Result<u64, IdentityError> {
        let (mut after, mut steps) = (0, 0);
        while let Some(last) = self.catch_up(after, at).await? {
            after = last;
            steps += 1;
        }
        Ok(steps)
    }

    /// Judges some of the records that the rules in force have not judged yet, from `after` on; from where to go on,
    /// `None` when all are done.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn catch_up(
        &self,
        after: i64,
        at: DateTime<Utc>,
    ) -> Result<Option<i64>, IdentityError> {
        let undone = |db: &mut Db| Ok::<_, IdentityError>(!rules::is_done(db)?);
        if after == 0 && !self.inner.database.read(undone).await? {
            return Ok(None);
        }
        let inner = Arc::clone(&self.inner);
        let write = move |db: &mut Db| {
            alone(db)?;
            inner.ready(db, at)?;
            let epoch = inner.in_force().epoch;
            let rows = persons::behind(db, &inner.vault, (after, Some(epoch)), STEP)?;
            let last = rows.last().map(|row| row.key);
            for row in rows {
                let mut desk = Desk::new(db, &inner, at.timestamp_micros());
                desk.touch(row.key);
                desk.settle()?;
            }
            if last.is_none() {
                rules::done(db, epoch)?;
            }
            reached("identity.before_caught_up");
            Ok(last)
        };
        self.inner.database.write(write).await
    }
}

impl Rematch {
    /// Compares a record with those before it.
    fn look_at(
        &mut self,
        db: &mut Db,
        inner: &Inner,
        force: &InForce,
        row: &Row,
    ) -> Result<(), IdentityError> {
        self.records += 1;
        let form = blocks::form(&row.found, force);
        let edges = pairs::touching(db, &[row.key])?;
        let before: BTreeMap<i64, pairs::Edge> =
            edges.into_iter().map(|edge| (edge.two.other(row.key), edge)).collect();
        let mut desk = Desk::new(db, inner, 0);
        let mut others: BTreeSet<i64> = blocks::others(&mut desk, row.key, &form)?;
        others.extend(before.keys().copied());
        others.retain(|other| *other < row.key);
        for other in persons::by_keys(db, &inner.vault, &others)? {
            if other.root != other.key {
                continue;
            }
            let verdict = compare_forms(&form, &blocks::form(&other.found, force), &force.rules);
            self.trial.count(&verdict);
            let edge = before.get(&other.key);
            let from = edge.map_or(Line::Nothing, |edge| evidence::line(edge.line));
            let to = verdict.line;
            if edge.is_some_and(|edge| edge.decided.is_some()) {
                self.decided += 1;
                continue;
            }
            if (from, to) != (Line::Nothing, Line::Nothing) {
                *self.changes.entry((from, to)).or_default() += 1;
            }
            if from != to && self.pairs.len() < TOLD {
                let pair = [other.found.id, row.found.id.clone()];
                let score = evidence::hundredths(verdict.score);
                self.pairs.push(Rejudged { pair, from, to, score });
            }
        }
        Ok(())
    }
}
