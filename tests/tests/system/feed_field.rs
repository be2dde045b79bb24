//! What systems in the field send to a patient feed.

use crate::expect::refused_with;
use anyhow::{Context, Result, bail, ensure};
use renkei_hl7v2::ack;
use renkei_metadata::ids::PatientId;
use renkei_tests::mllp::Feed;
use renkei_tests::world::Kept;
use renkei_tests::{Form, Start, World, sample};
use std::sync::OnceLock;
use uuid::Uuid;

on_every_database! { by run:
    an_authority_is_named_by_its_namespace_id_alone
    separators_in_a_patient_id_mean_the_same_everywhere
    sets_of_msh_18_come_in_any_order
    an_answer_follows_the_version_and_the_set_of_the_message
    noise_between_blocks_is_dropped_and_every_block_answered
    two_messages_in_a_block_are_refused_and_nobody_is_known
}

/// Runs a test against a program that knows announced patients only, and its authority by name.
fn run(postgres: bool, test: fn(&World) -> Result<()>) -> Result<()> {
    static WORLDS: [OnceLock<Option<Kept>>; 2] = [const { OnceLock::new() }; 2];
    let form = Form { postgres, wired: false };
    if !Form::all().contains(&form) {
        return Ok(());
    }
    let start = || {
        let start = Start::new(form).set("patient.policy=known-only");
        Kept::start(start.set("ids.namespaces=KENSHIN-A,OTHER=1.2.3.4")).ok()
    };
    let world = WORLDS.get(usize::from(postgres)).context("no such form")?;
    test(world.get_or_init(start).as_ref().context("no program")?)
}

/// A message that announces, in octets.
fn announcement(version: &str, sets: &str, cx: &str, name: &[u8]) -> Vec<u8> {
    let id = Uuid::new_v4().simple().to_string();
    let head = format!(
        "MSH|^~\\&|FIELD|TESTER|REGISTRY|XDS|20261129090000||ADT^A04^ADT_A01|{}|P|{version}||||||{sets}\r\
         EVN|A04|20261129090000\rPID|||{cx}||",
        id.get(..20).unwrap_or_default()
    );
    [head.as_bytes(), name, b"^^^^^L^I||19700101|F\rPV1||O\r"].concat()
}

fn known(w: &World, patient: &PatientId) -> Result<()> {
    w.submitted(&sample::one(patient, b"x"), &[b"x"])?;
    ensure!(w.documents_of(patient)?.len() == 1);
    Ok(())
}

fn unknown(w: &World, patient: &PatientId) -> Result<()> {
    refused_with(&w.submit(&sample::one(patient, b"x"), &[b"x"])?, "XDSUnknownPatientId").map(drop)
}

fn accepted(answer: &str) -> Result<()> {
    ensure!(answer.contains("MSA|AA|"), "{answer}");
    Ok(())
}

fn an_authority_is_named_by_its_namespace_id_alone(w: &World) -> Result<()> {
    let mut feed = w.feed_as(&w.feed)?;
    let patient = w.patient();
    let send =
        |feed: &mut Feed, cx: &str| feed.send(&announcement("2.3.1", "", cx, b"Kaku^Saburo"));
    accepted(&send(&mut feed, &format!("{}^^^KENSHIN-A", patient.id))?)?;
    known(w, &patient)?;
    let answer = send(&mut feed, &format!("{}^^^NEVER", w.patient().id))?;
    ensure!(answer.contains("MSA|AE|") && answer.contains("204"), "{answer}");
    // Whom another authority names is no patient here.
    let patient = w.patient();
    accepted(&send(&mut feed, &format!("{}^^^OTHER", patient.id))?)?;
    unknown(w, &patient)
}

fn separators_in_a_patient_id_mean_the_same_everywhere(w: &World) -> Result<()> {
    let mut feed = w.feed_as(&w.feed)?;
    let authority = w.patient().authority;
    for id in [r"W\E\", r"W\T\", r"W\S\R\", r"\F\E"] {
        let cx = format!("{id}{}^^^&{authority}&ISO", w.patient().id);
        accepted(&feed.send(&announcement("2.3.1", "", &cx, b"Kaku^Rokuho"))?)?;
        let patient = PatientId::parse(&cx)?;
        known(w, &patient)?;
        let found = w.document_of(&patient)?;
        assert_eq!(found.patient_id.as_ref(), Some(&patient));
    }
    Ok(())
}

fn sets_of_msh_18_come_in_any_order(w: &World) -> Result<()> {
    let mut feed = w.feed_as(&w.feed)?;
    // 山本^美愛, octets of delimiters inside; 丂, of JIS X 0212.
    let name = &b"\x1b$B;3K\\\x1b(B^\x1b$BH~0&\x1b(B"[..];
    let supplement = &b"\x1b$(D0!\x1b(B^\x1b$BH~0&\x1b(B"[..];
    for (sets, name) in [
        ("~ISO IR87||ISO 2022-1994", name),
        ("~ISO IR87~ISO IR159||ISO 2022-1994", name),
        ("~ISO IR159~ISO IR87||ISO 2022-1994", name),
        ("ISO IR14~ISO IR87", name),
        ("~ISO IR87~ISO IR159", supplement),
    ] {
        for version in ["2.3.1", "2.5"] {
            let patient = w.patient();
            let answer = feed.send(&announcement(version, sets, &patient.to_string(), name))?;
            accepted(&answer)?;
            ensure!(answer.is_ascii() && answer.contains("|~ISO IR87"), "{sets}: {answer}");
            known(w, &patient)?;
        }
    }
    // The overline of JIS X 0201 is a separator: the second identifier is one.
    let (first, second) = (w.patient(), w.patient());
    let both = format!("{first}\u{1b}(J~\u{1b}(B{second}");
    accepted(&feed.send(&announcement("2.5", "ISO IR14", &both, b"Kaku^Juro"))?)?;
    known(w, &second)?;
    // What cannot be read is refused at MSH-18, and nobody is known.
    let patient = w.patient();
    for (sets, name) in [("", name), ("~ISO IR87", &b"\x1b$B;\x1b(B"[..]), ("8859/1", b"\xe9")] {
        let answer = feed.send(&announcement("2.5", sets, &patient.to_string(), name))?;
        ensure!(answer.contains("MSA|AE|") && answer.contains("ERR||MSH^1^18|"), "{answer}");
    }
    unknown(w, &patient)
}

fn an_answer_follows_the_version_and_the_set_of_the_message(w: &World) -> Result<()> {
    let mut feed = w.feed_as(&w.feed)?;
    let cx = "7^^^NEVER";
    let old = feed.send(&announcement("2.3.1", "UNICODE UTF-8", cx, b"Kaku^Ichiro"))?;
    ensure!(old.contains("||ACK^A04|") && old.contains("|P|2.3.1|"), "{old}");
    ensure!(old.contains("\rERR|PID^1^3^204&Unknown key identifier&HL70357\r"), "{old}");
    let new = feed.send(&announcement("2.5", "UNICODE UTF-8", cx, b"Kaku^Ichiro"))?;
    ensure!(new.contains("||ACK^A04^ACK|") && new.contains("|P|2.5|"), "{new}");
    ensure!(new.contains("\rERR||PID^1^3^1^4|204^Unknown key identifier^HL70357|E||||"), "{new}");
    // The same words, in JIS X 0208.
    let japanese = feed.send(&announcement("2.5", "~ISO IR87", cx, b"Kaku^Ichiro"))?;
    ensure!(japanese.is_ascii(), "{japanese}");
    let [new, japanese] = [new, japanese].map(|answer| ack::read(answer.as_bytes()));
    assert_eq!(japanese?.text(), new?.text());
    Ok(())
}

fn noise_between_blocks_is_dropped_and_every_block_answered(w: &World) -> Result<()> {
    let mut feed = w.feed_as(&w.feed)?;
    let patients: Vec<PatientId> = (0..4).map(|_| w.patient()).collect();
    let blocks: Vec<Vec<u8>> = patients
        .iter()
        .map(|p| {
            let message = announcement("2.3.1", "UNICODE UTF-8", &p.to_string(), b"Kaku^Shiro");
            [&[0x0b], &message[..], &[0x1c, 0x0d]].concat()
        })
        .collect();
    let [first, second, third, last] = blocks.as_slice() else { bail!("four") };
    let log = b"[2026-11-29 09:00:00.123 gateway 17]\r\n";
    feed.raw(&[&log[..], first, b"\0\0\r\n", second].concat())?;
    for _ in 0..2 {
        accepted(&feed.acknowledgement()?)?;
    }
    for octet in third {
        feed.raw(&[*octet])?;
    }
    accepted(&feed.acknowledgement()?)?;
    // The last carriage return never comes.
    feed.raw(last.get(..last.len() - 1).unwrap_or_default())?;
    accepted(&feed.acknowledgement()?)?;
    patients.iter().try_for_each(|patient| known(w, patient))
}

fn two_messages_in_a_block_are_refused_and_nobody_is_known(w: &World) -> Result<()> {
    let mut feed = w.feed_as(&w.feed)?;
    let patients = [w.patient(), w.patient()];
    let block: Vec<u8> = patients
        .iter()
        .flat_map(|p| announcement("2.5", "UNICODE UTF-8", &p.to_string(), b"Kaku^Niko"))
        .collect();
    let answer = feed.send(&block)?;
    ensure!(answer.contains("MSA|AE|") && answer.contains("MSH^2"), "{answer}");
    patients.iter().try_for_each(|patient| unknown(w, patient))
}
