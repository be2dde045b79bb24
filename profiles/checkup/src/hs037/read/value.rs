//! The value of an Observation or of its component, in the terms of the standard record.

use serde_json::Value;

use crate::decimal::Decimal;
use crate::hs037::json::{codings, list, text};
use crate::hs037::systems;
use crate::number::{Comparator, Measured};
use crate::tables::{Column, Kind, ValueType, tables};
use crate::{dates, terms};

/// The item an Observation or a component tells of; its code may be of any JLAC10 system.
pub(super) fn item(observation: &Value) -> Option<&'static Column> {
    codings(observation.get("code"))
        .iter()
        .filter(|coding| systems::ITEM_CODES.contains(&text(coding, "system")))
        .find_map(|coding| tables().column_of_code(text(coding, "code")))
}

/// The standard value; none when the element holds nothing that a record can hold.
pub(super) fn standard(observation: &Value, item: &Column) -> Option<String> {
    if let Some(number) =
        observation.get("valueQuantity").and_then(|quantity| quantity_text(quantity, Some(item)))
    {
        return Some(number);
    }
    if let Some(concept) = observation.get("valueCodeableConcept") {
        return Some(term(concept, &item.value_set).to_owned());
    }
    if let Some(plain) = plain(observation) {
        let day = if item.kind == Kind::Date { dates::read(plain) } else { None };
        return Some(day.map_or_else(|| plain.to_owned(), |day| day.to_string()));
    }
    let cancelled = text(observation, "status") == "cancelled";
    match observation.get("dataAbsentReason") {
        Some(reason) => Some(absent(reason).to_owned()),
        None if cancelled => Some(terms::NOT_PERFORMED.to_owned()),
        None => None,
    }
}

/// The value of an item we do not know, as sent.
pub(super) fn as_sent(observation: &Value) -> Option<String> {
    if let Some(quantity) = observation.get("valueQuantity") {
        return quantity_text(quantity, None);
    }
    if let Some(concept) = observation.get("valueCodeableConcept") {
        return Some(term(concept, "").to_owned());
    }
    if let Some(plain) = plain(observation) {
        return Some(plain.to_owned());
    }
    observation.get("dataAbsentReason").map(|reason| absent(reason).to_owned())
}

/// A string or a point in time.
fn plain(observation: &Value) -> Option<&str> {
    ["valueString", "valueDateTime"]
        .into_iter()
        .find_map(|key| observation.get(key))
        .and_then(Value::as_str)
}

/// Comparator and number, with the decimals of the item.
fn quantity_text(quantity: &Value, item: Option<&Column>) -> Option<String> {
    let comparator = Comparator::from_symbol(text(quantity, "comparator"));
    let number = number_text(quantity, item)?;
    Some(format!("{}{number}", comparator.map_or("", Comparator::symbol)))
}

/// The number of a quantity, with the decimals of the item.
pub(super) fn number_text(quantity: &Value, item: Option<&Column>) -> Option<String> {
    let number = quantity.get("value")?.as_number()?.to_string();
    let measured = item.filter(|column| column.value_type == Some(ValueType::Pq));
    let decimals = measured.and_then(|column| column.decimals);
    match (decimals, Decimal::parse(&number)) {
        (Some(decimals), Some(value)) => {
            Some(Measured { comparator: None, value: value.round(decimals) }.to_string())
        }
        _ => Some(number),
    }
}

/// The term of a value set: by the code of that set, else as the sender words it.
fn term<'a>(concept: &'a Value, value_set: &str) -> &'a str {
    let of_set = |coding: &&Value| oid(text(coding, "system")) == value_set;
    let by_code = list(concept, "coding")
        .iter()
        .find(of_set)
        .and_then(|coding| tables().code(value_set, text(coding, "code")));
    if let Some(term) = by_code {
        return &term.term;
    }
    let displays = list(concept, "coding").iter().map(|coding| text(coding, "display"));
    displays.chain([text(concept, "text")]).find(|word| !word.is_empty()).unwrap_or_default()
}

/// The OID of a system, which some write without `urn:oid:`.
fn oid(system: &str) -> &str {
    system.strip_prefix("urn:oid:").unwrap_or(system)
}

/// 未実施, 測定不能, or what the sender wrote.
fn absent(reason: &Value) -> &str {
    match codings(Some(reason)).first().map(|coding| text(coding, "code")) {
        Some("not-performed") => terms::NOT_PERFORMED,
        Some("error") => terms::NOT_MEASURABLE,
        _ => text(reason, "text"),
    }
}
