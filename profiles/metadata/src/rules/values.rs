//! What single values look like, beyond what their types say already.

use super::{
    AUTHOR_EMPTY, CODE_UNKNOWN, LANGUAGE_REPEATED, MIME_TYPE_UNKNOWN, Report, STABLE_ONLY,
    TIMES_REVERSED, VALUE_MALFORMED, VALUE_REPEATED, VALUE_TOO_LONG, hl7,
};
use crate::codes::CodeList;
use crate::ebrim::table::{Object, Place};
use crate::ids::{Dtm, Invalid};
use crate::model::{Author, DocumentEntry, EntryType, LocalizedText, ObjectKind, SubmissionSet};
use std::collections::HashSet;

/// The longest title of a DocumentEntry, in characters (ITI TF-3: 4.2.3.2.24).
const TITLE: usize = 128;

/// The longest text in one language, in characters (ebRIM: FreeFormText). A longer one would make
/// every answer that shows it invalid by the schema.
const FREE_TEXT: usize = 1024;

/// Checks a DocumentEntry.
pub(super) fn entry(e: &DocumentEntry, report: &mut Report<'_>) {
    if e.object_type != EntryType::Stable {
        report.about(e, &STABLE_ONLY, "objectType", |f| f.value(e.object_type.urn()));
    }
    authors(e, &e.authors, report);
    each(e, "legalAuthenticator", e.legal_authenticator.as_slice(), hl7::xcn, report);
    each(e, "referenceIdList", &e.reference_ids, hl7::cxi, report);
    each(e, "sourcePatientId", e.source_patient_id.as_slice(), hl7::cx, report);
    each(e, "URI", e.uri.as_slice(), hl7::uri, report);
    patient_info(e, report);
    service_times(e, report);
}

/// Checks a SubmissionSet.
pub(super) fn submission_set(s: &SubmissionSet, report: &mut Report<'_>) {
    authors(s, &s.authors, report);
    each(s, "intendedRecipient", &s.intended_recipients, hl7::recipient, report);
}

/// Checks title, comments and display names of any object.
pub(super) fn texts<T: Object>(object: &T, report: &mut Report<'_>) {
    let header = object.header();
    let of_title = if T::KIND == ObjectKind::DocumentEntry { TITLE } else { FREE_TEXT };
    for (attribute, text, longest) in
        [("title", header.title, of_title), ("comments", header.comments, FREE_TEXT)]
    {
        if let Some(text) = text {
            localized(object, attribute, text, longest, report);
        }
    }
    for row in T::rows() {
        let Place::Code { get, .. } = row.place else { continue };
        for code in get(object) {
            localized(object, row.attribute, &code.display, FREE_TEXT, report);
        }
    }
}

/// One text in each language, none longer than allowed.
fn localized<T: Object>(
    object: &T,
    attribute: &'static str,
    text: &LocalizedText,
    longest: usize,
    report: &mut Report<'_>,
) {
    let strings = text.strings();
    if strings.iter().any(|s| s.value.chars().nth(longest).is_some()) {
        report.about(object, &VALUE_TOO_LONG, attribute, |f| {
            f.expected(format!("at most {longest} characters"), format!("{longest}文字以内"))
        });
    }
    let mut languages = HashSet::new();
    let twice = strings.iter().find(|s| !languages.insert(s.language().to_ascii_lowercase()));
    if let Some(twice) = twice {
        report.about(object, &LANGUAGE_REPEATED, attribute, |f| f.value(twice.language()));
    }
}

/// Checks the codes of any object against the domain's list (ITI TF-2: 3.42.4.1.3.3.3).
pub(super) fn codes<T: Object>(object: &T, list: Option<&CodeList>, report: &mut Report<'_>) {
    let Some(list) = list else { return };
    for row in T::rows() {
        let Place::Code { get, .. } = row.place else { continue };
        for code in get(object) {
            if !list.contains(row.attribute, &code.code, &code.scheme) {
                report.about(object, &CODE_UNKNOWN, row.attribute, |f| f.value(code.key()));
            }
        }
    }
}

/// Checks the media type against the domain's list (ITI TF-2: 3.42.4.1.3.3.4).
pub(super) fn mime_type(e: &DocumentEntry, list: Option<&CodeList>, report: &mut Report<'_>) {
    let Some(list) = list else { return };
    if !list.allows_mime_type(e.mime_type.as_str()) {
        let types = list.mime_types().collect::<Vec<_>>().join(", ");
        report.about(e, &MIME_TYPE_UNKNOWN, "mimeType", |f| {
            f.value(e.mime_type.as_str()).expected(format!("one of {types}"), types)
        });
    }
}

/// Values that may be about a person: told by their number, never quoted.
fn each<T: Object>(
    object: &T,
    attribute: &'static str,
    values: &[String],
    check: fn(&str) -> Result<(), Invalid>,
    report: &mut Report<'_>,
) {
    for (n, value) in values.iter().enumerate() {
        if let Err(e) = check(value) {
            malformed(object, attribute, (n, values.len()), &e, report);
        }
    }
}

fn malformed<T: Object>(
    object: &T,
    attribute: &'static str,
    (n, of): (usize, usize),
    e: &Invalid,
    report: &mut Report<'_>,
) {
    report.about(object, &VALUE_MALFORMED, attribute, |f| match of {
        0 | 1 => f.expected(e.expected, e.expected_ja),
        _ => f.expected(
            format!("{} (value no. {})", e.expected, n + 1),
            format!("{} ({}番目の値)", e.expected_ja, n + 1),
        ),
    });
}

/// ITI TF-3: 4.2.3.1.4.
fn authors<T: Object>(object: &T, authors: &[Author], report: &mut Report<'_>) {
    for author in authors {
        let someone = author.person.is_some()
            || !author.institutions.is_empty()
            || !author.telecommunications.is_empty();
        if !someone {
            report.about(object, &AUTHOR_EMPTY, "author", |f| f);
        }
        each(object, "authorPerson", author.person.as_slice(), hl7::xcn, report);
        each(object, "authorInstitution", &author.institutions, hl7::xon, report);
        let telecommunications = &author.telecommunications;
        each(object, "authorTelecommunication", telecommunications, hl7::xtn, report);
    }
}

/// ITI TF-3: 4.2.3.2.23: birth date and sex once at most.
fn patient_info(e: &DocumentEntry, report: &mut Report<'_>) {
    const NAME: &str = "sourcePatientInfo";
    let (mut births, mut sexes) = (0, 0);
    let values = &e.source_patient_info;
    for (n, value) in values.iter().enumerate() {
        match hl7::pid_field(value) {
            Ok(7) => births += 1,
            Ok(8) => sexes += 1,
            Ok(_) => {}
            Err(i) => malformed(e, NAME, (n, values.len()), &i, report),
        }
    }
    if births > 1 || sexes > 1 {
        report.about(e, &VALUE_REPEATED, NAME, |f| {
            f.expected("PID-7 and PID-8 once each", "PID-7 と PID-8 は各1回")
        });
    }
}

/// ITI TF-2: 3.42.4.1.3.3.6. Times of different precision are compared on what both say.
fn service_times(e: &DocumentEntry, report: &mut Report<'_>) {
    let (Some(start), Some(stop)) = (&e.service_start, &e.service_stop) else { return };
    if later(start, stop) {
        report.about(e, &TIMES_REVERSED, "serviceStartTime", |f| {
            let stop = stop.as_str();
            f.value(start.as_str()).expected(format!("at most {stop}"), format!("{stop} 以前"))
        });
    }
}

fn later(a: &Dtm, b: &Dtm) -> bool {
    let common = a.as_str().len().min(b.as_str().len());
    a.as_str().get(..common) > b.as_str().get(..common)
}
