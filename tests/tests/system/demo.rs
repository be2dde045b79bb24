//! `renkei demo`: what a newcomer sees.

use anyhow::{Context, Result, ensure};
use renkei_tests::{audit, program};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The communities of the picture.
const MINATO: &str = "みなとPHR（架空）";
const NAGISA: &str = "なぎさPHR（架空）";
const MOEGI: &str = "もえぎ地域連携ネットワーク（架空）";

/// Runs it once; answers its one JSON object.
fn demo(data_dir: &Path) -> Result<Value> {
    let data_dir = data_dir.display().to_string();
    let output = program::run(&["demo", "--once", "--json", "--data-dir", &data_dir])?;
    ensure!(output.status.code() == Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    assert_eq!(text.lines().count(), 1, "{text}");
    Ok(serde_json::from_str(&text)?)
}

#[test]
fn the_second_run_finds_repeats_and_adds_nothing() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("community");
    let first = demo(&data)?;
    let keys: Vec<&str> =
        first.as_object().context("no object")?.keys().map(String::as_str).collect();
    let expected = [
        "submitted",
        "repeated",
        "documents",
        "refused_rows",
        "queried",
        "retrieved",
        "verified",
        "audit_records",
        "seconds",
        "endpoints",
        "data_dir",
        "institutions",
        "followed",
        "communities",
    ];
    assert_eq!(keys, expected);
    let number = |value: &Value, key: &str| value[key].as_u64().unwrap_or_default();
    let submitted = number(&first, "submitted");
    ensure!(submitted > 0 && number(&first, "repeated") == 0, "{first}");
    // The original row, the record, the Bundles of all and of the statutory items, the CDA document;
    // 特定健診 has no such extract.
    let specific = 5;
    assert_eq!(number(&first, "documents"), 5 * submitted - specific);
    for key in ["queried", "retrieved", "verified"] {
        assert_eq!(number(&first, key), 5, "one person, five years, three communities: {key}");
    }
    three_dialects_arrive(&first)?;
    one_person_is_followed(&first["followed"])?;
    three_communities_are_asked(&first, submitted)?;
    refused_rows_say_what_is_wrong(&first)?;
    ensure!(first["seconds"].as_f64().is_some_and(|s| s > 0.0 && s < 60.0), "{first}");
    for key in ["registry", "repository", "patient_feed", "admin"] {
        ensure!(first["endpoints"][key].is_string(), "{key}");
    }

    let second = demo(&data)?;
    assert_eq!(number(&second, "submitted"), 0, "{second}");
    assert_eq!(number(&second, "documents"), 0);
    assert_eq!(number(&second, "repeated"), submitted);
    assert_eq!(second["refused_rows"], first["refused_rows"]);
    assert_eq!(second["followed"], first["followed"]);
    for key in ["queried", "retrieved", "verified"] {
        assert_eq!(second[key], first[key]);
    }
    for (n, community) in first["communities"].as_array().context("none")?.iter().enumerate() {
        let again = &second["communities"][n];
        assert_eq!((number(again, "submitted"), &again["repeated"]), (0, &community["submitted"]));
        for key in ["name", "home", "patient", "documents", "stopped"] {
            assert_eq!(again[key], community[key], "{again}");
        }
    }
    ensure!(number(&second, "audit_records") > number(&first, "audit_records"));

    let records = audit::list(&data, &[])?;
    let provided = records.iter().filter(|r| r.key() == "110107 ITI-41 C 0").count();
    assert_eq!(provided as u64, submitted);
    // Each of the others was asked as whom it knows the person once in each run, for both questions of the doctor;
    // in the second run the feed describes the person anew.
    let found = records.iter().filter(|r| r.key() == "110112 ITI-55 E 0").count();
    assert_eq!(found, 2 * 2);
    nobody_is_entered(&data)?;
    // The last record is ours: somebody looked. The one before it is the end of the second run.
    // Nothing failed but the question to the community that was stopped, once in each run, and the doctor's
    // for a document that is not there for the doctor, on both sides.
    let failed: Vec<_> = records.iter().filter(|r| r.outcome != 0).collect();
    let (across, asked): (Vec<_>, Vec<_>) =
        failed.into_iter().partition(|r| r.event_type.as_deref() == Some("ITI-38"));
    ensure!(across.len() == 2, "{across:?}");
    let (hidden, asked): (Vec<_>, Vec<_>) =
        asked.into_iter().partition(|r| r.event_type.as_deref() == Some("ITI-43"));
    let refused = |r: &&audit::Record| {
        r.description.as_deref().is_some_and(|codes| codes.contains("XDSDocumentUniqueIdError"))
    };
    ensure!(hidden.len() == 2 * 2 && hidden.iter().all(refused), "{hidden:?}");
    let partly = |r: &&audit::Record| {
        r.event_type.as_deref() == Some("ITI-18")
            && r.description.as_deref() == Some("XDSUnavailableCommunity")
    };
    ensure!(!asked.is_empty() && asked.iter().all(partly), "{asked:?}");
    Ok(())
}

/// Who serves this community later asks none of those that are gone.
fn nobody_is_entered(data_dir: &Path) -> Result<()> {
    let data_dir = data_dir.display().to_string();
    let output = program::run(&["community", "list", "--json", "--data-dir", &data_dir])?;
    let listed: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!(listed["communities"], Value::Array(Vec::new()), "{listed}");
    Ok(())
}

fn three_dialects_arrive(report: &Value) -> Result<()> {
    let institutions = report["institutions"].as_array().context("no institutions")?;
    let dialect = |i: &Value| {
        let about = &i["about"];
        (about["encoding"].clone(), about["headers"].clone(), about["programme"].clone())
    };
    let found: Vec<_> = institutions.iter().map(dialect).collect();
    let expected = [("Shift_JIS", "ja", "030"), ("UTF-8", "en", "030"), ("UTF-8", "ja", "010")];
    assert_eq!(found, expected.map(|(e, h, p)| (e.into(), h.into(), p.into())));
    for institution in institutions {
        let exports = institution["exports"].as_array().context("no exports")?;
        ensure!(exports.iter().all(|e| e["submitted"].as_u64() > Some(0)), "{institution}");
    }
    Ok(())
}

/// Two PHR operators and a regional network; the last is stopped in the end, and the doctor is told.
fn three_communities_are_asked(report: &Value, submitted: u64) -> Result<()> {
    let communities = report["communities"].as_array().context("no communities")?;
    let names: Vec<&str> = communities.iter().filter_map(|c| c["name"].as_str()).collect();
    assert_eq!(names, [MINATO, NAGISA, MOEGI]);
    let counted =
        |key: &str| -> Vec<Option<u64>> { communities.iter().map(|c| c[key].as_u64()).collect() };
    assert_eq!(counted("documents"), [Some(3), Some(1), Some(1)]);
    assert_eq!(counted("submitted"), [Some(submitted), Some(2), Some(2)]);
    let mut homes: Vec<&str> = communities.iter().filter_map(|c| c["home"].as_str()).collect();
    homes.sort_unstable();
    homes.dedup();
    ensure!(homes.len() == 3 && homes.iter().all(|h| h.starts_with("urn:oid:")), "{homes:?}");
    let patients = communities.iter().filter_map(|c| c["patient"].as_str()?.split_once("^^^"));
    let (mut ids, mut authorities): (Vec<&str>, Vec<&str>) = patients.unzip();
    for of_each in [&mut ids, &mut authorities] {
        of_each.sort_unstable();
        of_each.dedup();
        ensure!(of_each.len() == 3, "each knows the person by an id of its own: {of_each:?}");
    }
    let all = |key: &str, value: [bool; 3]| {
        let found: Vec<Option<bool>> = communities.iter().map(|c| c[key].as_bool()).collect();
        assert_eq!(found, value.map(Some), "{key}");
    };
    all("answered", [true; 3]);
    all("stopped", [false, false, true]);
    let stopped = &communities[2]["when_stopped"];
    assert_eq!(stopped["documents"], 4, "{stopped}");
    let told = stopped["told"].as_array().context("nothing told")?;
    ensure!(told.len() == 1, "{stopped}");
    let told = told[0].as_str().unwrap_or_default();
    ensure!(told.contains(MOEGI) && told.contains("この結果に含まれていません"), "{told}");
    crate::expect::plain(told)
}

/// The doctor sees the 事業者健診 of four institutions in three communities, the person all of their own.
fn one_person_is_followed(followed: &Value) -> Result<()> {
    let minato = "みなと健診プラザ（架空）";
    let hamakaze = "はまかぜ巡回健診（架空）";
    let hibari = "ひばり坂クリニック（架空）";
    let doctor = &followed["statutory"]["institutions"];
    let expected =
        ["もえぎ町診療所（架空）", "なぎさ健診センター（架空）", minato, hamakaze, minato];
    assert_eq!(*doctor, Value::from(expected.to_vec()), "{followed}");
    let communities = &followed["statutory"]["communities"];
    assert_eq!(*communities, Value::from([MOEGI, NAGISA, MINATO, MINATO, MINATO].to_vec()));
    // Four checkups, three of them by the employer: the originals, records, Bundles and CDA documents.
    ensure!(followed["hidden"].as_u64().is_some_and(|n| n > 10), "{followed}");
    let person = &followed["full"];
    let all = [minato, hamakaze, minato, hibari].to_vec();
    assert_eq!(person["institutions"], Value::from(all), "{followed}");
    assert_eq!(person["verified"], Value::from(4));
    // the same four in one document
    let sources = followed["years"]["sources"].as_array().map(Vec::len);
    assert_eq!(sources, Some(4), "{followed}");
    Ok(())
}

fn refused_rows_say_what_is_wrong(report: &Value) -> Result<()> {
    let rows = report["refused_rows"].as_array().context("no rows")?;
    ensure!(!rows.is_empty(), "some rows are planted broken");
    for row in rows {
        let keys: Vec<&str> =
            row.as_object().context("no object")?.keys().map(String::as_str).collect();
        assert_eq!(keys, ["institution", "row", "column", "code", "value", "ja", "en"]);
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        ensure!(text("code").starts_with('E'), "{row}");
        crate::expect::plain(&format!("{} / {}", text("ja"), text("en")))?;
        let value = text("value");
        ensure!(text("ja").contains(value) && text("en").contains(value), "{row}");
        ensure!(row["row"].as_u64().is_some_and(|n| n > 0), "{row}");
    }
    Ok(())
}

#[test]
fn people_get_a_table_and_may_stay() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("community").display().to_string();
    let mut child = program::start(&["demo", "--data-dir", &data])?;
    let out = BufReader::new(child.stdout.take().context("no output")?);
    let mut said = String::new();
    let mut stays = false;
    for line in out.lines() {
        said += &line?;
        said.push('\n');
        if said.contains("Ctrl-C") {
            stays = true;
            break;
        }
    }
    ensure!(stays, "it ended by itself:\n{said}");
    for told in [
        "https://localhost:",
        "2023",
        "2024",
        "2025",
        "minato",
        "hamakaze",
        "hibari",
        "Shift_JIS",
        NAGISA,
        MOEGI,
        "この結果に含まれていません",
        "found by ITI-55",
    ] {
        ensure!(said.contains(told), "{told} is not in:\n{said}");
    }
    let read = the_results_name_the_communities(place.path(), &said);
    let status = program::end_with(&mut child, "INT")?;
    assert_eq!(status.code(), Some(0));
    read?;
    nobody_is_entered(&place.path().join("community"))
}

/// With another program, as a doctor whose certificate was issued now.
fn the_results_name_the_communities(place: &Path, said: &str) -> Result<()> {
    let path = |name: &str| place.join(name).display().to_string();
    let (data, identity, state) = (path("community"), path("reader"), path("state"));
    let issue = ["pki", "issue", "--data-dir", &data, "--name", "reader", "--role", "consumer"];
    let more = ["--scope", "domain", "--out", &identity];
    let output = program::run(&[&issue[..], &more].concat())?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let last = |of: &str| {
        let line = said.lines().find(|line| line.contains(of)).with_context(|| of.to_owned())?;
        line.split_whitespace().last().context("nothing behind it")
    };
    let (patient, gateway) = (last("one person followed")?, last("ゲートウェイ / gateway")?);
    let connect = path("reader/connect.json");
    let words = ["results", "--patient", patient, "--connect", &connect, "--identity", &identity];
    let more = ["--state-dir", &state, "--registry", gateway, "--repository", gateway];
    let words = [&words[..], &more].concat();
    let until = Instant::now() + Duration::from_secs(30);
    let report = loop {
        let output = program::run(&[&words[..], &["--json"]].concat())?;
        let report: Value = serde_json::from_slice(&output.stdout)?;
        // The one that was stopped is there again, as soon as its new port is noticed.
        if report["status"] == "success" || Instant::now() > until {
            break report;
        }
        std::thread::sleep(Duration::from_millis(500));
    };
    let columns = report["table"]["columns"].as_array().context("no columns")?;
    let named: Vec<&str> = columns.iter().filter_map(|c| c["community"].as_str()).collect();
    let own = "自コミュニティ / own";
    assert_eq!(named, [MOEGI, NAGISA, own, own, own], "{report}");
    ensure!(columns.iter().all(|c| c["home"].is_string()), "{report}");
    let output = program::run(&words)?;
    let text = String::from_utf8_lossy(&output.stdout).replace([' ', '\n'], "");
    for name in ["もえぎ", "なぎさPHR", "自コミュニティ"] {
        ensure!(text.contains(name), "{name} is not in:\n{text}");
    }
    Ok(())
}

/// What is left of one that was killed is put right by whatever starts there next.
#[test]
fn a_demonstration_that_was_killed_leaves_nobody_entered() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("community");
    killed_once_entered(&data)?;
    ensure!(data.join("communities/.demo").exists(), "it was not killed in time");
    ensure!(!entered(&data)?.is_empty(), "nobody was entered");
    // The others are other houses now: those of before are not asked by anybody.
    std::fs::remove_dir_all(data.join("demo"))?;
    let report = demo(&data)?;
    three_communities_are_asked(&report, report["submitted"].as_u64().context("none")?)?;
    nobody_is_entered(&data)?;

    killed_once_entered(&data)?;
    ensure!(entered(&data)?.len() == 2, "{:?}", entered(&data)?);
    let data_dir = data.display().to_string();
    let ports = ["systems", "people", "mllp", "admin"].map(|of| format!("listen.{of}=127.0.0.1:0"));
    let sets = ports.iter().flat_map(|port| ["--set", port.as_str()]);
    let words: Vec<&str> = ["serve", "--data-dir", &data_dir].into_iter().chain(sets).collect();
    let mut child = program::start(&words)?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
    let status = program::end_with(&mut child, "TERM")?;
    ensure!(status.success() && line.contains("\"ready\":true"), "{status} {line}");
    nobody_is_entered(&data)
}

/// Kills a demonstration that has entered the others.
fn killed_once_entered(data: &Path) -> Result<()> {
    let mut child = program::start(&["demo", "--data-dir", &data.display().to_string()])?;
    let until = Instant::now() + Duration::from_secs(30);
    while entered(data)?.len() < 2 {
        ensure!(Instant::now() < until, "nobody is entered");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// The files of the communities that are entered.
fn entered(data: &Path) -> Result<Vec<PathBuf>> {
    let Ok(folder) = std::fs::read_dir(data.join("communities")) else { return Ok(Vec::new()) };
    let paths = folder.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    Ok(paths.into_iter().filter(|path| path.extension().is_some_and(|e| e == "toml")).collect())
}

/// Whoever interrupts it in the middle finds it closed in order, and can go on.
#[test]
fn an_interruption_closes_everything() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("community");
    let words = data.display().to_string();
    let mut child = program::start(&["demo", "--data-dir", &words])?;
    let until = Instant::now() + Duration::from_secs(30);
    while !data.join("databases/registry.sqlite").exists() {
        ensure!(Instant::now() < until, "it does not start");
        std::thread::sleep(Duration::from_millis(5));
    }
    let status = program::end_with(&mut child, "INT")?;
    assert_eq!(status.code(), Some(1), "it was killed rather than closed");
    demo(&data).map(drop)
}

#[test]
fn what_keeps_it_from_running_is_told() -> Result<()> {
    let place = tempfile::tempdir()?;
    let file = place.path().join("file");
    std::fs::write(&file, "")?;
    let output =
        program::run(&["demo", "--once", "--json", "--data-dir", &file.display().to_string()])?;
    assert_eq!(output.status.code(), Some(1));
    ensure!(output.stdout.is_empty() && !output.stderr.is_empty(), "{output:?}");
    Ok(())
}
