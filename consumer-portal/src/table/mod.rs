//! Results of several checkups side by side, as a doctor reads them: items down, years across.
//!
//! A row holds values that can be compared: those of one item in its standard unit. What could not be
//! brought to it stands in a row of its own, and so does every unit of an item that we do not know.

pub(crate) mod mark;
pub(crate) mod print;
mod row;

use crate::community::Community;
use crate::whose::Person;
use mark::Mark;
use renkei_checkup::hs037::{Interpretation, Reading, Report, ResultLine};
use row::Key;
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// The table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Table {
    /// Dates of the checkups, oldest first.
    pub dates: Vec<String>,
    /// Names of the institutions, one per date.
    pub institutions: Vec<String>,
    /// More about each checkup, one per date.
    pub columns: Vec<TableColumn>,
    /// One row per item, in the order of the column table; other items behind them.
    pub rows: Vec<TableRow>,
}

/// A checkup.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TableColumn {
    /// uniqueId of the document; empty when it is not registered.
    pub document: String,
    /// Title of the document.
    pub title: String,
    /// 健診プログラムサービスコード.
    pub programme: String,
    /// 健診機関番号.
    pub institution_number: String,
    /// How final the document is.
    pub status: &'static str,
    /// The person, as the document names them.
    pub person: Person,
    /// The community whose document it is; empty where the registry names none.
    #[serde(flatten)]
    pub community: Community,
    /// Marks of the document.
    #[serde(skip)]
    marks: Vec<&'static str>,
}

/// An item.
#[derive(Clone, Debug, Serialize)]
pub struct TableRow {
    /// Id in the column table; the code as sent for an item that we do not know.
    pub id: String,
    /// Name.
    pub name: String,
    /// The institution whose own item this is, or that named an item we do not know; empty for the
    /// items of the column table, and for an item that institutions share by its JLAC10 code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub institution: String,
    /// Unit; empty for none.
    pub unit: String,
    /// Reference range of the latest checkup that has one; empty for none.
    pub range: String,
    /// Whether this is an item of the column table in its own unit.
    pub standard: bool,
    /// One cell per date.
    pub cells: Vec<Option<TableCell>>,
    /// Whether this is an item of the column table, in whatever unit.
    #[serde(skip)]
    is_of_table: bool,
}

/// One value.
#[derive(Clone, Debug, Serialize)]
pub struct TableCell {
    /// As in the standard record, or as sent.
    pub value: String,
    /// `L`, `H`, `LX`, `HX` …, or empty.
    pub flag: &'static str,
    /// Value and unit as sent, when they were converted, and the range when it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<String>,
    /// What to mind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

impl Table {
    /// Puts reports side by side, oldest first.
    pub fn new(reports: &[Report]) -> Self {
        let column = |report| (Source::default(), report);
        Self::of(reports.iter().map(column).collect())
    }

    /// The same for registered documents.
    pub(crate) fn of(mut checkups: Vec<(Source, &Report)>) -> Self {
        checkups.sort_by_key(|(source, report)| date(source, report));
        let mut rows = Rows::default();
        for (place, (_, report)) in checkups.iter().enumerate() {
            rows.add(report, place, checkups.len());
        }
        Self {
            dates: checkups.iter().map(|(source, report)| date(source, report)).collect(),
            institutions: checkups.iter().map(|(source, r)| institution(source, r)).collect(),
            columns: checkups.into_iter().map(|(source, report)| column(source, report)).collect(),
            rows: rows.sorted(),
        }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.dates.is_empty()
    }
}

/// What the entry of a document says where the document says nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    pub(crate) document: String,
    pub(crate) date: String,
    pub(crate) institution: String,
    pub(crate) community: Community,
    /// Short words beside the date.
    pub(crate) marks: Vec<&'static str>,
}

fn date(source: &Source, report: &Report) -> String {
    report.exam_date.map_or_else(|| source.date.clone(), |day| day.format("%Y-%m-%d").to_string())
}

fn institution(source: &Source, report: &Report) -> String {
    let name = &report.institution;
    if name.is_empty() { source.institution.clone() } else { name.clone() }
}

fn column(source: Source, report: &Report) -> TableColumn {
    let standing = Mark::of_standing(report.standing).map(Mark::short);
    TableColumn {
        document: source.document,
        title: report.title.clone(),
        programme: report.programme.clone(),
        institution_number: report.institution_number.clone(),
        status: report.standing.code(),
        person: Person::of_document(&report.person),
        community: source.community,
        marks: standing.into_iter().chain(source.marks).collect(),
    }
}

/// Value, unit and how final they are.
type Said<'a> = (&'a str, &'a str, &'static str);

/// The rows in the making.
#[derive(Default)]
struct Rows {
    rows: Vec<(usize, TableRow)>,
    places: HashMap<Key, usize>,
}

impl Rows {
    fn add(&mut self, report: &Report, column: usize, columns: usize) {
        let mut lines: Vec<&ResultLine> = report.results.iter().collect();
        // of several values of an item that of the day and the most final comes first
        lines.sort_by_key(|line| (line.day.is_some(), Mark::of_standing(line.standing)));
        let mut taken: HashMap<Key, HashSet<Said>> = HashMap::new();
        let mut places: Vec<(usize, &ResultLine)> = Vec::new();
        for line in lines {
            let key = Key::of(line, report, column);
            let before = taken.entry(key.clone()).or_default();
            let repetition = before.len();
            // some documents say the same twice
            if before.insert((&line.value, &line.unit, line.standing.code())) {
                places.push((self.place(key.repeated(repetition), line, report, columns), line));
            }
        }
        for (place, line) in places {
            let Some((_, row)) = self.rows.get_mut(place) else { continue };
            let range = range(line);
            if !range.is_empty() {
                row.range = range;
            }
            if let Some(cell) = row.cells.get_mut(column) {
                *cell = Some(self::cell(line));
            }
        }
    }

    /// The place of the row, which is made if need be.
    fn place(&mut self, key: Key, line: &ResultLine, report: &Report, columns: usize) -> usize {
        let order = line.item.map_or(usize::MAX, |item| item.position);
        let new = self.rows.len();
        let place = *self.places.entry(key.clone()).or_insert(new);
        match self.rows.get_mut(place) {
            None => self.rows.push((order, row(&key, line, report, columns))),
            Some((_, row)) => key.join(row, line, report),
        }
        place
    }

    /// Items we know stand in the order of the column table, others after them as they came.
    fn sorted(mut self) -> Vec<TableRow> {
        self.rows.sort_by_key(|(order, row)| (*order, !row.standard));
        self.rows.into_iter().map(|(_, row)| row).collect()
    }
}

fn row(key: &Key, line: &ResultLine, report: &Report, columns: usize) -> TableRow {
    let unit = match line.item {
        Some(item) if key.is_standard() => &item.unit_display,
        _ => &line.unit,
    };
    TableRow {
        id: id(line).to_owned(),
        name: line.name.clone(),
        institution: key.institution(report),
        unit: unit.clone(),
        range: String::new(),
        standard: key.is_standard(),
        cells: vec![None; columns],
        is_of_table: key.is_of_table(),
    }
}

fn id(line: &ResultLine) -> &str {
    if line.id().is_empty() { &line.code } else { line.id() }
}

/// A range in words belongs to the value as it was sent, not to a converted one.
fn range(line: &ResultLine) -> String {
    match (&line.low, &line.high) {
        (None, None) if matches!(line.reading, Reading::Converted { .. }) => String::new(),
        (None, None) => line.range_text.clone(),
        (low, high) => {
            format!("{}–{}", low.as_deref().unwrap_or(""), high.as_deref().unwrap_or(""))
        }
    }
}

fn cell(line: &ResultLine) -> TableCell {
    let sent = match &line.reading {
        Reading::Converted { sent } if line.range_text.is_empty() => Some(sent.clone()),
        Reading::Converted { sent } => Some(format!("{sent}、基準 {}", line.range_text)),
        _ => None,
    };
    TableCell { value: line.value.clone(), flag: flag(line), sent, marks: Mark::of(line) }
}

fn flag(line: &ResultLine) -> &'static str {
    line.interpretation.filter(|i| i.is_abnormal()).map_or("", Interpretation::code)
}

#[cfg(test)]
mod tests;
