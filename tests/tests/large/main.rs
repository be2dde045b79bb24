//! A delivery of a hundred thousand rows is converted in the memory of one of a hundred. A test program
//! of its own: what it measures is what the program takes from the machine.

use anyhow::{Context, Result, ensure};
use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};
use renkei_tests::large::Large;
use renkei_tests::program;
use serde_json::Value;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Child;
use std::time::Duration;

/// Rows of a large delivery; its export has about 50 MB.
const ROWS: usize = 100_000;
/// The most that the program may take beyond what a small delivery takes, octets.
const GROWTH: u64 = 64 << 20;
/// Findings that a report lists.
const REPORTED: u64 = 1_000;

/// What a conversion did.
struct Converted {
    report: Value,
    /// Peak resident memory, octets.
    peak: u64,
}

impl Converted {
    fn count(&self, key: &str) -> Result<u64> {
        let count = self.report.get(key).and_then(Value::as_u64);
        count.with_context(|| format!("no {key}: {}", self.report))
    }
}

/// Peak resident memory of a process so far; none once it has ended.
fn peak(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

/// Reads standard output to its end while the peak is watched.
fn watch(mut child: Child) -> Result<(Vec<u8>, u64)> {
    let mut stdout = child.stdout.take().context("no standard output")?;
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        stdout.read_to_end(&mut said).map(|_| said)
    });
    let mut highest = 0;
    while child.try_wait()?.is_none() {
        highest = peak(child.id()).unwrap_or(0).max(highest);
        std::thread::sleep(Duration::from_millis(2));
    }
    let said = reader.join().ok().context("the reader broke off")??;
    Ok((said, highest))
}

fn convert(export: &Path, mapping: &Path, out: &Path, mode: &str) -> Result<Converted> {
    let text = |path: &Path| path.display().to_string();
    let (export, mapping, out) = (text(export), text(mapping), text(out));
    let paths = ["convert", &export, "--mapping", &mapping, "--out", &out];
    let child = program::start(
        &[&paths[..], &["--mode", mode, "--as-of", "2025-12-31", "--json"]].concat(),
    )?;
    let (said, peak) = watch(child)?;
    Ok(Converted { report: serde_json::from_slice(&said)?, peak })
}

fn lines(path: &Path) -> Result<u64> {
    let (mut file, mut piece, mut lines) = (File::open(path)?, vec![0; 1 << 20], 0);
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(lines);
        }
        lines += piece.iter().take(read).filter(|byte| **byte == b'\n').count() as u64;
    }
}

/// Converts a large and a small delivery, and answers the large one.
fn in_flat_memory(
    folder: &Path,
    encoding: &'static Encoding,
    broken: bool,
    mode: &str,
) -> Result<Converted> {
    let [large, small] = [ROWS, 100].map(|rows| -> Result<Converted> {
        let (export, mapping) = Large { rows, encoding, broken }.write(folder)?;
        convert(&export, &mapping, &folder.join(rows.to_string()), mode)
    });
    let (large, small) = (large?, small?);
    let growth = large.peak.saturating_sub(small.peak);
    eprintln!("{ROWS} rows: {} MB, of which {} kB grew", large.peak >> 20, growth >> 10);
    ensure!(small.peak > 0, "the small conversion was too quick to be seen");
    ensure!(growth < GROWTH, "{growth} octets more than for 100 rows");
    Ok(large)
}

#[test]
fn good_rows() -> Result<()> {
    for encoding in [SHIFT_JIS, UTF_8] {
        let folder = tempfile::tempdir()?;
        let converted = in_flat_memory(folder.path(), encoding, false, "reject_file")?;
        ensure!(converted.count("accepted")? == ROWS as u64, "every row is good");
        let out = folder.path().join(ROWS.to_string());
        ensure!(lines(&out.join("standard.csv"))? == ROWS as u64 + 1, "a line for each row");
        ensure!(lines(&out.join("hashes.csv"))? == ROWS as u64 + 3, "a hash for each row");
    }
    Ok(())
}

#[test]
fn a_finding_on_every_row() -> Result<()> {
    for (mode, rejected) in [("reject_row", false), ("reject_file", true)] {
        let folder = tempfile::tempdir()?;
        let converted = in_flat_memory(folder.path(), SHIFT_JIS, true, mode)?;
        ensure!(converted.report["rejected"] == rejected, "{mode}");
        ensure!(converted.count("errors")? == ROWS as u64, "an error in each row");
        let told = converted.report["findings"].as_array().context("no findings")?.len() as u64;
        ensure!(told == REPORTED, "{told} findings in the report");
        ensure!(converted.count("findings_left_out")? == ROWS as u64 - REPORTED, "the others");
    }
    Ok(())
}

/// What was taken before the last byte turned out to be wrong is void, and was not held either.
#[test]
fn a_wrong_byte_at_the_end() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let large = Large { rows: ROWS, encoding: SHIFT_JIS, broken: false };
    let (export, mapping) = large.write(folder.path())?;
    let mut file = File::options().write(true).open(&export)?;
    file.seek(SeekFrom::End(-2))?;
    file.write_all(b"\x81")?;
    let out = folder.path().join("out");
    let converted = convert(&export, &mapping, &out, "reject_row")?;
    ensure!(converted.report["findings"][0]["code"] == "E001", "{}", converted.report);
    ensure!(converted.count("rows")? == 0, "no row counts");
    ensure!(!out.join("standard.csv").exists(), "nothing was delivered");
    Ok(())
}
