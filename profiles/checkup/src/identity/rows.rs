//! Rows of one export that tell of one checkup (E017).

use std::hash::{Hash, Hasher};

use super::comparison::{Card, comparison_form, insurer};
use super::encoding::{Encoder, Key};
use crate::Record;

/// One checkup of one person, as two rows of an export may both tell of it. Where a row has neither
/// 記号 nor 番号, the person's number stands for them; it is no card of that number.
pub fn duplicate(record: &Record) -> Key {
    let mut key = Encoder::new("row");
    let field = |id| record.get(id);
    key.field(field("inst_no")).field(&insurer(record));
    let card = Card::of(record);
    if card.symbol.is_empty() && card.number.is_empty() {
        key.field("number").field(field("patient_id"));
    } else {
        key.field("card").field(&card.symbol).field(&card.number);
    }
    for id in ["birth_date", "name_kana", "exam_date", "program_code"] {
        key.field(field(id));
    }
    key.finish()
}

/// Everything a row says, but for its place in the file and the cells it was made from, for a hash
/// that compares the rows of one file.
pub fn content(record: &Record, hash: &mut impl Hasher) {
    for (column, field) in record.iter().filter(|(_, field)| !field.value.is_empty()) {
        match column.id.as_str() {
            "record_no" => continue,
            "card_symbol" | "card_number" => comparison_form(&field.value).hash(hash),
            _ => field.value.hash(hash),
        }
        column.position.hash(hash);
    }
}
