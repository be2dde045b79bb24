//! Results of several checkups side by side, as a doctor reads them: items down, years across.

use renkei_checkup::hs037::{Interpretation, Report, ResultLine};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use unicode_width::UnicodeWidthStr;

/// The table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Table {
    /// Dates of the checkups, oldest first.
    pub dates: Vec<String>,
    /// Names of the institutions, one per date.
    pub institutions: Vec<String>,
    /// One row per item, in the order of the column table.
    pub rows: Vec<TableRow>,
}

/// An item.
#[derive(Clone, Debug, Serialize)]
pub struct TableRow {
    /// Id in the column table; the code as sent for an item that we do not know.
    pub id: String,
    /// Name.
    pub name: String,
    /// Unit; empty for none.
    pub unit: String,
    /// Reference range of the latest checkup that has one; empty for none.
    pub range: String,
    /// One cell per date.
    pub cells: Vec<Option<TableCell>>,
}

/// One value.
#[derive(Clone, Debug, Serialize)]
pub struct TableCell {
    /// As in the standard record.
    pub value: String,
    /// `L`, `H`, `LX`, `HX`, or empty.
    pub flag: &'static str,
}

impl Table {
    /// Puts reports side by side, oldest first.
    pub fn new(reports: &[Report]) -> Self {
        let mut reports: Vec<&Report> = reports.iter().collect();
        reports.sort_by_key(|r| r.exam_date);
        let dates = reports.iter().map(|r| date(r)).collect();
        let institutions = reports.iter().map(|r| r.institution.clone()).collect();
        let mut rows: BTreeMap<(usize, String), TableRow> = BTreeMap::new();
        for (column, report) in reports.iter().enumerate() {
            for line in &report.results {
                // Items we know stand in the order of the column table, others after them by code.
                let order = line.item.map_or(usize::MAX, |c| c.position);
                let row = rows
                    .entry((order, id(line).to_owned()))
                    .or_insert_with(|| row(line, reports.len()));
                let range = range(line);
                if !range.is_empty() {
                    row.range = range;
                }
                if let Some(cell) = row.cells.get_mut(column) {
                    *cell = Some(TableCell { value: line.value.clone(), flag: flag(line) });
                }
            }
        }
        Self { dates, institutions, rows: rows.into_values().collect() }
    }
}

fn row(line: &ResultLine, columns: usize) -> TableRow {
    TableRow {
        id: id(line).to_owned(),
        name: line.name.clone(),
        unit: line.unit.clone(),
        range: String::new(),
        cells: vec![None; columns],
    }
}

fn id(line: &ResultLine) -> &str {
    if line.id().is_empty() { &line.code } else { line.id() }
}

fn date(report: &Report) -> String {
    report.exam_date.map(|d| d.format("%Y-%m-%d").to_string()).unwrap_or_default()
}

fn range(line: &ResultLine) -> String {
    match (&line.low, &line.high) {
        (None, None) => String::new(),
        (low, high) => {
            format!("{}–{}", low.as_deref().unwrap_or(""), high.as_deref().unwrap_or(""))
        }
    }
}

fn flag(line: &ResultLine) -> &'static str {
    line.interpretation.filter(|i| i.is_abnormal()).map_or("", Interpretation::code)
}

/// Widest text shown in a cell, in columns of the terminal; findings are cut with an ellipsis.
const WIDEST: usize = 24;
/// Widest name of an institution.
const WIDEST_NAME: usize = 16;
/// Lines above the results: dates and institutions.
const HEAD: usize = 2;

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = |title: &str| vec![title.to_owned()];
        let mut columns: Vec<Vec<String>> =
            vec![head("検査項目 / item"), head("単位 / unit"), head("基準 / range")];
        columns.extend(self.dates.iter().map(|d| head(d)));
        for (column, name) in columns.iter_mut().skip(3).zip(&self.institutions) {
            column.push(shorten(name, WIDEST_NAME));
        }
        columns.iter_mut().take(3).for_each(|column| column.push(String::new()));
        for row in &self.rows {
            let fixed = [&row.name, &row.unit, &row.range].map(|t| shorten(t, WIDEST));
            let cells = row.cells.iter().map(|c| match c {
                None => String::new(),
                Some(c) if c.flag.is_empty() => shorten(&c.value, WIDEST),
                Some(c) => format!("{} {}", shorten(&c.value, WIDEST), c.flag),
            });
            for (column, text) in columns.iter_mut().zip(fixed.into_iter().chain(cells)) {
                column.push(text);
            }
        }
        let widths: Vec<usize> =
            columns.iter().map(|c| c.iter().map(|t| t.width()).max().unwrap_or(0)).collect();
        for line in 0..self.rows.len() + HEAD {
            let mut out = String::new();
            for (column, width) in columns.iter().zip(&widths) {
                let text = column.get(line).map_or("", String::as_str);
                out.push_str(text);
                out.push_str(&" ".repeat(width - text.width().min(*width) + 2));
            }
            writeln!(f, "{}", out.trim_end())?;
            if line + 1 == HEAD {
                writeln!(f, "{}", "─".repeat(widths.iter().map(|w| w + 2).sum::<usize>()))?;
            }
        }
        Ok(())
    }
}

fn shorten(text: &str, widest: usize) -> String {
    if text.width() <= widest {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.width() + 2 > widest {
            break;
        }
        out.push(c);
    }
    out + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use renkei_checkup::tables;

    fn report(year: i32, value: &str, interpretation: Interpretation) -> Report {
        let item = tables().column("hdl");
        let line = ResultLine {
            item,
            code: item.unwrap().jlac10.clone(),
            name: "HDLコレステロール".into(),
            value: value.into(),
            unit: "mg/dl".into(),
            low: Some("40".into()),
            high: None,
            interpretation: Some(interpretation),
            ..ResultLine::default()
        };
        Report {
            exam_date: NaiveDate::from_ymd_opt(year, 5, 12),
            institution: "架空健診センター".into(),
            results: vec![line],
            ..Report::default()
        }
    }

    #[test]
    fn years_stand_side_by_side_oldest_first() {
        let table = Table::new(&[
            report(2025, "38", Interpretation::Low),
            report(2024, "52", Interpretation::Normal),
        ]);
        assert_eq!(table.dates, ["2024-05-12", "2025-05-12"]);
        let text = table.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), ["架空健診センター"; 2]);
        assert!(lines[3].starts_with("HDLコレステロール"), "{text}");
        assert!(lines[3].ends_with("52                38 L"), "{text}");
        assert!(lines[3].contains("40–"), "{text}");
    }

    #[test]
    fn long_findings_are_cut_by_width() {
        assert_eq!(shorten("短い", WIDEST), "短い");
        assert!(shorten(&"長".repeat(60), WIDEST).width() <= WIDEST + 1);
    }
}
