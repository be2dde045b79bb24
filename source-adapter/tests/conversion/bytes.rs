//! Every accepted row comes with its bytes: put together they are the file again, and each alone is
//! an export that gives the same record.

use std::io;

use chrono::NaiveDate;
use proptest::prelude::*;
use renkei_checkup::Record;
use renkei_source_adapter::{Accepted, Finding, Mapping, Mode, Rules, Sink, convert};

/// How the institution writes its files.
#[derive(Clone, Debug)]
struct Dialect {
    encoding: &'static str,
    delimiter: char,
    line_end: &'static str,
    mark: bool,
    skipped: Vec<String>,
}

/// A row: its cells, each with or without quotes, and how many empty lines come before it.
type Line = (Vec<(String, bool)>, usize);

#[derive(Default)]
struct Kept {
    header: Vec<u8>,
    rows: Vec<Vec<u8>>,
    documents: Vec<Vec<u8>>,
    records: Vec<Record>,
}

impl Sink for Kept {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        self.header = accepted.source.header.to_vec();
        self.rows.push(accepted.source.row.to_vec());
        self.documents.push(accepted.source.document());
        self.records.push(accepted.record.clone());
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        panic!("{findings:?}");
    }

    fn discard(&mut self) -> io::Result<()> {
        panic!("discarded");
    }
}

impl Dialect {
    fn mapping(&self, skip_rows: usize, trailer: &str) -> Mapping {
        let text = format!(
            r#"map_version = "1"
profile = "kcsv/1.0.0"
[source]
encoding = "{}"
delimiter = "{}"
bom = {}
skip_rows = {skip_rows}
trailer_prefix = "{trailer}"
ignore = ["甲"]
[const]
report_category = "40"
program_code = "030"
inst_no = "1419900129"
inst_name = "架空健診所"
name_kana = "ヤマ ハナ"
name_kanji = "山 花"
patient_id = "P1"
sex = "女"
birth_date = "1980-04-01"
exam_date = "2025-05-12"
[[col]]
from = "番号"
to = "card_number"
as = "digits"
[[col]]
from = "番号"
to = "wbc"
as = "num"
[[col]]
from = "備考"
to = "remarks"
as = "text"
"#,
            self.encoding,
            self.delimiter.escape_default(),
            self.mark
        );
        Mapping::read("map.toml", &text).unwrap_or_else(|errors| panic!("{errors}"))
    }

    fn encode(&self, text: &str) -> Vec<u8> {
        let encoding =
            if self.encoding == "cp932" { encoding_rs::SHIFT_JIS } else { encoding_rs::UTF_8 };
        let (bytes, _, unmappable) = encoding.encode(text);
        assert!(!unmappable, "{text}");
        bytes.into_owned()
    }

    fn cell(&self, (text, quoted): &(String, bool)) -> String {
        let special = [self.delimiter, '"', '\r', '\n'];
        if *quoted || text.contains(special) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.clone()
        }
    }

    fn line(&self, cells: &[(String, bool)]) -> Vec<u8> {
        let cells: Vec<String> = cells.iter().map(|cell| self.cell(cell)).collect();
        self.encode(&(cells.join(&self.delimiter.to_string()) + self.line_end))
    }
}

fn converted(mapping: &Mapping, export: &[u8]) -> Kept {
    let mut kept = Kept::default();
    let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    let rules = Rules { mode: Mode::RejectFile, as_of };
    convert(|| Ok(export), mapping, &rules, &mut kept).unwrap();
    kept
}

fn dialect() -> impl Strategy<Value = Dialect> {
    let skipped = proptest::collection::vec("[あ-ん表\",]{0,6}", 0..3);
    let line_end = proptest::sample::select(vec!["\r\n", "\n", "\r"]);
    // both can be the second byte of a CP932 letter
    let delimiter = proptest::sample::select(vec![',', '\t', '|', '\\']);
    (proptest::bool::ANY, delimiter, line_end, proptest::bool::ANY, skipped).prop_map(
        |(cp932, delimiter, line_end, mark, skipped)| Dialect {
            encoding: if cp932 { "cp932" } else { "utf-8" },
            delimiter,
            line_end,
            mark: mark && !cp932,
            // a skipped line ends with a line feed
            skipped: if line_end == "\r" { Vec::new() } else { skipped },
        },
    )
}

fn rows() -> impl Strategy<Value = Vec<Line>> {
    let text = "[ -~ｱ-ﾝあ-んァ-ヶ亜健診表能ソポ十噂髙﨑①Ⅱ－～\\r\\n\"|,\\\\]{0,12}";
    let cell = (text, proptest::bool::ANY);
    proptest::collection::vec((proptest::collection::vec(cell, 2), 0_usize..3), 0..12)
}

proptest! {
    #[test]
    fn rows_together_are_the_file_and_each_alone_gives_its_record(
        dialect in dialect(), rows in rows(), closed in proptest::bool::ANY, trailer in proptest::bool::ANY
    ) {
        let titles = [("甲".to_owned(), false), ("備考".to_owned(), true), ("番号".to_owned(), false)];
        let header = dialect.line(&titles);
        let mark: &[u8] = if dialect.mark { "\u{FEFF}".as_bytes() } else { b"" };
        let mut export = mark.to_vec();
        for line in &dialect.skipped {
            export.extend(dialect.encode(&format!("{line}{}", dialect.line_end)));
        }
        export.extend(&header);
        let mut expected = Vec::new();
        for (number, (cells, blank_lines)) in rows.iter().enumerate() {
            export.extend(dialect.encode(&dialect.line_end.repeat(*blank_lines)));
            let mut cells = cells.clone();
            // a first cell must not look like a trailer
            cells[0].0.insert(0, '0');
            for (text, _) in &mut cells {
                // a line break and a delimiter in one cell could hold a row
                if text.contains(['\r', '\n']) {
                    text.retain(|letter| letter != dialect.delimiter);
                }
            }
            cells.push((format!("{}", 1000 + number), false));
            let mut row = dialect.line(&cells);
            if !closed && !trailer && number + 1 == rows.len() {
                row.truncate(row.len() - dialect.line_end.len());
            }
            export.extend(&row);
            expected.push(row);
        }
        if trailer {
            export.extend(dialect.line(&[("合計".to_owned(), false)]));
        }
        let kept = converted(&dialect.mapping(dialect.skipped.len(), "合計"), &export);
        prop_assert_eq!(&kept.rows, &expected);
        let alone = dialect.mapping(0, "");
        for (document, record) in kept.documents.iter().zip(&kept.records) {
            prop_assert_eq!(&kept.header, &[mark, &header].concat());
            let mut again = converted(&alone, document).records.swap_remove(0);
            again.set_id("record_no", record.get("record_no"));
            prop_assert_eq!(&again, record);
        }
    }
}

#[test]
fn an_export_of_many_pieces_keeps_its_rows_apart() {
    let dialect = Dialect {
        encoding: "cp932",
        delimiter: ',',
        line_end: "\r\n",
        mark: false,
        skipped: Vec::new(),
    };
    let mut export = dialect.encode("甲,備考,番号\r\n");
    let mut expected = Vec::new();
    for number in 0..20_000 {
        let row = dialect.encode(&format!(
            "ソ,\"表\r\n{}\",{}\r\n",
            "能".repeat(number % 31),
            1000 + number
        ));
        export.extend(&row);
        expected.push(row);
    }
    let kept = converted(&dialect.mapping(0, ""), &export);
    assert!(kept.rows == expected);
}
