//! The mapping file: how the columns of one institution's export become items of the standard
//! record. TOML; every mistake is told at once, with its line and what would be right.

pub mod check;
mod claims;
mod coverage;
mod form;
pub mod mistakes;
mod nulls;
mod own_items;
mod problems;
mod source;
mod table;
mod title;
mod values;
mod vocabularies;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use renkei_checkup::decimal::Decimal;
use renkei_checkup::hs037::{Practice, ReferenceRange};
use renkei_checkup::{Column, Kind, kcsv, terms};
use toml::de::DeTable;

use claims::Claims;

pub(crate) use form::{ColumnRule, Form, Splitter};
pub(crate) use nulls::{Absence, Nulls};
pub(crate) use problems::Problems;
pub use problems::{MappingError, MappingErrors};
pub(crate) use source::{Charset, Long, ShortRows, Source};
pub(crate) use table::{Located, Table};
pub(crate) use title::{From, Title};
pub(crate) use values::mistake_in_standard_value;
pub(crate) use vocabularies::{NamedVocabulary, Vocabulary};

/// An item of the column table.
pub(crate) type Item = &'static Column;

/// A mapping that was read without a mistake.
#[derive(Debug)]
pub struct Mapping {
    version: String,
    pub(crate) source: Source,
    pub(crate) long: Option<Long>,
    /// Items of the institution's own, in their order.
    pub(crate) own: Vec<Item>,
    pub(crate) constants: Vec<(Item, String)>,
    pub(crate) nulls: Nulls,
    pub(crate) columns: Vec<ColumnRule>,
    pub(crate) check_institution_number: bool,
    pub(crate) vocabularies: Vec<NamedVocabulary>,
    /// The items of `[jlac10]` and `[[range]]`, each with its key and line.
    pub(crate) practised: Vec<(Item, String, usize)>,
    practice: Practice,
}

impl Mapping {
    /// As [`Mapping::read`], for bytes that should be UTF-8.
    pub fn read_bytes(file: &str, bytes: &[u8]) -> Result<Self, MappingErrors> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::read(file, text),
            Err(error) => {
                let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let line = 1 + memchr::memchr_iter(b'\n', before).count();
                let error = MappingError {
                    line,
                    key: "UTF-8".to_owned(),
                    en: "the file is not UTF-8; save it as UTF-8".to_owned(),
                    ja: "UTF-8ではありません。UTF-8で保存してください".to_owned(),
                };
                Err(MappingErrors { file: file.to_owned(), errors: vec![error] })
            }
        }
    }

    /// Reads a mapping; `file` names it in the mistakes.
    pub fn read(file: &str, text: &str) -> Result<Self, MappingErrors> {
        let problems = Problems::new(text);
        let mapping = {
            let (root, errors) = DeTable::parse_recoverable(text);
            for error in &errors {
                let span = error.span().unwrap_or(Range { start: 0, end: 0 });
                problems.syntax(text, &span, error.message());
            }
            if errors.is_empty() { whole(&problems, root.get_ref()) } else { None }
        };
        match mapping {
            Some(mapping) if problems.is_empty() => Ok(mapping),
            _ => Err(problems.into_errors(file)),
        }
    }

    /// `map_version` of the file.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Methods and reference ranges of the institution, for the documents.
    pub fn practice(&self) -> &Practice {
        &self.practice
    }

    /// The encoding of the exports, by its name in the Encoding Standard.
    pub fn encoding(&self) -> &'static str {
        self.source.charset.encoding().name()
    }

    /// Whether the exports begin with a byte order mark.
    pub fn has_byte_order_mark(&self) -> bool {
        self.source.byte_order_mark
    }

    /// The columns that are read, as the mapping names them.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().flat_map(|rule| rule.from.titles()).map(Title::as_str)
    }

    /// Whether the exports have one row a test (`[long]`).
    pub fn is_long(&self) -> bool {
        self.long.is_some()
    }

    /// Items of the institution's own, in the order of their columns in the standard CSV.
    pub fn own_items(&self) -> &[&'static Column] {
        &self.own
    }

    /// The fixed value of an item, such as `inst_no`; none when it comes from a column.
    pub fn constant(&self, id: &str) -> Option<&str> {
        self.constants.iter().find(|(item, _)| item.id == id).map(|(_, value)| value.as_str())
    }
}

/// Reads everything; the result is used only when no problem was found.
fn whole<'a>(problems: &'a Problems, map: &'a DeTable<'a>) -> Option<Mapping> {
    let root = Table::new(problems, map, String::new(), 1);
    let en = "the version of this mapping, such as \"1.0.0\"";
    let version = root.required("map_version", en, "このマッピングの版（例 \"1.0.0\"）が必要です");
    if let Some(version) = version.as_ref().filter(|version| version.value.trim().is_empty()) {
        problems.add(
            version.line,
            "map_version",
            format!("is empty; {en}"),
            "空です。例 \"1.0.0\"",
        );
    }
    let (en, ja) = (format!("right is {:?}", kcsv::PROFILE), format!("正: {:?}", kcsv::PROFILE));
    if let Some(profile) = root.required("profile", &en, &ja)
        && profile.value != kcsv::PROFILE
    {
        let found = profile.value;
        problems.add(profile.line, "profile", format!("{found:?} is not known; {en}"), ja);
    }
    let mut claims = Claims::default();
    let source = source::source(&root);
    let long = source::long(&root);
    let own = own_items::read(&root);
    let constants = constants(&root, &mut claims);
    let nulls = nulls(&root);
    let (practice, practised) = practice(&root);
    let (columns, vocabularies) = columns(&root, &mut claims, &nulls);
    let checks = root.table("checks");
    let check_institution_number =
        checks.as_ref().is_none_or(|table| table.flag("institution_check_digit", true));
    if let Some(table) = checks {
        table.finish();
    }
    root.finish();
    Some(Mapping {
        version: version?.value.to_owned(),
        source: source?,
        long,
        own,
        constants,
        nulls,
        columns,
        check_institution_number,
        vocabularies,
        practised,
        practice,
    })
}

fn constants(root: &Table<'_>, claims: &mut Claims) -> Vec<(Item, String)> {
    let mut found = Vec::new();
    for Located { value: (id, value), line } in root.pairs("const") {
        let key = format!("const.{id}");
        let Some(item) = values::item(root.problems, line, &key, id) else { continue };
        claims.claim(root.problems, item, line, &key);
        match values::mistake_in_standard_value(item, value) {
            Some((en, ja)) => root.problems.add(line, &key, en, ja),
            None => found.push((item, value.to_owned())),
        }
    }
    found
}

fn nulls(root: &Table<'_>) -> Nulls {
    root.table("null").map_or_else(Nulls::default, |table| nulls::read(&table, &Nulls::default()))
}

fn practice(root: &Table<'_>) -> (Practice, Vec<(Item, String, usize)>) {
    let mut practice = Practice::default();
    let mut practised = Vec::new();
    for Located { value: (id, code), line } in root.pairs("jlac10") {
        let key = format!("jlac10.{id}");
        let Some(item) = values::item(root.problems, line, &key, id) else { continue };
        if item.has_code(code) && !code.is_empty() {
            practice.set_code(item, code);
            practised.push((item, key, line));
            continue;
        }
        let known: Vec<&str> =
            std::iter::once(item.jlac10.as_str()).chain(item.alternatives()).collect();
        let known = known.join(", ");
        let (en, ja) = if item.jlac10.is_empty() {
            (
                "this item has no code; delete the line".to_owned(),
                "この項目にはコードがありません。行を削除してください".to_owned(),
            )
        } else {
            (
                format!("{code:?} is not a code of this item; right is one of {known}"),
                format!("この項目のコードではありません。正: {known}"),
            )
        };
        root.problems.add(line, &key, en, ja);
    }
    let mut earlier: HashMap<(usize, Option<String>), usize> = HashMap::new();
    for table in root.tables("range") {
        if let Some(range) = range(&table) {
            practised.push((range.item, table.key("id"), table.line));
            let whose = (range.item.position, range.sex.clone());
            if let Some(first) = earlier.insert(whose, table.line) {
                let en = format!("the range of this item and sex stands on line {first} already");
                let ja = format!("同じ項目・性別の範囲が{first}行目にあります");
                table.problems.add(table.line, &table.key("id"), en, ja);
            }
            practice.add_range(range);
        }
        table.finish();
    }
    (practice, practised)
}

fn range(table: &Table<'_>) -> Option<ReferenceRange> {
    let sex = table.text("sex");
    let (low, high) = (table.number("low"), table.number("high"));
    let id = table.required("id", "the item the range belongs to", "対象の項目idが必要です")?;
    let item = values::item(table.problems, id.line, &table.key("id"), id.value)?;
    if item.kind != Kind::Num {
        let en = format!("{} is not a measured number", item.id);
        table.problems.add(id.line, &table.key("id"), en, "数値項目ではありません");
        return None;
    }
    let sex = match sex {
        None => None,
        Some(sex) if sex.value == "*" => None,
        Some(sex) if matches!(sex.value, terms::MALE | terms::FEMALE) => Some(sex.value.to_owned()),
        Some(sex) => {
            let en = format!("{:?} is not known; right is \"*\", \"男\" or \"女\"", sex.value);
            table.problems.add(sex.line, &table.key("sex"), en, "正: \"*\"、\"男\"、\"女\"");
            None
        }
    };
    let value = |limit: &Option<Located<Decimal>>| limit.as_ref().map(|limit| limit.value);
    let (least, greatest) = (value(&low), value(&high));
    if least.is_none() && greatest.is_none() {
        table.missing("low", "say `low`, `high` or both", "low か high が必要です");
        return None;
    }
    if let (Some(least), Some(greatest)) = (least, greatest)
        && least > greatest
    {
        let en = "`low` is above `high`";
        table.problems.add(table.line, &table.key("low"), en, "low が high を超えています");
    }
    Some(ReferenceRange { item, sex, low: least, high: greatest })
}

fn columns(
    root: &Table<'_>,
    claims: &mut Claims,
    nulls: &Nulls,
) -> (Vec<ColumnRule>, Vec<NamedVocabulary>) {
    let mut vocabularies = vocabularies::Vocabularies::default();
    if let Some(all) = root.table("vocab") {
        for (name, table) in all.all_tables() {
            vocabularies.add(name, table.all_pairs());
        }
    }
    let tables = root.tables("col");
    if tables.is_empty() && !root.has("col") {
        let en = "map at least one column with [[col]]";
        root.missing("col", en, "[[col]] で列を対応付けてください");
    }
    let mut found = Vec::new();
    for table in tables {
        if let Some(rule) = form::read(&table, &mut vocabularies, nulls) {
            for item in rule.form.items() {
                claims.claim(root.problems, item, table.line, &table.key("to"));
            }
            found.push(rule);
        }
    }
    (found, vocabularies.into_named())
}

/// The shared form of a vocabulary inside the rules.
type SharedVocabulary = Arc<Vocabulary>;

#[cfg(test)]
mod tests;
