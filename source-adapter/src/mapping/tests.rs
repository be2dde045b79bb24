//! Mistakes are all told, with their lines; right mappings are read.

use super::{Form, Mapping};

const HEAD: &str = r#"map_version = "1.0.0"
profile = "kcsv/1.0.0"
[source]
encoding = "utf-8"
"#;

fn mistakes(rest: &str) -> Vec<(usize, String, String)> {
    let text = format!("{HEAD}{rest}");
    let errors = Mapping::read("map.toml", &text).unwrap_err();
    errors.errors.into_iter().map(|e| (e.line, e.key, e.en)).collect()
}

#[test]
fn every_mistake_is_told_with_line_and_key() {
    let found = mistakes(
        r#"newline = "cr"
header_rows = 2
speed = 3
[const]
visit_kind = "団体"
heigth = "170"
[jlac10]
hba1c = "1"
[[range]]
id = "sex"
low = 1
[[col]]
from = "身長"
to = "height"
as = "kana"
[[col]]
from = "体重"
to = "height"
as = "num"
[[col]]
from = "性別"
to = "sex"
as = "term"
vocab = "sex"
[[col]]
from = "血圧"
as = "regex"
pattern = "(?P<sbp1>\\d+/(?P<dbp1>\\d+)"
[[col]]
from = "判定"
to = "j_total"
as = "judge"
[vocab.sex]
"M" = "男性"
"F" = "女"
"#,
    );
    let keys: Vec<(usize, &str)> =
        found.iter().map(|(line, key, _)| (*line, key.as_str())).collect();
    assert_eq!(
        keys,
        [
            (5, "source.newline"),
            (6, "source.header_rows"),
            (7, "source.speed"),
            (9, "const.visit_kind"),
            (10, "const.heigth"),
            (12, "jlac10.hba1c"),
            (14, "range[1].id"),
            (18, "col[1].to"),
            (32, "col[4].pattern"),
            (36, "col[5].as"),
            (38, "vocab.sex.M"),
        ]
    );
    let text = |key: &str| &found.iter().find(|(_, k, _)| k == key).unwrap().2;
    assert!(text("const.heigth").contains("\"height\""));
    assert!(text("const.visit_kind").contains("個別受診, 集団受診"));
    assert!(text("col[1].to").contains("as = \"num\""));
    assert!(text("vocab.sex.M").contains("男, 女"));
}

#[test]
fn an_item_has_one_source() {
    let found = mistakes(
        r#"[const]
inst_no = "1319900013"
[[col]]
from = "A"
to = "inst_no"
as = "text"
[[col]]
from = "B"
to = "record_no"
as = "int"
"#,
    );
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].2.contains("already filled on line 6"));
    assert!(found[1].2.contains("set by the conversion"));
}

#[test]
fn broken_toml_is_a_mistake_with_a_line() {
    let found = mistakes("[[col]\nfrom = \"x\"\n");
    assert_eq!((found[0].0, found[0].1.as_str()), (5, "TOML"));
}

#[test]
fn an_empty_file_says_what_is_missing() {
    let errors = Mapping::read("map.toml", "").unwrap_err();
    let keys: Vec<&str> = errors.errors.iter().map(|e| e.key.as_str()).collect();
    assert_eq!(keys, ["map_version", "profile", "source", "col"]);
    assert!(errors.to_string().starts_with("map.toml:1: map_version: is missing"));
}

#[test]
fn forms_carry_their_keys() {
    let text = format!(
        r#"{HEAD}[[col]]
from = "TG"
as = "route"
by = "FASTING"
table = {{ "Y" = "tg_fast", "N" = "tg_casual" }}
[[col]]
from = "HB"
to = "hb"
as = "num"
factor = 0.1
[[col]]
from = "CXR"
to = ["cxr", "cxr_txt"]
as = "finding"
split = "／|"
none = ["-"]
"#
    );
    let mapping = Mapping::read("map.toml", &text).unwrap();
    let [route, number, finding] = mapping.columns.as_slice() else { panic!("three columns") };
    assert!(
        matches!(&route.form, Form::Route { by, table } if by == "FASTING" && table.len() == 2)
    );
    assert!(matches!(&number.form, Form::Number { factor: Some(f), .. } if f.to_string() == "0.1"));
    assert!(matches!(&finding.form, Form::Finding { yes, splitter, .. }
        if yes == "所見あり" && splitter.split == ['／', '|']));
    assert_eq!(finding.form.items().len(), 2);
}
