//! All that we write of HL7 v2 is parsed by python-hl7, where it is installed: queries and notifications as a running
//! house has them, and every message of docs/examples.

use super::{CLINIC, announced, connected, number, parties, question, somebody, stamp, tag};
use anyhow::{Context, Result, ensure};
use renkei_hl7v2::adt::update::{self, UpdateNotification};
use renkei_hl7v2::authorities::Authorities;
use renkei_hl7v2::query::{cancel, cross_reference, demographics};
use renkei_person::Person;
use renkei_tests::{Form, World, python};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Prints what it understands of a message: type, codes (a dash for none), and each person's first number.
const PROGRAM: &str = "
import sys, hl7
octets = sys.stdin.buffer.read()
message = hl7.parse(octets.decode('iso2022_jp' if b'|~ISO IR87' in octets else 'utf-8'))
print(message.extract_field('MSH', 1, 9, 1, 1) + '^' + message.extract_field('MSH', 1, 9, 1, 2))
def code(segment, field):
    try:
        return message.extract_field(segment, 1, field)
    except KeyError:
        return '-'
print(code('MSA', 1))
print(code('QAK', 2))
for n, _ in enumerate([segment for segment in message if str(segment[0]) == 'PID']):
    print(message.extract_field('PID', n + 1, 3, 1, 1))
";

#[test]
fn python_understands_what_is_written() -> Result<()> {
    let Some(python) = python::with("hl7") else {
        eprintln!("note: no Python with hl7, left out");
        return Ok(());
    };
    let w = World::shared(Form::PLAIN)?.context("no program")?;
    let (person, clinic) = (somebody(w), number(CLINIC)?);
    announced(w, &person, &[&clinic])?;
    let own = person.identifiers.first().context("no id")?.id.clone();
    let mut feed = connected(w, &w.consumer)?;
    let asked = cross_reference::Question {
        stamp: stamp(),
        parties: parties(),
        tag: tag(),
        id: clinic.clone(),
        domains: vec![own.authority.clone()],
    };
    let of_nobody = cross_reference::Question { id: number(CLINIC)?, ..asked.clone() };
    let described = Person { identifiers: Vec::new(), ..person };
    let [asked, of_nobody] = [&asked, &of_nobody].map(cross_reference::write);
    let searched = demographics::write(&question(described));
    let cancelled = cancel::write(&stamp(), &parties(), "Q-1");
    let identifiers = vec![own.clone(), clinic];
    let told = UpdateNotification { stamp: stamp(), parties: parties(), identifiers };
    let told = update::write(&told, &Authorities::new(own.authority.clone()));

    let mut answered = |message: &[u8]| feed.send(message);
    let found = [
        ("RSP^K23 AA OK", answered(&asked)?),
        ("RSP^K22 AA OK", answered(&searched)?),
        ("ADT^A31 - -", String::from_utf8(told)?),
    ];
    let others = [
        ("RSP^K23 AE AE", answered(&of_nobody)?),
        ("ACK^J01 AA -", answered(&cancelled)?),
        ("QBP^Q23 - -", String::from_utf8(asked)?),
        ("QBP^Q22 - -", String::from_utf8(searched)?),
        ("QCN^J01 - -", String::from_utf8(cancelled)?),
    ];
    let names = [vec![own.id], Vec::new()];
    for (messages, names) in [&found[..], &others].into_iter().zip(names) {
        for (codes, message) in messages {
            let said = understood(&python, message.as_bytes())?;
            let lines: Vec<&str> = said.lines().collect();
            let (head, ids) = lines.split_at_checked(3).context(said.clone())?;
            assert_eq!(head.join(" "), *codes, "{message}");
            assert_eq!(ids, names, "{message}");
        }
    }
    Ok(())
}

#[test]
fn python_understands_every_example() -> Result<()> {
    let Some(python) = python::with("hl7") else {
        eprintln!("note: no Python with hl7, left out");
        return Ok(());
    };
    let examples = examples()?;
    ensure!(!examples.is_empty(), "no examples");
    for file in examples {
        // as it goes over the wire
        let octets = std::fs::read(&file)?.into_iter();
        let octets: Vec<u8> = octets.map(|o| if o == b'\n' { b'\r' } else { o }).collect();
        let text = String::from_utf8_lossy(&octets);
        let kind = text.split('|').nth(8).context("no MSH-9")?;
        let said = understood(&python, &octets).with_context(|| file.display().to_string())?;
        let said = said.lines().next().context("nothing is understood")?;
        ensure!(kind.starts_with(said), "{}: {said}, {kind}", file.display());
    }
    Ok(())
}

/// The messages of HL7 v2 of docs/examples.
fn examples() -> Result<Vec<PathBuf>> {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples").read_dir()?;
    let mut files = Vec::new();
    for folder in folders.collect::<Result<Vec<_>, _>>()? {
        if folder.file_type()?.is_dir() {
            for file in folder.path().read_dir()? {
                files.push(file?.path());
            }
        }
    }
    files.retain(|file| file.extension().is_some_and(|kind| kind == "hl7"));
    Ok(files)
}

fn understood(python: &Path, message: &[u8]) -> Result<String> {
    let mut run = Command::new(python)
        .args(["-c", PROGRAM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    run.stdin.take().context("no input")?.write_all(message)?;
    let output = run.wait_with_output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(message));
    Ok(String::from_utf8(output.stdout)?)
}
