//! A document set written by hand: a TOML file says what is sent, and which files it is made of
//! (docs/SUBMIT-SETS.md). Attributes have their names of ITI TF-3: 4.2.3; what is not said is made where it
//! can be. Every mistake is told at once, with its line and what would be right.

mod attributes;
mod files;
mod links;
pub(crate) mod mistakes;
mod objects;
#[cfg(test)]
mod tests;

pub use attributes::{Change, changes};
pub use files::File;

use crate::mapping::{MappingError, MappingErrors, Problems, Table};
use attributes::Codes;
use objects::Objects;
use renkei_context::Ctx;
use renkei_metadata::codes::CodeList;
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::Submission;
use renkei_metadata::rules::{self, Column};
use std::ops::Range;
use std::path::Path;
use toml::de::DeTable;

/// What a file says is to be sent.
#[derive(Debug)]
pub struct Set {
    /// The metadata.
    pub submission: Submission,
    /// The documents, in the order of their entries.
    pub files: Vec<File>,
    /// How the file calls documents and folders, and their entryUUIDs.
    pub names: Vec<(String, EntryUuid)>,
    /// What is worth a look and stops nothing.
    pub warnings: Vec<MappingError>,
}

/// Reads a set from `text`; `file` names it in the mistakes, and paths in it are relative to its folder.
/// Codes are completed by `codes` and have to be of it, where there is a list.
///
/// # Errors
/// All mistakes of the file, and what the rules of a Document Source say against the set (ITI TF-3: Table
/// 4.3.1-3, XDS-DS).
pub fn read(
    ctx: &Ctx,
    file: &Path,
    text: &str,
    codes: Option<&CodeList>,
) -> Result<Set, MappingErrors> {
    let problems = Problems::new(text);
    let read = parsed(&problems, text, |root| {
        let folder = file.parent().unwrap_or(Path::new(""));
        whole(ctx, &root, folder, Codes(codes))
    });
    let name = file.display().to_string();
    let Some(objects) = read.filter(|_| problems.is_empty()) else {
        return Err(problems.into_errors(&name));
    };
    let findings = rules::check(&objects.submission, Column::XdsDs, codes, &[]);
    let (errors, warnings): (Vec<_>, Vec<_>) = findings.iter().partition(|f| f.is_error());
    if !errors.is_empty() {
        let errors = errors.into_iter().map(|f| told(f, &objects)).collect();
        return Err(MappingErrors { file: name, errors });
    }
    let warnings = warnings.into_iter().map(|f| told(f, &objects)).collect();
    let Objects { submission, files, names, .. } = objects;
    Ok(Set { submission, files, names, warnings })
}

/// Reads the TOML; mistakes of its syntax are problems.
fn parsed<'a, T>(
    problems: &'a Problems,
    text: &str,
    read: impl for<'t> FnOnce(Table<'t>) -> Option<T>,
) -> Option<T> {
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(Range { start: 0, end: 0 });
        problems.syntax(text, &span, error.message());
    }
    if !errors.is_empty() {
        return None;
    }
    read(Table::new(problems, root.get_ref(), String::new(), 1))
}

fn whole(ctx: &Ctx, root: &Table<'_>, folder: &Path, codes: Codes<'_>) -> Option<Objects> {
    let mut objects = objects::read(ctx, root, folder, codes)?;
    links::read(ctx, root, codes, &mut objects);
    root.finish();
    Some(objects)
}

/// A finding of the rules as a mistake of the file: where the object, or its attribute, is written, and by
/// the names that the file has for objects.
fn told(finding: &Finding, objects: &Objects) -> MappingError {
    let place = objects.place(&finding.location, &finding.attribute);
    let named = |mut text: String| {
        for (name, id) in &objects.names {
            text = text.replace(&id.to_string(), name);
        }
        text
    };
    MappingError {
        line: place.line,
        key: place.key.clone(),
        en: named(finding.english()),
        ja: named(finding.japanese()),
    }
}
