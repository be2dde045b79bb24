//! Everything that is registered, opened once, for an operator who wants to know that it is whole.
//! Reads alone, page by page, beside a registry at work.

use crate::store::columns::EncryptedColumn;
use crate::store::inspect::{self as rows, After, OtherFacts};
use crate::store::key::Key;
use crate::store::lookup::Place;
use crate::store::vault::Vault;
use crate::{RegistryLimits, RegistryOpenError, store};
use renkei_database::{Database, DatabaseError, DatabaseUrl, Db, Options};
use renkei_metadata::ids::{EntryUuid, RepositoryUniqueId};
use renkei_metadata::model::ObjectKind;
use renkei_sealing::KeyRing;

mod about;
mod columns;
mod consistency;

pub use crate::store::names::{Names, NamesError};
pub use consistency::Contradiction;

/// A registry's tables, opened for reading.
pub struct Inspection {
    database: Database,
    vault: Vault,
    repository: RepositoryUniqueId,
}

/// A DocumentEntry of the repository that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedEntry {
    /// Its entryUUID.
    pub id: EntryUuid,
    /// Its uniqueId.
    pub unique_id: String,
    /// SHA-1 of the document.
    pub hash: Option<Vec<u8>>,
    /// Octets of the document.
    pub size: Option<u64>,
}

/// Whether an entry tells of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// One does.
    Yes,
    /// None does any more: they were removed (ITI TF-2: 3.62).
    Removed,
    /// None does.
    No,
}

/// What one page held.
#[derive(Clone, Debug, Default)]
pub struct InspectedPage {
    /// Rows looked at.
    pub rows: u64,
    /// Entries of the repository.
    pub entries: Vec<InspectedEntry>,
    /// The names of rows that do not open: entryUUIDs, or `patient` and the number of its row.
    pub unreadable: Vec<String>,
    /// Objects that open and cannot be so.
    pub contradictions: Vec<(EntryUuid, Contradiction)>,
}

/// Where an inspection is. It goes through one table after the other.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    table: Table,
    after: After,
}

#[derive(Clone, Copy, Debug)]
enum Table {
    Entries,
    Sets,
    Folders,
    Associations,
    Patients,
}

impl Table {
    const fn next(self) -> Option<Self> {
        match self {
            Self::Entries => Some(Self::Sets),
            Self::Sets => Some(Self::Folders),
            Self::Folders => Some(Self::Associations),
            Self::Associations => Some(Self::Patients),
            Self::Patients => None,
        }
    }

    const fn start(self) -> Position {
        Position { table: self, after: (i64::MIN, None) }
    }
}

impl Default for Position {
    fn default() -> Self {
        Table::Entries.start()
    }
}

impl Inspection {
    /// Opens the tables at `url`. `repository` is the one whose entries are told.
    ///
    /// # Errors
    /// When the database cannot be opened or a key is missing.
    pub fn open(
        url: &DatabaseUrl,
        keys: &KeyRing,
        repository: &RepositoryUniqueId,
    ) -> Result<Self, RegistryOpenError> {
        let vault = Vault::new(keys, RegistryLimits::default().object_bytes)?;
        let options = Options { readers: 1, writers: 1, ..Options::default() };
        let database = Database::open(url, store::migrations(), options)?;
        Ok(Self { database, vault, repository: repository.clone() })
    }

    /// The next page, and where the one behind it begins; `None` behind the last.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn page(
        &self,
        position: Position,
    ) -> Result<(InspectedPage, Option<Position>), DatabaseError> {
        let vault = self.vault.clone();
        let repository = self.repository.clone();
        self.database
            .read(move |db| {
                let mut page = InspectedPage::default();
                let last = read(db, &vault, &repository, position, &mut page)?;
                let next = match last {
                    Some(after) => Some(Position { after, ..position }),
                    None => position.table.next().map(Table::start),
                };
                Ok((page, next))
            })
            .await
    }

    /// Whether an entry of the repository tells of each of these documents.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn are_entered(
        &self,
        unique_ids: Vec<String>,
    ) -> Result<Vec<Entered>, DatabaseError> {
        let repository = self.repository.clone();
        self.database
            .read(move |db| {
                let one = |id: &String| {
                    Ok(if rows::is_entered(db, repository.as_str(), id)? {
                        Entered::Yes
                    } else if rows::was_entered(db, id)? {
                        Entered::Removed
                    } else {
                        Entered::No
                    })
                };
                unique_ids.iter().map(one).collect()
            })
            .await
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

/// Reads a page and opens its rows; answers its last row.
fn read(
    db: &mut Db,
    vault: &Vault,
    repository: &RepositoryUniqueId,
    position: Position,
    page: &mut InspectedPage,
) -> Result<Option<After>, DatabaseError> {
    let others = |kind, found: Vec<OtherFacts>, db: &mut Db, page: &mut InspectedPage| {
        for row in &found {
            let id = EntryUuid(row.id.0);
            open(db, vault, kind, row.key, id, &[], page)?;
            agrees(db, vault, (kind, row.patient_key, row.key), id, page)?;
        }
        Ok(found.last().map(|row| (row.patient_key, Some(row.key))))
    };
    match position.table {
        Table::Entries => {
            let found = rows::entries(db, position.after)?;
            for row in &found {
                let id = EntryUuid(row.id.0);
                let columns = [
                    (EncryptedColumn::AuthorPersons, row.author_persons.as_deref()),
                    (EncryptedColumn::ReferenceIds, row.reference_ids.as_deref()),
                ];
                let kind = ObjectKind::DocumentEntry;
                open(db, vault, kind, row.key, id, &columns, page)?;
                agrees(db, vault, (kind, row.patient_key, row.key), id, page)?;
                // What an earlier version said of the document may have been corrected since; an
                // On-Demand entry has no content that could be missing.
                let has_content = row.latest == 1 && row.hash.is_some();
                if row.repository == repository.as_str() && has_content {
                    page.entries.push(InspectedEntry {
                        id,
                        unique_id: row.unique_id.clone(),
                        hash: row.hash.clone(),
                        size: row.size.and_then(|size| u64::try_from(size).ok()),
                    });
                }
            }
            Ok(found.last().map(|row| (row.patient_key, Some(row.key))))
        }
        Table::Sets => {
            let found = rows::sets(db, position.after)?;
            for row in &found {
                let columns = [(EncryptedColumn::AuthorPersons, row.author_persons.as_deref())];
                let id = EntryUuid(row.id.0);
                let kind = ObjectKind::SubmissionSet;
                open(db, vault, kind, row.key, id, &columns, page)?;
                agrees(db, vault, (kind, row.patient_key, row.key), id, page)?;
            }
            Ok(found.last().map(|row| (row.patient_key, Some(row.key))))
        }
        Table::Folders => others(ObjectKind::Folder, rows::folders(db, position.after)?, db, page),
        Table::Associations => {
            others(ObjectKind::Association, rows::associations(db, position.after)?, db, page)
        }
        Table::Patients => {
            let found = rows::patients(db, position.after)?;
            for (key, hash, sealed) in &found {
                page.rows += 1;
                if vault.open_cx(hash, sealed).is_err() {
                    page.unreadable.push(format!("patient {key}"));
                }
            }
            Ok(found.last().map(|(key, _, _)| (*key, None)))
        }
    }
}

/// Puts down what is wrong with an object that opens.
fn agrees(
    db: &mut Db,
    vault: &Vault,
    (kind, patient_key, key): (ObjectKind, i64, Key),
    id: EntryUuid,
    page: &mut InspectedPage,
) -> Result<(), DatabaseError> {
    let place = Place { kind, patient_key, key };
    let found = consistency::contradiction(db, vault, &place)?;
    page.contradictions.extend(found.map(|found| (id, found)));
    Ok(())
}

/// Opens the ebRIM of an object, and its encrypted columns.
fn open(
    db: &mut Db,
    vault: &Vault,
    kind: ObjectKind,
    key: Key,
    id: EntryUuid,
    columns: &[(EncryptedColumn, Option<&[u8]>)],
    page: &mut InspectedPage,
) -> Result<(), DatabaseError> {
    page.rows += 1;
    let opens = match rows::sealed(db, key)? {
        Some(sealed) => vault.open_fragment(kind, key, &sealed).is_ok(),
        None => false,
    };
    let columns_open = columns.iter().all(|(column, sealed)| {
        sealed.is_none_or(|sealed| vault.open_values(kind, column.name(), key, sealed).is_ok())
    });
    if !opens || !columns_open {
        page.unreadable.push(id.to_string());
    }
    Ok(())
}
