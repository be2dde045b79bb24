//! Items whose code follows the method of another item: the texts of a chest X-ray are other items
//! when the picture was taken indirectly.

use std::sync::LazyLock;

use serde::Deserialize;

const COMPANIONS: &str = include_str!("../tables/companions.csv");

/// One item, and what it becomes.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Companion {
    /// The item that has methods.
    #[serde(rename = "item")]
    pub(crate) main: String,
    /// Its code for one of them.
    #[serde(rename = "jlac10")]
    pub(crate) main_jlac10: String,
    /// The item that follows.
    #[serde(rename = "companion")]
    item: String,
    /// The code it has then.
    #[serde(rename = "companion_jlac10")]
    pub(crate) jlac10: String,
    /// The name it has then.
    #[serde(rename = "companion_name")]
    pub(crate) name: String,
}

/// As with [`crate::tables()`], the tests find a mistake in the data file.
fn all() -> &'static [Companion] {
    static TABLE: LazyLock<Vec<Companion>> = LazyLock::new(|| read(COMPANIONS).unwrap_or_default());
    &TABLE
}

fn read(text: &str) -> Result<Vec<Companion>, csv::Error> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect()
}

/// What an item can become.
pub(crate) fn of_item(id: &str) -> impl Iterator<Item = &'static Companion> {
    all().iter().filter(move |companion| companion.item == id)
}

/// The row of a code.
pub(crate) fn by_code(jlac10: &str) -> Option<&'static Companion> {
    all().iter().find(|companion| companion.jlac10 == jlac10)
}

#[cfg(test)]
mod tests {
    use super::{COMPANIONS, read};
    use crate::tables;

    #[test]
    fn every_code_is_one_of_its_item() {
        for row in read(COMPANIONS).unwrap() {
            for (id, code) in [(&row.main, &row.main_jlac10), (&row.item, &row.jlac10)] {
                let item = tables().column(id).unwrap();
                assert!(item.has_code(code), "{id}: {code}");
            }
        }
    }
}
