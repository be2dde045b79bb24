//! What single values look like, beyond what their types say already.

use super::{
    AUTHOR_EMPTY, CODE_UNKNOWN, LANGUAGE_MALFORMED, LANGUAGE_REPEATED, MIME_TYPE_UNKNOWN,
    ON_DEMAND_ONLY, Report, STABLE_ONLY, TIMES_REVERSED, VALUE_MALFORMED, VALUE_REPEATED,
    VALUE_TOO_LONG, hl7,
};
use crate::codes::CodeList;
use crate::ebrim::author::AUTHOR;
use crate::ebrim::table::{Object, Place, Row};
use crate::ids::{Dtm, LanguageCode};
use crate::model::{Author, DocumentEntry, EntryType, LocalizedText};
use std::borrow::Cow;
use std::collections::HashSet;

/// Checks the values of any object by its table: form, texts and authors.
pub(super) fn check<T: Object>(object: &T, report: &mut Report<'_>) {
    for row in T::rows() {
        match &row.place {
            Place::Slot(values) => form(object, row, &(values.get)(object), report),
            Place::Text(_, texts) => {
                if let Some(text) = (texts.get)(object) {
                    localized(object, row, text, report);
                }
            }
            Place::Code { get, .. } => {
                get(object).iter().for_each(|c| localized(object, row, &c.display, report));
            }
            Place::Author { get, .. } => {
                get(object).iter().for_each(|a| author(object, row.attribute, a, report));
            }
            // Types and the reader say all there is to say of these.
            Place::Id
            | Place::Fixed(_)
            | Place::Xml(_)
            | Place::Version(_)
            | Place::Label
            | Place::Marker
            | Place::Identifier(_) => {}
        }
    }
}

/// Checks what only a DocumentEntry has.
pub(super) fn entry(e: &DocumentEntry, wanted: EntryType, report: &mut Report<'_>) {
    if e.object_type != wanted {
        let rule = match wanted {
            EntryType::Stable => &STABLE_ONLY,
            EntryType::OnDemand => &ON_DEMAND_ONLY,
        };
        report.about(e, rule, "objectType", |f| f.value(e.object_type.urn()));
    }
    patient_info(e, report);
    service_times(e, report);
}

/// One text in each language that there is, none longer than allowed.
fn localized<T: Object>(object: &T, row: &Row<T>, text: &LocalizedText, report: &mut Report<'_>) {
    let (attribute, longest, strings) = (row.attribute, row.longest, text.strings());
    if strings.iter().any(|s| s.value.chars().nth(longest).is_some()) {
        report.about(object, &VALUE_TOO_LONG, attribute, |f| {
            f.expected(format!("at most {longest} characters"), format!("{longest}文字以内"))
        });
    }
    // The schema has a type for the language, too; an answer with another one would be invalid.
    let languages = strings.iter().filter_map(|s| s.lang.as_deref());
    if let Some(Err(e)) = languages.map(LanguageCode::parse).find(Result::is_err) {
        report.about(object, &LANGUAGE_MALFORMED, attribute, |f| {
            f.expected(e.expected, e.expected_ja)
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
fn form<T: Object, U>(object: &T, row: &Row<U>, values: &[Cow<'_, str>], report: &mut Report<'_>) {
    let Some(form) = row.form else { return };
    let faults = values.iter().enumerate().filter_map(|(n, v)| form(v).err().map(|e| (n, e)));
    for (n, e) in faults {
        report.about(object, &VALUE_MALFORMED, row.attribute, |f| match values.len() {
            0 | 1 => f.expected(e.expected, e.expected_ja),
            _ => f.expected(
                format!("{} (value no. {})", e.expected, n + 1),
                format!("{} ({}番目の値)", e.expected_ja, n + 1),
            ),
        });
    }
}

/// ITI TF-3: 4.2.3.1.4.
fn author<T: Object>(
    object: &T,
    attribute: &'static str,
    author: &Author,
    report: &mut Report<'_>,
) {
    let someone = author.person.is_some()
        || !author.institutions.is_empty()
        || !author.telecommunications.is_empty();
    if !someone {
        report.about(object, &AUTHOR_EMPTY, attribute, |f| f);
    }
    for row in AUTHOR {
        if let Place::Slot(values) = &row.place {
            form(object, row, &(values.get)(author), report);
        }
    }
}

/// ITI TF-3: 4.2.3.2.23: birth date and sex once at most.
fn patient_info(e: &DocumentEntry, report: &mut Report<'_>) {
    let of = |field| e.source_patient_info.iter().filter(move |v| hl7::pid_field(v) == Ok(field));
    if of(7).count() > 1 || of(8).count() > 1 {
        report.about(e, &VALUE_REPEATED, "sourcePatientInfo", |f| {
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
