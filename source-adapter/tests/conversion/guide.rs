//! The examples of docs/MAPPING.md: each is a mapping, and gives the results beside it. What the page
//! has to teach is asked of the program: it names every key that the reader of mappings knows.
//!
//! An example is three fenced blocks one after the other: `toml`, then `csv` or `file`, then `results`.
//! The rows of `csv` are exports of their own, so that they may be of one person on one day, and the
//! example need not say who that is. `file` is one export as it stands. `results` has a line for each
//! value shown (`1 hb = 15.8`), for every finding (`2 E012 身長`; `ファイル` is row 0) and, where it is
//! wanted, for the account of the lines. A `toml wrong` block is followed by `mistakes`, and a `file` of
//! which a draft is shown by `draft`.

use std::collections::BTreeSet;
use std::fs;
use std::io;

use chrono::NaiveDate;
use renkei_checkup::Record;
use renkei_source_adapter::{
    Accepted, Finding, Lines, Mapping, Mode, Rules, Sink, convert, propose,
};

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/MAPPING.md");

/// A column that the rest of the mapping reads.
const REST: &str = "脈拍";

/// What an example leaves to the rest of its mapping.
const CONSTANTS: [(&str, &str); 10] = [
    ("report_category", "40"),
    ("program_code", "030"),
    ("inst_no", "1419900129"),
    ("inst_name", "架空健診所"),
    ("patient_id", "1"),
    ("name_kana", "カクウ ハナコ"),
    ("name_kanji", "架空 花子"),
    ("sex", "女"),
    ("birth_date", "1980-04-12"),
    ("exam_date", "2025-05-12"),
];

/// The forms of `as`, each with the other keys it needs.
const FORMS: [(&str, &str); 14] = [
    ("text", "to = \"department\""),
    ("num", "to = \"hb\""),
    ("int", "to = \"exam_age\""),
    ("digits", "to = \"insurer_no\""),
    ("postal", "to = \"postal\""),
    ("date", "to = \"exam_date\""),
    ("kana", "to = \"name_kana\""),
    ("name", "to = \"name_kanji\""),
    ("term", "to = \"u_prot\"\nvocab = \"v\""),
    ("multi", "to = \"work_hist\""),
    ("finding", "to = [\"ecg\", \"ecg_txt\"]"),
    ("flags", "flags = { \"a\" = \"q01\" }"),
    ("regex", "pattern = \"(?P<sbp1>[0-9]+)\""),
    ("route", "by = \"b\"\ntable = { \"a\" = \"fpg\" }"),
];

fn guide() -> String {
    fs::read_to_string(GUIDE).unwrap()
}

/// The fenced blocks in order: the word behind the fence, and the text.
fn blocks() -> Vec<(String, String)> {
    let guide = guide();
    let mut found = Vec::new();
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else { continue };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        found.push((kind.to_owned(), text.join("\n") + "\n"));
    }
    found
}

/// The example as a whole mapping; `rest` says whether it is to read [`REST`], too.
fn completed(example: &str, rest: bool) -> String {
    if example.contains("map_version") {
        return example.to_owned();
    }
    let mut text = "map_version = \"1\"\nprofile = \"kcsv/1.0.0\"\n".to_owned();
    if !example.contains("[source]") {
        text.push_str("[source]\nencoding = \"utf-8\"\n");
    }
    text.push_str("[const]\n");
    for (id, value) in CONSTANTS.iter().filter(|(id, _)| !example.contains(&format!("\"{id}\""))) {
        text.push_str(&format!("{id} = \"{value}\"\n"));
    }
    text.push_str(example);
    if rest {
        // a record without any result is refused
        text.push_str(&format!("\n[[col]]\nfrom = \"{REST}\"\nto = \"pulse\"\nas = \"num\"\n"));
    }
    text
}

#[derive(Default)]
struct Kept {
    records: Vec<Record>,
    findings: Vec<(u64, String)>,
}

impl Sink for Kept {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        self.records.push(accepted.record.clone());
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        let told = |f: &Finding| (f.row, format!("{} {}", f.code.name(), f.column));
        self.findings.extend(findings.iter().map(told));
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        *self = Self::default();
        Ok(())
    }
}

/// What became of the rows of an example, by their numbers.
#[derive(Default)]
struct Became {
    records: Vec<(u64, Record)>,
    findings: BTreeSet<String>,
    lines: Option<Lines>,
}

impl Became {
    /// Converts an export; all of its rows get the number `row` where there is one.
    fn add(&mut self, mapping: &Mapping, export: &str, row: Option<u64>) {
        let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
        let rules = Rules { mode: Mode::RejectRow, as_of };
        let mut kept = Kept::default();
        let outcome = convert(|| Ok(export.as_bytes()), mapping, &rules, &mut kept).unwrap();
        self.lines = outcome.lines;
        for record in kept.records {
            let number = record.get("record_no").parse().unwrap();
            self.records.push((row.unwrap_or(number), record));
        }
        for (number, told) in kept.findings {
            let place = match (number, row) {
                (0, _) => "ファイル".to_owned(),
                (_, Some(row)) => row.to_string(),
                (number, None) => number.to_string(),
            };
            self.findings.insert(format!("{place} {told}").trim_end().to_owned());
        }
    }

    fn value(&self, row: u64, id: &str) -> String {
        let record = self.records.iter().find(|(number, _)| *number == row);
        let (_, record) =
            record.unwrap_or_else(|| panic!("row {row} is refused: {:?}", self.findings));
        let field = record.iter().find(|(column, _)| column.id == id);
        field.map_or_else(|| panic!("no item {id}"), |(_, field)| field.value.clone())
    }

    /// Compares with a `results` block.
    fn is_as_told(&self, results: &str) {
        let mut told = BTreeSet::new();
        for line in results.lines() {
            if let Some(account) = line.strip_prefix("lines ") {
                let lines = serde_json::to_string(&self.lines.unwrap()).unwrap();
                assert_eq!(lines, account);
            } else if let Some((place, value)) = line.split_once('=') {
                let (row, id) = place.split_once(' ').unwrap();
                let found = self.value(row.parse().unwrap(), id.trim());
                assert_eq!(found, value.trim(), "{line}");
            } else {
                told.insert(line.to_owned());
            }
        }
        assert_eq!(self.findings, told, "every finding is told, and no other:\n{results}");
    }
}

fn read(example: &str, rest: bool) -> Mapping {
    Mapping::read("example", &completed(example, rest)).unwrap_or_else(|e| panic!("{e}\n{example}"))
}

#[test]
fn every_example_is_a_mapping() {
    let blocks = blocks();
    let examples = || blocks.iter().filter(|(kind, _)| kind == "toml").map(|(_, text)| text);
    for example in examples() {
        read(example, true);
    }
    for (form, _) in FORMS {
        let shown = examples().any(|text| text.contains(&format!("as = \"{form}\"")));
        assert!(shown, "no example of {form}");
    }
}

#[test]
fn every_example_gives_its_results() {
    let blocks = blocks();
    let mut run = 0;
    for example in blocks.windows(3) {
        let [(first, toml), (kind, export), (third, results)] = example else { continue };
        if first != "toml" || third != "results" {
            continue;
        }
        let mut became = Became::default();
        match kind.as_str() {
            "csv" => {
                let mut rows = export.lines();
                let header = rows.next().unwrap();
                for (row, number) in rows.zip(1..) {
                    let export = format!("{header},{REST}\n{row},72\n");
                    became.add(&read(toml, true), &export, Some(number));
                }
            }
            "file" => became.add(&read(toml, false), export, None),
            _ => continue,
        }
        became.is_as_told(results);
        run += 1;
    }
    let wanted = blocks.iter().filter(|(kind, _)| kind == "results").count();
    assert_eq!(run, wanted, "every block of results belongs to an example");
    assert!(run > 30, "{run} examples");
}

#[test]
fn every_mistake_is_told_as_it_stands_here() {
    let blocks = blocks();
    let mut run = 0;
    for pair in blocks.windows(2) {
        let [(first, toml), (second, told)] = pair else { continue };
        if first != "toml wrong" {
            continue;
        }
        assert_eq!(second, "mistakes", "{toml}");
        let errors = Mapping::read("example", &completed(toml, true)).unwrap_err().errors;
        let found: Vec<String> = errors.iter().map(|e| format!("{}: {}", e.key, e.ja)).collect();
        let told: Vec<&str> = told.lines().collect();
        assert_eq!(found, told);
        run += 1;
    }
    assert!(run > 0);
}

/// A `file` block behind which a `draft` block stands: lines of the draft, in their order.
#[test]
fn drafts_ask_as_it_stands_here() {
    let blocks = blocks();
    let mut run = 0;
    for pair in blocks.windows(2) {
        let [(first, export), (second, wanted)] = pair else { continue };
        if first != "file" || second != "draft" {
            continue;
        }
        let draft = propose(export.as_bytes(), "出力.csv").unwrap();
        let mut rest = draft.toml().lines();
        for line in wanted.lines().filter(|line| *line != "…") {
            let found = rest.any(|drafted| drafted == line);
            assert!(found, "{line}\nis not in\n{}", draft.toml());
        }
        // whose row it is stands in the first two columns
        for cell in export.lines().skip(1).flat_map(|row| row.split([',', ' ']).take(3)) {
            assert!(!draft.toml().contains(cell), "{cell} of a person");
        }
        Mapping::read("draft", draft.toml()).unwrap_or_else(|e| panic!("{e}"));
        run += 1;
    }
    assert!(run > 0);
}

/// The keys that the reader of mappings knows, as it tells them of one that it does not know.
fn known_keys(text: &str, table: &str) -> Vec<String> {
    let errors = Mapping::read("map", text).unwrap_err().errors;
    let key = if table.is_empty() { "zzz".to_owned() } else { format!("{table}.zzz") };
    let error = errors.iter().find(|error| error.key == key);
    let error = error.unwrap_or_else(|| panic!("{table}: {errors:?}"));
    let (_, keys) = error.ja.split_once("使えるキー: ").unwrap();
    keys.split(", ").filter(|key| *key != "zzz").map(str::to_owned).collect()
}

#[test]
fn every_key_is_taught() {
    let guide = guide();
    let begin = "map_version = \"1\"\nprofile = \"kcsv/1.0.0\"\n";
    let source = "[source]\nencoding = \"utf-8\"\n";
    let mut tables = vec![
        (String::new(), format!("zzz = 1\n{begin}{source}")),
        ("source".to_owned(), format!("{begin}{source}zzz = 1\n")),
        ("long".to_owned(), format!("{begin}{source}[long]\nzzz = 1\n")),
        ("null".to_owned(), format!("{begin}{source}[null]\nzzz = 1\n")),
        ("checks".to_owned(), format!("{begin}{source}[checks]\nzzz = 1\n")),
        ("item[1]".to_owned(), format!("{begin}{source}[[item]]\nzzz = 1\n")),
        ("range[1]".to_owned(), format!("{begin}{source}[[range]]\nzzz = 1\n")),
    ];
    for (form, keys) in FORMS {
        let column = format!("[[col]]\nfrom = \"a\"\nas = \"{form}\"\nzzz = 1\n{keys}\n");
        let vocabulary = "[vocab.v]\n\"-\" = \"－\"\n";
        tables.push(("col[1]".to_owned(), format!("{begin}{source}{column}{vocabulary}")));
    }
    for (table, text) in tables {
        for key in known_keys(&text, &table) {
            let ways = [format!("`{key}`"), format!("`[{key}]`"), format!("`[[{key}]]`")];
            let vocabulary = key == "vocab" && guide.contains("`[vocab.名前]`");
            let taught = vocabulary || ways.iter().any(|way| guide.contains(way));
            assert!(taught, "{key} of [{table}] stands nowhere in the guide");
        }
    }
}

#[test]
fn every_finding_has_its_remedy() {
    let guide = guide();
    let errors = (1..=5).chain(10..=23).map(|number| format!("E{number:03}"));
    let warnings = [101, 102, 103, 104, 105, 106, 108].map(|number| format!("W{number}"));
    for code in errors.chain(warnings) {
        assert!(guide.contains(&format!("\n| {code} |")), "{code} has no row");
    }
    for kind in [
        "undecodable",
        "not-one-table",
        "missing-header",
        "unused-header",
        "unused-ignore",
        "quoting",
        "row-width",
        "unknown-term",
        "pattern",
        "undecided-word",
        "value",
        "required",
        "constant",
        "unused-vocabulary",
        "unused-term",
        "unused-null",
        "unused-practice",
    ] {
        assert!(guide.contains(&format!("`{kind}`")), "{kind} is not explained");
    }
}
