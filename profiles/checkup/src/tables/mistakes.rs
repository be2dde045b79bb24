//! Mistakes in the data files: all told at once, with file, line, column and what would be right.

use std::cell::RefCell;
use std::fmt;

use serde::de::DeserializeOwned;

/// One mistake in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableError {
    /// The data file.
    pub file: &'static str,
    /// 1-based line.
    pub line: u64,
    /// The column, or the key of the manifest.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What would be right.
    pub en: String,
    /// The same in Japanese.
    pub ja: String,
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, value, en, ja } = self;
        write!(f, "{file}:{line}: {column} {value:?}: {en} / {ja}")
    }
}

/// All mistakes of the tables; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct TableErrors(pub Vec<TableError>);

impl fmt::Display for TableErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            write!(f, "{end}{error}")?;
        }
        Ok(())
    }
}

/// A row and the line it stands on.
#[derive(Clone, Debug)]
pub(super) struct Row<T> {
    pub(super) row: T,
    pub(super) line: u64,
}

/// Collects mistakes while the tables are read.
#[derive(Default)]
pub(super) struct Mistakes(RefCell<Vec<TableError>>);

impl Mistakes {
    pub(super) fn add(
        &self,
        file: &'static str,
        line: u64,
        column: &str,
        value: &str,
        (en, ja): (&str, &str),
    ) {
        self.0.borrow_mut().push(TableError {
            file,
            line,
            column: column.to_owned(),
            value: value.to_owned(),
            en: en.to_owned(),
            ja: ja.to_owned(),
        });
    }

    pub(super) fn twice(&self, file: &'static str, line: u64, column: &str, value: &str) {
        let texts = ("stands there twice; keep one row", "重複しています。1行だけ残してください");
        self.add(file, line, column, value, texts);
    }

    pub(super) fn unknown(
        &self,
        file: &'static str,
        line: u64,
        column: &str,
        value: &str,
        table: &str,
    ) {
        let en = format!("is not in {table}; add it there or correct it here");
        let ja = format!("{table} にありません。追加するか、ここを訂正してください");
        self.add(file, line, column, value, (&en, &ja));
    }

    /// Tells a field that must not be empty.
    pub(super) fn demand(&self, file: &'static str, line: u64, column: &str, value: &str) {
        if value.is_empty() {
            self.add(file, line, column, value, ("is missing", "必要です"));
        }
    }

    /// The rows of a table; those that do not have its form are told and left out.
    pub(super) fn rows<T: DeserializeOwned>(&self, file: &'static str, text: &str) -> Vec<Row<T>> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headers = match reader.headers() {
            Ok(headers) => headers.clone(),
            Err(error) => {
                self.add(file, 1, "", "", (&error.to_string(), "見出し行が読めません"));
                return Vec::new();
            }
        };
        let mut found = Vec::new();
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return found,
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    let texts = ("has another number of fields than the header", "列数が違います");
                    self.add(file, line, "", &record.len().to_string(), texts);
                    continue;
                }
            }
            let line = record.position().map_or(0, csv::Position::line);
            match record.deserialize(Some(&headers)) {
                Ok(row) => found.push(Row { row, line }),
                Err(error) => {
                    let reason = match error.kind() {
                        csv::ErrorKind::Deserialize { err, .. } => err.kind().to_string(),
                        _ => error.to_string(),
                    };
                    // the reader of a row tells the value, not always its column
                    let told = |cell: &str| reason.contains(&format!("`{cell}`"));
                    let place = record.iter().position(|cell| !cell.is_empty() && told(cell));
                    let cell = |record: &csv::StringRecord| {
                        place.and_then(|place| record.get(place)).unwrap_or_default().to_owned()
                    };
                    let ja = format!("この列の値ではありません（{reason}）");
                    self.add(file, line, &cell(&headers), &cell(&record), (&reason, &ja));
                }
            }
        }
    }

    pub(super) fn into_result<T>(self, tables: T) -> Result<T, TableErrors> {
        let mistakes = self.0.into_inner();
        if mistakes.is_empty() { Ok(tables) } else { Err(TableErrors(mistakes)) }
    }
}
