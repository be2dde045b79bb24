//! Which column is meant: titles, places, several header rows, `ignore`, `unknown`, `layout`, `from`.

use crate::rules::{
    HEADER, Kept, MAP, PERSON, column, export, mistakes, more, person, source, text, with,
};
use renkei_source_adapter::Outcome;

/// A text item for each title.
fn texts(titles: &[(&str, &str)]) -> String {
    titles.iter().map(|(title, id)| column(title, &format!("\"{id}\""), "text")).collect()
}

/// Converts one person with these columns behind the plain ones, `[source]` with these keys.
fn behind(keys: &str, columns: &str, header: &str, cells: &str) -> (Outcome, Kept) {
    let map = more(&source(keys), columns);
    text(&map, &format!("{HEADER},{header}\r\n{PERSON},{cells}\r\n"))
}

/// The columns of W108 and E002.
fn told(keys: &str, columns: &str, header: &str, cells: &str) -> Vec<(String, &'static str)> {
    let (outcome, kept) = behind(keys, columns, header, cells);
    assert_eq!(outcome.rejected, kept.findings.iter().any(|finding| finding.2 == "E002"));
    kept.findings.into_iter().map(|found| (found.1, found.2)).collect()
}

fn w108(columns: &[&str]) -> Vec<(String, &'static str)> {
    columns.iter().map(|column| ((*column).to_owned(), "W108")).collect()
}

fn e002(columns: &[&str]) -> Vec<(String, &'static str)> {
    columns.iter().map(|column| ((*column).to_owned(), "E002")).collect()
}

#[test]
fn a_missing_title_refuses_the_file_and_names_those_that_nothing_reads() {
    let columns = texts(&[("備考", "remarks"), ("意見", "dr_opinion")]);
    let (outcome, kept) = behind("", &columns, "備考欄,意見欄", "a,b");
    assert!(outcome.rejected && kept.records.is_empty());
    let found =
        [(0, "備考", "E002"), (0, "意見", "E002"), (0, "備考欄", "W108"), (0, "意見欄", "W108")];
    assert_eq!(kept.told(), found);
    assert!(kept.says(&["備考欄 / 意見欄"]));
}

#[test]
fn titles_that_stand_several_times_need_their_place() {
    let header = "所見,判定,所見,判定,所見";
    let columns = texts(&[("所見#3", "remarks"), ("判定#1", "dr_judge")]);
    let (_, kept) = behind("", &columns, header, "a,b,c,d,e");
    assert_eq!(kept.records[0].get("remarks"), "e");
    assert_eq!(kept.records[0].get("dr_judge"), "b");
    assert_eq!(kept.told(), [(0, "判定#2", "W108"), (0, "所見#1", "W108"), (0, "所見#2", "W108")]);
    // without its place nobody knows which one is meant
    let (_, kept) = behind("", &texts(&[("所見", "remarks")]), header, "a,b,c,d,e");
    assert!(kept.told().contains(&(0, "所見", "E002")) && kept.records.is_empty());
    assert!(kept.says(&["8、10、12", "所見#1", "所見#3"]), "{:?}", kept.said);
    assert!(
        kept.says(&["or not as the mapping says", "3 columns"]),
        "it does not say that there is none"
    );
    // a place that does not exist
    let (_, kept) = behind("", &texts(&[("所見#4", "remarks")]), header, "a,b,c,d,e");
    assert!(kept.told().contains(&(0, "所見#4", "E002")) && kept.says(&["1", "3"]));
    // titles that nothing reads may stand twice; all the same each of them is told
    assert_eq!(told("", "", "X,X", "1,2"), w108(&["X#1", "X#2"]));
    // a place of a title that stands once
    let (_, kept) = behind("", &texts(&[("X#1", "remarks")]), "X", "a");
    assert_eq!(kept.records[0].get("remarks"), "a");
}

#[test]
fn a_title_that_is_written_so_goes_before_a_place() {
    let columns = texts(&[("所見#2", "remarks")]);
    let (_, kept) = behind("ignore = [\"所見\"]", &columns, "所見,所見,所見#2", "a,b,c");
    assert_eq!((kept.records[0].get("remarks"), kept.told()), ("c", vec![]));
    let (_, kept) = behind("", &texts(&[("A#", "remarks"), ("B#0", "dr_judge")]), "A#,B#0", "a,b");
    assert_eq!((kept.records[0].get("remarks"), kept.records[0].get("dr_judge")), ("a", "b"));
}

#[test]
fn ignore_and_unknown_mean_all_of_a_title_or_the_one_of_a_place() {
    assert_eq!(told("ignore = [\"X\"]", "", "X,Y,X", "1,2,3"), w108(&["Y"]));
    assert_eq!(told("ignore = [\"X#2\"]", "", "X,Y,X", "1,2,3"), w108(&["X#1", "Y"]));
    assert_eq!(told("unknown = [\"X\"]", "", "X,Y,X", "1,2,"), w108(&["X#1", "Y"]));
    assert_eq!(told("unknown = [\"X#2\", \"Y\"]", "", "X,Y,X", "1,,3"), w108(&["X#1", "X#2"]));
    // a column that is read is neither
    let columns = texts(&[("X#2", "remarks")]);
    assert_eq!(told("ignore = [\"X\"]", &columns, "X,X", "1,2"), []);
    assert_eq!(told("unknown = [\"X\"]", &columns, "X,X", ",2"), []);
    // what the file does not have is nothing to be told of here
    assert_eq!(told("ignore = [\"A\"]\nunknown = [\"B\"]", "", "X", ""), w108(&["X"]));
    assert!(mistakes(&source("ignore = [\"X\"]\nunknown = [\"X\"]")).contains("unknown"));
}

#[test]
fn undecided_columns_are_told_when_they_hold_a_value() {
    let map = source("unknown = [\"A\", \"B\", \"C\"]");
    let rows = format!(
        "{HEADER},A,B,C\r\n{PERSON},,　,\r\n{},,,\r\n{},,,7\r\n",
        person("P2", "ｻﾄｳ"),
        person("", "ｲﾄｳ")
    );
    let (_, kept) = text(&map, &rows);
    assert_eq!(kept.told(), [(0, "C", "W108"), (3, "patient_id", "E010")], "in any row");
    assert!(kept.says(&["[[item]]", "ignore"]));
}

#[test]
fn columns_without_a_title() {
    let columns = texts(&[("#2", "remarks")]);
    let (_, kept) = behind("", &columns, ",　,X, ", "a,b,c,");
    assert_eq!(kept.records[0].get("remarks"), "b");
    assert_eq!(kept.told(), [(0, "#1", "W108"), (0, "X", "W108")], "#3 holds nothing");
    assert_eq!(told("ignore = [\"#1\"]", "", ",", "a,b"), w108(&["#2"]));
    assert_eq!(told("unknown = [\"#1\"]", "", ",", "a,"), w108(&["#1"]));
    assert_eq!(told("", &texts(&[("#3", "remarks")]), ",", "a,b"), e002(&["#3"]));
}

/// The titles of several header rows: each fills one item where it is found.
#[test]
fn titles_of_two_and_three_rows() {
    let map = more(
        &MAP.replace("[const]", "header_rows = 2\n[const]"),
        &texts(&[("心電図/所見", "remarks"), ("総合/所見", "dr_judge"), ("医師", "dr_name")]),
    );
    let header = format!("{HEADER},心電図,,総合,\r\n,,,,,,,所見, 判定 ,所見,医師");
    let map = map.replace("from = \"医師\"", "from = \"総合/医師\"");
    let (_, kept) = text(&map, &format!("{header}\r\n{PERSON},a,b,c,d\r\n"));
    let record = &kept.records[0];
    assert_eq!(
        (record.get("remarks"), record.get("dr_judge"), record.get("dr_name")),
        ("a", "c", "d")
    );
    assert_eq!(kept.told(), [(0, "心電図/判定", "W108")]);

    let map = MAP.replace("[const]", "header_rows = 3\n[const]");
    let map = more(
        &map,
        &texts(&[("眼/視力/左", "remarks"), ("耳/左", "dr_judge"), ("眼/眼圧#1", "dr_name")]),
    );
    let header = format!("{HEADER},眼,,,,耳,,\r\n,,,,,,,視力,,眼圧,,,,\r\n,,,,,,,右,左,,,右,左,");
    let (_, kept) = text(&map, &format!("{header}\r\n{PERSON},a,b,c,d,e,f,g\r\n"));
    assert_eq!(kept.all("dr_judge"), ["f"], "{:?}", kept.said);
    let record = &kept.records[0];
    assert_eq!((record.get("remarks"), record.get("dr_name")), ("b", "c"));
    // the last column of 眼圧 has no title of its own in any row, nor has the last one
    assert_eq!(
        kept.told(),
        [(0, "#1", "W108"), (0, "#2", "W108"), (0, "眼/視力/右", "W108"), (0, "耳/右", "W108")]
    );
    for rows in ["0", "4"] {
        assert!(mistakes(&source(&format!("header_rows = {rows}"))).contains("header_rows"));
    }
}

#[test]
fn a_header_of_several_rows_is_as_wide_as_its_widest() {
    let map = more(&source("header_rows = 2"), &texts(&[("HR/X", "remarks")]));
    let (_, kept) = text(&map, &format!("{HEADER}\r\n,,,,,,,X\r\n{PERSON},a\r\n{PERSON}\r\n"));
    assert_eq!((kept.all("remarks"), kept.told()), (vec!["a"], vec![(2, "", "E003")]));
}

/// `layout` of these titles behind the plain ones.
fn layout(titles: &str, header: &str) -> Vec<(String, &'static str)> {
    let all = HEADER.split(',').chain(titles.split(',')).map(|title| format!("{title:?}"));
    let keys =
        format!("layout = [{}]\nignore = [\"A\", \"B\", \"C\"]", all.collect::<Vec<_>>().join(","));
    let cells = vec!["1"; header.split(',').count()].join(",");
    told(&keys, "", header, &cells)
}

#[test]
fn a_layout_refuses_what_is_missing_renamed_or_moved() {
    assert_eq!(layout("A,B,C", "A,B,C"), []);
    assert_eq!(layout("A,B,C", "A,C"), e002(&["B"]), "missing");
    assert_eq!(layout("A,B,C", "A,b,C"), [e002(&["B"]), w108(&["b"])].concat(), "renamed");
    assert_eq!(layout("A,B,C", "B,C,A"), e002(&["A"]), "moved");
    assert_eq!(layout("A,B,C", "A,New,B,C,More"), w108(&["More", "New"]), "added");
    assert_eq!(layout("A,B,A", "A,B,A"), [], "titles may stand several times");
    assert_eq!(layout("A,B,A", "A,B"), e002(&["A"]));
    assert_eq!(layout("A,B,A", "A,A,B,A"), e002(&["B"]), "which A is the new one?");
    assert_eq!(layout("A,,C", "A,,C"), [("#1".to_owned(), "W108")]);
    assert_eq!(layout("A,,C", "A,C"), e002(&[""]));
    let (_, kept) = behind("layout = [\"ID\", \"HR\", \"氏名\"]", "", "氏　名", "a");
    assert!(kept.says(&["氏名", "layout", "3"]), "{:?}", kept.said);
    let (_, kept) = behind("layout = [\"HR\", \"ID\"]", "", "X", "a");
    assert!(
        kept.says(&["layout", "1", "7"]) || kept.says(&["layout", "2", "1"]),
        "{:?}",
        kept.said
    );
}

#[test]
fn several_columns_fill_one_item() {
    let name =
        "[[col]]\nfrom = [\"姓\", \"名\"]\njoin = \" \"\nto = \"employer_name\"\nas = \"name\"\n";
    let value = |cells: &str| with(name, "姓,名", cells).records[0].get("employer_name").to_owned();
    assert_eq!(value("山　田,花子"), "山 田 花子");
    assert_eq!(value("山田,"), "山田");
    assert_eq!(value(" ,花子"), "花子");
    assert_eq!(value(","), "");
    assert_eq!(value("山田,-"), "山田", "a word for a blank cell is blank");
    assert_eq!(value("=\"山田\",=\"花子\""), "山田 花子", "each cell by itself");

    let findings = "[[col]]\nfrom = [\"所見1\", \"所見2\", \"所見3\"]\njoin = \"／\"\nto = [\"ecg\", \"ecg_txt\"]\nas = \"finding\"\nsplit = \"／\"\nnone = [\"異常なし\"]\n";
    let joined = |cells: &str| {
        let kept = with(findings, "所見1,所見2,所見3", cells);
        assert_eq!(kept.told(), []);
        let column = renkei_checkup::tables().column("ecg_txt").unwrap();
        let record = &kept.records[0];
        [record.get("ecg"), record.value(column), record.original(column)].map(str::to_owned)
    };
    assert_eq!(
        joined(" 左室肥大 ,,ST低下"),
        ["所見あり", "左室肥大、ST低下", " 左室肥大 ／ST低下"]
    );
    assert_eq!(joined("異常なし,,"), ["所見なし", "", "異常なし"]);
    assert_eq!(joined(",　,"), ["", "", ""]);
    // a finding stands at the first title, whichever cell is to blame
    let kept = with(findings, "所見1,所見2,所見3", "左室肥大,所見無し,");
    assert_eq!(kept.findings, [(1, "所見1".into(), "E021", "左室肥大／所見無し".into())]);

    let era =
        "[[col]]\nfrom = [\"元号\", \"年月日\"]\njoin = \"\"\nto = \"cxr_date\"\nas = \"date\"\n";
    let kept = with(era, "元号,年月日", "令和,7年5月12日");
    assert_eq!(kept.all("cxr_date"), ["2025-05-12"]);
    let kept = with(era, "元号,年月日", "令和,7年5月32日");
    assert_eq!(kept.findings, [(1, "元号".into(), "E011", "令和7年5月32日".into())]);
}

#[test]
fn the_first_filled_column_is_picked() {
    let pick = "[[col]]\nfrom = [\"A\", \"B\"]\npick = \"first\"\nto = \"hb\"\nas = \"num\"\n";
    let picked = |cells: &str| {
        let kept = with(pick, "A,B", cells);
        let record = kept.records.first().map(|record| {
            let column = renkei_checkup::tables().column("hb").unwrap();
            [record.value(column), record.original(column)].map(str::to_owned)
        });
        record.ok_or_else(|| kept.findings[0].clone())
    };
    let both = |value: &str, original: &str| Ok([value.to_owned(), original.to_owned()]);
    assert_eq!(picked("13,14"), both("13.0", "13"));
    assert_eq!(picked(" ,14"), both("14.0", "14"));
    assert_eq!(picked("-,14"), both("14.0", "14"), "a word for a blank cell is blank");
    assert_eq!(picked("未実施,14"), both("未実施", "未実施"), "a cell that says so is filled");
    assert_eq!(picked(","), both("", ""));
    // a finding stands at the picked one
    assert_eq!(picked("x,14"), Err((1, "A".into(), "E012", "x".into())));
    assert_eq!(picked(",x"), Err((1, "B".into(), "E012", "x".into())));
}

#[test]
fn lists_in_from_say_how() {
    let list = |keys: &str| {
        mistakes(&more(
            MAP,
            &format!("[[col]]\nfrom = [\"A\", \"B\"]\n{keys}\nto = \"remarks\"\nas = \"text\"\n"),
        ))
    };
    assert!(list("").contains("join"));
    assert!(list("pick = \"last\"").contains("pick"));
    assert!(list("pick = \"first\"\njoin = \" \"").contains("pick"));
    let single = |keys: &str| {
        mistakes(&more(
            MAP,
            &format!("[[col]]\nfrom = \"A\"\n{keys}\nto = \"remarks\"\nas = \"text\"\n"),
        ))
    };
    assert!(single("join = \" \"").contains("join"));
    assert!(single("pick = \"first\"").contains("pick"));
    // two tables for one item are a mistake, and the text says what to do
    let twice = texts(&[("A", "remarks"), ("B", "remarks")]);
    assert!(mistakes(&more(MAP, &twice)).contains("from = [...]"));
    let constant = MAP.replace("[null]", "remarks = \"x\"\n[null]");
    assert!(mistakes(&more(&constant, &texts(&[("A", "remarks")]))).contains("remarks"));
    // one header may appear in several
    let (outcome, _) = export(MAP, &[PERSON]);
    assert_eq!(outcome.accepted, 1);
    let kept = with(&texts(&[("A", "remarks"), ("A", "dr_judge")]), "A", "x");
    assert_eq!((kept.all("remarks"), kept.all("dr_judge")), (vec!["x"], vec!["x"]));
}

#[test]
fn keys_of_the_source_are_checked() {
    for (keys, word) in [
        ("delimiter = \";;\"", "delimiter"),
        ("delimiter = \"\\\"\"", "delimiter"),
        ("newline = \"cr\"", "newline"),
        ("short_rows = \"fill\"", "short_rows"),
        ("quote = \"no\"", "quote"),
        ("skip_rows = -1", "skip_rows"),
        ("report_no = \"\"", "report_no"),
        ("colour = \"red\"", "colour"),
    ] {
        assert!(mistakes(&source(keys)).contains(word), "{keys}");
    }
    assert!(mistakes(&MAP.replace("\"utf-8\"", "\"sjis\"")).contains("cp932"));
    for newline in ["crlf", "lf"] {
        let (outcome, _) = export(&source(&format!("newline = {newline:?}")), &[PERSON]);
        assert_eq!(outcome.accepted, 1, "the reader accepts both");
    }
    let (outcome, _) = export(&MAP.replace("#END", ""), &[PERSON]);
    assert_eq!(outcome.accepted, 1, "an empty prefix is none");
    assert!(mistakes(&MAP.replace("kcsv/1.0.0", "kcsv/9.0.0")).contains("kcsv/1.0.0"));
}
