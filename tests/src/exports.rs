//! The project's own sample institution: fictitious people, one export a year in CP932.

use anyhow::{Context, Result};
use encoding_rs::SHIFT_JIS;
use std::path::{Path, PathBuf};

/// The folder of the sample institution.
pub fn folder() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../source-adapter/samples/minato")).to_owned()
}

/// A delivery of a small institution, or the mapping of its columns: people whose identity or day is
/// corrected later.
pub fn delivery(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/deliveries")).join(name)
}

/// The export of a year.
pub fn export(year: u16) -> PathBuf {
    folder().join(format!("{year}.csv"))
}

/// The mapping of its columns.
pub fn mapping() -> PathBuf {
    folder().join("map.toml")
}

/// Writes an export of the first `rows` rows of a year, none of which is broken.
pub fn good_rows(year: u16, rows: usize, to: &Path) -> Result<PathBuf> {
    let bytes = std::fs::read(export(year))?;
    let kept: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').take(rows + 1).collect();
    let path = to.join(format!("good-{year}-{rows}.csv"));
    std::fs::write(&path, kept.concat())?;
    Ok(path)
}

/// An export as rows of cells; the sample exports quote nothing.
#[derive(Clone, Debug)]
pub struct Table {
    header: Vec<String>,
    /// One row a person.
    pub rows: Vec<Vec<String>>,
}

/// The export of a year as a table.
pub fn table(year: u16) -> Result<Table> {
    let bytes = std::fs::read(export(year))?;
    let (text, _, _) = SHIFT_JIS.decode(&bytes);
    let mut lines = text.lines().map(|l| l.split(',').map(str::to_owned).collect());
    Ok(Table { header: lines.next().context("no header")?, rows: lines.collect() })
}

impl Table {
    /// Where a column stands.
    pub fn column(&self, header: &str) -> Result<usize> {
        self.header.iter().position(|h| h == header).with_context(|| format!("no {header}"))
    }

    fn place(&self, person: &str) -> Result<usize> {
        let column = self.column("受診番号")?;
        let is_person = |row: &Vec<String>| row.get(column).is_some_and(|cell| cell == person);
        self.rows.iter().position(is_person).with_context(|| format!("no {person}"))
    }

    /// The row of a person, by the number at the institution.
    pub fn row(&self, person: &str) -> Result<&Vec<String>> {
        self.rows.get(self.place(person)?).context("no row")
    }

    /// Changes a cell.
    pub fn set(&mut self, person: &str, header: &str, value: &str) -> Result<()> {
        let (row, column) = (self.place(person)?, self.column(header)?);
        let cell = self.rows.get_mut(row).and_then(|row| row.get_mut(column));
        *cell.context("no cell")? = value.to_owned();
        Ok(())
    }

    fn encode<'r>(&'r self, rows: impl Iterator<Item = &'r Vec<String>>) -> Vec<u8> {
        let lines = std::iter::once(&self.header).chain(rows);
        let text: String = lines.map(|cells| cells.join(",") + "\r\n").collect();
        SHIFT_JIS.encode(&text).0.into_owned()
    }

    /// The row of one person behind its header, as it stands in the file.
    pub fn bytes_of(&self, person: &str) -> Result<Vec<u8>> {
        Ok(self.encode(std::iter::once(self.row(person)?)))
    }

    /// Writes it as the institution's system would.
    pub fn write(&self, path: &Path) -> Result<PathBuf> {
        std::fs::write(path, self.encode(self.rows.iter()))?;
        Ok(path.to_owned())
    }
}

/// The values of these columns in all exports; columns by their names in the header.
pub fn values(columns: &[&str]) -> Result<Vec<String>> {
    let mut values = Vec::new();
    for year in [2023, 2024, 2025] {
        let bytes = std::fs::read(export(year))?;
        let (text, _, _) = SHIFT_JIS.decode(&bytes);
        let mut lines = text.lines().map(|l| l.split(',').collect::<Vec<&str>>());
        let header = lines.next().context("no header")?;
        for line in lines {
            for (name, value) in header.iter().zip(line) {
                if columns.contains(name) && !value.trim().is_empty() {
                    values.push(value.trim().to_owned());
                }
            }
        }
    }
    values.sort();
    values.dedup();
    Ok(values)
}
