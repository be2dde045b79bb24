//! Nothing about a person can be read in any file of the program, whatever its state, nor in its log.

use anyhow::{Context, Result, ensure};
use renkei_metadata::model::{AvailabilityStatus, ExtraSlot, LocalizedText};
use renkei_tests::leak::Texts;
use renkei_tests::process::Place;
use renkei_tests::{Form, Start, World, exports, postgres, program, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;
use std::process::Command;
use std::sync::Arc;

/// What is to be kept: about a person, and about what was found.
const SECRETS: [&str; 10] = [
    "雁金沢",
    "漣太郎",
    "カリカネザワ",
    "ｶﾘｶﾈｻﾞﾜ",
    "東京都架空区漏洩町七丁目８番",
    "090-0000-4711",
    "T-LEAK-0815",
    "19630229X",
    "HbA1c,13.37,%,判定D2",
    "要精密検査・循環器内科を受診してください",
];

#[test]
fn nothing_of_a_person_is_readable_on_sqlite() -> Result<()> {
    nothing_is_readable(Form { postgres: false, wired: true })
}

#[test]
fn nothing_of_a_person_is_readable_on_postgres() -> Result<()> {
    nothing_is_readable(Form { postgres: true, wired: false })
}

fn nothing_is_readable(form: Form) -> Result<()> {
    if form.postgres && postgres::server().is_none() {
        eprintln!("note: no PostgreSQL here, left out");
        return Ok(());
    }
    let w = World::start(Start::new(form).set("log.filter=debug"))?;
    let mut secrets: Vec<String> = SECRETS.map(str::to_owned).to_vec();
    secrets.extend(exchange(&w)?);
    let secrets = Texts::new(&secrets);
    let settings = w.renkei.settings();
    // While it runs the write-ahead logs are full; after a kill they stay; after a stop they are
    // gone. Each is looked at.
    not_readable(w.renkei.place(), &settings, &secrets)?;
    let place = w.renkei.kill()?;
    not_readable(&place, &settings, &secrets)?;
    let renkei = Start::new(form).set("log.filter=debug").go_in(Arc::clone(&place))?;
    let (status, place) = renkei.stop()?;
    ensure!(status.success());
    not_readable(&place, &settings, &secrets)
}

/// Announces, submits, asks, retrieves and gets refused; answers the ids of the patients.
fn exchange(w: &World) -> Result<Vec<String>> {
    let [family, given, kana, half, address, telephone, local, birth, result, advice] = SECRETS;
    let patient = w.patient();
    let mut ids = vec![patient.id.clone()];
    let a04 = String::from_utf8(sample::a04(&patient, family, kana))?;
    let a04 = a04.replace("太郎", given);
    ensure!(w.feed_as(&w.feed)?.send(a04.as_bytes())?.contains("MSA|AA|"));
    let refused = a04.replace("PID|||", &format!("ZZZ|||{half}")).replace("2.3.1", "2.9");
    ensure!(!w.feed_as(&w.feed)?.send(refused.as_bytes())?.contains("MSA|AA|"));

    let content = format!("{family}　{given},{half},{address},{result},{advice}\r\n");
    // More than one chunk.
    let content = content.repeat(3_000).into_bytes();
    let mut sent = sample::one(&patient, &content);
    let entry = &mut sent.entries[0];
    entry.title = Some(LocalizedText::ja(format!("{family} {given} 様 健診結果")));
    entry.comments = Some(LocalizedText::ja(advice));
    entry.source_patient_id = Some(format!("{local}^^^&1.2.392.1&ISO"));
    entry.source_patient_info = vec![
        format!("PID-3|{local}^^^&1.2.392.1&ISO"),
        format!("PID-5|{family}^{given}^^^^^L^I"),
        format!("PID-11|{address}"),
        format!("PID-13|{telephone}"),
    ];
    entry.authors[0].person = Some(format!("1^{family}^{given}"));
    entry.extra = vec![ExtraSlot { name: "urn:example-jp:x".into(), values: vec![result.into()] }];
    sent.submission_set.comments = Some(LocalizedText::ja(advice));
    w.submitted(&sent, &[&content])?;
    ensure!(w.content(&sent.entries[0].unique_id)? == content);
    w.documents_of(&patient)?;
    let by_author = QueryBuilder::find_documents(&patient, &AvailabilityStatus::ALL)
        .set("$XDSDocumentEntryAuthorPerson", [format!("%{family}%")]);
    assert_eq!(w.entries(by_author)?.len(), 1);

    // Refusals, by the repository and by the registry, for a patient of their own.
    let other = w.patient();
    ids.push(other.id.clone());
    let mut wrong = sent.clone();
    wrong.submission_set.unique_id = sample::new_oid();
    wrong.submission_set.patient_id = Some(other.clone());
    wrong.entries[0].source_patient_info.push(format!("PID-7|{birth}"));
    wrong.entries[0].service_start = Some(sample::dtm("2099"));
    ensure!(w.submit(&wrong, &[&content])?.status == Status::Failure);
    ensure!(w.submit(&wrong, &[b"other"])?.status == Status::Failure);
    let query =
        QueryBuilder::find_documents(&other, &[]).set("$XDSDocumentEntryCreationTimeFrom", [birth]);
    ensure!(w.query(&query.build())?.status == Status::Failure);
    Ok(ids)
}

/// Fails if a secret can be read in the data directory, in the log, or in a database.
fn not_readable(place: &Place, settings: &[String], secrets: &Texts) -> Result<()> {
    let files = secrets.not_below(&place.data_dir())?;
    ensure!(files > 8, "only {files} files were looked at");
    let log = std::fs::read(place.log())?;
    ensure!(String::from_utf8_lossy(&log).contains("ready"), "no log");
    secrets.not_in(&log, "the log")?;
    for setting in settings {
        if let Some((name, url)) = setting.split_once('=')
            && url.starts_with("postgres")
        {
            let dump = Command::new("pg_dump").args(["--inserts", "--dbname", url]).output()?;
            ensure!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
            ensure!(dump.stdout.len() > 1000, "{name} is empty");
            secrets.not_in(&dump.stdout, name)?;
        }
    }
    Ok(())
}

#[test]
fn nothing_of_the_sample_people_is_readable() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN).set("patient.policy=known-only"))?;
    let sender = w.caller("sender", &["source", "feed"])?;
    let connect = w.renkei.connect_file()?.display().to_string();
    let state = w.renkei.place().client_dir().join("state");
    let mut said = Vec::new();
    for year in [2023, 2024, 2025] {
        let output = program::run(&[
            "submit",
            &exports::export(year).display().to_string(),
            "--mapping",
            &exports::mapping().display().to_string(),
            "--mode",
            "reject_row",
            "--connect",
            &connect,
            "--identity",
            &sender.directory.display().to_string(),
            "--state-dir",
            &state.display().to_string(),
            "--json",
        ])?;
        let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        ensure!(report["submitted"].as_u64().context("no count")? > 0, "{report}");
        said.extend(output.stderr);
    }
    let texts = secrets()?;
    ensure!(texts.len() > 50, "only {} texts", texts.len());
    let texts = Texts::new(&texts);
    texts.not_in(&said, "what submit said")?;
    texts.not_below(&state)?;
    let place = w.renkei.kill()?;
    texts.not_below(&place.data_dir())?;
    texts.not_in(&std::fs::read(place.log())?, "the log")
}

/// Names, kana, addresses and results of the sample people, long enough not to occur by chance.
fn secrets() -> Result<Vec<String>> {
    let people = exports::values(&["カナ氏名", "漢字氏名", "住所"])?;
    // A name may be written without its blank.
    let parts = people.iter().flat_map(|t| t.split([' ', '\u{3000}']).map(str::to_owned));
    let mut texts: Vec<String> = parts.filter(|t| t.len() >= 6).collect();
    texts.extend(people);
    let results = exports::values(&["体重", "腹囲", "ＨｂＡ１ｃ", "既往歴", "医師所見", "心電図"])?;
    // What is common vocabulary may stand in a table of codes.
    texts.extend(results.into_iter().filter(|t| t.chars().count() >= 6 || t.contains('．')));
    texts.sort();
    texts.dedup();
    Ok(texts)
}
