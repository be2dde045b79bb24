//! The records that one piece of news concerns: each is read once, and written once.

use super::bulk;
use super::leads::Hash;
use super::persons::{self, Row};
use super::schema::{clue, person};
use crate::error::IdentityError;
use crate::find::Found;
use crate::spoken::Spoken;
use crate::whence::Whence;
use crate::{Inner, correlation, question};
use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_matching::Form;
use renkei_metadata::ids::PatientId;
use renkei_person::Person;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A record and what is sealed of it.
pub(super) type SealedRow = (Rc<Row>, Vec<u8>);

/// Records as the news leave them, ahead of the tables until [`Records::write`].
#[derive(Default)]
pub(crate) struct Records {
    rows: BTreeMap<i64, Rc<Row>>,
    /// The records of hashes that were asked for; `None` where there is none.
    keys: BTreeMap<Hash, Option<i64>>,
    /// In which form a record is compared.
    forms: BTreeMap<i64, Rc<Form>>,
    /// Those that came into being.
    made: BTreeSet<i64>,
    /// Those of them that are not in the table yet.
    new: BTreeSet<i64>,
    /// Those that are otherwise in the table.
    changed: BTreeSet<i64>,
    /// Those that came into being and are not found by anything yet.
    bare: BTreeSet<i64>,
    /// Those that came into being and are persons by themselves until clusters are settled: no other record became
    /// one of them, and none is in their cluster.
    alone: BTreeSet<i64>,
    /// Domains of which records came.
    domains: BTreeSet<String>,
    /// What records are found by from now on, and by nothing else.
    clues: BTreeMap<i64, BTreeSet<Hash>>,
    /// Whom other communities have to be asked for again.
    described: BTreeSet<Hash>,
}

impl Records {
    /// Has the records of these hashes at hand.
    pub(crate) fn look_up(
        &mut self,
        db: &mut Db,
        inner: &Inner,
        hashes: Vec<Hash>,
    ) -> Result<(), IdentityError> {
        for row in persons::by_hashes(db, &inner.vault, &hashes)? {
            self.take_in(row);
        }
        for hash in hashes {
            self.keys.entry(hash).or_insert(None);
        }
        Ok(())
    }

    /// The record of a hash.
    pub(crate) fn by_hash(
        &mut self,
        db: &mut Db,
        inner: &Inner,
        hash: &Hash,
    ) -> Result<Option<Rc<Row>>, IdentityError> {
        if !self.keys.contains_key(hash) {
            self.look_up(db, inner, vec![hash.clone()])?;
        }
        let key = self.keys.get(hash).copied().flatten();
        key.map(|key| self.by_key(db, inner, key)).transpose()
    }

    /// A record.
    pub(crate) fn by_key(
        &mut self,
        db: &mut Db,
        inner: &Inner,
        key: i64,
    ) -> Result<Rc<Row>, IdentityError> {
        if let Some(row) = self.rows.get(&key) {
            return Ok(Rc::clone(row));
        }
        let row = persons::by_key(db, &inner.vault, key)?;
        Ok(self.take_in(row))
    }

    /// These records, as far as there are such, in the order of their keys.
    pub(crate) fn by_keys(
        &mut self,
        db: &mut Db,
        inner: &Inner,
        keys: &BTreeSet<i64>,
    ) -> Result<Vec<Rc<Row>>, IdentityError> {
        let is_missing = |key: &&i64| !self.rows.contains_key(key);
        let missing: BTreeSet<i64> = keys.iter().filter(is_missing).copied().collect();
        for row in persons::by_keys(db, &inner.vault, &missing)? {
            self.take_in(row);
        }
        Ok(keys.iter().filter_map(|key| self.rows.get(key)).cloned().collect())
    }

    /// A record of which nothing is known but its identifier.
    pub(crate) fn make(
        &mut self,
        db: &mut Db,
        inner: &Inner,
        id: &PatientId,
    ) -> Result<Rc<Row>, IdentityError> {
        let key = inner.keys.new_key(db, self.made.last().copied())?;
        for kind in [&mut self.made, &mut self.new, &mut self.bare, &mut self.alone] {
            kind.insert(key);
        }
        Ok(self.take_in(Row {
            key,
            hash: inner.vault.id_hash(id),
            root: key,
            told: 0,
            cluster: key,
            epoch: inner.in_force().epoch,
            found: Found { id: id.clone(), person: Person::default() },
            spoken: Spoken::default(),
            whence: Whence::all(true, 0),
        }))
    }

    /// Whether a record came into being with these news.
    pub(crate) fn is_made(&self, key: i64) -> bool {
        self.made.contains(&key)
    }

    /// Whether a record came into being with these news, and is a person by itself until clusters are settled.
    pub(crate) fn is_alone(&self, key: i64) -> bool {
        self.alone.contains(&key)
    }

    /// The records that these are by now, as far as they are at hand; the others.
    pub(crate) fn roots(&self, keys: &BTreeSet<i64>) -> (BTreeSet<i64>, BTreeSet<i64>) {
        let (mut roots, mut others) = (BTreeSet::new(), BTreeSet::new());
        for key in keys {
            match self.rows.get(key) {
                Some(row) => roots.insert(row.root),
                None => others.insert(*key),
            };
        }
        (roots, others)
    }

    /// Clusters are settled: who came into being may have been joined with others.
    pub(crate) fn clustered(&mut self) {
        self.alone.clear();
    }

    /// A record is this from now on.
    pub(crate) fn put(&mut self, row: Row) {
        self.forms.remove(&row.key);
        if !self.new.contains(&row.key) {
            self.changed.insert(row.key);
        }
        self.take_in(row);
    }

    /// All that are one record are another one from now on.
    pub(crate) fn became(&mut self, db: &mut Db, (old, new): (i64, i64)) -> QueryResult<()> {
        for key in [old, new] {
            self.alone.remove(&key);
        }
        let moved = diesel::update(person::table.filter(person::survivor.eq(old)))
            .set(person::survivor.eq(new));
        each!(db, |c| moved.execute(c))?;
        for row in self.rows.values_mut().filter(|row| row.root == old) {
            *row = Rc::new(Row { root: new, ..Row::clone(row) });
        }
        Ok(())
    }

    /// A record is found by these from now on, and by nothing that it was found by before.
    pub(crate) fn found_by(&mut self, key: i64, clues: BTreeSet<Hash>) {
        self.clues.insert(key, clues);
    }

    /// Whoever is described otherwise, or became another, has to be asked for elsewhere again.
    pub(crate) fn described_otherwise(&mut self, row: &Row) {
        self.described.insert(row.hash.clone());
    }

    /// The form of a record, made by `form` if it is not at hand.
    pub(crate) fn form(&mut self, row: &Row, form: impl FnOnce(&Found) -> Form) -> Rc<Form> {
        let made = self.forms.entry(row.key).or_insert_with(|| Rc::new(form(&row.found)));
        Rc::clone(made)
    }

    fn take_in(&mut self, row: Row) -> Rc<Row> {
        self.keys.insert(row.hash.clone(), Some(row.key));
        let row = Rc::new(row);
        self.rows.insert(row.key, Rc::clone(&row));
        row
    }

    /// Brings the tables up to what is here.
    pub(crate) fn write(&mut self, db: &mut Db, inner: &Inner) -> Result<(), IdentityError> {
        let (new, changed) = (std::mem::take(&mut self.new), std::mem::take(&mut self.changed));
        let new = self.sealed(inner, &new)?;
        bulk::insert_persons(db, &inner.rules.home, &new)?;
        self.domains.extend(new.iter().map(|(row, _)| row.found.id.authority.to_string()));
        for (row, sealed) in self.sealed(inner, &changed)? {
            let update = diesel::update(person::table.filter(person::key.eq(row.key)))
                .set((person::told.eq(row.told), person::sealed.eq(sealed)));
            each!(db, |c| update.execute(c))?;
        }
        self.write_clues(db)?;
        let described: Vec<Hash> = std::mem::take(&mut self.described).into_iter().collect();
        for part in described.chunks(persons::LIST) {
            correlation::store::forget_persons(db, part)?;
            question::store::forget_persons(db, part)?;
        }
        Ok(())
    }

    /// Brings the table of domains up to the records that came into being.
    pub(crate) fn write_domains(&mut self, db: &mut Db) -> QueryResult<()> {
        bulk::insert_domains(db, std::mem::take(&mut self.domains))
    }

    fn sealed(&self, inner: &Inner, keys: &BTreeSet<i64>) -> Result<Vec<SealedRow>, IdentityError> {
        let rows = keys.iter().filter_map(|key| self.rows.get(key));
        rows.map(|row| Ok((Rc::clone(row), row.sealed(&inner.vault)?))).collect()
    }

    fn write_clues(&mut self, db: &mut Db) -> QueryResult<()> {
        let clues = std::mem::take(&mut self.clues);
        let had = |key: &&i64| !self.bare.remove(key);
        let had: Vec<i64> = clues.keys().filter(had).copied().collect();
        for part in had.chunks(persons::LIST) {
            let old = diesel::delete(clue::table.filter(clue::person_key.eq_any(part)));
            each!(db, |c| old.execute(c))?;
        }
        let of_one =
            |(key, hashes): (i64, BTreeSet<Hash>)| hashes.into_iter().map(move |h| (h, key));
        let all: Vec<(Hash, i64)> = clues.into_iter().flat_map(of_one).collect();
        bulk::insert_clues(db, &all)
    }
}
