//! The column table: one row an item.

use serde::Deserialize;

use super::tables;
use crate::decimal::Decimal;
use crate::own;

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
    /// Whether the item is an institution's own ([`own`]) and none of the table.
    #[serde(skip)]
    pub own: bool,
}

impl Column {
    /// The item that a mapping declares at this place, behind those of the table.
    pub(crate) fn own(place: usize, declaration: &own::Declaration) -> Self {
        let own::Declaration { id, name_ja, name_en, unit, jlac10, .. } = declaration;
        let (kind, value_type) = match declaration.kind {
            own::Kind::Number => (Kind::Num, ValueType::Pq),
            own::Kind::Text => (Kind::Text, ValueType::St),
            own::Kind::Finding => (Kind::Multi, ValueType::St),
        };
        let is_number = kind == Kind::Num;
        Self {
            position: tables().columns().len() + place,
            id: [own::PREFIX, id].concat(),
            name_ja: name_ja.clone(),
            name_en: if name_en.is_empty() { name_ja } else { name_en }.clone(),
            chapter: String::new(),
            kind,
            pair: true,
            jlac10: jlac10.clone(),
            alt_jlac10: String::new(),
            unit_display: unit.clone(),
            unit_ucum: tables().ucum(unit).unwrap_or_default().to_owned(),
            value_type: Some(value_type),
            value_set: String::new(),
            decimals: declaration.decimals.filter(|_| is_number),
            min_plausible: declaration.min_plausible,
            max_plausible: declaration.max_plausible,
            max_bytes: own::LONGEST_VALUE,
            industrial: Requirement::Optional,
            specific: Requirement::Optional,
            cda_section: String::new(),
            fhir_section: Some(Section::Additional),
            fhir_category: String::new(),
            group_code: String::new(),
            group_role: None,
            component_of: String::new(),
            statutory: false,
            own: true,
        }
    }

    /// Codes for other methods than that of [`Column::jlac10`].
    pub fn alternatives(&self) -> impl Iterator<Item = &str> {
        self.alt_jlac10.split(';').filter(|code| !code.is_empty())
    }

    /// All codes of this item, that of the usual method first.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.jlac10.as_str())
            .filter(|code| !code.is_empty())
            .chain(self.alternatives())
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
        !self.own && self.id.ends_with("_txt")
    }
}

fn flag<'de, D: serde::Deserializer<'de>>(field: D) -> Result<bool, D::Error> {
    match String::deserialize(field)?.as_str() {
        "1" => Ok(true),
        "" | "0" => Ok(false),
        other => Err(serde::de::Error::custom(format!("1, 0 or nothing expected, not `{other}`"))),
    }
}

fn limit<'de, D: serde::Deserializer<'de>>(field: D) -> Result<Option<Decimal>, D::Error> {
    let text = String::deserialize(field)?;
    if text.is_empty() {
        return Ok(None);
    }
    match Decimal::parse(&text) {
        Some(value) => Ok(Some(value)),
        None => Err(serde::de::Error::custom(format!("a number expected, not `{text}`"))),
    }
}
