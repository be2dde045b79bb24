//! Items of an institution's own: what its export holds and the column table does not have.
//!
//! A mapping declares them; from then on such an item is a [`Column`] like those of the table, behind
//! them. Columns live as long as the program, so declarations are interned: the same one at the same
//! place is the same column, and there is a bound on how many there can be.

use std::sync::{Mutex, PoisonError};

use hashbrown::HashMap;

use crate::decimal::Decimal;
use crate::tables::{Column, tables};

/// Begins the header of such an item in the standard CSV.
pub const PREFIX: &str = "x_";
/// Items that one mapping may declare.
pub const MOST_A_MAPPING: usize = 1_000;
/// Items that all mappings of a process may declare together.
pub const MOST_A_PROCESS: usize = 10_000;
/// Letters of an id.
pub const LONGEST_ID: usize = 40;
/// Octets of a value.
pub const LONGEST_VALUE: usize = 512;
/// Decimals of a number.
pub const MOST_DECIMALS: u32 = 6;

/// What an item holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A measured number.
    Number,
    /// A text.
    Text,
    /// Findings; when nothing was found, 所見なし.
    Finding,
}

/// An item as a mapping declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// Lower-case letters, digits and `_`.
    pub id: String,
    /// Japanese name.
    pub name_ja: String,
    /// English name; the Japanese one stands for it when it is empty.
    pub name_en: String,
    /// Unit as printed; may be empty.
    pub unit: String,
    /// What it holds.
    pub kind: Kind,
    /// Decimals of a number; none to keep those of each cell.
    pub decimals: Option<u32>,
    /// Least plausible number.
    pub min_plausible: Option<Decimal>,
    /// Greatest plausible number.
    pub max_plausible: Option<Decimal>,
    /// 17-digit item code (JLAC10); empty when it is not known.
    pub jlac10: String,
}

/// Why declarations make no items.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnError {
    /// The mapping declares more than [`MOST_A_MAPPING`].
    #[error(
        "独自の項目は {MOST_A_MAPPING} 個までです（{0} 個あります） / \
         at most {MOST_A_MAPPING} items of one's own, not {0}"
    )]
    TooMany(usize),
    /// All mappings of the process declare more than [`MOST_A_PROCESS`].
    #[error(
        "独自の項目は全体で {MOST_A_PROCESS} 個までです / \
         at most {MOST_A_PROCESS} items of one's own in one process"
    )]
    Exhausted,
    /// An id that is none.
    #[error(
        "独自の項目の id「{0}」は英小文字・数字・_ で {LONGEST_ID} 文字までにしてください / \
         an id has lower-case letters, digits and _, at most {LONGEST_ID}: {0:?}"
    )]
    Id(String),
    /// Two items with one id.
    #[error("独自の項目の id「{0}」が二度あります / the id {0:?} stands there twice")]
    Twice(String),
    /// A name is missing.
    #[error("独自の項目「{0}」に名称がありません / the item {0:?} has no name")]
    Name(String),
    /// More decimals than [`MOST_DECIMALS`].
    #[error(
        "独自の項目「{0}」の小数は {MOST_DECIMALS} 桁までです / \
         the item {0:?} has more than {MOST_DECIMALS} decimals"
    )]
    Decimals(String),
    /// A code that is none.
    #[error(
        "独自の項目「{id}」の JLAC10 コード「{code}」は 17 桁の英大文字・数字ではありません / \
         the item {id:?}: a JLAC10 code has 17 digits or capital letters, not {code:?}"
    )]
    Code {
        /// The item.
        id: String,
        /// The code.
        code: String,
    },
    /// The code is that of an item of the table.
    #[error(
        "独自の項目「{id}」の JLAC10 コードは標準項目 {item} のものです。[[col]] の to に {item} を書いてください / \
         the item {id:?} has the code of the standard item {item}: map the column to that"
    )]
    Standard {
        /// The item.
        id: String,
        /// That of the table.
        item: String,
    },
}

impl OwnError {
    /// What is wrong, in Japanese and in English.
    pub fn texts(&self) -> (String, String) {
        let both = self.to_string();
        let (ja, en) = both.split_once(" / ").unwrap_or((&both, &both));
        (ja.to_owned(), en.to_owned())
    }
}

/// Whether a text can be the id of an item.
pub fn is_id(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    // the source cell has the id of its item and two more underscores
    let is_original = text.ends_with(crate::kcsv::ORIGINAL_SUFFIX);
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(is_letter) && !is_original
}

/// The id within its institution of a header of the standard CSV; none of an item of the table.
pub fn code(header: &str) -> Option<&str> {
    header.strip_prefix(PREFIX).filter(|id| is_id(id))
}

/// The items of a mapping, in its order. The same declaration at the same place always gives the same
/// column.
///
/// # Errors
/// When there are too many, or one is no item.
pub fn intern(declarations: &[Declaration]) -> Result<Vec<&'static Column>, OwnError> {
    check(declarations)?;
    let mut interned = INTERNED.lock().unwrap_or_else(PoisonError::into_inner);
    declarations.iter().enumerate().map(|(place, item)| interned.column(place, item)).collect()
}

/// Whether declarations can be the items of one mapping.
///
/// # Errors
/// When there are too many, or one is no item.
pub fn check(declarations: &[Declaration]) -> Result<(), OwnError> {
    if declarations.len() > MOST_A_MAPPING {
        return Err(OwnError::TooMany(declarations.len()));
    }
    let mut ids = hashbrown::HashSet::new();
    for declaration in declarations {
        declaration.check()?;
        if !ids.insert(declaration.id.as_str()) {
            return Err(OwnError::Twice(declaration.id.clone()));
        }
    }
    Ok(())
}

static INTERNED: Mutex<Interned> = Mutex::new(Interned { by_place: Vec::new(), count: 0 });

/// All items declared so far, by their places.
struct Interned {
    by_place: Vec<HashMap<String, Vec<(Declaration, &'static Column)>>>,
    count: usize,
}

impl Interned {
    fn column(&mut self, place: usize, item: &Declaration) -> Result<&'static Column, OwnError> {
        while self.by_place.len() <= place {
            self.by_place.push(HashMap::new());
        }
        let Some(here) = self.by_place.get_mut(place) else { return Err(OwnError::Exhausted) };
        let namesakes = here.get(&item.id).map_or(&[][..], Vec::as_slice);
        if let Some((_, column)) = namesakes.iter().find(|(known, _)| known == item) {
            return Ok(column);
        }
        if self.count >= MOST_A_PROCESS {
            return Err(OwnError::Exhausted);
        }
        self.count += 1;
        let column: &'static Column = Box::leak(Box::new(Column::own(place, item)));
        here.entry(item.id.clone()).or_default().push((item.clone(), column));
        Ok(column)
    }
}

impl Declaration {
    fn check(&self) -> Result<(), OwnError> {
        let id = || self.id.clone();
        if !is_id(&self.id) {
            return Err(OwnError::Id(id()));
        }
        if self.name_ja.is_empty() {
            return Err(OwnError::Name(id()));
        }
        if self.decimals.is_some_and(|decimals| decimals > MOST_DECIMALS) {
            return Err(OwnError::Decimals(id()));
        }
        let code = &self.jlac10;
        let is_letter = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if !code.is_empty() && (code.len() != 17 || !code.bytes().all(is_letter)) {
            return Err(OwnError::Code { id: id(), code: code.clone() });
        }
        if let Some(item) = tables().column_of_code(code) {
            return Err(OwnError::Standard { id: id(), item: item.id.clone() });
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Declaration, Kind, MOST_A_MAPPING, OwnError, code, intern, is_id};
    use crate::tables::{self, Column};

    pub(crate) fn declaration(id: &str, kind: Kind) -> Declaration {
        Declaration {
            id: id.to_owned(),
            name_ja: format!("項目 {id}"),
            name_en: String::new(),
            unit: String::new(),
            kind,
            decimals: Some(0),
            min_plausible: None,
            max_plausible: None,
            jlac10: String::new(),
        }
    }

    /// One item of each kind, and one with everything.
    pub(crate) fn items() -> Vec<&'static Column> {
        let crp = Declaration {
            unit: "mg/dl".to_owned(),
            decimals: Some(2),
            jlac10: "5C070000002306201".to_owned(),
            name_ja: "CRP".to_owned(),
            ..declaration("crp", Kind::Number)
        };
        let psa = Declaration { unit: "ng/ml".to_owned(), ..declaration("psa", Kind::Number) };
        intern(&[
            crp,
            psa,
            declaration("memo", Kind::Text),
            declaration("us_abdomen_txt", Kind::Finding),
        ])
        .unwrap()
    }

    #[test]
    fn the_same_declaration_is_the_same_item() {
        let (one, again) = (items(), items());
        assert!(one.iter().zip(&again).all(|(one, again)| std::ptr::eq(*one, *again)));
        assert_eq!(one[0].position, 175);
        assert_eq!((one[3].position, one[3].id.as_str()), (178, "x_us_abdomen_txt"));
        assert_eq!((one[3].kind, one[3].own), (tables::Kind::Multi, true));
        assert!(!one[3].is_explanation(), "nothing of the table is explained by it");
        assert_eq!((one[1].name_en.as_str(), one[1].unit_ucum.as_str()), ("項目 psa", ""));
        assert_eq!(one[0].unit_ucum, "mg/dL");
        let elsewhere = intern(&[declaration("psa", Kind::Number)]).unwrap();
        assert!(!std::ptr::eq(elsewhere[0], one[1]));
    }

    #[test]
    fn what_is_no_item_is_refused() {
        let error = |declarations: &[Declaration]| intern(declarations).unwrap_err();
        let text = |id: &str| declaration(id, Kind::Text);
        for id in ["", "CRP", "a b", "a|b", "a__orig", &"a".repeat(41)] {
            assert_eq!(error(&[text(id)]), OwnError::Id(id.to_owned()));
            assert!(!is_id(id));
        }
        assert_eq!(error(&[text("a"), text("a")]), OwnError::Twice("a".to_owned()));
        let with = |jlac10: &str| Declaration { jlac10: jlac10.to_owned(), ..text("a") };
        assert!(matches!(error(&[with("3F05")]), OwnError::Code { .. }));
        let standard = error(&[with("3F050000002327201")]);
        assert_eq!(standard, OwnError::Standard { id: "a".to_owned(), item: "tc".to_owned() });
        let decimals = Declaration { decimals: Some(7), ..text("a") };
        assert_eq!(error(&[decimals]), OwnError::Decimals("a".to_owned()));
        let unnamed = Declaration { name_ja: String::new(), ..text("a") };
        assert_eq!(error(&[unnamed]), OwnError::Name("a".to_owned()));
        let many = vec![text("a"); MOST_A_MAPPING + 1];
        assert_eq!(error(&many), OwnError::TooMany(1_001));
        assert_eq!((code("x_crp"), code("crp"), code("x_crp__orig")), (Some("crp"), None, None));
    }
}
