//! E005: whether the file is one table with one row a checkup.

use std::hash::{BuildHasher, RandomState};
use std::io::Read;

use hashbrown::{HashMap, HashSet};
use renkei_checkup::dates;
use renkei_checkup::number::Measured;

use crate::cells::trim;
use crate::decode::BYTE_ORDER_MARK;
use crate::findings::{Code, Finding};
use crate::headers::Headers;
use crate::rows::{Cells, RowText};
use crate::steps::Steps;
use crate::table::{Stop, Table};

/// Watches the rows of a table for the beginning of another one.
pub(crate) struct OneTable {
    /// The cells of the header rows, without a byte order mark.
    header: Vec<Vec<String>>,
    /// All of their titles.
    titles: HashSet<String>,
    width: usize,
    /// The last row, when it was one of titles and of another width: that width, and its place.
    other_titles: Option<(usize, u64)>,
}

impl OneTable {
    pub(crate) fn new(header: &[RowText], headers: &Headers) -> Self {
        let cells = |row: &RowText| -> Vec<String> {
            let cells = row.cells().iter();
            cells.map(|cell| cell.trim_start_matches(BYTE_ORDER_MARK).to_owned()).collect()
        };
        let header: Vec<Vec<String>> = header.iter().map(cells).collect();
        let titles = header.iter().flatten().map(|title| trim(title).to_owned());
        Self {
            titles: titles.filter(|title| !title.is_empty()).collect(),
            header,
            width: headers.width(),
            other_titles: None,
        }
    }

    /// A header of one cell in which gaps part the titles.
    pub(crate) fn fixed_width(headers: &Headers) -> Option<Finding> {
        let [title] = headers.titles() else { return None };
        let gap = |pair: &str| trim(title).contains(pair);
        ["  ", "\u{3000}\u{3000}", " \u{3000}", "\u{3000} "].into_iter().any(gap).then(|| {
            refused(
                "columns of fixed width are no CSV; export the file with a delimiter (CSV or tab)",
                "固定長のファイルです。区切り文字のある形式（CSVまたはタブ区切り）で出力してください",
            )
        })
    }

    /// Looks at the next row.
    pub(crate) fn see(&mut self, row: &RowText) -> Option<Finding> {
        let cells = row.cells();
        let place = row.sheet_row;
        if let Some((width, first)) = self.other_titles.take()
            && cells.len() == width
            && !is_titles(cells)
        {
            return Some(refused(
                format!(
                    "a second table begins in row {first} of the file (as a spreadsheet counts) with {width} columns; the first has {}; give one table a file",
                    self.width
                ),
                format!(
                    "ファイルの{first}行目（Excelでの行）から、{width}列の別の表が始まっています（最初の表は{}列）。1つのファイルを1つの表にしてください",
                    self.width
                ),
            ));
        }
        if self.is_header_again(cells) {
            return Some(refused(
                format!(
                    "the header stands again in row {place} of the file (as a spreadsheet counts); give one table a file, with its header once"
                ),
                format!(
                    "ファイルの{place}行目（Excelでの行）に見出しがもう一度あります。1つのファイルを、見出しが1回だけの1つの表にしてください"
                ),
            ));
        }
        if cells.len() != self.width && is_titles(cells) {
            self.other_titles = Some((cells.len(), place));
        }
        None
    }

    /// A row equal to a header row, a row of titles that begins with its first title, or one that has
    /// its titles in another order.
    fn is_header_again(&self, cells: Cells<'_>) -> bool {
        let first = cells.get(0).map_or("", trim);
        let begins = |header: &Vec<String>| {
            header.first().is_some_and(|title| trim(title) == first && !first.is_empty())
        };
        let equal = |header: &Vec<String>| cells.iter().eq(header.iter().map(String::as_str));
        if self.header.iter().any(equal) {
            return true;
        }
        (self.header.iter().any(begins) || self.repeats_titles(cells)) && is_titles(cells)
    }

    /// Whether two or more cells, and half of the filled ones, are titles.
    fn repeats_titles(&self, cells: Cells<'_>) -> bool {
        let titles = cells.iter().filter(|cell| self.titles.contains(trim(cell))).count();
        titles > 1 && titles * 2 >= cells.filled()
    }
}

/// Rows that are looked at.
const SAMPLE: usize = 500;
/// Cells that are looked at: fewer rows of a very wide table.
const SAMPLE_CELLS: usize = 1_000_000;

/// Items that are the same in all rows of one checkup.
const PERSON: [&str; 4] = ["birth_date", "sex", "name_kana", "name_kanji"];

/// Watches the first rows for a table with one row a test: most rows share person and day with two
/// others or more, and one column holds another word in each.
pub(crate) struct OneRowEach {
    /// The columns that say who.
    person: Vec<usize>,
    /// The columns that say when.
    day: Vec<usize>,
    /// The columns that say more of the person.
    traits: Vec<usize>,
    state: RandomState,
    /// For each row who and when, and each cell that is a word.
    rows: Vec<(u64, Vec<Option<u64>>)>,
    /// Rows that name nobody.
    nobody: usize,
    judged: bool,
}

impl OneRowEach {
    /// None where the mapping does not say who the person is.
    pub(crate) fn new(steps: &Steps<'_>) -> Option<Self> {
        let person = ["patient_id", "name_kana", "name_kanji"]
            .iter()
            .map(|id| steps.columns_of(id))
            .find(|columns| !columns.is_empty())?;
        Some(Self {
            person,
            day: steps.columns_of("exam_date"),
            traits: PERSON.iter().flat_map(|id| steps.columns_of(id)).collect(),
            state: RandomState::new(),
            rows: Vec::new(),
            nobody: 0,
            judged: false,
        })
    }

    /// Looks at the next row.
    pub(crate) fn see(&mut self, cells: Cells<'_>) -> Result<(), Stop> {
        if self.judged {
            return Ok(());
        }
        let cell = |column: &usize| cells.get(*column).map_or("", trim);
        let person: Vec<&str> = self.person.iter().map(cell).collect();
        if person.iter().all(|cell| cell.is_empty()) {
            self.nobody += 1;
            return if self.is_full(0) { self.decide() } else { Ok(()) };
        }
        let day: Vec<&str> = self.day.iter().map(cell).collect();
        let word = |cell: &str| {
            let cell = trim(cell);
            let is_word = !cell.is_empty() && Measured::read(cell).is_none();
            is_word.then(|| self.state.hash_one(cell))
        };
        let row = (self.state.hash_one((&person, &day)), cells.iter().map(word).collect());
        self.rows.push(row);
        if self.is_full(cells.len()) { self.decide() } else { Ok(()) }
    }

    fn is_full(&self, width: usize) -> bool {
        let rows = self.rows.len();
        rows + self.nobody >= SAMPLE || rows * width >= SAMPLE_CELLS
    }

    /// Looks at the rows of a file that is refused anyway.
    pub(crate) fn see_all<R: Read>(mut self, table: &mut Table<'_, R>) -> Result<(), Stop> {
        while !self.judged {
            let Some((_, row)) = table.next_row()? else { break };
            self.see(row.cells())?;
        }
        self.judge()
    }

    /// Decides about a file with fewer rows.
    pub(crate) fn judge(mut self) -> Result<(), Stop> {
        if self.judged { Ok(()) } else { self.decide() }
    }

    /// Whether rows under one number do not tell of different people: that is another mistake (E020).
    fn is_one_person(&self, rows: &[&[Option<u64>]]) -> bool {
        self.traits.iter().all(|column| {
            let mut said = rows.iter().filter_map(|row| row.get(*column).copied().flatten());
            let first = said.next();
            said.all(|other| Some(other) == first)
        })
    }

    fn decide(&mut self) -> Result<(), Stop> {
        self.judged = true;
        let rows = std::mem::take(&mut self.rows);
        let mut groups: HashMap<u64, Vec<&[Option<u64>]>> = HashMap::new();
        for (key, cells) in &rows {
            groups.entry(*key).or_default().push(cells);
        }
        groups.retain(|_, rows| rows.len() > 2 && self.is_one_person(rows));
        let shared: usize = groups.values().map(Vec::len).sum();
        if shared * 2 <= rows.len() + self.nobody {
            return Ok(());
        }
        let width = rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or_default();
        let is_another_in_each = |column: usize| {
            groups.values().all(|rows| {
                let mut words = HashSet::new();
                rows.iter().all(|row| {
                    row.get(column).copied().flatten().is_some_and(|word| words.insert(word))
                })
            })
        };
        if (0..width).any(is_another_in_each) {
            return Err(Stop::Refused(vec![refused(
                "each test has a row of its own; describe the table by [long] in the mapping (key, item, value, unit), or export it with one row a checkup",
                "1つの検査が1行になっています。対応表に [long]（key・item・value・unit）を書くか、1件の健診が1行の形で出力してください",
            )]));
        }
        Ok(())
    }
}

/// Two or more filled cells, none of them a number or a date.
pub(crate) fn is_titles(cells: Cells<'_>) -> bool {
    let filled = || cells.iter().map(trim).filter(|cell| !cell.is_empty());
    filled().count() > 1
        && filled().all(|cell| Measured::read(cell).is_none() && dates::read(cell).is_none())
}

/// E005 with what is in the way and what to do.
pub(crate) fn refused(en: impl Into<String>, ja: impl Into<String>) -> Finding {
    Finding::new(0, "", Code::E005, "").expected(en, ja)
}
