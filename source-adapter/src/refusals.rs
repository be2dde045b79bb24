//! The report that goes back to the institution: every finding with what it means and what to do, as
//! a table for a spreadsheet and as JSON for a program. Both grow as the findings come.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use renkei_checkup::tables;
use serde::Serialize;

use crate::findings::{Code, Finding, Severity};
use crate::mapping::{Item, Mapping};
use crate::private::{self, temporary};

/// The table.
pub const REFUSALS_CSV: &str = "refusals.csv";
/// The same as JSON: an array, one object a line.
pub const REFUSALS_JSON: &str = "refusals.json";

/// A spreadsheet takes a file without this mark for one in the code page of the machine.
const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

const COLUMNS: [&str; 15] = [
    "行番号",
    "Excelの行",
    "受診者ID",
    "見出し",
    "項目名",
    "コード",
    "種別",
    "値",
    "内容",
    "期待する値",
    "対処方法",
    "Item",
    "What is wrong",
    "Expected",
    "What to do",
];

/// One finding, told in full.
#[derive(Debug, Serialize)]
struct Refusal<'f> {
    row: u64,
    sheet_row: u64,
    patient_id: &'f str,
    header: &'f str,
    item: &'f str,
    code: Code,
    kind: &'static str,
    value: &'f str,
    wrong_ja: &'static str,
    expected_ja: &'f str,
    remedy_ja: &'static str,
    item_en: &'f str,
    wrong_en: &'static str,
    expected_en: &'f str,
    remedy_en: &'static str,
}

impl Refusal<'_> {
    fn cells(&self) -> [String; 15] {
        let kind = if self.kind == ERROR { "エラー" } else { "警告" };
        let row = self.row.to_string();
        let sheet_row =
            if self.sheet_row == 0 { String::new() } else { self.sheet_row.to_string() };
        [
            row.as_str(),
            &sheet_row,
            self.patient_id,
            self.header,
            self.item,
            self.code.name(),
            kind,
            self.value,
            self.wrong_ja,
            self.expected_ja,
            self.remedy_ja,
            self.item_en,
            self.wrong_en,
            self.expected_en,
            self.remedy_en,
        ]
        .map(|cell| harmless(cell).into_owned())
    }
}

const ERROR: &str = "error";
const WARNING: &str = "warning";

/// A cell that no spreadsheet takes for a formula: an apostrophe goes before what begins one. A plain
/// negative number is none, and stays a number.
fn harmless(cell: &str) -> Cow<'_, str> {
    let begins_formula = |letter| {
        matches!(letter, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    };
    let visible = cell.trim_start_matches([' ', '\u{3000}']);
    if visible.starts_with(begins_formula) && !is_negative_number(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

fn is_negative_number(cell: &str) -> bool {
    let Some(number) = cell.strip_prefix('-') else { return false };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction)
}

/// How a mapping joins the headers of the export and the items of the record.
struct Names {
    /// Header to the names of its items, Japanese and English.
    items: HashMap<String, (String, String)>,
    /// Item to its headers.
    headers: HashMap<&'static str, String>,
}

impl Names {
    fn of(mapping: &Mapping) -> Self {
        let mut items: HashMap<String, (String, String)> = HashMap::new();
        let mut headers: HashMap<&'static str, String> = HashMap::new();
        for rule in &mapping.columns {
            for (item, title) in rule
                .form
                .items()
                .iter()
                .flat_map(|item| rule.from.titles().iter().map(move |t| (item, t)))
            {
                let (ja, en) = items.entry(title.as_str().to_owned()).or_default();
                append(ja, &item.name_ja, "、");
                append(en, &item.name_en, ", ");
                append(headers.entry(item.id.as_str()).or_default(), title.as_str(), "、");
            }
        }
        Self { items, headers }
    }

    /// Header and names of the item for what a finding calls its column: a header of the export, or
    /// the id of an item.
    fn of_column<'n>(&'n self, column: &'n str) -> (&'n str, &'n str, &'n str) {
        if let Some((ja, en)) = self.items.get(column) {
            return (column, ja, en);
        }
        let item: Option<Item> = tables().column(column);
        match item {
            Some(item) => {
                let header = self.headers.get(item.id.as_str()).map_or("", String::as_str);
                (header, &item.name_ja, &item.name_en)
            }
            None => (column, "", ""),
        }
    }
}

fn append(list: &mut String, name: &str, join: &str) {
    if !list.is_empty() {
        list.push_str(join);
    }
    list.push_str(name);
}

/// The two files while they grow; they get their names when [`Self::publish`] is called.
pub(crate) struct Refusals {
    names: Names,
    files: Files,
    /// What is told of the file as a whole: it stands before the rows and is known last.
    of_file: OfFile,
    folder: Unfinished,
}

/// Findings of the file as a whole, as both files will have them.
#[derive(Default)]
struct OfFile {
    csv: Vec<u8>,
    json: Vec<u8>,
}

/// The folder; the temporary files in it are removed however the work ends.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        for name in [REFUSALS_CSV, REFUSALS_JSON] {
            // what cannot be removed now is written over the next time
            private::remove_file(&self.0.join(temporary(name))).unwrap_or_default();
        }
    }
}

struct Files {
    csv: csv::Writer<BufWriter<File>>,
    json: BufWriter<File>,
    is_empty: bool,
}

impl Files {
    fn open(folder: &Path) -> io::Result<Self> {
        let create = |name| private::file(&folder.join(temporary(name))).map(BufWriter::new);
        let mut table = create(REFUSALS_CSV)?;
        table.write_all(BYTE_ORDER_MARK)?;
        let mut csv = table_writer(table);
        csv.write_record(COLUMNS)?;
        let mut json = create(REFUSALS_JSON)?;
        json.write_all(b"[")?;
        Ok(Self { csv, json, is_empty: true })
    }

    /// Ends both files, and answers whether there is an object in the JSON.
    fn close(self) -> io::Result<bool> {
        let has_rows = !self.is_empty;
        self.csv.into_inner().map_err(csv::IntoInnerError::into_error)?.into_inner()?;
        let mut json = self.json;
        json.write_all(if self.is_empty { b"]\n" } else { b"\n]\n" })?;
        json.into_inner()?;
        Ok(has_rows)
    }
}

fn table_writer<W: Write>(out: W) -> csv::Writer<W> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(out)
}

impl Refusals {
    /// Opens the two files in a folder, which is made if needed; those of an earlier run go.
    pub(crate) fn open(folder: &Path, mapping: &Mapping) -> io::Result<Self> {
        private::folder(folder)?;
        for name in [REFUSALS_CSV, REFUSALS_JSON] {
            private::remove_file(&folder.join(name))?;
        }
        let files = Files::open(folder)?;
        Ok(Self {
            names: Names::of(mapping),
            files,
            of_file: OfFile::default(),
            folder: Unfinished(folder.to_owned()),
        })
    }

    /// Adds a finding of a row.
    pub(crate) fn add(&mut self, finding: &Finding) -> io::Result<()> {
        let refusal = refusal(&self.names, finding);
        self.files.csv.write_record(refusal.cells())?;
        self.files.json.write_all(if self.files.is_empty { b"\n" } else { b",\n" })?;
        self.files.is_empty = false;
        serde_json::to_writer(&mut self.files.json, &refusal)?;
        Ok(())
    }

    /// Adds the findings of the file as a whole, which stand before those of its rows.
    pub(crate) fn add_of_file(&mut self, findings: &[Finding]) -> io::Result<()> {
        let mut csv = table_writer(Vec::new());
        for finding in findings {
            let refusal = refusal(&self.names, finding);
            csv.write_record(refusal.cells())?;
            let json = &mut self.of_file.json;
            json.extend_from_slice(if json.is_empty() { b"\n" } else { b",\n" });
            serde_json::to_writer(json, &refusal)?;
        }
        self.of_file.csv = csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok(())
    }

    /// Everything told so far is void.
    pub(crate) fn discard(&mut self) -> io::Result<()> {
        self.files = Files::open(&self.folder.0)?;
        self.of_file = OfFile::default();
        Ok(())
    }

    /// Gives the files their names.
    pub(crate) fn publish(self) -> io::Result<()> {
        let Self { files, folder, mut of_file, .. } = self;
        let has_rows = files.close()?;
        if !of_file.json.is_empty() {
            if has_rows {
                of_file.json.push(b',');
            }
            let place = |name| folder.0.join(temporary(name));
            let titles = BYTE_ORDER_MARK.len() + titles_bytes()?;
            private::insert(&place(REFUSALS_CSV), titles, &of_file.csv)?;
            private::insert(&place(REFUSALS_JSON), "[".len(), &of_file.json)?;
        }
        for name in [REFUSALS_CSV, REFUSALS_JSON] {
            private::rename(&folder.0.join(temporary(name)), &folder.0.join(name))?;
        }
        Ok(())
    }
}

/// A finding with the names of its column.
fn refusal<'f>(names: &'f Names, finding: &'f Finding) -> Refusal<'f> {
    let (header, item, item_en) = names.of_column(&finding.column);
    let kind = match finding.code.severity() {
        Severity::Error => ERROR,
        Severity::Warning => WARNING,
    };
    let texts = finding.code.texts();
    Refusal {
        row: finding.row,
        sheet_row: finding.sheet_row,
        patient_id: &finding.person,
        header,
        item,
        code: finding.code,
        kind,
        value: &finding.value,
        wrong_ja: texts.ja,
        expected_ja: finding.expected_ja(),
        remedy_ja: texts.fix_ja,
        item_en,
        wrong_en: texts.en,
        expected_en: finding.expected_en(),
        remedy_en: texts.fix_en,
    }
}

/// Octets of the row with the titles.
fn titles_bytes() -> io::Result<usize> {
    let mut csv = table_writer(Vec::new());
    csv.write_record(COLUMNS)?;
    Ok(csv.into_inner().map_err(csv::IntoInnerError::into_error)?.len())
}

#[cfg(test)]
mod tests {
    use super::{BYTE_ORDER_MARK, COLUMNS, REFUSALS_CSV, REFUSALS_JSON, Refusals, harmless};
    use crate::findings::{Code, Finding};
    use crate::{Mapping, Sample};
    use proptest::prelude::*;

    fn mapping() -> Mapping {
        let map = Sample::find("hamakaze", "map.toml").unwrap();
        Mapping::read("map.toml", std::str::from_utf8(map.bytes).unwrap()).unwrap()
    }

    /// The rows of both files that these findings make.
    fn reported(findings: &[Finding]) -> (Vec<Vec<String>>, Vec<serde_json::Value>) {
        let folder = tempfile::tempdir().unwrap();
        let mut refusals = Refusals::open(folder.path(), &mapping()).unwrap();
        for finding in findings {
            refusals.add(finding).unwrap();
        }
        refusals.publish().unwrap();
        let table = std::fs::read(folder.path().join(REFUSALS_CSV)).unwrap();
        let table = table.strip_prefix(BYTE_ORDER_MARK).unwrap();
        assert!(table.ends_with(b"\"\r\n"));
        let rows = csv::ReaderBuilder::new().has_headers(false).from_reader(table).into_records();
        let rows = rows.map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        let json = std::fs::read(folder.path().join(REFUSALS_JSON)).unwrap();
        (rows, serde_json::from_slice(&json).unwrap())
    }

    #[test]
    fn a_finding_is_told_in_full_in_both_languages() {
        let mut finding =
            Finding::new(8, "RBC(10^12/L)", Code::E013, "480").expected("0 to 1000", "0〜1000");
        finding.person = "6107".to_owned();
        finding.sheet_row = 11;
        let (rows, objects) = reported(&[finding]);
        assert_eq!(rows[0], COLUMNS);
        let told = ["8", "11", "6107", "RBC(10^12/L)", "赤血球数", "E013", "エラー", "480"];
        assert_eq!(rows[1][..8], told);
        assert_eq!(rows[1][9], "0〜1000");
        assert_eq!((rows[1][11].as_str(), rows[1][13].as_str()), ("Red cell count", "0 to 1000"));
        assert!(rows[1].iter().all(|cell| !cell.is_empty()));
        assert_eq!(objects.len(), 1);
        assert_eq!((&objects[0]["row"], &objects[0]["kind"]), (&8.into(), &"error".into()));
        assert_eq!(objects[0]["remedy_ja"], rows[1][10]);
        assert_eq!(objects[0]["sheet_row"], 11);
    }

    #[test]
    fn an_item_leads_to_its_header_and_a_header_to_its_items() {
        let (rows, _) = reported(&[
            Finding::new(1, "card_number", Code::E010, ""),
            Finding::new(2, "BP_1st", Code::E019, "11874"),
            Finding::new(0, "Nobody", Code::W108, ""),
        ]);
        assert_eq!(rows[1][3..5], ["CardNo", "被保険者証等番号"]);
        assert_eq!(rows[2][3..5], ["BP_1st", "収縮期血圧(1回目)、拡張期血圧(1回目)"]);
        assert_eq!(rows[3][3..7], ["Nobody", "", "W108", "警告"]);
    }

    #[test]
    fn no_cell_is_a_formula_and_numbers_stay_numbers() {
        for bad in
            ["=1+1", "+5", "-", "-1-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "－", "-1e5"]
        {
            assert_eq!(harmless(bad), format!("'{bad}"));
        }
        for good in ["-5", "-0.25", "5", "", "(-)", "陰性", "a=b"] {
            assert_eq!(harmless(good), good);
        }
        let finding = Finding::new(1, "Section", Code::E015, "=HYPERLINK(\"x\",\"y\")");
        let (rows, objects) = reported(&[finding]);
        assert_eq!(rows[1][7], "'=HYPERLINK(\"x\",\"y\")");
        assert_eq!(objects[0]["value"], "=HYPERLINK(\"x\",\"y\")", "JSON runs nothing");
    }

    #[test]
    fn what_is_told_of_the_file_stands_before_the_rows() {
        let folder = tempfile::tempdir().unwrap();
        for with_rows in [true, false] {
            let mut refusals = Refusals::open(folder.path(), &mapping()).unwrap();
            if with_rows {
                refusals.add(&Finding::new(7, "CardNo", Code::E010, "")).unwrap();
            }
            let of_file = ["One", "Two"].map(|title| Finding::new(0, title, Code::W108, ""));
            refusals.add_of_file(&of_file).unwrap();
            refusals.publish().unwrap();
            let json = std::fs::read(folder.path().join(REFUSALS_JSON)).unwrap();
            let objects: Vec<serde_json::Value> = serde_json::from_slice(&json).unwrap();
            let rows: Vec<u64> = objects.iter().map(|o| o["row"].as_u64().unwrap()).collect();
            assert_eq!(rows, if with_rows { vec![0, 0, 7] } else { vec![0, 0] });
            let table = std::fs::read_to_string(folder.path().join(REFUSALS_CSV)).unwrap();
            let begins: Vec<&str> = table.lines().map(|line| line.get(..4).unwrap()).collect();
            assert_eq!(begins[1..], ["\"0\",", "\"0\",", "\"7\","][..objects.len()]);
        }
    }

    #[test]
    fn nothing_found_is_a_table_with_its_headings() {
        let (rows, objects) = reported(&[]);
        assert_eq!((rows.len(), objects.len()), (1, 0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn both_files_can_be_read_whatever_the_cells_hold(value: String, person: String) {
            let mut finding = Finding::new(3, "Section", Code::E014, &value);
            finding.person = person.clone();
            let (rows, objects) = reported(&[finding]);
            prop_assert_eq!(&rows[1][7], &harmless(&value));
            prop_assert_eq!(&rows[1][2], &harmless(&person));
            prop_assert_eq!(objects[0]["value"].as_str(), Some(value.as_str()));
        }
    }
}
