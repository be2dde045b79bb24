//! What one piece of news says of pairs: each is read once, and written once.

use super::bulk;
use super::pairs::{self, Edge, Pair, Two};
use super::vault::Vault;
use crate::error::IdentityError;
use crate::evidence::{self, Evidence};
use renkei_database::Db;
use renkei_matching::Verdict;
use std::collections::{BTreeMap, BTreeSet};

/// Pairs as the news leave them, ahead of the table until [`Pairing::write`].
#[derive(Default)]
pub(crate) struct Pairing {
    pairs: BTreeMap<Two, Held>,
    /// The records of which all pairs are here.
    whole: BTreeSet<i64>,
}

/// A pair.
enum Held {
    /// As it stands in the table; what is sealed is opened only if it changes.
    Stored(Edge, Vec<u8>),
    /// Otherwise than there, and whether it is there.
    Changed(Box<Pair>, bool),
}

impl Held {
    fn edge(&self) -> &Edge {
        match self {
            Self::Stored(edge, _) => edge,
            Self::Changed(pair, _) => &pair.edge,
        }
    }
}

impl Pairing {
    /// A record came into being: nothing stands in the table of it.
    pub(crate) fn made(&mut self, key: i64) {
        self.whole.insert(key);
    }

    /// Has all pairs of a record here.
    fn look_up(&mut self, db: &mut Db, key: i64) -> Result<(), IdentityError> {
        if self.whole.insert(key) {
            for (edge, sealed) in pairs::of_record(db, key)? {
                self.pairs.entry(edge.two).or_insert(Held::Stored(edge, sealed));
            }
        }
        Ok(())
    }

    /// The others of all pairs of a record that are so.
    fn others(&self, key: i64, is_so: impl Fn(&Edge) -> bool) -> BTreeSet<i64> {
        let edges = self.pairs.values().map(Held::edge);
        let of_record = edges.filter(|edge| edge.two.low == key || edge.two.high == key);
        of_record.filter(|edge| is_so(edge)).map(|edge| edge.two.other(key)).collect()
    }

    /// A pair of which one record was looked up, to be changed or not.
    fn open(&self, two: Two, vault: &Vault) -> Result<(Box<Pair>, bool), IdentityError> {
        match self.pairs.get(&two) {
            Some(Held::Stored(edge, sealed)) => {
                let kept = vault.open_content(&two.context(), sealed)?;
                Ok((Box::new(Pair { edge: *edge, kept }), true))
            }
            Some(Held::Changed(pair, is_there)) => Ok((pair.clone(), *is_there)),
            None => Ok((Box::new(Pair::unknown(two)), false)),
        }
    }

    /// The records that tell of this one that they are one person with it.
    pub(crate) fn that_tell_of(
        &mut self,
        db: &mut Db,
        key: i64,
    ) -> Result<BTreeSet<i64>, IdentityError> {
        self.look_up(db, key)?;
        Ok(self.others(key, |edge| edge.told & edge.two.bit(edge.two.other(key)) != 0))
    }

    /// A record tells of these, and of no others, that they are one person with it.
    pub(crate) fn told_by(
        &mut self,
        db: &mut Db,
        (teller, at): (i64, i64),
        vault: &Vault,
        others: &BTreeSet<i64>,
    ) -> Result<(), IdentityError> {
        self.look_up(db, teller)?;
        let before = self.others(teller, |edge| edge.told & edge.two.bit(teller) != 0);
        for other in before.symmetric_difference(others) {
            let Some(two) = Two::of(teller, *other) else { continue };
            let (mut pair, is_there) = self.open(two, vault)?;
            pair.edge.told ^= two.bit(teller);
            pair.kept.told_at = (pair.edge.told != 0).then_some(at);
            self.pairs.insert(two, Held::Changed(pair, is_there));
        }
        Ok(())
    }

    /// What the rules say of a record and others, and nothing of all the rest.
    pub(crate) fn judged(
        &mut self,
        db: &mut Db,
        vault: &Vault,
        (key, at): (i64, i64),
        said: &BTreeMap<i64, Verdict>,
    ) -> Result<(), IdentityError> {
        self.look_up(db, key)?;
        let mut others = self.others(key, |edge| edge.line != 0);
        others.extend(said.keys());
        for other in others {
            let Some(two) = Two::of(key, other) else { continue };
            let (mut pair, is_there) = self.open(two, vault)?;
            let new = said.get(&other);
            let line = new.map_or(0, |verdict| evidence::number(verdict.line));
            let evidence = new.map(Evidence::of);
            let known = pair.kept.evidence.as_ref().map(|(evidence, _)| evidence);
            if pair.edge.line == line && known == evidence.as_ref() {
                continue;
            }
            pair.edge.line = line;
            pair.edge.score = evidence.as_ref().map_or(0, |evidence| evidence.score);
            pair.kept.evidence = evidence.map(|evidence| (evidence, at));
            self.pairs.insert(two, Held::Changed(pair, is_there));
        }
        Ok(())
    }

    /// Brings the table up to what is here, and forgets it here: others change pairs, too.
    pub(crate) fn write(&mut self, db: &mut Db, vault: &Vault) -> Result<(), IdentityError> {
        self.whole.clear();
        let mut new = Vec::new();
        for (two, held) in std::mem::take(&mut self.pairs) {
            match held {
                Held::Stored(..) => {}
                Held::Changed(pair, true) => pairs::keep(db, vault, &pair)?,
                Held::Changed(pair, false) if pair.is_nothing() => {}
                Held::Changed(pair, false) => {
                    new.push((pair.edge, vault.seal_content(&two.context(), &pair.kept)?));
                }
            }
        }
        Ok(bulk::insert_pairs(db, &new)?)
    }
}
