//! `[long]`: a table with one row a test becomes one with one row a checkup, before anything else is
//! looked at.

use hashbrown::HashMap;

use crate::cells::{content, trim};
use crate::convert::ConvertError;
use crate::findings::{Code, Finding};
use crate::headers::{Headers, Place};
use crate::layout;
use crate::mapping::{Form, Long, Mapping, Title};
use crate::rows::RowText;
use crate::table::Stop;

/// Octets of cells that such a table may have: `limits.long_table_bytes`.
pub(crate) const LONG_TABLE_BYTES: usize = 512 * 1024 * 1024;

/// What a row and a cell take besides their text.
const ROW_BYTES: usize = 256;
const CELL_BYTES: usize = 48;

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
}

/// One checkup.
#[derive(Default)]
struct Checkup {
    /// The first row.
    first: RowText,
    /// Test (by its place among the tests) and result.
    results: Vec<(usize, String)>,
    /// Titles under which rows say different things.
    conflicts: Vec<String>,
}

/// The table while it is put together, and then row by row.
pub(crate) struct LongTable {
    columns: Columns,
    titles: Vec<String>,
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
        let kept = (0..headers.width())
            .filter(|column| ![Some(item), Some(value), unit].contains(&Some(*column)))
            .collect();
        let read = mapping.columns.iter().flat_map(|rule| {
            let by = match &rule.form {
                Form::Route { by, .. } => Some(by),
                _ => None,
            };
            rule.from.titles().iter().chain(by)
        });
        let read = read.chain(&mapping.source.report_no);
        let mut mapped: Vec<usize> = read.flat_map(|title| headers.all(title)).collect();
        mapped.sort_unstable();
        mapped.dedup();
        mapped.retain(|column| ![Some(item), Some(value), unit].contains(&Some(*column)));
        Ok(Self {
            columns: Columns { key, item, value, unit, kept, mapped },
            titles: (0..headers.width()).map(|column| headers.name(column)).collect(),
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
        match self.by_key.get(&key) {
            Some(place) => self.join(*place, &row, test, result),
            None => {
                self.bytes += row.text.len() + key.len() + ROW_BYTES;
                self.by_key.insert(key, self.checkups.len());
                let results = vec![(test, result)];
                self.checkups.push(Checkup { first: row, results, conflicts: Vec::new() });
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
        let mut conflict = |title: Option<&String>| {
            if let Some(title) = title.filter(|title| !checkup.conflicts.contains(title)) {
                checkup.conflicts.push(title.clone());
            }
        };
        for column in &self.columns.mapped {
            let of = |row: &RowText| row.cells().get(*column).map_or("", trim).to_owned();
            if of(&checkup.first) != of(row) {
                conflict(self.titles.get(*column));
            }
        }
        match checkup.results.iter().find(|(other, _)| *other == test) {
            Some((_, earlier)) if trim(earlier) == trim(&result) => {}
            Some(_) => conflict(self.tests.get(test)),
            None => checkup.results.push((test, result)),
        }
        checkup.first.raw.extend_from_slice(&row.raw);
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
        let title = self.titles.get(column).map_or("", String::as_str);
        let value = row.cells().get(column).unwrap_or_default();
        Finding::new(number, title, Code::E010, value).expected(
            "a value in every row, since it says to which checkup and test the row belongs",
            "全ての行で値（どの健診のどの検査かを示す列です）",
        )
    }

    /// The titles of the wide table: the columns of the file that are kept, then the tests.
    pub(crate) fn headers(&self) -> Headers {
        let kept = self.columns.kept.iter().filter_map(|column| self.titles.get(*column));
        Headers::new(kept.chain(&self.tests).cloned().collect())
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
        let cells = first.cells();
        let mut push = |cell: &str| {
            let start = row.text.len();
            row.text.push_str(cell);
            row.bounds.push((start, row.text.len()));
        };
        for column in &self.columns.kept {
            push(cells.get(*column).unwrap_or_default());
        }
        let mut results: HashMap<usize, String> = checkup.results.into_iter().collect();
        for test in 0..self.tests.len() {
            push(&results.remove(&test).unwrap_or_default());
        }
        let number = u64::try_from(self.given).unwrap_or(u64::MAX);
        let finding = |title: &String| {
            Finding::new(number, title, Code::E017, "").expected(
                "one value for each test and column of a checkup; rows of it say different things",
                "1件の健診につき、検査・列ごとに1つの値（行によって内容が異なります）",
            )
        };
        Some((checkup.conflicts.iter().map(finding).collect(), &self.current))
    }
}
