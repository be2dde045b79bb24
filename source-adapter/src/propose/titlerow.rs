//! Which lines are the titles of the table. A line of data is never taken for them, so that nothing
//! of a person gets into a mapping; where that cannot be told, a person has to say it.

use renkei_checkup::number::Measured;
use renkei_checkup::tables::drafting::HeaderRole;
use renkei_checkup::{dates, tables};
use unicode_normalization::UnicodeNormalization;

use super::ProposeError;
use super::header;
use super::records::{Lines, Record};
use super::score;
use super::titles;
use crate::cells::trim;

/// Lines in which the titles are looked for.
const MOST_LINES: usize = 80;
/// Rows of titles that a mapping can name.
const MOST_ROWS: usize = 3;

/// The rows of titles.
#[derive(Debug)]
pub(super) struct Titles {
    /// Lines before them.
    pub(super) skip: usize,
    /// The first line behind them.
    pub(super) end: usize,
    /// The titles of each column, from top to bottom.
    pub(super) columns: Vec<Vec<String>>,
    /// The titles of each column as they stand, for a place such as `#2`.
    pub(super) names: Vec<String>,
    pub(super) rows: usize,
}

/// What a person says about the titles.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Lines before the titles.
    pub skip_rows: Option<u64>,
    /// Rows of titles.
    pub header_rows: Option<u64>,
}

/// How much a row looks like titles.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    filled: usize,
    known: usize,
    parts: usize,
    values: usize,
}

impl Look {
    fn of(record: &Record) -> Self {
        let mut look = Self::default();
        for cell in record.filled() {
            look.filled += 1;
            if is_value(cell) {
                look.values += 1;
            } else if titles::is_known(cell) {
                look.known += 1;
            } else if titles::is_part(cell) {
                look.parts += 1;
            }
        }
        look
    }

    /// Whether the row is one of titles, and not of data.
    fn is_titles(self) -> bool {
        self.filled >= 2
            && (self.known >= 3 || 2 * self.known >= self.filled)
            && self.known >= 1
            && 8 * self.known >= self.filled
            && 4 * self.values <= self.filled
    }

    /// Whether nothing in it could be a result or a person.
    fn has_no_value(self) -> bool {
        self.filled > 0 && self.values == 0
    }
}

/// Whether a cell is a number, a day, an identifier or a name in kana: no title.
fn is_value(cell: &str) -> bool {
    let cell = trim(cell);
    let folded: String = cell.nfkc().collect();
    if tables().column_of_code(&folded.to_uppercase()).is_some() {
        return false;
    }
    let is_mark = || !header::Feature::of(cell).marks.is_empty() || header::bare(cell).len() < 2;
    if Measured::read(cell).is_some() {
        return !is_mark();
    }
    let digits = folded.chars().filter(char::is_ascii_digit).count();
    let letters = folded.chars().filter(|letter| !letter.is_whitespace()).count();
    let is_code = digits >= 3 && 2 * digits >= letters;
    let is_kana = |word: &str| {
        word.chars().count() > 1 && word.chars().all(|l| matches!(l, '\u{30A1}'..='\u{30FC}'))
    };
    let mut words = folded.split_whitespace();
    let is_person = match (words.next(), words.next(), words.next()) {
        (Some(one), Some(other), None) => is_kana(one) && is_kana(other),
        _ => false,
    };
    let is_sign = |letter: char| letter.is_ascii_digit() || "-+()<>±*".contains(letter);
    let is_signs = letters > 0 && folded.chars().filter(|l| !l.is_whitespace()).all(is_sign);
    is_code || is_person || is_signs || cell.contains('@') || dates::read(cell).is_some()
}

/// Finds the rows of titles.
pub(super) fn find(
    lines: &Lines<'_>,
    delimiter: char,
    options: Options,
) -> Result<Titles, ProposeError> {
    let (start, end) = match options.skip_rows {
        Some(skip) => {
            let skip = usize::try_from(skip).unwrap_or(usize::MAX);
            (skip, skip.saturating_add(1))
        }
        None => (0, MOST_LINES.min(lines.len())),
    };
    let mut best: Option<(usize, Record)> = None;
    for line in start..end {
        let Some(record) = title_record(lines, line, delimiter) else { break };
        let look = Look::of(&record);
        let is_given = options.skip_rows.is_some()
            && (are_codes(&record) || is_above_data(lines, &record, look, delimiter));
        if (look.is_titles() || is_given)
            && best.as_ref().is_none_or(|(known, _)| look.known > *known)
        {
            best = Some((look.known, record));
        }
    }
    let (_, main) = best.ok_or(ProposeError::NoTitles)?;
    let rows = rows(lines, delimiter, options, main)?;
    Ok(joined(&rows))
}

/// Whether the titles are codes of the institution, such as `0101`: all different and of one length,
/// as no row of data is.
fn are_codes(record: &Record) -> bool {
    let mut seen = std::collections::HashSet::new();
    let length = record.filled().next().map_or(0, str::len);
    let is_code =
        |cell: &str| cell.len() == length && cell.bytes().all(|byte| byte.is_ascii_alphanumeric());
    length <= 10
        && record.filled().count() > 3
        && record.filled().all(|cell| is_code(cell) && seen.insert(cell.to_owned()))
}

/// Whether a row that a person names as the titles has names and no values, and rows of people follow.
fn is_above_data(lines: &Lines<'_>, row: &Record, look: Look, delimiter: char) -> bool {
    let next = title_record(lines, row.line + row.lines, delimiter);
    let follows = next.is_none_or(|next| Look::of(&next).values >= 2);
    look.known >= 1 && 8 * look.values <= look.filled && (2 * look.known >= look.filled || follows)
}

/// The columns of which a title says that they tell who a person is: rows of titles are blank there.
fn personal_columns(rows: &[Record]) -> Vec<usize> {
    const PERSONAL: [&str; 6] =
        ["patient_id", "name_kana", "name_kanji", "birth_date", "sex", "employee_no"];
    let is_name = |title: &String| {
        let mut sets = tables().drafting().header(HeaderRole::Set);
        sets.any(|set| set.word.split('+').any(|part| header::bare(part) == header::bare(title)))
    };
    let is_personal = |title: &String| {
        if is_name(title) {
            return true;
        }
        let readings = titles::readings(std::slice::from_ref(title));
        PERSONAL.iter().any(|id| {
            let level = readings.iter().filter_map(|reading| score::level_of(reading, id)).min();
            level.is_some_and(|level| level <= score::Level::Perhaps)
        })
    };
    let mut found: Vec<usize> = Vec::new();
    for row in rows {
        let columns = row.cells.iter().enumerate();
        found.extend(columns.filter(|(_, cell)| is_personal(cell)).map(|(column, _)| column));
    }
    found
}

/// A record of titles; one whose quotes are broken is taken as it stands.
fn title_record(lines: &Lines<'_>, line: usize, delimiter: char) -> Option<Record> {
    let record = lines.record(line, delimiter, true)?;
    if record.broken.is_some() || record.lines > 20 {
        return lines.record(line, delimiter, false);
    }
    Some(record)
}

/// The rows of titles around the one with most known names.
fn rows(
    lines: &Lines<'_>,
    delimiter: char,
    options: Options,
    main: Record,
) -> Result<Vec<Record>, ProposeError> {
    let mut found = Vec::new();
    let first_given = options.skip_rows.is_some();
    if !first_given && let Some(above) = main.line.checked_sub(1) {
        let above = title_record(lines, above, delimiter).filter(|above| above.lines == 1);
        found.extend(above.filter(|above| is_group_row(above, &main)));
    }
    if first_given && main.line != usize::try_from(options.skip_rows.unwrap_or(0)).unwrap_or(0) {
        return Err(ProposeError::NoTitles);
    }
    found.push(main);
    let wanted = options.header_rows.map(|rows| usize::try_from(rows).unwrap_or(usize::MAX));
    if wanted.is_some_and(|rows| rows == 0 || rows > MOST_ROWS) {
        return Err(ProposeError::NoTitles);
    }
    if let Some(wanted) = wanted
        && found.len() > wanted
    {
        found.remove(0);
    }
    while found.len() < wanted.unwrap_or(MOST_ROWS) {
        let Some(last) = found.last() else { break };
        let Some(next) = title_record(lines, last.line + last.lines, delimiter) else { break };
        let look = Look::of(&next);
        if next.cells.len() != last.cells.len() && wanted.is_none() {
            break;
        }
        let personal = personal_columns(&found);
        let is_person = personal.iter().any(|column| {
            next.cells.get(*column).is_some_and(|cell| {
                !trim(cell).is_empty() && !titles::is_unit(cell) && !titles::is_known(cell)
            })
        });
        let knows_half = 2 * (look.known + look.parts) >= look.filled && look.filled > 1;
        match wanted {
            Some(_) if is_person || !look.has_no_value() => return Err(ProposeError::NoTitles),
            Some(_) => found.push(next),
            None if is_person || !look.has_no_value() => break,
            None if !personal.is_empty() || knows_half && look.known > 0 => found.push(next),
            // neither titles nor data that can be told
            None => return Err(ProposeError::UnclearTitles { line: next.line + 1 }),
        }
    }
    let is_data = |row: &Record| 4 * Look::of(row).values > Look::of(row).filled;
    if found.iter().any(|row| is_data(row) && !(first_given && are_codes(row))) {
        return Err(ProposeError::NoTitles);
    }
    Ok(found)
}

/// Whether the row above the names holds the titles of groups, and not some line above a table.
fn is_group_row(above: &Record, main: &Record) -> bool {
    let look = Look::of(above);
    if above.cells.len() != main.cells.len() || !look.has_no_value() {
        return false;
    }
    // above the columns of persons stand titles of groups, or nothing
    let is_other = |column: &usize| {
        above.cells.get(*column).is_some_and(|cell| {
            !trim(cell).is_empty() && !titles::is_part(cell) && !titles::is_known(cell)
        })
    };
    if personal_columns(std::slice::from_ref(main)).iter().any(is_other) {
        return false;
    }
    let is_word = |cell: &str| titles::is_part(cell) || titles::is_known(cell);
    let words = above.filled().filter(|cell| is_word(cell)).count();
    let mut seen = std::collections::HashSet::new();
    let repeated = main.filled().any(|cell| !seen.insert(trim(cell)));
    let is_only_first = above.filled().count() == 1
        && above.cells.first().is_some_and(|cell| !trim(cell).is_empty());
    if is_only_first && words == 0 {
        return false;
    }
    words > 0 && (repeated || 2 * words >= look.filled) || repeated && look.filled > 1
}

/// Joins the titles of each column: a blank one goes on with the one on its left, as long as the
/// titles above both are the same; a column whose own titles are all blank has none.
fn joined(rows: &[Record]) -> Titles {
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let own = |row: &Record, column: usize| row.cells.get(column).cloned().unwrap_or_default();
    let is_blank = |text: &str| trim(text).is_empty();
    let mut columns: Vec<Vec<String>> = Vec::with_capacity(width);
    for column in 0..width {
        let own: Vec<String> = rows.iter().map(|row| own(row, column)).collect();
        if own.iter().all(|title| is_blank(title)) {
            columns.push(vec![String::new(); rows.len()]);
            continue;
        }
        let mut titles: Vec<String> = Vec::new();
        let left = column.checked_sub(1).and_then(|left| columns.get(left)).cloned();
        for (level, title) in own.into_iter().enumerate() {
            let is_upper = level + 1 < rows.len();
            let same_above = left.as_ref().filter(|left| left.get(..level) == Some(&titles[..]));
            match same_above.and_then(|left| left.get(level)) {
                Some(left) if is_upper && is_blank(&title) => titles.push(left.clone()),
                _ => titles.push(title),
            }
        }
        columns.push(titles);
    }
    let names = columns.iter().map(|titles| match titles.as_slice() {
        [title] => title.clone(),
        titles => {
            let filled: Vec<&str> =
                titles.iter().map(|title| trim(title)).filter(|title| !title.is_empty()).collect();
            filled.join("/")
        }
    });
    Titles {
        skip: rows.first().map_or(0, |row| row.line),
        end: rows.last().map_or(0, |row| row.line + row.lines),
        names: names.collect(),
        columns: columns
            .into_iter()
            .map(|titles| titles.into_iter().filter(|title| !is_blank(title)).collect())
            .collect(),
        rows: rows.len(),
    }
}

/// Whether a later row is one of titles again, which a table does not have.
pub(super) fn is_again(record: &Record) -> bool {
    let numbers = record.filled().filter(|cell| Measured::read(cell).is_some());
    // most rows are told from titles by this alone
    if 4 * numbers.count() > record.filled().count() {
        return false;
    }
    let look = Look::of(record);
    look.is_titles() && look.values == 0 && look.known >= 3
}
