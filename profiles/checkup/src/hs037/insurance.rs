//! Insurance and consultation ticket (受診券).

use serde_json::{Value, json};

use super::{Writer, put, systems};
use crate::tables::tables;
use crate::width::full_width;

/// Ticket and insurance with their slots; neither without an insurer to pay, who is named by one of
/// them.
pub(super) fn coverages(writer: &Writer<'_>) -> Vec<(&'static str, Value)> {
    let mut found = Vec::new();
    if writer.insurance("insurer_no").is_empty() {
        return found;
    }
    if !writer.insurance("ticket_no").is_empty() {
        found.push(("coverage-service", ticket(writer)));
    }
    let card = ["card_symbol", "card_number", "card_branch", "insured_kind"];
    if found.is_empty() || card.iter().any(|id| !writer.insurance(id).is_empty()) {
        found.push(("coverage-insurance", insurance(writer)));
    }
    found
}

fn ticket(writer: &Writer<'_>) -> Value {
    let mut resource = json!({
        "resourceType": "Coverage",
        "meta": writer.meta(systems::TICKET_PROFILE),
        "status": "active",
        "type": { "coding": [{ "system": systems::TICKET, "code": "1" }] },
        "subscriberId": writer.insurance("ticket_no"),
        "beneficiary": writer.reference("patient"),
    });
    let until = writer.insurance("ticket_until");
    if !until.is_empty() {
        put(&mut resource, "period", json!({ "end": until }));
    }
    put(&mut resource, "payor", json!([writer.reference("insurer")]));
    resource
}

fn insurance(writer: &Writer<'_>) -> Value {
    let [symbol, number, branch] =
        ["card_symbol", "card_number", "card_branch"].map(|id| full_width(writer.insurance(id)));
    let extensions: Vec<Value> = [("Symbol", &symbol), ("Number", &number), ("SubNumber", &branch)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(part, value)| {
            json!({ "url": format!("{}{part}", systems::INSURED_PERSON), "valueString": value })
        })
        .collect();
    let mut resource = json!({
        "resourceType": "Coverage",
        "meta": writer.meta(systems::INSURANCE_PROFILE),
    });
    if !extensions.is_empty() {
        put(&mut resource, "extension", Value::Array(extensions));
    }
    let subscriber = format!("\"{symbol}\",\"{number}\"");
    if !number.is_empty() {
        let identifier = match branch.as_str() {
            "" => subscriber.clone(),
            branch => format!("{subscriber},\"{branch}\""),
        };
        put(&mut resource, "identifier", json!([{ "value": identifier }]));
    }
    let category = insurance_category(&writer.insurer_number());
    let category = json!([{ "system": systems::INSURANCE_CATEGORY, "code": category }]);
    put(&mut resource, "status", json!("active"));
    put(&mut resource, "type", json!({ "coding": category }));
    if !number.is_empty() {
        put(&mut resource, "subscriberId", json!(subscriber));
    }
    put(&mut resource, "beneficiary", writer.reference("patient"));
    if !branch.is_empty() {
        put(&mut resource, "dependent", json!(branch));
    }
    if let Some(kind) = tables().term("kcsv:insured", writer.insurance("insured_kind")) {
        let coding = json!([{
            "system": systems::INSURED_CATEGORY, "code": kind.code, "display": kind.term
        }]);
        put(&mut resource, "relationship", json!({ "coding": coding }));
    }
    put(&mut resource, "payor", json!([writer.reference("insurer")]));
    resource
}

/// 保険者番号 with eight digits: the six of 国保 with two zeros before them.
pub(super) fn insurer_number(number: &str) -> String {
    if number.is_empty() { String::new() } else { format!("{number:0>8}") }
}

/// 国保 has no 法別番号 (67 for retired people), 39 is 後期高齢者, all others are 医保.
fn insurance_category(insurer: &str) -> &'static str {
    match insurer.get(..2) {
        Some("00" | "67") => "2",
        Some("39") => "7",
        _ => "1",
    }
}

/// The insurer.
pub(super) fn insurer(writer: &Writer<'_>) -> Value {
    let mut resource = json!({
        "resourceType": "Organization",
        "meta": writer.meta(systems::INSURER_PROFILE),
        "identifier": [{ "system": systems::INSURER, "value": writer.insurer_number() }],
        "type": [{ "coding": [{ "system": systems::ORGANIZATION_TYPE, "code": "ins" }] }],
    });
    let name = writer.insurance("insurer_name");
    if !name.is_empty() {
        put(&mut resource, "name", json!(name));
    }
    resource
}
