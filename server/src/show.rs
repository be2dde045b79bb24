//! How answers are shown: one JSON object for machines, lines for people.

use renkei_metadata::finding::Severity;
use renkei_metadata::model::{
    Association, Code, DocumentEntry, Folder, RegistryObject, SubmissionSet,
};
use renkei_xds::response::{RegistryError, Status};
use serde_json::{Value, json};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// The exit status that goes with a status of the standard.
pub(crate) const fn exit(status: Status) -> u8 {
    match status {
        Status::Success => 0,
        Status::PartialSuccess => 3,
        Status::Failure => 2,
    }
}

/// The word of the JSON output.
pub(crate) const fn word(status: Status) -> &'static str {
    match status {
        Status::Success => "success",
        Status::PartialSuccess => "partial",
        Status::Failure => "failure",
    }
}

/// Errors as the JSON output has them.
pub(crate) fn errors(errors: &[RegistryError]) -> Value {
    let one = |e: &RegistryError| {
        json!({
            "code": e.code,
            "severity": severity(e.severity),
            "context": e.context,
            "location": e.location,
        })
    };
    errors.iter().map(one).collect()
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Writes one JSON object to standard output.
pub(crate) fn json_line(value: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{value}")?;
    out.flush()
}

/// Writes a line for people to standard output.
pub(crate) fn line(text: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// Writes errors for people to standard error.
pub(crate) fn error_lines(errors: &[RegistryError]) -> io::Result<()> {
    let mut out = io::stderr().lock();
    for e in errors {
        writeln!(out, "{} {}: {}", severity(e.severity), e.code, e.context)?;
    }
    Ok(())
}

/// Writes a text for people to standard error.
pub(crate) fn error_text(text: &str) -> io::Result<()> {
    writeln!(io::stderr().lock(), "{text}")
}

/// XML as we write it, an element a line.
pub(crate) fn indented(xml: &str) -> String {
    let (mut out, mut depth) = (String::with_capacity(xml.len() * 2), 0_usize);
    for piece in xml.split_inclusive("><").map(|p| p.strip_suffix('<').unwrap_or(p)) {
        // All but the first lost the bracket that they begin with.
        let first = out.is_empty();
        let closes = piece.starts_with('/');
        depth = if closes { depth.saturating_sub(1) } else { depth };
        if !first {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", depth));
            out.push('<');
        }
        out.push_str(piece);
        let whole = piece.ends_with("/>") || piece.contains("</");
        if !closes && !whole {
            depth += 1;
        }
    }
    out
}

/// An object of an answer.
pub(crate) fn object(object: &RegistryObject) -> Value {
    match object {
        RegistryObject::Entry(e) => entry(e),
        RegistryObject::SubmissionSet(s) => submission_set(s),
        RegistryObject::Folder(f) => folder(f),
        RegistryObject::Association(a) => association(a),
        RegistryObject::Ref(id, home) => json!({
            "object": "ObjectRef", "id": id.to_string(), "home": text(home.as_ref()),
        }),
    }
}

fn entry(e: &DocumentEntry) -> Value {
    json!({
        "object": "DocumentEntry",
        "id": e.id.to_string(),
        "uniqueId": e.unique_id.as_str(),
        "repositoryUniqueId": text(e.repository.as_ref()),
        "home": text(e.home.as_ref()),
        "availabilityStatus": e.status.map(|s| format!("{s:?}")),
        "patientId": text(e.patient_id.as_ref()),
        "title": e.title.as_ref().map(|t| t.text()),
        "mimeType": e.mime_type.as_str(),
        "classCode": e.class_code.as_ref().map(Code::key),
        "typeCode": e.type_code.as_ref().map(Code::key),
        "formatCode": e.format_code.as_ref().map(Code::key),
        "confidentialityCode": codes(&e.confidentiality_codes),
        "eventCodeList": codes(&e.event_codes),
        "creationTime": text(e.creation_time.as_ref()),
        "serviceStartTime": text(e.service_start.as_ref()),
        "serviceStopTime": text(e.service_stop.as_ref()),
        "hash": text(e.hash.as_ref()),
        "size": e.size,
        "authorInstitution": e.authors.iter().flat_map(|a| a.institutions.clone()).collect::<Vec<_>>(),
        "referenceIdList": e.reference_ids,
    })
}

fn submission_set(s: &SubmissionSet) -> Value {
    json!({
        "object": "SubmissionSet",
        "id": s.id.to_string(),
        "uniqueId": s.unique_id.as_str(),
        "sourceId": s.source_id.as_str(),
        "submissionTime": s.submission_time.as_str(),
        "patientId": text(s.patient_id.as_ref()),
        "title": s.title.as_ref().map(|t| t.text()),
        "contentTypeCode": s.content_type_code.as_ref().map(Code::key),
        "intendedRecipient": s.intended_recipients,
    })
}

fn folder(f: &Folder) -> Value {
    json!({
        "object": "Folder",
        "id": f.id.to_string(),
        "uniqueId": f.unique_id.as_str(),
        "availabilityStatus": f.status.map(|s| format!("{s:?}")),
        "patientId": text(f.patient_id.as_ref()),
        "title": f.title.as_ref().map(|t| t.text()),
        "codeList": codes(&f.codes),
        "lastUpdateTime": text(f.last_update_time.as_ref()),
    })
}

fn association(a: &Association) -> Value {
    json!({
        "object": "Association",
        "id": a.id.to_string(),
        "associationType": a.association_type.urn(),
        "sourceObject": a.source.to_string(),
        "targetObject": a.target.to_string(),
    })
}

fn codes(codes: &[Code]) -> Vec<String> {
    codes.iter().map(Code::key).collect()
}

fn text<T: ToString>(value: Option<&T>) -> Option<String> {
    value.map(ToString::to_string)
}

/// One line about an object, for people.
pub(crate) fn summary(object: &RegistryObject) -> String {
    match object {
        RegistryObject::Entry(e) => format!(
            "{}  {}  {}  {}  {}",
            e.service_start.as_ref().map_or("", |d| d.as_str()),
            e.status.map(|s| format!("{s:?}")).unwrap_or_default(),
            e.format_code.as_ref().map_or("", |c| c.code.as_str()),
            e.title.as_ref().map_or("", |t| t.text()),
            e.unique_id,
        ),
        RegistryObject::SubmissionSet(s) => {
            format!("SubmissionSet  {}  {}", s.submission_time, s.unique_id)
        }
        RegistryObject::Folder(f) => format!("Folder  {}", f.unique_id),
        RegistryObject::Association(a) => format!(
            "{}  {} → {}",
            a.association_type.urn().rsplit(':').next().unwrap_or_default(),
            a.source,
            a.target
        ),
        RegistryObject::Ref(id, _) => id.to_string(),
    }
}

/// Columns as wide as their widest cell.
pub(crate) fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width() + 2));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{aligned, indented};

    #[test]
    fn xml_is_shown_an_element_a_line() {
        let xml = "<a x=\"1\"><b>t</b><c/><d><e>u</e></d></a>";
        let lines =
            ["<a x=\"1\">", "  <b>t</b>", "  <c/>", "  <d>", "    <e>u</e>", "  </d>", "</a>"];
        assert_eq!(indented(xml), lines.join("\n"));
    }

    #[test]
    fn columns_stand_under_each_other_whatever_is_written() {
        let rows = [["会員", "x"], ["a", "y"]].map(|row| row.map(str::to_owned));
        assert_eq!(aligned(&rows), "会員  x\na     y\n");
    }
}
