//! `renkei community`: other communities are entered, listed, checked and taken away.

use anyhow::{Context, Result, ensure};
use renkei_metadata::finding::Severity;
use renkei_tests::audit::Record;
use renkei_tests::elsewhere::{Elsewhere, Look, simple};
use renkei_tests::forge::Forged;
use renkei_tests::row::Row;
use renkei_tests::{Form, Start, audit, program};
use renkei_xds::iti18;
use renkei_xds::response::{RegistryError, Status};
use renkei_xds::transaction::ITI_38;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

const HOME: &str = "urn:oid:1.2.392.200119.9.1";

/// Runs `renkei community`; its status, standard output and standard error.
fn community(data_dir: &Path, words: &[&str]) -> Result<(Option<i32>, String, String)> {
    let data_dir = data_dir.display().to_string();
    let (command, rest) = words.split_first().context("no command")?;
    let args = [&["community", command, "--data-dir", &data_dir], rest].concat();
    let output = program::run(&args)?;
    let text = |octets: Vec<u8>| String::from_utf8_lossy(&octets).into_owned();
    Ok((output.status.code(), text(output.stdout), text(output.stderr)))
}

fn add(data_dir: &Path, url: &str, more: &[&str]) -> Result<(Option<i32>, String, String)> {
    let words = ["add", "--home", HOME, "--query", url, "--retrieve", url];
    community(data_dir, &[&words, more].concat())
}

#[test]
fn a_community_is_entered_before_the_first_start_and_taken_away() -> Result<()> {
    let dir = TempDir::new()?;
    let url = "https://north.example/xca/responding";
    let ca = dir.path().join("north.pem");
    std::fs::write(&ca, Forged::authority("north-ca")?.certificate.to_pem()?)?;
    let data = dir.path().join("data");
    let quirk = "home-missing=2099-03-31:they mend it";
    let path = ca.display().to_string();
    let more = ["--name", "北のPHR", "--ca", &path, "--quirk", quirk];
    let (status, told, error) = add(&data, url, &more)?;
    ensure!(status == Some(0) && told.contains(HOME), "{told}{error}");
    let file = data.join("communities/1.2.392.200119.9.1.toml");
    ensure!(std::fs::metadata(&file)?.permissions().mode() & 0o777 == 0o600, "is not private");
    std::fs::remove_file(&ca)?;
    let (status, told, error) = community(&data, &["list", "--json"])?;
    ensure!(status == Some(0), "{error}");
    let listed: Value = serde_json::from_str(&told)?;
    let entered = &listed["communities"][0];
    ensure!(entered["home"] == HOME && entered["name"] == "北のPHR", "{told}");
    ensure!(entered["query"] == url && entered["discovery"].is_null(), "{told}");
    ensure!(entered["ca"][0].as_str().is_some_and(|s| s.contains("north-ca")), "{told}");
    let quirk = &entered["quirks"][0];
    ensure!(quirk["inForce"] == true, "{told}");
    ensure!(quirk["used"] == 0 && quirk["lastUsed"].is_null(), "{told}");
    let (_, told, _) = community(&data, &["list"])?;
    ensure!(told.contains("not used yet"), "{told}");
    ensure!(told.contains("2099-03-31") && told.contains("they mend it"), "{told}");
    std::fs::write(data.join("communities/1.2.4.toml"), "home = 1")?;
    let (status, told, error) = community(&data, &["list"])?;
    ensure!(status == Some(3) && told.contains(HOME) && error.contains("1.2.4.toml"), "{error}");
    ensure!(community(&data, &["remove", "--home", HOME])?.0 == Some(0), "is not taken away");
    ensure!(!file.exists(), "is still there");
    let (status, _, error) = community(&data, &["remove", "--home", HOME])?;
    ensure!(status == Some(1) && error.contains("is not entered"), "{error}");
    // What was refused is not.
    let records = audit::list(&data, &[])?;
    are_changes(
        &records,
        &[&format!("entered: 北のPHR ITI-38 {url} ITI-39 {url} (相手の認証局"), "removed"],
    )
}

/// Fails unless these are all changes of whom the house asks: its security configuration has been changed (DICOM
/// PS3.15 A.5.3.11).
fn are_changes(records: &[Record], told: &[&str]) -> Result<()> {
    let changes: Vec<&Record> = records.iter().filter(|r| r.event == "110113").collect();
    assert_eq!(changes.len(), told.len(), "{changes:#?}");
    let operator = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    let operator = operator.unwrap_or_else(|_| "operator".to_owned());
    for (record, told) in changes.into_iter().zip(told) {
        assert_eq!(
            (record.key(), record.description.as_deref()),
            ("110113 110129 E 0".into(), None)
        );
        let [by] = &record.participants[..] else { anyhow::bail!("{record:?}") };
        assert_eq!((by.user_id.as_str(), by.requestor), (operator.as_str(), true));
        ensure!(by.alternative_user_id.is_some() && by.network.is_some(), "{by:?}");
        let [community] = &record.objects[..] else { anyhow::bail!("{record:?}") };
        assert_eq!(
            (community.type_code, community.role, community.id_type.as_str()),
            (2, 13, "12")
        );
        assert_eq!(community.id, HOME);
        let [(name, text)] = &community.details[..] else { anyhow::bail!("{community:?}") };
        ensure!(name == "Alert Description" && text.contains(told), "{text}");
    }
    Ok(())
}

#[test]
fn what_is_changed_while_the_house_runs_is_on_record_too() -> Result<()> {
    let house = Start::new(Form::PLAIN).go()?;
    let (url, xcpd) = ("https://north.example/xca", "https://north.example/xcpd");
    let data = house.place().data_dir();
    let (status, _, error) = add(&data, url, &["--discovery", xcpd])?;
    ensure!(status == Some(0), "{error}");
    ensure!(community(&data, &["remove", "--home", HOME])?.0 == Some(0), "is not taken away");
    let settings = house.settings();
    let (status, place) = house.stop()?;
    ensure!(status.success(), "{status}");
    let records = audit::list(&place.data_dir(), &settings)?;
    are_changes(&records, &[&format!("ITI-55 {xcpd} (自拠点の認証局"), "removed"])
}

#[test]
fn nothing_of_the_house_itself_is_entered() -> Result<()> {
    let data = TempDir::new()?;
    let (_, told, _) = community(data.path(), &["list", "--json"])?;
    ensure!(told.contains("\"communities\":[]"), "{told}");
    let settings = std::fs::read_to_string(data.path().join("renkei.toml"))?;
    let own = settings.lines().find_map(|l| l.strip_prefix("home_community = "));
    let own = own.context("no home_community")?.trim_matches('"').to_owned();
    let url = "https://north.example/";
    let words = ["add", "--home", &own, "--query", url, "--retrieve", url];
    let (status, _, error) = community(data.path(), &words)?;
    ensure!(status == Some(1) && error.contains("of this community"), "{error}");
    for (url, what) in [
        ("https://localhost:8443/xca/responding", "address of this server"),
        ("http://north.example/", "https"),
    ] {
        let (status, _, error) = add(data.path(), url, &[])?;
        ensure!(status == Some(1) && error.contains(what), "{url}: {error}");
    }
    let (status, _, error) = add(data.path(), url, &["--quirk", "home-missing"])?;
    ensure!(status == Some(1) && error.contains("NAME=YYYY-MM-DD:REASON"), "{error}");
    ensure!(!data.path().join("communities").exists(), "something was entered");
    Ok(())
}

/// A community as `check` meets it.
struct Met<'a> {
    /// The certificate that its gateway shows.
    own: &'a Forged,
    /// The CA that is entered of it.
    ca: &'a Forged,
    /// The CA whose nodes its gateway lets in; that of the house without it.
    peers: Option<&'a Forged>,
    /// What it answers to who looks whether it is there.
    look: Look,
    /// How it answers the query, and with which errors.
    answer: (Status, Vec<RegistryError>),
    /// The objects of that answer.
    objects: &'static str,
}

impl<'a> Met<'a> {
    /// One that does everything right.
    fn fine(own: &'a Forged, ca: &'a Forged) -> Self {
        let answer = (Status::Success, Vec::new());
        Self { own, ca, peers: None, look: Look::default(), answer, objects: "" }
    }

    /// The status of `check`, and what it says.
    fn checked(self) -> Result<(Option<i32>, Value)> {
        let dir = TempDir::new()?;
        let data = dir.path().join("data");
        // The house has no CA before it needs one.
        ensure!(add(&data, "https://north.example/", &[])?.0 == Some(0), "is not entered");
        let house = Forged::authority_of(&data)?;
        let ((status, errors), objects) = (self.answer, self.objects);
        let peers = self.peers.unwrap_or(&house);
        let gateway = Elsewhere::serve_looked(self.own, peers, self.look, move |asked, stream| {
            let (head, tail) = iti18::response_frame(status, &errors);
            let answer = simple(asked, &ITI_38, |w| {
                w.raw(&head).raw(objects).raw(&tail);
            });
            Ok(std::io::Write::write_all(stream, &answer)?)
        })?;
        let path = dir.path().join("north.pem");
        std::fs::write(&path, self.ca.certificate.to_pem()?)?;
        let more = ["--ca", &path.display().to_string()];
        ensure!(add(&data, &gateway.url(), &more)?.0 == Some(0), "is not entered");
        let (status, told, error) = community(&data, &["check", "--home", HOME, "--json"])?;
        let told = serde_json::from_str(&told).with_context(|| error)?;
        Ok((status, told))
    }

    /// Fails unless that says `what` is wrong, in both languages, and what to do.
    fn says(self, what: &str) -> Result<()> {
        let (status, told) = self.checked()?;
        let problems = told["problems"].as_array().context("no problems")?;
        let said = |p: &Value| {
            let japanese = ["確認", "依頼"];
            p.as_str().is_some_and(|p| p.contains(what) && japanese.iter().any(|j| p.contains(j)))
        };
        ensure!(status == Some(2) && problems.iter().any(said), "{what}: {told}");
        Ok(())
    }
}

#[test]
fn a_check_says_what_is_wrong_in_a_sentence() -> Result<()> {
    let (north, other) = (Forged::authority("north-ca")?, Forged::authority("other-ca")?);
    let own = north.server("localhost")?;
    let fine = || Met::fine(&own, &north);
    let (status, told) = fine().checked()?;
    ensure!(status == Some(0) && told["ok"] == true, "{told}");
    ensure!(told["clockUntold"].as_array().is_some_and(Vec::is_empty), "{told}");
    Met { ca: &other, ..fine() }.says("no TLS")?;
    let expired = north.server_until("localhost", -60)?;
    Met { own: &expired, ..fine() }.says("certificate has expired")?;
    // Ours is refused, by TLS and by HTTP.
    Met { peers: Some(&other), ..fine() }.says("no TLS")?;
    let look = Look { status: 403, ..Look::default() };
    Met { look, ..fine() }.says("is not admitted (HTTP 403)")?;
    let error = RegistryError {
        code: "XDSRegistryError".to_owned(),
        context: "no table".to_owned(),
        severity: Severity::Error,
        location: String::new(),
    };
    let broken = (Status::Failure, vec![error]);
    Met { answer: broken, ..fine() }.says("ask its operator: XDSRegistryError no table")?;
    let silent = (Status::Failure, Vec::new());
    Met { answer: silent, ..fine() }.says("refused to answer")?;
    let objects = "<rim:ObjectRef id=\"urn:uuid:7f1c1e0a-8d50-4f6c-8f3a-3a1f4f0f7a11\"/>";
    let [_, _, said, _] = &Row::of("community-object-of-nobody")?.words;
    Met { objects, ..fine() }.says(said)?;
    let data = TempDir::new()?;
    ensure!(add(data.path(), "https://localhost:1/", &[])?.0 == Some(0), "is not entered");
    let (status, told, _) = community(data.path(), &["check", "--home", HOME])?;
    ensure!(status == Some(2) && told.contains("cannot connect"), "{told}");
    Ok(())
}

/// With `--ca`, nobody else's CA vouches for the community: neither that of another one that is entered nor our own.
#[test]
fn a_check_takes_no_other_ca_for_that_of_the_community() -> Result<()> {
    let dir = TempDir::new()?;
    let data = dir.path().join("data");
    let (north, other) = (Forged::authority("north-ca")?, Forged::authority("other-ca")?);
    let written = |name: &str, ca: &Forged| -> Result<String> {
        let path = dir.path().join(name);
        std::fs::write(&path, ca.certificate.to_pem()?)?;
        Ok(path.display().to_string())
    };
    let (north_pem, other_pem) = (written("north.pem", &north)?, written("other.pem", &other)?);
    let away = "https://other.example/";
    let words = ["add", "--home", "urn:oid:1.2.392.200119.9.2", "--query", away];
    let words = [&words[..], &["--retrieve", away, "--ca", &other_pem]].concat();
    ensure!(community(&data, &words)?.0 == Some(0), "is not entered");
    let house = Forged::authority_of(&data)?;
    for (ca, vouches) in [(&other, false), (&house, false), (&north, true)] {
        let gateway = Elsewhere::serve(&ca.server("localhost")?, &house, |asked, stream| {
            let (head, tail) = iti18::response_frame(Status::Success, &[]);
            let answer = simple(asked, &ITI_38, |w| {
                w.raw(&head).raw(&tail);
            });
            Ok(std::io::Write::write_all(stream, &answer)?)
        })?;
        ensure!(add(&data, &gateway.url(), &["--ca", &north_pem])?.0 == Some(0), "not entered");
        let (status, told, error) = community(&data, &["check", "--home", HOME])?;
        ensure!(status == Some(if vouches { 0 } else { 2 }), "{told}{error}");
        assert_eq!(gateway.asked(), usize::from(vouches), "{told}");
        let named = told.contains(&gateway.url()) && told.contains("no TLS");
        assert_eq!(named, !vouches, "{told}");
    }
    Ok(())
}

#[test]
fn a_check_says_that_a_clock_is_not_told() -> Result<()> {
    let north = Forged::authority("north-ca")?;
    let own = north.server("localhost")?;
    let look = Look { off: None, ..Look::default() };
    let (status, told) = Met { look, ..Met::fine(&own, &north) }.checked()?;
    ensure!(status == Some(0) && told["ok"] == true, "{told}");
    let untold = told["clockUntold"].as_array().context("no clockUntold")?;
    let [url] = &untold[..] else { anyhow::bail!("{told}") };
    ensure!(url.as_str().is_some_and(|url| url.ends_with("/gateway")), "{told}");
    Ok(())
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|o| o.keys().map(String::as_str).collect()).unwrap_or_default()
}

/// The keys that README.md names, and no others.
#[test]
fn what_is_told_as_json_has_these_keys() -> Result<()> {
    let house = Start::new(Form::PLAIN).go()?;
    let (data, settings) = (house.place().data_dir(), house.settings());
    let sets: Vec<&str> = settings.iter().flat_map(|s| ["--set", s.as_str()]).collect();
    let told = |words: &[&str]| -> Result<Value> {
        let (_, told, error) = community(&data, &[words, &["--json"], &sets].concat())?;
        serde_json::from_str(&told).context(error)
    };
    let more = ["--quirk", "home-missing=2099-03-31:they mend it"];
    ensure!(add(&data, "https://localhost:1/", &more)?.0 == Some(0), "is not entered");
    std::fs::write(data.join("communities/1.2.4.toml"), "home = 1")?;

    let listed = told(&["list"])?;
    assert_eq!(keys(&listed), ["communities", "broken"]);
    assert_eq!(keys(&listed["broken"][0]), ["file", "reason"]);
    let entered = &listed["communities"][0];
    let expected = [
        "home",
        "name",
        "query",
        "retrieve",
        "discovery",
        "discoveryBy",
        "discoveryAnswers",
        "answers",
        "peer",
        "locations",
        "ca",
        "identity",
        "correlations",
        "quirks",
    ];
    assert_eq!(keys(entered), expected);
    assert_eq!(keys(&entered["correlations"]), ["known", "nobody", "asked"]);
    let quirk = ["name", "reason", "until", "inForce", "used", "lastUsed"];
    assert_eq!(keys(&entered["quirks"][0]), quirk);
    let checked = told(&["check", "--home", HOME])?;
    assert_eq!(keys(&checked), ["home", "ok", "discoveryAsked", "clockUntold", "problems"]);
    assert_eq!(keys(&told(&["forget", "--home", HOME])?), ["home", "forgotten"]);
    Ok(())
}
