//! The Composition: what the document is, and its sections.

use super::insurance::Coverages;
use super::out::Json;
use super::plan::Planned;
use super::{View, Writer, coding, narrative, shown, systems};
use crate::identity;
use crate::programmes::{FhirSection, Form, programmes};
use crate::tables::Section;

/// Follows the name of the checkup in the title.
pub(super) const TITLE_SUFFIX: &str = "結果報告書";
/// Follows the title of the document with the statutory items.
pub(super) const EXTRACT_SUFFIX: &str = "（法定項目）";
/// The title when the checkup has no name: the name of the document type.
pub(super) const UNNAMED_TITLE: &str = "検診・健診報告書";

/// 機関番号^year^number: another content is another document, as is the other view of a checkup.
pub(super) fn bundle_identifier(writer: &Writer<'_>) -> String {
    let Writer { record, report_no, view, .. } = *writer;
    let number = identity::document(record, report_no, view, shown::content(writer));
    format!("{}^{}^{number}", record.get("inst_no"), identity::bundle_year(record))
}

/// 機関番号-year-eight digits: the number of the checkup.
fn identifier(writer: &Writer<'_>) -> String {
    let Writer { record, report_no, view, .. } = *writer;
    let number = identity::composition_number(record, report_no, view);
    let year = writer.exam_date.get(..4).unwrap_or_default();
    format!("{}-{year}-{number}", record.get("inst_no"))
}

/// Writes the members of the Composition.
pub(super) fn write(
    writer: &Writer<'_>,
    plan: &[Planned],
    coverages: &Coverages,
    json: &mut Json<'_>,
) {
    writer.begin("Composition", systems::COMPOSITION_PROFILE, json);
    json.key("language").word("ja");
    json.key("extension").array(|json| {
        json.object(|json| {
            json.key("url").word(systems::DOCUMENT_VERSION);
            json.key("valueString").word("1");
        });
    });
    json.key("identifier").object(|json| {
        json.key("system").word(systems::RESOURCE_IDENTIFIER);
        json.key("value").text(&identifier(writer));
    });
    json.key("status").word("final");
    json.key("type").object(|json| {
        coding(json, systems::DOCUMENT_TYPE, "53576-5", Some(UNNAMED_TITLE));
    });
    let category = &writer.programme.fhir_category;
    let display = programmes().category_name(Form::Fhir, category);
    json.key("category").array(|json| {
        json.object(|json| coding(json, systems::REPORT_CATEGORY, category, display));
    });
    json.key("subject");
    writer.reference(writer.patient, json);
    json.key("encounter");
    writer.reference(writer.encounter, json);
    json.key("date").text(&writer.date_time);
    json.key("author").array(|json| {
        writer.reference(writer.practitioner, json);
        writer.reference(writer.organization, json);
    });
    json.key("title").text(&title(writer));
    json.key("custodian");
    writer.reference(writer.organization, json);
    json.key("event").array(|json| json.object(|json| event(writer, json)));
    sections(writer, plan, coverages, json);
}

fn event(writer: &Writer<'_>, json: &mut Json<'_>) {
    let programme = writer.programme;
    json.key("code").array(|json| {
        json.object(|json| {
            coding(json, systems::PROGRAMME, &programme.code, Some(&programme.fhir_name));
        });
    });
    writer.period(json);
    json.key("detail").array(|json| writer.reference(writer.encounter, json));
}

fn title(writer: &Writer<'_>) -> String {
    let extract = match writer.view {
        View::Full => "",
        View::Statutory => EXTRACT_SUFFIX,
    };
    match writer.record.get("checkup_name") {
        "" => format!("{UNNAMED_TITLE}{extract}"),
        name => format!("{name}{TITLE_SUFFIX}{extract}"),
    }
}

/// The sections that have an entry; the insurance is listed with the results. An array is never empty
/// in FHIR.
fn sections(writer: &Writer<'_>, plan: &[Planned], coverages: &Coverages, json: &mut Json<'_>) {
    let all = writer.programme.fhir_sections();
    let is_filled = |kind: &&FhirSection<'_>| {
        let insured = kind.section == Section::Results && coverages.all().next().is_some();
        insured || plan.iter().any(|planned| planned.listed == Some(kind.section))
    };
    let mut filled = all.iter().filter(is_filled).peekable();
    if filled.peek().is_none() {
        return;
    }
    json.key("section").array(|json| {
        for kind in filled {
            json.object(|json| section(writer, plan, coverages, kind, json));
        }
    });
}

fn section(
    writer: &Writer<'_>,
    plan: &[Planned],
    coverages: &Coverages,
    kind: &FhirSection<'_>,
    json: &mut Json<'_>,
) {
    let listed = || plan.iter().filter(|planned| planned.listed == Some(kind.section));
    json.key("title").text(kind.title);
    json.key("code").object(|json| coding(json, systems::SECTION, kind.code, kind.display));
    json.key("text").object(|json| {
        json.key("status").word("generated");
        json.key("div").string(|out| narrative::write(writer, kind.title, plan, listed(), out));
    });
    json.key("entry").array(|json| {
        for planned in listed() {
            writer.reference(planned.uuid, json);
        }
        if kind.section == Section::Results {
            for coverage in coverages.all() {
                writer.reference(coverage, json);
            }
        }
    });
}
