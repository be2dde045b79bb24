//! What the tables hold, read by SQL alone, and whether that is what it should be.

use super::super::world::{World, patient};
use super::choices::PATIENTS;
use super::reference::{Node, Registered, What};
use crate::store::key::Id;
use crate::store::{association_number, status_number};
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, SmallInt, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use renkei_database::{DatabaseError, Db, each};
use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::AvailabilityStatus;
use std::collections::{BTreeSet, HashMap};

#[derive(Clone, Debug, QueryableByName)]
struct Filed {
    #[diesel(sql_type = Binary)]
    id: Id,
    #[diesel(sql_type = Text)]
    unique_id: String,
    #[diesel(sql_type = Nullable<Binary>)]
    lid: Option<Id>,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = SmallInt)]
    latest: i16,
    #[diesel(sql_type = SmallInt)]
    status: i16,
    #[diesel(sql_type = Binary)]
    cx_hash: Vec<u8>,
}

#[derive(Clone, Debug, QueryableByName)]
struct Linked {
    #[diesel(sql_type = Binary)]
    id: Id,
    #[diesel(sql_type = SmallInt)]
    association_type: i16,
    #[diesel(sql_type = SmallInt)]
    status: i16,
    #[diesel(sql_type = Nullable<Binary>)]
    source: Option<Id>,
    #[diesel(sql_type = Nullable<Binary>)]
    target: Option<Id>,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Binary)]
    id: Id,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// A kind of object: its name, its rows, and which objects are of it.
type Kind<'s> = (&'static str, &'s [Filed], fn(&What) -> bool);

/// Everything that the tables hold of objects.
#[derive(Debug)]
pub(super) struct Stored {
    documents: Vec<Filed>,
    folders: Vec<Filed>,
    sets: Vec<Filed>,
    links: Vec<Linked>,
    removed: BTreeSet<Id>,
    fragments: i64,
    loose_references: i64,
    loose_codes: i64,
}

const VERSIONED: &str = "SELECT t.id, t.unique_id, t.lid, t.version, t.latest, t.status, p.cx_hash \
                         FROM {} t JOIN patient p ON p.key = t.patient_key";
const SETS: &str = "SELECT t.id, t.unique_id, t.id AS lid, 1 AS version, \
                    CAST(1 AS SMALLINT) AS latest, t.status, p.cx_hash \
                    FROM submission_set t JOIN patient p ON p.key = t.patient_key";
const LINKS: &str = "SELECT a.id, a.association_type, a.status, s.id AS source, t.id AS target \
                     FROM association a LEFT JOIN object s ON s.key = a.source_key \
                     LEFT JOIN object t ON t.key = a.target_key";
const LOOSE_CODES: &str = "SELECT count(*) AS n FROM patient_code c WHERE c.attribute = 0 AND NOT \
                           EXISTS (SELECT 1 FROM document_entry e WHERE \
                           e.patient_key = c.patient_key AND e.class_code = c.code)";
const LOOSE: &str = "SELECT count(*) AS n FROM reference r WHERE NOT EXISTS \
                     (SELECT 1 FROM document_entry e WHERE e.key = r.key)";

fn all<T>(db: &mut Db, sql: &str) -> Result<Vec<T>, DatabaseError>
where
    T: QueryableByName<diesel::pg::Pg> + QueryableByName<diesel::sqlite::Sqlite> + 'static,
{
    Ok(each!(db, |c| sql_query(sql).load::<T>(c))?)
}

impl Stored {
    pub(super) async fn read(w: &World) -> Self {
        let read = w.registry.database().read(|db| {
            let number = |db: &mut Db, sql| Ok::<_, DatabaseError>(all::<Number>(db, sql)?[0].n);
            let removed: Vec<Name> = all(db, "SELECT id FROM object WHERE key IS NULL")?;
            Ok::<_, DatabaseError>(Self {
                documents: all(db, &VERSIONED.replace("{}", "document_entry"))?,
                folders: all(db, &VERSIONED.replace("{}", "folder"))?,
                sets: all(db, SETS)?,
                links: all(db, LINKS)?,
                removed: removed.into_iter().map(|name| name.id).collect(),
                fragments: number(db, "SELECT count(*) AS n FROM fragment")?,
                loose_references: number(db, LOOSE)?,
                loose_codes: number(db, LOOSE_CODES)?,
            })
        });
        read.await.unwrap()
    }

    /// What should be registered, with the ids that the registry gave; or the first difference.
    pub(super) fn is(&self, w: &World, expected: &Registered) -> Result<Registered, String> {
        let mut last = Err("no names for what the registry made".to_owned());
        for expected in self.named(expected) {
            last = self.agrees(w, expected);
            if last.is_ok() {
                break;
            }
        }
        last
    }

    /// With the ids of the versions and SubmissionSets that the registry made, in each way in which
    /// the SubmissionSets can be told apart.
    fn named(&self, expected: &Registered) -> Vec<Registered> {
        let mut named = expected.clone();
        for node in 0..named.objects.len() {
            let object = &named.objects[node];
            if object.id.is_some() || object.removed || !named.is_versioned(node) {
                continue;
            }
            let lid = named.objects[object.first].id.map(Id::from);
            let all = self.documents.iter().chain(&self.folders);
            let same =
                |f: &&Filed| f.lid == lid && u32::try_from(f.version).ok() == Some(object.version);
            let found = all.clone().find(same).map(|f| EntryUuid(f.id.0));
            named.objects[node].id = found;
        }
        let open: Vec<Node> =
            named.here().map(|(node, _)| node).filter(|n| named.is_set(*n)).collect();
        let open: Vec<Node> =
            open.into_iter().filter(|node| named.objects[*node].id.is_none()).collect();
        let known: BTreeSet<Id> = named.objects.iter().filter_map(|o| o.id.map(Id::from)).collect();
        let mut free: Vec<Id> =
            self.sets.iter().map(|f| f.id).filter(|id| !known.contains(id)).collect();
        let mut all = Vec::new();
        for _ in 0..free.len().max(1) {
            for (node, id) in open.iter().zip(&free) {
                named.objects[*node].id = Some(EntryUuid(id.0));
            }
            all.push(named.clone());
            if !free.is_empty() {
                free.rotate_left(1);
            }
        }
        all
    }

    fn agrees(&self, w: &World, mut expected: Registered) -> Result<Registered, String> {
        self.objects(w, &expected)?;
        self.name_links(&mut expected)?;
        let here = expected.here().count();
        if usize::try_from(self.fragments) != Ok(here) {
            return Err(format!("{} fragments of {here} objects", self.fragments));
        }
        let removed: BTreeSet<Id> = expected
            .objects
            .iter()
            .filter(|o| o.removed)
            .filter_map(|o| o.id.map(Id::from))
            .collect();
        if removed != self.removed {
            return Err(format!("removed: {:?}, and not {removed:?}", self.removed));
        }
        if self.loose_references != 0 || self.loose_codes != 0 {
            return Err("reference ids or codes of what is gone".to_owned());
        }
        Ok(expected)
    }

    fn objects(&self, w: &World, expected: &Registered) -> Result<(), String> {
        let vault = &w.registry.inner.vault;
        let patients: HashMap<Vec<u8>, usize> =
            (0..PATIENTS).map(|n| (vault.hash(&patient(&n.to_string())), n)).collect();
        let kinds: [Kind<'_>; 3] = [
            ("document", &self.documents, |what| matches!(what, What::Document(_))),
            ("folder", &self.folders, |what| matches!(what, What::Folder)),
            ("set", &self.sets, |what| matches!(what, What::Set)),
        ];
        for (name, stored, is) in kinds {
            let mut wanted: Vec<_> = expected
                .here()
                .filter(|(_, o)| is(&o.what))
                .map(|(node, o)| {
                    let lid = expected.objects[o.first].id.map(Id::from);
                    let latest = i16::from(expected.is_newest(node));
                    let status = number(o.approved);
                    (o.id.map(Id::from), Some(o.patient), status, lid, o.version, latest)
                })
                .collect();
            let mut found: Vec<_> = stored
                .iter()
                .map(|f| {
                    let version = u32::try_from(f.version).unwrap_or_default();
                    let patient = patients.get(&f.cx_hash).copied();
                    (Some(f.id), patient, f.status, f.lid, version, f.latest)
                })
                .collect();
            wanted.sort();
            found.sort();
            if wanted != found {
                return Err(format!("{name}s: {found:?}, and not {wanted:?}"));
            }
            if let Some(f) = stored.iter().find(|f| f.unique_id.is_empty()) {
                return Err(format!("{name}: {f:?}"));
            }
        }
        Ok(())
    }

    /// Finds each association among those of the tables, once; those that the registry made get their
    /// ids from there.
    fn name_links(&self, expected: &mut Registered) -> Result<(), String> {
        let mut left: Vec<&Linked> = self.links.iter().collect();
        let mut open: Vec<Node> = expected.links().map(|(node, ..)| node).collect();
        // Those whose ids are known first: of two that look alike one may be known.
        open.sort_by_key(|node| (expected.objects[*node].id.is_none(), *node));
        loop {
            let before = open.len();
            open.retain(|node| !find(expected, *node, &mut left));
            if open.is_empty() || open.len() == before {
                break;
            }
        }
        match (open.first(), left.first()) {
            (None, None) => Ok(()),
            (Some(node), _) => Err(format!("no {:?}", expected.objects[*node])),
            (None, Some(link)) => Err(format!("an unexpected {link:?}")),
        }
    }
}

fn find(expected: &mut Registered, node: Node, left: &mut Vec<&Linked>) -> bool {
    let object = &expected.objects[node];
    let What::Link { kind, source, target } = object.what else { return false };
    let [source, target] = [source, target].map(|node| expected.objects[node].id.map(Id::from));
    // An association that leads to one without an id waits until that has one.
    if source.is_none() || target.is_none() {
        return false;
    }
    let fits = |link: &&&Linked| {
        let known = object.id.is_none_or(|id| Id::from(id) == link.id);
        known
            && Some(link.association_type) == association_number(kind)
            && link.status == number(object.approved)
            && (link.source, link.target) == (source, target)
    };
    let Some(at) = left.iter().position(|link| fits(&link)) else { return false };
    let link = left.swap_remove(at);
    expected.objects[node].id = Some(EntryUuid(link.id.0));
    true
}

fn number(approved: bool) -> i16 {
    status_number(match approved {
        true => AvailabilityStatus::Approved,
        false => AvailabilityStatus::Deprecated,
    })
}
