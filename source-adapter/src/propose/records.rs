//! Lines of a table taken apart by RFC 4180, cell by cell, and what breaks its quotes.

/// How the quotes of a cell are no quotes of RFC 4180.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// Text behind a closing quote.
    Behind,
    /// It closes nowhere near.
    Open,
}

/// A record of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// Lines before it.
    pub(super) line: usize,
    /// Lines it has.
    pub(super) lines: usize,
    pub(super) cells: Vec<String>,
    pub(super) broken: Option<Broken>,
    /// Cells that had to be quoted: with a delimiter, a quote or a line end inside.
    pub(super) quoted: usize,
    /// Cells that were quoted without need.
    pub(super) quoted_idly: usize,
    /// Delimiters in each line of its cells that go over a line end.
    inner_delimiters: usize,
}

impl Record {
    /// Cells that are not blank.
    pub(super) fn filled(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(String::as_str).filter(|cell| !crate::cells::trim(cell).is_empty())
    }

    pub(super) fn is_blank(&self) -> bool {
        self.filled().next().is_none()
    }

    /// Whether a quoted cell holds a whole further line of a table of this width.
    pub(super) fn swallows(&self, width: usize) -> bool {
        width > 1 && self.inner_delimiters + 1 >= width
    }
}

/// A text by its lines.
pub(super) struct Lines<'a> {
    lines: Vec<&'a str>,
}

/// Lines over which a quoted cell may go.
const MOST_LINES: usize = 100;

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        if text.is_empty() {
            lines.clear();
        }
        Self { lines }
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn get(&self, line: usize) -> &'a str {
        self.lines.get(line).copied().unwrap_or_default().trim_end_matches(['\r', '\n'])
    }

    /// How a line ends.
    fn ending(&self, line: usize) -> &'a str {
        let whole = self.lines.get(line).copied().unwrap_or_default();
        whole.get(self.get(line).len()..).unwrap_or_default()
    }

    /// The record that begins on a line; none behind the last.
    pub(super) fn record(&self, line: usize, delimiter: char, quote: bool) -> Option<Record> {
        self.lines.get(line)?;
        if !quote {
            let cells = self.get(line).split(delimiter).map(str::to_owned).collect();
            return Some(Record { line, lines: 1, cells, ..Record::default() });
        }
        Some(self.quoted_record(line, delimiter))
    }

    fn quoted_record(&self, line: usize, delimiter: char) -> Record {
        let mut record = Record { line, lines: 1, ..Record::default() };
        let mut rest = self.get(line);
        loop {
            let Some(inside) = rest.strip_prefix('"') else {
                let (cell, behind) = split_at(rest, delimiter);
                record.cells.push(cell.to_owned());
                match behind {
                    Some(behind) => rest = behind,
                    None => return record,
                }
                continue;
            };
            match self.quoted_cell(&mut record, inside, delimiter) {
                Some(behind) => rest = behind,
                None => return record,
            }
        }
    }

    /// Reads a quoted cell, and gives what stands behind its delimiter.
    fn quoted_cell(
        &self,
        record: &mut Record,
        inside: &'a str,
        delimiter: char,
    ) -> Option<&'a str> {
        let mut cell = String::new();
        let mut rest = inside;
        let mut line = record.line + record.lines - 1;
        let first = line;
        let mut needed = false;
        loop {
            let Some((text, behind)) = rest.split_once('"') else {
                cell.push_str(rest);
                line += 1;
                if line >= self.lines.len() || line - first > MOST_LINES {
                    // to the end of its own line only: what follows are rows
                    record.broken = Some(Broken::Open);
                    let (text, behind) = split_at(inside, delimiter);
                    record.lines = first - record.line + 1;
                    record.cells.push(format!("\"{text}"));
                    return behind;
                }
                cell.push_str(self.ending(line - 1));
                rest = self.get(line);
                let delimiters = rest.matches(delimiter).count();
                record.inner_delimiters = record.inner_delimiters.max(delimiters);
                needed = true;
                continue;
            };
            cell.push_str(text);
            if let Some(again) = behind.strip_prefix('"') {
                cell.push('"');
                needed = true;
                rest = again;
                continue;
            }
            record.lines = line - record.line + 1;
            needed |= cell.contains(delimiter);
            let (more, next) = split_at(behind, delimiter);
            if more.is_empty() {
                record.quoted += usize::from(needed);
                record.quoted_idly += usize::from(!needed);
            } else {
                record.broken = Some(Broken::Behind);
                cell.push_str(more);
            }
            record.cells.push(cell);
            return next;
        }
    }
}

fn split_at(text: &str, delimiter: char) -> (&str, Option<&str>) {
    match text.split_once(delimiter) {
        Some((cell, behind)) => (cell, Some(behind)),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::{Broken, Lines};

    #[test]
    fn cells_are_quoted_by_the_rule() {
        let lines = Lines::of("a,\"b\r\n(c)\",\"d\"\"e\",\"f\"\r\ng\n");
        let record = lines.record(0, ',', true).unwrap();
        assert_eq!(record.cells, ["a", "b\r\n(c)", "d\"e", "f"]);
        assert_eq!((record.lines, record.quoted, record.quoted_idly), (2, 2, 1));
        assert_eq!(record.broken, None);
        assert_eq!(lines.record(2, ',', true).unwrap().cells, ["g"]);
        assert!(lines.record(3, ',', true).is_none());
    }

    #[test]
    fn broken_quotes_are_told() {
        let lines = Lines::of("1,\"右\"乳腺,x\n2,\"open,y\n3,b,z\n");
        assert_eq!(lines.record(0, ',', true).unwrap().broken, Some(Broken::Behind));
        let open = lines.record(1, ',', true).unwrap();
        assert_eq!((open.broken, open.lines), (Some(Broken::Open), 1));
        assert_eq!(open.cells, ["2", "\"open", "y"]);
        let data = lines.record(1, ',', false).unwrap();
        assert_eq!(data.cells, ["2", "\"open", "y"]);
        let lines = Lines::of("1,\"a\n2,b\n3,c\",d\n");
        assert!(lines.record(0, ',', true).unwrap().swallows(2));
    }
}
