//! Exports with one row for each test: found by their titles and by rows that share person and day,
//! and turned into one row for each checkup as `[long]` of a mapping does.

use std::collections::HashMap;

use renkei_checkup::tables;
use renkei_checkup::tables::drafting::{HeaderRole, HeaderUnit, LongPart};

use super::sheet::{Sheet, SheetColumn};
use super::{ProposeError, header, score, titles, units};

/// Tests that are looked at.
const MOST_TESTS: usize = 500;

/// The columns that `[long]` names.
#[derive(Clone, Debug, Default)]
pub(super) struct Long {
    pub(super) key: Vec<String>,
    pub(super) item: String,
    pub(super) value: String,
    pub(super) unit: Option<String>,
}

/// Turns a table with one row for each test; others stay as they are.
pub(super) fn turn(sheet: Sheet) -> Result<(Sheet, Option<Long>), ProposeError> {
    let part = |wanted: LongPart| {
        sheet.columns.iter().position(|column| {
            let title = column.titles.last().map_or("", String::as_str);
            let row = header::whole(HeaderRole::Long, title);
            row.and_then(|row| LongPart::from_name(&row.value)) == Some(wanted)
        })
    };
    let (item, value) = (part(LongPart::Item), part(LongPart::Value));
    let Some(keys) = keys(&sheet) else {
        return match (item, value) {
            (Some(_), Some(_)) => Err(ProposeError::UnclearLong),
            _ => Ok((sheet, None)),
        };
    };
    let groups = groups(&sheet, &keys);
    let (Some(item), Some(value)) = (item, value) else {
        let is_long = one_word_each(&sheet, &groups, &keys).is_some();
        return if is_long { Err(ProposeError::UnclearLong) } else { Ok((sheet, None)) };
    };
    if !differs_in_each(&sheet, &groups, item) {
        return Ok((sheet, None));
    }
    let unit = part(LongPart::Unit);
    let (item, unit) = match part(LongPart::Code).filter(|code| are_codes(&sheet, *code)) {
        Some(code) if are_usual_units(&sheet, code, unit) => (code, None),
        Some(code) => (code, unit),
        None => (item, unit),
    };
    let name = |index: usize| sheet.columns.get(index).map_or(String::new(), |c| c.from.clone());
    let long = Long {
        key: keys.iter().map(|index| name(*index)).collect(),
        item: name(item),
        value: name(value),
        unit: unit.map(name),
    };
    Ok((turned(sheet, &groups, item, value, unit), Some(long)))
}

/// Whether a column holds item codes (JLAC10), most of them known: no name of a test is as certain.
fn are_codes(sheet: &Sheet, column: usize) -> bool {
    const LENGTH: usize = 17;
    let cells = sheet.columns.get(column).map_or(&[][..], |column| column.cells.as_slice());
    let is_code = |cell: &&String| {
        cell.len() == LENGTH && cell.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let known = cells.iter().filter(|cell| tables().column_of_code(cell).is_some()).count();
    cells.iter().all(|cell| is_code(&cell)) && 2 * known > cells.len()
}

/// Whether the unit of every test is that of its item, so that it need not be named.
fn are_usual_units(sheet: &Sheet, code: usize, unit: Option<usize>) -> bool {
    let Some(unit) = unit else { return true };
    (0..sheet.rows).all(|row| {
        let Some(item) = tables().column_of_code(cell(sheet, code, row)) else { return true };
        let unit = cell(sheet, unit, row);
        let known = units::unit(&header::folded(unit));
        let row = known.and_then(|unit| units::factor(&unit, item));
        unit.is_empty() || row.is_some_and(HeaderUnit::is_plain)
    })
}

/// The columns that tell one checkup from another: a number of the person, or the name with the day
/// of birth, and the day of the examination.
fn keys(sheet: &Sheet) -> Option<Vec<usize>> {
    let found = |id: &str, level: score::Level| {
        sheet.columns.iter().position(|column| {
            titles::readings(&column.titles)
                .iter()
                .any(|reading| score::level_of(reading, id).is_some_and(|found| found <= level))
        })
    };
    let certain = |id: &str| found(id, score::Level::Certain);
    let day = certain("exam_date").or_else(|| found("exam_date", score::Level::Perhaps))?;
    if let Some(person) = certain("patient_id") {
        return Some(vec![person, day]);
    }
    let mut names: Vec<usize> =
        ["name_kana", "name_kanji", "birth_date"].into_iter().filter_map(certain).collect();
    if names.len() < 2 {
        return None;
    }
    names.push(day);
    // a number that parts the rows just as the names do
    let number = found("patient_id", score::Level::Perhaps);
    match number.map(|number| vec![number, day]) {
        Some(keys) if groups(sheet, &keys) == groups(sheet, &names) => Some(keys),
        _ => Some(names),
    }
}

/// Whether a column holds another word in each row of most keys, and most keys have several rows.
fn differs_in_each(sheet: &Sheet, groups: &[Vec<usize>], column: usize) -> bool {
    let many = groups.iter().filter(|rows| rows.len() >= 2).count();
    // a test that was done again stands twice
    let differs = |rows: &&Vec<usize>| {
        let seen: std::collections::HashSet<&str> =
            rows.iter().map(|row| cell(sheet, column, *row)).collect();
        10 * seen.len() >= 9 * rows.len()
    };
    let right = groups.iter().filter(differs).count();
    2 * many >= groups.len() && 10 * right >= 9 * groups.len()
}

/// The rows of each key, in the order of their first rows.
fn groups(sheet: &Sheet, keys: &[usize]) -> Vec<Vec<usize>> {
    let mut places: HashMap<Vec<&str>, usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    if keys.is_empty() {
        return groups;
    }
    for row in 0..sheet.rows {
        let key: Vec<&str> = keys.iter().map(|index| cell(sheet, *index, row)).collect();
        let place = *places.entry(key).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(place) {
            group.push(row);
        }
    }
    groups
}

fn cell(sheet: &Sheet, column: usize, row: usize) -> &str {
    let column = sheet.columns.get(column);
    column.and_then(|column| column.cells.get(row)).map_or("", String::as_str)
}

/// The column that holds another word in each row of most keys.
fn one_word_each(sheet: &Sheet, groups: &[Vec<usize>], keys: &[usize]) -> Option<usize> {
    let many: Vec<&Vec<usize>> = groups.iter().filter(|rows| rows.len() >= 3).collect();
    let held: usize = many.iter().map(|rows| rows.len()).sum();
    if many.is_empty() || 2 * held < sheet.rows {
        return None;
    }
    (0..sheet.columns.len()).filter(|column| !keys.contains(column)).find(|column| {
        many.iter().all(|rows| {
            let mut seen = std::collections::HashSet::new();
            rows.iter().all(|row| {
                let cell = cell(sheet, *column, *row);
                !cell.is_empty() && seen.insert(cell)
            })
        })
    })
}

fn turned(
    sheet: Sheet,
    groups: &[Vec<usize>],
    item: usize,
    value: usize,
    unit: Option<usize>,
) -> Sheet {
    let mut tests: Vec<String> = Vec::new();
    let mut cells: HashMap<(usize, usize), String> = HashMap::new();
    for (place, rows) in groups.iter().enumerate() {
        for row in rows {
            let name = cell(&sheet, item, *row);
            let of = unit.map_or("", |unit| cell(&sheet, unit, *row));
            let test = if of.is_empty() { name.to_owned() } else { format!("{name}({of})") };
            let known = tests.iter().position(|other| *other == test);
            let at = match known {
                Some(at) => at,
                None if tests.len() < MOST_TESTS => {
                    tests.push(test);
                    tests.len() - 1
                }
                None => continue,
            };
            cells.entry((at, place)).or_insert_with(|| cell(&sheet, value, *row).to_owned());
        }
    }
    let first = |column: &SheetColumn| -> Vec<String> {
        let rows = groups.iter().filter_map(|rows| rows.first());
        rows.map(|row| column.cells.get(*row).cloned().unwrap_or_default()).collect()
    };
    let is_same = |column: &SheetColumn, rows: &[usize]| {
        let cells: Vec<Option<&String>> = rows.iter().map(|row| column.cells.get(*row)).collect();
        cells.windows(2).all(|pair| pair.first() == pair.last())
    };
    let is_part = |index: usize| index == item || index == value || Some(index) == unit;
    let mut columns: Vec<SheetColumn> = sheet
        .columns
        .iter()
        .enumerate()
        .filter(|(index, _)| !is_part(*index))
        .map(|(_, column)| SheetColumn {
            cells: first(column),
            per_test: groups.iter().any(|rows| !is_same(column, rows)),
            ..column.clone()
        })
        .collect();
    let width = sheet.titles.len();
    for (at, test) in tests.into_iter().enumerate() {
        let cells =
            (0..groups.len()).map(|place| cells.remove(&(at, place)).unwrap_or_default()).collect();
        let titles = vec![test.clone()];
        columns.push(SheetColumn {
            place: width + at + 1,
            from: test,
            titles,
            cells,
            per_test: false,
        });
    }
    Sheet { columns, rows: groups.len(), ..sheet }
}
