//! The tables that names and places are drawn from.

use std::sync::LazyLock;

/// A word of a name or place, in kanji and kana.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Word {
    /// In kanji.
    pub kanji: String,
    /// In kana.
    pub kana: String,
}

/// A given name that was common in its time.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) word: Word,
    pub(crate) is_female: bool,
    /// The year in which most were called so.
    pub(crate) peak: i32,
    pub(crate) share: u64,
}

/// A city.
#[derive(Debug)]
pub(crate) struct City {
    pub(crate) state: String,
    pub(crate) name: String,
    /// The first three digits of its postal codes.
    pub(crate) postal: String,
    pub(crate) dial: String,
    pub(crate) share: u64,
}

/// The tables.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) families: Vec<(Word, u64)>,
    pub(crate) given: Vec<Given>,
    elements: Vec<(String, Word)>,
    pub(crate) cities: Vec<City>,
}

pub(crate) static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    families: rows(include_str!("../tables/families.csv")).filter_map(family).collect(),
    given: rows(include_str!("../tables/given.csv")).filter_map(given).collect(),
    elements: rows(include_str!("../tables/elements.csv")).filter_map(element).collect(),
    cities: rows(include_str!("../tables/cities.csv")).filter_map(city).collect(),
});

impl Tables {
    /// The elements of a kind.
    pub(crate) fn elements(&self, kind: &str) -> Vec<Word> {
        let of = self.elements.iter().filter(|(of, _)| of == kind);
        of.map(|(_, word)| word.clone()).collect()
    }
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).map(|row| row.split(',').collect())
}

fn word(kanji: &str, kana: &str) -> Word {
    Word { kanji: kanji.to_owned(), kana: kana.to_owned() }
}

fn family(row: Vec<&str>) -> Option<(Word, u64)> {
    let [kanji, kana, share] = row.as_slice() else { return None };
    Some((word(kanji, kana), share.parse().ok()?))
}

fn given(row: Vec<&str>) -> Option<Given> {
    let [kanji, kana, sex, peak, share] = row.as_slice() else { return None };
    let (peak, share) = (peak.parse().ok()?, share.parse().ok()?);
    Some(Given { word: word(kanji, kana), is_female: *sex == "f", peak, share })
}

fn element(row: Vec<&str>) -> Option<(String, Word)> {
    let [kind, kanji, kana] = row.as_slice() else { return None };
    Some(((*kind).to_owned(), word(kanji, kana)))
}

fn city(row: Vec<&str>) -> Option<City> {
    let [state, name, postal, dial, share] = row.as_slice() else { return None };
    let [state, name, postal, dial] = [state, name, postal, dial].map(|text| (*text).to_owned());
    Some(City { state, name, postal, dial, share: share.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        let lines = |table: &str| table.lines().count() - 1;
        assert_eq!(TABLES.families.len(), lines(include_str!("../tables/families.csv")));
        assert_eq!(TABLES.given.len(), lines(include_str!("../tables/given.csv")));
        assert_eq!(TABLES.elements.len(), lines(include_str!("../tables/elements.csv")));
        assert_eq!(TABLES.cities.len(), lines(include_str!("../tables/cities.csv")));
    }
}
