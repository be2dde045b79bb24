//! The Audit Record Repository of one place: its journals, and the index that finds records in them.

use crate::error::AuditError;
use crate::index::{DamageRow, Filter, Index, NewRow, Row, Step, signed};
use crate::journal::{
    self, Batch, Dir, Found, Journal, JournalReader, KeyPlace, destroy_key, key_place, open_with,
    read_on,
};
use chrono::{DateTime, Utc};
use renkei_atna::record::AuditRecord;
use renkei_database::{Database, DatabaseUrl};
use renkei_sealing::{EntryKey, KeyRing, Sealer};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;
use uuid::Uuid;

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

impl Listed {
    /// The id of the record.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Record(record) => record.id,
            Self::Erased(place) | Self::Unreadable(place, _) => place.id,
        }
    }
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
}

/// Something in a journal that should be there and is not, or is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The journal.
    pub journal: Uuid,
    /// The segment, by the number of its first entry.
    pub segment: u64,
    /// What is wrong.
    pub kind: DamageKind,
}

/// What is wrong in a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DamageKind {
    /// The entries with these numbers are not there, or not whole.
    Missing {
        /// The first of them.
        first: u64,
        /// The last of them.
        last: u64,
    },
    /// These octets are no entry.
    Octets {
        /// Where in the segment.
        place: u64,
        /// How many.
        octets: u64,
    },
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { journal, segment, kind } = self;
        match kind {
            DamageKind::Missing { first, last } => write!(
                f,
                "監査ジャーナル{journal}の記録{first}から{last}が見つかりません。バックアップと照合してください / \
                 audit journal {journal}, segment {segment}: the entries {first} to {last} are not \
                 there; compare with a backup"
            ),
            DamageKind::Octets { place, octets } => write!(
                f,
                "監査ジャーナル{journal}のセグメント{segment}、位置{place}から{octets}バイトが壊れています。\
                 バックアップと照合してください / audit journal {journal}, segment {segment}: {octets} \
                 octets from {place} on are damaged; compare with a backup"
            ),
        }
    }
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
            let before = self.index.position(id).await?;
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
                self.index.advance(self.step(&mut reader, batch)?).await?;
            }
            if !more {
                // What another process is about to write looks the same.
                let torn = torn.filter(|_| live.is_none() && dir.is_free());
                return Ok(torn.and_then(|found| damage(id, &found)));
            }
        }
    }

    fn step(&self, reader: &mut JournalReader, batch: Batch) -> Result<Step, AuditError> {
        let journal = reader.id();
        let mut step =
            Step { journal, rows: Vec::new(), damages: Vec::new(), position: batch.position };
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
        Ok(self.index.damages().await?.iter().filter_map(read_damage).collect())
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
    pub async fn list(&self, filter: Filter) -> Result<Vec<Listed>, AuditError> {
        let rows = self.index.search(filter).await?;
        let mut readers = self.readers()?;
        Ok(rows.iter().map(|row| self.listed(&mut readers, row)).collect())
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
            number: u64::try_from(row.number).unwrap_or(0),
        };
        match self.open_row(readers, place, row) {
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
        let reader = reader.ok_or(AuditError::Format)?;
        let octets = reader.octets(unsigned(row.segment), unsigned(row.place))?;
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
            let octets = reader.octets(unsigned(row.segment), unsigned(row.place))?;
            let key = key_place(&octets).ok_or(AuditError::Format)?;
            destroy_key(reader.dir(), key.segment, key.slot)?;
        }
        self.index.forget_key(id).await?;
        Ok(true)
    }
}

/// A delivered key opens at its own place only.
fn key_context(journal: Uuid, number: u64) -> Vec<u8> {
    [journal.as_bytes().as_slice(), &number.to_be_bytes()].concat()
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn damage(journal: Uuid, found: &Found) -> Option<Damage> {
    match found {
        Found::Entry { .. } => None,
        Found::Missing { segment, numbers } => {
            let kind = DamageKind::Missing { first: *numbers.start(), last: *numbers.end() };
            Some(Damage { journal, segment: *segment, kind })
        }
        Found::Damage { segment, octets, offset } => {
            let kind = DamageKind::Octets { place: *offset, octets: *octets };
            Some(Damage { journal, segment: *segment, kind })
        }
    }
}

fn damage_row(damage: &Damage) -> DamageRow {
    let (first, last, place, octets) = match damage.kind {
        DamageKind::Missing { first, last } => (signed(first), signed(last), -1, -1),
        DamageKind::Octets { place, octets } => (-1, -1, signed(place), signed(octets)),
    };
    let journal = damage.journal.into_bytes().to_vec();
    DamageRow { journal, segment: signed(damage.segment), first, last, place, octets }
}

fn read_damage(row: &DamageRow) -> Option<Damage> {
    let kind = if row.first >= 0 {
        DamageKind::Missing { first: unsigned(row.first), last: unsigned(row.last) }
    } else {
        DamageKind::Octets { place: unsigned(row.place), octets: unsigned(row.octets) }
    };
    let journal = Uuid::from_slice(&row.journal).ok()?;
    Some(Damage { journal, segment: unsigned(row.segment), kind })
}
