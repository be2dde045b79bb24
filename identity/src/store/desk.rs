//! What news change.

use super::pairing::Pairing;
use super::persons::Row;
use super::records::Records;
use super::schema::person;
use super::{blocks, clusters, leads};
use crate::compare;
use crate::error::IdentityError;
use crate::find::Found;
use crate::merge::{added, removed, without};
use crate::whence::{self, Whence};
use crate::{Inner, News, Told};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_matching::{Form, Line, compare_forms};
use renkei_metadata::ids::PatientId;
use renkei_person::{Merge, Person};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Takes one piece of news.
pub(crate) fn take(db: &mut Db, inner: &Inner, told: &Told) -> Result<(), IdentityError> {
    let mut desk = Desk::new(db, inner, told.at.timestamp_micros());
    match &told.news {
        News::Of(person) => desk.tell(person, |_, _| Ok(true))?,
        News::Changed(person) => desk.tell(person, Desk::is_known)?,
        News::Merged(merge, person) => desk.merge(merge, person)?,
        News::Moved { previous, new, local, subsumed } => {
            for taken in [Some(local), subsumed.as_ref()].into_iter().flatten() {
                desk.change(previous, taken, removed)?;
                desk.leave(taken)?;
            }
            desk.change(new, local, added)?;
            if let Some(subsumed) = subsumed.as_ref().filter(|id| inner.is_of_record(id)) {
                let merge = Merge { survivor: local.clone(), subsumed: subsumed.clone() };
                desk.merge(&merge, &Person::default())?;
            }
        }
    }
    desk.settle()
}

/// What changes records.
pub(crate) struct Desk<'a> {
    pub(crate) db: &'a mut Db,
    pub(crate) inner: &'a Inner,
    /// When it was told, in microseconds since 1970.
    pub(crate) at: i64,
    records: Records,
    pairing: Pairing,
    /// The records of which something changed.
    touched: BTreeSet<i64>,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(db: &'a mut Db, inner: &'a Inner, at: i64) -> Self {
        let (records, pairing) = (Records::default(), Pairing::default());
        Self { db, inner, at, records, pairing, touched: BTreeSet::new() }
    }

    fn by_hash(&mut self, id: &PatientId) -> Result<Option<Rc<Row>>, IdentityError> {
        let hash = self.inner.vault.id_hash(id);
        self.records.by_hash(self.db, self.inner, &hash)
    }

    /// A record.
    pub(crate) fn by_key(&mut self, key: i64) -> Result<Rc<Row>, IdentityError> {
        self.records.by_key(self.db, self.inner, key)
    }

    /// These records, as far as there are such.
    pub(crate) fn by_keys(&mut self, keys: &BTreeSet<i64>) -> Result<Vec<Rc<Row>>, IdentityError> {
        self.records.by_keys(self.db, self.inner, keys)
    }

    /// The form in which the rules in force compare a record.
    pub(crate) fn form(&mut self, row: &Row) -> Rc<Form> {
        let inner = self.inner;
        self.records.form(row, |found| blocks::form(found, &inner.in_force()))
    }

    /// Remembers a person under each identifier that the message names and that is a record's.
    fn tell(
        &mut self,
        person: &Person,
        mut counts: impl FnMut(&mut Self, &PatientId) -> Result<bool, IdentityError>,
    ) -> Result<(), IdentityError> {
        let inner = self.inner;
        let named = person.identifiers.iter().map(|i| &i.id);
        let named: Vec<&PatientId> = named.filter(|id| inner.is_of_record(id)).collect();
        let hashes = named.iter().map(|id| inner.vault.id_hash(id)).collect();
        self.records.look_up(self.db, inner, hashes)?;
        for id in named {
            if counts(self, id)? {
                self.remember(id, person)?;
            }
        }
        Ok(())
    }

    fn is_known(&mut self, id: &PatientId) -> Result<bool, IdentityError> {
        Ok(self.by_hash(id)?.is_some())
    }

    fn remember(&mut self, id: &PatientId, person: &Person) -> Result<(), IdentityError> {
        let row = self.row(id)?;
        let own = row.key;
        let mut root = self.now(&row)?;
        let mut news = self.of_record(id, person)?;
        news.identifiers.retain(|i| root.spoken.is_news(&i.id, self.at));
        let is_own = root.key == own;
        let said = Whence::all(is_own, self.at);
        let (new, old) = ((&news, &said), (&root.found.person, &root.whence));
        // What is named last stands first. What comes again late changes not even that.
        let (all, whence) = match is_own && root.told <= self.at {
            true => whence::joined(new, old),
            false => whence::joined(old, new),
        };
        let told = if is_own { root.told.max(self.at) } else { root.told };
        self.keep(Row { told, whence, ..root }, all);
        Ok(())
    }

    /// What a message says of one of the records that it names. That several local identifiers are of one person
    /// is said of the one of the affinity domain, if there is one, and else of each other, unless one of both
    /// has gone to somebody else since.
    fn of_record(&mut self, id: &PatientId, person: &Person) -> Result<Person, IdentityError> {
        let inner = self.inner;
        let home = &inner.rules.home;
        let mut news = without(home, person);
        news.identifiers.retain(|i| i.id != *id);
        if id.authority == *home {
            return Ok(news);
        }
        let names_home = person.identifiers.iter().any(|i| i.id.authority == *home);
        let tells_of_others = !names_home && !self.has_left_since(id)?;
        let mut kept = Vec::new();
        for identifier in news.identifiers {
            let other = &identifier.id;
            if !inner.is_of_record(other) || tells_of_others && !self.has_left_since(other)? {
                kept.push(identifier);
            }
        }
        news.identifiers = kept;
        Ok(news)
    }

    fn has_left_since(&mut self, id: &PatientId) -> Result<bool, IdentityError> {
        let row = self.by_hash(id)?;
        Ok(row.and_then(|row| row.spoken.last(id)).is_some_and(|left| left > self.at))
    }

    /// Both rows become one person, under the surviving one or whoever that is by now.
    fn merge(&mut self, merge: &Merge, person: &Person) -> Result<(), IdentityError> {
        let (old, new) = (self.row(&merge.subsumed)?, self.row(&merge.survivor)?);
        if !without(&self.inner.rules.home, person).eq(&Person::default()) {
            self.remember(&merge.survivor, person)?;
        }
        let mut new = Row::clone(&*self.by_key(new.root)?);
        if old.root == new.key {
            return Ok(());
        }
        let mut old = Row::clone(&*self.by_key(old.root)?);
        self.records.write(self.db, self.inner)?;
        self.records.became(self.db, (old.key, new.key))?;
        self.reduce(&old)?;
        for became in [&old, &new] {
            self.records.described_otherwise(became);
        }
        let mut survivor = new.found.person.clone();
        new.spoken.taken_away(&mut survivor, (&old.spoken, &old.found.person));
        old.spoken.taken_away(&mut old.found.person, (&new.spoken, &new.found.person));
        new.spoken = new.spoken.joined(&old.spoken);
        let (mut all, whence) =
            whence::joined((&survivor, &new.whence), (&old.found.person, &old.whence.of_another()));
        all.identifiers.retain(|i| i.id != merge.survivor && i.id != merge.subsumed);
        self.keep(Row { whence, ..new }, all);
        Ok(())
    }

    /// Gives a person an identifier or takes it away, unless something newer was said of it.
    fn change(
        &mut self,
        id: &PatientId,
        moved: &PatientId,
        change: fn(&PatientId, &mut Person),
    ) -> Result<(), IdentityError> {
        let row = self.row(id)?;
        let mut root = self.now(&row)?;
        let mut person = root.found.person.clone();
        if root.spoken.is_news(moved, self.at) {
            change(moved, &mut person);
        }
        self.keep(root, person);
        Ok(())
    }

    /// A local identifier goes to somebody else: what other local ones said of it before holds no more.
    fn leave(&mut self, id: &PatientId) -> Result<(), IdentityError> {
        if !self.inner.is_of_record(id) {
            return Ok(());
        }
        let row = self.row(id)?;
        let mut root = self.now(&row)?;
        root.spoken.is_news(id, self.at);
        for other in self.pairing.that_tell_of(self.db, root.key)? {
            let other = self.by_key(other)?;
            if other.found.id.authority != self.inner.rules.home {
                self.change(&other.found.id, id, removed)?;
            }
        }
        let mut person = root.found.person.clone();
        let is_local = |id: &PatientId| self.inner.is_of_record(id);
        person.identifiers.retain(|i| !is_local(&i.id) || root.spoken.last(&i.id) > Some(self.at));
        self.keep(root, person);
        Ok(())
    }

    /// The record that this one is by now.
    fn now(&mut self, row: &Row) -> Result<Row, IdentityError> {
        Ok(Row::clone(&*self.by_key(row.root)?))
    }

    /// The row of an identifier, made if it is not there.
    fn row(&mut self, id: &PatientId) -> Result<Rc<Row>, IdentityError> {
        if let Some(row) = self.by_hash(id)? {
            return Ok(row);
        }
        let row = self.records.make(self.db, self.inner, id)?;
        self.pairing.made(row.key);
        self.clues(row.key, &row.found);
        self.touched.insert(row.key);
        Ok(row)
    }

    /// Writes down who somebody is now.
    fn keep(&mut self, row: Row, person: Person) {
        let is_news = person != row.found.person;
        if is_news {
            self.records.described_otherwise(&row);
        }
        let found = Found { id: row.found.id, person };
        if is_news {
            self.touched.insert(row.key);
            self.clues(row.key, &found);
        }
        self.records.put(Row { found, ..row });
    }

    /// The row of a person who became another leads there by its own identifier and by what the person was
    /// called. All other identifiers are those of the other from now on: one that is taken away from it must not
    /// lead there by the way of this row.
    fn reduce(&mut self, row: &Row) -> Result<(), IdentityError> {
        let (vault, of) = (&self.inner.vault, (row.key, self.at));
        let mut found = row.found.clone();
        found.person.identifiers.clear();
        self.clues(row.key, &found);
        leads::keep(self.db, row.key, &BTreeSet::new(), self.records.is_made(row.key))?;
        self.pairing.told_by(self.db, of, vault, &BTreeSet::new())?;
        self.pairing.judged(self.db, vault, of, &BTreeMap::new())?;
        self.touched.insert(row.key);
        Ok(())
    }

    /// What the person is found by from now on, and nothing that it was found by before. Other communities are
    /// answered by what the affinity domain calls a person.
    fn clues(&mut self, key: i64, found: &Found) {
        let Inner { rules, vault, .. } = self.inner;
        let mut all = BTreeSet::new();
        if found.id.authority == rules.home {
            all = compare::by_identifiers(rules, &found.person);
            all.extend(compare::by_demographics(&found.person));
            all.extend(compare::by_identifier(rules, &found.id));
        }
        let all = all.iter().map(|clue| vault.clue_hash(clue)).collect();
        self.records.found_by(key, all);
    }

    /// Brings everything that follows from records up to what changed of them.
    pub(crate) fn settle(&mut self) -> Result<(), IdentityError> {
        let mut settled = BTreeSet::new();
        // A record that another names comes into being here, and names none itself.
        while let Some(key) = self.touched.pop_first() {
            if settled.insert(key) {
                self.settle_one(key)?;
            }
        }
        self.records.write(self.db, self.inner)?;
        self.records.write_domains(self.db)?;
        self.pairing.write(self.db, &self.inner.vault)?;
        clusters::settle(self, &settled)
    }

    /// The records that these are by now.
    pub(crate) fn roots(&mut self, keys: &BTreeSet<i64>) -> Result<BTreeSet<i64>, IdentityError> {
        let (mut roots, others) = self.records.roots(keys);
        roots.extend(clusters::roots(self.db, &others)?);
        Ok(roots)
    }

    /// Whether a record came into being with these news, and is a person by itself until clusters are settled.
    pub(crate) fn is_alone(&self, key: i64) -> bool {
        self.records.is_alone(key)
    }

    /// Clusters are settled.
    pub(crate) fn clustered(&mut self) {
        self.records.clustered();
    }

    fn settle_one(&mut self, key: i64) -> Result<(), IdentityError> {
        let row = self.by_key(key)?;
        if row.root != row.key {
            return Ok(());
        }
        let mut told = BTreeSet::new();
        for id in row.found.person.identifiers.iter().map(|i| &i.id) {
            if id.authority != self.inner.rules.home && self.inner.is_of_record(id) {
                let other = self.row(id)?.root;
                told.extend(Some(other).filter(|other| *other != key));
            }
        }
        self.records.write(self.db, self.inner)?;
        self.pairing.told_by(self.db, (key, self.at), &self.inner.vault, &told)?;
        self.judge(&row)
    }

    /// Compares a record, as it is now, with all that have a lead in common with it.
    fn judge(&mut self, row: &Row) -> Result<(), IdentityError> {
        let inner = self.inner;
        let force = inner.in_force();
        let form = self.form(row);
        let (mut all, others) = blocks::of(self, row.key, &form)?;
        all.extend(leads::of(&inner.rules, &inner.vault, &row.found));
        leads::keep(self.db, row.key, &all, self.records.is_made(row.key))?;
        let mut said = BTreeMap::new();
        for other in self.by_keys(&others)? {
            if other.root != other.key {
                continue;
            }
            let verdict = compare_forms(&form, &self.form(&other), &force.rules);
            if verdict.line > Line::Nothing {
                said.insert(other.key, verdict);
            }
        }
        self.pairing.judged(self.db, &inner.vault, (row.key, self.at), &said)?;
        if row.epoch != force.epoch {
            let judged = diesel::update(person::table.find(row.key));
            let judged = judged.set(person::epoch.eq(force.epoch));
            each!(self.db, |c| judged.execute(c))?;
        }
        Ok(())
    }

    /// Brings the clusters of these records up to what is known of pairs of them.
    pub(crate) fn cluster(&mut self, keys: &[i64]) -> Result<(), IdentityError> {
        clusters::settle(self, &keys.iter().copied().collect())
    }

    /// Has a record settled with all that changed.
    pub(crate) fn touch(&mut self, key: i64) {
        self.touched.insert(key);
    }
}
