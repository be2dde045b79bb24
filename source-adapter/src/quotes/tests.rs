//! Rows with quotes, right and wrong.

use crate::mapping::{Charset, ShortRows, Source};
use crate::quotes::BrokenKind;
use crate::rows::Rows;

use proptest::prelude::*;

fn source(quote: bool) -> Source {
    Source {
        charset: Charset::Utf8,
        byte_order_mark: false,
        delimiter: b',',
        quote,
        skip_lines: 0,
        header_rows: 1,
        trailers: Vec::new(),
        short_rows: ShortRows::Refuse,
        ignore: Vec::new(),
        unknown: Vec::new(),
        layout: Vec::new(),
        report_no: None,
    }
}

type Told = (Vec<String>, Vec<(usize, BrokenKind, String)>);

/// The rows behind the header `A,B,C`, and what is wrong with their quotes.
fn rows(text: &str, quote: bool) -> Vec<Told> {
    let (text, source) = (format!("A,B,C\n{text}"), source(quote));
    let mut rows = Rows::new(text.as_bytes(), &source);
    rows.header().unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next_row().unwrap() {
        let cells = row.cells().iter().map(str::to_owned).collect();
        let broken = row.broken.iter().map(|b| (b.cell, b.kind, b.raw.clone())).collect();
        let stop = row.broken.iter().any(|broken| broken.kind.refuses_file());
        found.push((cells, broken));
        if stop {
            return found;
        }
    }
    assert!(rows.lines().add_up(), "{:?}", rows.lines());
    found
}

fn cells(text: &str) -> Vec<Vec<String>> {
    rows(text, true)
        .into_iter()
        .map(|(cells, broken)| {
            assert!(broken.is_empty(), "{broken:?}");
            cells
        })
        .collect()
}

#[test]
fn quoted_cells_hold_delimiters_quotes_and_line_ends() {
    assert_eq!(cells("\"a,b\",\"say \"\"hi\"\"\",\"\"\n"), [["a,b", "say \"hi\"", ""]]);
    assert_eq!(cells("1,\"two\r\nlines\",3\r\n"), [["1", "two\r\nlines", "3"]]);
    assert_eq!(cells("1,2,\"the end\""), [["1", "2", "the end"]]);
    assert_eq!(cells("1,2,\n3,4,\"\"\n"), [["1", "2", ""], ["3", "4", ""]]);
}

#[test]
fn a_quote_inside_a_cell_that_begins_with_none_is_data() {
    assert_eq!(
        cells("24\" モニター,a\"b\"c,=\"0123\"\n"),
        [["24\" モニター", "a\"b\"c", "=\"0123\""]]
    );
}

#[test]
fn text_behind_a_closing_quote_breaks_its_row_only() {
    let found = rows("1,\"右\"乳腺,3\n4,5,6\n", true);
    let told = (1, BrokenKind::TextBehind, "\"右\"乳腺".to_owned());
    assert_eq!(found[0].1, [told]);
    assert_eq!(found[1], (vec!["4".into(), "5".into(), "6".into()], vec![]));
    let several = rows("\"a\"x,\"b\" ,3\n", true);
    assert_eq!(several[0].1.len(), 2, "each such cell is told");
}

#[test]
fn text_behind_a_quote_that_goes_over_lines_refuses_the_file() {
    let found = rows("1,2,\"要精検\n4,5,6\n7,8,\"なし\"\n", true);
    let told = (2, BrokenKind::TextBehindLines, "\"要精検\n4,5,6\n7,8,\"なし\"".to_owned());
    assert_eq!(found[0].1, [told]);
}

#[test]
fn a_quote_that_closes_nowhere_refuses_the_file() {
    let found = rows("1,2,\"要精検\n4,5,6\n", true);
    assert_eq!(found.last().unwrap().1[0].1, BrokenKind::Open);
    let long = format!("1,2,\"{}", "4,5,6\n".repeat(300_000));
    assert_eq!(rows(&long, true)[0].1[0].1, BrokenKind::Open, "however long the file is");
}

#[test]
fn a_cell_that_holds_a_row_refuses_the_file() {
    let swallowing = "\"要精検,2,3\n4,5,6\n7,\",8,9\n";
    assert_eq!(rows(swallowing, true)[0].1[0].1, BrokenKind::Swallows);
    for right in [
        "1,\"one, two\nthree\",3\n",
        "1,\"no delimiter\nin it\",3\n",
        "\"a\nb\",2,3\n",
        "1,2,\"a\nb, c\"\n",
    ] {
        assert_eq!(cells(right).len(), 1, "{right}");
    }
}

#[test]
fn a_cell_that_holds_a_row_that_ends_early_refuses_the_file() {
    let read = |short_rows, text: &str| {
        let source = Source { short_rows, ..source(true) };
        let text = format!("A,B,C,D,E,F,G,H,I\n{text}");
        let mut rows = Rows::new(text.as_bytes(), &source);
        rows.header().unwrap();
        let row = rows.next_row().unwrap().unwrap();
        row.broken.first().map(|broken| broken.kind)
    };
    let shorter = "A1,2,3,4,5,6,7,8,\"要精検\nA2,山田 花子,女,1980/4/1,なし\"\n";
    assert_eq!(read(ShortRows::Blank, shorter), Some(BrokenKind::Swallows));
    let comment = "A1,2,3,4,5,6,7,8,\"plaque, small\nno change, see 2024, ok\"\n";
    for short_rows in [ShortRows::Refuse, ShortRows::Blank] {
        assert_eq!(read(short_rows, comment), None);
    }
}

#[test]
fn without_quoting_quotes_are_data() {
    let found = rows("1,\"要精検,3\n4,\"なし\",\"6\n", false);
    assert_eq!(found[0].0, ["1", "\"要精検", "3"]);
    assert_eq!(found[1].0, ["4", "\"なし\"", "\"6"]);
}

proptest! {
    #[test]
    fn what_is_written_by_the_rules_is_read(
        table in proptest::collection::vec(proptest::array::uniform3("[a-c山\",]{0,4}"), 1..6)
    ) {
        let mut csv = csv::WriterBuilder::new().from_writer(Vec::new());
        for row in &table {
            csv.write_record(row).unwrap();
        }
        let text = String::from_utf8(csv.into_inner().unwrap()).unwrap();
        let wanted: Vec<Vec<String>> = table
            .iter()
            .filter(|row| row.iter().any(|cell| !cell.is_empty()))
            .map(|row| row.to_vec())
            .collect();
        prop_assert_eq!(cells(&text), wanted);
    }

    #[test]
    fn every_line_is_accounted_for(text in "[a1,\" \r\n]{0,60}", quote: bool) {
        rows(&text, quote);
    }
}
