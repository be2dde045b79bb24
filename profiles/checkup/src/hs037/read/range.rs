//! Reference ranges, in the unit of the value that they stand beside.

use serde_json::Value;

use super::quantity::{self, Scale};
use crate::hs037::json::{codings, list, text};
use crate::number::Measured;
use crate::tables::Column;

/// The range of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) low: Option<String>,
    pub(super) high: Option<String>,
    /// As written, where it cannot stand beside the value as numbers.
    pub(super) text: String,
}

/// The reference range of an Observation. With an item, the value is in its unit, and so are the
/// limits; without one, they are left as they are.
pub(super) fn read(observation: &Value, item: Option<&Column>) -> Range {
    let ranges: Vec<&Value> =
        list(observation, "referenceRange").iter().filter(|range| is_normal(range)).collect();
    match ranges.as_slice() {
        [] => Range::default(),
        [range] => one(range, observation.get("valueQuantity"), item),
        several => Range {
            text: several.iter().map(|range| written(range)).collect::<Vec<_>>().join("、"),
            ..Range::default()
        },
    }
}

/// Not a range of treatment or of danger.
fn is_normal(range: &Value) -> bool {
    let codings = codings(range.get("type"));
    codings.is_empty() || codings.iter().any(|coding| text(coding, "code") == "normal")
}

fn one(range: &Value, value: Option<&Value>, item: Option<&Column>) -> Range {
    let limits = ["low", "high"].map(|key| range.get(key));
    let numbers = limits.map(|limit| limit.and_then(|limit| number(limit, value, item)));
    let is_read =
        limits.iter().zip(&numbers).all(|(limit, read)| limit.is_some() == read.is_some());
    match numbers {
        [low, high] if is_read && (low.is_some() || high.is_some()) => {
            Range { low, high, text: String::new() }
        }
        _ => Range { text: written(range), ..Range::default() },
    }
}

/// A limit without a unit has that of the value.
fn number(limit: &Value, value: Option<&Value>, item: Option<&Column>) -> Option<String> {
    let number = quantity::number(limit)?;
    let has_unit = !quantity::unit_text(limit).is_empty();
    let Some(item) = item else {
        let same = value.is_some_and(|v| quantity::unit_text(v) == quantity::unit_text(limit));
        return (same || !has_unit).then_some(number);
    };
    let unit = if has_unit { limit } else { value.unwrap_or(limit) };
    let value = Scale::of(unit, item).ok()?.apply(&number, item)?;
    Some(Measured { comparator: None, value }.to_string())
}

/// A range as a person reads it.
fn written(range: &Value) -> String {
    let words = text(range, "text").trim();
    if !words.is_empty() {
        return words.to_owned();
    }
    let limit = |key| range.get(key).and_then(quantity::as_sent).unwrap_or_default();
    match (limit("low"), limit("high")) {
        (low, high) if low.is_empty() && high.is_empty() => String::new(),
        (low, high) => format!("{low}–{high}"),
    }
}
