//! `renkei convert`, `submit`, `query`, `retrieve` and `audit list`, as scripts use them: exit
//! statuses, JSON, files.

use crate::expect::plain;
use anyhow::{Context, Result, ensure};
use renkei_tests::world::{Caller, Kept};
use renkei_tests::{Form, Start, World, exports, program, sample};
use serde_json::Value;
use std::path::Path;
use std::process::Output;
use std::sync::{Mutex, OnceLock};

/// A house that knows announced patients only, as houses do.
fn world() -> Result<&'static World> {
    static WORLD: OnceLock<Kept> = OnceLock::new();
    static STARTING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = STARTING.lock();
    if WORLD.get().is_none() {
        let start = Start::new(Form::PLAIN).set("patient.policy=known-only");
        drop(WORLD.set(Kept::start(start)?));
    }
    Ok(WORLD.get().context("no program")?)
}

/// Runs a client command as `caller`, with a state directory of its own.
fn client(w: &World, caller: &Caller, args: &[&str]) -> Result<(i32, Value)> {
    let connect = w.renkei.connect_file()?.display().to_string();
    let identity = caller.directory.display().to_string();
    let state = state(w, caller);
    let more = ["--connect", &connect, "--identity", &identity, "--state-dir", &state, "--json"];
    let output = program::run(&[args, &more].concat())?;
    let status = output.status.code().context("no status")?;
    if output.stdout.is_empty() {
        // Shown when the test fails.
        eprintln!("{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        return Ok((status, Value::Null));
    }
    let line = String::from_utf8(output.stdout)?;
    assert_eq!(line.lines().count(), 1, "{line}");
    Ok((status, serde_json::from_str(&line)?))
}

fn state(w: &World, caller: &Caller) -> String {
    w.renkei.place().client_dir().join(format!("state-{}", caller.name)).display().to_string()
}

/// Fails unless `errors` are objects of code, severity, context and location, one with this code.
fn has_error(report: &Value, code: &str) -> Result<()> {
    let errors = report["errors"].as_array().context("no errors")?;
    for error in errors {
        for key in ["code", "severity", "context", "location"] {
            ensure!(error[key].is_string() || error[key].is_null(), "{key}: {error}");
        }
        plain(error["context"].as_str().unwrap_or_default())?;
    }
    ensure!(errors.iter().any(|e| e["code"] == code), "{code}: {report}");
    Ok(())
}

#[test]
fn a_good_export_is_submitted_once() -> Result<()> {
    let w = world()?;
    let sender = w.caller("cli-sender", &["source", "feed"])?;
    let place = tempfile::tempdir()?;
    let file = exports::good_rows(2025, 1, place.path())?.display().to_string();
    let mapping = exports::mapping().display().to_string();
    let submit = ["submit", &file, "--mapping", &mapping];
    let (status, report) = client(w, &sender, &submit)?;
    assert_eq!((status, &report["status"]), (0, &Value::from("success")), "{report}");
    assert_eq!(report["errors"], Value::Array(Vec::new()));
    assert_eq!((&report["submitted"], &report["documents"]), (&1.into(), &5.into()), "{report}");
    let (status, report) = client(w, &sender, &submit)?;
    assert_eq!(status, 0, "{report}");
    assert_eq!((&report["submitted"], &report["repeated"]), (&0.into(), &1.into()), "{report}");

    // Another certificate for the same node, or another state directory, makes no other people.
    let state = place.path().join("state").display().to_string();
    let connect = w.renkei.connect_file()?.display().to_string();
    let identity = sender.directory.display().to_string();
    let more = ["--connect", &connect, "--identity", &identity, "--state-dir", &state, "--json"];
    let output = program::run(&[&submit[..], &more].concat())?;
    let report: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!((&report["submitted"], &report["repeated"]), (&0.into(), &1.into()), "{report}");
    Ok(())
}

#[test]
fn refused_rows_and_refused_files_end_with_status_2() -> Result<()> {
    let w = world()?;
    let sender = w.caller("cli-refused", &["source", "feed"])?;
    let file = exports::export(2024).display().to_string();
    let mapping = exports::mapping().display().to_string();
    let place = tempfile::tempdir()?;
    let told = place.path().join("report").display().to_string();
    let by_file = ["submit", &file, "--mapping", &mapping, "--report", &told];
    let (status, report) = client(w, &sender, &by_file)?;
    assert_eq!((status, &report["status"]), (2, &Value::from("failure")), "{report}");
    assert_eq!(report["submitted"], Value::from(0), "one bad row refuses the file: {report}");
    let refusals = std::fs::read_to_string(place.path().join("report/refusals.csv"))?;
    ensure!(refusals.contains("\"身長\"") && refusals.contains("\"1693\""), "{refusals}");
    let records = std::fs::read_to_string(place.path().join("report/records.csv"))?;
    let columns =
        "record_no,patient_id,patient,outcome,documents,code,close_checkups,other_patients";
    assert_eq!(records, format!("{columns}\r\n"));
    ensure!(!report["errors"].as_array().context("no errors")?.is_empty(), "{report}");

    let by_row = ["submit", &file, "--mapping", &mapping, "--mode", "reject_row"];
    let (status, report) = client(w, &sender, &by_row)?;
    assert_eq!(status, 2, "{report}");
    ensure!(report["submitted"].as_u64().is_some_and(|n| n > 0), "{report}");
    let refused = report["refused_rows"].as_array().context("no rows")?;
    ensure!(!refused.is_empty(), "{report}");
    for row in refused {
        for key in ["row", "column", "code", "value", "ja", "en"] {
            ensure!(!row[key].is_null(), "{key}: {row}");
        }
        ensure!(row["code"].as_str().is_some_and(|c| c.starts_with('E')), "{row}");
    }
    Ok(())
}

#[test]
fn who_may_not_submit_is_told() -> Result<()> {
    let w = world()?;
    let consumer = w.caller("cli-stranger", &["consumer"])?;
    let place = tempfile::tempdir()?;
    let file = exports::good_rows(2023, 1, place.path())?.display().to_string();
    let mapping = exports::mapping().display().to_string();
    let (status, report) = client(w, &consumer, &["submit", &file, "--mapping", &mapping])?;
    ensure!(status == 2 || status == 1, "{status}: {report}");
    ensure!(report.is_null() || report["status"] != "success", "{report}");
    Ok(())
}

#[test]
fn what_cannot_run_ends_with_status_1() -> Result<()> {
    let w = world()?;
    let caller = w.caller("cli-wrong", &["source", "consumer"])?;
    let mapping = exports::mapping().display().to_string();
    let id = sample::new_unique_id();
    for args in [
        &["submit", "/nonexistent.csv", "--mapping", &mapping][..],
        &["submit", &mapping, "--mapping", "/nonexistent.toml"],
        &["query", "--query", "FindUnicorns"],
        &["query", "--query", "FindDocuments", "--return", "everything"],
        &["retrieve"],
        &["retrieve", id.as_str(), "--repository-id", "not an OID"],
    ] {
        let (status, report) = client(w, &caller, args)?;
        assert_eq!((status, report), (1, Value::Null), "{args:?}");
    }
    // No identity, no house.
    let place = tempfile::tempdir()?;
    let state = place.path().join("state").display().to_string();
    let connect = w.renkei.connect_file()?.display().to_string();
    let nowhere =
        ["query", "--identity", "/nonexistent", "--state-dir", &state, "--connect", &connect];
    assert_eq!(program::run(&nowhere)?.status.code(), Some(1));
    let identity = caller.directory.display().to_string();
    let url = "https://localhost:1/xds/registry";
    let gone = [
        "query",
        "--identity",
        &identity,
        "--state-dir",
        &state,
        "--registry",
        url,
        "--patient",
        "1^^^&1.2&ISO",
    ];
    let output = program::run(&gone)?;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    ensure!(output.stdout.is_empty() && !output.stderr.is_empty());
    Ok(())
}

#[test]
fn results_are_read_from_the_standard_csv_where_there_is_nothing_else() -> Result<()> {
    let w = world()?;
    let consumer = w.caller("cli-results", &["consumer"])?;
    let patient = w.patient();
    let announced = w.feed_as(&w.feed)?.send(&sample::a04(&patient, "結果", "ケッカ"))?;
    ensure!(announced.contains("MSA|AA|"), "{announced}");
    let place = tempfile::tempdir()?;
    let file = exports::good_rows(2025, 1, place.path())?.display().to_string();
    let mapping = exports::mapping().display().to_string();
    let out = place.path().join("out").display().to_string();
    program::run(&["convert", &file, "--mapping", &mapping, "--out", &out])?;
    let content = std::fs::read(Path::new(&out).join("standard.csv"))?;
    // twice, as two sources without a common reference id might send it
    for _ in 0..2 {
        w.submitted(&sample::one(&patient, &content), &[&content])?;
    }

    let cx = patient.to_string();
    let (status, full) =
        client(w, &consumer, &["results", "--patient", &cx, "--audience", "full"])?;
    assert_eq!((status, &full["found"], &full["retrieved"]), (0, &2.into(), &1.into()), "{full}");
    let rows = full["table"]["rows"].as_array().context("no rows")?;
    let height = rows.iter().find(|row| row["id"] == "height").context("no height")?;
    assert_eq!((&height["unit"], &height["name"]), (&"cm".into(), &"身長".into()), "{height}");
    ensure!(height["cells"][0]["value"].is_string(), "{height}");
    let (status, statutory) = client(w, &consumer, &["results", "--patient", &cx])?;
    assert_eq!((status, &statutory["found"]), (0, &0.into()), "not for the occupational doctor");
    Ok(())
}

#[test]
fn one_document_that_cannot_be_read_hides_no_other_year() -> Result<()> {
    let w = world()?;
    let consumer = w.caller("cli-years", &["consumer"])?;
    let patient = w.patient();
    let announced = w.feed_as(&w.feed)?.send(&sample::a04(&patient, "年次", "ネンジ"))?;
    ensure!(announced.contains("MSA|AA|"), "{announced}");
    let submit = |format: &str, scheme: &str, day: &str, content: &[u8]| {
        let mut sent = sample::one(&patient, content);
        let entry = &mut sent.entries[0];
        entry.format_code = Some(sample::coded(format, scheme, format));
        entry.service_start = Some(sample::dtm(day));
        entry.service_stop = Some(sample::dtm(day));
        w.submitted(&sent, &[content])?;
        anyhow::Ok(sent.entries[0].unique_id.to_string())
    };
    let formats = format!("{}.3", sample::ROOT);
    let foreign = |name: &str| {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../profiles/checkup/samples");
        std::fs::read(samples.join("foreign").join(name))
    };
    submit("hs037-fhir-r4", &formats, "20240520", &foreign("hospital.json")?)?;
    let broken = submit("hs037-fhir-r4", &formats, "20230512", b"{\"resourceType\":\"Bundle\"")?;
    let pdf = submit("urn:ihe:rad:PDF", "1.3.6.1.4.1.19376.1.2.3", "20220512", b"%PDF-1.7")?;

    let cx = patient.to_string();
    let (status, full) =
        client(w, &consumer, &["results", "--patient", &cx, "--audience", "full"])?;
    assert_eq!((status, &full["status"]), (3, &Value::from("partial")), "{full}");
    assert_eq!(full["table"]["dates"], Value::from(["2024-05-20"].to_vec()));
    let rows = full["table"]["rows"].as_array().context("no rows")?;
    let red = rows.iter().find(|row| row["id"] == "rbc").context("no rbc")?;
    assert_eq!(red["cells"][0]["value"], "493", "converted from 4.93 10*6/uL: {red}");
    let named = full["not_shown"].as_array().context("nothing is named")?;
    let mut named: Vec<_> = named.iter().map(|one| (&one["document"], &one["code"])).collect();
    named.sort_by_key(|(_, code)| code.to_string());
    assert_eq!(named, [(&pdf.into(), &"format".into()), (&broken.into(), &"not-json".into())]);
    has_error(&full, "not-json")
}

#[test]
fn a_consumer_asks_and_retrieves() -> Result<()> {
    let w = world()?;
    let consumer = w.caller("cli-consumer", &["consumer"])?;
    let patient = w.patient();
    ensure!(
        w.feed_as(&w.feed)?.send(&sample::a04(&patient, "検索", "ケンサク"))?.contains("MSA|AA|")
    );
    let content = "内容\r\n".repeat(100_000).into_bytes();
    let sent = sample::one(&patient, &content);
    w.submitted(&sent, &[&content])?;
    let id = sent.entries[0].unique_id.to_string();

    let cx = patient.to_string();
    let ask = ["query", "--patient", &cx, "--query", "FindDocuments"];
    let (status, answer) = client(w, &consumer, &[&ask[..], &["--return", "leaf"]].concat())?;
    assert_eq!((status, &answer["status"]), (0, &Value::from("success")), "{answer}");
    let objects = answer["objects"].as_array().context("no objects")?;
    assert_eq!(objects.len(), 1);
    assert_eq!(objects[0]["uniqueId"], Value::from(id.as_str()));
    assert_eq!(objects[0]["size"], Value::from(content.len()));
    let param = "$XDSDocumentEntryStatus=urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated";
    let (status, none) = client(w, &consumer, &[&ask[..], &["--param", param]].concat())?;
    assert_eq!((status, &none["objects"]), (0, &Value::Array(Vec::new())), "{none}");
    let (status, refs) = client(w, &consumer, &[&ask[..], &["--return", "ref"]].concat())?;
    assert_eq!((status, &refs["status"]), (0, &Value::from("success")), "{refs}");
    assert_eq!(refs["objects"][0]["id"], objects[0]["id"]);
    asks_in_other_ways(w, &consumer, &cx, &id)?;
    let both = [
        "query",
        "--query",
        "GetDocuments",
        "--param",
        "XDSDocumentEntryUniqueId=1.2.3",
        "--param",
        "XDSDocumentEntryEntryUUID=urn:uuid:00000000-0000-4000-8000-000000000000",
    ];
    let (status, failed) = client(w, &consumer, &both)?;
    assert_eq!((status, &failed["status"]), (2, &Value::from("failure")), "{failed}");
    has_error(&failed, "XDSStoredQueryParamNumber")?;

    let out = tempfile::tempdir()?;
    let to = out.path().display().to_string();
    let (status, got) = client(w, &consumer, &["retrieve", &id, "--out", &to])?;
    assert_eq!((status, &got["status"]), (0, &Value::from("success")), "{got}");
    let document = &got["documents"][0];
    let file = document["file"].as_str().context("no file")?;
    ensure!(file.ends_with(&format!("{id}.csv")), "{file} does not tell what is in it");
    ensure!(std::fs::read(file)? == content, "another content");
    assert_eq!(document["sha1"], objects[0]["hash"]);
    let unknown = sample::new_unique_id().to_string();
    let (status, got) = client(w, &consumer, &["retrieve", &id, &unknown, "--out", &to])?;
    assert_eq!((status, &got["status"]), (3, &Value::from("partial")), "{got}");
    has_error(&got, "XDSDocumentUniqueIdError")?;
    let (status, got) = client(w, &consumer, &["retrieve", &unknown, "--out", &to])?;
    assert_eq!((status, &got["status"]), (2, &Value::from("failure")), "{got}");
    // Nothing is left of what did not come.
    assert_eq!(std::fs::read_dir(out.path())?.count(), 1);

    consumer_records(w, &consumer)
}

/// Queries by their typed options, and what was submitted since.
fn asks_in_other_ways(w: &World, consumer: &Caller, cx: &str, id: &str) -> Result<()> {
    let count = |args: &[&str]| {
        let (status, answer) = client(w, consumer, args)?;
        ensure!(status == 0 && answer["status"] == "success", "{args:?}: {answer}");
        Ok(answer["objects"].as_array().context("no objects")?.len())
    };
    let of = |query| ["query", "--query", query, "--patient", cx];
    assert_eq!(count(&of("FindSubmissionSets"))?, 1);
    assert_eq!(count(&of("GetAll"))?, 3);
    assert_eq!(count(&of("FindDocumentsForMultiplePatients"))?, 1);
    assert_eq!(count(&["query", "--query", "GetDocuments", "--unique-id", id])?, 1);
    let (early, late) = ("2000-01-01", "2999-01-01T00:00:00+09:00");
    for query in ["FindDocuments", "FindSubmissionSets"] {
        assert_eq!(count(&[&of(query)[..], &["--since", early]].concat())?, 1, "{query}");
        assert_eq!(count(&[&of(query)[..], &["--since", late]].concat())?, 0, "{query}");
    }
    let references = ["--since", early, "--return", "ref"];
    assert_eq!(count(&[&of("FindDocuments")[..], &references].concat())?, 1);
    let unknown = ["--param", "XDSDocumentEntryTypo=x"];
    let (status, _) = client(w, consumer, &[&of("FindDocuments")[..], &unknown].concat())?;
    assert_eq!(status, 1, "what the query does not know is refused before it is asked");
    Ok(())
}

/// The client keeps its own side of the audit trail.
fn consumer_records(w: &World, consumer: &Caller) -> Result<()> {
    let output = program::run(&["audit", "list", "--json", "--state-dir", &state(w, consumer)])?;
    ensure!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout)?;
    let mut found = Vec::new();
    for line in text.lines() {
        let record: renkei_tests::audit::Record = serde_json::from_str(line)?;
        found.push(record.key());
    }
    found.sort();
    let count = |key: &str| found.iter().filter(|k| *k == key).count();
    assert_eq!(count("110112 ITI-18 E 0"), 16, "{found:?}");
    assert_eq!(count("110112 ITI-51 E 0"), 1, "{found:?}");
    assert_eq!(count("110112 ITI-18 E 8"), 1, "{found:?}");
    assert_eq!(count("110107 ITI-43 C 0"), 2, "{found:?}");
    assert_eq!(count("110107 ITI-43 C 8"), 2, "{found:?}");
    assert_eq!(found.len(), 23, "{found:?}");
    Ok(())
}

/// Runs `convert` into `out`.
fn convert(file: &Path, out: &Path, more: &[&str]) -> Result<Output> {
    let file = file.display().to_string();
    let mapping = exports::mapping().display().to_string();
    let out = out.display().to_string();
    let args = ["convert", &file, "--mapping", &mapping, "--out", &out, "--as-of", "2026-04-01"];
    program::run(&[&args[..], more].concat())
}

#[test]
fn a_file_set_is_made_for_a_receiver_or_refused_by_name() -> Result<()> {
    let place = tempfile::tempdir()?;
    let good = exports::good_rows(2025, 2, place.path())?;
    let out = place.path().join("out");
    let made = ["--created-at", "2026-04-01T09:00:00+09:00", "--json", "--file-set"];
    let for_insurer = ["--receiver", "00013995", "--sequence", "1"];
    let output = convert(&good, &out, &[&made[..], &for_insurer].concat())?;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!(report["file_sets"][0]["records"], Value::from(2), "{report}");
    let name = report["file_sets"][0]["folder"].as_str().context("folder")?;
    ensure!(name.ends_with("_00013995_202604011_4"), "{name}");
    for file in ["ix08_V08.xml", "su08_V08.xml", "DATA"] {
        ensure!(out.join(name).join(file).exists(), "{file}");
    }
    let wrong = ["--receiver", "00013994", "--sequence", "10"];
    let output = convert(&good, &out, &[&made[..], &wrong].concat())?;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = String::from_utf8(output.stderr)?;
    ensure!(told.contains("check digit") && told.contains("検証番号"), "{told}");
    ensure!(told.contains("同日送信回数 10"), "{told}");
    Ok(())
}

#[test]
fn conversion_says_by_its_status_what_became_of_the_file() -> Result<()> {
    let place = tempfile::tempdir()?;
    let good = exports::good_rows(2025, 2, place.path())?;
    let out = place.path().join("good");
    let output =
        convert(&good, &out, &["--documents", "--created-at", "2026-04-01T09:00:00+09:00"])?;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let findings = std::fs::read_to_string(out.join("findings.csv"))?;
    assert_eq!(findings, "row,column,code,severity,value\r\n");
    let standard = std::fs::read(out.join("standard.csv"))?;
    let hashes = std::fs::read_to_string(out.join("hashes.csv"))?;
    ensure!(hashes.starts_with("file,level,record_no,sha256\r\n"), "{hashes}");
    ensure!(hashes.contains("standard.csv,file,,"), "{hashes}");
    for record in ["1", "2"] {
        for name in ["hs037.json", "hs037-stat.json"] {
            let path = out.join("documents").join(record).join(name);
            let bundle: Value = serde_json::from_slice(&std::fs::read(path)?)?;
            assert_eq!(bundle["resourceType"], Value::from("Bundle"));
        }
    }
    // The same again is the same, octet for octet.
    let again = place.path().join("again");
    convert(&good, &again, &["--documents", "--created-at", "2026-04-01T09:00:00+09:00"])?;
    assert_eq!(std::fs::read(again.join("standard.csv"))?, standard);
    let document = Path::new("documents/1/hs037.json");
    assert_eq!(std::fs::read(again.join(document))?, std::fs::read(out.join(document))?);

    let bad = exports::export(2025);
    let out = place.path().join("file");
    assert_eq!(convert(&bad, &out, &[])?.status.code(), Some(2));
    ensure!(out.join("findings.csv").exists() && !out.join("standard.csv").exists());
    let findings = std::fs::read_to_string(out.join("findings.csv"))?;
    let rows: Vec<&str> = findings.split_terminator("\r\n").skip(1).collect();
    ensure!(!rows.is_empty() && rows.iter().all(|r| r.split(',').count() >= 5), "{findings}");
    let out = place.path().join("row");
    let output = convert(&bad, &out, &["--mode", "reject_row", "--json"])?;
    assert_eq!(output.status.code(), Some(2));
    let report: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(report["accepted"].as_u64() < report["rows"].as_u64(), "{report}");
    ensure!(out.join("standard.csv").exists());
    Ok(())
}

#[test]
fn conversion_that_cannot_run_ends_with_status_1() -> Result<()> {
    let place = tempfile::tempdir()?;
    let out = place.path().join("out");
    assert_eq!(convert(Path::new("/nonexistent.csv"), &out, &[])?.status.code(), Some(1));
    assert_eq!(convert(&exports::export(2025), &out, &["--mode", "maybe"])?.status.code(), Some(1));
    assert_eq!(convert(&exports::export(2025), &out, &["--as-of", "soon"])?.status.code(), Some(1));
    let mapping = place.path().join("map.toml");
    std::fs::write(&mapping, "profile = 3\n")?;
    let args = ["convert", &exports::export(2025).display().to_string(), "--mapping"];
    let (mapping, to) = (mapping.display().to_string(), out.display().to_string());
    let output = program::run(&[&args[..], &[&mapping, "--out", &to]].concat())?;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    ensure!(!out.join("standard.csv").exists());
    Ok(())
}
