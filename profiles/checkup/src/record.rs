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

/// All items of one checkup, in the order of the column table.
///
/// A record can be cleared and filled again without giving its memory back, so that a long file is
/// converted in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    fields: Vec<Field>,
}

impl Default for Record {
    fn default() -> Self {
        Self::new()
    }
}

impl Record {
    /// An empty record.
    pub fn new() -> Self {
        Self { fields: vec![Field::default(); tables().columns().len()] }
    }

    /// Empties all items.
    pub fn clear(&mut self) {
        for field in &mut self.fields {
            field.value.clear();
            field.original.clear();
        }
    }

    /// The standard value of an item by id; empty for an id the table does not have.
    pub fn get(&self, id: &str) -> &str {
        tables().column(id).map_or("", |column| self.value(column))
    }

    /// The standard value of an item.
    pub fn value(&self, column: &Column) -> &str {
        self.fields.get(column.position).map_or("", |field| &field.value)
    }

    /// The source cell of an item.
    pub fn original(&self, column: &Column) -> &str {
        self.fields.get(column.position).map_or("", |field| &field.original)
    }

    /// Sets the standard value of an item.
    pub fn set(&mut self, column: &Column, value: &str) {
        if let Some(field) = self.fields.get_mut(column.position) {
            field.value.clear();
            field.value.push_str(value);
        }
    }

    /// Sets the standard value of an item to what is written out.
    pub fn write(&mut self, column: &Column, value: impl Display) {
        if let Some(field) = self.fields.get_mut(column.position) {
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
        if let Some(field) = self.fields.get_mut(column.position) {
            field.original.clear();
            field.original.push_str(cell);
        }
    }

    /// The items, in table order.
    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The items with their columns, in table order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Column, &Field)> {
        tables().columns().iter().zip(&self.fields)
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
