//! The certificate that the program presents, and the one that the shell does.

use crate::serve::{Served, fails};
use anyhow::{Context, Result, ensure};
use renkei_tests::forge::Forged;
use renkei_tests::wire::{Wire, connector};
use renkei_tests::{Identities, metrics, program};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Writes a server's pair with its chain, and answers the words that have it presented.
fn own(place: &Path, ca: &Forged, server: &Forged) -> Result<[String; 4]> {
    server.write(place)?;
    let chain = [server.certificate.to_pem()?, ca.certificate.to_pem()?].concat();
    std::fs::write(place.join("cert.pem"), chain)?;
    let set = |key: &str, file: &str| format!("{key}={}", place.join(file).display());
    let set = [set("tls.certificate", "cert.pem"), set("tls.key", "key.pem")];
    let [certificate, key] = set;
    Ok(["--set".to_owned(), certificate, "--set".to_owned(), key])
}

fn words(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

fn port(line: &Value) -> Result<u16> {
    let registry = line["endpoints"]["registry"].as_str().context("no registry")?;
    let after = registry.strip_prefix("https://localhost:").context("no port")?;
    Ok(after.split('/').next().unwrap_or_default().parse()?)
}

#[test]
fn a_certificate_of_another_ca_is_presented_and_nodes_are_given_the_ca() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("data");
    let ca = Forged::authority("Public CA")?;
    let given = own(&place.path().join("server"), &ca, &ca.server("localhost")?)?;
    let served = Served::start(&data, &words(&given))?;
    let node = Identities::new(&data, place.path()).issue("node", &["consumer"])?;
    let mut wire =
        Wire::connect(&connector(&node.join("ca.pem"), Some(&node))?, port(&served.line)?)?;
    let answer = wire.get("/xds/registry?wsdl")?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let own = connector(&data.join("pki/ca.pem"), Some(&node))?;
    ensure!(Wire::connect(&own, port(&served.line)?).is_err(), "the made one is presented");
    served.stop()?;
    Ok(())
}

#[test]
fn a_pair_that_does_not_fit_or_has_ended_is_refused_at_the_start_by_name() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("data");
    let to = data.display().to_string();
    let ca = Forged::authority("Public CA")?;
    let refused = |folder: &str, server: &Forged, other: Option<&Forged>| -> Result<String> {
        let folder = place.path().join(folder);
        let given = own(&folder, &ca, server)?;
        if let Some(other) = other {
            std::fs::write(folder.join("key.pem"), other.key.private_key_to_pem_pkcs8()?)?;
        }
        fails(&[&["--data-dir", &to], &words(&given)[..]].concat())
    };
    let told = refused("ended", &ca.server_until("localhost", -60)?, None)?;
    for part in ["ended/cert.pem: ", "CN=localhost", "は期限切れです", "has ended (good from 20"]
    {
        ensure!(told.contains(part), "{told}");
    }
    let told = refused("mixed", &ca.server("localhost")?, Some(&ca.server("localhost")?))?;
    for part in ["mixed/key.pem: ", "mixed/cert.pem の秘密鍵ではありません", "is not the key of"]
    {
        ensure!(told.contains(part), "{told}");
    }
    let told = fails(&["--data-dir", &to, "--set", "tls.key=key.pem"])?;
    ensure!(told.contains("tls.key is set without tls.certificate"), "{told}");
    Ok(())
}

#[test]
fn the_shell_says_which_of_its_own_files_does_not_fit() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("data");
    let identities = Identities::new(&data, place.path());
    let (one, other) =
        (identities.issue("one", &["consumer"])?, identities.issue("other", &["consumer"])?);
    let told = |folder: &PathBuf| -> Result<String> {
        let (folder, state) =
            (folder.display().to_string(), place.path().join("state").display().to_string());
        let connect = format!("{folder}/connect.json");
        let words = ["query", "--patient", "x^^^&2.999&ISO", "--connect", &connect];
        let more = ["--identity", &folder, "--state-dir", &state];
        let output = program::run(&[&words[..], &more].concat())?;
        assert_eq!(output.status.code(), Some(1));
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    };
    std::fs::copy(other.join("key.pem"), one.join("key.pem"))?;
    let mixed = told(&one)?;
    ensure!(mixed.contains("one/key.pem: "), "{mixed}");
    ensure!(mixed.contains("one/cert.pem の秘密鍵ではありません"), "{mixed}");
    Forged::authority_of(&data)?.node("other", -20, -1)?.write(&other)?;
    let ended = told(&other)?;
    ensure!(ended.contains("other/cert.pem: 証明書 CN=other は期限切れです"), "{ended}");
    ensure!(ended.contains("certificate CN=other has ended"), "{ended}");
    Ok(())
}

#[test]
fn certificates_that_end_soon_are_told_in_the_log_by_health_in_metrics_and_in_the_list()
-> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("data");
    let ca = Forged::authority("Public CA")?;
    let given = own(&place.path().join("server"), &ca, &ca.server("localhost")?)?;
    let identities = Identities::new(&data, place.path());
    for (name, days) in [("brief", "6"), ("short", "50"), ("long", "300")] {
        identities.issue_with(name, &["consumer"], &["--days", days])?;
    }
    let log = place.path().join("log");
    let mut words = words(&given);
    words.extend(["--set", "log.format=json"]);
    let served = Served::start_logging(&data, &words, &log)?;
    let admin = served.line["endpoints"]["admin"].as_str().context("no admin")?;

    let (_, health) = metrics::admin_at(admin, "/health/ready")?;
    let health: Value = serde_json::from_str(&health)?;
    let ending = health["ending"].as_object().context("nothing ends")?;
    let told: Vec<(&str, i64)> =
        ending.iter().map(|(name, days)| (name.as_str(), days.as_i64().unwrap_or(-1))).collect();
    assert_eq!(told, [("brief", 5), ("server certificate", 29), ("short", 49)]);

    let (_, text) = metrics::admin_at(admin, "/metrics")?;
    for (name, days) in
        [("brief", 5), ("long", 299), ("server certificate", 29), ("house CA", 3649)]
    {
        let line = format!("renkei_certificate_days{{node=\"{name}\"}} {days}\n");
        ensure!(text.contains(&line), "{line}{text}");
    }

    let listed = program::run(&["pki", "list", "--data-dir", &data.display().to_string()])?;
    let listed = String::from_utf8(listed.stdout)?;
    for (name, left) in [("brief", "残り5日 / 5 days left"), ("short", "残り49日"), ("long", "～")]
    {
        let line = listed.lines().find(|line| line.starts_with(name)).context("not listed")?;
        ensure!(line.contains(left) && (name != "long" || !line.contains("残り")), "{line}");
    }

    served.stop()?;
    let log = std::fs::read_to_string(&log)?;
    for (level, told) in [
        ("ERROR", "brief の証明書の期限が7日以内に切れます"),
        ("WARN", "the certificate of server certificate ends within 30 days"),
        ("WARN", "short の証明書の期限が60日以内に切れます"),
    ] {
        let line = log.lines().find(|line| line.contains(told)).context(told)?;
        ensure!(line.contains(level), "{line}");
    }
    ensure!(!log.contains("long の証明書"), "{log}");
    Ok(())
}

#[test]
fn nodes_of_a_table_are_issued_all_or_none() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("data");
    let served = Served::start(&data, &[])?;
    let (table, out) = (place.path().join("nodes.csv"), place.path().join("out"));
    let issue = |text: &str, more: &[&str]| -> Result<std::process::Output> {
        std::fs::write(&table, text)?;
        let (table, out, data) =
            (table.display().to_string(), out.display().to_string(), data.display().to_string());
        let words = ["pki", "issue", "--bulk", &table, "--out", &out, "--data-dir", &data];
        program::run(&[&words[..], more].concat())
    };
    let listed = || -> Result<String> {
        let list = program::run(&["pki", "list", "--data-dir", &data.display().to_string()])?;
        Ok(String::from_utf8(list.stdout)?)
    };
    let before = listed()?;
    let wrong = issue("name,roles,days\na,consumer,10\nb,cook,0\n", &[])?;
    assert_eq!(wrong.status.code(), Some(1));
    let told = String::from_utf8(wrong.stderr)?;
    for part in ["何も発行していません", "3: roles \"cook\"", "3: days \"0\""] {
        ensure!(told.contains(part), "{told}");
    }
    ensure!(!out.exists() && listed()? == before, "issued in part");

    let text = "name,roles,scopes,source-ids,days\na,consumer,insurer=06130001,,10\nb,source;feed,,1.2.3,\n";
    let done = issue(text, &["--json"])?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let lines = String::from_utf8(done.stdout)?;
    let names: Vec<Value> = lines
        .lines()
        .map(|line| Ok(serde_json::from_str::<Value>(line)?["name"].clone()))
        .collect::<Result<_>>()?;
    assert_eq!(names, ["a", "b"]);
    ensure!(out.join("b/patient.key").exists() && !out.join("a/patient.key").exists());
    for name in ["a", "b"] {
        let node = out.join(name);
        let connector = connector(&node.join("ca.pem"), Some(&node))?;
        let answer = Wire::connect(&connector, port(&served.line)?)?.get("/xds/registry?wsdl")?;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
    }
    // One whose folder is another's keeps all of them out.
    std::fs::rename(out.join("b"), out.join("c"))?;
    let text = "name,roles\nd,consumer\nc,consumer\n";
    let refused = issue(text, &[])?;
    ensure!(String::from_utf8(refused.stderr)?.contains("holds the certificate of b"));
    ensure!(!listed()?.contains("\nd "), "issued in part");
    served.stop()?;
    Ok(())
}
