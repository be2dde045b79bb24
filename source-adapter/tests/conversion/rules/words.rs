//! Words: of `[null]`, of vocabularies, of findings (E014, E021, W101), and which of them goes first.

use crate::rules::{MAP, column, item, mistakes, more, ok, refused, with};
use renkei_checkup::tables;

const FINDING: &str = "[[col]]\nfrom = \"X\"\nto = [\"ecg\", \"ecg_txt\"]\nas = \"finding\"\nsplit = \"／、\"\nnone = [\"異常なし\"]\n";

/// What a cell says as a finding: the flag and the text; or the code.
fn finding(column: &str, cell: &str) -> Result<[String; 2], &'static str> {
    let kept = with(column, "X", &format!("\"{cell}\""));
    match kept.records.first() {
        Some(record) => Ok(["ecg", "ecg_txt"].map(|id| record.get(id).to_owned())),
        None => {
            assert_eq!(kept.findings.len(), 1, "once for a cell: {:?}", kept.findings);
            assert_eq!((kept.findings[0].1.as_str(), kept.findings[0].3.as_str()), ("X", cell));
            Err(kept.findings[0].2)
        }
    }
}

fn is(flag: &str, text: &str) -> Result<[String; 2], &'static str> {
    Ok([flag.to_owned(), text.to_owned()])
}

#[test]
fn every_word_that_the_least_table_holds_is_known() {
    const WORDS: &str = "異常なし 異常無し 異常ありません 異常を認めません 異常を認めず 所見なし 所見無し \
        正常 正常範囲 正常範囲内 著変なし 著変無し 特記事項なし 特記事項無し 特になし 特に無し なし 無し n.p. np \
        WNL 洞調律 未施行 未実施 未検 未検査 未受診 検査せず 拒否 検査不可 判定不能 測定不能 測定不可 - － ー ― ‐ −";
    let column = FINDING.replace("異常なし", "何もなし");
    for word in WORDS.split(' ').filter(|word| !matches!(*word, "-" | "未実施")) {
        assert_eq!(finding(&column, word), Err("E021"), "{word}");
    }
    let multi = "[[col]]\nfrom = \"X\"\nto = \"work_hist\"\nas = \"multi\"\nsplit = \"／\"\n";
    for word in ["なし", "特になし", "拒否", "判定不能", "ー", "n.p."] {
        assert_eq!(item(multi, word, "work_hist"), refused("E021", word), "{word}");
    }
}

#[test]
fn words_are_known_in_every_spelling() {
    for word in [
        "異常無し。",
        " 異常　無し ",
        "異常無し．",
        "ＮＰ",
        "N.P.",
        "n.p",
        "ｎ．ｐ．",
        "wnl",
        "W.N.L.",
        "ｗｎｌ",
        "洞調律。",
        "測定 不能",
        "－",
        "所見ﾅｼ",
    ] {
        assert_eq!(finding(FINDING, word), Err("E021"), "{word}");
    }
    for word in ["異常Q波", "なし崩し", "正常亜型", "判定不能例", "左室肥大。"]
    {
        assert_eq!(finding(FINDING, word), is("所見あり", word), "{word}");
    }
}

#[test]
fn a_word_among_findings_is_told_once_for_the_cell() {
    for cell in ["左室肥大／所見なし", "所見なし／左室肥大", "所見なし／正常", "未施行／左室肥大"]
    {
        assert_eq!(finding(FINDING, cell), Err("E021"), "{cell}");
    }
    let kept = with(FINDING, "X", "n.p.");
    assert!(kept.says(&["none = [\"n.p.\"]", "not_performed", "as_value = [\"n.p.\"]"]));
    let kept = with(FINDING, "X", "判定不能");
    assert!(kept.says(&["not_measurable = [\"判定不能\"]"]));
}

#[test]
fn the_only_part_of_a_cell() {
    assert_eq!(finding(FINDING, "洞調律"), Err("E021"));
    assert_eq!(finding(FINDING, "洞調律／左室肥大"), is("所見あり", "洞調律、左室肥大"));
    assert_eq!(finding(FINDING, "左室肥大、洞調律"), is("所見あり", "左室肥大、洞調律"));
    // what stands beside it says nothing either
    assert_eq!(finding(FINDING, "洞調律／"), Err("E021"));
    assert_eq!(finding(FINDING, "洞調律／-"), Err("E021"), "a blank part is dropped");
    assert_eq!(finding(FINDING, "異常なし／洞調律"), Err("E021"));
    assert_eq!(finding(FINDING, "洞調律／正常洞調律"), Err("E021"));
}

#[test]
fn the_map_decides() {
    let column = FINDING.replace(
        "none = [\"異常なし\"]",
        "none = [\"異常なし\", \"ｎ．ｐ．\", \"洞調律\"]\nas_value = [\"正常\", \"未実施例\", \"拒否、要説明\"]",
    );
    assert_eq!(finding(&column, "ｎ．ｐ．"), is("所見なし", ""));
    assert_eq!(finding(&column, "n.p."), Err("E021"), "not the word that it lists");
    assert_eq!(finding(&column, "洞調律"), is("所見なし", ""));
    assert_eq!(finding(&column, "正常"), is("所見あり", "正常"));
    assert_eq!(finding(&column, "正常／異常なし"), is("所見あり", "正常"));
    assert_eq!(
        finding(&column, "拒否、要説明"),
        is("所見あり", "拒否、要説明"),
        "the cell as a whole"
    );
    assert!(
        mistakes(&more(MAP, &FINDING.replace("none", "as_value = [\"異常なし\"]\nnone")))
            .contains("as_value")
    );
    // a word of [null] may be a finding in one column all the same
    let value = format!("{FINDING}as_value = [\"未実施\"]\n");
    assert_eq!(finding(&value, "未実施"), is("所見あり", "未実施"));
    assert_eq!(finding(&value, "未実施／左室肥大"), is("所見あり", "未実施、左室肥大"));
    // other forms have no findings
    let text = format!("{}as_value = [\"x\"]\n", column_of("text"));
    assert!(mistakes(&more(MAP, &text)).contains("as_value"));
    let flags =
        "[[col]]\nfrom = \"X\"\nas = \"flags\"\nflags = { \"a\" = \"q01\" }\nas_value = [\"b\"]\n";
    assert!(mistakes(&more(MAP, flags)).contains("as_value"));
}

fn column_of(form: &str) -> String {
    column("X", "\"remarks\"", form)
}

#[test]
fn parts_in_null() {
    // blank = ["", "-"], not_performed = ["未実施"], not_measurable = ["*"]
    assert_eq!(finding(FINDING, "-／左室肥大"), is("所見あり", "左室肥大"));
    assert_eq!(finding(FINDING, "-／-"), is("", ""));
    assert_eq!(finding(FINDING, "-／異常なし"), is("所見なし", ""));
    assert_eq!(finding(FINDING, "未実施／未実施"), is("未実施", ""));
    assert_eq!(finding(FINDING, "未実施／-"), is("未実施", ""));
    assert_eq!(finding(FINDING, "*／*"), is("測定不能", ""));
    for cell in ["未実施／*", "未実施／左室肥大", "左室肥大／*", "異常なし／未実施", "*／異常なし"]
    {
        assert_eq!(finding(FINDING, cell), Err("E021"), "{cell}");
    }
    let flag = format!("{FINDING}flag = [\"要再撮影\", \"所見なし\"]\n").replace("ecg", "cxr");
    let kept = with(&flag, "X", "陰影");
    assert_eq!((kept.all("cxr"), kept.all("cxr_txt")), (vec!["要再撮影"], vec!["陰影"]));
}

#[test]
fn multi_drops_what_says_nothing() {
    let multi = "[[col]]\nfrom = \"X\"\nto = \"work_hist\"\nas = \"multi\"\nsplit = \"／;\"\nnone = [\"なし\"]\n";
    assert_eq!(item(multi, " a ／; b　;／なし", "work_hist"), ok("a、b", " a ／; b　;／なし"));
    assert_eq!(item(multi, "なし", "work_hist"), ok("", "なし"), "nothing to convert");
    assert_eq!(item(multi, "未実施", "work_hist"), ok("未実施", "未実施"));
    let unsplit = multi.replace("split = \"／;\"\n", "");
    assert_eq!(item(&unsplit, "a／b", "work_hist"), ok("a／b", "a／b"));
}

#[test]
fn words_of_null_set_every_pair_item_but_the_text() {
    let vitals =
        "[[col]]\nfrom = \"X\"\nas = \"regex\"\npattern = '(?P<sbp1>\\d+)/(?P<dbp1>\\d+)'\n";
    let kept = with(vitals, "X", "　未実施 ");
    assert_eq!((kept.all("sbp1"), kept.all("dbp1")), (vec!["未実施"], vec!["未実施"]));
    for id in ["sbp1", "dbp1"] {
        let column = tables().column(id).unwrap();
        assert_eq!(kept.records[0].original(column), "　未実施 ", "repeated in each");
    }
    assert_eq!(finding(FINDING, "*"), is("測定不能", ""));
    let film = column("X", "\"cxr_date\"", "date");
    assert_eq!(item(&film, "*", "cxr_date"), ok("測定不能", "*"), "longer than a date may be");
    let name = column("X", "\"employer_name\"", "text");
    assert_eq!(item(&name, "未実施", "employer_name"), ok("", ""), "no pair item, no place for it");
}

#[test]
fn a_column_has_lists_of_its_own() {
    let urine = "\n[vocab.urine]\n\"-\" = \"－\"\n\"+\" = \"＋\"\n";
    let column = |null: &str| {
        format!(
            "[[col]]\nfrom = \"X\"\nto = \"u_prot\"\nas = \"term\"\nvocab = \"urine\"\n{null}{urine}"
        )
    };
    // the word of the file would never reach the vocabulary
    let told = mistakes(&more(MAP, &column("")));
    assert!(
        told.contains("urine") && told.contains("\"-\"") && told.contains("null = {"),
        "{told}"
    );
    let own = column("null = { blank = [\"\", \"/\"] }\n");
    assert_eq!(item(&own, "-", "u_prot"), ok("－", "-"));
    assert_eq!(item(&own, "－", "u_prot"), ok("－", "－"), "after NFKC");
    assert_eq!(item(&own, "/", "u_prot"), ok("", "/"));
    assert_eq!(
        item(&own, "未実施", "u_prot"),
        ok("未実施", "未実施"),
        "a list that is not named stays"
    );
    let none = column("null = { blank = [\"\"], not_performed = [] }\n");
    assert_eq!(item(&none, "未実施", "u_prot"), refused("E014", "未実施"));
    // other columns keep those of the file
    let both = format!("{}{}", crate::rules::column("Y", "\"hb\"", "num"), own);
    let kept = with(&both, "X,Y", "-,-");
    assert_eq!((kept.all("u_prot"), kept.all("hb")), (vec!["－"], vec![""]));
    assert!(mistakes(&more(MAP, &column("null = { blanks = [] }\n"))).contains("blanks"));
}

#[test]
fn null_and_vocabulary_are_compared_as_cells_are_looked_up() {
    let map = |null: &str, word: &str| {
        let column = "[[col]]\nfrom = \"X\"\nto = \"j_total\"\nas = \"term\"\nvocab = \"v\"\n";
        let map = more(MAP, &format!("{column}\n[vocab.v]\n{word:?} = \"異常なし\"\n"));
        renkei_source_adapter::Mapping::read("m", &map.replace("\"-\"]", &format!("{null:?}]")))
    };
    assert!(map("-", "A").is_ok());
    assert!(map("A", "A").is_err());
    assert!(map("Ａ", "A").is_err(), "the cell Ａ would be found as A");
    assert!(map("A", "Ａ").is_ok(), "the cell A would not be found");
    // a vocabulary that no column uses is no matter, nor are words of different lists the same
    let twice = MAP.replace("not_performed = [\"未実施\"]", "not_performed = [\"-\"]");
    assert!(mistakes(&twice).contains("not_performed"));
    // flags
    let flags = "[[col]]\nfrom = \"X\"\nas = \"flags\"\nflags = { \"-\" = \"q01\" }\n";
    assert!(mistakes(&more(MAP, flags)).contains("flags"));
    let wide = MAP.replace("\"-\"]", "\"－\"]");
    assert!(mistakes(&more(&wide, flags)).contains("flags"), "looked up after NFKC, too");
    let own = format!("{flags}null = {{ blank = [\"\"] }}\n");
    assert_eq!(item(&own, "-", "q01"), ok("はい", "-"));
}

#[test]
fn terms_are_a_closed_world() {
    let strict = "[[col]]\nfrom = \"X\"\nto = \"j_total\"\nas = \"term\"\nvocab = \"judge\"\n";
    assert_eq!(item(strict, " A", "j_total"), ok("異常なし", " A"));
    assert_eq!(item(strict, "Ａ", "j_total"), ok("異常なし", "Ａ"));
    assert_eq!(item(strict, "a", "j_total"), refused("E014", "a"));
    let kept = with(&format!("{strict}strict = false\n"), "X", "a");
    assert_eq!(kept.findings, [(1, "X".into(), "W101", "a".into())]);
    let column = tables().column("j_total").unwrap();
    assert_eq!((kept.records[0].value(column), kept.records[0].original(column)), ("", "a"));
    // a required item that stays empty is not delivered, whatever the map thinks of words
    let map =
        MAP.replace("to = \"sex\"\nas = \"term\"", "to = \"sex\"\nas = \"term\"\nstrict = false");
    let (_, kept) = crate::rules::export(&map, &[&crate::rules::PERSON.replace(",2,", ",9,")]);
    assert_eq!(kept.told(), [(1, "sex", "E010"), (1, "SEX", "W101")]);
    assert!(mistakes(&more(MAP, &strict.replace("judge", "no"))).contains("vocab.no"));
    assert!(mistakes(&MAP.replace("\"1\" = \"男\"", "\"1\" = \"男性\"")).contains("男"));
}

#[test]
fn a_pattern_matches_the_whole_cell() {
    let pattern = |pattern: &str| {
        more(MAP, &format!("[[col]]\nfrom = \"X\"\nas = \"regex\"\npattern = '{pattern}'\n"))
    };
    for wrong in ["(?P<sbp1>\\d+)|x)|(?:y", "(?P<sbp1>", "\\d+", "(?P<nobody>\\d+)"] {
        assert!(mistakes(&pattern(wrong)).contains("pattern"), "{wrong}");
    }
    let column =
        "[[col]]\nfrom = \"X\"\nas = \"regex\"\npattern = '(?P<sbp1>\\d+)|(?P<dbp1>x\\d+)'\n";
    assert_eq!(item(column, "128", "sbp1"), ok("128", "128"));
    assert_eq!(item(column, "128 ", "sbp1"), ok("128", "128 "), "the trimmed cell");
    for cell in ["128a", "a128", "\"128\r\n\""] {
        assert_eq!(
            item(column, cell, "sbp1").map_err(|found| found.0),
            Err("E019".into()),
            "{cell}"
        );
    }
}
