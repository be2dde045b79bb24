//! A stored query as SQL: which rows, in which order, page by page.
//!
//! Every search begins at the unique index of patients or identifiers and goes on by indexes that
//! lead with the patient's key. Large answers are read in keyset pages, each a statement of its own,
//! so that no read transaction is open while a peer is slow.

use super::columns::{Hidden, Storage, any_like, column, frame};
use super::key::{Id, Key};
use super::statement::{Bind, Sql};
use super::status_number;
use super::vault::{Vault, VaultError};
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, SmallInt, Text};
use diesel::{Queryable, RunQueryDsl};
use renkei_database::{DatabaseError, Db, Dialect, each};
use renkei_metadata::model::{AssociationType, AvailabilityStatus, EntryType, ObjectKind};
use renkei_metadata::normalise;
use renkei_xds::catalogue::{Attribute, Condition, Select, StoredQuery};
use uuid::Uuid;

/// One object as a search finds it.
#[derive(Clone, Debug, Queryable)]
pub(crate) struct Row {
    pub(crate) patient_key: i64,
    pub(crate) key: Key,
    pub(crate) id: Id,
    pub(crate) status: i16,
    pub(crate) availability: i16,
    pub(crate) version: i32,
    pub(crate) lid: Id,
    pub(crate) home: Option<String>,
    /// The key of the surviving patient.
    pub(crate) root: i64,
    pub(crate) cx_hash: Vec<u8>,
    pub(crate) cx: Vec<u8>,
    pub(crate) fragment: Option<Vec<u8>>,
    /// The object that the two columns below belong to.
    subject: Key,
    author_persons: Option<Vec<u8>>,
    reference_ids: Option<Vec<u8>>,
}

type Types = (
    BigInt,
    Binary,
    Binary,
    SmallInt,
    SmallInt,
    Integer,
    Binary,
    Nullable<Text>,
    BigInt,
    Binary,
    Binary,
    Nullable<Binary>,
    Binary,
    Nullable<Binary>,
    Nullable<Binary>,
);

/// A condition that Rust checks on what SQL found.
#[derive(Clone, Debug)]
struct Residual {
    hidden: Hidden,
    patterns: Vec<String>,
}

/// Objects of one kind that a query returns.
#[derive(Clone, Debug)]
struct Section {
    /// The kind of object.
    kind: ObjectKind,
    /// `FROM ... WHERE ...`; the object is `o`, its surviving patient `root`.
    from: Sql,
    /// The alias and kind of the object that the conditions are about.
    subject: (&'static str, ObjectKind),
    residuals: Vec<Residual>,
}

/// A stored query, ready to be read page by page.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    sections: Vec<Section>,
}

/// Where the next page begins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cursor {
    section: usize,
    after: Option<(i64, Key)>,
}

/// One page.
#[derive(Debug)]
pub(crate) struct Page {
    /// What was found, each with its kind.
    pub(crate) rows: Vec<(ObjectKind, Row)>,
    /// Where it goes on; `None` at the end.
    pub(crate) next: Option<Cursor>,
}

/// Why a page could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SearchError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A sealed column.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<diesel::result::Error> for SearchError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// A condition on an attribute that the objects of the query have no column for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotSearchable(pub(crate) Attribute);

const ROOT_OF_OBJECT: &str =
    " JOIN patient p0 ON p0.key = o.patient_key JOIN patient root ON root.key = p0.survivor";

impl Search {
    /// The statements that answer `query`. `patient` is the keyed hash of the patient it names.
    pub(crate) fn new(
        query: &StoredQuery,
        patient: Option<Vec<u8>>,
        dialect: Dialect,
    ) -> Result<Self, NotSearchable> {
        match query.def.select {
            Select::Find(kind) => find(query, kind, patient, dialect),
            Select::ById(kind) => by_id(query, kind, dialect),
            Select::SubmissionSetAndContents => contents(query, dialect),
        }
    }

    /// Reads up to `limit` rows from `cursor` on; without fragments unless `leaf`. A page may hold
    /// fewer rows than there are, even none: only `next` says that the end is reached.
    pub(crate) fn page(
        &self,
        db: &mut Db,
        vault: &Vault,
        cursor: &Cursor,
        limit: usize,
        leaf: bool,
    ) -> Result<Page, SearchError> {
        let mut at = cursor.clone();
        let mut rows = Vec::new();
        while let Some(section) = self.sections.get(at.section) {
            let wanted = limit.saturating_sub(rows.len());
            if wanted == 0 {
                return Ok(Page { rows, next: Some(at) });
            }
            let statement = section.statement(&at, wanted, leaf);
            let found: Vec<Row> = each!(db, |c| statement.rows::<Types>().load(c))?;
            at = match found.last() {
                Some(last) if found.len() >= wanted => {
                    Cursor { section: at.section, after: Some((last.patient_key, last.key)) }
                }
                _ => Cursor { section: at.section.saturating_add(1), after: None },
            };
            let full = at.after.is_some();
            for row in found {
                // An object that two associations lead to is found twice, side by side.
                let twice =
                    rows.last().is_some_and(|(_, last): &(ObjectKind, Row)| last.key == row.key);
                if !twice && section.passes(vault, &row)? {
                    rows.push((section.kind, row));
                }
            }
            if full {
                return Ok(Page { rows, next: Some(at) });
            }
        }
        Ok(Page { rows, next: None })
    }

    /// The first page of each section as statements with literal values, for their plans.
    #[cfg(test)]
    pub(crate) fn literal(&self, leaf: bool, dialect: Dialect) -> Vec<String> {
        let first = |(n, section): (usize, &Section)| {
            let cursor = Cursor { section: n, after: None };
            section.statement(&cursor, 200, leaf).literal(dialect)
        };
        self.sections.iter().enumerate().map(first).collect()
    }
}

impl Section {
    fn statement(&self, at: &Cursor, limit: usize, leaf: bool) -> Sql {
        let mut sql = Sql::default();
        sql.push("SELECT o.patient_key, o.key, o.id, o.status, ");
        sql.push(match self.kind {
            ObjectKind::DocumentEntry => "o.availability, o.version, o.lid",
            _ => "CAST(0 AS SMALLINT), CAST(1 AS INTEGER), o.id",
        });
        sql.push(", o.home, root.key, root.cx_hash, root.cx, ");
        sql.push(if leaf {
            "(SELECT f.sealed FROM fragment f WHERE f.key = o.key), "
        } else {
            "CAST(NULL AS BYTEA), "
        });
        sql.push(self.subject.0).push(".key");
        for hidden in [Hidden::AuthorPersons, Hidden::ReferenceIds] {
            if self.residuals.iter().any(|r| r.hidden == hidden) {
                sql.push(", ").push(self.subject.0).push(".").push(hidden.column());
            } else {
                sql.push(", CAST(NULL AS BYTEA)");
            }
        }
        sql.append(&self.from);
        if let Some((patient_key, key)) = &at.after {
            sql.push(" AND (o.patient_key, o.key) > (").bind(Bind::Big(*patient_key));
            sql.push(", ").bind(Bind::Bytes(key.as_bytes().to_vec())).push(")");
        }
        sql.push(" ORDER BY o.patient_key, o.key LIMIT ");
        sql.bind(Bind::Big(i64::try_from(limit).unwrap_or(i64::MAX)));
        sql
    }

    fn passes(&self, vault: &Vault, row: &Row) -> Result<bool, VaultError> {
        for residual in &self.residuals {
            let sealed = match residual.hidden {
                Hidden::AuthorPersons => &row.author_persons,
                Hidden::ReferenceIds => &row.reference_ids,
            };
            let Some(sealed) = sealed else { return Ok(false) };
            let column = residual.hidden.column();
            let text = vault.open_values(self.subject.1, column, row.subject, sealed)?;
            if !any_like(&text, &residual.patterns) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn table(kind: ObjectKind) -> Option<&'static str> {
    match kind {
        ObjectKind::DocumentEntry => Some("document_entry"),
        ObjectKind::SubmissionSet => Some("submission_set"),
        ObjectKind::Association => Some("association"),
        ObjectKind::Folder => None,
    }
}

fn find(
    query: &StoredQuery,
    kind: ObjectKind,
    patient: Option<Vec<u8>>,
    dialect: Dialect,
) -> Result<Search, NotSearchable> {
    let missing = NotSearchable(Attribute::PatientId);
    let (patient, table) = (patient.ok_or(missing)?, table(kind).ok_or(missing)?);
    let mut from = Sql::default();
    from.push(" FROM patient root JOIN patient p ON p.survivor = root.key JOIN ").push(table);
    from.push(" o ON o.patient_key = p.key WHERE root.cx_hash = ").bind(Bind::Bytes(patient));
    // A subsumed identifier finds nothing (ITI TF-2: 3.18.4.1.2.3.9).
    from.push(" AND root.survivor = root.key");
    let mut residuals = Vec::new();
    for condition in &query.conditions {
        residuals.extend(restrict(&mut from, condition, kind, "o", dialect)?);
    }
    Ok(Search { sections: vec![Section { kind, from, subject: ("o", kind), residuals }] })
}

/// Objects by entryUUID or uniqueId: a hop over `identifier`, then the object's own index.
fn by_id(query: &StoredQuery, kind: ObjectKind, dialect: Dialect) -> Result<Search, NotSearchable> {
    let (hop, rest) = hop(query, kind)?;
    let table = table(kind).ok_or(NotSearchable(hop.attribute))?;
    let mut from = Sql::default();
    if hop.attribute == Attribute::UniqueId && kind == ObjectKind::DocumentEntry {
        // A uniqueId may be that of several documents, even of several patients.
        from.push(" FROM document_entry o").push(ROOT_OF_OBJECT);
    } else {
        from.push(" FROM ").push(hop.table).push(" i JOIN ").push(table);
        from.push(" o ON o.patient_key = i.patient_key AND o.key = i.key").push(ROOT_OF_OBJECT);
    }
    from.push(" WHERE ").append(&hop.sql);
    let mut residuals = Vec::new();
    for condition in rest {
        residuals.extend(restrict(&mut from, condition, kind, "o", dialect)?);
    }
    Ok(Search { sections: vec![Section { kind, from, subject: ("o", kind), residuals }] })
}

/// GetSubmissionSetAndContents (ITI TF-2: 3.18.4.1.2.3.7.10).
fn contents(query: &StoredQuery, dialect: Dialect) -> Result<Search, NotSearchable> {
    let (hop, filters) = hop(query, ObjectKind::SubmissionSet)?;
    let mut sets = Sql::default();
    sets.push(" FROM ").push(hop.table).push(" i JOIN submission_set o");
    sets.push(" ON o.patient_key = i.patient_key AND o.key = i.key");
    sets.push(ROOT_OF_OBJECT).push(" WHERE ").append(&hop.sql);

    let member = i64::from(super::association_number(AssociationType::HasMember).unwrap_or(0));
    let mut entries = Sql::default();
    entries.push(" FROM ").push(hop.table).push(" i JOIN association a ON a.source_key = i.key");
    entries.push(" JOIN document_entry o");
    entries.push(" ON o.patient_key = a.target_patient AND o.key = a.target_key");
    entries.push(ROOT_OF_OBJECT).push(" WHERE ").append(&hop.sql);
    entries.push(" AND a.association_type = ").bind(Bind::Big(member));

    let mut links = Sql::default();
    links.push(" FROM ").push(hop.table).push(" i JOIN association o ON o.source_key = i.key");
    links.push(" JOIN document_entry e");
    links.push(" ON e.patient_key = o.target_patient AND e.key = o.target_key");
    links.push(ROOT_OF_OBJECT).push(" WHERE ").append(&hop.sql);
    links.push(" AND o.association_type = ").bind(Bind::Big(member));

    let kind = ObjectKind::DocumentEntry;
    let (mut of_entries, mut of_links) = (Vec::new(), Vec::new());
    for filter in filters {
        of_entries.extend(restrict(&mut entries, filter, kind, "o", dialect)?);
        of_links.extend(restrict(&mut links, filter, kind, "e", dialect)?);
    }
    let section = |kind, from, alias, residuals| Section {
        kind,
        from,
        subject: (alias, ObjectKind::DocumentEntry),
        residuals,
    };
    Ok(Search {
        sections: vec![
            section(ObjectKind::SubmissionSet, sets, "o", Vec::new()),
            section(kind, entries, "o", of_entries),
            section(ObjectKind::Association, links, "e", of_links),
        ],
    })
}

/// The first hop of a search by id.
struct Hop {
    attribute: Attribute,
    /// The table that `i` stands for.
    table: &'static str,
    /// A condition on `i`, or on `o` where the object's own index is the first hop.
    sql: Sql,
}

fn hop(
    query: &StoredQuery,
    kind: ObjectKind,
) -> Result<(Hop, impl Iterator<Item = &Condition>), NotSearchable> {
    let is_hop = |c: &&Condition| {
        matches!(c, Condition::In { attribute: Attribute::EntryUuid | Attribute::UniqueId, .. })
    };
    let found = query.conditions.iter().find(is_hop);
    let Some(Condition::In { attribute, any_of }) = found else {
        return Err(NotSearchable(Attribute::EntryUuid));
    };
    let mut sql = Sql::default();
    let entry_uuid = *attribute == Attribute::EntryUuid;
    if entry_uuid {
        // What is no UUID names nothing.
        let value = |v: &String| {
            let bare = v.strip_prefix("urn:uuid:").unwrap_or(v);
            Bind::Bytes(
                Uuid::try_parse(bare).map_or_else(|_| Vec::new(), |u| u.into_bytes().to_vec()),
            )
        };
        any_of_these(&mut sql, "i.id", any_of.iter().map(value).collect());
    } else {
        let column = if kind == ObjectKind::DocumentEntry { "o.unique_id" } else { "i.value" };
        any_of_these(&mut sql, column, any_of.iter().map(|v| Bind::Text(v.clone())).collect());
    }
    if entry_uuid || kind != ObjectKind::DocumentEntry {
        sql.push(match kind {
            ObjectKind::DocumentEntry => " AND i.kind = 0",
            ObjectKind::SubmissionSet => " AND i.kind = 1",
            ObjectKind::Folder => " AND i.kind = 2",
            ObjectKind::Association => " AND i.kind = 3",
        });
    }
    let table = if entry_uuid { "object" } else { "unique_id" };
    let rest = query.conditions.iter().filter(move |c| !is_hop(c));
    Ok((Hop { attribute: *attribute, table, sql }, rest))
}

/// `column = ?` or `column IN (?, ...)`.
fn any_of_these(sql: &mut Sql, column: &'static str, mut values: Vec<Bind>) {
    sql.push(column);
    match (values.len(), values.pop()) {
        (1, Some(only)) => sql.push(" = ").bind(only),
        (_, last) => sql.push(" IN (").list(values.into_iter().chain(last)).push(")"),
    };
}

/// Adds ` AND ...` for one condition, or returns what Rust has to check.
fn restrict(
    sql: &mut Sql,
    condition: &Condition,
    kind: ObjectKind,
    alias: &'static str,
    dialect: Dialect,
) -> Result<Option<Residual>, NotSearchable> {
    let attribute = match condition {
        Condition::In { attribute, .. }
        | Condition::AllOf { attribute, .. }
        | Condition::Between { attribute, .. }
        | Condition::Like { attribute, .. } => *attribute,
    };
    let missing = NotSearchable(attribute);
    let column = column(attribute, kind).ok_or(missing)?;
    match (condition, column.storage) {
        (Condition::In { any_of, .. }, Storage::Framed) => {
            holds_one(sql, alias, column.sql, any_of, dialect);
        }
        (Condition::AllOf { groups, .. }, Storage::Framed) => {
            for group in groups {
                holds_one(sql, alias, column.sql, group, dialect);
            }
        }
        (Condition::In { any_of, .. }, storage) => {
            let values: Option<Vec<Bind>> = match storage {
                Storage::Text => {
                    Some(any_of.iter().map(|v| Bind::Text(normalise(v).into_owned())).collect())
                }
                Storage::Status => any_of.iter().map(|v| status_bind(v)).collect(),
                Storage::EntryType => any_of.iter().map(|v| type_bind(v)).collect(),
                Storage::Time | Storage::Framed | Storage::Sealed(_) => None,
            };
            sql.push(" AND ").push(alias);
            any_of_these(sql, column.sql, values.ok_or(missing)?);
        }
        (Condition::Between { from, to, .. }, Storage::Time) => {
            for (bound, operator) in [(from, " >= "), (to, " < ")] {
                if let Some(bound) = bound {
                    // The parameter does not apply to an object without the attribute.
                    sql.push(" AND (").push(alias).push(column.sql).push(" IS NULL OR ");
                    sql.push(alias).push(column.sql).push(operator).text(bound).push(")");
                }
            }
        }
        (Condition::Like { patterns, .. }, Storage::Sealed(hidden)) => {
            return Ok(Some(Residual { hidden, patterns: patterns.clone() }));
        }
        _ => return Err(missing),
    }
    Ok(None)
}

/// ` AND (position(framed value in column) > 0 OR ...)`.
fn holds_one(
    sql: &mut Sql,
    alias: &'static str,
    column: &'static str,
    values: &[String],
    dialect: Dialect,
) {
    // LIKE would ignore the case of ASCII letters on SQLite and need its wildcards escaped.
    let position = match dialect {
        Dialect::Sqlite => "instr(",
        Dialect::Postgres => "strpos(",
    };
    sql.push(" AND (");
    for (n, value) in values.iter().enumerate() {
        sql.push(if n == 0 { "" } else { " OR " }).push(position).push(alias).push(column);
        sql.push(", ").text(&frame(value)).push(") > 0");
    }
    sql.push(")");
}

fn status_bind(urn: &str) -> Option<Bind> {
    AvailabilityStatus::parse(urn).ok().map(|s| Bind::Small(status_number(s)))
}

fn type_bind(urn: &str) -> Option<Bind> {
    EntryType::parse(urn).ok().map(|t| Bind::Small(super::type_number(t)))
}
