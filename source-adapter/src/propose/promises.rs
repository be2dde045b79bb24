//! What a draft promises: nothing of a person in it, nothing written that no cell has, and a way out
//! for every column that holds values.

use std::fmt::Write;

use super::{Draft, State, propose};
use crate::Mapping;

/// An export with the columns that no checkup is without, and others beside them.
fn export(titles: &[&str], row: impl Fn(usize) -> Vec<String>) -> String {
    let mut text = format!("受診者ID,氏名カナ,氏名,性別,生年月日,受診日,{}\n", titles.join(","));
    let names = ["加藤 六", "山田 花子", "佐藤 次郎", "高橋 三郎", "田中 良子", "伊藤 真"];
    for (number, name) in names.iter().cycle().take(12).enumerate() {
        let sex = if number % 2 == 0 { "男" } else { "女" };
        let year = 1950 + 3 * number;
        writeln!(
            text,
            "P{number:04},ヤマダ ハナコ,{name},{sex},{year}/04/12,2025/05/{:02},{}",
            number + 1,
            row(number).join(",")
        )
        .unwrap();
    }
    text
}

fn draft(titles: &[&str], row: impl Fn(usize) -> Vec<String>) -> Draft {
    let draft = propose(export(titles, row).as_bytes(), "export.csv").unwrap();
    Mapping::read("draft.toml", draft.toml()).unwrap_or_else(|errors| panic!("{errors}"));
    draft
}

fn cells(of: &[&str], number: usize) -> String {
    of[number % of.len()].to_owned()
}

#[test]
fn names_among_results_are_counted_and_never_told() {
    let draft = draft(&["総合判定", "喫煙", "血糖"], |number| {
        vec![
            cells(&["異常なし", "要精密検査", "小林一郎"], number),
            cells(&["吸う", "吸わない", "加藤六"], number),
            cells(&["98", "102", "小林一郎検査せず"], number),
        ]
    });
    for name in ["小林", "加藤", "山田", "ヤマダ"] {
        assert!(!draft.toml().contains(name), "{name}:\n{}", draft.toml());
    }
    assert!(draft.toml().contains("対応表にない語が"), "{}", draft.toml());
}

#[test]
fn every_unknown_column_with_values_may_become_an_item() {
    let titles = [
        "前回体重",
        "昨年AST",
        "LDL基準",
        "HDL上限",
        "BMI下限",
        "目標体重",
        "標準体重",
        "胸部CT所見",
        "最終受診日",
        "HBs抗原",
        "CRP",
        "予備1",
        "自己負担",
        "担当者",
    ];
    let draft = draft(&titles, |number| {
        vec![
            format!("{}.5", 60 + number),
            format!("{}", 20 + number),
            "140".to_owned(),
            "95".to_owned(),
            "18.5".to_owned(),
            "58.0".to_owned(),
            "57.2".to_owned(),
            cells(&["異常なし", "右肺結節影"], number),
            format!("2024/05/{:02}", number + 1),
            cells(&["(-)", "(+)"], number),
            cells(&["0.03", "0.12", "---", "0.40"], number),
            format!("{}.1", 3 + number),
            format!("{}.2", 7 + number),
            cells(&["鈴木 一", "林 二郎"], number),
        ]
    });
    let unknown: Vec<_> =
        draft.columns.iter().filter(|column| column.state == State::Unknown).collect();
    assert!(unknown.len() >= 13, "{unknown:?}");
    for column in unknown {
        let block = block(&draft, column.column);
        let is_personal = column.header == "担当者";
        assert_eq!(block.contains("# [[item]]"), !is_personal, "{}:\n{block}", column.header);
        if is_personal {
            assert!(block.contains("個人を示すかもしれない"), "{block}");
        }
    }
    let block = |title: &str| {
        let place = draft.columns.iter().find(|column| column.header == title).unwrap().column;
        block(&draft, place)
    };
    assert!(block("HBs抗原").contains("kind = \"text\""));
    assert!(block("胸部CT所見").contains("kind = \"finding\""));
    let crp = block("CRP");
    assert!(crp.contains("kind = \"number\"") && crp.contains("unit = \"\"  # 要記入"), "{crp}");
    assert!(crp.contains("[null]") && crp.contains("\"---\""), "{crp}");
}

/// The lines about a column.
fn block(draft: &Draft, place: usize) -> String {
    let start = draft.toml().split(&format!("\n# {place}列目")).nth(1).unwrap();
    start.split("\n\n").next().unwrap().to_owned()
}

#[test]
fn each_unit_of_a_suspected_one_can_be_taken_as_it_stands() {
    let draft = draft(&["LDL直接法", "白血球数", "尿酸"], |number| {
        vec![format!("2.{number}"), format!("5.{number}"), format!("{}", 300 + number)]
    });
    let asked: Vec<_> = draft.toml().matches("factor = ").collect();
    assert!(!asked.is_empty() && !draft.toml().contains("# # "), "{}", draft.toml());
    // each block of its own is a column
    for block in draft.toml().split("# [[col]]\n").skip(1) {
        let lines = block.lines().map_while(|line| line.strip_prefix("# "));
        let lines: Vec<&str> = lines.take_while(|line| line.contains(" = ")).collect();
        toml::from_str::<toml::Table>(&lines.join("\n")).unwrap();
    }
}

#[test]
fn a_person_is_never_offered_as_a_constant() {
    let text = "受付番号,身長,体重\nU1,170.5,60.1\nU2,160.5,50.1\nU3,165.5,55.1\n";
    let draft = propose(text.as_bytes(), "export.csv").unwrap();
    for id in ["patient_id", "birth_date", "name_kana", "name_kanji", "sex"] {
        assert!(!draft.toml().contains(&format!("# {id} = \"\"")), "{}", draft.toml());
        assert!(draft.toml().contains(&format!("{id} needs a column")), "{id}");
    }
    assert!(draft.toml().contains("# exam_date = "));
    assert!(draft.toml().contains("# report_no = \"受付番号\""), "{}", draft.toml());
}

#[test]
fn the_doctor_of_a_judgement_may_be_the_examining_doctor() {
    let draft = draft(&["判定医"], |number| vec![cells(&["架空 医子", "架空 医男"], number)]);
    let column = draft.columns.iter().find(|column| column.header == "判定医").unwrap();
    for id in ["dr_name", "dr_judge"] {
        assert!(column.candidates.iter().any(|ids| ids == &[id]), "{:?}", column.candidates);
    }
}

#[test]
fn spare_columns_and_those_that_look_like_results_are_not_dropped() {
    let draft = draft(&["予備2", "補助金", "請求区分"], |number| {
        vec![format!("{number}"), cells(&["(-)", "(2+)"], number), cells(&["A", "B"], number)]
    });
    let state = |title: &str| draft.columns.iter().find(|c| c.header == title).unwrap().state;
    assert_eq!(state("予備2"), State::Unknown);
    assert_eq!(state("補助金"), State::Unknown);
    assert_eq!(state("請求区分"), State::Ignored);
}
