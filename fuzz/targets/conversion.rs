//! Any export by any mapping: lines in are lines accounted for, every row is delivered or refused by
//! name, and what is delivered comes from its own row, so that the row alone gives it again.
#![no_main]

use chrono::NaiveDate;
use libfuzzer_sys::fuzz_target;
use renkei_checkup::Record;
use renkei_source_adapter::findings::Finding;
use renkei_source_adapter::{Accepted, Mapping, Mode, Outcome, Rules, Sink, convert};
use std::collections::BTreeSet;
use std::io;

/// Between the mapping and the export.
const BETWEEN: &[u8] = b"\n-----\n";

/// What a conversion gave.
#[derive(Default, PartialEq, Eq, Debug)]
struct Kept {
    /// Records with their lines and bytes.
    accepted: Vec<(Record, String, Vec<u8>)>,
    /// Header and row of the first one, as an export of that row alone.
    alone: Vec<Vec<u8>>,
    header: Vec<u8>,
    /// Row, title, code and value.
    findings: Vec<(u64, String, &'static str, String)>,
}

impl Sink for Kept {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        let Accepted { record, line, source, .. } = *accepted;
        self.accepted.push((record.clone(), line.to_owned(), source.row.to_vec()));
        self.alone.push(source.document());
        self.header = source.header.to_vec();
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings {
            assert!(!finding.ja().is_empty() && !finding.en().is_empty());
            let Finding { row, column, code, value, .. } = finding;
            self.findings.push((*row, column.clone(), code.name(), value.clone()));
        }
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        *self = Self::default();
        Ok(())
    }
}

fn converted(mapping: &Mapping, export: &[u8], mode: Mode) -> Option<(Outcome, Kept)> {
    let as_of = NaiveDate::from_ymd_opt(2026, 4, 1).expect("a day");
    let mut kept = Kept::default();
    let outcome = convert(|| Ok(export), mapping, &Rules { mode, as_of }, &mut kept).ok()?;
    Some((outcome, kept))
}

/// Physical lines of a text in which no other character holds these octets.
fn lines_of(export: &[u8]) -> u64 {
    let (mut lines, mut begun, mut was_cr) = (0, false, false);
    for byte in export {
        match byte {
            b'\n' if was_cr => {}
            b'\r' | b'\n' => (lines, begun) = (lines + 1, false),
            _ => begun = true,
        }
        was_cr = *byte == b'\r';
    }
    lines + u64::from(begun)
}

fn place(bytes: &[u8], piece: &[u8]) -> Option<usize> {
    if piece.is_empty() { Some(0) } else { bytes.windows(piece.len()).position(|w| w == piece) }
}

/// What a record says, but for its place in the file.
fn said(record: &Record) -> Vec<(String, String)> {
    let items = record.iter().filter(|(column, _)| column.id != "record_no");
    let items = items.map(|(_, field)| (field.value.clone(), field.original.clone()));
    let own = record.own().map(|(_, field)| (field.value.clone(), field.original.clone()));
    items.chain(own).collect()
}

fuzz_target!(|data: &[u8]| {
    let Some(at) = place(data, BETWEEN) else { return };
    let (map, export) = (&data[..at], &data[at + BETWEEN.len()..]);
    let Some(text) = renkei_fuzz::text(map) else { return };
    let Ok(mapping) = Mapping::read("map.toml", text) else { return };
    let Some((outcome, kept)) = converted(&mapping, export, Mode::RejectRow) else { return };
    let refused: BTreeSet<u64> =
        kept.findings.iter().filter(|found| found.2.starts_with('E')).map(|found| found.0).collect();
    match outcome.lines {
        Some(lines) => {
            assert!(lines.add_up(), "{lines:?}");
            let mark = export.starts_with("\u{FEFF}".as_bytes());
            if mapping.encoding() != "utf-16" && !mark {
                assert_eq!(lines.total, lines_of(export));
            }
            assert_eq!(outcome.rows, outcome.accepted + refused.len() as u64);
            assert_eq!(outcome.accepted, kept.accepted.len() as u64);
        }
        None => assert!(outcome.rejected && kept.accepted.is_empty() && !refused.is_empty()),
    }
    let again = converted(&mapping, export, Mode::RejectRow).expect("as before");
    assert_eq!((&again.0, &again.1), (&outcome, &kept));
    let (strict, _) = converted(&mapping, export, Mode::RejectFile).expect("as before");
    assert_eq!(strict.rejected, outcome.rejected || outcome.errors > 0);
    if mapping.is_long() {
        // the rows of a checkup stand apart
        return;
    }
    let mut rest = export;
    for (_, _, row) in &kept.accepted {
        let at = place(rest, row).expect("bytes of the file, in their order");
        rest = &rest[at + row.len()..];
    }
    // lines before the header belong to every export
    let before = place(export, &kept.header).map_or(&[][..], |at| &export[..at]);
    for ((record, _, _), alone) in kept.accepted.iter().zip(&kept.alone) {
        let alone = [before, alone].concat();
        let Some((_, single)) = converted(&mapping, &alone, Mode::RejectRow) else { continue };
        if let [(found, _, _)] = single.accepted.as_slice() {
            assert_eq!(said(found), said(record), "its own row and no other");
        }
    }
});
