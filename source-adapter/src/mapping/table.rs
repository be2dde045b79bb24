//! A TOML table read key by key, each value with its line.

use std::borrow::Cow;
use std::cell::RefCell;

use renkei_checkup::decimal::Decimal;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistakes;
use super::problems::Problems;

/// A value and the line it stands on.
#[derive(Clone, Debug)]
pub(crate) struct Located<T> {
    pub(crate) value: T,
    pub(crate) line: usize,
}

/// One table of the file; `finish` reports keys nobody asked for.
pub(crate) struct Table<'a> {
    pub(crate) problems: &'a Problems,
    map: &'a DeTable<'a>,
    pub(crate) path: String,
    pub(crate) line: usize,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(
        problems: &'a Problems,
        map: &'a DeTable<'a>,
        path: String,
        line: usize,
    ) -> Self {
        Self { problems, map, path, line, asked: RefCell::new(Vec::new()) }
    }

    /// The full name of a key.
    pub(crate) fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(crate) fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    pub(crate) fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().push(key);
        self.map.get(key)
    }

    pub(crate) fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'_>>, en: &str, ja: &str) {
        let found = match value.get_ref() {
            DeValue::Integer(integer) => integer.as_str().to_owned(),
            DeValue::Float(float) => float.as_str().to_owned(),
            DeValue::String(text) => format!("{text:?}"),
            other => other.type_str().to_owned(),
        };
        let values = [("found", found.as_str()), ("expected", en), ("expected_ja", ja)];
        let line = self.problems.line(&value.span());
        self.problems.tell(line, &self.key(key), &mistakes::WRONG_TYPE, &values);
    }

    pub(crate) fn missing(&self, key: &str, en: &str, ja: &str) {
        let values = [("expected", en), ("expected_ja", ja)];
        self.problems.tell(self.line, &self.key(key), &mistakes::MISSING, &values);
    }

    pub(crate) fn text(&self, key: &'static str) -> Option<Located<&'a str>> {
        let value = self.get(key)?;
        let text = self.text_of(key, value);
        text.map(|text| Located { value: text, line: self.problems.line(&value.span()) })
    }

    fn text_of(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Option<&'a str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(key, value, "a text", "文字列");
        }
        text
    }

    /// A text that must be there.
    pub(crate) fn required(
        &self,
        key: &'static str,
        en: &str,
        ja: &str,
    ) -> Option<Located<&'a str>> {
        if !self.has(key) {
            self.missing(key, en, ja);
        }
        self.text(key)
    }

    pub(crate) fn flag(&self, key: &'static str, default: bool) -> bool {
        let Some(value) = self.get(key) else { return default };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong_type(key, value, "true or false", "true または false");
            default
        })
    }

    pub(crate) fn whole(&self, key: &'static str) -> Option<Located<u32>> {
        let value = self.get(key)?;
        let number = value.get_ref().as_integer().and_then(|i| i.as_str().parse().ok());
        if number.is_none() {
            self.wrong_type(key, value, "a whole number from 0", "0以上の整数");
        }
        number.map(|number| Located { value: number, line: self.problems.line(&value.span()) })
    }

    pub(crate) fn number(&self, key: &'static str) -> Option<Located<Decimal>> {
        let value = self.get(key)?;
        let text = match value.get_ref() {
            DeValue::Integer(integer) => Some(integer.as_str()),
            DeValue::Float(float) => Some(float.as_str()),
            _ => None,
        };
        let number = text.and_then(Decimal::parse_scientific);
        if number.is_none() {
            self.wrong_type(
                key,
                value,
                "a decimal number of at most 15 digits",
                "15桁以内の十進数",
            );
        }
        number.map(|number| Located { value: number, line: self.problems.line(&value.span()) })
    }

    /// A text or a list of texts.
    pub(crate) fn texts(&self, key: &'static str) -> Vec<Located<&'a str>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let one = |value: &'a Spanned<DeValue<'a>>| {
            let text = self.text_of(key, value)?;
            Some(Located { value: text, line: self.problems.line(&value.span()) })
        };
        match value.get_ref().as_array() {
            Some(list) => list.iter().filter_map(one).collect(),
            None => one(value).into_iter().collect(),
        }
    }

    pub(crate) fn strings(&self, key: &'static str) -> Vec<String> {
        self.texts(key).into_iter().map(|text| text.value.to_owned()).collect()
    }

    /// The pairs of a table whose values are texts; the line is that of the key.
    pub(crate) fn pairs(&self, key: &'static str) -> Vec<Located<(&'a str, &'a str)>> {
        self.table(key).map_or_else(Vec::new, |table| table.all_pairs())
    }

    /// All keys of this table as pairs of texts.
    pub(crate) fn all_pairs(&self) -> Vec<Located<(&'a str, &'a str)>> {
        let mut pairs: Vec<_> = self
            .map
            .iter()
            .filter_map(|(key, value)| {
                let name = key.get_ref().as_ref();
                let text = self.text_of(name, value)?;
                Some(Located { value: (name, text), line: self.problems.line(&key.span()) })
            })
            .collect();
        pairs.sort_by_key(|pair| pair.line);
        pairs
    }

    /// All keys of this table, each with its text or list of texts.
    pub(crate) fn all_texts(&self) -> Vec<(String, Vec<String>)> {
        let texts = |(key, value): (&'a Spanned<_>, &'a Spanned<DeValue<'a>>)| {
            let name: &Cow<'a, str> = key.get_ref();
            let one = |value| self.text_of(name, value).map(str::to_owned);
            let texts = match value.get_ref().as_array() {
                Some(list) => list.iter().map(one).collect::<Option<Vec<_>>>(),
                None => one(value).map(|text| vec![text]),
            };
            Some((name.to_string(), texts?))
        };
        self.map.iter().filter_map(texts).collect()
    }

    pub(crate) fn table(&self, key: &'static str) -> Option<Table<'a>> {
        let value = self.get(key)?;
        let line = self.problems.line(&value.span());
        match value.get_ref().as_table() {
            Some(map) => Some(Table::new(self.problems, map, self.key(key), line)),
            None => {
                self.wrong_type(key, value, "a table", "テーブル");
                None
            }
        }
    }

    /// All tables of this table, by name.
    pub(crate) fn all_tables(&self) -> Vec<(&'a str, Table<'a>)> {
        self.map
            .iter()
            .filter_map(|(key, value)| {
                let name = key.get_ref().as_ref();
                let Some(map) = value.get_ref().as_table() else {
                    self.wrong_type(name, value, "a table", "テーブル");
                    return None;
                };
                let line = self.problems.line(&key.span());
                Some((name, Table::new(self.problems, map, self.key(name), line)))
            })
            .collect()
    }

    /// The tables of an array of tables, in order.
    pub(crate) fn tables(&self, key: &'static str) -> Vec<Table<'a>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "an array of tables", "テーブルの配列");
            return Vec::new();
        };
        list.iter()
            .enumerate()
            .filter_map(|(index, value)| {
                let path = format!("{}[{}]", self.key(key), index + 1);
                let line = self.problems.line(&value.span());
                let map = value.get_ref().as_table();
                if map.is_none() {
                    self.wrong_type(key, value, "a table", "テーブル");
                }
                map.map(|map| Table::new(self.problems, map, path, line))
            })
            .collect()
    }

    /// Reports keys that nothing read.
    pub(crate) fn finish(&self) {
        let asked = self.asked.borrow();
        for key in self.map.keys() {
            let name = key.get_ref().as_ref();
            if !asked.contains(&name) {
                let mut known = asked.clone();
                known.sort_unstable();
                known.dedup();
                let known = known.join(", ");
                let line = self.problems.line(&key.span());
                let values = [("known", known.as_str())];
                self.problems.tell(line, &self.key(name), &mistakes::UNKNOWN_KEY, &values);
            }
        }
    }
}
