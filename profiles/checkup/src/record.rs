//! One checkup of one person.

use std::fmt::{Display, Write};

use crate::tables::{Column, tables};
use crate::{Requirement, kcsv, terms};

/// One item of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// The standard value; empty when nothing is known.
    pub value: String,
    /// The source cell exactly as decoded; only items that have a pair column carry it.
    pub original: String,
}

impl Field {
    /// Whether it holds neither value nor source cell.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty() && self.original.is_empty()
    }
}

/// An institution's own item that a file brought and nobody here has declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Its header, `x_…`.
    pub id: String,
    /// Value and source cell.
    pub field: Field,
}

/// All items of one checkup, in the order of the column table, and behind them the institution's own.
///
/// A record can be cleared and filled again without giving its memory back, so that a long file is
/// converted in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    fields: Vec<Field>,
    /// The institution's own items, whose fields stand behind those of the table.
    own: Vec<&'static Column>,
    /// Items of another institution's own, as a file had them.
    pub foreign: Vec<Foreign>,
}

impl Default for Record {
    fn default() -> Self {
        Self::new()
    }
}

impl Record {
    /// An empty record.
    pub fn new() -> Self {
        Self::with_own(&[])
    }

    /// An empty record with an institution's own items ([`crate::own::intern`]) behind those of the
    /// table.
    pub fn with_own(own: &[&'static Column]) -> Self {
        let fields = vec![Field::default(); tables().columns().len() + own.len()];
        Self { fields, own: own.to_vec(), foreign: Vec::new() }
    }

    /// Empties all items.
    pub fn clear(&mut self) {
        for field in &mut self.fields {
            field.value.clear();
            field.original.clear();
        }
        self.foreign.clear();
    }

    /// The standard value of an item by id; empty for an id that neither the table nor the record has.
    pub fn get(&self, id: &str) -> &str {
        if let Some(column) = tables().column(id) {
            return self.value(column);
        }
        self.own().find(|(own, _)| *own == id).map_or("", |(_, field)| &field.value)
    }

    /// Headers and fields of the institution's own items, foreign ones included.
    pub fn own(&self) -> impl Iterator<Item = (&str, &Field)> {
        let fields = self.fields.iter().skip(tables().columns().len());
        let declared = self.own.iter().map(|column| column.id.as_str()).zip(fields);
        declared.chain(self.foreign.iter().map(|foreign| (foreign.id.as_str(), &foreign.field)))
    }

    fn field(&self, column: &Column) -> Option<&Field> {
        if self.has(column) { self.fields.get(column.position) } else { None }
    }

    fn field_mut(&mut self, column: &Column) -> Option<&mut Field> {
        if self.has(column) { self.fields.get_mut(column.position) } else { None }
    }

    /// Another institution's own item may have the position of one of this record.
    fn has(&self, column: &Column) -> bool {
        let place = column.position.wrapping_sub(tables().columns().len());
        !column.own || self.own.get(place).is_some_and(|own| std::ptr::eq(*own, column))
    }

    /// The standard value of an item.
    pub fn value(&self, column: &Column) -> &str {
        self.field(column).map_or("", |field| &field.value)
    }

    /// The source cell of an item.
    pub fn original(&self, column: &Column) -> &str {
        self.field(column).map_or("", |field| &field.original)
    }

    /// Sets the standard value of an item.
    pub fn set(&mut self, column: &Column, value: &str) {
        if let Some(field) = self.field_mut(column) {
            field.value.clear();
            field.value.push_str(value);
        }
    }

    /// Sets the standard value of an item to what is written out.
    pub fn write(&mut self, column: &Column, value: impl Display) {
        if let Some(field) = self.field_mut(column) {
            field.value.clear();
            // a string takes everything
            write!(field.value, "{value}").unwrap_or_default();
        }
    }

    /// Sets the standard value of an item by id; an unknown id changes nothing.
    pub fn set_id(&mut self, id: &str, value: &str) {
        if let Some(column) = tables().column(id) {
            self.set(column, value);
        }
    }

    /// Keeps the source cell of an item; items without a pair column drop it.
    pub fn set_original(&mut self, column: &Column, cell: &str) {
        if !column.pair {
            return;
        }
        if let Some(field) = self.field_mut(column) {
            field.original.clear();
            field.original.push_str(cell);
        }
    }

    /// The items, in table order, own ones behind.
    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The items with their columns, in table order, own ones behind; foreign ones have none.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Column, &Field)> {
        tables().columns().iter().chain(self.own.iter().copied()).zip(&self.fields)
    }

    /// How necessary an item is under the programme of this record.
    pub fn requirement(&self, column: &Column) -> Requirement {
        if self.get("program_code") == terms::PROGRAMME_SPECIFIC {
            column.specific
        } else {
            column.industrial
        }
    }

    /// SHA-256 of the standard record with `record_no` empty: the same checkup has the same key
    /// wherever it stands in a file.
    pub fn content_key(&self) -> crate::hash::Sha256Hex {
        let mut line = String::new();
        kcsv::write_line_without_number(self, &mut line);
        // an item of one's own tells nothing without its name
        for (id, Field { value, original }) in self.own().filter(|(_, field)| !field.is_empty()) {
            let [length, source] = [value.len(), original.len()];
            // a string takes everything
            write!(line, "\n{id},{length},{source},{value}{original}").unwrap_or_default();
        }
        crate::hash::Sha256Hex::of(line.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::Record;

    #[test]
    fn the_content_key_forgets_the_place_in_the_file() {
        let mut record = Record::new();
        record.set_id("name_kana", "ヤマダ ハナコ");
        record.set_id("record_no", "1");
        let first = record.content_key();
        record.set_id("record_no", "20");
        assert_eq!(record.content_key(), first);
        record.set_id("height", "160.0");
        assert_ne!(record.content_key(), first);
    }

    #[test]
    fn only_pairs_keep_the_source_cell() {
        let mut record = Record::new();
        let tables = crate::tables();
        record.set_original(tables.column("name_kana").unwrap(), "ﾔﾏﾀﾞ");
        record.set_original(tables.column("height").unwrap(), "１６０");
        assert_eq!(record.original(tables.column("name_kana").unwrap()), "");
        assert_eq!(record.original(tables.column("height").unwrap()), "１６０");
    }
}
