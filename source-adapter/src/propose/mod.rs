//! A mapping drafted from an export: which column is which item and in which form, where that is
//! certain, and what a person has to say, where it is not. The names, units and words it knows are
//! tables. Nothing of a person gets into a draft.

mod decide;
mod encoding;
mod forms;
mod header;
mod long;
mod nulls;
mod own_items;
mod privacy;
mod profile;
mod records;
mod score;
mod series;
mod shapes;
mod sheet;
mod sideways;
mod splits;
mod titlerow;
mod titles;
mod trailer;
mod units;
mod vocabulary;
mod write;

use std::io::{self, Read};

use renkei_checkup::tables::drafting::Never;
use serde::Serialize;

use decide::Verdict;
use profile::Profile;
use sheet::Sheet;
use titles::Reading;

pub use sheet::{Layout, Quotes, SAMPLE_ROWS};
pub use titlerow::Options as ProposeOptions;

/// Why no mapping could be drafted.
#[derive(Debug, thiserror::Error)]
pub enum ProposeError {
    /// The file could not be read.
    #[error("reading the export / ファイルを読めません")]
    Read(#[source] io::Error),
    /// The bytes are in no encoding that mappings know.
    #[error(
        "文字コードがUTF-8、UTF-16、CP932、EUC-JPのいずれでもありません。どれかで出力し直してください / the file is in none of UTF-8, UTF-16, CP932 and EUC-JP; export it again in one of them"
    )]
    Encoding,
    /// ISO-2022-JP.
    #[error(
        "文字コードがISO-2022-JP（JIS）です。UTF-8かCP932で出力し直してください / the file is in ISO-2022-JP; export it again in UTF-8 or CP932"
    )]
    Iso2022,
    /// An Excel workbook.
    #[error(
        "Excelのブックです。「名前を付けて保存」で「CSV UTF-8」を選んで保存し、そのファイルを指定してください / an Excel workbook; save it as CSV and name that file"
    )]
    Workbook,
    /// Another file that is no text.
    #[error(
        "表のテキストファイルではありません。CSVを指定してください / the file is no text; name a CSV file"
    )]
    NoText,
    /// No line has more than one field.
    #[error(
        "表が見つかりません。見出し行と、同じ列数の行が必要です / no table was found: a row of titles and rows with the same number of fields are expected"
    )]
    NoTable,
    /// Columns kept apart by blanks.
    #[error(
        "固定長（空白で桁をそろえた）ファイルです。区切り文字のあるCSVで出力し直してください / columns of fixed width; export the table again as CSV"
    )]
    FixedWidth,
    /// No row of titles.
    #[error(
        "見出し行がわかりません。見出しより前の行数を --skip-rows N、見出しの行数を --header-rows N で指定してください / no row of titles was found; say --skip-rows N (lines before it) and --header-rows N (rows of titles)"
    )]
    NoTitles,
    /// A row that may be titles or data.
    #[error(
        "{line}行目が見出しかデータかわかりません。見出しの行数を --header-rows N で指定してください（必要なら --skip-rows N も） / line {line} may be titles or data; say --header-rows N, and --skip-rows N if needed"
    )]
    UnclearTitles {
        /// 1-based line of the file.
        line: usize,
    },
    /// A second row of titles.
    #[error(
        "{line}行目にもう一度見出しがあります。1つの表だけのファイルに分けてください / line {line} has titles again; keep one table in a file"
    )]
    SeveralTables {
        /// 1-based line of the file.
        line: usize,
    },
    /// One row for each test, but not which columns say what.
    #[error(
        "1検査が1行の表ですが、受診者・受診日・項目名・結果の列がわかりません。対応表の [long] に key、item、value を書いてください / one row for each test, but not which columns are person, day, test and result; write [long] with key, item and value"
    )]
    UnclearLong,
    /// The items stand one below the other, and people (or one person) beside them.
    #[error(
        "項目が縦に並んだ表です（1列目が項目名）。1件の健診が1行になる形で出力し直してください / the items stand one below the other in the first column; export the table with one row for each checkup"
    )]
    Sideways,
}

/// A drafted mapping.
#[derive(Clone, Debug, Serialize)]
pub struct Draft {
    /// The export it was drafted from.
    pub input: String,
    /// Rows that were looked at.
    pub rows: usize,
    /// How the file is laid out.
    pub layout: Layout,
    /// Columns behind those that were looked at.
    pub columns_left_out: usize,
    /// The columns in their order.
    pub columns: Vec<ProposedColumn>,
    /// Required items that no column fills: a person gives them, or they stay empty.
    pub to_fill_in: Vec<String>,
    #[serde(skip)]
    toml: String,
}

/// What a draft says about a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is certain what it is.
    Decided,
    /// It is certain what it is, and some of its words are asked.
    WordsAsked,
    /// A person has to say which of the candidates it is.
    Asked,
    /// No item is known; it goes to `unknown`.
    Unknown,
    /// It holds no result; it goes to `ignore`.
    Ignored,
}

/// What a column seems to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposedColumn {
    /// 1-based place.
    pub column: usize,
    /// Its header, as `from` names it.
    pub header: String,
    /// Whether anything was decided.
    pub state: State,
    /// The items it fills; empty unless it is decided.
    pub items: Vec<String>,
    /// The word of `as`; none unless it is decided.
    #[serde(rename = "as")]
    pub form: Option<&'static str>,
    /// What it may be when it is asked.
    pub candidates: Vec<Vec<String>>,
    /// How certain its meaning is, from 0 to 100.
    pub confidence: u8,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

impl Reason {
    fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ja: ja.into(), en: en.into() }
    }
}

impl Draft {
    /// The mapping file, with comments; lines to fill in are marked 要記入.
    pub fn toml(&self) -> &str {
        &self.toml
    }
}

/// A column with what was seen in it.
struct Column {
    /// 1-based place in the file.
    place: usize,
    /// As `from` of a mapping names it.
    from: String,
    /// The ways to read its titles.
    readings: Vec<Reading>,
    /// Why it can be no result of this checkup.
    never: Option<(Never, &'static str)>,
    profile: Profile,
    /// The different cells, absent values included.
    cells: Vec<String>,
    /// The cells row by row.
    rows: Vec<String>,
    /// Whether it has no title.
    untitled: bool,
    /// Whether it says something about each test of a table with one row for each.
    per_test: bool,
}

impl Column {
    fn of(column: sheet::SheetColumn) -> Self {
        let mut cells = column.cells.clone();
        cells.sort_unstable();
        cells.dedup();
        let untitled = column.titles.is_empty();
        Self {
            place: column.place,
            per_test: column.per_test,
            readings: if untitled { Vec::new() } else { titles::readings(&column.titles) },
            never: header::never(&column.titles.join(" ")),
            profile: Profile::of(&column.cells),
            from: column.from,
            cells,
            rows: column.cells,
            untitled,
        }
    }
}

/// As [`propose_with`], where a person says nothing about the titles.
///
/// # Errors
///
/// As [`propose_with`].
pub fn propose(input: impl Read, name: &str) -> Result<Draft, ProposeError> {
    propose_with(input, name, ProposeOptions::default())
}

/// Drafts a mapping from the first [`SAMPLE_ROWS`] rows of an export; `name` is that of the file.
///
/// # Errors
///
/// [`ProposeError`] when the file cannot be read, is in another encoding, or holds no table of which
/// the titles can be told.
pub fn propose_with(
    input: impl Read,
    name: &str,
    options: ProposeOptions,
) -> Result<Draft, ProposeError> {
    let (sheet, long) = long::turn(Sheet::read(input, options)?)?;
    let columns: Vec<Column> = sheet.columns.into_iter().map(Column::of).collect();
    if long.is_none()
        && columns.first().is_some_and(|first| sideways::is_list_of_items(&first.rows))
    {
        return Err(ProposeError::Sideways);
    }
    let verdicts = decide::decide(&columns);
    let series = series::find(&columns, &verdicts);
    let plan = forms::plan(&columns, &verdicts, &series);
    let proposed = columns
        .iter()
        .zip(&verdicts.of)
        .enumerate()
        .map(|(index, (column, verdict))| proposed(&plan, index, column, verdict))
        .collect();
    let mut draft = Draft {
        input: name.to_owned(),
        rows: sheet.rows,
        layout: sheet.layout,
        columns_left_out: sheet.columns_left_out,
        columns: proposed,
        to_fill_in: write::gaps(&plan),
        toml: String::new(),
    };
    draft.toml = write::toml(&write::Whole {
        draft: &draft,
        columns: &columns,
        verdicts: &verdicts.of,
        plan: &plan,
        titles: &sheet.titles,
        long: long.as_ref(),
    });
    Ok(draft)
}

/// What is told of a column.
fn proposed(
    plan: &forms::Plan,
    index: usize,
    column: &Column,
    verdict: &Verdict,
) -> ProposedColumn {
    let rule = plan.rules.iter().find(|rule| rule.reads(index));
    let ids = |choice: &decide::Choice| -> Vec<String> {
        choice.target.items.iter().map(|item| item.id.clone()).collect()
    };
    let (state, candidates, confidence, reasons) = match verdict {
        _ if rule.is_some_and(|rule| !rule.also.is_empty()) => {
            let asks = rule.is_some_and(|rule| plan.asks(rule));
            let state = if asks { State::WordsAsked } else { State::Decided };
            let reason =
                Reason::new("並んだ列を合わせて1つの項目", "one item with the columns beside");
            (state, Vec::new(), if asks { 80 } else { 90 }, vec![reason])
        }
        Verdict::Decided(choice) => {
            let asks = rule.is_some_and(|rule| plan.asks(rule));
            let state = if asks { State::WordsAsked } else { State::Decided };
            let confidence = if asks { 80 } else { decided_confidence(choice) };
            (state, Vec::new(), confidence, forms::reasons(column, choice, rule))
        }
        Verdict::Asked { choices, why } => {
            let mut reasons = vec![why.clone()];
            reasons.extend(choices.first().map(forms::name_reason));
            let part = choices.iter().all(|choice| choice.level == score::Level::Part);
            let confidence =
                if part { 20 } else { 100 / (1 + u8::try_from(choices.len()).unwrap_or(3)) };
            (State::Asked, choices.iter().map(ids).collect(), confidence, reasons)
        }
        Verdict::Unknown(why) => (State::Unknown, Vec::new(), 0, vec![why.clone()]),
        Verdict::Ignored(why) => (State::Ignored, Vec::new(), 90, vec![why.clone()]),
    };
    ProposedColumn {
        column: column.place,
        header: column.from.clone(),
        state,
        items: rule.map_or_else(Vec::new, |rule| ids(&rule.choice)),
        form: rule.map(|rule| rule.form.name()),
        candidates,
        confidence,
        reasons,
    }
}

/// How certain a decided column is: its cells speak for it, or it has none.
fn decided_confidence(choice: &decide::Choice) -> u8 {
    if choice.cells > 0.7 { 99 } else { 90 }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod promises;
