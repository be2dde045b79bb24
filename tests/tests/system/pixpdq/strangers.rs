//! All that we write of queries and notifications is parsed by python-hl7, where it is installed.

use super::{CLINIC, announced, connected, number, parties, question, somebody, stamp, tag};
use anyhow::{Context, Result, ensure};
use renkei_hl7v2::adt::update::{self, UpdateNotification};
use renkei_hl7v2::authorities::Authorities;
use renkei_hl7v2::query::{cancel, cross_reference, demographics};
use renkei_person::Person;
use renkei_tests::{Form, World, python};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Prints what it understands of a message: type, codes (a dash for none), and each person's first number.
const PROGRAM: &str = "
import sys, hl7
message = hl7.parse(sys.stdin.buffer.read().decode('utf-8'))
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
            let said = understood(&python, message)?;
            let lines: Vec<&str> = said.lines().collect();
            let (head, ids) = lines.split_at_checked(3).context(said.clone())?;
            assert_eq!(head.join(" "), *codes, "{message}");
            assert_eq!(ids, names, "{message}");
        }
    }
    Ok(())
}

fn understood(python: &Path, message: &str) -> Result<String> {
    let mut run = Command::new(python)
        .args(["-c", PROGRAM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    run.stdin.take().context("no input")?.write_all(message.as_bytes())?;
    let output = run.wait_with_output()?;
    ensure!(output.status.success(), "{message}");
    Ok(String::from_utf8(output.stdout)?)
}
