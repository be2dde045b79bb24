//! Quantities: a number, its comparator and its unit, brought to the unit of an item where the units
//! are known, and left as they stand where not.

use serde_json::Value;

use crate::decimal::Decimal;
use crate::hs037::json::text;
use crate::hs037::read::value::Found;
use crate::hs037::read::{Reading, Why};
use crate::hs037::systems;
use crate::number::{Comparator, Measured};
use crate::tables::{Column, ValueType};
use crate::units::Unit;

/// UCUM for a number without a unit.
const NO_UNIT: &str = "1";

/// A quantity of an item, or of none that we know.
pub(super) fn read(quantity: &Value, item: Option<&Column>) -> Option<Found> {
    let number = number(quantity)?;
    let symbol = text(quantity, "comparator");
    let comparator = Comparator::from_symbol(symbol);
    let sent = Found {
        value: format!("{symbol}{number}"),
        unit: unit_text(quantity).to_owned(),
        reading: Reading::Standard,
    };
    let as_sent = |why| Some(Found { reading: Reading::AsSent(why), ..sent.clone() });
    let Some(item) = item else { return Some(sent) };
    if item.value_type != Some(ValueType::Pq) || (comparator.is_none() && !symbol.is_empty()) {
        return as_sent(Why::Form);
    }
    let scale = match Scale::of(quantity, item) {
        Ok(scale) => scale,
        Err(why) => return as_sent(why),
    };
    let Some(value) = scale.apply(&number, item) else { return as_sent(Why::Digits) };
    let reading = if scale.is_own {
        Reading::Standard
    } else {
        Reading::Converted { sent: format!("{} {}", sent.value, sent.unit).trim_end().to_owned() }
    };
    let value = Measured { comparator, value }.to_string();
    Some(Found { value, unit: item.unit_display.clone(), reading })
}

/// What leads from the unit of a quantity to that of an item.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    factor: Decimal,
    /// The quantity has the unit of the item.
    is_own: bool,
}

impl Scale {
    pub(super) fn of(quantity: &Value, item: &Column) -> Result<Self, Why> {
        let unit = match unit(quantity)? {
            Some(unit) => unit,
            None if item.unit_ucum == NO_UNIT => return Ok(Self::OWN),
            None => return Err(Why::NoUnit),
        };
        let factor = unit.factor(item).ok_or(Why::OtherUnit)?;
        Ok(Self { factor, is_own: Unit::of_code(&item.unit_ucum) == Some(unit) })
    }

    const OWN: Self = Self { factor: Decimal::ONE, is_own: true };

    /// The number in the unit of the item, rounded half up to its decimals; none when it has more
    /// digits than a measured value, or when nothing but zero would be left of it.
    pub(super) fn apply(self, number: &str, item: &Column) -> Option<Decimal> {
        let value = Decimal::parse(number)?;
        let decimals = item.decimals.unwrap_or(value.decimals());
        let rounded = value.times(self.factor).round(decimals);
        (rounded != Decimal::ZERO || value == Decimal::ZERO).then_some(rounded)
    }
}

/// The unit by its UCUM code or by its text; an error when the two contradict each other, or when
/// there is a unit that we do not know.
fn unit(quantity: &Value) -> Result<Option<Unit>, Why> {
    let (code, words) = (text(quantity, "code").trim(), text(quantity, "unit").trim());
    let is_ucum = text(quantity, "system") == systems::UCUM;
    let by_code = Unit::of_code(code).or_else(|| Unit::of_text(code).filter(|_| !is_ucum));
    match (by_code, Unit::of_text(words)) {
        (Some(one), Some(other)) if one != other => Err(Why::TwoUnits),
        (Some(unit), _) => Ok(Some(unit)),
        // a code of some other system says nothing against the words
        (None, Some(unit)) if code.is_empty() || !is_ucum => Ok(Some(unit)),
        (None, None) if code.is_empty() && words.is_empty() => Ok(None),
        _ => Err(Why::UnknownUnit),
    }
}

/// The unit as written, for people.
pub(super) fn unit_text(quantity: &Value) -> &str {
    match (text(quantity, "unit").trim(), text(quantity, "code").trim()) {
        ("", NO_UNIT) => "",
        ("", code) => code,
        (words, _) => words,
    }
}

/// The number as written; some write it as a string.
pub(super) fn number(quantity: &Value) -> Option<String> {
    match quantity.get("value")? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(number) if !number.trim().is_empty() => Some(number.trim().to_owned()),
        _ => None,
    }
}

/// A quantity as written: comparator, number, unit.
pub(super) fn as_sent(quantity: &Value) -> Option<String> {
    let found = read(quantity, None)?;
    Some(format!("{} {}", found.value, found.unit).trim_end().to_owned())
}
