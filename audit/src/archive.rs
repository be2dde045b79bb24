//! The Audit Record Repository of one place: its journals, and the index that finds records in them.

use crate::damage::{Damage, DamageKind, damage, damage_row, read_damage};
use crate::error::AuditError;
use crate::index::{Back, Cursor, Filter, Index, NewRow, Row, Step, signed, unsigned};
use crate::journal::{
    self, Batch, Dir, Found, Journal, JournalReader, KeyPlace, Position, destroy_key, entry_at,
    entry_id, key_place, mark, open_with, read_on, stands,
};
use chrono::{DateTime, Utc};
use renkei_atna::record::AuditRecord;
use renkei_database::{Database, DatabaseUrl};
use renkei_sealing::{EntryKey, KeyRing, Sealer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;
use uuid::Uuid;

/// A part of a list.
#[derive(Debug)]
pub struct Page {
    /// Its lines.
    pub lines: Vec<Listed>,
    /// Behind which the list goes on; none when this is its end.
    pub next: Option<Cursor>,
}

/// One line of a list.
#[derive(Debug)]
pub enum Listed {
    /// A record.
    Record(Box<AuditRecord>),
    /// A record that was erased: that it was there can still be proved.
    Erased(Place),
    /// A record that does not open.
    Unreadable(Place, AuditError),
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The record.
    pub id: Uuid,
    /// Its journal.
    pub journal: Uuid,
    /// The number of its entry.
    pub number: u64,
    /// The segment, by the number of its first entry.
    pub segment: u64,
    /// Octets from the start of the segment.
    pub offset: u64,
}

/// The archive. Clones share it.
#[derive(Clone)]
pub struct Archive {
    root: PathBuf,
    ring: KeyRing,
    sealer: Sealer,
    index: Index,
    /// Held while somebody brings the index up to date.
    turn: Arc<Mutex<()>>,
}

impl Archive {
    /// The archive of the journals below `root`, with its index in the database at `url`. Blocks; call
    /// it at start-up.
    ///
    /// # Errors
    /// When the database or the keys cannot be opened.
    pub fn open(root: &Path, url: &DatabaseUrl, ring: &KeyRing) -> Result<Self, AuditError> {
        Ok(Self {
            root: root.to_owned(),
            ring: ring.clone(),
            sealer: ring.sealer("audit.entry-key")?,
            index: Index::open(url)?,
            turn: Arc::default(),
        })
    }

    /// The database of the index, to close it at the end.
    pub fn database(&self) -> &Database {
        self.index.database()
    }

    pub(crate) async fn known(&self, ids: Vec<Uuid>) -> Result<Vec<Uuid>, AuditError> {
        self.index.known(ids).await
    }

    /// Brings the index up to date with everything durable in the journals below the root; `own` is the
    /// one that this process writes. Returns the damage met at the ends of journals that nobody
    /// writes: [`Self::damages`] has the rest.
    ///
    /// # Errors
    /// When a journal cannot be read or the database fails.
    pub async fn catch_up(&self, own: Option<&Journal>) -> Result<Vec<Damage>, AuditError> {
        let _turn = self.turn.lock().await;
        let mut torn = Vec::new();
        for dir in journal::journals(&self.root)? {
            let live = own.filter(|j| j.dir() == &dir);
            torn.extend(self.catch_up_with(&dir, live).await?);
        }
        Ok(torn)
    }

    async fn catch_up_with(
        &self,
        dir: &Dir,
        live: Option<&Journal>,
    ) -> Result<Option<Damage>, AuditError> {
        let Some(mut reader) = JournalReader::new(dir, &self.ring)? else { return Ok(None) };
        let id = reader.id();
        loop {
            let reached = self.index.reached(id).await?;
            if let Some(reached) = &reached
                && !stands(dir, reached.position, &reached.mark)?
            {
                self.move_back(dir, id, reached.position, live).await?;
                continue;
            }
            let before = reached.map(|reached| reached.position);
            let durable = live.map(Journal::durable);
            if durable.is_some_and(|d| before == Some(d.position())) {
                return Ok(None);
            }
            let work = {
                let dir = dir.clone();
                move || {
                    let batch = read_on(&dir, before, durable)?;
                    Ok::<_, AuditError>((batch, reader))
                }
            };
            let done = tokio::task::spawn_blocking(work).await.map_err(|_| AuditError::Ending)?;
            let (batch, back) = done?;
            reader = back;
            let Some(batch) = batch else { return Ok(None) };
            let (torn, more) = (batch.torn.clone(), batch.more);
            if before != Some(batch.position) {
                let mark = mark(dir, batch.position)?;
                self.index.advance(self.step(&mut reader, batch, mark)?).await?;
            }
            if !more {
                // What another process is about to write looks the same.
                let torn = torn.filter(|_| live.is_none() && dir.is_free());
                return Ok(torn.and_then(|found| damage(id, &found)));
            }
        }
    }

    /// Takes the index back to where it and a journal agree whose end moved back: what stands there now
    /// is read anew, and what was lost is told. The process that writes it gives no number twice.
    async fn move_back(
        &self,
        dir: &Dir,
        journal: Uuid,
        before: Position,
        live: Option<&Journal>,
    ) -> Result<(), AuditError> {
        let agreed = self.agreed(dir, journal).await?;
        let oldest = dir.segments()?.first().copied().unwrap_or(before.segment);
        let (start, first) = match agreed {
            // Its segment is read from the start: what is known already is passed over.
            Some((segment, number)) => {
                (Position { segment, offset: 0, next: segment }, number.saturating_add(1))
            }
            None => (Position { segment: oldest, offset: 0, next: dir.first() }, dir.first()),
        };
        let last = before.next.saturating_sub(1);
        let kind = DamageKind::MovedBack { first, last, place: before.offset };
        let damage = Damage { journal, segment: before.segment, kind };
        // Else nothing but the mark of an end in order was lost.
        let lost = first <= last;
        if lost {
            tracing::error!(%damage, name = dir.name(), "the audit journal moved back");
        }
        let damage = lost.then(|| damage_row(&damage));
        self.index.move_back(Back { journal, before, start, first, damage }).await?;
        match live {
            Some(live) => live.continue_behind(before.next).await,
            None => Ok(()),
        }
    }

    /// The last entry of the index that its journal has at its place: its segment and number.
    async fn agreed(&self, dir: &Dir, journal: Uuid) -> Result<Option<(u64, u64)>, AuditError> {
        let mut below = i64::MAX;
        loop {
            let rows = self.index.newest(journal, below).await?;
            let Some(last) = rows.last() else { return Ok(None) };
            below = last.num;
            let dir = dir.clone();
            let look = move || {
                let stands = |row: &&Row| {
                    let octets = entry_at(&dir, unsigned(row.segment), unsigned(row.place));
                    octets.is_ok_and(|octets| entry_id(&octets) == Uuid::from_slice(&row.id).ok())
                };
                rows.iter().find(stands).map(|row| (unsigned(row.segment), unsigned(row.number)))
            };
            let found = tokio::task::spawn_blocking(look).await;
            if let Some(found) = found.map_err(|_| AuditError::Ending)? {
                return Ok(Some(found));
            }
        }
    }

    /// Lets the writer of `journal` go on behind every number that the index knows of it: a journal
    /// whose end moved back while nobody looked would give numbers twice. Call it before the first
    /// record.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_numbers(&self, journal: &Journal) -> Result<(), AuditError> {
        let next = self.index.next_number(journal.id()).await?;
        if next > journal.durable().next {
            return journal.continue_behind(next).await;
        }
        Ok(())
    }

    fn step(
        &self,
        reader: &mut JournalReader,
        batch: Batch,
        mark: Vec<u8>,
    ) -> Result<Step, AuditError> {
        let journal = reader.id();
        let position = batch.position;
        let mut step = Step { journal, rows: Vec::new(), damages: Vec::new(), position, mark };
        for found in batch.found {
            if let Some(damage) = damage(journal, &found) {
                tracing::error!(%damage, "the audit journal is damaged");
                step.damages.push(damage_row(&damage));
            }
            if let Found::Entry { segment, offset, number, key, about, octets } = found {
                let (octets, wrapped_key) = match self.index.holds_entries() {
                    true => (Some(octets), self.delivered_key(reader, key, number)?),
                    false => (None, None),
                };
                step.rows.push(NewRow {
                    id: about.id.into_bytes().to_vec(),
                    at: about.at,
                    event: about.event,
                    event_type: about.event_type,
                    outcome: i32::from(about.outcome),
                    source_id: about.source,
                    journal: journal.into_bytes().to_vec(),
                    number: signed(number),
                    segment: signed(segment),
                    place: signed(offset),
                    octets,
                    wrapped_key,
                });
            }
        }
        Ok(step)
    }

    /// The key of an entry as it is delivered with it; none for one that is erased or does not open.
    fn delivered_key(
        &self,
        reader: &mut JournalReader,
        place: KeyPlace,
        number: u64,
    ) -> Result<Option<Vec<u8>>, AuditError> {
        match reader.key(place) {
            Ok(key) => {
                let context = key_context(reader.id(), number);
                Ok(Some(self.sealer.seal(&context, key.bytes())?))
            }
            Err(AuditError::Erased | AuditError::Seal(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How many records are indexed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self) -> Result<u64, AuditError> {
        self.index.count().await
    }

    /// The damage that was met while the journals were read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn damages(&self) -> Result<Vec<Damage>, AuditError> {
        let rows = self.index.damages().await?;
        let all: Vec<Damage> = rows.iter().filter_map(read_damage).collect();
        let told = |damage: &&Damage| !all.iter().any(|other| other.tells(damage));
        Ok(all.iter().filter(told).copied().collect())
    }

    /// Forgets the records of events before `limit` (`retention.audit_days`), at most `most` of them,
    /// so that one call holds the writer only briefly. Returns how many. What is dropped from the
    /// journals, [`Journal::expire`] drops.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expire(&self, limit: DateTime<Utc>, most: u32) -> Result<usize, AuditError> {
        self.index.expire(limit, most).await
    }

    /// The records that match, oldest first, as far as the index knows them.
    ///
    /// # Errors
    /// When the database fails. A record that does not open is listed as such.
    pub async fn list(&self, filter: Filter) -> Result<Page, AuditError> {
        let rows = self.index.search(filter).await?;
        let mut readers = self.readers()?;
        let next = rows.last().map(Row::cursor);
        Ok(Page { lines: rows.iter().map(|row| self.listed(&mut readers, row)).collect(), next })
    }

    fn readers(&self) -> Result<Vec<JournalReader>, AuditError> {
        let dirs = journal::journals(&self.root)?;
        let readers = dirs.iter().map(|dir| JournalReader::new(dir, &self.ring));
        readers.filter_map(Result::transpose).collect()
    }

    fn listed(&self, readers: &mut [JournalReader], row: &Row) -> Listed {
        let place = Place {
            id: Uuid::from_slice(&row.id).unwrap_or_default(),
            journal: Uuid::from_slice(&row.journal).unwrap_or_default(),
            number: unsigned(row.number),
            segment: unsigned(row.segment),
            offset: unsigned(row.place),
        };
        match self.open_row(readers, place, row) {
            Ok(record) if record.id != place.id => Listed::Unreadable(place, AuditError::Other),
            Ok(record) => Listed::Record(Box::new(record)),
            Err(AuditError::Erased) => Listed::Erased(place),
            Err(error) => Listed::Unreadable(place, error),
        }
    }

    fn open_row(
        &self,
        readers: &mut [JournalReader],
        place: Place,
        row: &Row,
    ) -> Result<AuditRecord, AuditError> {
        if let Some(octets) = &row.octets {
            let wrapped = row.wrapped_key.as_ref().ok_or(AuditError::Erased)?;
            let key = self.sealer.open(&key_context(place.journal, place.number), wrapped)?;
            return open_with(place.journal, octets, &EntryKey::from_bytes(&key)?);
        }
        let reader = readers.iter_mut().find(|r| r.id() == place.journal);
        let reader = reader.ok_or(AuditError::NoJournal)?;
        let octets = entry_of(reader, row)?;
        reader.open(&octets)
    }

    /// Erases a record: its key is destroyed wherever this archive keeps it. The entry, its number and
    /// its hash stay. Says whether there is such a record.
    ///
    /// # Errors
    /// When the files or the database cannot be written.
    pub async fn erase(&self, id: Uuid) -> Result<bool, AuditError> {
        let Some(row) = self.index.find(id).await? else { return Ok(false) };
        let journal = Uuid::from_slice(&row.journal).unwrap_or_default();
        for reader in self.readers()?.iter().filter(|r| r.id() == journal) {
            let octets = match entry_of(reader, &row) {
                // Only the delivered one is left of it.
                Err(AuditError::Lost | AuditError::Other) if row.octets.is_some() => continue,
                octets => octets?,
            };
            let key = key_place(&octets).ok_or(AuditError::Format)?;
            destroy_key(reader.dir(), key.segment, key.slot)?;
        }
        self.index.forget_key(id).await?;
        Ok(true)
    }
}

/// The entry at the place of a row, if it is the row's.
fn entry_of(reader: &JournalReader, row: &Row) -> Result<Vec<u8>, AuditError> {
    let octets = reader.octets(unsigned(row.segment), unsigned(row.place))?;
    match entry_id(&octets) {
        Some(id) if id.as_bytes().as_slice() == row.id => Ok(octets),
        Some(_) | None => Err(AuditError::Other),
    }
}

/// A delivered key opens at its own place only.
fn key_context(journal: Uuid, number: u64) -> Vec<u8> {
    [journal.as_bytes().as_slice(), &number.to_be_bytes()].concat()
}
