//! The words by which a mapping is drafted from an export: what titles and cells are made of, units
//! in titles, and what a person is asked. They decide nothing about a conversion.

use serde::Deserialize;

use super::mistakes::{Mistakes, Row};
use super::{Files, Tables};
use crate::decimal::Decimal;

const HEADER: &str = "header-words.csv";
const CELLS: &str = "cell-words.csv";
const UNITS: &str = "header-units.csv";
const QUESTIONS: &str = "draft-questions.csv";

/// What a word of a title is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderRole {
    /// It tells like items apart; the value is the name of a [`Mark`].
    Mark,
    /// The value is the usual spelling.
    Spelling,
    /// It says nothing about which item it is.
    Noise,
    /// A number behind it is that of a question of 標準的な質問票.
    Question,
    /// A column with it holds no result of this checkup; the value is a [`Never`].
    Never,
    /// The title of a group of columns; the value names the chapters of the column table.
    Group,
    /// It says something only with the title above it.
    Part,
    /// A method of examination; the value is the item code that it means where a title leaves it open.
    Method,
    /// A column of an export with one row for each test; the value is a [`LongPart`].
    Long,
    /// Titles of columns beside each other, with `+` between, that hold one item; the value is its id.
    Set,
    /// How a line behind the last record begins.
    Trailer,
    /// The number an institution may have given to the checkup.
    ReportNo,
    /// The value is the usual spelling of this part of a unit.
    UnitSpelling,
    /// The last word of a title in Latin letters; the value is the unit.
    UnitEnd,
}

/// Where in a title or cell a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Anywhere.
    Inside,
    /// It is a word of its own.
    Word,
    /// At the beginning.
    Start,
    /// At the end.
    End,
    /// It is all there is.
    Whole,
}

/// A part of a title that tells like items apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the table")]
pub enum Mark {
    Right,
    Left,
    Low,
    High,
    First,
    Second,
    Mean,
    Fasting,
    Casual,
    Flag,
    Text,
    Reason,
    Subject,
    Judge,
    Drug,
    Corrected,
}

impl Mark {
    /// By its name in the table.
    pub fn from_name(name: &str) -> Option<Self> {
        let marks = [
            ("right", Self::Right),
            ("left", Self::Left),
            ("low", Self::Low),
            ("high", Self::High),
            ("first", Self::First),
            ("second", Self::Second),
            ("mean", Self::Mean),
            ("fasting", Self::Fasting),
            ("casual", Self::Casual),
            ("flag", Self::Flag),
            ("text", Self::Text),
            ("reason", Self::Reason),
            ("subject", Self::Subject),
            ("judge", Self::Judge),
            ("drug", Self::Drug),
            ("corrected", Self::Corrected),
        ];
        marks.into_iter().find(|(other, _)| *other == name).map(|(_, mark)| mark)
    }
}

/// Why a column holds no result of this checkup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {
    /// A result of an earlier checkup.
    Earlier,
    /// A limit, not a result.
    Reference,
    /// What is aimed at or expected.
    Target,
    /// A method that no item has.
    OtherMethod,
    /// Another time of life.
    OtherTime,
}

impl Never {
    /// By its name in the table.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "earlier" => Some(Self::Earlier),
            "reference" => Some(Self::Reference),
            "target" => Some(Self::Target),
            "other_method" => Some(Self::OtherMethod),
            "other_time" => Some(Self::OtherTime),
            _ => None,
        }
    }
}

/// A column of an export with one row for each test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LongPart {
    /// The name of the test.
    Item,
    /// Its result.
    Value,
    /// The unit of the result.
    Unit,
    /// The code of the test.
    Code,
}

impl LongPart {
    /// By its name in the table.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "item" => Some(Self::Item),
            "value" => Some(Self::Value),
            "unit" => Some(Self::Unit),
            "code" => Some(Self::Code),
            _ => None,
        }
    }
}

/// A word of titles.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HeaderWord {
    /// What it is.
    pub role: HeaderRole,
    /// Where it stands.
    pub place: Place,
    /// The word, folded by NFKC and in lower case.
    pub word: String,
    /// As the role says.
    pub value: String,
}

/// What a word of a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellRole {
    /// There is no value; the value names an [`Absence`].
    Null,
    /// A medicine; the value is the item of the question about it.
    Medicine,
    /// A mark beside a number; the value is `flag`, or `repeated` when it says something more.
    NumberMark,
    /// It speaks of an examination and of nobody: a word made of such parts may stand in a draft.
    Told,
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Absence {
    /// Nothing was to be said.
    Blank,
    /// The examination was not performed.
    NotPerformed,
    /// It gave no value.
    NotMeasurable,
    /// One of these; only the institution knows.
    Unclear,
}

impl Absence {
    /// By its name in the table.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "blank" => Some(Self::Blank),
            "not_performed" => Some(Self::NotPerformed),
            "not_measurable" => Some(Self::NotMeasurable),
            "unclear" => Some(Self::Unclear),
            _ => None,
        }
    }
}

/// A word of cells.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CellWord {
    /// What it is.
    pub role: CellRole,
    /// Where it stands.
    pub place: Place,
    /// The word.
    pub word: String,
    /// As the role says.
    pub value: String,
}

/// A unit of titles, and what leads from it to the unit of an item.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HeaderUnit {
    /// As in titles, in its usual spelling.
    pub unit: String,
    /// The unit of the items, in UCUM; empty for items without one.
    pub ucum: String,
    /// The only item for which this holds; empty for all of the unit.
    pub item: String,
    /// By what a number is multiplied.
    pub factor: String,
}

impl HeaderUnit {
    /// Whether numbers stay as they are.
    pub fn is_plain(&self) -> bool {
        self.factor == "1"
    }
}

/// What a person is asked when the title of an item leaves it open.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Question {
    /// Id of the item.
    pub item: String,
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// All of these words.
#[derive(Debug, Default)]
pub struct Drafting {
    header: Vec<HeaderWord>,
    cells: Vec<CellWord>,
    units: Vec<HeaderUnit>,
    questions: Vec<Question>,
}

impl Drafting {
    /// The words of titles that are this, in the order of the table.
    pub fn header(&self, role: HeaderRole) -> impl Iterator<Item = &HeaderWord> {
        self.header.iter().filter(move |word| word.role == role)
    }

    /// The words of cells that are this.
    pub fn cells(&self, role: CellRole) -> impl Iterator<Item = &CellWord> {
        self.cells.iter().filter(move |word| word.role == role)
    }

    /// The units of titles.
    pub fn units(&self) -> &[HeaderUnit] {
        &self.units
    }

    /// What is asked about an item.
    pub fn question(&self, item: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.item == item)
    }
}

/// Reads the four tables.
pub(super) fn read(mistakes: &Mistakes, tables: &Tables, files: &Files<'_>) -> Drafting {
    let text = |file: &str| files.get(file).unwrap_or_default();
    Drafting {
        header: header(mistakes, tables, text(HEADER)),
        cells: cells(mistakes, tables, text(CELLS)),
        units: units(mistakes, tables, text(UNITS)),
        questions: questions(mistakes, tables, text(QUESTIONS)),
    }
}

fn header(mistakes: &Mistakes, tables: &Tables, text: &str) -> Vec<HeaderWord> {
    let mut found: Vec<HeaderWord> = Vec::new();
    for Row { row, line } in mistakes.rows::<HeaderWord>(HEADER, text) {
        mistakes.demand(HEADER, line, "word", &row.word);
        let same = |other: &HeaderWord| {
            (other.role, other.place, &other.word) == (row.role, row.place, &row.word)
        };
        if found.iter().any(same) {
            mistakes.twice(HEADER, line, "word", &row.word);
        }
        if let Some((en, ja)) = wrong_value(tables, &row) {
            mistakes.add(HEADER, line, "value", &row.value, (en, ja));
        }
        found.push(row);
    }
    found
}

/// What is wrong with the value of a word of titles.
fn wrong_value(tables: &Tables, row: &HeaderWord) -> Option<(&'static str, &'static str)> {
    let is_chapter = |name: &str| {
        tables.columns().iter().any(|column| column.chapter.split(' ').next() == Some(name))
    };
    let wrong = match row.role {
        HeaderRole::Mark => Mark::from_name(&row.value).is_none(),
        HeaderRole::Never => Never::from_name(&row.value).is_none(),
        HeaderRole::Long => LongPart::from_name(&row.value).is_none(),
        HeaderRole::Group => !row.value.split(';').all(is_chapter),
        HeaderRole::Method => tables.column_of_code(&row.value).is_none(),
        HeaderRole::Set => tables.column(&row.value).is_none() || !row.word.contains('+'),
        HeaderRole::UnitEnd => row.value.is_empty(),
        HeaderRole::Noise
        | HeaderRole::Part
        | HeaderRole::Question
        | HeaderRole::Trailer
        | HeaderRole::ReportNo => !row.value.is_empty(),
        HeaderRole::Spelling | HeaderRole::UnitSpelling => false,
    };
    wrong.then_some(("is no value of this role", "この role の値ではありません"))
}

fn cells(mistakes: &Mistakes, tables: &Tables, text: &str) -> Vec<CellWord> {
    let mut found: Vec<CellWord> = Vec::new();
    for Row { row, line } in mistakes.rows::<CellWord>(CELLS, text) {
        mistakes.demand(CELLS, line, "word", &row.word);
        if found.iter().any(|other| (other.role, &other.word) == (row.role, &row.word)) {
            mistakes.twice(CELLS, line, "word", &row.word);
        }
        match row.role {
            CellRole::Medicine if tables.column(&row.value).is_none() => {
                mistakes.unknown(CELLS, line, "value", &row.value, "columns.csv");
            }
            CellRole::Null if Absence::from_name(&row.value).is_none() => {
                let (en, ja) = (
                    "blank, not_performed, not_measurable or unclear expected",
                    "blank、not_performed、not_measurable、unclear のいずれかです",
                );
                mistakes.add(CELLS, line, "value", &row.value, (en, ja));
            }
            CellRole::NumberMark if !matches!(row.value.as_str(), "flag" | "repeated") => {
                let (en, ja) = ("flag or repeated expected", "flag か repeated です");
                mistakes.add(CELLS, line, "value", &row.value, (en, ja));
            }
            _ => {}
        }
        found.push(row);
    }
    found
}

fn units(mistakes: &Mistakes, tables: &Tables, text: &str) -> Vec<HeaderUnit> {
    let mut found: Vec<HeaderUnit> = Vec::new();
    for Row { row, line } in mistakes.rows::<HeaderUnit>(UNITS, text) {
        mistakes.demand(UNITS, line, "unit", &row.unit);
        if !row.item.is_empty() && tables.column(&row.item).is_none() {
            mistakes.unknown(UNITS, line, "item", &row.item, "columns.csv");
        }
        if Decimal::parse(&row.factor).is_none_or(|factor| factor == Decimal::ZERO) {
            let (en, ja) = ("a decimal number other than 0 expected", "0以外の十進数が必要です");
            mistakes.add(UNITS, line, "factor", &row.factor, (en, ja));
        }
        let same = |other: &HeaderUnit| {
            (&other.unit, &other.ucum, &other.item) == (&row.unit, &row.ucum, &row.item)
        };
        if found.iter().any(same) {
            mistakes.twice(UNITS, line, "unit", &row.unit);
        }
        found.push(row);
    }
    found
}

fn questions(mistakes: &Mistakes, tables: &Tables, text: &str) -> Vec<Question> {
    let mut found: Vec<Question> = Vec::new();
    for Row { row, line } in mistakes.rows::<Question>(QUESTIONS, text) {
        if tables.column(&row.item).is_none() {
            mistakes.unknown(QUESTIONS, line, "item", &row.item, "columns.csv");
        }
        mistakes.demand(QUESTIONS, line, "ja", &row.ja);
        mistakes.demand(QUESTIONS, line, "en", &row.en);
        if found.iter().any(|other| other.item == row.item) {
            mistakes.twice(QUESTIONS, line, "item", &row.item);
        }
        found.push(row);
    }
    found
}
