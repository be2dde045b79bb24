//! docs/examples: what is in it is what a running program answers.

use crate::commands::{announce, post, request_file, response_file};
use crate::house::House;
use crate::messages::{Example, Sent, all};
use crate::notices::{self, Consumers, Ports, TOLD};
use crate::page::page;
use crate::pretty::pretty;
use crate::settle::Settler;
use anyhow::{Context, Result, bail, ensure};
use renkei_xds::catalogue::QUERIES;
use renkei_xds::transaction::{ALL, ITI_44_ADDED, ITI_45, ITI_46, ITI_47, ITI_55, ITI_56};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files by their names.
type Files = BTreeMap<String, Vec<u8>>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples")
}

#[test]
fn every_example_is_what_a_running_house_answers() -> Result<()> {
    let ports = Ports::free()?;
    let house = House::start_telling(ports.setting())?;
    let consumers = Consumers::listen(&house, ports)?;
    let place = tempfile::tempdir()?;
    std::os::unix::fs::symlink(&house.me.directory, place.path().join("me"))?;
    let examples = all();
    let mut settler = Settler::default();
    let mut files = Files::new();
    for example in &examples {
        let answer = answered(example, &house, place.path(), &mut settler)
            .with_context(|| example.name.clone())?;
        files.insert(request_file(example), example.file().1);
        files.insert(response_file(example), answer.into_bytes());
        if example.name == notices::CAUSE {
            files.extend(told(&consumers)?);
        }
    }
    files.insert("README.md".to_owned(), page(&examples).into_bytes());
    // lines end as they were sent
    files.insert(".gitattributes".to_owned(), b"* -text\n".to_vec());
    compare(&files)
}

#[test]
fn every_transaction_and_query_has_an_example() {
    let examples = all();
    let names = examples.iter().map(|e| e.name.as_str());
    let names: Vec<&str> = names.chain(TOLD.iter().map(|notice| notice.name)).collect();
    let of_persons = [&&ITI_44_ADDED, &&ITI_45, &&ITI_46, &&ITI_47, &&ITI_55, &&ITI_56];
    let all = ALL.iter().chain(of_persons).map(|transaction| transaction.id);
    for id in all.chain(["ITI-8", "ITI-9", "ITI-10", "ITI-21", "ITI-64"]) {
        let folder = format!("{}/", id.to_ascii_lowercase());
        assert!(names.iter().any(|n| n.starts_with(&folder)), "{id}");
    }
    for query in QUERIES {
        let name = format!("{}/{}", query.transaction.id.to_ascii_lowercase(), query.name);
        assert!(names.contains(&name.as_str()), "{name}");
    }
}

/// The files of what the house sends by itself.
fn told(consumers: &Consumers) -> Result<Files> {
    let mut files = Files::new();
    for (notice, [request, response]) in TOLD.iter().zip(consumers.told()?) {
        files.insert(notices::request_file(notice), request.into_bytes());
        files.insert(notices::response_file(notice), response.into_bytes());
    }
    Ok(files)
}

/// Sends an example as its command does; gives the answer as it stands in its file.
fn answered(
    example: &Example,
    house: &House,
    place: &Path,
    settler: &mut Settler,
) -> Result<String> {
    let (file, (_, request)) = (request_file(example), example.file());
    let path = place.join(&file);
    std::fs::create_dir_all(path.parent().context("no folder")?)?;
    std::fs::write(&path, &request)?;
    settler.sends(&request);
    let answer = match &example.sent {
        Sent::Soap(soap) => {
            soap.is_valid()?;
            let (text, reply) = post(house, soap, &file, place)?;
            soap.is_answered_validly(&reply)?;
            text.replacen(&reply.envelope, &pretty(&reply.envelope), 1)
        }
        Sent::Feed(message) => announce(house, message, &file, place)?.replace('\r', "\n"),
    };
    ensure!(answer.contains(example.ends), "no {} in\n{answer}", example.ends);
    let finds = ["iti-18/", "iti-38/", "iti-51/"].iter().any(|f| example.name.starts_with(f));
    let kinds = ["<rim:ExtrinsicObject ", "<rim:RegistryPackage ", "<rim:Association "];
    let found = kinds.iter().any(|kind| answer.contains(kind));
    ensure!(found || !finds, "nothing is found\n{answer}");
    Ok(settler.settled(&answer))
}

/// Fails unless the folder holds these files and no others; writes them if asked to.
fn compare(files: &Files) -> Result<()> {
    let folder = folder();
    if std::env::var_os("RENKEI_WRITE_DOCS").is_some() {
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        for (name, octets) in files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().context("no folder")?)?;
            std::fs::write(path, octets)?;
        }
    }
    let mut found = Files::new();
    read(&folder, "", &mut found)?;
    for name in files.keys().chain(found.keys()) {
        let (made, kept) = (files.get(name), found.get(name));
        if made != kept {
            bail!("docs/examples/{name} has fallen behind: {}", difference(kept, made));
        }
    }
    Ok(())
}

fn read(folder: &Path, below: &str, files: &mut Files) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// The first line in which two files differ.
fn difference(kept: Option<&Vec<u8>>, made: Option<&Vec<u8>>) -> String {
    let text = |file: Option<&Vec<u8>>| {
        file.map(|octets| String::from_utf8_lossy(octets).into_owned()).unwrap_or_default()
    };
    let (kept, made) = (text(kept), text(made));
    let (mut kept, mut made) = (kept.lines(), made.lines());
    loop {
        match (kept.next(), made.next()) {
            (None, None) => return "line ends".to_owned(),
            (k, m) if k != m => return format!("it says {k:?}, the house {m:?}"),
            _ => {}
        }
    }
}
