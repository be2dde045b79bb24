//! Everything of the document that is not a result: Composition, person, institution, insurance.

use serde_json::{Value, json};

use super::observation::Observation;
use super::{View, Writer, absent_reason, entry, insurance, narrative, put, shown, systems};
use crate::identity;
use crate::programmes::{Form, programmes};
use crate::tables::{Section, tables};
use crate::terms;

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
fn composition_identifier(writer: &Writer<'_>) -> String {
    let Writer { record, report_no, view, .. } = *writer;
    let number = identity::composition_number(record, report_no, view);
    let year = writer.exam_date.get(..4).unwrap_or_default();
    format!("{}-{year}-{number}", record.get("inst_no"))
}

/// The entries before the results, the Composition first.
pub(super) fn entries(writer: &Writer<'_>, results: &[Observation]) -> Vec<Value> {
    let coverages = insurance::coverages(writer);
    let composition = composition(writer, results, &coverages);
    let mut entries = Vec::new();
    let mut add = |slot: &str, resource| entries.push(entry(&writer.url(slot), resource));
    add("composition", composition);
    add("patient", patient(writer));
    add("practitioner", practitioner(writer));
    add("organization", institution(writer));
    add("encounter", encounter(writer));
    let insured = !coverages.is_empty();
    for (slot, resource) in coverages {
        add(slot, resource);
    }
    if insured {
        add("insurer", insurance::insurer(writer));
    }
    entries
}

fn composition(
    writer: &Writer<'_>,
    results: &[Observation],
    coverages: &[(&'static str, Value)],
) -> Value {
    let programme = writer.programme;
    let code = &programme.fhir_category;
    let mut category = json!({ "system": systems::REPORT_CATEGORY, "code": code });
    if let Some(display) = programmes().category_name(Form::Fhir, code) {
        put(&mut category, "display", json!(display));
    }
    let event = json!([{
        "system": systems::PROGRAMME, "code": programme.code, "display": programme.fhir_name
    }]);
    let mut composition = json!({
        "resourceType": "Composition",
        "meta": writer.meta(systems::COMPOSITION_PROFILE),
        "language": "ja",
        "extension": [{ "url": systems::DOCUMENT_VERSION, "valueString": "1" }],
        "identifier": {
            "system": systems::RESOURCE_IDENTIFIER,
            "value": composition_identifier(writer),
        },
        "status": "final",
        "type": { "coding": [{
            "system": systems::DOCUMENT_TYPE, "code": "53576-5", "display": UNNAMED_TITLE
        }] },
        "category": [{ "coding": [category] }],
        "subject": writer.reference("patient"),
        "encounter": writer.reference("encounter"),
        "date": writer.date_time,
        "author": [writer.reference("practitioner"), writer.reference("organization")],
        "title": title(writer),
        "custodian": writer.reference("organization"),
        "event": [{
            "code": [{ "coding": event }],
            "period": period(writer),
            "detail": [writer.reference("encounter")],
        }],
    });
    // an array is never empty in FHIR
    let sections = sections(writer, results, coverages);
    if !sections.is_empty() {
        put(&mut composition, "section", Value::Array(sections));
    }
    composition
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

fn period(writer: &Writer<'_>) -> Value {
    json!({ "start": writer.exam_date, "end": writer.exam_date })
}

/// The sections that have an entry; the insurance is listed with the results.
fn sections(
    writer: &Writer<'_>,
    results: &[Observation],
    coverages: &[(&'static str, Value)],
) -> Vec<Value> {
    let mut sections = Vec::new();
    for kind in writer.programme.fhir_sections() {
        let place = kind.section;
        let listed = || {
            results.iter().filter_map(|result| match &result.listed {
                Some((section, line)) if *section == place => Some((&result.url, line)),
                _ => None,
            })
        };
        let mut references: Vec<Value> =
            listed().map(|(url, _)| json!({ "reference": url })).collect();
        if place == Section::Results {
            references.extend(coverages.iter().map(|(slot, _)| writer.reference(slot)));
        }
        if references.is_empty() {
            continue;
        }
        let mut code = json!({ "system": systems::SECTION, "code": kind.code });
        if let Some(display) = kind.display {
            put(&mut code, "display", json!(display));
        }
        sections.push(json!({
            "title": kind.title,
            "code": { "coding": [code] },
            "text": {
                "status": "generated",
                "div": narrative::list(kind.title, listed().map(|(_, line)| line.as_str())),
            },
            "entry": references,
        }));
    }
    sections
}

fn patient(writer: &Writer<'_>) -> Value {
    let record = writer.record;
    let mut identifiers = vec![json!({
        "system": format!("{}{}", systems::LOCAL_PATIENT, record.get("inst_no")),
        "value": record.get("patient_id"),
    })];
    let insurer = writer.insurer_number();
    if !insurer.is_empty() {
        let [symbol, number] = ["card_symbol", "card_number"].map(|id| member_part(record.get(id)));
        let parts = [symbol, number, member_branch(record.get("card_branch"))];
        let value = format!("{insurer}:{}", parts.join(":"));
        identifiers.push(json!({ "system": systems::MEMBER_ID, "value": value }));
    }
    let names: Vec<Value> = [("name_kanji", "IDE"), ("name_kana", "SYL")]
        .into_iter()
        .filter(|(id, _)| !record.get(id).is_empty())
        .map(|(id, form)| {
            let mut name = json!({ "extension": [name_form(form)], "use": "official" });
            // the profile forbids U+3000 in the name of a person
            put_name(&mut name, &record.get(id).replace('\u{3000}', " "));
            name
        })
        .collect();
    let mut resource = json!({
        "resourceType": "Patient",
        "meta": writer.meta(systems::PATIENT_PROFILE),
        "identifier": identifiers,
        "name": names,
    });
    put_telephone(&mut resource, record.get("tel"));
    put(&mut resource, "gender", json!(gender(record.get("sex"))));
    put_text(&mut resource, "birthDate", record.get("birth_date"));
    // the profile wants the address of the person, known or not
    let address = address(record.get("address"), record.get("postal"));
    put(&mut resource, "address", json!([address]));
    resource
}

/// FHIR `gender` of 性別.
pub(super) fn gender(sex: &str) -> &'static str {
    match sex {
        terms::MALE => "male",
        terms::FEMALE => "female",
        _ => "unknown",
    }
}

/// A text the profile asks for; where it is missing, that it is unknown.
fn put_text(object: &mut Value, key: &str, text: &str) {
    if text.is_empty() {
        put_absent(object, key, "unknown");
    } else {
        put(object, key, json!(text));
    }
}

/// Says why an element that the profile asks for has no value.
fn put_absent(object: &mut Value, key: &str, reason: &str) {
    let absent = json!({ "url": systems::ABSENT_EXTENSION, "valueCode": reason });
    put(object, &format!("_{key}"), json!({ "extension": [absent] }));
}

/// Colons, carets and spaces separate the parts of the member id, so they cannot stand in one.
fn member_part(part: &str) -> String {
    part.chars().filter(|c| !c.is_whitespace() && !matches!(c, ':' | '^')).collect()
}

/// 枝番 has two digits; what is none cannot stand in the member id.
fn member_branch(branch: &str) -> String {
    let is_branch = matches!(branch.len(), 1 | 2) && branch.bytes().all(|b| b.is_ascii_digit());
    if is_branch { format!("{branch:0>2}") } else { String::new() }
}

fn name_form(form: &str) -> Value {
    json!({ "url": systems::NAME_FORM, "valueCode": form })
}

/// The text of a name, and its parts when a space separates them.
fn put_name(name: &mut Value, text: &str) {
    put(name, "text", json!(text));
    if let Some((family, given)) = text.split_once([' ', '\u{3000}']) {
        put(name, "family", json!(family));
        put(name, "given", json!([given.trim_start()]));
    }
}

fn put_telephone(resource: &mut Value, telephone: &str) {
    if !telephone.is_empty() {
        put(resource, "telecom", json!([{ "system": "phone", "value": telephone }]));
    }
}

/// An address; the profile asks for the text of every one, without the postal code.
fn address(text: &str, postal: &str) -> Value {
    let mut value = json!({});
    put_text(&mut value, "text", text);
    if !postal.is_empty() {
        put(&mut value, "postalCode", json!(postal));
    }
    if !(text.is_empty() && postal.is_empty()) {
        put(&mut value, "country", json!("JP"));
    }
    value
}

/// The examining doctor; the profile wants one even when the export names nobody.
fn practitioner(writer: &Writer<'_>) -> Value {
    let mut name = json!({ "extension": [name_form("IDE")] });
    let doctor = writer.record.get("dr_name");
    match absent_reason::code(doctor) {
        Some(reason) => put_absent(&mut name, "text", reason),
        None if doctor.is_empty() => put_absent(&mut name, "text", "unknown"),
        None => put_name(&mut name, doctor),
    }
    json!({
        "resourceType": "Practitioner",
        "meta": writer.meta(systems::PRACTITIONER_PROFILE),
        "name": [name],
    })
}

fn institution(writer: &Writer<'_>) -> Value {
    let record = writer.record;
    let role = |code, display| json!({ "coding": [{ "system": systems::INSTITUTION_ROLE, "code": code, "display": display }] });
    let mut resource = json!({
        "resourceType": "Organization",
        "meta": writer.meta(systems::ORGANIZATION_PROFILE),
        "identifier": [{ "system": systems::INSTITUTION, "value": record.get("inst_no") }],
        "type": [role("exec-org", "実施機関"), role("doc-org", "報告作成機関")],
    });
    put_text(&mut resource, "name", record.get("inst_name"));
    put_telephone(&mut resource, record.get("inst_tel"));
    let (text, postal) = (record.get("inst_addr"), record.get("inst_postal"));
    if !(text.is_empty() && postal.is_empty()) {
        put(&mut resource, "address", json!([address(text, postal)]));
    }
    resource
}

fn encounter(writer: &Writer<'_>) -> Value {
    let mut resource = json!({
        "resourceType": "Encounter",
        "meta": writer.meta(systems::ENCOUNTER_PROFILE),
        "status": "finished",
        "class": { "system": systems::ENCOUNTER_CLASS, "code": "checkup", "display": "健診" },
    });
    if let Some(kind) = tables().term("kcsv:visit", writer.record.get("visit_kind")) {
        let coding = json!([{
            "system": systems::ENCOUNTER_TYPE, "code": kind.code, "display": kind.term
        }]);
        put(&mut resource, "serviceType", json!({ "coding": coding }));
    }
    put(&mut resource, "period", period(writer));
    put(&mut resource, "serviceProvider", writer.reference("organization"));
    resource
}
