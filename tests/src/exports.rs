//! The project's own sample institution: fictitious people, one export a year in CP932.

use anyhow::{Context, Result};
use encoding_rs::SHIFT_JIS;
use std::path::{Path, PathBuf};

/// The folder of the sample institution.
pub fn folder() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../source-adapter/samples/minato")).to_owned()
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
