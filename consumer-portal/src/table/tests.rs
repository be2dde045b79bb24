use super::*;
use chrono::NaiveDate;
use renkei_checkup::hs037::{Standing, Why};
use renkei_checkup::tables;
use unicode_width::UnicodeWidthStr;

fn line(id: &str, value: &str) -> ResultLine {
    let item = tables().column(id);
    ResultLine {
        item,
        code: item.unwrap().jlac10.clone(),
        name: item.unwrap().name_ja.clone(),
        value: value.into(),
        unit: item.unwrap().unit_display.clone(),
        ..ResultLine::default()
    }
}

fn report_of(date: &str, institution: &str, results: Vec<ResultLine>) -> Report {
    Report {
        exam_date: date.parse().ok(),
        institution: institution.into(),
        results,
        ..Report::default()
    }
}

fn report(year: i32, value: &str, interpretation: Interpretation) -> Report {
    let line = ResultLine {
        name: "HDLコレステロール".into(),
        low: Some("40".into()),
        interpretation: Some(interpretation),
        ..line("hdl", value)
    };
    let date = NaiveDate::from_ymd_opt(year, 5, 12).unwrap();
    report_of(&date.to_string(), "架空健診センター", vec![line])
}

/// Name, unit and cells of each row.
fn rows(table: &Table) -> Vec<String> {
    let cell = |cell: &Option<TableCell>| match cell {
        None => "-".to_owned(),
        Some(cell) => format!("{}{}", cell.value, cell.flag),
    };
    let row = |row: &TableRow| {
        let cells: Vec<String> = row.cells.iter().map(cell).collect();
        format!("{}|{}|{}|{}", row.name, row.institution, row.unit, cells.join(","))
    };
    table.rows.iter().map(row).collect()
}

#[test]
fn years_stand_side_by_side_oldest_first() {
    let table = Table::new(&[
        report(2025, "38", Interpretation::Low),
        report(2024, "52", Interpretation::Normal),
    ]);
    assert_eq!(table.dates, ["2024-05-12", "2025-05-12"]);
    let text = table.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), ["架空健診センター"; 2]);
    assert!(lines[3].starts_with("HDLコレステロール"), "{text}");
    assert!(lines[3].ends_with("52                38 L"), "{text}");
    assert!(lines[3].contains("40–"), "{text}");
}

#[test]
fn a_row_holds_what_can_be_compared() {
    let as_sent = |value: &str, unit: &str, why| ResultLine {
        unit: unit.into(),
        reading: Reading::AsSent(why),
        ..line("rbc", value)
    };
    let converted = ResultLine {
        reading: Reading::Converted { sent: "4.9 10*6/uL".into() },
        range_text: "4.3-5.6".into(),
        ..line("rbc", "490")
    };
    let not_done = ResultLine { unit: String::new(), ..line("rbc", "未実施") };
    let hidden =
        ResultLine { reading: Reading::AsSent(Why::Form), ..as_sent("非開示", "", Why::Form) };
    let table = Table::new(&[
        report_of("2020-05-12", "甲", vec![not_done]),
        report_of("2021-05-12", "甲", vec![line("rbc", "472")]),
        report_of("2022-05-12", "甲", vec![converted]),
        report_of("2023-05-12", "乙", vec![as_sent("4.8", "", Why::NoUnit)]),
        report_of("2024-05-12", "乙", vec![as_sent("4.7", "杯", Why::UnknownUnit)]),
        report_of("2025-05-12", "乙", vec![hidden, line("wbc", "6000")]),
    ]);
    assert_eq!(
        rows(&table),
        [
            "赤血球数||万/mm3|未実施,472,490,-,-,非開示",
            "赤血球数|||-,-,-,4.8,-,-",
            "赤血球数||杯|-,-,-,-,4.7,-",
            "白血球数||/mm3|-,-,-,-,-,6000",
        ]
    );
    assert!(table.rows[0].standard && !table.rows[1].standard);
    assert_eq!(table.rows[0].range, "", "words about another unit are no range of this row");
    let cell = table.rows[0].cells[2].as_ref().unwrap();
    assert_eq!(cell.sent.as_deref(), Some("4.9 10*6/uL、基準 4.3-5.6"));
    let json = serde_json::to_value(&table).unwrap();
    assert_eq!(json["rows"][1]["cells"][3]["marks"], serde_json::json!(["unit-missing"]));
    assert_eq!(json["rows"][0]["cells"][1], serde_json::json!({ "value": "472", "flag": "" }));
    let text = table.to_string();
    for told in ["4.8 [単位なし]", "4.7 [未換算]", "490 (4.9", "[未換算]  ", "(…)  "] {
        assert!(text.contains(told), "{told} is not in:\n{text}");
    }
}

fn foreign(name: &str, value: &str, unit: &str) -> ResultLine {
    ResultLine {
        name: name.into(),
        value: value.into(),
        unit: unit.into(),
        ..ResultLine::default()
    }
}

fn own(owner: &str, code: &str, name: &str, unit: &str) -> ResultLine {
    ResultLine { owner: owner.into(), code: code.into(), ..foreign(name, "1", unit) }
}

#[test]
fn other_items_stand_behind_by_institution_and_are_shared_by_code_and_unit_only() {
    let shared = |unit: &str| ResultLine {
        jlac10: "5C070000002306201".into(),
        ..own("1", "crp", "CRP", unit)
    };
    let table = Table::new(&[
        report_of(
            "2023-05-12",
            "甲",
            vec![
                own("1", "a1", "腹部超音波", ""),
                shared("mg/dL"),
                foreign("便潜血", "陰性", ""),
                line("hdl", "50"),
            ],
        ),
        report_of(
            "2024-05-12",
            "乙",
            vec![
                own("2", "a1", "眼圧", "mmHg"),
                ResultLine { owner: "2".into(), ..shared("mg/dl") },
                ResultLine { owner: "2".into(), ..shared("mg/L") },
                foreign("便潜血", "陽性", ""),
            ],
        ),
        report_of(
            "2025-05-12",
            "甲",
            vec![own("1", "a1", "腹部エコー", ""), foreign("便潜血", "陰性", "")],
        ),
    ]);
    assert_eq!(
        rows(&table),
        [
            "HDLコレステロール||mg/dl|50,-,-",
            "腹部超音波|甲||1,-,1",
            "CRP||mg/dL|1,1,-",
            "便潜血|甲||陰性,-,陰性",
            "眼圧|乙|mmHg|-,1,-",
            "CRP|乙|mg/L|-,1,-",
            "便潜血|乙||-,陽性,-",
        ]
    );
    let text = table.to_string();
    assert!(text.contains("── その他の項目 / other items\n腹部超音波（甲）"), "{text}");
    let nowhere = || report_of("2025-05-12", "", vec![foreign("便潜血", "陰性", "")]);
    assert_eq!(Table::new(&[nowhere(), nowhere()]).rows.len(), 2, "nobody knows that they are one");
}

#[test]
fn two_values_of_a_checkup_stand_below_each_other_the_final_one_first() {
    let preliminary = ResultLine { standing: Standing::Preliminary, ..line("hba1c", "9.9") };
    let earlier = ResultLine { day: "2024-04-01".parse().ok(), ..line("hba1c", "5.1") };
    let of_2025 = report_of(
        "2025-05-12",
        "甲",
        vec![preliminary, earlier, line("hba1c", "5.6"), line("hba1c", "5.6")],
    );
    let table = Table::new(&[of_2025, report_of("2024-05-12", "甲", vec![line("hba1c", "5.5")])]);
    assert_eq!(
        rows(&table),
        ["HbA1c(NGSP値)||%|5.5,5.6", "HbA1c(NGSP値)||%|-,9.9", "HbA1c(NGSP値)||%|-,5.1"]
    );
    let marks = |row: usize| table.rows[row].cells[1].as_ref().unwrap().marks.clone();
    assert_eq!(
        (marks(1), marks(2)),
        (vec![Mark::Preliminary("preliminary")], vec![Mark::OtherDay])
    );
}

#[test]
fn two_checkups_of_a_day_keep_their_columns_and_show_their_titles() {
    let of = |title: &str, id: &str, value: &str| Report {
        title: title.into(),
        ..report_of("2025-05-12", "甲", vec![line(id, value)])
    };
    let table = Table::new(&[of("定期健診", "hdl", "50"), of("がん検診", "ldl", "120")]);
    assert_eq!(rows(&table), ["HDLコレステロール||mg/dl|50,-", "LDLコレステロール||mg/dl|-,120"]);
    let text = table.to_string();
    assert!(text.lines().nth(2).unwrap().contains("定期健診"), "{text}");
}

#[test]
fn four_checkups_fit_in_120_columns_and_more_stand_below() {
    let finding = "左室肥大の疑い、洞性徐脈、完全右脚ブロック、経過観察を要する。".repeat(3);
    let one = |year: usize| {
        let value = ResultLine { range_text: "60.0以上".into(), ..line("egfr", "72.5") };
        let text = ResultLine { unit: String::new(), ..line("ecg_txt", &finding) };
        report_of(&format!("{year}-05-12"), "架空県予防医学協会総合健診センター", vec![value, text])
    };
    let table = Table::new(&(2018..2024).map(one).collect::<Vec<_>>());
    let text = table.to_string();
    for line in text.lines() {
        assert!(line.width() <= 120, "{}: {line}", line.width());
    }
    assert_eq!(text.matches("検査項目").count(), 2);
    let letters = |text: &str| text.chars().filter(|letter| *letter == '徐').count();
    assert_eq!(letters(&text), letters(&finding) * 6, "nothing is cut off:\n{text}");
}
