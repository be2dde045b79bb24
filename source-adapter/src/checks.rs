//! Checks over a whole record, after its cells were converted.

use std::borrow::Cow;
use std::sync::LazyLock;

use chrono::NaiveDate;
use renkei_checkup::decimal::Decimal;
use renkei_checkup::{Requirement, check_digit, dates, kcsv, tables, terms};

use crate::cells::{Row, is_scientific};
use crate::findings::{Code, Finding};
use crate::mapping::Item;
use crate::seen::{Known, Repeat, Seen, listed};

/// Completed years that nobody is likely to have.
const OLD: i32 = 110;

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
    if age > OLD {
        let finding = Finding::new(row.number, "birth_date", Code::W106, &age.to_string());
        row.add(finding);
    }
    age_of(row, "exam_age", age);
    if let Some(end) = dates::fiscal_year_end(exam) {
        age_of(row, "fy_age", dates::completed_years(birth, end));
    }
}

/// Derives an age that is not given; one that is given is kept, and told when it does not fit.
fn age_of(row: &mut Row<'_>, id: &str, age: i32) {
    let age = age.to_string();
    let given = row.record.get(id);
    if given.is_empty() {
        row.set(id, &age);
    } else if given != age {
        let finding = Finding::new(row.number, id, Code::W105, given);
        row.add(finding.expected(age.as_str(), age.as_str()));
    }
}

/// All checks of one record by itself; `is_marked` says whether a source column of an item has a
/// finding, and `source` from which cell an item comes: its title and content.
pub(crate) fn check(
    row: &mut Row<'_>,
    as_of: NaiveDate,
    is_marked: impl Fn(&Row<'_>, usize) -> bool,
    source: impl Fn(usize) -> Option<(String, String)>,
) {
    lengths(row, source);
    required(row, is_marked);
    check_digits(row);
    date_order(row, as_of);
    pressures(row);
    fasting(row);
    body_mass(row);
}

/// The checks that compare a row with the others of its file.
pub(crate) fn among_rows(
    row: &mut Row<'_>,
    report_no: (&str, &str),
    seen: &mut Seen,
    known: &Known,
) {
    let (title, number) = report_no;
    if is_scientific(number) {
        let finding = Finding::new(row.number, title, Code::E012, number).expected(
            "the whole number of the checkup (report_no); a spreadsheet has shortened it (format the column as text)",
            "健診の番号（report_no）の全桁。表計算ソフトが省略しています（列を文字列の書式にしてください）",
        );
        row.add(finding);
    }
    if let Some(rows) = seen.other_person(&row.record, row.number, known) {
        let person = row.record.get("patient_id").to_owned();
        let (en, ja) = listed(&rows);
        let finding = Finding::new(row.number, "patient_id", Code::E020, &person).expected(
            format!("one person; compare rows {en}"),
            format!("1人の受診者（{ja}行目を見比べてください）"),
        );
        row.add(finding);
    }
    no_result(row);
    if row.findings.iter().any(Finding::is_error) {
        return;
    }
    let rows = match seen.repeat(&row.record, row.number, known) {
        Repeat::None => None,
        Repeat::Same { first } => Some((
            format!("one row; row {first} says the same"),
            format!("1行（{first}行目と同じ内容です）"),
        )),
        Repeat::Different(rows) => {
            let (en, ja) = listed(&rows);
            Some((
                format!(
                    "one row; rows {en} say different things, and nobody can know which is right"
                ),
                format!("1行（{ja}行目の内容が異なり、どれが正しいか分かりません）"),
            ))
        }
    };
    if let Some((en, ja)) = rows {
        let person = row.record.get("patient_id").to_owned();
        row.add(Finding::new(row.number, "", Code::E017, &person).expected(en, ja));
        return;
    }
    let institution = row.record.get("inst_no").to_owned();
    if !number.is_empty()
        && let Some(rows) = seen.same_report(&institution, number, row.number, known)
    {
        let (en, ja) = listed(&rows);
        let finding = Finding::new(row.number, title, Code::E017, number).expected(
            format!("a number of its own for each checkup (report_no); rows {en} share this one"),
            format!("健診ごとに異なる番号（report_no。{ja}行目が同じ番号です）"),
        );
        row.add(finding);
    }
}

/// E022: no examination item is filled.
fn no_result(row: &mut Row<'_>) {
    let is_constant =
        |item: Item| row.mapping.constants.iter().any(|(other, _)| other.position == item.position);
    let has_result = examinations()
        .iter()
        .chain(&row.mapping.own)
        .any(|item| !row.record.value(item).is_empty() && !is_constant(item));
    if !has_result && !row.findings.iter().any(Finding::is_error) {
        let finding = Finding::new(row.number, "", Code::E022, "");
        row.add(finding);
    }
}

/// The items that are results: values, findings and judgements, without history, questions and what
/// goes with a result.
fn examinations() -> &'static [Item] {
    static ALL: LazyLock<Vec<Item>> = LazyLock::new(|| {
        const ALSO: [&str; 3] = ["mets", "guidance", "dr_judge"];
        const NONE: [&str; 3] = ["cxr_date", "cxr_film", "hr_method"];
        let is_result = |item: &Item| {
            let (id, chapter) = (item.id.as_str(), item.chapter.as_str());
            let group = chapter.split(' ').next().unwrap_or_default();
            let of_group = match group.split_at_checked(1) {
                Some(("D", number)) => {
                    number.parse().is_ok_and(|n: u32| matches!(n, 1 | 3 | 5..=14))
                }
                Some(("G", _)) => true,
                _ => false,
            };
            let beside = id.ends_with("_subject") || id.ends_with("_reason") || NONE.contains(&id);
            ALSO.contains(&id) || (of_group && !beside)
        };
        tables().columns().iter().filter(is_result).collect()
    });
    &ALL
}

fn lengths(row: &mut Row<'_>, source: impl Fn(usize) -> Option<(String, String)>) {
    let too_long: Vec<Finding> = row
        .record
        .iter()
        .filter(|(column, field)| {
            field.value.len() > column.max_bytes && !is_absence(column, &field.value)
        })
        .map(|(column, field)| too_long(row.number, column, &field.value, source(column.position)))
        .collect();
    row.findings.extend(too_long);
}

/// 未実施 and 測定不能 stand for a value of any length.
fn is_absence(column: Item, value: &str) -> bool {
    column.pair && matches!(value, terms::NOT_PERFORMED | terms::NOT_MEASURABLE)
}

/// E015 in letters, as people count, with the cell that has to be shortened.
fn too_long(row: u64, column: Item, value: &str, source: Option<(String, String)>) -> Finding {
    let (bytes, limit, id) = (value.len(), column.max_bytes, &column.id);
    let letters = value.chars().count();
    // how many of these letters there is room for
    let mut room = limit;
    let fits = value.chars().take_while(|letter| {
        let fits = letter.len_utf8() <= room;
        room = room.saturating_sub(letter.len_utf8());
        fits
    });
    let fits = fits.count();
    let (title, cell) = source.unwrap_or_default();
    let begin: String = cell.chars().take(20).collect();
    Finding::new(row, id, Code::E015, &bytes.to_string()).expected(
        format!(
            "at most {limit} bytes, for this text the first {fits} letters; it has {letters} letters ({bytes} bytes). Source: {title}, which begins {begin:?}"
        ),
        format!(
            "{limit}バイト以下（この文章では{fits}文字まで。今は{letters}文字、{bytes}バイト）。元の列「{title}」、「{begin}…」で始まる値"
        ),
    )
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

/// W102, for both readings and for another one.
fn pressures(row: &mut Row<'_>) {
    for (high, low) in [("sbp1", "dbp1"), ("sbp2", "dbp2"), ("sbp", "dbp")] {
        if let (Some(systolic), Some(diastolic)) = (row.plain(high), row.plain(low))
            && systolic <= diastolic
        {
            let value = format!("{systolic}/{diastolic}");
            row.add(Finding::new(row.number, high, Code::W102, &value));
        }
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
