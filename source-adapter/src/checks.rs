//! Checks over a whole record, after its cells were converted.

use std::borrow::Cow;
use std::sync::LazyLock;

use chrono::NaiveDate;
use hashbrown::HashSet;
use renkei_checkup::decimal::Decimal;
use renkei_checkup::{Requirement, check_digit, dates, kcsv, tables, terms};
use sha2::{Digest, Sha256};

use crate::cells::{Row, comparison_key};
use crate::findings::{Code, Finding};
use crate::mapping::Item;

/// What the checks remember from earlier rows: 16 bytes of a hash for each accepted checkup.
#[derive(Default)]
pub(crate) struct Seen(HashSet<[u8; 16]>);

/// Sets what the conversion derives: profile, number, and ages from dates that are in order.
/// Medical values are never computed.
pub(crate) fn derive(row: &mut Row<'_>, as_of: NaiveDate) {
    row.set("profile_ver", kcsv::PROFILE);
    let number = row.number.to_string();
    row.set("record_no", &number);
    let day = |id: &str| dates::parse_standard(row.record.get(id));
    let (Some(birth), Some(exam)) = (day("birth_date"), day("exam_date")) else { return };
    if birth > exam || exam > as_of {
        return;
    }
    let age = dates::completed_years(birth, exam);
    if row.record.get("exam_age").is_empty() {
        row.set("exam_age", &age.to_string());
    } else if row.record.get("exam_age") != age.to_string() {
        let given = row.record.get("exam_age").to_owned();
        let finding = Finding::new(row.number, "exam_age", Code::W105, &given);
        row.add(finding.expected(age.to_string(), age.to_string()));
    }
    if let Some(end) = dates::fiscal_year_end(exam) {
        row.set("fy_age", &dates::completed_years(birth, end).to_string());
    }
}

/// All checks of one record; `is_marked` says whether a source column of an item has a finding.
pub(crate) fn check(
    row: &mut Row<'_>,
    as_of: NaiveDate,
    seen: &mut Seen,
    is_marked: impl Fn(&Row<'_>, usize) -> bool,
) {
    lengths(row);
    required(row, is_marked);
    check_digits(row);
    date_order(row, as_of);
    pressures(row);
    fasting(row);
    body_mass(row);
    duplicates(row, seen);
}

fn lengths(row: &mut Row<'_>) {
    let too_long: Vec<Finding> = row
        .record
        .iter()
        .filter(|(column, field)| !field.value.is_empty() && field.value.len() > column.max_bytes)
        .map(|(column, field)| {
            let length = field.value.len().to_string();
            let (limit, id) = (column.max_bytes, &column.id);
            Finding::new(row.number, id, Code::E015, &length)
                .expected(format!("at most {limit} bytes"), format!("{limit}バイト以下"))
        })
        .collect();
    row.findings.extend(too_long);
}

fn required(row: &mut Row<'_>, is_marked: impl Fn(&Row<'_>, usize) -> bool) {
    let specific = row.record.get("program_code") == terms::PROGRAMME_SPECIFIC;
    let empty: Vec<Finding> = needed(specific)
        .iter()
        .filter(|column| row.record.value(column).is_empty())
        .filter(|column| !is_marked(row, column.position))
        .map(|column| {
            Finding::new(row.number, &column.id, Code::E010, "")
                .expected(column.name_en.as_str(), column.name_ja.as_str())
        })
        .collect();
    row.findings.extend(empty);
}

/// The items that must be filled, by the law of the programme.
fn needed(specific: bool) -> &'static [Item] {
    static SPECIFIC: LazyLock<Vec<Item>> = LazyLock::new(|| those(|item| item.specific));
    static INDUSTRIAL: LazyLock<Vec<Item>> = LazyLock::new(|| those(|item| item.industrial));
    fn those(requirement: fn(Item) -> Requirement) -> Vec<Item> {
        let is_needed = |item: &Item| requirement(item) == Requirement::Required;
        tables().columns().iter().filter(is_needed).collect()
    }
    if specific { &SPECIFIC } else { &INDUSTRIAL }
}

fn check_digits(row: &mut Row<'_>) {
    let insurer = row.record.get("insurer_no").to_owned();
    let insurer = padded_insurer_number(&insurer);
    if !insurer.is_empty() && !check_digit::insurer_number(&insurer) {
        refuse_number(row, "insurer_no", &insurer, 8);
    }
    let institution = row.record.get("inst_no").to_owned();
    let checked = row.mapping.check_institution_number && !institution.is_empty();
    if checked && !check_digit::institution_number(&institution) {
        refuse_number(row, "inst_no", &institution, 10);
    }
}

/// 国保 numbers have six digits and are compared with two zeros before them.
fn padded_insurer_number(number: &str) -> Cow<'_, str> {
    if number.len() == 6 { format!("00{number}").into() } else { number.into() }
}

/// The number as it was compared; an absent one is the business of the required items.
fn refuse_number(row: &mut Row<'_>, id: &str, number: &str, digits: usize) {
    let finding = Finding::new(row.number, id, Code::E016, number).expected(
        format!("{digits} digits with a right check digit"),
        format!("検証番号の正しい{digits}桁の番号"),
    );
    row.add(finding);
}

fn date_order(row: &mut Row<'_>, as_of: NaiveDate) {
    let day = |id: &str| dates::parse_standard(row.record.get(id));
    let (birth, exam) = (day("birth_date"), day("exam_date"));
    let Some(exam) = exam else { return };
    let birth = birth.filter(|birth| *birth > exam);
    if let Some(birth) = birth {
        let finding = Finding::new(row.number, "birth_date", Code::E018, &birth.to_string());
        row.add(finding.expected(format!("not after {exam}"), format!("{exam} 以前")));
    }
    if exam > as_of {
        let finding = Finding::new(row.number, "exam_date", Code::E018, &exam.to_string());
        row.add(finding.expected(format!("not after {as_of}"), format!("{as_of} 以前")));
    }
}

fn pressures(row: &mut Row<'_>) {
    if let (Some(systolic), Some(diastolic)) = (row.plain("sbp1"), row.plain("dbp1"))
        && systolic <= diastolic
    {
        let value = format!("{systolic}/{diastolic}");
        row.add(Finding::new(row.number, "sbp1", Code::W102, &value));
    }
}

fn fasting(row: &mut Row<'_>) {
    let time = row.record.get("blood_time").to_owned();
    if time.is_empty() || time == terms::FASTING {
        return;
    }
    for id in ["tg_fast", "fpg"] {
        if row.plain(id).is_some() {
            let finding = Finding::new(row.number, id, Code::W103, row.record.get(id));
            row.add(finding.expected(terms::FASTING, terms::FASTING));
        }
    }
}

/// |weight / (height / 100)² − BMI| > 0.15, multiplied by height² to be exact.
fn body_mass(row: &mut Row<'_>) {
    let plain = |id| row.plain(id);
    let (Some(height), Some(weight), Some(bmi)) = (plain("height"), plain("weight"), plain("bmi"))
    else {
        return;
    };
    let square = height.times(height);
    let ten_thousand = Decimal::from_parts(10_000, 0);
    let tolerance = Decimal::from_parts(15, 2);
    let difference = weight.times(ten_thousand).plus(bmi.times(square).negative()).abs();
    if difference > tolerance.times(square) {
        let computed = weight.to_f64() * 10_000.0 / square.to_f64();
        let finding = Finding::new(row.number, "bmi", Code::W104, row.record.get("bmi"));
        row.add(finding.expected(format!("about {computed:.1}"), format!("約 {computed:.1}")));
    }
}

/// The same checkup of the same person in an earlier accepted row.
fn duplicates(row: &mut Row<'_>, seen: &mut Seen) {
    let record = &row.record;
    let mut hash = Sha256::new();
    for id in ["inst_no", "insurer_no", "birth_date", "name_kana", "exam_date"] {
        hash.update(record.get(id));
        hash.update([0]);
    }
    for id in ["card_symbol", "card_number"] {
        hash.update(comparison_key(record.get(id)));
        hash.update([0]);
    }
    let mut key = [0; 16];
    for (place, byte) in key.iter_mut().zip(hash.finalize()) {
        *place = byte;
    }
    if seen.0.contains(&key) {
        let person = record.get("patient_id").to_owned();
        row.add(Finding::new(row.number, "", Code::E017, &person));
    } else if !row.findings.iter().any(Finding::is_error) {
        seen.0.insert(key);
    }
}
