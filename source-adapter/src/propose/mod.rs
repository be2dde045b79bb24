//! A mapping drafted from an export: which column is which item, in which form, how sure that is
//! and why. A person confirms it; the names, units and words it knows are tables.

mod assign;
mod forms;
mod header;
mod nulls;
mod profile;
mod score;
mod shapes;
mod sheet;
mod units;
mod vocabulary;
mod write;

use std::io::{self, Read};

use serde::Serialize;

use header::Feature;
use profile::Profile;
use sheet::Sheet;

pub use sheet::{Layout, SAMPLE_ROWS};

/// Why no mapping could be drafted.
#[derive(Debug, thiserror::Error)]
pub enum ProposeError {
    /// The file could not be read.
    #[error("reading the export / ファイルを読めません")]
    Read(#[source] io::Error),
    /// The bytes are in no encoding that mappings know.
    #[error(
        "the file is neither UTF-8 nor CP932; export it again in one of them / UTF-8でもCP932でもありません。どちらかで出力し直してください"
    )]
    Encoding,
    /// No line has more than one field.
    #[error(
        "no table was found: a header row and rows with the same number of fields are expected / 表が見つかりません。見出し行と、同じ列数の行が必要です"
    )]
    NoTable,
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

/// What a column seems to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposedColumn {
    /// 1-based place.
    pub column: usize,
    /// Its header.
    pub header: String,
    /// The items it fills; empty when it is left out.
    pub items: Vec<String>,
    /// The word of `as`; none when it is left out.
    #[serde(rename = "as")]
    pub form: Option<&'static str>,
    /// From 0 to 100.
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
    header: String,
    feature: Feature,
    profile: Profile,
    /// The different cells, absent values included.
    cells: Vec<String>,
}

/// Drafts a mapping from the first [`SAMPLE_ROWS`] rows of an export; `name` is that of the file.
///
/// # Errors
///
/// [`ProposeError`] when the file cannot be read, is in another encoding, or holds no table.
pub fn propose(input: impl Read, name: &str) -> Result<Draft, ProposeError> {
    let sheet = Sheet::read(input)?;
    let columns: Vec<Column> = sheet
        .columns
        .into_iter()
        .map(|column| {
            let mut cells = column.cells.clone();
            cells.sort_unstable();
            cells.dedup();
            Column {
                feature: Feature::of(&column.header),
                profile: Profile::of(&column),
                header: column.header,
                cells,
            }
        })
        .collect();
    let choices = assign::assign(&columns);
    let plan = forms::plan(&columns, &choices);
    let proposed = plan.proposed(&columns, &choices);
    let to_fill_in = write::gaps(&plan);
    let mut draft = Draft {
        input: name.to_owned(),
        rows: sheet.rows,
        layout: sheet.layout,
        columns_left_out: sheet.columns_left_out,
        columns: proposed,
        to_fill_in,
        toml: String::new(),
    };
    draft.toml = write::toml(&draft, &columns, &plan);
    Ok(draft)
}

#[cfg(test)]
mod tests;
