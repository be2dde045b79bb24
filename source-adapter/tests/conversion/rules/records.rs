//! A row as a whole, and rows beside each other.

use crate::rules::{HEADER, MAP, PERSON, column, rows, run, with};
use renkei_source_adapter::Mode;

#[test]
fn whole_record_checks() {
    let height = column("H", "\"height\"", "num")
        + &column("W", "\"weight\"", "num")
        + &column("B", "\"bmi\"", "num");
    let wrong = with(&height, "H,W,B", "170.0,65.0,23.5");
    assert_eq!(wrong.findings, [(1, "bmi".to_owned(), "W104", "23.5".to_owned())]);
    assert!(with(&height, "H,W,B", "170.0,65.0,22.5").findings.is_empty());

    let pressure = column("S", "\"sbp1\"", "num") + &column("D", "\"dbp1\"", "num");
    let wrong = with(&pressure, "S,D", "78,124");
    assert_eq!(wrong.findings, [(1, "sbp1".to_owned(), "W102", "78/124".to_owned())]);

    let age = column("A", "\"exam_age\"", "int");
    assert_eq!(with(&age, "A", "44").findings[0].2, "W105");
    assert!(with(&age, "A", "０45").findings.is_empty());

    let long = "あ".repeat(200);
    let remarks = column("R", "\"remarks\"", "text");
    let wrong = with(&remarks, "R", &long);
    assert_eq!(wrong.findings, [(1, "remarks".to_owned(), "E015", "600".to_owned())]);
}

#[test]
fn required_items_and_dates_in_order() {
    let kept = rows(
        "P1,,山 花,2,S55.4.1,2025-05-12,72\r\n\
         ,ﾔﾏ,山 花,9,S55.4.1,2025-05-12,72\r\n\
         P3,ﾔﾏ,山 花,2,2025-06-01,2025-05-12,72\r\n\
         P4,ﾔﾏ,山 花,2,S55.4.1,2026-01-15,72\r\n",
    );
    let found: Vec<_> =
        kept.findings.iter().map(|(r, c, code, v)| (*r, c.as_str(), *code, v.as_str())).collect();
    assert_eq!(
        found,
        [
            (1, "name_kana", "E010", ""),
            (2, "patient_id", "E010", ""),
            (2, "SEX", "E014", "9"),
            (3, "birth_date", "E018", "2025-06-01"),
            (4, "exam_date", "E018", "2026-01-15"),
        ]
    );
    assert!(kept.records.is_empty());
}

#[test]
fn duplicates_count_against_accepted_rows_only() {
    let card = column("N", "\"card_number\"", "text");
    let (head, vocabularies) = MAP.split_once("[vocab.sex]").unwrap();
    let map = format!("{head}{card}[vocab.sex]{vocabularies}");
    let other_sex = PERSON.replace(",2,", ",9,");
    let export = format!(
        "{HEADER},N\r\n{other_sex},１２-３\r\n{PERSON},１２-３\r\n{PERSON},123\r\n{PERSON},124\r\n"
    );
    let (outcome, kept) = run(&map, export.as_bytes(), Mode::RejectRow);
    assert_eq!(outcome.unwrap().accepted, 2);
    let found: Vec<_> =
        kept.findings.iter().map(|(r, _, code, v)| (*r, *code, v.as_str())).collect();
    assert_eq!(found, [(1, "E014", "9"), (3, "E017", "P1")]);
    assert_eq!(kept.records[0].get("card_number"), "１２-３", "as on the card");
}

#[test]
fn the_check_digit_of_the_institution_can_be_switched_off() {
    let wrong = MAP.replace("1419900129", "1419900120");
    let export = format!("{HEADER}\r\n{PERSON}\r\n");
    let (_, kept) = run(&wrong, export.as_bytes(), Mode::RejectRow);
    assert_eq!(kept.findings, [(1, "inst_no".to_owned(), "E016", "1419900120".to_owned())]);
    let off = wrong.replace("[null]", "[checks]\ninstitution_check_digit = false\n[null]");
    let (_, kept) = run(&off, export.as_bytes(), Mode::RejectRow);
    assert_eq!(kept.records.len(), 1);
}

#[test]
fn the_tolerance_of_the_bmi_is_exact() {
    let columns =
        ["height", "weight", "bmi"].map(|id| column(id, &format!("\"{id}\""), "num")).concat();
    let codes = |cells: &str| {
        let kept = with(&columns, "height,weight,bmi", cells);
        kept.findings.iter().map(|finding| finding.2).collect::<Vec<_>>()
    };
    assert_eq!(codes("200,80.6,20.3"), [""; 0], "0.15 is still right");
    assert_eq!(codes("200,80.6,20.0"), [""; 0]);
    assert_eq!(codes("200,80.6,20.4"), ["W104"]);
    assert_eq!(codes("200,80.6,19.9"), ["W104"]);
}
