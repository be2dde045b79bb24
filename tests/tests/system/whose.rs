//! Whose results these are: one person over two institutions, a change of insurer, a marriage and a clerical error,
//! from the feed to the results, by the commands that an institution, an insurer and a clerk have.

use crate::forms::by_form;
use anyhow::{Context, Result, ensure};
use renkei_tests::{Form, Start, World, program};
use serde_json::Value;
use std::path::{Path, PathBuf};

on_every_database! { by by_form:
    one_person_is_followed_over_institutions_insurers_a_marriage_and_a_mistake
    what_a_file_says_is_fed_found_and_asked_for
}

/// The two institutions, and by whose numbers each may ask (HS037: the institution number behind the arc).
const CENTRE: (&str, &str) = ("centre", "2399900576");
const CLINIC: (&str, &str) = ("clinic", "1319900013");
const NUMBERS: &str = "1.2.392.100495.20.3.51.1";

/// Somebody who works with the house by commands.
pub(crate) struct Desk<'w> {
    world: &'w World,
    place: &'w Path,
    pub(crate) name: &'static str,
    identity: PathBuf,
}

impl<'w> Desk<'w> {
    fn new(world: &'w World, place: &'w Path, name: &'static str, roles: &[&str]) -> Result<Self> {
        let identity = world.renkei.identities().issue(name, roles)?;
        Ok(Self::with(world, place, name, identity))
    }

    /// With an identity that it has.
    pub(crate) fn with(
        world: &'w World,
        place: &'w Path,
        name: &'static str,
        identity: PathBuf,
    ) -> Self {
        Self { world, place, name, identity }
    }

    /// Where its certificate and its key are.
    pub(crate) fn identity(&self) -> &Path {
        &self.identity
    }

    /// Runs a command; its status, and what it says to machines and to people.
    pub(crate) fn run(&self, words: &[&str]) -> Result<(i32, Value, String)> {
        let connect = self.world.renkei.connect_file()?.display().to_string();
        let identity = self.identity.display().to_string();
        let state = self.place.join(format!("state-{}", self.name)).display().to_string();
        let more =
            ["--connect", &connect, "--identity", &identity, "--state-dir", &state, "--json"];
        let output = program::run(&[words, &more].concat())?;
        let said = String::from_utf8(output.stderr)?;
        let told = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        Ok((output.status.code().context("no status")?, told, said))
    }

    pub(crate) fn done(&self, words: &[&str]) -> Result<Value> {
        let (status, told, said) = self.run(words)?;
        ensure!(status == 0, "{words:?}: {status} {told} {said}");
        Ok(told)
    }
}

/// A checkup as an institution exports it.
struct Checkup<'a> {
    number: &'a str,
    card: [&'a str; 4],
    kana: &'a str,
    kanji: &'a str,
    born: &'a str,
    day: &'a str,
}

/// Card, kana, kanji and birth of the person before anything changes.
const FIRST: Checkup<'_> = Checkup {
    number: "A-1",
    card: ["06139463", "札01", "81153", "00"],
    kana: "ヤハギ ハナコ",
    kanji: "矢作 花子",
    born: "1975-04-12",
    day: "2023-05-10",
};
const MARRIED: Checkup<'_> = Checkup {
    number: "B-7",
    card: ["06139992", "17", "4021", "00"],
    kana: "スズキ ハナコ",
    kanji: "鈴木 花子",
    day: "2025-05-20",
    ..FIRST
};

/// Submits one checkup as an institution; its patient id, and who said it: told, or hashed.
fn submit(desk: &Desk<'_>, institution: &str, checkup: &Checkup<'_>) -> Result<(String, Value)> {
    let Checkup { number, card: [insurer, symbol, card, branch], kana, kanji, born, day } = checkup;
    let export = format!(
        "ID,保険者番号,記号,番号,枝番,カナ,氏名,性別,生年月日,受診日,身長,体重\r\n\
         {number},{insurer},{symbol},{card},{branch},{kana},{kanji},女,{born},{day},158.2,52.4\r\n"
    );
    submitted(desk, institution, day, &export)
}

/// Submits an export of one checkup of this day; the patient id, and who said it: told, or hashed.
pub(crate) fn submitted(
    desk: &Desk<'_>,
    institution: &str,
    day: &str,
    export: &str,
) -> Result<(String, Value)> {
    let file = desk.place.join(format!("{}-{day}.csv", desk.name));
    std::fs::write(&file, export)?;
    let mapping = desk.place.join(format!("{institution}.toml"));
    std::fs::write(&mapping, mapped(institution, export.contains(EMPLOYER)))?;
    let report = desk.place.join(format!("report-{}-{day}", desk.name));
    let told = desk.done(&[
        "submit",
        &file.display().to_string(),
        "--mapping",
        &mapping.display().to_string(),
        "--report",
        &report.display().to_string(),
        "--as-of",
        "2025-12-31",
    ])?;
    let records = std::fs::read_to_string(report.join("records.csv"))?;
    let row = records.lines().nth(1).context("no record")?;
    let patient = row.split(',').nth(2).context("no patient")?;
    Ok((patient.to_owned(), told["patient_ids"].clone()))
}

/// The column of who employs the person, which not every export has.
const EMPLOYER: &str = "事業所コード";

/// The columns of the export.
fn mapped(institution: &str, has_employer: bool) -> String {
    let mut text = format!(
        "map_version = \"1.0.0\"\nprofile = \"kcsv/1.0.0\"\n[source]\nencoding = \"utf-8\"\n[const]\n\
         report_category = \"40\"\nprogram_code = \"030\"\ninst_no = \"{institution}\"\ninst_name = \"架空健診センター\"\n"
    );
    for (from, to, kind) in [
        ("ID", "patient_id", "text"),
        ("保険者番号", "insurer_no", "text"),
        ("記号", "card_symbol", "text"),
        ("番号", "card_number", "text"),
        ("枝番", "card_branch", "text"),
        ("カナ", "name_kana", "kana"),
        ("氏名", "name_kanji", "name"),
        ("生年月日", "birth_date", "date"),
        ("受診日", "exam_date", "date"),
        ("身長", "height", "num"),
        ("体重", "weight", "num"),
    ] {
        text.push_str(&format!("[[col]]\nfrom = \"{from}\"\nto = \"{to}\"\nas = \"{kind}\"\n"));
    }
    if has_employer {
        let column =
            format!("[[col]]\nfrom = \"{EMPLOYER}\"\nto = \"employer_code\"\nas = \"text\"\n");
        text.push_str(&column);
    }
    text.push_str("[[col]]\nfrom = \"性別\"\nto = \"sex\"\nas = \"term\"\nvocab = \"sex\"\n");
    text.push_str("[vocab.sex]\n\"男\" = \"男\"\n\"女\" = \"女\"\n");
    text
}

/// What a command of the clerk says.
fn clerk(w: &World, user: &str, words: &[&str]) -> Result<Value> {
    let data = w.renkei.place().data_dir().display().to_string();
    let (command, rest) = words.split_first().context("no command")?;
    let settings = w.renkei.settings();
    let sets: Vec<&str> = settings.iter().flat_map(|s| ["--set", s.as_str()]).collect();
    let words = [&["patient", command, "--data-dir", &data, "--json"], rest, &sets].concat();
    let output = program::run_as(user, &words)?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn one_person_is_followed_over_institutions_insurers_a_marriage_and_a_mistake(
    form: Form,
) -> Result<()> {
    let domains =
        [CENTRE, CLINIC].map(|(name, number)| format!("{name}={NUMBERS}{number}")).join(",");
    let start = Start::new(form).set("patient.policy=known-only");
    let w = World::start(start.set(&format!("identity.source_domains={domains}")))?;
    let place = tempfile::tempdir()?;
    let desk = |name, roles: &[&str]| Desk::new(&w, place.path(), name, roles);
    let centre = desk(CENTRE.0, &["source", "feed"])?;
    let clinic = desk(CLINIC.0, &["source", "feed"])?;
    let insurer = desk("insurer", &["consumer"])?;

    // Nobody knows her: the keyed hash is her id. A second institution is told of it by her card.
    let (patient, ids) = submit(&centre, CENTRE.1, &FIRST)?;
    ensure!(ids["hashed"] == 1 && ids["told"] == 0 && ids["not_asked"].is_null(), "{ids}");
    let second = Checkup { number: "B-7", day: "2024-05-15", ..FIRST };
    let (same, ids) = submit(&clinic, CLINIC.1, &second)?;
    ensure!(same == patient && ids["told"] == 1, "{same} {ids}");

    // Another insurer and another name: each institution knows her by its own number.
    let (same, ids) = submit(&clinic, CLINIC.1, &MARRIED)?;
    ensure!(same == patient && ids["told"] == 1, "{same} {ids}");
    let at_centre = Checkup { number: "A-1", day: "2025-06-01", ..MARRIED };
    let (same, ids) = submit(&centre, CENTRE.1, &at_centre)?;
    ensure!(same == patient && ids["told"] == 1, "{same} {ids}");

    // A date of birth mistyped under a new number is nobody whom rules alone know.
    let mistyped = Checkup { number: "A-9", born: "1975-12-04", day: "2025-11-05", ..MARRIED };
    let (other, ids) = submit(&centre, CENTRE.1, &mistyped)?;
    ensure!(other != patient && ids["hashed"] == 1, "{other} {ids}");

    // A number that another one had is nobody's: what is filed would go to her.
    let taken = Checkup {
        number: "A-1",
        card: ["06139992", "18", "77", "00"],
        kana: "タナカ ケイコ",
        kanji: "田中 圭子",
        born: "1990-01-31",
        day: "2025-11-06",
    };
    let error = submit(&centre, CENTRE.1, &taken).err().context("was filed")?.to_string();
    ensure!(error.contains("patient-number-taken"), "{error}");

    // The insurer asks by the card, and says whom it found.
    let card =
        ["--insurer", "06139463", "--symbol", "札０１", "--number", "81153", "--branch", "00"];
    let (status, told, said) =
        insurer.run(&[&["results", "--audience", "full"], &card[..]].concat())?;
    ensure!(status == 0 && told["patient"]["id"] == patient.as_str(), "{told} {said}");
    ensure!(told["patient"]["birthDate"] == "19750412" && said.is_empty(), "{told} {said}");
    let married = insurer.done(&["patient", "find", "--kana", "スズキ ハナコ"])?;
    ensure!(married["total"] == 2, "she, and whom a mistake made of her: {married}");
    ensure!(
        told["table"]["dates"].as_array().map(Vec::len) == Some(4),
        "{}",
        told["table"]["dates"]
    );

    // A clerk sees the pair, and two people have the ids merged.
    let waiting = clerk(&w, "clerk", &["review"])?;
    ensure!(waiting["waiting"].as_u64().is_some_and(|n| n > 0), "{waiting}");
    clerk(&w, "clerk", &["link", &other, &patient])?;
    let (status, told, _) = insurer.run(&[&["query"], &card[..]].concat())?;
    ensure!(status == 2 && told["errors"][0]["code"] == "person-with-several-ids", "{told}");
    clerk(&w, "clerk", &["merge", &other, &patient])?;
    let feed = format!("localhost:{}", w.feed_port()?);
    clerk(&w, "chief", &["merge", "--confirm", "--patient-feed", &feed, &other, &patient])?;
    let told = insurer.done(&[&["results", "--audience", "full"], &card[..]].concat())?;
    // What the mistake says of her stands apart, until its source corrects it.
    let others = &told["others"][0]["table"]["dates"];
    ensure!(told["found"] == 10 && others[0] == "2025-11-05", "{told}");
    let remarks = told["remarks"].as_array().context("no remarks")?;
    ensure!(remarks.iter().any(|remark| remark["code"] == "other-person"), "{told}");

    // What was given up is said, and leads on.
    let (status, told, _) = insurer.run(&["query", "--patient", &other])?;
    ensure!(status == 0 && told["errors"][0]["code"] == "XDSUnknownPatientId", "{told}");
    ensure!(told["errors"][0]["severity"] == "warning", "{told}");
    let told = insurer.done(&["patient", "xref", &format!("A-1^^^&{NUMBERS}{}&ISO", CENTRE.1)])?;
    let ids = told["identifiers"].as_array().context("no identifiers")?;
    ensure!(ids.contains(&Value::from(patient.clone())), "{told}");
    ensure!(ids.iter().any(|id| id.as_str().is_some_and(|id| id.starts_with("B-7^"))), "{told}");
    Ok(())
}

fn what_a_file_says_is_fed_found_and_asked_for(form: Form) -> Result<()> {
    let w = World::start(Start::new(form).set("patient.policy=known-only"))?;
    let place = tempfile::tempdir()?;
    let feed = Desk::new(&w, place.path(), "desk-feed", &["feed"])?;
    let doctor = Desk::new(&w, place.path(), "desk-doctor", &["consumer"])?;
    let (own, insured) = (&w.renkei.ready.assigning_authority, &w.renkei.ready.insured_authority);
    let message = |n: u8, given: &str, born: &str, id: &str| {
        format!(
            "MSH|^~\\&|APP|FAC|REG|HUB|20260401||ADT^A04^ADT_A01|{n}|P|2.3.1|||||||UNICODE UTF-8\nEVN|A04|20260401\n\
             PID|||{id}^^^&{own}&ISO~06139463:札01:81153:0{n}^^^&{insured}&ISO~K{n}^^^&2.999.5&ISO||\
             架空^{given}^^^^^L^I~カクウ^{given}^^^^^L^P||{born}|F\n"
        )
    };
    let file = place.path().join("people.hl7");
    let people = [
        message(1, "アキ", "19750412", "P-1"),
        message(2, "アキコ", "20010203", "P-2"),
        "MSH|^~\\&|APP|FAC|REG|HUB|20260401||ADT^A04^ADT_A01|3|P|2.3.1\nEVN|A04|20260401\n"
            .to_owned(),
    ];
    std::fs::write(&file, people.concat())?;
    let (status, told, _) = feed.run(&["patient", "feed", &file.display().to_string()])?;
    ensure!(status == 3 && told["accepted"] == 2, "{told}");
    let refused = told["messages"][2]["text"].as_str().context("no text")?;
    ensure!(refused.contains("PID") && !refused.is_empty(), "{told}");

    let find = |words: &[&str]| doctor.run(&[&["patient", "find"], words].concat());
    let first = |told: &Value| told["persons"][0]["identifiers"][0].as_str().map(str::to_owned);
    let cx = |id: &str| Some(format!("{id}^^^&{own}&ISO"));
    let (status, told, _) = find(&["--kana", "カクウ アキ", "--birth-date", "1975-04-12"])?;
    ensure!(status == 0 && told["total"] == 1 && first(&told) == cx("P-1"), "{told}");
    let (_, told, _) = find(&["--kana", "カクウ アキ*"])?;
    ensure!(told["total"] == 2, "{told}");
    let (_, told, _) = find(&["--insurer", "6139463", "--symbol", "札01", "--number", "81153"])?;
    ensure!(told["total"] == 2, "a card without 枝番 is a family's: {told}");
    let (_, told, _) = find(&["--known-as", "K2^^^&2.999.5&ISO"])?;
    ensure!(told["total"] == 1 && first(&told) == cx("P-2"), "{told}");
    let (status, told, _) = find(&["--kana", "ダレモ イナイ"])?;
    ensure!(status == 2 && told["total"] == 0, "{told}");
    let (status, told, said) = find(&["--sex", "female"])?;
    ensure!(status == 2 && told["errors"][0]["context"].is_string(), "{told} {said}");

    // Several are named, and nobody is chosen; a number that nobody has is told.
    let (status, told, said) = doctor.run(&["query", "--kana", "カクウ"])?;
    ensure!(status == 2 && told["errors"][0]["code"] == "person-ambiguous", "{told} {said}");
    ensure!(told["candidates"].as_array().map(Vec::len) == Some(2), "{told}");
    let wrong =
        ["--insurer", "06139463", "--symbol", "札01", "--number", "81154", "--branch", "01"];
    let (status, told, _) = doctor.run(&[&["results"], &wrong[..]].concat())?;
    ensure!(status == 2 && told["errors"][0]["code"] == "person-not-found", "{told}");
    let (status, told, _) = doctor.run(&["query", "--patient", "X^^^&2.999.99&ISO"])?;
    ensure!(status == 0 && told["errors"][0]["code"] == "XDSUnknownPatientId", "{told}");
    let (status, told, _) = doctor.run(&["patient", "xref", "X^^^&2.999.99&ISO"])?;
    ensure!(status == 2 && told["errors"][0]["code"] == "204", "{told}");

    // Documents come by whom they are of.
    let patient = renkei_metadata::ids::PatientId::parse(&cx("P-1").context("no id")?)?;
    w.submitted(&renkei_tests::sample::one(&patient, b"x"), &[b"x"])?;
    let out = place.path().join("out").display().to_string();
    let told = doctor.done(&["retrieve", "--known-as", "K1^^^&2.999.5&ISO", "--out", &out])?;
    ensure!(told["documents"].as_array().map(Vec::len) == Some(1), "{told}");
    ensure!(told["patient"]["birthDate"] == "19750412", "{told}");
    Ok(())
}
