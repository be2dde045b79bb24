//! Person, doctor, institution and visit.

use super::out::Json;
use super::{View, Writer, absent_reason, coding, systems};
use crate::tables::tables;
use crate::terms;

/// Writes the entries of person, doctor, institution and visit.
pub(super) fn entries(writer: &Writer<'_>, json: &mut Json<'_>) {
    writer.entry(writer.patient, json, |json| patient(writer, json));
    writer.entry(writer.practitioner, json, |json| practitioner(writer, json));
    writer.entry(writer.organization, json, |json| institution(writer, json));
    writer.entry(writer.encounter, json, |json| encounter(writer, json));
}

fn patient(writer: &Writer<'_>, json: &mut Json<'_>) {
    let record = writer.record;
    writer.begin("Patient", systems::PATIENT_PROFILE, json);
    json.key("identifier").array(|json| {
        json.object(|json| {
            json.key("system").string(|out| {
                out.word(systems::LOCAL_PATIENT);
                out.text(record.get("inst_no"));
            });
            json.key("value").text(record.get("patient_id"));
        });
        member_id(writer, json);
    });
    json.key("name").array(|json| {
        for (id, form) in [("name_kanji", "IDE"), ("name_kana", "SYL")] {
            if !record.get(id).is_empty() {
                json.object(|json| {
                    name_form(form, json);
                    json.key("use").word("official");
                    // the profile forbids U+3000 in the name of a person
                    name(&record.get(id).replace('\u{3000}', " "), json);
                });
            }
        }
    });
    telephone(record.get("tel"), json);
    json.key("gender").word(gender(record.get("sex")));
    match record.get("birth_date") {
        "" => absent(json, "_birthDate", "unknown"),
        day => json.key("birthDate").text(day),
    }
    // the profile wants the address of the person, known or not
    json.key("address").array(|json| {
        json.object(|json| address(record.get("address"), record.get("postal"), json));
    });
}

/// 保険者番号:記号:番号:枝番. The profile wants it in every document: where it is not shown, the reason
/// stands in its place.
fn member_id(writer: &Writer<'_>, json: &mut Json<'_>) {
    let insurer = writer.insurer_number();
    let record = writer.record;
    json.object(|json| {
        json.key("system").word(systems::MEMBER_ID);
        if insurer.is_empty() {
            let reason = match writer.view {
                View::Full => "unknown",
                // whether there is one is not told either
                View::Statutory => "masked",
            };
            absent(json, "_value", reason);
            return;
        }
        json.key("value").string(|out| {
            out.text(&insurer);
            for id in ["card_symbol", "card_number"] {
                out.word(":");
                out.text(&member_part(record.get(id)));
            }
            out.word(":");
            out.text(&member_branch(record.get("card_branch")));
        });
    });
}

/// FHIR `gender` of 性別.
pub(super) fn gender(sex: &str) -> &'static str {
    match sex {
        terms::MALE => "male",
        terms::FEMALE => "female",
        _ => "unknown",
    }
}

/// Says why an element that the profile asks for has no value.
fn absent(json: &mut Json<'_>, key: &'static str, reason: &'static str) {
    json.key(key).object(|json| {
        json.key("extension").array(|json| {
            json.object(|json| {
                json.key("url").word(systems::ABSENT_EXTENSION);
                json.key("valueCode").word(reason);
            });
        });
    });
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

fn name_form(form: &'static str, json: &mut Json<'_>) {
    json.key("extension").array(|json| {
        json.object(|json| {
            json.key("url").word(systems::NAME_FORM);
            json.key("valueCode").word(form);
        });
    });
}

/// The text of a name, and its parts when a space separates them.
fn name(text: &str, json: &mut Json<'_>) {
    json.key("text").text(text);
    if let Some((family, given)) = text.split_once([' ', '\u{3000}']) {
        json.key("family").text(family);
        json.key("given").array(|json| json.text(given.trim_start()));
    }
}

fn telephone(telephone: &str, json: &mut Json<'_>) {
    if !telephone.is_empty() {
        json.key("telecom").array(|json| {
            json.object(|json| {
                json.key("system").word("phone");
                json.key("value").text(telephone);
            });
        });
    }
}

/// An address; the profile asks for the text of every one, without the postal code.
fn address(text: &str, postal: &str, json: &mut Json<'_>) {
    match text {
        "" => absent(json, "_text", "unknown"),
        text => json.key("text").text(text),
    }
    if !postal.is_empty() {
        json.key("postalCode").text(postal);
    }
    if !(text.is_empty() && postal.is_empty()) {
        json.key("country").word("JP");
    }
}

/// The examining doctor; the profile wants one even when the export names nobody.
fn practitioner(writer: &Writer<'_>, json: &mut Json<'_>) {
    let doctor = writer.record.get("dr_name");
    writer.begin("Practitioner", systems::PRACTITIONER_PROFILE, json);
    json.key("name").array(|json| {
        json.object(|json| {
            name_form("IDE", json);
            match absent_reason::code(doctor) {
                Some(reason) => absent(json, "_text", reason),
                None if doctor.is_empty() => absent(json, "_text", "unknown"),
                None => name(doctor, json),
            }
        });
    });
}

fn institution(writer: &Writer<'_>, json: &mut Json<'_>) {
    let record = writer.record;
    writer.begin("Organization", systems::ORGANIZATION_PROFILE, json);
    json.key("identifier").array(|json| {
        json.object(|json| {
            json.key("system").word(systems::INSTITUTION);
            json.key("value").text(record.get("inst_no"));
        });
    });
    json.key("type").array(|json| {
        for (role, display) in [("exec-org", "実施機関"), ("doc-org", "報告作成機関")] {
            json.object(|json| coding(json, systems::INSTITUTION_ROLE, role, Some(display)));
        }
    });
    match record.get("inst_name") {
        "" => absent(json, "_name", "unknown"),
        name => json.key("name").text(name),
    }
    telephone(record.get("inst_tel"), json);
    let (text, postal) = (record.get("inst_addr"), record.get("inst_postal"));
    if !(text.is_empty() && postal.is_empty()) {
        json.key("address").array(|json| json.object(|json| address(text, postal, json)));
    }
}

fn encounter(writer: &Writer<'_>, json: &mut Json<'_>) {
    writer.begin("Encounter", systems::ENCOUNTER_PROFILE, json);
    json.key("status").word("finished");
    json.key("class").object(|json| {
        json.key("system").word(systems::ENCOUNTER_CLASS);
        json.key("code").word("checkup");
        json.key("display").word("健診");
    });
    if let Some(kind) = tables().term("kcsv:visit", writer.record.get("visit_kind")) {
        json.key("serviceType").object(|json| {
            coding(json, systems::ENCOUNTER_TYPE, &kind.code, Some(&kind.term));
        });
    }
    writer.period(json);
    json.key("serviceProvider");
    writer.reference(writer.organization, json);
}
