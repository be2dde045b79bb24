//! The tables of items, terms and methods, read once from the data files of the crate.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::decimal::Decimal;

const COLUMNS: &str = include_str!("../tables/columns.csv");
const VALUE_SETS: &str = include_str!("../tables/value-sets.csv");
const METHODS: &str = include_str!("../tables/item-methods.csv");

/// The tables in force.
///
/// A mistake in the data files is found by the tests of this crate, so a build that passed them
/// never sees the empty tables that stand in for unreadable ones.
pub fn tables() -> &'static Tables {
    static TABLES: LazyLock<Tables> =
        LazyLock::new(|| Tables::read(COLUMNS, VALUE_SETS, METHODS).unwrap_or_default());
    &TABLES
}

/// What kind of value an item holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An identifier, kept as written on its card or paper.
    Id,
    /// A whole number.
    Int,
    /// A code of an administrative table.
    Code,
    /// Free text.
    Text,
    /// Several texts joined by 「、」.
    Multi,
    /// A term of a value set.
    Term,
    /// A judgement term.
    Judge,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// A name in full-width katakana.
    Kana,
    /// A name.
    Name,
    /// A measured number.
    Num,
}

/// Whether an item must be present (労働安全衛生法 定期健診 or 特定健診).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Requirement {
    /// Must be filled.
    #[serde(rename = "R")]
    Required,
    /// Basic item; expected, may be 未実施.
    #[serde(rename = "B")]
    Basic,
    /// Conditional.
    #[serde(rename = "C")]
    Conditional,
    /// Detailed item, on the doctor's judgement.
    #[serde(rename = "D")]
    Detailed,
    /// Optional.
    #[serde(rename = "O")]
    Optional,
    /// Not used under this law.
    #[serde(rename = "-")]
    NotUsed,
}

/// HL7 data type of a result in the 特定健診 form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ValueType {
    /// Physical quantity.
    Pq,
    /// Coded value.
    Cd,
    /// Coded value with an order.
    Co,
    /// Text.
    St,
}

/// Where an item stands in the HS037 document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    /// 検査結果
    Results,
    /// 問診結果
    Questionnaire,
    /// 任意追加項目
    Additional,
}

/// How a member belongs to its 一連検査グループ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum GroupRole {
    /// A component of the group.
    Comp,
    /// The reason for the examination.
    Rson,
}

/// One item of the column table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Column {
    /// Place in the table, from 0.
    #[serde(skip)]
    pub position: usize,
    /// Stable id, the header of the standard CSV.
    pub id: String,
    /// Japanese name.
    pub name_ja: String,
    /// English name.
    pub name_en: String,
    /// Chapter of the table, such as `D5 脂質`.
    pub chapter: String,
    /// Kind of value.
    pub kind: Kind,
    /// Whether the source cell is kept in a second column.
    #[serde(deserialize_with = "flag")]
    pub pair: bool,
    /// 17-digit item code (JLAC10); empty for header items.
    pub jlac10: String,
    /// Codes for other methods, separated by `;`.
    alt_jlac10: String,
    /// Unit as printed.
    pub unit_display: String,
    /// Unit in UCUM.
    pub unit_ucum: String,
    /// HL7 data type; none for header items.
    pub value_type: Option<ValueType>,
    /// OID (or project name) of the value set of a coded item.
    pub value_set: String,
    /// Decimals of a number.
    pub decimals: Option<u32>,
    /// Least plausible number.
    #[serde(deserialize_with = "limit")]
    pub min_plausible: Option<Decimal>,
    /// Greatest plausible number.
    #[serde(deserialize_with = "limit")]
    pub max_plausible: Option<Decimal>,
    /// Longest standard value in bytes of UTF-8.
    pub max_bytes: usize,
    /// Requirement of 労働安全衛生法 定期健診.
    #[serde(rename = "req_industrial")]
    pub industrial: Requirement,
    /// Requirement of 特定健診.
    #[serde(rename = "req_specific")]
    pub specific: Requirement,
    /// Section code of the 特定健診 CDA form.
    pub cda_section: String,
    /// Section of HS037; none for items that are not sent as an observation.
    pub fhir_section: Option<Section>,
    /// Category of the observation.
    pub fhir_category: String,
    /// 一連検査グループコード; empty outside a group.
    pub group_code: String,
    /// Role inside the group.
    pub group_role: Option<GroupRole>,
    /// Id of the item whose observation carries this one as a component.
    pub component_of: String,
    /// Whether the item belongs to 労働安全衛生規則 44条.
    #[serde(deserialize_with = "flag")]
    pub statutory: bool,
}

impl Column {
    /// Codes for other methods than that of [`Column::jlac10`].
    pub fn alternatives(&self) -> impl Iterator<Item = &str> {
        self.alt_jlac10.split(';').filter(|code| !code.is_empty())
    }

    /// Whether a code names this item.
    pub fn has_code(&self, jlac10: &str) -> bool {
        self.jlac10 == jlac10 || self.alternatives().any(|code| code == jlac10)
    }

    /// Whether the value must be a term of [`Column::value_set`].
    pub fn is_term(&self) -> bool {
        matches!(self.kind, Kind::Term | Kind::Judge)
    }

    /// Whether the item is a text that explains another item.
    pub fn is_explanation(&self) -> bool {
        self.id.ends_with("_txt")
    }
}

/// One code of a value set.
#[derive(Clone, Debug, Deserialize)]
pub struct Term {
    value_set: String,
    /// The code.
    pub code: String,
    /// The display term, as in the standard record.
    pub term: String,
}

/// The method and official name behind a 17-digit item code.
#[derive(Clone, Debug, Deserialize)]
pub struct Method {
    jlac10: String,
    /// Name of the item under this code.
    pub item_name: String,
    /// Method code (1.2.392.200119.6.1007).
    pub method_code: String,
    /// Method name.
    pub method_name: String,
}

/// What is wrong with a table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A row does not have the form of its table.
    #[error("table {table}: {source}")]
    Row {
        /// Name of the data file.
        table: &'static str,
        /// Line and reason.
        source: csv::Error,
    },
    /// Two rows claim the same key.
    #[error("table {table}: {key} stands there twice")]
    Twice {
        /// Name of the data file.
        table: &'static str,
        /// Id or code.
        key: String,
    },
    /// A row names something another table does not have.
    #[error("columns: {id}: {what} names {value}, which does not exist")]
    Dangling {
        /// Item id.
        id: String,
        /// The field.
        what: &'static str,
        /// Its content.
        value: String,
    },
    /// A result without what its type demands.
    #[error("columns: {id}: {what} is missing")]
    Missing {
        /// Item id.
        id: String,
        /// The field.
        what: &'static str,
    },
}

/// All tables, with their look-ups.
#[derive(Debug, Default)]
pub struct Tables {
    columns: Vec<Column>,
    by_id: HashMap<String, usize>,
    by_code: HashMap<String, usize>,
    value_sets: HashMap<String, Vec<Term>>,
    methods: HashMap<String, Method>,
}

impl Tables {
    /// Reads and checks the three tables.
    pub fn read(columns: &str, value_sets: &str, methods: &str) -> Result<Self, TableError> {
        let mut tables = Self::default();
        for term in rows::<Term>("value-sets", value_sets)? {
            tables.value_sets.entry(term.value_set.clone()).or_default().push(term);
        }
        for method in rows::<Method>("item-methods", methods)? {
            let code = method.jlac10.clone();
            if tables.methods.insert(code.clone(), method).is_some() {
                return Err(TableError::Twice { table: "item-methods", key: code });
            }
        }
        for (position, mut column) in rows::<Column>("columns", columns)?.into_iter().enumerate() {
            column.position = position;
            tables.add(column)?;
        }
        for column in &tables.columns {
            tables.check(column)?;
        }
        Ok(tables)
    }

    fn add(&mut self, column: Column) -> Result<(), TableError> {
        let twice = |key: &str| TableError::Twice { table: "columns", key: key.to_owned() };
        if self.by_id.insert(column.id.clone(), column.position).is_some() {
            return Err(twice(&column.id));
        }
        let codes = std::iter::once(column.jlac10.as_str()).chain(column.alternatives());
        for code in codes.filter(|code| !code.is_empty()) {
            if self.by_code.insert(code.to_owned(), column.position).is_some() {
                return Err(twice(code));
            }
        }
        self.columns.push(column);
        Ok(())
    }

    fn check(&self, column: &Column) -> Result<(), TableError> {
        let dangling = |what, value: &str| {
            Err(TableError::Dangling { id: column.id.clone(), what, value: value.to_owned() })
        };
        let missing = |what| Err(TableError::Missing { id: column.id.clone(), what });
        if column.is_term() && self.terms(&column.value_set).is_empty() {
            return dangling("value_set", &column.value_set);
        }
        if !column.component_of.is_empty() && self.column(&column.component_of).is_none() {
            return dangling("component_of", &column.component_of);
        }
        if column.kind == Kind::Num && column.decimals.is_none() {
            return missing("decimals");
        }
        if column.value_type == Some(ValueType::Pq) && column.unit_ucum.is_empty() {
            return missing("unit_ucum");
        }
        if column.fhir_section.is_some() && column.value_type.is_none() {
            return missing("value_type");
        }
        if column.fhir_section.is_some() && column.jlac10.is_empty() {
            return missing("jlac10");
        }
        if column.group_code.is_empty() != column.group_role.is_none() {
            return missing("group_role");
        }
        Ok(())
    }

    /// All items in their order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// An item by id.
    pub fn column(&self, id: &str) -> Option<&Column> {
        self.by_id.get(id).and_then(|position| self.columns.get(*position))
    }

    /// An item by 17-digit code, alternatives included.
    pub fn column_of_code(&self, jlac10: &str) -> Option<&Column> {
        self.by_code.get(jlac10).and_then(|position| self.columns.get(*position))
    }

    /// The terms of a value set, in code order; empty when there is no such set.
    pub fn terms(&self, value_set: &str) -> &[Term] {
        self.value_sets.get(value_set).map_or(&[], Vec::as_slice)
    }

    /// A code of a value set by its term.
    pub fn term(&self, value_set: &str, term: &str) -> Option<&Term> {
        self.terms(value_set).iter().find(|row| row.term == term)
    }

    /// A term of a value set by its code.
    pub fn code(&self, value_set: &str, code: &str) -> Option<&Term> {
        self.terms(value_set).iter().find(|row| row.code == code)
    }

    /// The method behind an item code.
    pub fn method(&self, jlac10: &str) -> Option<&Method> {
        self.methods.get(jlac10)
    }
}

fn rows<T: serde::de::DeserializeOwned>(
    table: &'static str,
    text: &str,
) -> Result<Vec<T>, TableError> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|source| TableError::Row { table, source })
}

fn flag<'de, D: serde::Deserializer<'de>>(field: D) -> Result<bool, D::Error> {
    match String::deserialize(field)?.as_str() {
        "1" => Ok(true),
        "" | "0" => Ok(false),
        other => Err(serde::de::Error::custom(format!("1, 0 or nothing expected, not {other}"))),
    }
}

fn limit<'de, D: serde::Deserializer<'de>>(field: D) -> Result<Option<Decimal>, D::Error> {
    let text = String::deserialize(field)?;
    if text.is_empty() {
        return Ok(None);
    }
    match Decimal::parse(&text) {
        Some(value) => Ok(Some(value)),
        None => Err(serde::de::Error::custom(format!("a number expected, not {text}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, METHODS, TableError, Tables, VALUE_SETS, tables};

    #[test]
    fn the_tables_are_in_order() {
        let read = Tables::read(COLUMNS, VALUE_SETS, METHODS).unwrap();
        assert_eq!(read.columns().len(), 175);
        let width: usize = read.columns().iter().map(|c| 1 + usize::from(c.pair)).sum();
        assert_eq!(width, 316);
        assert_eq!(read.columns().iter().filter(|c| c.statutory).count(), 57);
    }

    #[test]
    fn looks_up_by_id_code_and_term() {
        let hba1c = tables().column("hba1c").unwrap();
        assert_eq!(hba1c.decimals, Some(1));
        assert_eq!(tables().column_of_code("3D046000001927102").unwrap().id, "hba1c");
        assert_eq!(tables().term("1.2.392.200119.6.2102", "＋").unwrap().code, "3");
        assert_eq!(tables().method("3D046000001927102").unwrap().method_name, "酵素法");
        assert!(tables().column("no_such_item").is_none());
    }

    #[test]
    fn errors_name_the_place() {
        let twice = COLUMNS.replacen("\nweight,", "\nheight,", 1);
        let error = Tables::read(&twice, VALUE_SETS, METHODS).unwrap_err();
        assert!(matches!(error, TableError::Twice { ref key, .. } if key == "height"), "{error}");

        let dangling = COLUMNS.replacen(",past_hist,1", ",no_such,1", 1);
        let error = Tables::read(&dangling, VALUE_SETS, METHODS).unwrap_err();
        assert!(error.to_string().contains("past_hist_txt: component_of names no_such"), "{error}");

        let kind = COLUMNS.replacen(",num,", ",number,", 1);
        let error = Tables::read(&kind, VALUE_SETS, METHODS).unwrap_err();
        assert!(error.to_string().contains("line: 36"), "{error}");
    }
}
