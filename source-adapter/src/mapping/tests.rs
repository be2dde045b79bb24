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
header_rows = 4
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
    assert_eq!((found[0].0, found[0].1.as_str()), (5, "[[col]"));
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
        matches!(&route.form, Form::Route { by, table, .. } if by.as_str() == "FASTING" && table.len() == 2)
    );
    assert!(matches!(&number.form, Form::Number { factor: Some(f), .. } if f.to_string() == "0.1"));
    assert!(matches!(&finding.form, Form::Finding { yes, splitter, .. }
        if yes == "所見あり" && splitter.split == ['／', '|']));
    assert_eq!(finding.form.items().len(), 2);
}

/// Line, key and English text of each mistake of a mapping with these tables.
fn told(rest: &str) -> Vec<String> {
    mistakes(rest).into_iter().map(|(line, key, en)| format!("{line} {key}: {en}")).collect()
}

/// The mistakes of one `[[col]]`, which begins on line 5.
fn of_column(keys: &str) -> Vec<String> {
    told(&format!("[[col]]\nfrom = \"X\"\n{keys}\n"))
}

#[test]
fn a_mistake_is_told_once_and_says_what_is_meant() {
    let regex =
        of_column("to = [\"sbp1\"]\nas = \"regex\"\npattern = '(?P<sbp1>\\d+'\nvocab = \"x\"");
    assert_eq!(regex.len(), 1, "{regex:?}");
    assert!(regex[0].starts_with("9 col[1].pattern: is not a regular expression"), "{regex:?}");

    let swapped = of_column("to = [\"ecg_txt\", \"ecg\"]\nas = \"finding\"");
    assert!(swapped[0].contains("ecg_txt is not a coded item"), "{swapped:?}");
    assert!(swapped[1].contains("ecg is not a text"), "{swapped:?}");

    let yes = of_column("as = \"flags\"\nflags = { \"A\" = \"q01\" }\nyes = \"有\"");
    assert!(yes[0].starts_with("9 col[1].yes: \"有\" is not a term of q01"), "{yes:?}");

    let none = of_column("to = \"sex\"\nas = \"term\"\nvocab = \"sex\"");
    assert!(none[0].ends_with("there is no [vocab.sex]; write it"), "{none:?}");
    let empty =
        told("[vocab.sex]\n[[col]]\nfrom = \"X\"\nto = \"sex\"\nas = \"term\"\nvocab = \"sex\"\n");
    assert!(empty[0].contains("[vocab.sex] has no terms"), "{empty:?}");

    let factor = of_column("to = \"hb\"\nas = \"num\"\nfactor = 0");
    assert!(factor[0].contains("0 makes every value 0"), "{factor:?}");
    let pad = of_column("to = \"insurer_no\"\nas = \"digits\"\npad = -8");
    assert!(pad[0].ends_with("-8 is of the wrong kind; expected a whole number from 0"), "{pad:?}");

    let code = told("[jlac10]\nsex = \"1\"\n[[col]]\nfrom = \"X\"\nto = \"sex\"\nas = \"text\"\n");
    assert_eq!(code, ["6 jlac10.sex: this item has no code; delete the line"]);
    let far = told(
        "[const]\nfoo = \"1\"\nprogram_code = \"xyz\"\n[[col]]\nfrom = \"\"\nto = \"hb\"\nas = \"num\"\n",
    );
    assert_eq!(far[0], "6 const.foo: there is no item \"foo\"");
    assert!(far[1].contains("known are 000, 010, 020"), "{far:?}");
    assert!(far[2].starts_with("9 col[1].from: is empty"), "{far:?}");
    let null = told(
        "[null]\nblank = [\"\", \"*\"]\nnot_measurable = [\"*\"]\n[[col]]\nfrom = \"X\"\nto = \"hb\"\nas = \"num\"\n",
    );
    assert_eq!(
        null,
        ["7 null.not_measurable: \"*\" stands in \"blank\", too; a word has one meaning"]
    );
    let range = "[[range]]\nid = \"hb\"\nlow = 1\n";
    let ranges = told(&format!("{range}{range}[[col]]\nfrom = \"X\"\nto = \"hb\"\nas = \"num\"\n"));
    assert_eq!(ranges, ["8 range[2].id: the range of this item and sex stands on line 5 already"]);
}

#[test]
fn mistakes_of_toml_are_explained() {
    let twice = told("[const]\ninst_no = \"1\"\ninst_no = \"2\"\n");
    assert!(twice[0].starts_with("7 inst_no: ") && twice[0].ends_with("keep one"), "{twice:?}");
    let bare = of_column("to = \"hb\"\nas = num");
    assert!(bare[0].starts_with("8 as: ") && bare[0].contains("a text needs quotes"), "{bare:?}");
    let bytes = b"map_version = \"1\"\n# \x8C\n";
    let errors = Mapping::read_bytes("map.toml", bytes).unwrap_err();
    assert_eq!((errors.errors[0].line, errors.errors[0].key.as_str()), (2, "UTF-8"));
}

#[test]
fn a_pattern_may_end_with_a_comment() {
    let text = format!(
        "{HEAD}[[col]]\nfrom = \"X\"\nas = \"regex\"\npattern = '(?x) (?P<remarks> \\d+ ) # digits'\n"
    );
    let mapping = Mapping::read("map.toml", &text).unwrap();
    let Form::Pattern { regex, .. } = &mapping.columns[0].form else { panic!("a pattern") };
    assert!(regex.is_match("12") && !regex.is_match("12x"));
}

#[test]
fn several_words_may_lead_to_one_item() {
    let text = format!(
        r#"{HEAD}[[col]]
from = "TG"
as = "route"
by = "TIME"
table = {{ "2" = "tg_fast", "3" = "tg_casual", "4" = "tg_casual" }}
[[col]]
from = "MED"
as = "flags"
flags = {{ "血圧" = "q01", "高血圧" = "q01" }}
"#
    );
    let mapping = Mapping::read("map.toml", &text).unwrap();
    let items: Vec<usize> = mapping.columns.iter().map(|rule| rule.form.items().len()).collect();
    assert_eq!(items, [2, 1]);
}
