//! What must hold between the fields of an item, and between the tables.

use super::column::{Column, Kind, ValueType};
use super::mistakes::{Mistakes, Row};
use super::{Method, Tables};

/// The column table.
pub(super) const COLUMNS: &str = "columns.csv";
const METHODS: &str = "item-methods.csv";
/// The list of standard judgement terms.
pub(super) const JUDGEMENTS: &str = "kcsv:J1";
/// No field of the standard record is longer, in bytes of UTF-8.
const MAX_BYTES: usize = 512;
/// Letters of an item code (JLAC10 with its result identification).
const CODE_LENGTH: usize = 17;

/// Tells the mistakes of one item.
pub(super) fn column(mistakes: &Mistakes, tables: &Tables, row: &Row<Column>) {
    let Row { row: column, line } = row;
    let place = Place { mistakes, line: *line };
    identity(&place, column);
    codes(&place, tables, column);
    value(&place, column);
    limits(&place, column);
    references(&place, tables, column);
}

struct Place<'a> {
    mistakes: &'a Mistakes,
    line: u64,
}

impl Place<'_> {
    fn wrong(&self, column: &str, value: &str, en: &str, ja: &str) {
        self.mistakes.add(COLUMNS, self.line, column, value, (en, ja));
    }
}

fn identity(place: &Place<'_>, column: &Column) {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if column.id.is_empty() || !column.id.bytes().all(letter) {
        let en = "lower-case letters, digits and _ expected";
        place.wrong("id", &column.id, en, "英小文字、数字、_ で指定します");
    }
    place.mistakes.demand(COLUMNS, place.line, "name_ja", &column.name_ja);
    place.mistakes.demand(COLUMNS, place.line, "name_en", &column.name_en);
    if !(1..=MAX_BYTES).contains(&column.max_bytes) {
        let value = column.max_bytes.to_string();
        place.wrong("max_bytes", &value, "1 to 512 expected", "1〜512で指定します");
    }
}

fn codes(place: &Place<'_>, tables: &Tables, column: &Column) {
    for code in column.codes() {
        if code.len() != CODE_LENGTH || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            place.wrong("jlac10", code, "17 letters and digits expected", "17桁の英数字です");
        }
    }
    if column.jlac10.is_empty() {
        for code in column.alternatives() {
            let en = "an alternative to no code";
            place.wrong("alt_jlac10", code, en, "主たる項目コードがありません");
        }
    }
    // where methods differ, the documents must name the one that was used; a text has none
    let known = |code: &&str| tables.method(code).is_some();
    let measured = column.value_type != Some(ValueType::St);
    let methods_differ = measured && column.alternatives().next().is_some();
    if column.codes().any(|code| known(&code)) || methods_differ {
        for code in column.codes().filter(|code| !known(code)) {
            place.mistakes.unknown(COLUMNS, place.line, "jlac10", code, METHODS);
        }
    }
}

fn value(place: &Place<'_>, column: &Column) {
    let coded = matches!(column.value_type, Some(ValueType::Cd | ValueType::Co));
    let fits = match column.kind {
        Kind::Num => column.value_type == Some(ValueType::Pq),
        Kind::Term => column.value_type.is_none() || coded,
        Kind::Text | Kind::Multi | Kind::Date => {
            matches!(column.value_type, None | Some(ValueType::St))
        }
        Kind::Id | Kind::Int | Kind::Code | Kind::Judge | Kind::Kana | Kind::Name => {
            column.value_type.is_none()
        }
    };
    if !fits {
        let found = format!("{:?}", column.value_type);
        let en = format!("does not go with the kind {:?}", column.kind);
        place.wrong("value_type", &found, &en, "kind と合いません");
    }
    if (column.value_type == Some(ValueType::Pq)) == column.unit_ucum.is_empty() {
        let (en, ja) = ("numbers have a unit, others have none", "数値項目だけに単位が必要です");
        place.wrong("unit_ucum", &column.unit_ucum, en, ja);
    }
    let decimals = column.decimals.map_or(String::new(), |decimals| decimals.to_string());
    if (column.kind == Kind::Num) != column.decimals.is_some() {
        let (en, ja) =
            ("numbers have decimals, others have none", "数値項目だけに小数桁数が必要です");
        place.wrong("decimals", &decimals, en, ja);
    }
    if column.value_type.is_some() && !column.pair {
        let en = "a result keeps its source cell: 1 expected";
        place.wrong("pair", "0", en, "結果項目は原本の値を残します。1 が必要です");
    }
}

fn limits(place: &Place<'_>, column: &Column) {
    let numeric = matches!(column.kind, Kind::Num | Kind::Int);
    let (least, greatest) = (column.min_plausible, column.max_plausible);
    if !numeric && (least.is_some() || greatest.is_some()) {
        let value = least.or(greatest).map_or(String::new(), |limit| limit.to_string());
        let (en, ja) = ("only numbers have limits", "数値項目だけに指定できます");
        place.wrong("min_plausible", &value, en, ja);
    }
    if let (Some(least), Some(greatest)) = (least, greatest)
        && least > greatest
    {
        let en = format!("is above max_plausible {greatest}");
        let ja = format!("max_plausible {greatest} を超えています");
        place.wrong("min_plausible", &least.to_string(), &en, &ja);
    }
}

fn references(place: &Place<'_>, tables: &Tables, column: &Column) {
    let Place { mistakes, line } = place;
    if column.is_term() && tables.terms(&column.value_set).is_empty() {
        let file = "value-sets.csv";
        mistakes.unknown(COLUMNS, *line, "value_set", &column.value_set, file);
    }
    if (column.kind == Kind::Judge) != (column.value_set == JUDGEMENTS) {
        let en = "judgements, and only these, have the terms of kcsv:J1";
        place.wrong("value_set", &column.value_set, en, "kcsv:J1 は判定項目だけの用語です");
    }
    if !column.component_of.is_empty() {
        match tables.column(&column.component_of) {
            None => mistakes.unknown(COLUMNS, *line, "component_of", &column.component_of, COLUMNS),
            Some(whole) if whole.id == column.id || !whole.component_of.is_empty() => {
                let en = "must be an item that is no component itself";
                let ja = "それ自身が構成要素ではない項目を指定します";
                place.wrong("component_of", &column.component_of, en, ja);
            }
            Some(_) => {}
        }
    }
    if column.group_code.is_empty() != column.group_role.is_none() {
        let (en, ja) = ("goes with group_code", "group_code と対で指定します");
        place.wrong("group_role", &format!("{:?}", column.group_role), en, ja);
    }
    if column.fhir_section.is_some() {
        mistakes.demand(COLUMNS, *line, "jlac10", &column.jlac10);
        if column.value_type.is_none() {
            mistakes.demand(COLUMNS, *line, "value_type", "");
        }
    }
}

/// Tells methods of codes that no item has.
pub(super) fn methods(mistakes: &Mistakes, tables: &Tables, text: &str) {
    // mistakes of form were told when the rows were read
    for Row { row, line } in Mistakes::default().rows::<Method>(METHODS, text) {
        if tables.column_of_code(&row.jlac10).is_none() {
            mistakes.unknown(METHODS, line, "jlac10", &row.jlac10, COLUMNS);
        }
    }
}
