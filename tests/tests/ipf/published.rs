//! The messages of HL7 v3 that IPF publishes with its own tests of ITI-44 to 47, read from the archive that Maven
//! serves of them: each is understood, or refused for what IPF made it wrong by.

use crate::{maven, project};
use anyhow::{Context, Result, ensure};
use renkei_hl7v3::acknowledgement::AcceptAcknowledgement;
use renkei_hl7v3::iti44::{Feed, RoleId};
use renkei_hl7v3::query::{BirthTime, Query};
use renkei_hl7v3::{Read, Refusal, iti45, iti47};
use renkei_person::{Identifier, Name, Person};
use renkei_soap::xml::{Reader, XmlLimits};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// What is understood of each: its path in the archive, a tab, and what [`understood`] says.
const PUBLISHED: &str = include_str!("../../ipf/published.txt");

/// The archive, unpacked.
fn unpacked() -> Result<TempDir> {
    let folder = TempDir::new()?;
    let run = Command::new("mvn")
        .args(["--quiet", "--batch-mode", "--file"])
        .arg(project().join("pom.xml"))
        .arg("dependency:unpack-dependencies@published")
        .arg(format!("-Dpublished={}", folder.path().display()))
        .output()
        .context("could not run mvn")?;
    ensure!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    Ok(folder)
}

/// Every message of HL7 v3 below a folder, by its path in there.
fn messages(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(&at)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "xml") {
                let name = path.strip_prefix(folder)?.display().to_string();
                found.insert(name, std::fs::read_to_string(&path)?);
            }
        }
    }
    found.retain(|_, xml| xml.contains("urn:hl7-org:v3"));
    Ok(found)
}

/// What is understood of a message, or the rules that it breaks.
fn understood(xml: &str) -> Result<String> {
    let mut r = Reader::new(xml, XmlLimits::default());
    let root = r.root()?;
    let told = match root.local.as_str() {
        "PRPA_IN201301UV02" | "PRPA_IN201302UV02" | "PRPA_IN201304UV02" => {
            told(Feed::read(&mut r, &root), |message| feed(&message))
        }
        "PRPA_IN201305UV02" => told(iti47::Request::read(&mut r, &root), |m| whom(&m.query)),
        "PRPA_IN201306UV02" => told(iti47::Answer::read(&mut r, &root), |m| persons(&m)),
        "PRPA_IN201309UV02" => told(iti45::Request::read(&mut r, &root), |m| {
            let domains = m.domains.iter().map(|domain| domain.id.as_str());
            format!("{} in {}", known(&m.patient), domains.collect::<Vec<_>>().join(","))
        }),
        "PRPA_IN201310UV02" => told(iti45::Answer::read(&mut r, &root), |m| references(&m)),
        "MCCI_IN000002UV01" => told(AcceptAcknowledgement::read(&mut r, &root), |m| {
            format!("{} {}", m.acknowledgement.code.code(), m.acknowledgement.target.root())
        }),
        other => other.to_owned(),
    };
    Ok(told)
}

fn told<M>(read: Result<Read<M>, Refusal>, tell: impl FnOnce(M) -> String) -> String {
    match read {
        Ok(read) => tell(read.message),
        Err(Refusal::Answerable(wrong)) => {
            let rules = wrong.problems.iter().map(|p| format!("{} {}", p.rule.id, p.element));
            rules.collect::<Vec<_>>().join("; ")
        }
        Err(Refusal::Fault(_)) => "no wrapper that could be answered".to_owned(),
    }
}

/// What happened to whose record.
fn feed(message: &Feed) -> String {
    let event = format!("{:?}", message.event);
    let ids = message.ids.iter().map(role).collect::<Vec<_>>().join(",");
    let prior = message.prior.iter().map(|id| format!(" for {}", role(id))).collect::<String>();
    format!("{event} {ids}{prior}: {}", person(&message.person))
}

fn role(id: &RoleId) -> String {
    let authority = id.root.as_ref().map_or("?", |root| root.as_str());
    format!("{}@{authority}", id.extension)
}

fn known(identifier: &Identifier) -> String {
    format!("{}@{}", identifier.id.id, identifier.id.authority)
}

fn all<'a>(identifiers: impl IntoIterator<Item = &'a Identifier>) -> String {
    identifiers.into_iter().map(known).collect::<Vec<_>>().join(",")
}

fn names(names: &[Name]) -> String {
    let name = |name: &Name| format!("{} {}", name.family, name.given.join(" ")).trim().to_owned();
    names.iter().map(name).collect::<Vec<_>>().join(" / ")
}

/// Names, birth, sex, cities, numbers, and what others call the person.
fn person(of: &Person) -> String {
    let birth = of.birth.map(|birth| birth.to_string()).unwrap_or_default();
    let sex = of.sex.map(|sex| format!("{sex:?}")).unwrap_or_default();
    let cities = of.addresses.iter().filter_map(|place| place.city.as_deref());
    let cities = cities.collect::<Vec<_>>().join(",");
    let contacts = of.contacts.len();
    let parts = [names(&of.names), birth, sex, cities, contacts.to_string(), all(&of.identifiers)];
    parts.join("|")
}

/// Whom a query looks for, and in which domains.
fn whom(query: &Query) -> String {
    let birth = match query.birth {
        Some(BirthTime::At(birth)) => birth.to_string(),
        other => other.map(|_| "between".to_owned()).unwrap_or_default(),
    };
    let sex = query.sex.map(|sex| format!("{sex:?}")).unwrap_or_default();
    let cities = query.addresses.iter().filter_map(|place| place.city.as_deref());
    let cities = cities.collect::<Vec<_>>().join(",");
    let domains = query.domains.iter().map(|domain| domain.id.as_str()).collect::<Vec<_>>();
    let most = query.initial_quantity.map(|most| most.to_string()).unwrap_or_default();
    let parts = [names(&query.names), birth, sex, cities, all(&query.identifiers), most];
    format!("{} in {}", parts.join("|"), domains.join(","))
}

/// The persons of an answer.
fn persons(message: &iti47::Answer) -> String {
    let iti47::Outcome::Found(found) = &message.outcome else {
        return format!("{:?}", message.outcome);
    };
    let one = |one: &iti47::Found| format!("{}: {}", all(one.identifiers()), person(&one.person));
    found.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The identifiers of an answer.
fn references(message: &iti45::Answer) -> String {
    match &message.outcome {
        iti45::Outcome::Found { identifiers, .. } => all(identifiers),
        other => format!("{other:?}"),
    }
}

#[test]
fn what_ipf_publishes_of_iti_44_to_47_is_understood() -> Result<()> {
    if !maven() {
        eprintln!("note: no Maven here, left out");
        return Ok(());
    }
    let mut wrong = Vec::new();
    let lines = PUBLISHED.lines().filter(|line| !line.starts_with('#'));
    let mut listed: BTreeMap<_, _> = lines.filter_map(|line| line.split_once('\t')).collect();
    for (name, xml) in messages(unpacked()?.path())? {
        let got = understood(&xml).with_context(|| name.clone())?;
        if listed.remove(name.as_str()) != Some(got.as_str()) {
            wrong.push(format!("{name}\t{got}"));
        }
    }
    ensure!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    ensure!(listed.is_empty(), "no longer published: {listed:?}");
    Ok(())
}
