//! Long exports: the good rows of the sample institution over and over, each with another person.

use crate::exports;
use anyhow::{Context, Result};
use encoding_rs::{Encoding, SHIFT_JIS};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Rows of the sample of 2025 in which nothing is wrong.
const GOOD_ROWS: usize = 9;

/// Family names in kanji and as the institution writes their kana.
const FAMILIES: [(&str, &str); 8] = [
    ("潮見", "ｼｵﾐ"),
    ("波止場", "ﾊﾄﾊﾞ"),
    ("髙浜", "ﾀｶﾊﾏ"),
    ("磯﨑", "ｲｿｻﾞｷ"),
    ("鴎田", "ｶﾓﾒﾀﾞ"),
    ("帆足", "ﾎｱｼ"),
    ("灘", "ﾅﾀﾞ"),
    ("浦部", "ｳﾗﾍﾞ"),
];
/// Given names, the same.
const GIVEN: [(&str, &str); 5] =
    [("汐里", "ｼｵﾘ"), ("渡", "ﾜﾀﾙ"), ("千歳", "ﾁﾄｾ"), ("碧", "ｱｵｲ"), ("航平", "ｺｳﾍｲ")];

/// What a long export looks like.
#[derive(Clone, Copy, Debug)]
pub struct Large {
    /// Data rows.
    pub rows: usize,
    /// CP932 as the institution writes it, or UTF-8.
    pub encoding: &'static Encoding,
    /// Whether every row has a height that nobody has.
    pub broken: bool,
}

impl Large {
    /// Writes the export and its mapping into a folder.
    pub fn write(&self, folder: &Path) -> Result<(PathBuf, PathBuf)> {
        let map = std::fs::read_to_string(exports::mapping())?;
        let name = if self.encoding == SHIFT_JIS { "cp932" } else { "utf-8" };
        let mapping = folder.join(format!("{name}.toml"));
        let encoding = format!("encoding = \"{name}\"");
        std::fs::write(&mapping, map.replace("encoding = \"cp932\"", &encoding))?;

        let export = folder.join(format!("{name}-{}.csv", self.rows));
        let sample = std::fs::read(exports::export(2025))?;
        let (sample, _, _) = SHIFT_JIS.decode(&sample);
        let mut lines = sample.lines();
        let header = lines.next().context("no header")?;
        let rows: Vec<Vec<&str>> =
            lines.take(GOOD_ROWS).map(|line| line.split(',').collect()).collect();
        let columns: Vec<&str> = header.split(',').collect();
        let mut out = BufWriter::new(File::create(&export)?);
        let mut line = |text: &str| -> Result<()> {
            let (bytes, _, _) = self.encoding.encode(text);
            out.write_all(&bytes)?;
            Ok(out.write_all(b"\r\n")?)
        };
        line(header)?;
        for (number, row) in rows.iter().cycle().take(self.rows).enumerate() {
            line(&self.row(number, &columns, row))?;
        }
        out.flush()?;
        Ok((export, mapping))
    }

    /// The row with the person of this number; nobody is in the file twice.
    fn row(&self, number: usize, columns: &[&str], row: &[&str]) -> String {
        let (family, family_kana) = pick(&FAMILIES, number);
        let (given, given_kana) = pick(&GIVEN, number / FAMILIES.len());
        let cell = |(column, cell): (&&str, &&str)| match *column {
            "受診番号" => format!("M{number:07}"),
            "カナ氏名" => format!("{family_kana} {given_kana}"),
            "漢字氏名" => format!("{family}　{given}"),
            "生年月日" => {
                format!("S{}.{:02}.{:02}", 31 + number % 32, 1 + number % 12, 1 + number % 28)
            }
            "番号" => full_width(number),
            "住所" => format!("{cell}－{}", full_width(number % 1000)),
            "身長" if self.broken => "1725".to_owned(),
            _ => (*cell).to_owned(),
        };
        columns.iter().zip(row).map(cell).collect::<Vec<_>>().join(",")
    }
}

fn pick<'n, const N: usize>(
    names: &'n [(&'n str, &'n str); N],
    number: usize,
) -> (&'n str, &'n str) {
    names.get(number % N).copied().unwrap_or_default()
}

fn full_width(number: usize) -> String {
    const DIGITS: [char; 10] = ['０', '１', '２', '３', '４', '５', '６', '７', '８', '９'];
    let digit = |byte: u8| DIGITS.get(usize::from(byte - b'0')).copied().unwrap_or_default();
    number.to_string().bytes().map(digit).collect()
}
