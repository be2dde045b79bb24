//! `renkei listen`: asynchronous exchanges from the shell (ITI TF-2: V.5).

use crate::expect::row;
use crate::forms::by_form;
use crate::shell::{codes, options, recorded, run, text};
use anyhow::{Context, Result, ensure};
use renkei_tests::reply::Reply;
use renkei_tests::wire::Wire;
use renkei_tests::world::Caller;
use renkei_tests::{Form, Start, World, program, sample};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout};
use tempfile::TempDir;

on_every_database! { by by_form:
    a_set_is_sent_queried_and_retrieved_asynchronously
    a_reply_that_nobody_awaits_is_not_taken
    a_reply_that_comes_again_is_acknowledged_and_kept_once
    a_listener_that_is_told_to_end_ends_in_order
    a_fault_arrives_where_it_was_to_go
}

/// A listener that runs.
struct Listener {
    child: Child,
    lines: BufReader<ChildStdout>,
    out: TempDir,
}

impl Listener {
    /// Starts it at a port; it ends after `count` replies.
    fn start(w: &World, caller: &Caller, port: u16, count: usize) -> Result<Self> {
        let (out, own) = (tempfile::tempdir()?, options(w, caller)?);
        let (port, count) = (port.to_string(), count.to_string());
        let to = out.path().display().to_string();
        let mut args = vec!["listen", "--port", &port, "--count", &count, "--out", &to, "--json"];
        args.extend(own.iter().map(String::as_str));
        let mut child = program::start(&args)?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?);
        let mut line = String::new();
        lines.read_line(&mut line)?;
        ensure!(line.contains("\"ready\":true"), "{line:?}");
        Ok(Self { child, lines, out })
    }

    fn next(&mut self) -> Result<Value> {
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| line.clone())
    }

    fn end(mut self) -> Result<Option<i32>> {
        Ok(self.child.wait()?.code())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // One that has ended cannot be killed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A house that may reply to a port of this machine, and a node that may do everything.
fn house(form: Form, settings: &[&str]) -> Result<(World, Caller, u16)> {
    let port = renkei_tests::port::free()?;
    let allowed = format!("async.allowed_reply_to=https://localhost:{port}/replies");
    let start = Start::new(form).set(&allowed);
    let w = World::start(settings.iter().fold(start, |start, setting| start.set(setting)))?;
    let roles = ["source", "consumer"];
    let directory =
        w.renkei.identities().issue_with("listener", &roles, &["--host", "localhost"])?;
    let caller = Caller::new(&w.renkei, "listener", directory)?;
    Ok((w, caller, port))
}

/// Sends a request whose answer goes to the listener: its wsa:MessageID.
fn ask(w: &World, caller: &Caller, port: u16, args: &[&str]) -> Result<String> {
    let to = format!("https://localhost:{port}/replies");
    let (status, report) = run(w, caller, &[args, &["--reply-to", &to]].concat())?;
    ensure!(status == 0 && report["status"] == "accepted", "{status} {report}");
    Ok(text(&report, "/messageId")?.to_owned())
}

fn a_set_is_sent_queried_and_retrieved_asynchronously(form: Form) -> Result<()> {
    let (w, caller, port) = house(form, &[])?;
    let mut listener = Listener::start(&w, &caller, port, 4)?;
    let patient = w.patient();
    let cx = patient.to_string();
    let place = tempfile::tempdir()?;
    let set = place.path().join("set.toml");
    let guide = include_str!("../../../docs/SUBMIT-SETS.md");
    let head = guide.split("```toml\n").nth(1).and_then(|t| t.split("```").next());
    let head = head.context("no head")?.replace("P-0001^^^&2.999.11&ISO", &cx);
    let unique_id = sample::new_unique_id().to_string();
    let document = format!("[[document]]\nfile = 'checkup.csv'\nuniqueId = '{unique_id}'\n");
    std::fs::write(place.path().join("checkup.csv"), "a,b\n")?;
    std::fs::write(&set, format!("{head}\n{document}"))?;
    let set = set.display().to_string();

    let sent = ask(&w, &caller, port, &["submit", "--set", &set, "--codes", &codes(&w)])?;
    let reply = listener.next()?;
    assert_eq!((text(&reply, "/relatesTo")?, &reply["status"]), (sent.as_str(), &"success".into()));
    assert_eq!(text(&reply, "/transaction")?, "ITI-41");
    ensure!(text(&reply, "/from")?.contains("own.replies"), "{reply}");
    let envelope = std::fs::read_to_string(text(&reply, "/file")?)?;
    ensure!(envelope.contains(&sent) && envelope.contains("RegistryResponse"), "{envelope}");
    assert_eq!(w.documents_of(&patient)?.len(), 1);

    let asked = ask(&w, &caller, port, &["query", "--patient", &cx])?;
    let reply = listener.next()?;
    assert_eq!(text(&reply, "/relatesTo")?, asked);
    assert_eq!(text(&reply, "/objects/0/uniqueId")?, unique_id);

    ask(&w, &caller, port, &["retrieve", &unique_id])?;
    let reply = listener.next()?;
    assert_eq!(text(&reply, "/documents/0/uniqueId")?, unique_id);
    assert_eq!(std::fs::read(text(&reply, "/documents/0/file")?)?, b"a,b\n");
    ensure!(listener.out.path().join(format!("{unique_id}.csv")).exists());

    // A refusal is an answer, too; the listener ends with it.
    let unknown = sample::new_unique_id().to_string();
    ask(&w, &caller, port, &["retrieve", &unknown])?;
    let reply = listener.next()?;
    assert_eq!(text(&reply, "/errors/0/code")?, "XDSDocumentUniqueIdError");
    assert_eq!(listener.end()?, Some(2));

    // The request that was taken, and its answer.
    assert_eq!(recorded(&w, &caller, "110106 ITI-41 R 0")?, 2);
    assert_eq!(recorded(&w, &caller, "110107 ITI-43 C 0")?, 3);
    assert_eq!(recorded(&w, &caller, "110107 ITI-43 C 8")?, 1);
    Ok(())
}

fn a_reply_that_nobody_awaits_is_not_taken(form: Form) -> Result<()> {
    let (w, caller, port) = house(form, &[])?;
    let patient = w.patient().to_string();
    // Another node asks in this one's name: the listener does not know the request.
    let other = w.caller("stranger", &["consumer"])?;
    let to = format!("https://localhost:{port}/replies");
    let mut listener = Listener::start(&w, &caller, port, 1)?;
    let (status, _) = run(&w, &other, &["query", "--patient", &patient, "--reply-to", &to])?;
    assert_eq!(status, 0);
    let asked = ask(&w, &caller, port, &["query", "--patient", &patient])?;
    let reply = listener.next()?;
    assert_eq!(text(&reply, "/relatesTo")?, asked, "only its own");
    let kept = std::fs::read_dir(listener.out.path())?.count();
    assert_eq!(kept, 2, "the envelope and the report");
    assert_eq!(listener.end()?, Some(0));
    // An address that the house does not allow is refused at once.
    let elsewhere = ["query", "--patient", &patient, "--reply-to", "https://localhost:1/other"];
    assert_eq!(run(&w, &caller, &elsewhere)?.0, 1);
    Ok(())
}

fn a_reply_that_comes_again_is_acknowledged_and_kept_once(form: Form) -> Result<()> {
    let (w, caller, port) = house(form, &[])?;
    let patient = w.patient().to_string();
    let mut listener = Listener::start(&w, &caller, port, 2)?;
    let asked = ask(&w, &caller, port, &["query", "--patient", &patient])?;
    let first = listener.next()?;
    let file = text(&first, "/file")?;
    let envelope = std::fs::read_to_string(file)?;
    let post = |message: &str| -> Result<_> {
        let mut wire = Wire::connect(caller.connector(), port)?;
        wire.post("/replies", "application/soap+xml; charset=UTF-8", message.as_bytes())
    };
    let again = post(&envelope.replace("StatusType", "StatusTypo"))?;
    ensure!(again.status != 202, "what cannot be read is not acknowledged: {}", again.head);
    let again = post(&envelope)?;
    assert_eq!(again.status, 202, "{}", again.head);
    assert_eq!(std::fs::read_to_string(file)?, envelope);
    let stranger = format!("urn:uuid:{}", uuid::Uuid::new_v4());
    let refused = post(&envelope.replace(&asked, &stranger))?;
    assert_eq!(refused.status, 400, "{}", refused.text());
    ensure!(refused.text().contains("RelatesTo"), "{}", refused.text());
    assert_eq!(row(&Reply::of(refused)?.fault()?)?, "fault-reply-not-read");
    // None of these was told as a reply.
    let other = ask(&w, &caller, port, &["query", "--patient", &patient])?;
    assert_eq!(text(&listener.next()?, "/relatesTo")?, other);
    assert_eq!(listener.end()?, Some(0));
    Ok(())
}

fn a_listener_that_is_told_to_end_ends_in_order(form: Form) -> Result<()> {
    let (w, caller, port) = house(form, &[])?;
    let mut listener = Listener::start(&w, &caller, port, 9)?;
    let status = program::end_with(&mut listener.child, "TERM")?;
    assert_eq!(status.code(), Some(0));
    Ok(())
}

fn a_fault_arrives_where_it_was_to_go(form: Form) -> Result<()> {
    // One reply may have a kilobyte, which the answer to this does not fit in.
    let (w, caller, port) = house(form, &["async.reply_bytes=1024"])?;
    let mut listener = Listener::start(&w, &caller, port, 1)?;
    let content = vec![b'x'; 4096];
    let sent = sample::one(&w.patient(), &content);
    w.submitted(&sent, &[&content])?;
    let faults = format!("https://localhost:{port}/replies/faults");
    let id = sent.entries[0].unique_id.to_string();
    let asked = ask(&w, &caller, port, &["retrieve", &id, "--fault-to", &faults])?;
    let reply = listener.next()?;
    assert_eq!((text(&reply, "/relatesTo")?, text(&reply, "/status")?), (&asked[..], "failure"));
    assert_eq!(text(&reply, "/errors/0/code")?, "fault");
    ensure!(text(&reply, "/errors/0/context")?.contains("async.reply_bytes"), "{reply}");
    let envelope = std::fs::read_to_string(text(&reply, "/file")?)?;
    ensure!(envelope.contains(&format!("<wsa:To>{faults}</wsa:To>")), "{envelope}");
    assert_eq!(listener.end()?, Some(2));
    Ok(())
}
