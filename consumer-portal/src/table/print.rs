//! The table on a terminal: within 120 columns, in blocks of a few checkups, nothing cut off.

use super::mark::Mark;
use super::{Table, TableCell, TableRow};
use std::collections::BTreeSet;
use std::fmt;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of the terminal.
const TERMINAL: usize = 120;
/// Between two columns.
const GAP: usize = 2;
/// Checkups side by side; further ones stand in a block below.
const BLOCK: usize = 4;
/// Widest name, unit and range.
const FIXED: [usize; 3] = [24, 13, 11];
/// Above the columns.
const HEADS: [&str; 3] = ["検査項目 / item", "単位 / unit", "基準 / range"];
/// Above the items that are not of the column table.
const OTHERS: &str = "その他の項目 / other items";

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<usize> = (0..self.dates.len()).collect();
        for (number, block) in all.chunks(BLOCK).enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            self.write_block(f, block)?;
        }
        self.write_legend(f)
    }
}

/// A line of the table: for each column its text in lines.
type Line = Vec<Vec<String>>;

impl Table {
    fn write_block(&self, f: &mut fmt::Formatter<'_>, block: &[usize]) -> fmt::Result {
        let widest = widest_cell(block.len());
        let head = self.head(block, widest);
        let with_cell = |row: &&TableRow| block.iter().any(|at| cell(row, *at).is_some());
        let (table, others): (Vec<&TableRow>, Vec<&TableRow>) =
            self.rows.iter().filter(with_cell).partition(|row| row.is_of_table);
        let line = |row: &&TableRow| self.line(row, block, widest);
        let table: Vec<Line> = table.iter().map(line).collect();
        let others: Vec<Line> = others.iter().map(line).collect();
        let widths = widths(head.iter().chain(&table).chain(&others), block.len());
        for line in &head {
            write_line(f, line, &widths)?;
        }
        let rule = widths.iter().map(|width| width + GAP).sum::<usize>().saturating_sub(GAP);
        writeln!(f, "{}", "─".repeat(rule))?;
        for line in &table {
            write_line(f, line, &widths)?;
        }
        if !others.is_empty() {
            writeln!(f, "── {OTHERS}")?;
        }
        for line in &others {
            write_line(f, line, &widths)?;
        }
        Ok(())
    }

    /// Date and institution of each checkup; its community where one is of another than our own, its title
    /// where the date does not tell it from another, and its marks.
    fn head(&self, block: &[usize], widest: usize) -> Vec<Line> {
        let fixed = |texts: [&str; 3]| texts.map(|text| vec![text.to_owned()]).to_vec();
        let of_all = |text: &dyn Fn(usize) -> String| {
            block.iter().map(|at| wrap(&text(*at), widest)).collect::<Line>()
        };
        let get = |texts: &[String], at: usize| texts.get(at).cloned().unwrap_or_default();
        let date = of_all(&|at| get(&self.dates, at));
        let place = of_all(&|at| get(&self.institutions, at));
        let mut lines = vec![[fixed(HEADS), date].concat(), [fixed([""; 3]), place].concat()];
        let is_elsewhere = self.columns.iter().any(|column| column.community.is_another);
        let community = of_all(&|at| {
            let column = self.columns.get(at).filter(|_| is_elsewhere);
            column.map_or_else(String::new, |column| column.community.to_string())
        });
        let title = of_all(&|at| self.title(at));
        let marks = of_all(&|at| {
            let marks = self.columns.get(at).map_or(&[][..], |column| &column.marks);
            marks.iter().map(|mark| format!("[{mark}]")).collect()
        });
        for line in [community, title, marks] {
            if line.iter().any(|text| !text.is_empty()) {
                lines.push([fixed([""; 3]), line].concat());
            }
        }
        lines
    }

    fn title(&self, at: usize) -> String {
        let same = self.dates.iter().filter(|date| self.dates.get(at) == Some(*date)).count();
        let title = self.columns.get(at).map_or("", |column| &column.title);
        if same > 1 { title.to_owned() } else { String::new() }
    }

    fn line(&self, row: &TableRow, block: &[usize], widest: usize) -> Line {
        let several = self.institutions.iter().collect::<BTreeSet<_>>().len() > 1;
        let name = if several && !row.institution.is_empty() {
            format!("{}（{}）", row.name, row.institution)
        } else {
            row.name.clone()
        };
        let texts = [&name, &row.unit, &row.range];
        let fixed = texts.iter().zip(FIXED).map(|(text, widest)| wrap(text, widest));
        let cells =
            block.iter().map(|at| wrap(&cell(row, *at).map_or_else(String::new, text), widest));
        fixed.chain(cells).collect()
    }

    /// What the marks mean, of those that stand in the table.
    fn write_legend(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells = || self.rows.iter().flat_map(|row| row.cells.iter().flatten());
        let marks: BTreeSet<(&str, &str)> = cells()
            .flat_map(|cell| &cell.marks)
            .map(|mark: &Mark| (mark.short(), mark.meaning()))
            .collect();
        let converted = cells().any(|cell| cell.sent.is_some());
        if marks.is_empty() && !converted {
            return Ok(());
        }
        writeln!(f)?;
        if converted {
            writeln!(
                f,
                "(…)  標準の単位に換算した値です。括弧内は文書の値 / converted; in brackets as sent"
            )?;
        }
        for (short, meaning) in marks {
            writeln!(f, "[{short}]  {meaning}")?;
        }
        Ok(())
    }
}

fn cell(row: &TableRow, at: usize) -> Option<&TableCell> {
    row.cells.get(at).and_then(Option::as_ref)
}

fn text(cell: &TableCell) -> String {
    let flag = Some(cell.flag.to_owned()).filter(|flag| !flag.is_empty());
    let sent = cell.sent.as_ref().map(|sent| format!("({sent})"));
    let marks = cell.marks.iter().map(|mark| format!("[{}]", mark.short()));
    [Some(cell.value.clone()), flag, sent]
        .into_iter()
        .flatten()
        .chain(marks)
        .collect::<Vec<_>>()
        .join(" ")
}

/// What is left for each of so many checkups.
fn widest_cell(checkups: usize) -> usize {
    let fixed = FIXED.iter().map(|width| width + GAP).sum::<usize>();
    TERMINAL.saturating_sub(fixed).checked_div(checkups).unwrap_or(0).saturating_sub(GAP)
}

fn widths<'a>(lines: impl Iterator<Item = &'a Line>, checkups: usize) -> Vec<usize> {
    let mut widths = vec![0; FIXED.len() + checkups];
    for line in lines {
        for (width, texts) in widths.iter_mut().zip(line) {
            let widest = texts.iter().map(|text| text.width()).max().unwrap_or(0);
            *width = (*width).max(widest);
        }
    }
    widths
}

fn write_line(f: &mut fmt::Formatter<'_>, line: &Line, widths: &[usize]) -> fmt::Result {
    let height = line.iter().map(Vec::len).max().unwrap_or(0).max(1);
    for at in 0..height {
        let mut out = String::new();
        for (texts, width) in line.iter().zip(widths) {
            let text = texts.get(at).map_or("", String::as_str);
            out.push_str(text);
            out.push_str(&" ".repeat(width.saturating_sub(text.width()) + GAP));
        }
        writeln!(f, "{}", out.trim_end())?;
    }
    Ok(())
}

/// A text in lines of at most this width, broken behind a blank or a comma, or at a bracket, where there is
/// one late enough. Letters that steer a terminal become blanks: documents come from anywhere.
fn wrap(text: &str, widest: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut width) = (String::new(), 0);
    for letter in text.chars().map(harmless) {
        let wide = letter.width().unwrap_or(0);
        if width + wide > widest.max(2) {
            let rest = line.split_off(break_of(&line));
            width = rest.width();
            lines.push(std::mem::replace(&mut line, rest).trim_end().to_owned());
        }
        if !(line.is_empty() && letter == ' ') {
            line.push(letter);
            width += wide;
        }
    }
    if !line.trim_end().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Where a full line is best broken.
fn break_of(line: &str) -> usize {
    let mut best = line.len();
    for (at, letter) in line.char_indices() {
        let place = match letter {
            ' ' | '、' | '。' | '/' | ')' | '）' => at + letter.len_utf8(),
            '(' | '（' => at,
            _ => continue,
        };
        if place * 2 > line.len() {
            best = place;
        }
    }
    best
}

/// A letter, or a blank for one that steers the terminal or turns the direction of the line.
pub(crate) fn harmless(letter: char) -> char {
    let turns = matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    if letter.is_control() || turns { ' ' } else { letter }
}

#[cfg(test)]
mod tests {
    use super::wrap;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn a_long_text_goes_on_below_and_loses_nothing() {
        assert_eq!(wrap("短い", 14), ["短い"]);
        assert!(wrap("", 14).is_empty());
        let long = "長".repeat(60);
        let lines = wrap(&long, 14);
        assert!(lines.iter().all(|line| line.width() <= 14));
        assert_eq!(lines.concat(), long);
        assert_eq!(wrap("脂肪肝、胆嚢ポリープ", 14), ["脂肪肝、", "胆嚢ポリープ"]);
        assert_eq!(wrap("493 (4.93 10*6/uL)", 14), ["493 (4.93", "10*6/uL)"]);
        assert_eq!(
            wrap("空腹時中性脂肪(トリグリセリド)", 24),
            ["空腹時中性脂肪", "(トリグリセリド)"]
        );
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(wrap("a\u{1b}[2Jb\nc\u{202e}d", 14), ["a [2Jb c d"]);
    }
}
