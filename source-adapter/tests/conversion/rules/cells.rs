//! Cells, form by form.

use crate::rules::{column, item, ok, refused, with};

#[test]
fn numbers() {
    let hb = column("X", "\"hb\"", "num");
    assert_eq!(item(&hb, "１３．４５", "hb"), ok("13.5", "１３．４５"));
    assert_eq!(item(&hb, "\" 5.0未満 \"", "hb"), ok("<5.0", " 5.0未満 "));
    assert_eq!(item(&hb, "-", "hb"), ok("", "-"));
    assert_eq!(item(&hb, "未実施", "hb"), ok("未実施", "未実施"));
    assert_eq!(item(&hb, "*", "hb"), ok("測定不能", "*"));
    assert_eq!(item(&hb, "13..4", "hb"), refused("E012", "13..4"));
    assert_eq!(item(&hb, "30.04", "hb"), ok("30.0", "30.04"), "plausible after rounding");
    assert_eq!(item(&hb, "30.05", "hb"), refused("E013", "30.05"));
    assert_eq!(item(&hb, "0000000000000015", "hb"), ok("15.0", "0000000000000015"));
    assert_eq!(item(&hb, "1111111111111111", "hb"), refused("E013", "1111111111111111"));
    let scaled = format!("{hb}factor = 0.1");
    assert_eq!(item(&scaled, "158", "hb"), ok("15.8", "158"));
}

#[test]
fn identifiers_and_dates() {
    let insurer = format!("{}pad = 8", column("X", "\"insurer_no\"", "digits"));
    assert_eq!(item(&insurer, "０１３-９９５", "insurer_no"), ok("00013995", ""));
    assert_eq!(item(&insurer, "01399A", "insurer_no"), refused("E012", "01399A"));
    assert_eq!(item(&insurer, "013994", "insurer_no"), refused("E016", "00013994"));
    let postal = column("X", "\"postal\"", "postal");
    assert_eq!(item(&postal, "２３１－００９８", "postal"), ok("231-0098", ""));
    assert_eq!(item(&postal, "23100", "postal"), refused("E012", "23100"));
    assert_eq!(item(&postal, "231 0098", "postal"), refused("E012", "231 0098"));
    let unpadded = column("X", "\"insurer_no\"", "digits");
    assert_eq!(item(&unpadded, "013995", "insurer_no"), ok("013995", ""));
    assert_eq!(item(&unpadded, "013994", "insurer_no"), refused("E016", "00013994"));
    let film = column("X", "\"cxr_date\"", "date");
    assert_eq!(item(&film, "R07.05.12", "cxr_date"), ok("2025-05-12", "R07.05.12"));
    assert_eq!(item(&film, "R07.02.29", "cxr_date"), refused("E011", "R07.02.29"));
}

#[test]
fn terms_and_texts() {
    let strict = format!("{}vocab = \"judge\"", column("X", "\"j_total\"", "term"));
    assert_eq!(item(&strict, "Ａ", "j_total"), ok("異常なし", "Ａ"));
    assert_eq!(item(&strict, "Z", "j_total"), refused("E014", "Z"));
    let kept = with(&format!("{strict}\nstrict = false"), "X", "Z");
    assert_eq!(kept.findings, [(1, "X".to_owned(), "W101", "Z".to_owned())]);
    assert_eq!(kept.records[0].get("j_total"), "");

    let multi =
        format!("{}split = \"／;\"\nnone = [\"なし\"]", column("X", "\"work_hist\"", "multi"));
    assert_eq!(item(&multi, "a／ b;;なし", "work_hist"), ok("a、b", "a／ b;;なし"));
    let finding = format!(
        "{}split = \"／\"\nnone = [\"なし\"]",
        column("X", "[\"ecg\", \"ecg_txt\"]", "finding")
    );
    assert_eq!(item(&finding, "洞性徐脈", "ecg"), ok("所見あり", "洞性徐脈"));
    assert_eq!(item(&finding, "なし", "ecg"), ok("所見なし", "なし"));
    assert_eq!(item(&finding, "なし", "ecg_txt"), ok("", "なし"));
    assert_eq!(item(&finding, "未実施", "ecg"), ok("未実施", "未実施"));
    assert_eq!(item(&finding, "未実施", "ecg_txt"), ok("", "未実施"));
}

#[test]
fn cells_that_are_standard_already() {
    let text = |id: &str| column("X", &format!("\"{id}\""), "text");
    assert_eq!(item(&text("hr_r1k"), " 所見なし", "hr_r1k"), ok("所見なし", " 所見なし"));
    assert_eq!(item(&text("hr_r1k"), "なし", "hr_r1k"), refused("E014", "なし"));
    assert_eq!(item(&text("hb"), "<5.0", "hb"), ok("<5.0", "<5.0"));
    assert_eq!(item(&text("hb"), "五", "hb"), refused("E012", "五"));
    assert_eq!(item(&text("hb"), "99", "hb"), refused("E013", "99"));
    assert_eq!(item(&text("cxr_date"), "2025-05-12", "cxr_date"), ok("2025-05-12", "2025-05-12"));
    assert_eq!(item(&text("cxr_date"), "R7.5.12", "cxr_date"), refused("E011", "R7.5.12"));
    let whole = column("X", "\"height\"", "int");
    assert_eq!(item(&whole, "０170", "height"), ok("170.0", "０170"));
    let vocabulary = format!(
        "{}vocab = \"eye\"\n[vocab.eye]\n\"/\" = \"未実施\"",
        column("X", "\"cxr\"", "term")
    );
    assert_eq!(item(&vocabulary, "/", "cxr"), ok("未実施", "/"));
}

#[test]
fn one_cell_for_several_items() {
    let flags = "[[col]]\nfrom = \"X\"\nas = \"flags\"\nsplit = \"・\"\nnone = [\"なし\"]\nflags = { \"血圧\" = \"q01\", \"糖\" = \"q02\" }";
    assert_eq!(item(flags, "糖", "q01"), ok("いいえ", "糖"));
    assert_eq!(item(flags, "糖・血圧", "q01"), ok("はい", "糖・血圧"));
    assert_eq!(item(flags, "なし", "q02"), ok("いいえ", "なし"));
    assert_eq!(item(flags, "糖・謎", "q02"), refused("E014", "糖・謎"));
    assert_eq!(item(&flags.replace("糖", "A"), "Ａ", "q02"), ok("はい", "Ａ"));

    let pattern = "[[col]]\nfrom = \"X\"\nas = \"regex\"\npattern = '(?P<sbp1>\\d+)/(?P<dbp1>\\d+)(?P<hr_r1k>[019])?'\nvocab = \"hear\"";
    assert_eq!(item(pattern, "128/82", "sbp1"), ok("128", "128/82"));
    assert_eq!(item(pattern, "128/82", "hr_r1k"), ok("", "128/82"));
    assert_eq!(item(pattern, "128/821", "hr_r1k"), refused("E013", "128/821"));
    let eye = "[[col]]\nfrom = \"X\"\nas = \"regex\"\npattern = '(?P<va_r>[0-9.]+)\\((?P<va_rc>[0-9.]*)\\)'";
    assert_eq!(item(eye, "0.3()", "va_r"), ok("0.30", "0.3()"), "an empty group is no value");
    assert_eq!(item(pattern, "128 82", "sbp1"), refused("E019", "128 82"));
    assert_eq!(item(pattern, "x128/82", "sbp1"), refused("E019", "x128/82"), "the whole cell");
}

#[test]
fn a_second_column_routes_a_number() {
    let route = "[[col]]\nfrom = \"TG\"\nas = \"route\"\nby = \"F\"\ntable = { \"Y\" = \"tg_fast\", \"N\" = \"tg_casual\" }";
    let fasting = with(route, "TG,F", "120, Y");
    assert_eq!(fasting.records[0].get("tg_fast"), "120");
    assert_eq!(fasting.records[0].get("tg_casual"), "");
    let unknown = with(route, "TG,F", "120,?");
    assert_eq!(unknown.findings, [(1, "TG".to_owned(), "E014", "?".to_owned())]);
    let folded = with(route, "TG,F", "120,Ｙ");
    assert_eq!(folded.records[0].get("tg_fast"), "120", "as a vocabulary would read it");
    let nothing = with(route, "TG,F", ",?");
    assert!(nothing.findings.is_empty(), "an empty number needs no route");
    let not_performed = with(route, "TG,F", "未実施,N");
    assert_eq!(not_performed.records[0].get("tg_casual"), "未実施");
    assert_eq!(not_performed.records[0].get("tg_fast"), "");
}

#[test]
fn names_keep_their_letters() {
    let kept = with("", "X", "1");
    assert_eq!(kept.findings, [(0, "X".to_owned(), "W108", String::new())]);
    assert_eq!(kept.records[0].get("name_kanji"), "山 花");
    assert_eq!(kept.records[0].get("name_kana"), "ヤマ ハナ");
    assert_eq!(kept.records[0].get("profile_ver"), "kcsv/1.0.0");
    assert_eq!(kept.records[0].get("exam_age"), "45");
}
