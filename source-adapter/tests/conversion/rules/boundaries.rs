//! Both sides of the limits that the rules draw.

use crate::rules::{HEADER, Kept, MAP, PERSON, column, item, ok, refused, rows, run, with};
use renkei_source_adapter::Mode;

fn finding(
    row: u64,
    column: &str,
    code: &'static str,
    value: &str,
) -> (u64, String, &'static str, String) {
    (row, column.to_owned(), code, value.to_owned())
}

#[test]
fn exactly_three_characters_are_blanks() {
    let remarks = column("X", "\"remarks\"", "text");
    assert_eq!(item(&remarks, " \t　x　y\t 　", "remarks"), ok("x　y", " \t　x　y\t 　"));
    for kept in ["\u{a0}x", "x\u{2003}", "\u{200b}x", "\u{feff}x"] {
        assert_eq!(item(&remarks, kept, "remarks"), ok(kept, kept));
    }
    let hb = column("X", "\"hb\"", "num");
    assert_eq!(item(&hb, "　14.2\t", "hb"), ok("14.2", "　14.2\t"));
    assert_eq!(item(&hb, "14.2\u{a0}", "hb"), refused("E012", "14.2\u{a0}"));
    assert_eq!(item(&hb, "\"14.2\n\"", "hb"), refused("E012", "14.2\n"));
    let film = column("X", "\"cxr_date\"", "date");
    assert_eq!(item(&film, "\u{a0}20250512", "cxr_date"), refused("E011", "\u{a0}20250512"));
}

#[test]
fn words_for_nothing_are_compared_before_normalisation() {
    let hb = column("X", "\"hb\"", "num");
    assert_eq!(item(&hb, "　* ", "hb"), ok("測定不能", "　* "));
    assert_eq!(item(&hb, "＊", "hb"), refused("E012", "＊"));
    assert_eq!(item(&hb, "－", "hb"), refused("E012", "－"));
    assert_eq!(item(&hb, "未実施。", "hb"), refused("E012", "未実施。"));
    assert_eq!(item(&hb, "　", "hb"), ok("", "　"), "a cell of blanks is empty");
    // an item without a pair column has no place for the word
    let postal = column("X", "\"postal\"", "postal");
    assert_eq!(item(&postal, "未実施", "postal"), ok("", ""));
}

#[test]
fn comparators_in_every_notation() {
    let hb = column("X", "\"hb\"", "num");
    for (sign, cells) in [
        ("<", ["<5", "＜５", "5未満", "５．０未満"]),
        ("<=", ["<=5", "≦5", "≤5.0", "5以下"]),
        (">", [">5", "＞5", "5超", "５超"]),
        (">=", [">=5", "≧５", "＞＝5", "5以上"]),
    ] {
        for cell in cells {
            assert_eq!(item(&hb, cell, "hb"), ok(&format!("{sign}5.0"), cell), "{cell}");
        }
    }
    for cell in
        ["<5以下", "5以下未満", "以下5", "<>5", "=5", "<", "以上", "5以下です", "約5", "5~6"]
    {
        assert_eq!(item(&hb, cell, "hb"), refused("E012", cell), "{cell}");
    }
    assert_eq!(item(&hb, "30以上", "hb"), ok(">=30.0", "30以上"));
    assert_eq!(item(&hb, "30.1以上", "hb"), refused("E013", "30.1以上"), "bounds are judged too");
}

#[test]
fn numbers_are_rounded_half_up_once() {
    let obesity = column("X", "\"obesity\"", "num");
    for (cell, value) in [
        ("-12.34", "-12.3"),
        ("-12.35", "-12.4"),
        ("－０．０４", "0.0"),
        ("-0.05", "-0.1"),
        ("-0", "0.0"),
        ("0.04", "0.0"),
        ("0.05", "0.1"),
        ("007", "7.0"),
        ("12.30", "12.3"),
        ("-60.04", "-60.0"),
    ] {
        assert_eq!(item(&obesity, cell, "obesity"), ok(value, cell), "{cell}");
    }
    assert_eq!(item(&obesity, "-60.05", "obesity"), refused("E013", "-60.05"));
    for cell in ["+5", ".5", "5.", "1,00", "1e1", "５．", "--5", "5-"] {
        let quoted = format!("\"{cell}\"");
        assert_eq!(item(&obesity, &quoted, "obesity"), refused("E012", cell), "{cell}");
    }
    let scaled = format!("{}factor = 10", column("X", "\"hb\"", "num"));
    assert_eq!(item(&scaled, "1.345", "hb"), ok("13.5", "1.345"), "scaled, then rounded");
    assert_eq!(item(&scaled, "3.0049", "hb"), ok("30.0", "3.0049"));
    assert_eq!(item(&scaled, "3.005", "hb"), refused("E013", "3.005"), "judged when scaled");
}

#[test]
fn whole_numbers_and_identifiers() {
    let age = column("X", "\"exam_age\"", "int");
    assert_eq!(item(&age, "０４５", "exam_age"), ok("45", ""));
    for cell in ["-45", "45.0", "45歳", "<45"] {
        assert_eq!(item(&age, cell, "exam_age"), refused("E012", cell), "{cell}");
    }
    assert_eq!(item(&age, "121", "exam_age"), refused("E013", "121"));
    let branch = format!("{}pad = 2", column("X", "\"card_branch\"", "digits"));
    assert_eq!(item(&branch, "３", "card_branch"), ok("03", ""));
    assert_eq!(item(&branch, "003", "card_branch"), refused("E015", "3"), "padding never cuts");
    assert_eq!(item(&branch, "A", "card_branch"), refused("E012", "A"));
    let postal = column("X", "\"postal\"", "postal");
    for cell in ["2310098", "231-0098", "２３１‐００９８", "231−0098"] {
        assert_eq!(item(&postal, cell, "postal"), ok("231-0098", ""), "{cell}");
    }
    for cell in ["23100981", "〒2310098"] {
        assert_eq!(item(&postal, cell, "postal"), refused("E012", cell), "{cell}");
    }
}

/// Rows of the plain columns with these cells for both names.
fn named(kana: &str, kanji: &str) -> Kept {
    rows(&format!("P1,{kana},{kanji},2,S55.4.1,2025-05-12,72\r\n"))
}

#[test]
fn kana_are_folded_and_names_are_not() {
    let kept = named("ｶﾞｷﾞ　ﾊﾟｳﾞｰ", "髙﨑\t 　神①");
    assert_eq!(kept.records[0].get("name_kana"), "ガギ パヴー");
    assert_eq!(kept.records[0].get("name_kanji"), "髙﨑 神①");
    assert_eq!(named("ﾔﾏ", "ｱﾍﾞ　Ａ").records[0].get("name_kanji"), "ｱﾍﾞ Ａ");
}

#[test]
fn the_extensions_of_cp932_are_letters() {
    let map = MAP.replace("encoding = \"utf-8\"", "encoding = \"cp932\"");
    let export = format!("{HEADER}\r\nP1,ﾔﾏ ﾊﾅ,髙﨑　①Ⅱ㎎纊～－∥￢,2,S55.4.1,2025-05-12,72\r\n");
    let (bytes, _, unmappable) = encoding_rs::SHIFT_JIS.encode(&export);
    assert!(!unmappable);
    let (outcome, kept) = run(&map, &bytes, Mode::RejectRow);
    assert_eq!(outcome.unwrap().accepted, 1);
    assert_eq!(kept.records[0].get("name_kanji"), "髙﨑 ①Ⅱ㎎纊～－∥￢");
}

#[test]
fn the_standard_value_has_a_length_and_the_source_cell_has_none() {
    let remarks = column("X", "\"remarks\"", "text");
    let fits = "あ".repeat(170) + "ab";
    assert_eq!(fits.len(), 512);
    let padded = format!("　　{fits}　　");
    assert_eq!(item(&remarks, &padded, "remarks").map(|found| found.0), Ok(fits.clone()));
    let long = with(&remarks, "X", &format!("{fits}c"));
    assert_eq!(long.findings, [finding(1, "remarks", "E015", "513")]);
}

#[test]
fn findings_are_told_by_row_code_and_column() {
    let columns = column("B", "\"hb\"", "num")
        + &column("A", "\"weight\"", "num")
        + &column("D", "\"cxr_date\"", "date")
        + &column("S", "\"sbp1\"", "num")
        + &column("T", "\"dbp1\"", "num");
    let kept = with(&columns, "B,A,D,S,T,V,U", "x,y,z,80,80,,");
    let expected = [
        finding(0, "U", "W108", ""),
        finding(0, "V", "W108", ""),
        finding(1, "D", "E011", "z"),
        finding(1, "A", "E012", "y"),
        finding(1, "B", "E012", "x"),
        finding(1, "sbp1", "W102", "80/80"),
    ];
    assert_eq!(kept.findings, expected);
}

#[test]
fn warnings_look_at_plain_numbers() {
    let pressures = column("S", "\"sbp1\"", "num") + &column("D", "\"dbp1\"", "num");
    assert!(with(&pressures, "S,D", "81,80").findings.is_empty());
    assert!(with(&pressures, "S,D", "80以上,90").findings.is_empty());
    assert!(with(&pressures, "S,D", "未実施,90").findings.is_empty());

    let fasting = column("T", "\"tg_fast\"", "num")
        + &column("G", "\"fpg\"", "num")
        + &column("M", "\"blood_time\"", "text");
    let codes = |cells: &str| {
        let kept = with(&fasting, "T,G,M", cells);
        kept.findings.into_iter().map(|found| (found.1, found.2)).collect::<Vec<_>>()
    };
    let both = [("fpg".to_owned(), "W103"), ("tg_fast".to_owned(), "W103")];
    assert_eq!(codes("120,99,食後3.5時間以上10時間未満"), both);
    assert_eq!(codes("30未満,,食後3.5時間以上10時間未満"), []);
    assert_eq!(codes("120,99,食後10時間以上"), []);
    assert_eq!(codes("120,99,"), []);
}

#[test]
fn days_and_ages() {
    let day = |birth: &str, exam: &str| {
        let kept = rows(&format!("P1,ﾔﾏ,山,2,{birth},{exam},72\r\n"));
        match kept.records.first() {
            Some(record) => {
                Ok((record.get("exam_age").to_owned(), record.get("fy_age").to_owned()))
            }
            None => Err(kept.findings[0].2),
        }
    };
    let ages = |exam: &str, fiscal: &str| Ok((exam.to_owned(), fiscal.to_owned()));
    assert_eq!(day("19800401", "20250331"), ages("44", "44"));
    assert_eq!(day("19800401", "20250401"), ages("45", "45"));
    assert_eq!(day("19800331", "20250401"), ages("45", "46"));
    assert_eq!(day("20040229", "20250228"), ages("20", "21"));
    assert_eq!(day("20250512", "20250512"), ages("0", "0"), "born on the day");
    assert_eq!(day("20250513", "20250512"), Err("E018"));
    assert_eq!(day("19800401", "20251231"), ages("45", "45"), "today");
    assert_eq!(day("19800401", "20260101"), Err("E018"));
}

#[test]
fn rows_keep_the_numbers_of_the_source() {
    let second = PERSON.replace("P1", "P2").replace("ﾊﾅ", "ﾐｷ");
    let kept = rows(&format!("P0,x\r\n{PERSON}\r\n\r\n{second}\r\n#END\r\n"));
    let numbers: Vec<&str> = kept.records.iter().map(|record| record.get("record_no")).collect();
    assert_eq!(numbers, ["2", "3"], "refused rows count, empty lines and trailers do not");
    assert_eq!(kept.findings, [finding(1, "", "E003", "2")]);
    let (outcome, kept) = run(MAP, format!("{HEADER}\r\n").as_bytes(), Mode::RejectFile);
    let outcome = outcome.unwrap();
    assert!((outcome.rows, outcome.rejected) == (0, false) && kept.findings.is_empty());
}

#[test]
fn headers_are_compared_as_they_stand() {
    let spaced = HEADER.replace("ID", " ID");
    let (outcome, kept) = run(MAP, format!("{spaced}\r\n{PERSON}\r\n").as_bytes(), Mode::RejectRow);
    assert!(outcome.unwrap().rejected);
    assert_eq!(kept.findings, [finding(0, "ID", "E002", ""), finding(0, " ID", "W108", "")]);
    let quoted = "\"ID\",\"KANA\",NAME,SEX,DOB,DATE,HR";
    let (outcome, _) = run(MAP, format!("{quoted}\n{PERSON}\n").as_bytes(), Mode::RejectRow);
    assert_eq!(outcome.unwrap().accepted, 1);
}
