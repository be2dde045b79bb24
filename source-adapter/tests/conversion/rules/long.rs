//! `[long]`: one row a test becomes one row a checkup.

use crate::rules::{Kept, MAP, column, lines, mistakes, more, text};
use renkei_source_adapter::Outcome;

const HEADER: &str = "ID,KANA,NAME,SEX,DOB,DATE,TEST,VALUE,UNIT,NOTE";

/// A map of such a table; HR is a test here.
fn map() -> String {
    let columns = column("AST(U/L)", "\"ast\"", "num") + &column("心電図", "\"dr_judge\"", "text");
    let long =
        "[long]\nkey = [\"ID\", \"DATE\"]\nitem = \"TEST\"\nvalue = \"VALUE\"\nunit = \"UNIT\"\n";
    more(MAP, &columns)
        .replace("from = \"HR\"", "from = \"HR(/min)\"")
        .replace("[const]", &format!("ignore = [\"NOTE\"]\n{long}[const]"))
}

fn row(number: &str, kana: &str, test: &str, value: &str, unit: &str) -> String {
    format!("{number},{kana},山,2,S55.4.1,2025-05-12,{test},{value},{unit},n")
}

fn long(rows: &[String]) -> (Outcome, Kept) {
    text(&map(), &format!("{HEADER}\r\n{}\r\n", rows.join("\r\n")))
}

fn refusal(rows: &[String]) -> Vec<(u64, String, &'static str, String)> {
    let (outcome, kept) = long(rows);
    assert!(outcome.rejected && outcome.lines.is_none() && kept.records.is_empty());
    assert!(kept.sheet_rows.iter().all(|row| *row > 0), "the row is told as Excel counts it");
    kept.findings
}

#[test]
fn rows_of_one_checkup_may_stand_apart() {
    let (outcome, kept) = long(&[
        row("P2", "ｻﾄｳ", "HR", "60", "/min"),
        row("P1", "ﾔﾏ", "AST", "30", "U/L"),
        row("P2", "ｻﾄｳ", "AST", "31", "U/L"),
        row("P1", "ﾔﾏ", "心電図", "異常なし", ""),
        row("P1", "ﾔﾏ", "HR", "72", "/min"),
    ]);
    assert_eq!(kept.told(), []);
    assert_eq!((outcome.rows, lines(&outcome)), (2, [6, 0, 1, 5, 0, 0]));
    assert_eq!(kept.all("record_no"), ["1", "2"], "in the order of the first rows");
    assert_eq!(kept.all("patient_id"), ["P2", "P1"]);
    assert_eq!((kept.all("pulse"), kept.all("ast")), (vec!["60", "72"], vec!["31", "30"]));
    assert_eq!(kept.all("dr_judge"), ["", "異常なし"]);
    let bytes = String::from_utf8(kept.bytes[0].clone()).unwrap();
    assert_eq!(bytes.lines().count(), 2, "its own rows and no other: {bytes}");
    assert!(bytes.lines().all(|line| line.starts_with("P2,")));
}

#[test]
fn a_test_with_a_unit_is_not_one_without() {
    let (_, kept) = long(&[
        row("P1", "ﾔﾏ", "HR", "72", "/min"),
        row("P1", "ﾔﾏ", "AST", "30", ""),
        row("P1", "ﾔﾏ", "CRP", "0.1", "mg/dL"),
    ]);
    assert_eq!(
        kept.told(),
        [(0, "AST", "W108"), (0, "CRP(mg/dL)", "W108")],
        "nothing is dropped unsaid"
    );
    assert_eq!(kept.all("ast"), [""], "a mapped test that nobody had is no error");
}

#[test]
fn several_values_of_one_test() {
    let (_, kept) = long(&[
        row("P1", "ﾔﾏ", "HR", "72", "/min"),
        row("P1", "ﾔﾏ", "HR", " 72", "/min"),
        row("P2", "ｻﾄｳ", "HR", "60", "/min"),
    ]);
    assert_eq!(
        (kept.told(), kept.all("pulse")),
        (vec![], vec!["72", "60"]),
        "equal ones count once"
    );
    for second in ["73", ""] {
        let (_, kept) = long(&[
            row("P1", "ﾔﾏ", "HR", "72", "/min"),
            row("P2", "ｻﾄｳ", "HR", "60", "/min"),
            row("P1", "ﾔﾏ", "HR", second, "/min"),
            row("P1", "ﾔﾏ", "HR", "74", "/min"),
        ]);
        assert_eq!(kept.findings, [(1, "HR(/min)".into(), "E017", "P1".into())]);
        assert_eq!(kept.numbers(), [2]);
    }
    // a test that the map does not read, too
    let (_, kept) = long(&[
        row("P1", "ﾔﾏ", "HR", "72", "/min"),
        row("P1", "ﾔﾏ", "CRP", "1", ""),
        row("P1", "ﾔﾏ", "CRP", "2", ""),
    ]);
    assert_eq!(kept.told(), [(0, "CRP", "W108"), (1, "CRP", "E017")]);
}

#[test]
fn mapped_columns_say_one_thing_within_a_key() {
    let rows = [row("P1", "ﾔﾏ", "HR", "72", "/min"), row("P1", "ｻﾄｳ", "AST", "30", "U/L")];
    for rows in [rows.clone(), [rows[1].clone(), rows[0].clone()]] {
        let (_, kept) = long(&rows);
        assert_eq!(kept.findings, [(1, "KANA".into(), "E017", "P1".into())]);
    }
    // columns that nothing reads may differ
    let (_, kept) = long(&[
        row("P1", "ﾔﾏ", "HR", "72", "/min"),
        row("P1", "ﾔﾏ", "AST", "30", "U/L").replace(",n", ",m"),
    ]);
    assert_eq!((kept.told(), kept.numbers()), (vec![], vec![1]));
}

#[test]
fn rows_that_cannot_be_put_anywhere_refuse_the_file() {
    let good = row("P1", "ﾔﾏ", "HR", "72", "/min");
    let told = |bad: &str| refusal(&[good.clone(), bad.to_owned(), good.clone()]);
    let finding =
        |column: &str, code, value: &str| vec![(2, column.to_owned(), code, value.to_owned())];
    assert_eq!(told("P1,x"), finding("", "E003", "2"));
    assert_eq!(told(&good.replace("72", "\"7\"2")), finding("VALUE", "E004", "\"7\"2"));
    assert_eq!(told(&good.replace("P1", " ")), finding("ID", "E010", " "));
    assert_eq!(told(&good.replace("2025-05-12", "")), finding("DATE", "E010", ""));
    assert_eq!(told(&good.replace("HR", "")), finding("TEST", "E010", ""));
    let (outcome, kept) = long(&[good.clone(), good.replace("72", "")]);
    assert!(!outcome.rejected, "an empty value is one: {:?}", kept.told());
}

#[test]
fn keys_are_compared_by_what_the_cells_say() {
    let (_, kept) = long(&[
        row("P1", "ﾔﾏ", "HR", "72", "/min"),
        row(" P1", "ﾔﾏ", "AST", "30", "U/L"),
        row("=\"P1\"", "ﾔﾏ", "心電図", "a", ""),
    ]);
    assert_eq!((kept.told(), kept.numbers()), (vec![], vec![1]));
    assert_eq!(kept.all("dr_judge"), ["a"]);
    // two keys never run into one
    let map = map().replace("key = [\"ID\", \"DATE\"]", "key = [\"ID\", \"NAME\"]");
    let two = |number: &str, name: &str| {
        row(number, "ﾔﾏ", "HR", "72", "/min").replace(",山,", &format!(",{name},"))
    };
    let (outcome, _) =
        text(&map, &format!("{HEADER}\r\n{}\r\n{}\r\n", two("1", "2:3"), two("1:2", "3")));
    assert_eq!(outcome.rows, 2);
    let single = map.replace("key = [\"ID\", \"NAME\"]", "key = \"ID\"");
    assert_eq!(text(&single, &format!("{HEADER}\r\n{}\r\n", two("1", "x"))).0.accepted, 1);
}

#[test]
fn columns_of_long_must_be_there() {
    for (key, title) in [("TEST", "TEST"), ("VALUE", "VALUE"), ("UNIT", "UNIT"), ("DATE", "DATE")] {
        let header = HEADER.replace(key, "x");
        let (outcome, kept) =
            text(&map(), &format!("{header}\r\n{}\r\n", row("P1", "ﾔﾏ", "HR", "72", "/min")));
        assert!(outcome.rejected && kept.told().contains(&(0, title, "E002")), "{key}");
    }
    let twice = format!("{HEADER},VALUE\r\n{},x\r\n", row("P1", "ﾔﾏ", "HR", "72", "/min"));
    let (outcome, kept) = text(&map(), &twice);
    assert!(outcome.rejected && kept.told().contains(&(0, "VALUE", "E002")));
    for key in ["key = [\"ID\", \"DATE\"]\n", "item = \"TEST\"\n", "value = \"VALUE\"\n"] {
        assert!(mistakes(&map().replace(key, "")).contains("long"), "{key}");
    }
    let without = map().replace("unit = \"UNIT\"\n", "").replace("HR(/min)", "HR");
    let (_, kept) =
        text(&without, &format!("{HEADER}\r\n{}\r\n", row("P1", "ﾔﾏ", "HR", "72", "/min")));
    assert_eq!(kept.all("pulse"), ["72"]);
}

#[test]
fn a_title_that_several_columns_have_is_no_test_that_nobody_had() {
    let header = HEADER.replace("NOTE", "KANA");
    let (outcome, kept) =
        text(&map(), &format!("{header}\r\n{}\r\n", row("P1", "ﾔﾏ", "HR", "72", "/min")));
    assert!(outcome.rejected && kept.told().contains(&(0, "KANA", "E002")), "{:?}", kept.told());
    let placed = map().replace("from = \"KANA\"", "from = \"KANA#1\"");
    let (_, kept) =
        text(&placed, &format!("{header}\r\n{}\r\n", row("P1", "ﾔﾏ", "HR", "72", "/min")));
    assert_eq!(kept.all("name_kana"), ["ヤマ"]);
    assert_eq!(kept.told(), [(0, "KANA#2", "W108")]);
    // nor is a number of a checkup, or a column that makes the tests
    let map_of = |keys: &str| map().replace("ignore", &format!("{keys}\nignore"));
    let (outcome, kept) = text(
        &map_of("report_no = \"NO\""),
        &format!("{HEADER}\r\n{}\r\n", row("P1", "ﾔﾏ", "HR", "72", "/min")),
    );
    assert!(outcome.rejected && kept.told().contains(&(0, "NO", "E002")));
    let value = more(&map(), &column("VALUE", "\"remarks\"", "text"));
    let (outcome, kept) =
        text(&value, &format!("{HEADER}\r\n{}\r\n", row("P1", "ﾔﾏ", "HR", "72", "/min")));
    assert!(outcome.rejected && kept.told().contains(&(0, "VALUE", "E002")));
    // a test with the name of a column is not told from it
    let (outcome, _) =
        long(&[row("P1", "ﾔﾏ", "HR", "72", "/min"), row("P1", "ﾔﾏ", "KANA", "x", "")]);
    assert!(outcome.rejected);
}

#[test]
fn undecided_columns_hold_values_in_any_row() {
    let map = map().replace("ignore = [\"NOTE\"]", "unknown = [\"NOTE\", \"CRP\"]");
    let rows = |first: &str, second: &str| {
        format!(
            "{HEADER},\r\n{},{first}\r\n{},{second}\r\n",
            row("P1", "ﾔﾏ", "HR", "72", "/min").replace(",n", ","),
            row("P1", "ﾔﾏ", "AST", "30", "U/L").replace(",n", &format!(",{second}")),
        )
    };
    let (_, kept) = text(&map, &rows("", ""));
    assert_eq!(kept.told(), []);
    let (_, kept) = text(&map, &rows("", "x"));
    assert_eq!(kept.told(), [(0, "#1", "W108"), (0, "NOTE", "W108")]);
    let untitled = more(&map, &column("#1", "\"remarks\"", "text"));
    let (_, kept) = text(&untitled, &rows("x", "x"));
    assert_eq!((kept.told(), kept.all("remarks")), (vec![(0, "NOTE", "W108")], vec!["x"]));
}

#[test]
fn other_rules_follow_on_the_checkups() {
    // E017 and E020 among the checkups, by their own numbers
    let (_, kept) = long(&[
        row("P1", "ﾔﾏ", "HR", "72", "/min"),
        row("P1", "ﾔﾏ", "AST", "30", "U/L"),
        row("P1", "ｻﾄｳ", "HR", "72", "/min").replace("05-12", "05-13"),
        row("P3", "ｲﾄｳ", "CRP", "1", ""),
    ]);
    let found =
        [(0, "CRP", "W108"), (1, "patient_id", "E020"), (2, "patient_id", "E020"), (3, "", "E022")];
    assert_eq!(kept.told(), found);
    // blank lines and trailers
    let (outcome, _) = long(&[row("P1", "ﾔﾏ", "HR", "72", "/min"), String::new(), "#END".into()]);
    assert_eq!(lines(&outcome), [4, 0, 1, 1, 1, 1]);
    // in any order the same checkups
    let rows = [
        row("P1", "ﾔﾏ", "HR", "72", "/min"),
        row("P1", "ﾔﾏ", "AST", "30", "U/L"),
        row("P2", "ｻﾄｳ", "HR", "60", "/min"),
        row("P2", "ｻﾄｳ", "AST", "31", "U/L"),
    ];
    for first in 0..4 {
        let mut rows = rows.to_vec();
        rows.rotate_left(first);
        let (_, kept) = long(&rows);
        let mut all: Vec<_> = kept
            .all("patient_id")
            .into_iter()
            .zip(kept.all("ast"))
            .zip(kept.all("pulse"))
            .collect();
        all.sort_unstable();
        assert_eq!(all, [(("P1", "30"), "72"), (("P2", "31"), "60")]);
    }
}
