//! What we write is parsed by python-hl7, where it is installed.

use super::{CLINIC, announced, connected, number, parties, question, somebody, stamp, tag};
use anyhow::{Context, Result, ensure};
use renkei_hl7v2::query::{cross_reference, demographics};
use renkei_person::Person;
use renkei_tests::{Form, World, python};
use std::io::Write;
use std::process::{Command, Stdio};

/// Prints what it understands of a message: type, codes, and each person's first number.
const PROGRAM: &str = "
import sys, hl7
message = hl7.parse(sys.stdin.buffer.read().decode('utf-8'))
print(message.extract_field('MSH', 1, 9, 1, 1) + '^' + message.extract_field('MSH', 1, 9, 1, 2))
print(message.extract_field('MSA', 1, 1))
print(message.extract_field('QAK', 1, 2))
for n, _ in enumerate([segment for segment in message if str(segment[0]) == 'PID']):
    print(message.extract_field('PID', n + 1, 3, 1, 1))
";

#[test]
fn python_understands_what_is_answered() -> Result<()> {
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
        id: clinic,
        domains: vec![own.authority.clone()],
    };
    let described = Person { identifiers: Vec::new(), ..person };
    let messages = [
        ("RSP^K23", feed.send(&cross_reference::write(&asked))?),
        ("RSP^K22", feed.send(&demographics::write(&question(described)))?),
    ];
    for (kind, answer) in messages {
        let mut run = Command::new(&python)
            .args(["-c", PROGRAM])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        run.stdin.take().context("no input")?.write_all(answer.as_bytes())?;
        let output = run.wait_with_output()?;
        let said = String::from_utf8(output.stdout)?;
        let lines: Vec<&str> = said.lines().collect();
        ensure!(output.status.success(), "{said}\n{answer}");
        assert_eq!(lines.get(..3), Some(&[kind, "AA", "OK"][..]), "{answer}");
        ensure!(lines.get(3).is_some_and(|id| *id == own.id), "{said}\n{answer}");
    }
    Ok(())
}
