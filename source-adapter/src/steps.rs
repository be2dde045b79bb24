//! The rules of a mapping with the places of their cells in one export.

use renkei_checkup::tables;

use crate::cells::{Cell, Row, content, trim};
use crate::findings::{Code, Finding};
use crate::headers::{Headers, Place};
use crate::layout;
use crate::mapping::{ColumnRule, Form, From, Item, Mapping, Nulls, Title};
use crate::rows::Cells;

/// One `[[col]]` with the places of its cells.
pub(crate) struct Step<'m> {
    rule: &'m ColumnRule,
    items: Vec<Item>,
    /// For each title of the rule its column; none of a test that nobody had.
    cells: Vec<Option<usize>>,
    by: Option<usize>,
}

/// Several cells as one: as decoded, and what they say.
#[derive(Default)]
struct Joined {
    raw: String,
    text: String,
}

impl Joined {
    fn clear(&mut self) {
        self.raw.clear();
        self.text.clear();
    }

    fn push(&mut self, cell: &str, between: &str) {
        if !self.raw.is_empty() {
            self.raw.push_str(between);
            self.text.push_str(between);
        }
        self.raw.push_str(cell);
        self.text.push_str(content(cell));
    }
}

/// All rules, and the columns that they read.
pub(crate) struct Steps<'m> {
    steps: Vec<Step<'m>>,
    report_no: Option<(&'m Title, usize)>,
    /// The words for no value of the whole file.
    nulls: &'m Nulls,
    /// For each item the steps that fill it.
    sources: Vec<Vec<usize>>,
    /// Columns that nobody decided on, or that have no title: told when one holds a value.
    watched: Vec<Watched>,
}

struct Watched {
    column: usize,
    name: String,
    filled: bool,
}

/// The rules in their places, and what is wrong with the header.
pub(crate) struct Planned<'m> {
    pub(crate) steps: Steps<'m>,
    /// Titles that are missing, ambiguous or elsewhere: the file is refused.
    pub(crate) refusing: Vec<Finding>,
    /// Titles that nothing reads.
    pub(crate) unread: Vec<Finding>,
}

/// Finds the cells of every rule. In a table made of one row a test, `may_miss` says that a title
/// which is not there is a test that nobody had.
pub(crate) fn plan<'m>(mapping: &'m Mapping, headers: &Headers, may_miss: bool) -> Planned<'m> {
    let mut plan = Plan {
        headers,
        used: vec![false; headers.width()],
        missing: Vec::new(),
        several: Vec::new(),
    };
    let mut steps = Vec::new();
    for rule in &mapping.columns {
        let cells = rule.from.titles().iter().map(|title| plan.column(title)).collect();
        let by = match &rule.form {
            Form::Route { by, .. } => plan.column(by),
            _ => None,
        };
        steps.push(Step { rule, items: rule.form.items(), cells, by });
    }
    let report_no = mapping.source.report_no.as_ref();
    let report_no = report_no.and_then(|title| Some((title, plan.column(title)?)));
    // a number of a checkup is no test that nobody had
    let no_number = mapping.source.report_no.as_ref().filter(|_| report_no.is_none());
    let needed = |title: &Title| !may_miss || no_number == Some(title);
    for title in &mapping.source.ignore {
        plan.mark(title);
    }
    let Plan { used, missing, several, .. } = plan;
    let (unread, watched) = unread(mapping, headers, &used);
    let names: Vec<String> = unread.iter().map(|finding| finding.column.clone()).collect();
    let mut refusing: Vec<Finding> =
        several.iter().map(|(title, columns)| layout::several(title, columns)).collect();
    let missing = missing.iter().filter(|title| needed(title));
    refusing.extend(missing.map(|title| layout::missing(title, headers, &names)));
    Planned { steps: Steps::new(mapping, steps, report_no, watched), refusing, unread }
}

struct Plan<'h> {
    headers: &'h Headers,
    used: Vec<bool>,
    missing: Vec<Title>,
    several: Vec<(Title, Vec<usize>)>,
}

impl Plan<'_> {
    /// The column of a title that is read.
    fn column(&mut self, title: &Title) -> Option<usize> {
        self.mark(title);
        match self.headers.find(title) {
            Place::At(column) => return Some(column),
            Place::Several(columns) if !self.several.iter().any(|(other, _)| other == title) => {
                self.several.push((title.clone(), columns));
            }
            Place::Nowhere if !self.missing.contains(title) => self.missing.push(title.clone()),
            Place::Several(_) | Place::Nowhere => {}
        }
        None
    }

    fn mark(&mut self, title: &Title) {
        for column in self.headers.all(title) {
            if let Some(used) = self.used.get_mut(column) {
                *used = true;
            }
        }
    }
}

/// W108 for the titles that nothing reads, and the columns to be watched for values: those of
/// `unknown`, and those without a title.
fn unread(mapping: &Mapping, headers: &Headers, used: &[bool]) -> (Vec<Finding>, Vec<Watched>) {
    let mut undecided = vec![false; headers.width()];
    let unknown = mapping.source.unknown.iter().flat_map(|title| headers.all(title));
    for column in unknown.chain(headers.untitled().iter().copied()) {
        if let Some(place) = undecided.get_mut(column) {
            *place = true;
        }
    }
    let mut findings: Vec<Finding> = Vec::new();
    let mut watched = Vec::new();
    for (column, _) in used.iter().enumerate().filter(|(_, used)| !**used) {
        let name = headers.name(column);
        if undecided.get(column) == Some(&true) {
            watched.push(Watched { column, name, filled: false });
        } else {
            findings.push(Finding::new(0, &name, Code::W108, ""));
        }
    }
    (findings, watched)
}

impl<'m> Steps<'m> {
    fn new(
        mapping: &'m Mapping,
        steps: Vec<Step<'m>>,
        report_no: Option<(&'m Title, usize)>,
        watched: Vec<Watched>,
    ) -> Self {
        let mut sources = vec![Vec::new(); tables().columns().len() + mapping.own.len()];
        for (index, step) in steps.iter().enumerate() {
            for item in &step.items {
                if let Some(steps) = sources.get_mut(item.position) {
                    steps.push(index);
                }
            }
        }
        Self { steps, report_no, nulls: &mapping.nulls, sources, watched }
    }

    /// Fills a record from the cells of a row.
    pub(crate) fn fill(&self, row: &mut Row<'_>, cells: Cells<'_>) {
        let cell = |column: &Option<usize>| column.and_then(|column| cells.get(column));
        let mut joined = Joined::default();
        for step in &self.steps {
            let rule = step.rule;
            let mut titled = rule.from.titles().iter().zip(step.cells.iter().map(cell));
            let (header, raw, text) = match &rule.from {
                From::One(title) => {
                    let raw = titled.next().and_then(|(_, cell)| cell).unwrap_or_default();
                    (title.as_str(), raw, content(raw))
                }
                From::Join(_, between) => {
                    joined.clear();
                    let cells = titled.filter_map(|(_, cell)| cell);
                    cells.filter(|cell| rule.is_filled(cell)).for_each(|c| joined.push(c, between));
                    (rule.from.first(), joined.raw.as_str(), joined.text.as_str())
                }
                From::First(_) => {
                    let filled =
                        |(_, cell): &(_, Option<&str>)| cell.is_some_and(|c| rule.is_filled(c));
                    match titled.find(filled) {
                        Some((title, Some(raw))) => (title.as_str(), raw, content(raw)),
                        _ => (rule.from.first(), "", ""),
                    }
                }
            };
            let by = cell(&step.by).unwrap_or_default();
            row.apply(&rule.form, &step.items, &rule.nulls, Cell { header, raw, text, by });
        }
    }

    /// The title of the institution's number of a checkup, and the number of this row.
    pub(crate) fn report_no<'r>(&self, cells: Cells<'r>) -> (&'m str, &'r str) {
        let Some((title, column)) = self.report_no else { return ("", "") };
        let number = cells.get(column).map_or("", content);
        let is_word = self.nulls.meaning(number).is_some();
        (title.as_str(), if is_word { "" } else { number })
    }

    /// Whether a source column of an item has a finding that refuses the row.
    pub(crate) fn is_marked(&self, row: &Row<'_>, item: usize) -> bool {
        let mut titles = self.titles_of(item);
        let refuses = |title: &Title| {
            row.findings.iter().any(|found| found.is_error() && found.column == title.as_str())
        };
        titles.any(refuses)
    }

    /// The title and content of the cell that fills an item.
    pub(crate) fn source_of(&self, cells: Cells<'_>, item: usize) -> Option<(String, String)> {
        let step = self.steps_of(item).next()?;
        let cell = step.cells.iter().flatten().find_map(|column| cells.get(*column));
        Some((step.rule.from.name(), cell.unwrap_or_default().to_owned()))
    }

    /// Names the person of a row whose cells cannot be looked at, where the number stands first.
    pub(crate) fn name_person(&self, row: &mut Row<'_>, cells: Cells<'_>) {
        if self.columns_of("patient_id") != [0] {
            return;
        }
        let person = cells.get(0).map_or("", content);
        row.findings.iter_mut().for_each(|finding| person.clone_into(&mut finding.person));
    }

    /// The columns that feed an item.
    pub(crate) fn columns_of(&self, id: &str) -> Vec<usize> {
        let Some(item) = tables().column(id) else { return Vec::new() };
        self.steps_of(item.position).flat_map(|step| step.cells.iter().flatten().copied()).collect()
    }

    /// Notes which of the watched columns hold a value.
    pub(crate) fn watch(&mut self, cells: Cells<'_>) {
        for watched in self.watched.iter_mut().filter(|watched| !watched.filled) {
            watched.filled = cells.get(watched.column).is_some_and(|cell| !trim(cell).is_empty());
        }
    }

    /// Notes that a watched column holds a value that no row shows.
    pub(crate) fn watch_title(&mut self, title: &Title, headers: &Headers) {
        let columns = headers.all(title);
        let watched = self.watched.iter_mut().filter(|watched| columns.contains(&watched.column));
        watched.for_each(|watched| watched.filled = true);
    }

    /// W108 for those that did.
    pub(crate) fn undecided(&self) -> Vec<Finding> {
        let filled = self.watched.iter().filter(|watched| watched.filled);
        filled
            .map(|watched| {
                Finding::new(0, &watched.name, Code::W108, "").expected(
                    "a decision, since the column holds values: [[col]], an own [[item]], or `ignore`",
                    "この列には値があります。[[col]]、独自項目 [[item]]、または ignore のどれにするか",
                )
            })
            .collect()
    }

    fn steps_of(&self, item: usize) -> impl Iterator<Item = &Step<'m>> {
        let steps = self.sources.get(item).map_or(&[][..], Vec::as_slice);
        steps.iter().filter_map(|step| self.steps.get(*step))
    }

    fn titles_of(&self, item: usize) -> impl Iterator<Item = &Title> {
        self.steps_of(item).flat_map(|step| step.rule.from.titles())
    }
}
