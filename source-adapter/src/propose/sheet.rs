//! The beginning of an export, read without a mapping: its encoding, its delimiter, its quotes, the
//! lines around its table, and the cells of each column.

use std::collections::HashMap;
use std::io::Read;

use serde::Serialize;

use super::encoding::Text;
use super::records::{Lines, Record};
use super::titlerow::{self, Options};
use super::{ProposeError, trailer};
use crate::cells::trim;

/// Rows that are looked at.
pub const SAMPLE_ROWS: usize = 2000;
/// Columns that are looked at.
const MOST_COLUMNS: usize = 1000;
const DELIMITERS: [char; 4] = [',', '\t', ';', '|'];

/// Whether quotes are those of RFC 4180.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quotes {
    /// They are, or there are none.
    Rfc4180,
    /// They are data: the program that wrote the file never quotes.
    Data,
    /// Some are, some are not; a person has to look.
    Mixed,
}

/// How the file is laid out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layout {
    /// As `encoding` of a mapping names it.
    pub encoding: &'static str,
    /// Whether it begins with a byte order mark.
    pub bom: bool,
    /// Between the fields.
    pub delimiter: char,
    /// `crlf` or `lf`.
    pub newline: &'static str,
    /// Lines before the titles.
    pub skip_rows: u64,
    /// Rows of titles.
    pub header_rows: u64,
    /// What quotes are.
    pub quotes: Quotes,
    /// How the lines after the data begin.
    pub trailer_prefix: Vec<String>,
    /// Rows of data that end early.
    pub short_rows: usize,
    /// The line of a last row of another width that could be a person.
    pub odd_last_line: Option<u64>,
}

/// The beginning of an export.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) layout: Layout,
    /// Rows that were looked at.
    pub(super) rows: usize,
    pub(super) columns: Vec<SheetColumn>,
    /// Columns that were not looked at.
    pub(super) columns_left_out: usize,
    /// The titles of all columns in their order.
    pub(super) titles: Vec<String>,
}

/// A column and its trimmed cells, row by row.
#[derive(Clone, Debug)]
pub(super) struct SheetColumn {
    /// 1-based place in the file; that of the tests of a long table comes behind all of them.
    pub(super) place: usize,
    /// As `from` of a mapping names it.
    pub(super) from: String,
    /// Its titles, from top to bottom.
    pub(super) titles: Vec<String>,
    pub(super) cells: Vec<String>,
    /// Whether it says something about each test of a table with one row for each.
    pub(super) per_test: bool,
}

impl Sheet {
    pub(super) fn read(input: impl Read, options: Options) -> Result<Self, ProposeError> {
        let read = Text::read(input)?;
        let lines = Lines::of(&read.text);
        let delimiter = delimiter(&lines).ok_or_else(|| no_table(&lines))?;
        let titles = titlerow::find(&lines, delimiter, options)?;
        let width = titles.columns.len();
        let quotes = quotes(&lines, titles.end, delimiter, width);
        let mut data = Data::read(&lines, titles.end, delimiter, quotes, width)?;
        for line in &read.tail {
            data.last.extend(Lines::of(line).record(0, delimiter, false));
        }
        let (trailer_prefix, odd_last_line) = data.trailer(width, read.tail.is_empty());
        let is_crlf = read.text.contains("\r\n");
        let layout = Layout {
            encoding: read.encoding,
            bom: read.mark,
            delimiter,
            newline: if is_crlf { "crlf" } else { "lf" },
            skip_rows: u64::try_from(titles.skip).unwrap_or(u64::MAX),
            header_rows: u64::try_from(titles.rows).unwrap_or(u64::MAX),
            quotes,
            trailer_prefix,
            short_rows: data.short,
            odd_last_line,
        };
        let from = places(&titles.names);
        let columns: Vec<SheetColumn> = titles
            .columns
            .into_iter()
            .zip(from)
            .take(MOST_COLUMNS)
            .enumerate()
            .map(|(index, (titles, from))| SheetColumn {
                place: index + 1,
                from,
                titles,
                cells: data.rows.iter().map(|row| cell(row, index)).collect(),
                per_test: false,
            })
            .collect();
        let columns_left_out = width - columns.len();
        Ok(Self { layout, rows: data.rows.len(), columns, columns_left_out, titles: titles.names })
    }
}

fn cell(row: &[String], index: usize) -> String {
    row.get(index).map_or(String::new(), |cell| trim(cell).to_owned())
}

/// The names of columns in a mapping: a title that stands twice with its place.
fn places(titles: &[String]) -> Vec<String> {
    let key_of =
        |title: &'_ String| if trim(title).is_empty() { "" } else { title.as_str() }.to_owned();
    let mut count: HashMap<String, usize> = HashMap::new();
    for title in titles {
        *count.entry(key_of(title)).or_default() += 1;
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    titles
        .iter()
        .map(|title| {
            let key = key_of(title);
            let place = seen.entry(key.clone()).or_default();
            *place += 1;
            if key.is_empty() {
                format!("#{place}")
            } else if count.get(&key).is_some_and(|count| *count > 1) {
                format!("{title}#{place}")
            } else {
                title.clone()
            }
        })
        .collect()
}

/// The rows of data.
#[derive(Debug, Default)]
struct Data {
    rows: Vec<Vec<String>>,
    short: usize,
    /// The last records, also those of another width.
    last: Vec<Record>,
}

impl Data {
    fn read(
        lines: &Lines<'_>,
        start: usize,
        delimiter: char,
        quotes: Quotes,
        width: usize,
    ) -> Result<Self, ProposeError> {
        const KEPT: usize = 3;
        let mut data = Self::default();
        let mut shorter: Vec<Vec<String>> = Vec::new();
        let mut line = start;
        while let Some(record) = next(lines, line, delimiter, quotes, width) {
            line += record.lines.max(1);
            if record.is_blank() {
                continue;
            }
            if titlerow::is_again(&record) {
                return Err(ProposeError::SeveralTables { line: record.line + 1 });
            }
            if record.cells.len() == width && data.rows.len() < SAMPLE_ROWS {
                data.rows.push(record.cells.clone());
            } else if (width / 2 + 1..width).contains(&record.cells.len())
                && shorter.len() < SAMPLE_ROWS
            {
                shorter.push(record.cells.clone());
            }
            data.last.push(record);
            if data.last.len() > KEPT {
                data.last.remove(0);
            }
        }
        // a spreadsheet leaves off empty cells at the end of every row
        if shorter.len() > 1 && 3 * shorter.len() > data.rows.len() {
            data.short = shorter.len();
            let most = SAMPLE_ROWS.saturating_sub(data.rows.len());
            data.rows.extend(shorter.into_iter().take(most));
        }
        Ok(data)
    }

    /// How the lines behind the data begin, and where the last one stands when it could be a person.
    fn trailer(&mut self, width: usize, is_whole: bool) -> (Vec<String>, Option<u64>) {
        let mut found: Vec<String> = Vec::new();
        for record in self.last.iter().rev() {
            match trailer::prefix(record, width, &self.rows) {
                Some(prefix) => found.insert(0, prefix),
                None => {
                    let is_odd = record.cells.len() != width && self.short == 0 && is_whole;
                    let line = u64::try_from(record.line + 1).unwrap_or(u64::MAX);
                    found.dedup();
                    return (found, is_odd.then_some(line));
                }
            }
        }
        (found, None)
    }
}

/// The next record; where quotes are in doubt, one that reaches beyond its line is read as it stands.
fn next(
    lines: &Lines<'_>,
    line: usize,
    delimiter: char,
    quotes: Quotes,
    width: usize,
) -> Option<Record> {
    if quotes == Quotes::Data {
        return lines.record(line, delimiter, false);
    }
    let record = lines.record(line, delimiter, true)?;
    if quotes == Quotes::Mixed && (record.broken.is_some() || record.swallows(width)) {
        return lines.record(line, delimiter, false);
    }
    Some(record)
}

/// What the quotes of the rows are.
fn quotes(lines: &Lines<'_>, start: usize, delimiter: char, width: usize) -> Quotes {
    let (mut broken, mut right) = (0_usize, 0_usize);
    let mut line = start;
    let mut seen = 0;
    while let Some(record) = lines.record(line, delimiter, true) {
        let is_broken = record.broken.is_some() || record.swallows(width);
        if is_broken {
            broken += 1;
            line += 1;
        } else {
            right += record.quoted;
            // every cell in quotes is the habit of a program that quotes
            right += usize::from(record.quoted_idly > 2);
            line += record.lines.max(1);
        }
        seen += 1;
        if seen > 4 * SAMPLE_ROWS {
            break;
        }
    }
    match (broken, right) {
        (0, _) => Quotes::Rfc4180,
        (_, 0) => Quotes::Data,
        _ => Quotes::Mixed,
    }
}

/// The delimiter that stands equally often in most lines.
fn delimiter(lines: &Lines<'_>) -> Option<char> {
    const LINES: usize = 60;
    let mut best: Option<(usize, char)> = None;
    for delimiter in DELIMITERS {
        let widths: Vec<usize> = (0..lines.len().min(LINES))
            .map(|line| outside_quotes(lines.get(line), delimiter) + 1)
            .filter(|width| *width > 1)
            .collect();
        for width in &widths {
            let fits = widths.iter().filter(|other| *other == width).count();
            let score = fits.saturating_mul(*width);
            if best.is_none_or(|(found, _)| score > found) {
                best = Some((score, delimiter));
            }
        }
    }
    best.map(|(_, delimiter)| delimiter)
}

/// How often a delimiter stands in a line outside quotes that close in it.
fn outside_quotes(line: &str, delimiter: char) -> usize {
    let pieces: Vec<&str> = line.split('"').collect();
    if pieces.len().is_multiple_of(2) {
        return line.matches(delimiter).count();
    }
    pieces.iter().step_by(2).map(|piece| piece.matches(delimiter).count()).sum()
}

/// Why there is no table: columns kept apart by blanks are told from none at all.
fn no_table(lines: &Lines<'_>) -> ProposeError {
    let has_gaps =
        |line: &str| line.trim().split("  ").filter(|part| !part.is_empty()).count() >= 3;
    let count = (0..lines.len().min(50)).filter(|line| has_gaps(lines.get(*line))).count();
    if count >= 2 { ProposeError::FixedWidth } else { ProposeError::NoTable }
}

#[cfg(test)]
mod tests {
    use super::super::titlerow::Options;
    use super::{Layout, ProposeError, Quotes, Sheet};

    fn read(text: &str) -> Result<Sheet, ProposeError> {
        Sheet::read(text.as_bytes(), Options::default())
    }

    fn layout(text: &str) -> Layout {
        read(text).unwrap().layout
    }

    fn from(text: &str) -> Vec<String> {
        read(text).unwrap().columns.into_iter().map(|column| column.from).collect()
    }

    const TABLE: &str = "ID;氏名;身長\n1;見本 太郎;170\n2;見本 花子;160\n";

    #[test]
    fn finds_the_table_between_other_lines() {
        let text = "#EXPORT 1\n#SITE, A\nID;NAME;HT\n1;a;170\n2;b;160\n#END 2\n";
        let sheet = read(text).unwrap();
        assert_eq!((sheet.layout.delimiter, sheet.layout.skip_rows), (';', 2));
        assert_eq!(sheet.layout.trailer_prefix, ["#END"]);
        assert_eq!((sheet.rows, sheet.layout.newline), (2, "lf"));
        assert_eq!(sheet.titles, ["ID", "NAME", "HT"]);
    }

    #[test]
    fn counts_the_lines_before_the_titles_whatever_ends_them() {
        for (above, lines) in [
            ("", 0),
            ("#EXPORT 1\n", 1),
            ("sep=;\n", 1),
            ("#EXPORT 1\n#SITE, A\n", 2),
            ("one\n\n#three\n", 3),
            ("2025年度;結果一覧;\n", 1),
            ("\"open; quote\n", 1),
            ("施設名;\"架空センター\n出力日;2025/6/1\n", 2),
        ] {
            for end in ["\n", "\r\n"] {
                let text = format!("{above}{TABLE}").replace('\n', end);
                assert_eq!(layout(&text).skip_rows, lines, "{above:?} {end:?}");
                assert_eq!(layout(&format!("\u{FEFF}{text}")).skip_rows, lines);
            }
        }
    }

    #[test]
    fn titles_above_each_other_are_joined() {
        let text = ",,身体計測,,血圧,\nID,氏名,身長,判定,最高,判定\n1,見本 太郎,170,A,120,B\n";
        assert_eq!(layout(text).header_rows, 2);
        let joined = ["ID", "氏名", "身体計測/身長", "身体計測/判定", "血圧/最高", "血圧/判定"];
        assert_eq!(from(text), joined);
        let text = "ID,氏名,血圧,,身長\n,,最高,最低,cm\n1,見本 太郎,120,70,170\n";
        assert_eq!(from(text), ["ID", "氏名", "血圧/最高", "血圧/最低", "身長/cm"]);
        let text = ",,今回,,前回,\nID,氏名,身長,体重,身長,体重\n1,見本 太郎,170,60,169,59\n";
        assert_eq!(from(text)[4], "前回/身長");
    }

    #[test]
    fn titles_that_stand_twice_have_a_place() {
        let text = "ID,氏名,所見,身長,所見,,\n1,見本 太郎,a,170,b,,c\n";
        assert_eq!(from(text), ["ID", "氏名", "所見#1", "身長", "所見#2", "#1", "#2"]);
    }

    #[test]
    fn a_row_of_data_is_never_taken_for_titles() {
        let rows = "A1,ミホン タロウ,見本 太郎,1970/1/1,170.0\nA2,ミホン ハナコ,見本 花子,1980/1/1,160.0\n";
        assert!(matches!(read(rows), Err(ProposeError::NoTitles)));
        let given = Options { skip_rows: Some(0), header_rows: None };
        assert!(matches!(Sheet::read(rows.as_bytes(), given), Err(ProposeError::NoTitles)));
        let text = format!("ID,カナ,氏名,生年月日,身長\n{rows}");
        let wrong = Options { skip_rows: Some(1), header_rows: None };
        assert!(matches!(Sheet::read(text.as_bytes(), wrong), Err(ProposeError::NoTitles)));
        for row in ["1,見本 太郎,\"右\"乳腺", "1,見本 太郎,なし"] {
            let text = format!("ID,氏名,備考\n{row}\n2,見本 花子,右\n");
            assert_eq!(layout(&text).header_rows, 1, "{row}");
            let wrong = Options { skip_rows: Some(1), header_rows: None };
            let read = Sheet::read(text.as_bytes(), wrong);
            assert!(matches!(read, Err(ProposeError::NoTitles)), "{row}");
            let above = format!("氏名,見本 次郎,\n{text}");
            assert_eq!((layout(&above).skip_rows, layout(&above).header_rows), (1, 1));
        }
        let wrong = Options { skip_rows: None, header_rows: Some(2) };
        assert!(matches!(Sheet::read(text.as_bytes(), wrong), Err(ProposeError::NoTitles)));
    }

    #[test]
    fn quotes_that_are_none_are_told() {
        let table = |cell: &str| format!("ID,氏名,備考\n1,見本 太郎,{cell}\n2,見本 花子,なし\n");
        assert_eq!(layout(&table("\"a,b\"")).quotes, Quotes::Rfc4180);
        assert_eq!(layout(&table("\"右\"乳腺")).quotes, Quotes::Data);
        assert_eq!(layout(&table("\"要精検")).quotes, Quotes::Data);
        assert_eq!(layout(&table("\"a,b\"\n3,仮名 次郎,\"要精検")).quotes, Quotes::Mixed);
    }

    #[test]
    fn what_is_no_single_table_is_refused() {
        let twice = format!("{TABLE}ID;氏名;体重\n1;見本 太郎;60\n");
        assert!(matches!(read(&twice), Err(ProposeError::SeveralTables { line: 4 })));
        let fixed = "ID    氏名        身長   体重\n1     見本太郎    170.0  60.0\n2     見本花子    160.0  50.0\n";
        assert!(matches!(read(fixed), Err(ProposeError::FixedWidth)));
        assert!(matches!(read(""), Err(ProposeError::NoTable)));
    }

    #[test]
    fn a_last_row_that_could_be_a_person_is_no_trailer() {
        let text = "ID,氏名,身長\nA1,見本 太郎,170\nB2,見本 花子\n";
        let layout = layout(text);
        assert!(layout.trailer_prefix.is_empty());
        assert_eq!(layout.odd_last_line, Some(3));
    }
}
