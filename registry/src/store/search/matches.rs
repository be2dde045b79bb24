//! What a search finds, kept small: an answer of many objects waits for its peer in this form.

use super::super::columns::{EncryptedColumn, any_matches};
use super::super::key::{Id, Key};
use super::super::kind_of;
use super::super::schema::fragment;
use super::super::vault::{Vault, VaultError};
use super::SearchError;
use super::conditions::PatternCheck;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, SmallInt, Text};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, Queryable, RunQueryDsl};
use renkei_database::Db;
use renkei_metadata::model::ObjectKind;
use std::collections::HashMap;

/// A row of a search.
#[derive(Debug, Queryable)]
pub(super) struct Candidate {
    kind: i16,
    key: Key,
    id: Id,
    status: i16,
    availability: i16,
    version: i32,
    lid: Id,
    last_update: Option<String>,
    home: Option<String>,
    root: Option<i64>,
    cx_hash: Option<Vec<u8>>,
    cx: Option<Vec<u8>>,
    author_persons: Option<Vec<u8>>,
    reference_ids: Option<Vec<u8>>,
}

pub(super) type CandidateTypes = (
    SmallInt,
    Binary,
    Binary,
    SmallInt,
    SmallInt,
    Integer,
    Binary,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<BigInt>,
    Nullable<Binary>,
    Nullable<Binary>,
    Nullable<Binary>,
    Nullable<Binary>,
);

/// An object of the answer and what may change about it, as it was when the answer was decided.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    pub(crate) kind: ObjectKind,
    pub(crate) key: Key,
    pub(crate) id: Id,
    pub(crate) status: i16,
    pub(crate) availability: i16,
    pub(crate) version: i32,
    pub(crate) lid: Id,
    /// lastUpdateTime of a Folder.
    pub(crate) last_update: Option<Box<str>>,
    pub(crate) home: Option<Box<str>>,
    /// The key of the surviving patient, of what shows one.
    pub(crate) root: Option<i64>,
}

/// A patient id as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredPatientId {
    pub(crate) hash: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
}

/// All that a search found.
#[derive(Debug, Default)]
pub(crate) struct Matches {
    /// Part by part, in the order in which they were registered, each once.
    pub(crate) objects: Vec<Match>,
    /// The surviving patient ids, by key.
    pub(crate) patients: HashMap<i64, StoredPatientId>,
    /// The sealed ebRIM of all objects, or nothing.
    pub(crate) fragments: HashMap<Key, Vec<u8>>,
    /// Whether there were more candidates than were looked at.
    pub(crate) incomplete: bool,
}

/// Takes candidates and keeps those that pass.
pub(super) struct Collector<'a> {
    vault: &'a Vault,
    checks: &'a [PatternCheck],
    matches: Matches,
}

impl<'a> Collector<'a> {
    pub(super) fn new(vault: &'a Vault, checks: &'a [PatternCheck]) -> Self {
        Self { vault, checks, matches: Matches::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.matches.objects.len()
    }

    pub(super) fn add(&mut self, c: Candidate) -> Result<(), VaultError> {
        if !self.passes(&c)? {
            return Ok(());
        }
        if let (Some(root), Some(hash), Some(sealed)) = (c.root, c.cx_hash, c.cx) {
            let patient = || StoredPatientId { hash, sealed };
            self.matches.patients.entry(root).or_insert_with(patient);
        }
        self.matches.objects.push(Match {
            kind: kind_of(c.kind),
            key: c.key,
            id: c.id,
            status: c.status,
            availability: c.availability,
            version: c.version,
            lid: c.lid,
            last_update: c.last_update.map(String::into_boxed_str),
            home: c.home.map(String::into_boxed_str),
            root: c.root,
        });
        Ok(())
    }

    pub(super) fn add_with_fragment(
        &mut self,
        candidate: Candidate,
        sealed: Option<Vec<u8>>,
    ) -> Result<(), SearchError> {
        // Read by the statement that found the object: it must be there.
        let sealed = sealed.ok_or(VaultError::Content)?;
        self.matches.fragments.insert(candidate.key, sealed);
        Ok(self.add(candidate)?)
    }

    /// Sorts: `order` are the kinds of the parts. Keys are in the order of registration.
    pub(super) fn finish(mut self, order: &[ObjectKind]) -> Matches {
        let part = |kind| order.iter().position(|k| *k == kind);
        self.matches.objects.sort_unstable_by_key(|m| (part(m.kind), m.key));
        self.matches
    }

    fn passes(&self, c: &Candidate) -> Result<bool, VaultError> {
        for check in self.checks.iter().filter(|check| check.kind == kind_of(c.kind)) {
            let sealed = match check.column {
                EncryptedColumn::AuthorPersons => &c.author_persons,
                EncryptedColumn::ReferenceIds => &c.reference_ids,
            };
            let holds = match sealed {
                Some(sealed) => {
                    let name = check.column.name();
                    let text = self.vault.open_values(check.kind, name, c.key, sealed)?;
                    check.patterns.met(|pattern| any_matches(&text, pattern))
                }
                None => false,
            };
            if holds == check.excludes {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The sealed ebRIM of these objects. On PostgreSQL a statement is a round trip, therefore one asks
/// for all as an array; on SQLite it is a call, and one for each is prepared once for all.
pub(crate) fn fragments(db: &mut Db, keys: &[Key]) -> QueryResult<HashMap<Key, Vec<u8>>> {
    match db {
        Db::Pg(c) => {
            let query = fragment::table
                .filter(fragment::key.eq_any(keys))
                .select((fragment::key, fragment::sealed));
            Ok(query.load::<(Key, Vec<u8>)>(c)?.into_iter().collect())
        }
        Db::Sqlite(c) => {
            let mut found = HashMap::with_capacity(keys.len());
            for key in keys {
                let query = fragment::table.find(key).select(fragment::sealed);
                if let Some(sealed) = query.first::<Vec<u8>>(c).optional()? {
                    found.insert(*key, sealed);
                }
            }
            Ok(found)
        }
    }
}
