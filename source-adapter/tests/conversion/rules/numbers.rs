//! Numbers, identifiers and days: marks, separators, what spreadsheets make of them (E011-E013).

use crate::rules::{MAP, column, item, mistakes, more, ok, refused, with};

const HB: &str = "[[col]]\nfrom = \"X\"\nto = \"hb\"\nas = \"num\"\n";

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

#[test]
fn marks_stand_at_both_ends() {
    let strip = format!("{HB}strip = [\"H\", \"L\", \"*\", \"↑\", \"%\", \"(再)\", \"g/dL\"]\n");
    for cell in [
        "14.2H",
        "14.2 H",
        "H14.2",
        "H 14.2 *",
        "↑14.2",
        "１４．２Ｈ",
        "14.2％",
        "14.2HL",
        "(再)14.2",
        "（再）14.2",
        "14.2　H",
        "14.2g/dL",
        "H*14.2*H",
    ] {
        assert_eq!(item(&strip, cell, "hb"), ok("14.2", cell), "{cell}");
    }
    assert_eq!(item(&strip, "<5.0 L", "hb"), ok("<5.0", "<5.0 L"));
    assert_eq!(item(&strip, "H5以下", "hb"), ok("<=5.0", "H5以下"));
    for cell in ["14.2h", "14H.2", "14.2HX", "H", "H*", "14.2再"] {
        assert_eq!(item(&strip, cell, "hb"), refused("E012", cell), "{cell}");
    }
    assert_eq!(
        item(HB, "14.2H", "hb"),
        refused("E012", "14.2H"),
        "a mark that the map does not name"
    );
    assert_eq!(item(&strip, "*", "hb"), ok("測定不能", "*"), "a word of [null] comes first");
    let route = "[[col]]\nfrom = \"TG\"\nas = \"route\"\nby = \"F\"\ntable = { \"Y\" = \"tg_fast\" }\nstrip = [\"H\"]\n";
    let kept = with(route, "TG,F", "150H,Y");
    let item = renkei_checkup::tables().column("tg_fast").unwrap();
    assert_eq!((kept.records[0].value(item), kept.records[0].original(item)), ("150", "150H"));
}

#[test]
fn a_mark_is_no_part_of_a_number() {
    for mark in [
        "1", "１", "+", "-", "－", "−", "‐", "ー", "±", ".", ",", "<", "≧", "=", "H1", "①", "以下",
        "未満", "超", "", " ",
    ] {
        let map = more(MAP, &format!("{HB}strip = [{mark:?}]\n"));
        assert!(mistakes(&map).contains("strip"), "{mark}");
    }
    assert!(
        mistakes(&more(
            MAP,
            "[[col]]\nfrom = \"X\"\nto = \"remarks\"\nas = \"text\"\nstrip = [\"H\"]\n"
        ))
        .contains("strip")
    );
}

#[test]
fn thousands_are_read_where_they_stand_right() {
    let plt = column("X", "\"wbc\"", "num");
    for (cell, value) in [
        ("5,200", "5200"),
        ("１２，３００", "12300"),
        ("12,300", "12300"),
        ("5,200以上", ">=5200"),
        ("<5,200", "<5200"),
        ("5,200.4", "5200"),
    ] {
        assert_eq!(item(&plt, &quoted(cell), "wbc"), ok(value, cell), "{cell}");
    }
    for cell in [
        "5,2", "52,00", "5,2000", ",200", "5,200,", "5,20 0", "0,200", "5200,000", "5.2,000",
        "5，20", "1,,000",
    ] {
        assert_eq!(item(&plt, &quoted(cell), "wbc"), refused("E012", cell), "{cell}");
    }
}

#[test]
fn plausible_limits_have_two_sides() {
    for (id, low, high, above) in [("hb", "0.0", "30.0", "30.1"), ("ht", "0.0", "99.9", "100.0")] {
        let column = column("X", &format!("{id:?}"), "num");
        assert_eq!(item(&column, low, id), ok(low, low));
        assert_eq!(item(&column, high, id), ok(high, high));
        assert_eq!(item(&column, above, id), refused("E013", above));
    }
    let height = renkei_checkup::tables().column("height").unwrap();
    let (low, high) = (height.min_plausible.unwrap(), height.max_plausible.unwrap());
    let column = column("X", "\"height\"", "num");
    let tenth = renkei_checkup::decimal::Decimal::from_parts(1, 1);
    for right in [low, high] {
        assert!(item(&column, &right.to_string(), "height").is_ok());
    }
    for wrong in [low.plus(tenth.negative()), high.plus(tenth)] {
        let cell = wrong.to_string();
        assert_eq!(item(&column, &cell, "height"), refused("E013", &cell));
    }
    let bound = format!("<{}", high.plus(tenth));
    assert_eq!(item(&column, &bound, "height"), refused("E013", &bound), "comparators are ignored");
}

#[test]
fn what_a_spreadsheet_writes() {
    let employee = column("X", "\"employee_no\"", "text");
    assert_eq!(item(&employee, "=\"0123\"", "employee_no"), ok("0123", ""));
    assert_eq!(item(&employee, "\"=\"\"0123\"\"\"", "employee_no"), ok("0123", ""));
    let remarks = column("X", "\"remarks\"", "text");
    assert_eq!(
        item(&remarks, "=\"0123\"", "remarks"),
        ok("0123", "=\"0123\""),
        "kept as it stands"
    );
    assert_eq!(item(&remarks, " =\" 0123 \" ", "remarks"), ok("0123", " =\" 0123 \" "));
    assert_eq!(item(&remarks, "=\"\"", "remarks"), ok("", "=\"\""), "a blank cell");
    for cell in ["=0123", "=\"0123", "=\"a\"&\"b\"", "=A1"] {
        assert_eq!(item(&remarks, &quoted(cell), "remarks"), ok(cell, cell), "{cell}");
    }
    assert_eq!(item(HB, "=\"14.2\"", "hb"), ok("14.2", "=\"14.2\""));
    assert_eq!(item(HB, "=\"未実施\"", "hb"), ok("未実施", "=\"未実施\""));
    for cell in ["1.23E+05", "1E+12", "1.23e+05", "1.2E-3"] {
        assert_eq!(item(&employee, cell, "employee_no"), refused("E012", cell), "{cell}");
        assert_eq!(item(HB, cell, "hb"), refused("E012", cell), "{cell}");
        let insurer = column("X", "\"insurer_no\"", "digits");
        assert_eq!(item(&insurer, cell, "insurer_no"), refused("E012", cell), "{cell}");
    }
    for cell in ["12E5", "E+05", "1.23E+", "A1E+05"] {
        assert_eq!(
            item(&employee, cell, "employee_no"),
            ok(cell, ""),
            "a number of letters: {cell}"
        );
    }
    let pattern = "[[col]]\nfrom = \"X\"\nas = \"regex\"\npattern = '(?P<employee_no>.+)'\n";
    assert_eq!(item(pattern, "1.23E+05", "employee_no"), refused("E012", "1.23E+05"));
}

/// The standard form of a day, or E011.
fn day(keys: &str, cell: &str) -> Option<String> {
    let film = format!("{}{keys}", column("X", "\"cxr_date\"", "date"));
    match item(&film, &quoted(cell), "cxr_date") {
        Ok((value, original)) => {
            assert_eq!(original, cell);
            Some(value)
        }
        Err(found) => {
            assert_eq!(found, ("E011".to_owned(), cell.to_owned()));
            None
        }
    }
}

#[test]
fn days_in_every_spelling() {
    for cell in [
        "19880401",
        "1988-4-1",
        "1988/04/01",
        "1988.4.1",
        "1988年4月1日",
        "1988年4月1",
        "S63.4.1",
        "s63.4.1",
        "S63-04-01",
        "S63/4/1",
        "昭和63年4月1日",
        "昭63.4.1",
        "S630401",
        "s630401",
        "Ｓ６３．４．１",
        "昭和６３年４月１日",
        "昭和 63年 4月 1日",
        "1988 / 4 / 1",
        "1988/4/1(金)",
        "1988/4/1（金）",
        "1988年4月1日(金曜日)",
        "1988/4/1 9:05",
        "1988-04-01T09:05:00",
        "1988年4月1日9:05",
        "1988年4月1日 9時",
        "1988/4/1(金)9:05",
        "19880401 09:05",
    ] {
        let expected = (cell != "1988年4月1日 9時").then(|| "1988-04-01".to_owned());
        assert_eq!(day("", cell), expected, "{cell}");
    }
    assert_eq!(day("", "令和元年5月1日").as_deref(), Some("2019-05-01"));
    assert_eq!(day("era = \"digit\"\n", "3630401").as_deref(), Some("1988-04-01"));
    assert_eq!(day("era = \"digit\"\n", "5070512").as_deref(), Some("2025-05-12"));
    assert_eq!(
        day("era = \"digit\"\n", "19880401").as_deref(),
        Some("1988-04-01"),
        "the others stay"
    );
    assert_eq!(day("era = \"digit\"\n", "S63.4.1").as_deref(), Some("1988-04-01"));
    for cell in ["3640108", "6010101", "0630401", "363041", "36304011"] {
        assert_eq!(day("era = \"digit\"\n", cell), None, "{cell}");
    }
    assert!(
        mistakes(&more(MAP, &format!("{}era = \"letter\"\n", column("X", "\"cxr_date\"", "date"))))
            .contains("era")
    );
}

#[test]
fn days_that_are_none() {
    for cell in [
        "3630401",
        "630401",
        "88/4/1",
        "63.4.1",
        "88-04-01",
        "32234",
        "45789.5",
        "1988/4",
        "1988",
        "1988-02-30",
        "19880230",
        "2025-02-29",
        "1988-00-01",
        "1988-13-01",
        "1988/4/32",
        "S64.1.8",
        "H1.1.7",
        "R1.4.30",
        "T15.12.25",
        "S0.4.1",
        "19 88/4/1",
        "1988/4/1 1",
        "1988/4/1(金",
        "1988/4/1(木木)",
        "1988/4/1 25:61",
        "不明",
        "X63.4.1",
        "5/12/2025",
    ] {
        assert_eq!(day("", cell), None, "{cell}");
    }
    assert_eq!(day("", "2024-02-29").as_deref(), Some("2024-02-29"));
    for (cell, right) in [
        ("M45.7.29", "1912-07-29"),
        ("T1.7.30", "1912-07-30"),
        ("T15.12.24", "1926-12-24"),
        ("S1.12.25", "1926-12-25"),
        ("S64.1.7", "1989-01-07"),
        ("H1.1.8", "1989-01-08"),
        ("H31.4.30", "2019-04-30"),
        ("M1.9.8", "1868-09-08"),
    ] {
        assert_eq!(day("", cell).as_deref(), Some(right));
    }
    assert_eq!(day("", "M1.9.7"), None);
}
