//! What the 特定健診 documents of a conversion say less than their records.

use std::collections::BTreeMap;

use renkei_checkup::Record;
use serde::Serialize;

/// Records that are named for an item; the others are counted.
const NAMED: usize = 20;

/// An item that the form has no place for as it is, and whose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ShortenedItem {
    /// The item: an address is cut, anything else left out.
    pub item: String,
    /// In how many records.
    pub records: u64,
    /// The first of them.
    pub first: Vec<ShortenedRecord>,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShortenedRecord {
    /// Its number in the export.
    pub record_no: String,
    /// The institution's number of the person.
    pub patient_id: String,
}

/// What has been seen so far.
#[derive(Default)]
pub(crate) struct Shortened(BTreeMap<&'static str, ShortenedItem>);

impl Shortened {
    /// Adds the items of one record.
    pub(crate) fn add(&mut self, items: &[&'static str], record: &Record) {
        for item in items {
            let seen = self.0.entry(item).or_default();
            seen.records += 1;
            if seen.first.len() < NAMED {
                let [record_no, patient_id] =
                    ["record_no", "patient_id"].map(|id| record.get(id).to_owned());
                seen.first.push(ShortenedRecord { record_no, patient_id });
            }
        }
    }

    /// The items in the order of their ids.
    pub(crate) fn into_items(self) -> Vec<ShortenedItem> {
        let named =
            |(item, seen): (&str, ShortenedItem)| ShortenedItem { item: item.to_owned(), ..seen };
        self.0.into_iter().map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{NAMED, Shortened};
    use renkei_checkup::Record;

    #[test]
    fn the_first_records_are_named_and_all_counted() {
        let mut shortened = Shortened::default();
        for number in 1..=25 {
            let mut record = Record::new();
            record.set_id("record_no", &number.to_string());
            record.set_id("patient_id", &format!("P{number}"));
            shortened
                .add(if number == 3 { &["address", "inst_tel"] } else { &["address"] }, &record);
        }
        let items = shortened.into_items();
        let [address, telephone] = items.as_slice() else { panic!("{items:?}") };
        assert_eq!((address.item.as_str(), address.records), ("address", 25));
        assert_eq!(address.first.len(), NAMED);
        assert_eq!((telephone.item.as_str(), telephone.records), ("inst_tel", 1));
        assert_eq!(telephone.first[0].patient_id, "P3");
    }
}
