//! Parts of cells, and what they say together.

use super::{Parts, read};
use crate::mapping::{Absence, Form, Mapping};

/// What a cell says under a mapping of one finding.
fn said(cell: &str) -> String {
    const MAP: &str = r#"map_version = "1"
profile = "kcsv/1.0.0"
[source]
encoding = "utf-8"
[null]
blank = ["ー"]
not_performed = ["未施行"]
not_measurable = ["判定不能"]
[[col]]
from = "ECG"
to = ["ecg", "ecg_txt"]
as = "finding"
split = "／、"
none = ["異常なし"]
as_value = ["正常洞調律、整", "未検査域"]
"#;
    let mapping = Mapping::read("map.toml", MAP).unwrap();
    let rule = &mapping.columns[0];
    let Form::Finding { splitter, .. } = &rule.form else { panic!("a finding") };
    match read(cell, splitter, &rule.nulls) {
        Parts::Found(found) if found.is_empty() => "nothing".to_owned(),
        Parts::Found(found) => found,
        Parts::Absent(Absence::Blank) => "blank".to_owned(),
        Parts::Absent(Absence::NotPerformed) => "not performed".to_owned(),
        Parts::Absent(Absence::NotMeasurable) => "not measurable".to_owned(),
        Parts::Undecided { part, .. } => format!("? {part}"),
    }
}

#[test]
fn the_mapping_decides_and_nothing_is_guessed() {
    for (cell, meaning) in [
        ("左室肥大", "左室肥大"),
        ("左室肥大／ST低下", "左室肥大、ST低下"),
        ("異常なし", "nothing"),
        ("異常なし／左室肥大", "左室肥大"),
        ("異常無し", "? 異常無し"),
        ("左室肥大／所見なし", "? 所見なし"),
        ("ー", "blank"),
        ("ー／左室肥大", "左室肥大"),
        ("ー／異常なし", "nothing"),
        ("未施行", "not performed"),
        ("未施行／ー", "not performed"),
        ("未施行／未施行", "not performed"),
        ("判定不能", "not measurable"),
        ("未施行／判定不能", "? 判定不能"),
        ("未施行／左室肥大", "? 未施行"),
        ("異常なし／未施行", "? 未施行"),
        ("洞調律", "? 洞調律"),
        ("洞調律／左室肥大", "洞調律、左室肥大"),
        ("正常洞調律、整", "正常洞調律、整"),
        ("未検査域", "未検査域"),
        ("n.p.", "? n.p."),
        ("／", "blank"),
    ] {
        assert_eq!(said(cell), meaning, "{cell}");
    }
}
