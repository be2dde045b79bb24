//! Which results stand in one row.

use super::TableRow;
use renkei_checkup::hs037::{Reading, Report, ResultLine};
use renkei_checkup::units::Unit;

/// Two results with one key stand in one row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    item: Item,
    /// The unit, however written; nothing for an item in its standard unit.
    unit: Option<String>,
    /// Several values of an item in one checkup stand below each other.
    repetition: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Item {
    /// Of the column table, by its id.
    Table(&'static str),
    /// Of no table, by its JLAC10 code, which institutions share.
    Jlac10(String),
    /// An institution's own, by its id there.
    Own { institution: String, code: String },
    /// Of no table and without a code that we know, by its name at the institution.
    Named { institution: String, name: String },
}

impl Key {
    pub(super) fn of(line: &ResultLine, report: &Report, column: usize) -> Self {
        let is_table = line.item.is_some() && !is_apart(line);
        let unit = || {
            let known = Unit::of_text(&line.unit).map(Unit::code);
            known.map_or_else(|| line.unit.clone(), ToOwned::to_owned)
        };
        Self { item: Item::of(line, report, column), unit: (!is_table).then(unit), repetition: 0 }
    }

    pub(super) fn repeated(self, repetition: usize) -> Self {
        Self { repetition, ..self }
    }

    /// Whether it is that of an item of the table, in its unit.
    pub(super) const fn is_standard(&self) -> bool {
        matches!(self.item, Item::Table(_)) && self.unit.is_none()
    }

    /// Whether it is that of an item of the table, in whatever unit.
    pub(super) const fn is_of_table(&self) -> bool {
        matches!(self.item, Item::Table(_))
    }

    /// The name of the institution that the row is of; empty for rows of several.
    pub(super) fn institution(&self, report: &Report) -> String {
        match &self.item {
            Item::Table(_) => String::new(),
            _ if report.institution.is_empty() => report.institution_number.clone(),
            _ => report.institution.clone(),
        }
    }

    /// A further result comes into the row.
    pub(super) fn join(&self, row: &mut TableRow, line: &ResultLine, report: &Report) {
        // the standard CSV has no names of one's own items
        if row.name == row.id && !line.name.is_empty() {
            row.name.clone_from(&line.name);
        }
        if self.institution(report) != row.institution {
            row.institution.clear();
        }
    }
}

impl Item {
    fn of(line: &ResultLine, report: &Report, column: usize) -> Self {
        let own = |text: &str| text.to_owned();
        if let Some(item) = line.item {
            return Self::Table(&item.id);
        }
        if !line.jlac10.is_empty() {
            return Self::Jlac10(own(&line.jlac10));
        }
        if !line.owner.is_empty() && !line.code.is_empty() {
            return Self::Own { institution: own(&line.owner), code: own(&line.code) };
        }
        let known = [&report.institution_number, &report.institution];
        let institution = match known.into_iter().find(|name| !name.is_empty()) {
            Some(name) => name.clone(),
            // of an unknown institution nothing is known to be the same
            None => format!("#{column}"),
        };
        Self::Named { institution, name: own(&line.name) }
    }
}

/// Whether a value of an item must not stand among those in its unit: a number as it was sent. Words
/// can stand anywhere.
fn is_apart(line: &ResultLine) -> bool {
    matches!(line.reading, Reading::AsSent(_))
        && (!line.unit.is_empty() || line.value.chars().any(char::is_numeric))
}
