//! An institution delivers, corrects and delivers again; its program is killed while it does.

use crate::institution::{DOCUMENTS, Institution, approved, ids};
use anyhow::{Context, Result, ensure};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry};
use renkei_tests::exports::{self, Table};
use renkei_tests::program;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Instant;

#[test]
fn a_correction_replaces_what_changed_and_touches_nobody_else() -> Result<()> {
    let institution = Institution::new()?;
    let mut table = exports::table(2025)?;
    table.rows.truncate(11);
    let first = table.write(&institution.path("first.csv"))?;
    let (status, report) = institution.submit(&first)?;
    assert_eq!((status, &report["submitted"]), (Some(2), &10.into()), "{report}");
    refusals_are_told(&institution, "M0010")?;
    let before = institution.documents()?;
    ensure!(before.len() == 10 && !before.contains_key("M0010"), "{:?}", before.keys());

    // Two people are corrected, the refused one is put right, one is new.
    table.set("M0001", "体重", "82.7")?;
    table.set("M0004", "医師所見", "問診票を確認しました。")?;
    table.set("M0010", "保険者番号", "06149991")?;
    let mut new = table.row("M0011")?.clone();
    for (column, value) in [("受診番号", "M0099"), ("番号", "７０９９"), ("カナ氏名", "ｳﾐﾍﾞ ﾉｿﾞﾐ")]
    {
        *new.get_mut(table.column(column)?).context("no cell")? = value.to_owned();
    }
    table.rows.push(new);
    let second = table.write(&institution.path("second.csv"))?;
    let (status, report) = institution.submit(&second)?;
    assert_eq!(status, Some(0), "{report}");
    for (key, expected) in [("submitted", 4), ("corrected", 2), ("repeated", 8)] {
        assert_eq!(report[key], Value::from(expected), "{key}: {report}");
    }
    let after = institution.documents()?;
    assert_eq!(after.len(), 12);
    for (person, entries) in &after {
        let old = before.get(person).map(Vec::as_slice).unwrap_or_default();
        assert_eq!(approved(entries).len(), DOCUMENTS, "{person}");
        if ["M0001", "M0004"].contains(&person.as_str()) {
            let replaced = ids(entries, AvailabilityStatus::Deprecated);
            assert_eq!(replaced, approved(old), "{person}: every old version, and nothing else");
            ensure!(approved(entries).is_disjoint(&approved(old)), "{person}");
        } else if !old.is_empty() {
            assert_eq!(approved(entries), approved(old), "{person} did not change");
            assert_eq!(entries.len(), DOCUMENTS, "{person}");
        }
    }

    // A column that the mapping ignores changes nothing but the original.
    table.set("M0002", "請求区分", "9")?;
    let third = table.write(&institution.path("third.csv"))?;
    let (_, report) = institution.submit(&third)?;
    for (key, expected) in [("submitted", 1), ("corrected", 1), ("documents", 1), ("repeated", 11)]
    {
        assert_eq!(report[key], Value::from(expected), "{key}: {report}");
    }
    let entries = institution.documents()?.remove("M0002").context("nobody")?;
    let replaced = entries.iter().find(|e| e.status == Some(AvailabilityStatus::Deprecated));
    let class = replaced.and_then(|e| e.class_code.as_ref()).map(|c| c.code.as_str());
    assert_eq!((class, entries.len()), (Some("SOURCE"), DOCUMENTS + 1));
    the_original_is_retrieved(&institution, &entries, table.bytes_of("M0002")?)
}

/// The report names the person whose row was refused.
/// Both send the same documents, made at different times; whoever is second finds those of the first.
#[test]
fn two_runs_at_once_end_as_one() -> Result<()> {
    const PEOPLE: usize = 30;
    let institution = Institution::new()?;
    let export = many(PEOPLE)?.write(&institution.path("export.csv"))?;
    let first = institution.arguments(&export);
    let second: Vec<String> = first
        .iter()
        .map(|word| word.replace("10:15:30", "10:16:00").replace("/state", "/other-state"))
        .map(|word| word.replace("/report", "/other-report"))
        .collect();
    let run = |arguments: Vec<String>| {
        std::thread::spawn(move || {
            program::run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
        })
    };
    let runs = [run(first), run(second)];
    let (mut submitted, mut repeated) = (0, 0);
    for run in runs {
        let output = run.join().map_err(|_| anyhow::anyhow!("a run panicked"))??;
        let report: Value = serde_json::from_slice(&output.stdout)?;
        ensure!(output.status.code() == Some(0), "{report}");
        submitted += report["submitted"].as_u64().unwrap_or_default();
        repeated += report["repeated"].as_u64().unwrap_or_default();
    }
    assert_eq!((submitted, repeated), (PEOPLE as u64, PEOPLE as u64));
    for (person, entries) in institution.documents()? {
        assert_eq!((entries.len(), approved(&entries).len()), (DOCUMENTS, DOCUMENTS), "{person}");
    }
    Ok(())
}

fn refusals_are_told(institution: &Institution, person: &str) -> Result<()> {
    let table = std::fs::read_to_string(institution.path("report/refusals.csv"))?;
    ensure!(table.starts_with('\u{FEFF}') && table.contains(&format!("\"{person}\"")), "{table}");
    let json = std::fs::read(institution.path("report/refusals.json"))?;
    let told: Vec<Value> = serde_json::from_slice(&json)?;
    ensure!(told.len() == 1 && told[0]["header"] == "保険者番号", "{told:?}");
    Ok(())
}

/// The current original comes back byte for byte (ITI-43).
fn the_original_is_retrieved(
    institution: &Institution,
    entries: &[DocumentEntry],
    expected: Vec<u8>,
) -> Result<()> {
    let is_current = |e: &&DocumentEntry| {
        e.status == Some(AvailabilityStatus::Approved)
            && e.class_code.as_ref().is_some_and(|c| c.code == "SOURCE")
    };
    let current = entries.iter().find(is_current).context("no original")?;
    let content = institution.world.content(&current.unique_id)?;
    ensure!(content == expected, "{}", String::from_utf8_lossy(&content));
    Ok(())
}

/// An export of many people.
fn many(people: usize) -> Result<Table> {
    let mut table = exports::table(2025)?;
    let row = table.row("M0002")?.clone();
    table.rows = (0..people)
        .map(|n| {
            let mut row = row.clone();
            let texts = [("受診番号", format!("K{n:04}")), ("番号", format!("{}", 10_000 + n))];
            for (column, text) in texts {
                *row.get_mut(table.column(column)?).context("no cell")? = text;
            }
            Ok(row)
        })
        .collect::<Result<_>>()?;
    Ok(table)
}

#[test]
fn a_run_that_is_killed_and_started_again_ends_as_an_undisturbed_one() -> Result<()> {
    // A debug build has not the time for more.
    const PEOPLE: usize = if cfg!(debug_assertions) { 60 } else { 200 };
    let state = |institution: &Institution| -> Result<BTreeSet<(String, String, String)>> {
        let documents = institution.documents()?;
        assert_eq!(documents.len(), PEOPLE);
        let entries: Vec<&DocumentEntry> = documents.values().flatten().collect();
        let known = |e: &&DocumentEntry| {
            let hash = e.hash.as_ref().map(ToString::to_string).unwrap_or_default();
            (e.unique_id.to_string(), hash, format!("{:?}", e.status))
        };
        let set: BTreeSet<_> = entries.iter().map(known).collect();
        assert_eq!(set.len(), entries.len(), "nothing is there twice");
        Ok(set)
    };
    let undisturbed = Institution::new()?;
    let export = many(PEOPLE)?.write(&undisturbed.path("export.csv"))?;
    let started = Instant::now();
    let (status, report) = undisturbed.submit(&export)?;
    assert_eq!((status, &report["submitted"]), (Some(0), &PEOPLE.into()), "{report}");
    let whole = started.elapsed();
    let expected = state(&undisturbed)?;
    assert_eq!(expected.len(), PEOPLE * DOCUMENTS);

    let killed = Institution::new()?;
    let arguments = killed.arguments(&export);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut kills = 0;
    // Moments spread over a run, later ones of which are shorter: they find what is there.
    for part in [0.45, 0.2, 0.35, 0.15, 0.3, 0.25, 0.4] {
        let mut child = program::start(&arguments)?;
        std::thread::sleep(whole.mul_f64(part));
        kills += u64::from(child.try_wait()?.is_none());
        child.kill()?;
        child.wait()?;
    }
    ensure!(kills > 2, "only {kills} of the runs were killed");
    let (status, report) = killed.submit(&export)?;
    assert_eq!(status, Some(0), "{report}");
    let sum = report["submitted"].as_u64().zip(report["repeated"].as_u64());
    assert_eq!(sum.map(|(new, old)| new + old), Some(PEOPLE as u64), "{report}");
    ensure!(report["repeated"].as_u64() > Some(0), "the killed runs left nothing: {report}");
    ensure!(state(&killed)? == expected, "the two registries differ");
    Ok(())
}
