//! `[long]`: a table with one row a test becomes one with one row a checkup, before anything else is
//! looked at.

use std::collections::BTreeSet;

use hashbrown::{HashMap, HashSet};

use crate::cells::{content, trim};
use crate::convert::ConvertError;
use crate::findings::{Code, Finding};
use crate::headers::{Headers, Place};
use crate::layout;
use crate::mapping::{Form, Long, Mapping, Title};
use crate::one_table::refused;
use crate::rows::RowText;
use crate::table::Stop;

/// Octets of cells that such a table may have, a fixed bound.
pub(crate) const LONG_TABLE_BYTES: usize = 512 * 1024 * 1024;

/// Tests that such a table may tell of: more are no names of tests.
const MOST_TESTS: usize = 10_000;

/// What a row and a cell take besides their text.
const ROW_BYTES: usize = 256;
const CELL_BYTES: usize = 96;

/// The columns of the file that have a meaning of their own.
struct Columns {
    key: Vec<usize>,
    item: usize,
    value: usize,
    unit: Option<usize>,
    /// All others.
    kept: Vec<usize>,
    /// Those of them that the mapping reads.
    mapped: Vec<usize>,
    /// Those of them that it does not read; whether a row behind the first of its checkup held a value.
    unread: Vec<(usize, bool)>,
}

/// Where rows of one checkup say different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Conflict {
    Column(usize),
    Test(usize),
}

/// One checkup.
#[derive(Default)]
struct Checkup {
    /// The first row.
    first: RowText,
    /// For each test (by its place among the tests) the result.
    results: HashMap<usize, String>,
    conflicts: BTreeSet<Conflict>,
}

/// The table while it is put together, and then row by row.
pub(crate) struct LongTable {
    columns: Columns,
    /// The columns of the file by the names under which a mapping finds them.
    names: Vec<String>,
    /// The columns without a title, where none of them goes: they are found by their places.
    untitled: Vec<usize>,
    by_key: HashMap<String, usize>,
    checkups: Vec<Checkup>,
    tests: Vec<String>,
    by_test: HashMap<String, usize>,
    bytes: usize,
    /// The row that was given last, as a row of the wide table.
    current: RowText,
    given: usize,
}

impl LongTable {
    /// Finds the columns of the table, or says which are missing.
    pub(crate) fn new(
        long: &Long,
        mapping: &Mapping,
        headers: &Headers,
    ) -> Result<Self, Vec<Finding>> {
        let mut findings = Vec::new();
        let mut place = |title: &Title| match headers.find(title) {
            Place::At(column) => Some(column),
            Place::Several(columns) => {
                findings.push(layout::several(title, &columns));
                None
            }
            Place::Nowhere => {
                findings.push(layout::missing(title, headers, &[]));
                None
            }
        };
        let key: Vec<usize> = long.key.iter().filter_map(&mut place).collect();
        let (item, value) = (place(&long.item), place(&long.value));
        let unit = long.unit.as_ref().and_then(&mut place);
        let (Some(item), Some(value), true) = (item, value, findings.is_empty()) else {
            return Err(findings);
        };
        let is_kept = |column: &usize| ![Some(item), Some(value), unit].contains(&Some(*column));
        let kept: Vec<usize> = (0..headers.width()).filter(is_kept).collect();
        let read = mapping.columns.iter().flat_map(|rule| {
            let by = match &rule.form {
                Form::Route { by, .. } => Some(by),
                _ => None,
            };
            rule.from.titles().iter().chain(by)
        });
        let read: HashSet<&Title> = read.chain(&mapping.source.report_no).collect();
        let mut findings = Vec::new();
        let mut is_mapped = vec![false; headers.width()];
        for title in read {
            match headers.find(title) {
                Place::At(column) if is_kept(&column) => {
                    if let Some(mapped) = is_mapped.get_mut(column) {
                        *mapped = true;
                    }
                }
                Place::At(_) => findings.push(Finding::new(0, title.as_str(), Code::E002, "").expected(
                    "the name of a test; the column of this title is one of [long] and makes the tests",
                    "検査の名前（この見出しの列は [long] の列で、検査ごとの列になります）",
                )),
                Place::Several(columns) => findings.push(layout::several(title, &columns)),
                // a test, which is no column of the file
                Place::Nowhere => {}
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let (mapped, unread): (Vec<usize>, Vec<usize>) =
            kept.iter().partition(|column| is_mapped.get(**column) == Some(&true));
        let unread = unread.into_iter().map(|column| (column, false)).collect();
        Ok(Self {
            columns: Columns { key, item, value, unit, kept, mapped, unread },
            names: (0..headers.width()).map(|column| headers.name(column)).collect(),
            untitled: if headers.untitled().iter().all(is_kept) {
                headers.untitled().to_vec()
            } else {
                Vec::new()
            },
            by_key: HashMap::new(),
            checkups: Vec::new(),
            tests: Vec::new(),
            by_test: HashMap::new(),
            bytes: 0,
            current: RowText::default(),
            given: 0,
        })
    }

    /// Adds a row of the file.
    ///
    /// # Errors
    /// When it has no key or no test, or the table grows too large.
    pub(crate) fn add(&mut self, row: RowText, number: u64) -> Result<(), Stop> {
        let cell = |column: usize| row.cells().get(column).map_or("", content);
        let empty = self.columns.key.iter().chain([&self.columns.item]);
        let mut findings: Vec<Finding> = empty
            .filter(|column| cell(**column).is_empty())
            .map(|column| self.empty(*column, &row, number))
            .collect();
        if !findings.is_empty() {
            findings.iter_mut().for_each(|finding| finding.sheet_row = row.sheet_row);
            return Err(Stop::Refused(findings));
        }
        let mut key = String::new();
        for column in &self.columns.key {
            let part = cell(*column);
            key.push_str(&format!("{}:{part}", part.len()));
        }
        let unit = self.columns.unit.map_or("", cell);
        let name = cell(self.columns.item);
        let test = if unit.is_empty() { name.to_owned() } else { format!("{name}({unit})") };
        let result = row.cells().get(self.columns.value).unwrap_or_default().to_owned();
        self.bytes += row.raw.len() + test.len() + result.len() + CELL_BYTES;
        let test = self.test(test);
        if self.tests.len() > MOST_TESTS {
            return Err(Stop::Refused(vec![self.no_names_of_tests()]));
        }
        match self.by_key.get(&key) {
            Some(place) => self.join(*place, &row, test, result),
            None => {
                self.bytes += row.text.len() + key.len() + ROW_BYTES;
                self.by_key.insert(key, self.checkups.len());
                let results = HashMap::from_iter([(test, result)]);
                self.checkups.push(Checkup { first: row, results, conflicts: BTreeSet::new() });
            }
        }
        if self.bytes > LONG_TABLE_BYTES {
            return Err(Stop::Failed(ConvertError::LongTable(LONG_TABLE_BYTES)));
        }
        Ok(())
    }

    /// A further row of a checkup.
    fn join(&mut self, place: usize, row: &RowText, test: usize, result: String) {
        let Some(checkup) = self.checkups.get_mut(place) else { return };
        let (first, cells) = (checkup.first.cells(), row.cells());
        for column in &self.columns.mapped {
            if first.get(*column).map(content) != cells.get(*column).map(content) {
                checkup.conflicts.insert(Conflict::Column(*column));
            }
        }
        for (column, filled) in &mut self.columns.unread {
            *filled |= cells.get(*column).is_some_and(|cell| !trim(cell).is_empty());
        }
        match checkup.results.get(&test) {
            Some(earlier) if content(earlier) == content(&result) => {}
            Some(_) => {
                checkup.conflicts.insert(Conflict::Test(test));
            }
            None => {
                checkup.results.insert(test, result);
            }
        }
        checkup.first.raw.extend_from_slice(&row.raw);
    }

    /// Titles of columns that the mapping does not read and that hold a value in a row behind the first
    /// of its checkup.
    pub(crate) fn filled_later(&self) -> impl Iterator<Item = Title> {
        let filled = self.columns.unread.iter().filter(|(_, filled)| *filled);
        filled.map(|(column, _)| Title::new(self.names.get(*column).map_or("", String::as_str)))
    }

    /// A column that holds another word in each row says which row it is, not which test.
    fn no_names_of_tests(&self) -> Finding {
        let title = self.names.get(self.columns.item).map_or("", String::as_str);
        refused(
            format!(
                "the column {title:?} ([long] item) holds more than {MOST_TESTS} different words; name the column with the names of the tests"
            ),
            format!(
                "列「{title}」（[long] の item）に{MOST_TESTS}種類を超える語があります。検査名の列を指定してください"
            ),
        )
    }

    fn test(&mut self, name: String) -> usize {
        if let Some(place) = self.by_test.get(&name) {
            return *place;
        }
        let place = self.tests.len();
        self.tests.push(name.clone());
        self.by_test.insert(name, place);
        place
    }

    fn empty(&self, column: usize, row: &RowText, number: u64) -> Finding {
        let title = self.names.get(column).map_or("", String::as_str);
        let value = row.cells().get(column).unwrap_or_default();
        Finding::new(number, title, Code::E010, value).expected(
            "a value in every row, since it says to which checkup and test the row belongs",
            "全ての行で値（どの健診のどの検査かを示す列です）",
        )
    }

    /// The titles of the wide table: the columns of the file that are kept, then the tests.
    pub(crate) fn headers(&self) -> Headers {
        let title = |column: &usize| match self.untitled.binary_search(column) {
            Ok(_) => "",
            Err(_) => self.names.get(*column).map_or("", String::as_str),
        };
        let kept = self.columns.kept.iter().map(title);
        Headers::new(kept.chain(self.tests.iter().map(String::as_str)).map(str::to_owned).collect())
    }

    /// The next checkup, and what is wrong with it.
    pub(crate) fn next_row(&mut self) -> Option<(Vec<Finding>, &RowText)> {
        let checkup = self.checkups.get_mut(self.given).map(std::mem::take)?;
        self.given += 1;
        let (row, first) = (&mut self.current, &checkup.first);
        row.text.clear();
        row.bounds.clear();
        row.raw.clone_from(&first.raw);
        row.sheet_row = first.sheet_row;
        let (cells, kept) = (first.cells(), &self.columns.kept);
        row.bounds.resize(kept.len() + self.tests.len(), (0, 0));
        let mut put = |place: usize, cell: &str| {
            let start = row.text.len();
            row.text.push_str(cell);
            if let Some(bounds) = row.bounds.get_mut(place) {
                *bounds = (start, row.text.len());
            }
        };
        for (place, column) in kept.iter().enumerate() {
            put(place, cells.get(*column).unwrap_or_default());
        }
        for (test, result) in &checkup.results {
            put(kept.len() + test, result);
        }
        let number = u64::try_from(self.given).unwrap_or(u64::MAX);
        let finding = |conflict: &Conflict| {
            let title = match conflict {
                Conflict::Column(column) => self.names.get(*column),
                Conflict::Test(test) => self.tests.get(*test),
            };
            let title = title.map_or("", String::as_str);
            Finding::new(number, title, Code::E017, "").expected(
                "one value for each test and column of a checkup; rows of it say different things",
                "1件の健診につき、検査・列ごとに1つの値（行によって内容が異なります）",
            )
        };
        Some((checkup.conflicts.iter().map(finding).collect(), &self.current))
    }
}
