//! Members and their life: what is done with them by command, and whom a running program lets in.

use crate::handshake::soon_known;
use anyhow::{Context, Result, ensure};
use renkei_metadata::model::AvailabilityStatus;
use renkei_tests::message::{self, Message};
use renkei_tests::wire::Wire;
use renkei_tests::world::{Caller, REGISTRY, REPOSITORY};
use renkei_tests::{Form, Renkei, Start, World, audit, metrics, program, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::{RegistryError, Status};
use serde_json::Value;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

/// A number of an insurer with its check digit.
const NUMBER: &str = "33120015";

pub(crate) fn run(data: &Path, args: &[&str]) -> Result<Output> {
    let data = data.display().to_string();
    program::run(&[args, &["--data-dir", &data]].concat())
}

/// A command that succeeds; what it says as JSON.
pub(crate) fn done(data: &Path, args: &[&str]) -> Result<Value> {
    let output = run(data, &[args, &["--json"]].concat())?;
    ensure!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A command that is refused; in both languages, of which these are parts.
pub(crate) fn refused(data: &Path, args: &[&str], parts: &[&str]) -> Result<()> {
    let output = run(data, args)?;
    let said = String::from_utf8(output.stderr)?;
    ensure!(output.status.code() == Some(1) && output.stdout.is_empty(), "{args:?}: {said}");
    ensure!(said.contains(" / ") && !said.is_ascii(), "{args:?}: {said}");
    ensure!(parts.iter().all(|part| said.contains(part)), "{args:?}: {said}");
    Ok(())
}

/// Without the last two words, a member without a number.
pub(crate) fn add<'a>(id: &'a str, kind: &'a str, number: &'a str) -> [&'a str; 11] {
    let (name, contact) = ("架空健康保険組合", "総務課 045-000-0000");
    let member = ["member", "add", id, "--kind", kind, "--name", name, "--contact", contact];
    let [a, b, c, d, e, f, g, h, i] = member;
    [a, b, c, d, e, f, g, h, i, "--number", number]
}

/// Without the last two words, for nobody.
fn issue<'a>(node: &'a str, out: &'a str, member: &'a str) -> [&'a str; 10] {
    let head = ["pki", "issue", "--name", node, "--role", "consumer", "--out", out];
    let [a, b, c, d, e, f, g, h] = head;
    [a, b, c, d, e, f, g, h, "--member", member]
}

/// The member as `member list --json` has it.
fn listed(data: &Path, id: &str) -> Result<Value> {
    let told = done(data, &["member", "list"])?;
    let all = told["members"].as_array().context("no members")?;
    all.iter().find(|member| member["id"] == id).cloned().with_context(|| told.to_string())
}

fn query(w: &World) -> Message {
    message::query(&QueryBuilder::find_documents(&w.patient(), &AvailabilityStatus::ALL).build())
}

fn ask(w: &World, wire: &mut Wire) -> Result<u16> {
    let message = query(w);
    Ok(wire.post(REGISTRY, &message.content_type, &message.body)?.status)
}

/// Waits until a node is answered with this status, for a second and a half at most.
fn soon(w: &World, node: &Caller, status: u16) -> Result<()> {
    let began = Instant::now();
    loop {
        let found = node.connect().and_then(|mut wire| ask(w, &mut wire));
        if found.as_ref().is_ok_and(|found| *found == status) {
            return Ok(());
        }
        ensure!(began.elapsed() < Duration::from_millis(1500), "still {found:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_member_is_let_in_by_its_node_until_it_is_disabled() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN))?;
    let data = &w.renkei.place().data_dir();
    let directory = w.renkei.place().client_dir().join("kenpo-a");
    let out = directory.display().to_string();

    done(data, &[&add("kenpo-1", "insurer", NUMBER)[..], &["--by", "佐藤"]].concat())?;
    assert_eq!(listed(data, "kenpo-1")?["state"], "applied");
    done(data, &["member", "prepare", "kenpo-1", "--note", "契約済"])?;
    assert_eq!(listed(data, "kenpo-1")?["state_ja"], "準備");
    let own = format!("insurer={NUMBER}");
    let issued =
        done(data, &[&issue("kenpo-a", &out, "kenpo-1")[..], &["--scope", &own]].concat())?;
    assert_eq!(issued["member"], "kenpo-1");
    let node = Caller::new(&w.renkei, "kenpo-a", directory.clone())?;
    soon(&w, &node, 200)?;
    let member = listed(data, "kenpo-1")?;
    assert_eq!(member["state_ja"], "発行済");
    assert_eq!(member["nodes"][0]["scope"], serde_json::json!([own]));
    assert_eq!(member["nodes"][0]["let_in"], true);

    let note = ["--note", "担当者の異動なし", "--by", "鈴木"];
    done(data, &[&["member", "review", "kenpo-1"][..], &note].concat())?;
    let member = listed(data, "kenpo-1")?;
    assert_eq!(
        (&member["state_ja"], &member["reviewed"]["by"]),
        (&"棚卸済".into(), &"鈴木".into())
    );
    let found = member["reviewed"]["note"].as_str().context("no note")?;
    ensure!(found.contains("担当者の異動なし") && found.contains("kenpo-a"), "{found}");

    let mut idle = node.connect()?;
    assert_eq!(ask(&w, &mut idle)?, 200);
    done(data, &["member", "disable", "kenpo-1", "--reason", "退会", "--by", "佐藤"])?;
    ensure!(idle.ends_within(Duration::from_secs(1))?, "an idle connection goes on");
    soon(&w, &node, 403)?;
    let member = listed(data, "kenpo-1")?;
    assert_eq!((&member["state"], &member["state_ja"]), (&"disabled".into(), &"利用不可".into()));
    assert_eq!(member["nodes"], serde_json::json!([{ "name": "kenpo-a", "let_in": false }]));
    let record = audit::wait_for(&w.renkei, |record| {
        record.key() == "110113 110137 E 0" && record.objects_of(13).contains(&"kenpo-a")
    })?;
    ensure!(record.objects_of(11) == ["kenpo-1"], "{record:?}");

    // Nobody comes back by another certificate, with or without --member; and nothing is forgotten.
    let again = issue("kenpo-a", &out, "kenpo-1");
    refused(data, &again, &["利用不可", "while it is disabled"])?;
    refused(data, &again[..8], &["利用不可", "while it is disabled"])?;
    let other = directory.join("cert.pem").display().to_string();
    let import = ["pki", "import", &other, "--name", "kenpo-a", "--role", "consumer"];
    refused(data, &import, &["利用不可", "while it is disabled"])?;
    let table = w.renkei.place().client_dir().join("table.csv");
    std::fs::write(&table, "name,roles\nfirst-of-table,consumer\nkenpo-a,consumer\n")?;
    let (table, to) = (table.display().to_string(), w.renkei.place().client_dir().join("bulk"));
    let bulk = ["pki", "issue", "--bulk", &table, "--out", &to.display().to_string()];
    refused(data, &bulk, &["利用不可", "while it is disabled"])?;
    ensure!(!to.join("first-of-table").exists(), "one of a table was issued");
    done(data, &["member", "enable", "kenpo-1", "--reason", "再加入"])?;
    soon(&w, &node, 403)?;
    done(data, &again)?;
    soon(&w, &Caller::new(&w.renkei, "kenpo-a", directory)?, 200)?;
    let told = done(data, &["member", "show", "kenpo-1"])?;
    let deeds = told["history"].as_array().context("no history")?.iter().map(|one| &one["what"]);
    let deeds: Vec<&str> = deeds.filter_map(Value::as_str).collect();
    assert_eq!(deeds, ["add", "prepare", "issue", "review", "disable", "enable", "issue"]);
    let text = String::from_utf8(run(data, &["member", "show", "kenpo-1"])?.stdout)?;
    ensure!(text.contains("利用不可 / disabled") && text.contains("退会"), "{text}");
    Ok(())
}

#[test]
fn what_cannot_be_done_is_told_in_both_languages() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = &place.path().join("data");
    let out = place.path().join("out").display().to_string();
    for (kind, number, parts) in [
        ("institution", "141990073", ["10桁", "10 digits"]),
        ("insurer", "120015", ["8桁", "8 digits"]),
        ("insurer", "33120016", ["検証番号", "check digit"]),
        ("agency", "9139902", ["8桁", "8 digits"]),
        ("employer", "a^b", ["事業所コード", "1 to 20"]),
        ("phr-operator", "1", ["番号はありません", "no number"]),
        ("king", "1", ["種別", "kind of member"]),
    ] {
        refused(data, &add("kenpo-1", kind, number), &parts)?;
    }
    refused(data, &add("../kenpo", "insurer", NUMBER), &["会員id", "id of a member"])?;
    refused(data, &add("kenpo-1", "insurer", NUMBER)[..9], &["番号が必要", "has a number"])?;
    refused(data, &issue("kenpo-a", &out, "kenpo-1"), &["kenpo-1", "no such member"])?;
    refused(data, &["member", "review", "kenpo-1"], &["kenpo-1", "no such member"])?;
    ensure!(!data.join("pki/peers/kenpo-a.toml").exists(), "a node of nobody was issued");

    done(data, &add("kenpo-1", "insurer", NUMBER))?;
    refused(data, &add("kenpo-1", "insurer", NUMBER), &["使用済み", "taken"])?;
    done(data, &add("clinic", "clinic", "1419900731"))?;
    let other = [&issue("kenpo-a", &out, "kenpo-1")[..], &["--scope", "insurer=06139992"]].concat();
    refused(data, &other, &["insurer=33120015", "beyond the member"])?;
    done(data, &issue("kenpo-a", &out, "kenpo-1"))?;
    refused(data, &issue("kenpo-a", &out, "clinic"), &["kenpo-1", "of the member"])?;
    // What is the member's stays so without the word.
    let wider = [&other[..8], &other[10..]].concat();
    refused(data, &wider, &["insurer=33120015", "beyond the member"])?;
    refused(data, &["member", "enable", "clinic", "--reason", "x"], &["申請", "applied"])?;
    refused(data, &["member", "prepare", "kenpo-1"], &["発行済", "issued"])?;
    refused(data, &["member", "disable", "clinic", "--reason", " "], &["文字", "characters"])?;
    let approve = ["member", "approve", "kenpo-1", "kenpo-a", "--by", "鈴木"];
    refused(data, &approve, &["domain", "needs approval"])?;
    refused(data, &["member", "approve", "clinic", "kenpo-a"], &["kenpo-a", "no node of"])?;

    // A node that is issued as before is nobody's, which the list tells.
    done(data, &issue("visitor", &format!("{out}-2"), "")[..8])?;
    let told = done(data, &["member", "list"])?;
    assert_eq!(told["of_nobody"][0]["name"], "visitor");
    let told = done(data, &["member", "review"])?;
    assert_eq!(
        (&told["due"], &told["of_nobody"][0]["name"]),
        (&Value::Array(vec![]), &"visitor".into())
    );
    let revoked = run(data, &["pki", "revoke", "kenpo-a"])?;
    ensure!(revoked.status.success());
    assert_eq!(done(data, &["member", "show", "kenpo-1"])?["history"][2]["what"], "revoke");
    // A file that cannot be read is told, and does not let anybody take its nodes.
    std::fs::write(data.join("members/clinic.toml"), "kind = 1")?;
    assert_eq!(run(data, &["member", "list"])?.status.code(), Some(2));
    refused(data, &issue("kenpo-b", &out, "kenpo-1"), &["clinic.toml", "is not the file"])
}

fn health(renkei: &Renkei) -> Result<String> {
    Ok(metrics::admin(renkei, "/health/ready")?.1)
}

#[test]
fn what_is_wide_is_told_until_a_second_administrator_approves_it() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN))?;
    let data = &w.renkei.place().data_dir();
    let out = w.renkei.place().client_dir().join("region-a").display().to_string();
    let phr = add("phr", "phr-operator", "");
    done(data, &phr[..9])?;
    let wide = [&issue("region-a", &out, "phr")[..], &["--scope", "domain", "--by", "佐藤"]];
    let output = run(data, &wide.concat())?;
    let said = String::from_utf8(output.stderr)?;
    ensure!(
        output.status.success() && said.contains("renkei member approve phr region-a"),
        "{said}"
    );
    let told = |renkei: &Renkei| health(renkei).map(|told| told.contains("region-a: scope domain"));
    let began = Instant::now();
    while !told(&w.renkei)? {
        ensure!(began.elapsed() < Duration::from_secs(2), "not told");
        std::thread::sleep(Duration::from_millis(50));
    }
    let approve = ["member", "approve", "phr", "region-a", "--by"];
    refused(data, &[&approve[..], &["佐藤"]].concat(), &["別の管理者", "another administrator"])?;
    ensure!(told(&w.renkei)?);
    done(data, &[&approve[..], &["鈴木"]].concat())?;
    let began = Instant::now();
    while told(&w.renkei)? {
        ensure!(began.elapsed() < Duration::from_secs(2), "still told");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(listed(data, "phr")?["nodes"][0]["approved"]["by"], "鈴木");
    audit::wait_for(&w.renkei, |record| {
        format!("{record:?}").contains("承認") && record.objects_of(11) == ["phr"]
    })?;
    Ok(())
}

#[test]
fn an_overdue_review_is_told_at_every_start_until_it_is_done() -> Result<()> {
    let renkei = Start::new(Form::PLAIN).go()?;
    let data = &renkei.place().data_dir();
    done(data, &add("kenpo-1", "insurer", NUMBER))?;
    let file = data.join("members/kenpo-1.toml");
    let text = std::fs::read_to_string(&file)?;
    let begin = text.find("at = \"").context("no time")? + 6;
    let old = [&text[..begin], "2020", &text[begin + 4..]].concat();
    std::fs::write(&file, old)?;
    assert_eq!(listed(data, "kenpo-1")?["overdue"], true);
    let text = String::from_utf8(run(data, &["member", "list"])?.stdout)?;
    ensure!(text.contains("期限超過 / overdue"), "{text}");
    assert_eq!(done(data, &["member", "review"])?["due"][0]["id"], "kenpo-1");

    let (_, place) = renkei.stop()?;
    let renkei = Start::new(Form::PLAIN).go_in(place)?;
    let log = renkei.place().read_log();
    assert_eq!(renkei.ready.reviews["overdue"], 1);
    let told = log.lines().filter(|line| line.contains("reviews of members are overdue"));
    ensure!(told.clone().count() == 1 && log.contains("kenpo-1: 202"), "{log}");
    done(data, &["member", "review", "kenpo-1", "--by", "鈴木"])?;
    assert_eq!(done(data, &["member", "review"])?["due"], serde_json::json!([]));
    let (_, place) = renkei.stop()?;
    let renkei = Start::new(Form::PLAIN).go_in(place)?;
    assert_eq!(renkei.ready.reviews, Value::Null);
    let log = renkei.place().read_log();
    ensure!(log.matches("reviews of members are overdue").count() == 1, "{log}");
    Ok(())
}

/// The row by which a document of an author of this institution is refused, if it is.
fn submitted(w: &World, node: &Caller, number: &str) -> Result<Option<&'static str>> {
    let mut s = sample::one(&w.patient(), b"x");
    s.entries[0].authors[0].institutions =
        vec![format!("架空診療所^^^^^&1.2.392.100495.20.3.21&ISO^^^^{number}")];
    s.submission_set.authors = s.entries[0].authors.clone();
    let message = message::provide_and_register(&s, &[b"x"]);
    let response = node.post(REPOSITORY, &message)?.registry()?;
    let of_another = |e: &RegistryError| e.context.contains("is not an institution for whose");
    match response.errors.iter().find(|e| of_another(e)) {
        Some(_) => Ok(Some("institution-not-own")),
        None => {
            ensure!(response.status == Status::Success, "{response:?}");
            Ok(None)
        }
    }
}

/// However it is let in, and whatever becomes of the house.
#[test]
fn a_node_of_a_member_that_is_an_institution_brings_its_own_authors_alone() -> Result<()> {
    const OWN: &str = "1419900731";
    const OTHER: &str = "1419900749";
    let refused = Some("institution-not-own");
    let mut w = World::start(Start::new(Form::PLAIN))?;
    let data = &w.renkei.place().data_dir();
    let directory = w.renkei.place().client_dir().join("clinic-a");
    let out = directory.display().to_string();
    let issue = ["pki", "issue", "--name", "clinic-a", "--role", "source", "--out", &out];
    let node = |w: &World| Caller::new(&w.renkei, "clinic-a", directory.clone());
    let entry = || -> Result<Value> {
        let told = done(data, &["pki", "list"])?;
        let nodes = told["nodes"].as_array().context("no nodes")?;
        let entry = nodes.iter().find(|node| node["name"] == "clinic-a");
        Ok(entry.context("not listed")?["institution"].clone())
    };

    done(data, &add("clinic", "clinic", OWN))?;
    done(data, &issue)?;
    soon_known(&node(&w)?)?;
    assert_eq!((submitted(&w, &node(&w)?, OTHER)?, entry()?), (None, Value::Null), "nobody's node");

    let issued = done(data, &[&issue[..], &["--member", "clinic"]].concat())?;
    assert_eq!((&issued["institution"], entry()?), (&OWN.into(), OWN.into()));
    assert_eq!(listed(data, "clinic")?["nodes"][0]["institution"], OWN);
    soon_known(&node(&w)?)?;
    assert_eq!(submitted(&w, &node(&w)?, OWN)?, None);
    assert_eq!(submitted(&w, &node(&w)?, OTHER)?, refused);

    // Without the word, beside the certificate before it, and after another start.
    done(data, &[&issue[..], &["--overlap-days", "1"]].concat())?;
    assert_eq!(entry()?, OWN);
    let (_, place) = w.renkei.stop()?;
    w.renkei = Start::new(Form::PLAIN).go_in(place)?;
    assert_eq!(submitted(&w, &node(&w)?, OTHER)?, refused);
    assert_eq!(submitted(&w, &node(&w)?, OWN)?, None);

    // With a certificate of its own, which here is the same one.
    let certificate = directory.join("cert.pem").display().to_string();
    done(data, &["pki", "import", &certificate, "--name", "clinic-a", "--role", "source"])?;
    assert_eq!(entry()?, OWN);

    // Nobody is bound who is entitled to everything, and everybody again who comes back.
    done(data, &[&issue[..], &["--scope", "domain"]].concat())?;
    assert_eq!(entry()?, Value::Null);
    done(data, &["member", "disable", "clinic", "--reason", "休止"])?;
    done(data, &["member", "enable", "clinic", "--reason", "再開"])?;
    done(data, &issue)?;
    assert_eq!(entry()?, OWN);
    soon_known(&node(&w)?)?;
    assert_eq!(submitted(&w, &node(&w)?, OTHER)?, refused);
    Ok(())
}
