//! What is large or made to be slow takes its time in proportion, and is refused by name where it is
//! too large.

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::rules::{HEADER, Kept, MAP, PERSON, column, lines, more, person, run, source, text};
use renkei_source_adapter::{ConvertError, Mode, Outcome};

/// Far more than any of these needs, and far less than it would take in the square of its length.
const PATIENCE: Duration = Duration::from_secs(20);

fn in_time<T>(what: &str, does: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = does();
    assert!(begun.elapsed() < PATIENCE, "{what}: {:?}", begun.elapsed());
    done
}

fn timed(what: &str, map: &str, export: &str) -> (Outcome, Kept) {
    in_time(what, || text(map, export))
}

#[test]
fn headers_of_a_hundred_thousand_columns() {
    let commas = ",".repeat(100_000);
    let (outcome, kept) = timed(
        "no titles",
        MAP,
        &format!("{HEADER}{commas}\r\n{PERSON}{commas}\r\n{}{commas}\r\n", person("P2", "ｻﾄｳ")),
    );
    assert_eq!((outcome.accepted, kept.told()), (2, vec![]));
    let (outcome, _) = timed(
        "values without titles",
        MAP,
        &format!("{HEADER}{commas}\r\n{PERSON}{}\r\n", ",1".repeat(100_000)),
    );
    assert_eq!((outcome.accepted, outcome.warnings), (1, 100_000));

    let same = ",X".repeat(100_000);
    let (outcome, kept) = timed("one title", MAP, &format!("{HEADER}{same}\r\n{PERSON}{same}\r\n"));
    assert_eq!((outcome.accepted, outcome.warnings), (1, 100_000));
    assert_eq!(kept.findings[0].1, "X#1");
    let read = more(MAP, &column("X", "\"remarks\"", "text"));
    let (outcome, kept) = timed("one title, read", &read, &format!("{HEADER}{same}\r\n"));
    assert!(outcome.rejected && kept.said[0].len() < 1_000, "{}", kept.said[0]);

    let titles: String = (0..100_000).fold(String::new(), |mut all, n| {
        write!(all, ",T{n}").unwrap();
        all
    });
    let (outcome, _) = timed("titles", MAP, &format!("{HEADER}{titles}\r\n{PERSON}{commas}\r\n"));
    assert_eq!((outcome.accepted, outcome.warnings), (1, 100_000));
    let three = source("header_rows = 3");
    timed("three rows", &three, &format!("{HEADER}{titles}\r\n{commas}\r\n{commas}\r\n"));
}

#[test]
fn layouts_of_fifty_thousand_titles() {
    let all: Vec<String> = (0..50_000).map(|n| format!("T{n}")).collect();
    let quoted: Vec<String> = HEADER
        .split(',')
        .map(str::to_owned)
        .chain(all.iter().cloned())
        .map(|t| format!("{t:?}"))
        .collect();
    let map = source(&format!("layout = [{}]", quoted.join(",")));
    let header = |titles: Vec<&str>| format!("{HEADER},{}\r\n", titles.join(","));
    let (outcome, _) =
        timed("as it should be", &map, &header(all.iter().map(String::as_str).collect()));
    assert!(!outcome.rejected);
    let (outcome, _) =
        timed("backwards", &map, &header(all.iter().rev().map(String::as_str).collect()));
    assert_eq!(outcome.errors, 49_999);
    let (outcome, _) = timed("renamed", &map, &header(vec!["U"; 50_000]));
    assert_eq!(outcome.errors, 50_000);
}

#[test]
fn rows_of_a_very_wide_table_are_looked_at_in_part() {
    // person and day in each of 500 rows, words in each of 20,000 columns
    let wide = ",w".repeat(20_000);
    let map = source("ignore = [\"w\"]");
    let rows: String =
        (0..60).map(|n| format!("{}{wide}\r\n", person(&format!("P{n}"), "ﾔﾏ"))).collect();
    let (outcome, _) = timed("wide", &map, &format!("{HEADER}{wide}\r\n{rows}"));
    assert_eq!(outcome.accepted, 60);
}

#[test]
fn cells_of_a_mebibyte() {
    let map = more(MAP, &column("X", "\"remarks\"", "text"));
    let cell = "あ".repeat(340_000);
    let (outcome, kept) = timed("long cell", &map, &format!("{HEADER},X\r\n{PERSON},{cell}\r\n"));
    assert_eq!((outcome.accepted, kept.told()), (0, vec![(1, "remarks", "E015")]));
    assert!(kept.said.iter().all(|text| text.len() < 2_000));
    let quotes = "\"\"".repeat(500_000);
    let (outcome, _) = timed("quotes", &map, &format!("{HEADER},X\r\n{PERSON},\"{quotes}\"\r\n"));
    assert_eq!(outcome.accepted, 0);
    let parts = format!("{HEADER},X\r\n{PERSON},{}\r\n", "a／".repeat(250_000));
    let multi =
        more(MAP, "[[col]]\nfrom = \"X\"\nto = \"work_hist\"\nas = \"multi\"\nsplit = \"／\"\n");
    timed("parts", &multi, &parts);
    let marks =
        more(MAP, "[[col]]\nfrom = \"X\"\nto = \"hb\"\nas = \"num\"\nstrip = [\"H\", \"L\"]\n");
    timed(
        "marks",
        &marks,
        &format!("{HEADER},X\r\n{PERSON},{}1{}\r\n", "H L".repeat(100_000), " H".repeat(100_000)),
    );
    let broken = "\"a\nb\",".repeat(150_000);
    timed("lines in cells", &map, &format!("{HEADER},X\r\n{PERSON},{broken}\r\n"));
    let behind = "\"a\"b,".repeat(200_000);
    timed("broken cells", &map, &format!("{HEADER},X\r\n{behind}\r\n"));
}

#[test]
fn a_row_longer_than_that_is_refused_by_name() {
    let cell = "a".repeat(1_100_000);
    let (outcome, _) =
        run(MAP, format!("{HEADER}\r\n{PERSON}{cell}\r\n").as_bytes(), Mode::RejectRow);
    let error = outcome.unwrap_err();
    assert!(
        matches!(error, ConvertError::Decode(_)) && error.to_string().contains("a fixed bound")
    );
    let (outcome, kept) =
        text(MAP, &format!("{HEADER}\r\n{PERSON}\r\n\"{}", "a\r\n".repeat(500_000)));
    assert!(outcome.rejected && kept.told()[0].2 == "E004");
    let (outcome, kept) = text(MAP, &format!("ID,\"KANA\r\n{}", "P1,a\r\n".repeat(500_000)));
    assert!(outcome.rejected && kept.findings[0].1.len() < 200, "no rows in the title");
}

#[test]
fn many_rows_that_share_something() {
    let report = source("report_no = \"NO\"");
    let mut rows = String::new();
    for n in 0..30_000 {
        // three of each number, two of them different people
        let (number, kana) = (n / 3, if n % 3 == 0 { "ﾔﾏ" } else { "ｻﾄｳ" });
        write!(rows, "P{number},{kana},山,2,S55.4.1,2025-05-12,72,N{}\r\n", n % 7).unwrap();
    }
    let (outcome, kept) = timed("people", &report, &format!("{HEADER},NO\r\n{rows}"));
    assert_eq!((outcome.accepted, outcome.errors), (0, 30_000));
    assert!(kept.told().iter().all(|told| told.2 == "E020"));
    let same = format!("{PERSON},N\r\n").repeat(30_000);
    let (outcome, _) = timed("one person", &report, &format!("{HEADER},NO\r\n{same}"));
    assert_eq!((outcome.accepted, outcome.errors), (1, 29_999));
    let differ: String = (0..30_000)
        .map(|n| format!("{},N\r\n", PERSON.replace(",72", &format!(",{}", 50 + n % 90))))
        .collect();
    let (outcome, kept) = timed("one checkup", &report, &format!("{HEADER},NO\r\n{differ}"));
    assert_eq!((outcome.accepted, outcome.errors), (0, 30_000));
    assert!(kept.said.iter().all(|text| text.len() < 1_000));
    let trailers =
        format!("{HEADER}\r\n{}{PERSON}\r\n{}", "#END\r\n".repeat(100_000), "#END\r\n".repeat(100));
    let (outcome, _) = timed("trailers", MAP, &trailers);
    assert_eq!(lines(&outcome), [100_102, 0, 1, 100_001, 0, 100]);
}

const LONG: &str = "ID,KANA,NAME,SEX,DOB,DATE,TEST,HR";

fn long_map() -> String {
    let long = "[long]\nkey = [\"ID\", \"DATE\"]\nitem = \"TEST\"\nvalue = \"HR\"\n[const]";
    MAP.replace("from = \"HR\"", "from = \"脈拍\"").replace("[const]", long)
}

#[test]
fn tables_of_one_row_a_test() {
    let row = |person: usize, test: usize, value: usize| {
        format!("P{person},ﾔﾏ,山,2,S55.4.1,2025-05-12,T{test},{value}\r\n")
    };
    // one person with many tests, each twice and different
    let one: String = (0..18_000).map(|n| row(1, n % 9_000, n / 9_000)).collect();
    let (outcome, _) = timed("one person", &long_map(), &format!("{LONG}\r\n{one}"));
    assert_eq!(outcome.errors, 9_000);
    // many people and many tests
    let many: String = (0..30_000).map(|n| row(n, n % 3_000, 72)).collect();
    let (outcome, _) = timed("many people", &long_map(), &format!("{LONG}\r\n{many}"));
    assert_eq!((outcome.rows, outcome.accepted), (30_000, 0));
    // another word in each row names no test
    let each: String = (0..10_001).map(|n| row(n / 10, n, 72)).collect();
    let (outcome, kept) = timed("another test in each", &long_map(), &format!("{LONG}\r\n{each}"));
    assert!(outcome.rejected && kept.told() == [(0, "", "E005")] && kept.says(&["TEST", "10000"]));
}
