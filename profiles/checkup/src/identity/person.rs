//! Who a record is about.

use super::comparison::{Card, insurer, name_form};
use super::encoding::{Encoder, Key, encode};
use crate::Record;

/// The person as the institution numbers them (E020); none without a number.
pub fn local_person(record: &Record) -> Option<Key> {
    let number = record.get("patient_id");
    if number.is_empty() {
        return None;
    }
    let mut key = Encoder::new("local person");
    key.field(record.get("inst_no")).field(number);
    Some(key.finish())
}

/// What makes the person in the affinity domain, for whoever derives an id from it under a key of the
/// domain: the insured person's card, by which other institutions know them too, else the number that
/// this institution gave them; with birth date, name and sex, since a family shares a card.
pub fn patient(record: &Record) -> Vec<u8> {
    let card = Card::of(record);
    let insurer = insurer(record);
    let name = name_form(record.get("name_kana"));
    let person = [record.get("birth_date"), &name, record.get("sex")];
    if insurer.is_empty() || card.number.is_empty() {
        let local = [record.get("inst_no"), record.get("patient_id")];
        encode("patient by number", local.into_iter().chain(person))
    } else {
        let card = [&*insurer, &card.symbol, &card.number];
        encode("patient by card", card.into_iter().chain(person))
    }
}
