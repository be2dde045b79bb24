//! The objects of a set, each with what the file does not say of it.

use super::attributes::{self, Change, Codes};
use super::files::{self, File};
use super::mistakes;
use crate::mapping::Table;
use renkei_context::Ctx;
use renkei_metadata::ids::{Dtm, EntryUuid, Invalid, LanguageCode, ObjectId, Oid, PatientId};
use renkei_metadata::model::{DocumentEntry, Folder, Submission, SubmissionSet};
use renkei_metadata::named::Draft;
use std::collections::HashMap;
use std::path::Path;

/// Where something is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) key: String,
}

/// What was read so far.
pub(super) struct Objects {
    pub(super) submission: Submission,
    pub(super) files: Vec<File>,
    /// Documents and folders by the names that the file gives them.
    pub(super) names: Vec<(String, EntryUuid)>,
    /// By the ids of objects, with the attribute or, for the object as a whole, with none.
    pub(super) places: HashMap<(String, String), Place>,
}

impl Objects {
    /// Where an attribute of an object is written, else the object, else the beginning of the file.
    pub(super) fn place(&self, id: &str, attribute: &str) -> Place {
        let of = |attribute: &str| self.places.get(&(id.to_owned(), attribute.to_owned()));
        let key = |place: &Place| match (place.key.is_empty(), attribute.is_empty()) {
            (_, true) => place.key.clone(),
            (true, false) => attribute.to_owned(),
            (false, false) => format!("{}.{attribute}", place.key),
        };
        match (of(attribute), of("")) {
            (Some(place), _) => place.clone(),
            (None, Some(object)) => Place { line: object.line, key: key(object) },
            (None, None) => Place { line: 1, key: attribute.to_owned() },
        }
    }

    pub(super) fn remember(&mut self, id: &ObjectId, attribute: &str, line: usize, key: &str) {
        let place = Place { line, key: key.to_owned() };
        self.places.insert((id.to_string(), attribute.to_owned()), place);
    }
}

/// What is common to the objects of the file.
struct Common<'c> {
    ctx: &'c Ctx,
    codes: Codes<'c>,
    folder: &'c Path,
    patient: Option<PatientId>,
    /// Of every document.
    every: Vec<Change>,
}

/// Reads the SubmissionSet, documents and folders.
pub(super) fn read(
    ctx: &Ctx,
    root: &Table<'_>,
    folder: &Path,
    codes: Codes<'_>,
) -> Option<Objects> {
    let patient = root.text("patient").and_then(|text| {
        let parsed = PatientId::parse(text.value);
        parsed.map_err(|invalid| tell(root, text.line, "patient", &invalid)).ok()
    });
    let every = root.table("every_document").map(|table| {
        let every = attributes::read::<DocumentEntry>(&table, codes);
        table.finish();
        every
    });
    let common = Common { ctx, codes, folder, patient, every: every.unwrap_or_default() };
    let Some(table) = root.table("submission_set") else {
        root.missing(
            "submission_set",
            "a table with its sourceId and contentTypeCode",
            "sourceId と contentTypeCode を持つ表が必要です",
        );
        return None;
    };
    let mut objects = Objects {
        submission: Submission {
            submission_set: SubmissionSet::draft(new_id(ctx)),
            entries: Vec::new(),
            folders: Vec::new(),
            associations: Vec::new(),
        },
        files: Vec::new(),
        names: Vec::new(),
        places: HashMap::new(),
    };
    submission_set(&table, &common, &mut objects);
    for table in root.tables("document") {
        document(&table, &common, &mut objects);
    }
    for table in root.tables("folder") {
        self::folder(&table, &common, &mut objects);
    }
    Some(objects)
}

fn submission_set(table: &Table<'_>, common: &Common<'_>, objects: &mut Objects) {
    let given = attributes::read::<SubmissionSet>(table, common.codes);
    let id = id(table, common);
    let mut set: SubmissionSet = object(table, &given, &id, objects);
    let has = |name: &str| given.iter().any(|c| c.name == name);
    if !has("uniqueId") {
        set.unique_id = new_oid(common.ctx);
    }
    if !has("submissionTime") {
        set.submission_time = Dtm::from_utc(common.ctx.now());
    }
    if !has("sourceId") {
        table.missing("sourceId", "the OID of whoever sends", "送信元のOIDが必要です");
    }
    set.patient_id = set.patient_id.or_else(|| common.patient.clone());
    table.finish();
    objects.submission.submission_set = set;
}

fn document(table: &Table<'_>, common: &Common<'_>, objects: &mut Objects) {
    let own = attributes::read::<DocumentEntry>(table, common.codes);
    let of_every = common.every.iter().filter(|c| !own.iter().any(|o| o.name == c.name));
    let given: Vec<Change> = own.iter().chain(of_every).cloned().collect();
    let id = id(table, common);
    let mut entry: DocumentEntry = object(table, &given, &id, objects);
    name(table, &id, objects);
    let has = |name: &str| given.iter().any(|c| c.name == name);
    if !has("uniqueId") {
        entry.unique_id = new_oid(common.ctx).into();
    }
    entry.patient_id = entry.patient_id.or_else(|| common.patient.clone());
    if !has("sourcePatientId") {
        entry.source_patient_id = common.patient.as_ref().map(ToString::to_string);
    }
    if !has("languageCode") {
        entry.language = LanguageCode::parse("ja-JP").ok();
    }
    content(table, common, &has, &mut entry, objects);
    table.finish();
    objects.submission.entries.push(entry);
}

/// The document of an entry, and what it tells.
fn content(
    table: &Table<'_>,
    common: &Common<'_>,
    has: &impl Fn(&str) -> bool,
    entry: &mut DocumentEntry,
    objects: &mut Objects,
) {
    let wanted = "the path of the document, relative to this file";
    let Some(file) = table.required("file", wanted, "文書のパス(このファイルからの相対)が必要です")
    else {
        return;
    };
    let path = common.folder.join(file.value);
    let seen = match files::look(&path) {
        Ok(seen) => seen,
        Err(error) => {
            let named = format!("{} ({error})", path.display());
            let (key, values) = (table.key("file"), [("path", named.as_str())]);
            return table.problems.tell(file.line, &key, &mistakes::FILE_UNREADABLE, &values);
        }
    };
    if !has("mimeType") {
        match files::mime_type(&path) {
            Some(mime_type) => entry.mime_type = mime_type,
            None => table.missing(
                "mimeType",
                "the extension of the file does not tell it",
                "ファイルの拡張子から分からないため、指定してください",
            ),
        }
    }
    if !has("creationTime") {
        entry.creation_time = seen.changed;
    }
    if !has("size") {
        entry.size = Some(seen.size);
    }
    if !has("hash") {
        entry.hash = Some(seen.hash);
    }
    objects.files.push(File {
        entry: entry.id.clone(),
        path,
        mime_type: entry.mime_type.clone(),
        size: seen.size,
    });
}

fn folder(table: &Table<'_>, common: &Common<'_>, objects: &mut Objects) {
    let given = attributes::read::<Folder>(table, common.codes);
    let id = id(table, common);
    let mut folder: Folder = object(table, &given, &id, objects);
    name(table, &id, objects);
    if !given.iter().any(|c| c.name == "uniqueId") {
        folder.unique_id = new_oid(common.ctx);
    }
    folder.patient_id = folder.patient_id.or_else(|| common.patient.clone());
    table.finish();
    objects.submission.folders.push(folder);
}

/// An object with what is given of it.
fn object<T: Draft>(
    table: &Table<'_>,
    given: &[Change],
    id: &ObjectId,
    objects: &mut Objects,
) -> T {
    let mut object = T::draft(id.clone());
    attributes::put(table.problems, &mut object, given);
    *object.slots() = attributes::slots(table);
    objects.remember(id, "", table.line, &table.path);
    for change in given {
        objects.remember(id, change.name, change.line, &change.key);
    }
    object
}

/// `entryUUID`, or a new one.
fn id(table: &Table<'_>, common: &Common<'_>) -> ObjectId {
    let Some(given) = table.text("entryUUID") else { return new_id(common.ctx) };
    match EntryUuid::parse(given.value) {
        Ok(id) => ObjectId::Uuid(id),
        Err(invalid) => {
            tell(table, given.line, "entryUUID", &invalid);
            new_id(common.ctx)
        }
    }
}

/// `name`: what the associations call it by.
fn name(table: &Table<'_>, id: &ObjectId, objects: &mut Objects) {
    let (Some(name), Some(id)) = (table.text("name"), id.uuid()) else { return };
    let reserved = name.value.starts_with("urn:") || name.value == super::links::SUBMISSION_SET;
    let row = if reserved || name.value.trim().is_empty() {
        &mistakes::NAME_RESERVED
    } else if objects.names.iter().any(|(known, _)| known == name.value) {
        &mistakes::NAME_TWICE
    } else {
        objects.names.push((name.value.to_owned(), id));
        return;
    };
    table.problems.tell(name.line, &table.key("name"), row, &[]);
}

fn tell(table: &Table<'_>, line: usize, key: &str, invalid: &Invalid) {
    attributes::expected(invalid).tell(table.problems, line, &table.key(key));
}

pub(super) fn new_id(ctx: &Ctx) -> ObjectId {
    ObjectId::Uuid(EntryUuid(ctx.ids.new_uuid()))
}

fn new_oid(ctx: &Ctx) -> Oid {
    Oid::from_uuid(ctx.ids.new_uuid())
}
