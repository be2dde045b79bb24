//! What clerks see and decide: pairs that wait for somebody, links that are wrong, and persons whom the affinity domain
//! should call by one identifier.
//!
//! What a clerk decided is remembered, holds against rules and feed, and can be undone: then it is as if nobody
//! had decided. That two identifiers of the affinity domain become one takes two people, since nothing leads back.

mod refused;

pub use refused::Refused;

use crate::error::IdentityError;
use crate::evidence::{self, Evidence};
use crate::find::Found;
use crate::store::desk::Desk;
use crate::store::pairs::{self, Pair, Two};
use crate::store::persons::{self, Row};
use crate::store::{alone, blocks};
use crate::{Identity, Inner};
use chrono::{DateTime, Utc};
use renkei_context::reached;
use renkei_database::{DatabaseError, Db};
use renkei_matching::{Line, Verdict, compare_forms};
use renkei_metadata::ids::PatientId;
use renkei_person::Merge;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most that is remembered of what clerks did with one pair.
const HISTORY: usize = 50;

/// What a clerk says of two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Decision {
    /// One person.
    Same,
    /// Two.
    NotTheSame,
}

/// What a clerk did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Deed {
    /// Decided.
    Decided(Decision),
    /// Took a decision, or a proposal, back.
    Undone,
    /// Proposed that the affinity domain call both by one identifier.
    Proposed,
    /// Confirmed that.
    Confirmed,
}

/// Who did what when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What.
    pub deed: Deed,
    /// Who: the name of a person, or of an administrator.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// That one identifier of the affinity domain is given up for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The identifier that is to stay, as document metadata have it.
    survivor: String,
    /// The one that is to go.
    subsumed: String,
    /// Who proposed it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who confirmed it, so that it can be carried out.
    pub confirmed_by: Option<String>,
}

/// Why a pair waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// They may be one person.
    Same,
    /// Something says that they are one person, and something else forbids it.
    Contradiction,
    /// They are one person, or would be by the rules; the affinity domain calls it by two identifiers.
    Merge,
}

/// A pair that waits for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Both records.
    pub people: [Found; 2],
    /// Why.
    pub question: Question,
    /// What the rules said, with their line.
    pub verdict: Option<Verdict>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// A proposed merge.
    pub proposal: Option<Proposal>,
    /// Where the next page begins after this one.
    pub next: Place,
}

/// A place in the work list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub i64, pub i64, pub i64);

/// All that is known of two records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Both records.
    pub people: [Found; 2],
    /// Whether they are one person now.
    pub is_one: bool,
    /// Whether the feed told so, and when last.
    pub told: Option<DateTime<Utc>>,
    /// What the rules in force say of them now.
    pub verdict: Verdict,
    /// What is kept that rules said, and when.
    pub kept: Option<(Verdict, DateTime<Utc>)>,
    /// What a clerk decided.
    pub decided: Option<Decision>,
    /// What clerks did.
    pub history: Vec<Entry>,
    /// A proposed merge.
    pub proposal: Option<Proposal>,
}

/// Why a clerk's wish was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// It makes no sense.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The store.
    #[error(transparent)]
    Store(#[from] IdentityError),
}

impl From<DatabaseError> for ReviewError {
    fn from(error: DatabaseError) -> Self {
        Self::Store(error.into())
    }
}

impl Identity {
    /// Pairs that wait for somebody, the oldest first, behind `after`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn review(&self, after: Place, limit: u16) -> Result<Vec<Waiting>, IdentityError> {
        let inner = Arc::clone(&self.inner);
        let read = move |db: &mut Db| {
            let places = pairs::waiting(db, (after.0, after.1, after.2), i64::from(limit))?;
            let waiting = places.into_iter().map(|place| waiting(db, &inner, place));
            waiting.collect()
        };
        self.inner.database.read(read).await
    }

    /// How many pairs wait, and how many leads of the matching are left out because too many records have them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn backlog(&self) -> Result<(i64, i64), IdentityError> {
        let read = |db: &mut Db| Ok((pairs::count_waiting(db)?, blocks::left_out(db)?));
        self.inner.database.read(read).await
    }

    /// All that is known of two records.
    ///
    /// # Errors
    /// When one is not known, both are one record, or the database does not answer.
    pub async fn explain(&self, a: &PatientId, b: &PatientId) -> Result<Explanation, ReviewError> {
        let (inner, a, b) = (Arc::clone(&self.inner), a.clone(), b.clone());
        let read = move |db: &mut Db| {
            inner.refresh(db)?;
            explain(db, &inner, &a, &b)
        };
        self.inner.database.read(read).await
    }

    /// A clerk decides that two records are one person, or two.
    ///
    /// # Errors
    /// When one is not known, both are one record, or the database does not take it.
    pub async fn decide(
        &self,
        [a, b]: [&PatientId; 2],
        decision: Decision,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<(), ReviewError> {
        let change = move |_: &[Row; 2], pair: &mut Pair| {
            pair.edge.decided = Some(decided(decision));
            if decision == Decision::NotTheSame {
                pair.kept.proposal = None;
            }
            Ok(Deed::Decided(decision))
        };
        self.deed([a, b], (by, at), change).await
    }

    /// A clerk parts two records that are one person now: none of them is lost, and the same rules do not link
    /// them again.
    ///
    /// # Errors
    /// As [`Self::decide`], and when they are not one person.
    pub async fn unlink(
        &self,
        [a, b]: [&PatientId; 2],
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<(), ReviewError> {
        let change = |rows: &[Row; 2], pair: &mut Pair| {
            let [one, two] = rows;
            if one.cluster != two.cluster {
                return Err(Refused::NotLinked(one.found.id.clone(), two.found.id.clone()));
            }
            pair.edge.decided = Some(decided(Decision::NotTheSame));
            pair.kept.proposal = None;
            Ok(Deed::Decided(Decision::NotTheSame))
        };
        self.deed([a, b], (by, at), change).await
    }

    /// Takes a clerk's decision on two records, or a proposed merge, back: it is as if nobody had decided.
    ///
    /// # Errors
    /// As [`Self::decide`], and when nothing was decided.
    pub async fn undo(
        &self,
        [a, b]: [&PatientId; 2],
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<(), ReviewError> {
        let change = |rows: &[Row; 2], pair: &mut Pair| {
            if pair.edge.decided.is_none() && pair.kept.proposal.is_none() {
                let [one, two] = rows;
                return Err(Refused::NothingDecided(one.found.id.clone(), two.found.id.clone()));
            }
            pair.edge.decided = None;
            pair.kept.proposal = None;
            Ok(Deed::Undone)
        };
        self.deed([a, b], (by, at), change).await
    }

    /// Proposes that the affinity domain call two persons by one identifier. Until somebody else confirms it, they
    /// are cross-referenced.
    ///
    /// # Errors
    /// As [`Self::decide`], when one is not of the affinity domain, or when that is proposed already.
    pub async fn propose_merge(
        &self,
        merge: &Merge,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<(), ReviewError> {
        let (inner, wanted, who) = (Arc::clone(&self.inner), merge.clone(), by.to_owned());
        let change = move |_: &[Row; 2], pair: &mut Pair| {
            for id in [&wanted.survivor, &wanted.subsumed] {
                if id.authority != inner.rules.home {
                    return Err(Refused::NotOfTheDomain(id.clone()));
                }
            }
            if let Some(proposal) = &pair.kept.proposal {
                return Err(Refused::Proposed(proposal.by.clone()));
            }
            pair.edge.decided = Some(decided(Decision::Same));
            pair.kept.proposal = Some(Proposal {
                survivor: wanted.survivor.to_string(),
                subsumed: wanted.subsumed.to_string(),
                by: who.clone(),
                at,
                confirmed_by: None,
            });
            Ok(Deed::Proposed)
        };
        self.deed([&merge.subsumed, &merge.survivor], (by, at), change).await
    }

    /// Somebody else confirms a merge that was proposed, so that it can be carried out at the registry (ITI-8 A40).
    /// Confirmed again, it stays confirmed.
    ///
    /// # Errors
    /// As [`Self::decide`], when it was not proposed so, or was proposed by the same person.
    pub async fn confirm_merge(
        &self,
        merge: &Merge,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<(), ReviewError> {
        let (wanted, who) = (merge.clone(), by.to_owned());
        let change = move |_: &[Row; 2], pair: &mut Pair| {
            let not_proposed =
                || Refused::NotProposed(wanted.subsumed.clone(), wanted.survivor.clone());
            let proposal = pair.kept.proposal.as_mut().ok_or_else(not_proposed)?;
            if proposal.merge().as_ref() != Some(&wanted) {
                return Err(not_proposed());
            }
            if proposal.by == who {
                return Err(Refused::SecondPerson(who.clone()));
            }
            proposal.confirmed_by = Some(who.clone());
            Ok(Deed::Confirmed)
        };
        self.deed([&merge.subsumed, &merge.survivor], (by, at), change).await
    }

    /// Does something with a pair, remembers who did it, and brings all that follows up to it.
    async fn deed(
        &self,
        [a, b]: [&PatientId; 2],
        (by, at): (&str, DateTime<Utc>),
        change: impl Fn(&[Row; 2], &mut Pair) -> Result<Deed, Refused> + Send + 'static,
    ) -> Result<(), ReviewError> {
        let (inner, a, b, by) = (Arc::clone(&self.inner), a.clone(), b.clone(), by.to_owned());
        let write = move |db: &mut Db| -> Result<(), ReviewError> {
            alone(db).map_err(IdentityError::from)?;
            inner.ready(db, at)?;
            let rows = rows(db, &inner, &a, &b)?;
            let two = two(&rows)?;
            let mut pair = pairs::of(db, &inner.vault, two)?;
            let deed = change(&rows, &mut pair)?;
            let history = &mut pair.kept.history;
            history.push(Entry { deed, by: by.clone(), at });
            let surplus = history.len().saturating_sub(HISTORY);
            history.drain(..surplus);
            pairs::keep(db, &inner.vault, &pair)?;
            let mut desk = Desk::new(db, &inner, at.timestamp_micros());
            desk.cluster(&[two.low, two.high])?;
            reached("identity.before_decided");
            Ok(())
        };
        self.inner.database.write(write).await
    }
}

impl Proposal {
    /// The merge that is proposed.
    pub fn merge(&self) -> Option<Merge> {
        let [survivor, subsumed] =
            [&self.survivor, &self.subsumed].map(|id| PatientId::parse(id).ok());
        Some(Merge { survivor: survivor?, subsumed: subsumed? })
    }
}

fn decided(decision: Decision) -> i32 {
    match decision {
        Decision::Same => 1,
        Decision::NotTheSame => 0,
    }
}

fn decision(decided: i32) -> Decision {
    if decided == 0 { Decision::NotTheSame } else { Decision::Same }
}

/// The records of two identifiers, as they are now.
fn rows(db: &mut Db, inner: &Inner, a: &PatientId, b: &PatientId) -> Result<[Row; 2], ReviewError> {
    let mut of = |id: &PatientId| -> Result<Row, ReviewError> {
        let row = persons::by_hash(db, &inner.vault, &inner.vault.id_hash(id))?;
        let row = row.ok_or_else(|| Refused::Unknown(id.clone()))?;
        Ok(persons::by_key(db, &inner.vault, row.root)?)
    };
    Ok([of(a)?, of(b)?])
}

fn two([a, b]: &[Row; 2]) -> Result<Two, Refused> {
    Two::of(a.key, b.key).ok_or_else(|| Refused::OneRecord(a.found.id.clone(), b.found.id.clone()))
}

fn explain(
    db: &mut Db,
    inner: &Inner,
    a: &PatientId,
    b: &PatientId,
) -> Result<Explanation, ReviewError> {
    let rows = rows(db, inner, a, b)?;
    let Pair { edge, kept } = pairs::of(db, &inner.vault, two(&rows)?)?;
    let force = inner.in_force();
    let [one, two] = &rows;
    let (first, second) = (blocks::form(&one.found, &force), blocks::form(&two.found, &force));
    let line = evidence::line(edge.line);
    Ok(Explanation {
        is_one: one.cluster == two.cluster,
        told: kept.told_at.filter(|_| edge.told != 0).map(time).transpose()?,
        verdict: compare_forms(&first, &second, &force.rules),
        kept: kept
            .evidence
            .map(|(evidence, at)| Ok::<_, IdentityError>((evidence.verdict(line), time(at)?)))
            .transpose()?,
        decided: edge.decided.map(decision),
        history: kept.history,
        proposal: kept.proposal,
        people: rows.map(|row| row.found),
    })
}

fn waiting(
    db: &mut Db,
    inner: &Inner,
    (since, low, high): (i64, i64, i64),
) -> Result<Waiting, IdentityError> {
    let two = Two { low, high };
    let Pair { edge, kept } = pairs::of(db, &inner.vault, two)?;
    let mut row = |key| -> Result<Row, IdentityError> {
        let row = persons::by_key(db, &inner.vault, key)?;
        persons::by_key(db, &inner.vault, row.root)
    };
    let (one, other) = (row(low)?, row(high)?);
    let line = evidence::line(edge.line);
    let question = match () {
        () if one.cluster == other.cluster => Question::Merge,
        () if edge.told != 0 || edge.decided.is_some() => Question::Contradiction,
        () if line != Line::Linked => Question::Same,
        // Rules alone bring no two of one domain together.
        () if one.found.id.authority != other.found.id.authority => Question::Contradiction,
        () if one.found.id.authority == inner.rules.home => Question::Merge,
        () => Question::Same,
    };
    let verdict = kept.evidence.map(|(evidence, _): (Evidence, i64)| evidence.verdict(line));
    Ok(Waiting {
        people: [one.found, other.found],
        question,
        verdict,
        since: time(since)?,
        proposal: kept.proposal,
        next: Place(since, low, high),
    })
}

fn time(micros: i64) -> Result<DateTime<Utc>, IdentityError> {
    DateTime::from_timestamp_micros(micros).ok_or(IdentityError::Content)
}
