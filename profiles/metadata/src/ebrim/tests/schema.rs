//! What is written, and what was accepted before, is valid by the schema of ebRIM.

use super::*;
use crate::model::{ExtraSlot, LocalizedString};
use crate::rules;
use std::path::Path;
use std::process::Command;

/// Values at the edge of what the schema allows and beyond it, each of which may be refused.
fn wild() -> impl Strategy<Value = String> {
    let long = |longest: usize| (longest - 1..longest + 2).prop_map(|n| "長".repeat(n));
    prop_oneof![
        long(64),
        long(128),
        long(256),
        long(1024),
        "[a-z]{1,3}[-_ ][a-zA-Z0-9]{1,9}",
        "\\PC{0,12}",
        arbitrary::text(),
        Just(String::new()),
    ]
}

/// A submission that keeps the rules but for a few texts, which are wild.
fn wild_submission() -> impl Strategy<Value = Submission> {
    let wild = || proptest::option::weighted(0.2, wild());
    let texts = [(); 14].map(|()| wild());
    (arbitrary::submission(), arbitrary::author(), arbitrary::localized(), texts).prop_map(
        |(mut s, author, text, wild)| {
            let entry = &mut s.entries[0];
            entry.authors.push(author);
            entry.title = Some(text.clone());
            entry.comments = Some(text);
            let [
                role,
                person,
                display,
                code,
                scheme,
                title,
                comments,
                lang,
                charset,
                uri,
                extra,
                name,
                info,
                reference,
            ] = wild;
            let author = &mut entry.authors[0];
            author.roles.extend(role);
            author.person = person.map(|p| format!("1^{p}")).or(author.person.take());
            let typed = entry.type_code.as_mut().unwrap();
            typed.code = code.unwrap_or(typed.code.clone());
            typed.scheme = scheme.unwrap_or(typed.scheme.clone());
            let and = |text: &LocalizedText, value: Option<String>| match value {
                Some(value) => LocalizedText::from(LocalizedString::new(value, "ja")),
                None => text.clone(),
            };
            typed.display = and(&typed.display, display);
            entry.title = entry.title.as_ref().map(|t| and(t, title));
            entry.comments = entry.comments.as_ref().map(|t| and(t, comments));
            if let Some(lang) = lang {
                let string = LocalizedString { value: "x".to_owned(), lang: Some(lang), charset };
                entry.title = Some(LocalizedText::from(string));
            }
            entry.uri = uri.or(entry.uri.take());
            entry
                .extra
                .extend(extra.map(|v| ExtraSlot { name: "urn:x-y:z".to_owned(), values: vec![v] }));
            entry
                .extra
                .extend(name.map(|n| ExtraSlot { name: format!("urn:x-y:{n}"), values: vec![] }));
            entry.source_patient_info.extend(info.map(|i| format!("PID-11|{i}")));
            entry.reference_ids.extend(reference.map(|r| format!("{r}^^^^urn:x")));
            s
        },
    )
}

/// What one system could register, every other one that asks for the patient has to be able to read.
#[test]
fn what_is_accepted_can_be_given_back() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut answers, mut refused) = (Vec::new(), 0);
    while answers.len() < 60 {
        let tree = wild_submission().new_tree(&mut runner).unwrap();
        let checked = read(&written(&proptest::strategy::ValueTree::current(&tree)));
        let s = checked.value.unwrap();
        let found = rules::check(&s, rules::Column::XdsDs, None, &checked.findings);
        if checked.findings.iter().chain(&found).any(Finding::is_error) {
            refused += 1;
        } else {
            answers.push(written(&s));
        }
    }
    assert!(refused > 20, "{refused} refused: the texts are not wild");
    valid_ebrim(&answers);
}

#[test]
fn what_is_written_is_valid_ebrim() {
    let mut messages = vec![written(&read(SAMPLE).value.unwrap())];
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..20 {
        let tree = arbitrary::loose_submission().new_tree(&mut runner).unwrap();
        messages.push(written(&proptest::strategy::ValueTree::current(&tree)));
    }
    valid_ebrim(&messages);
}

/// The schema of ebRS, where this machine has it.
fn valid_ebrim(messages: &[String]) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/schemas/xds/schema/ebRS30/lcm.xsd");
    if !schema.exists() || Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("skipped: no ebRS schema or no xmllint here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<_> = messages
        .iter()
        .enumerate()
        .map(|(n, list)| {
            let file = folder.path().join(format!("{n}.xml"));
            let xml = format!(
                "<lcm:SubmitObjectsRequest xmlns:lcm=\"{}\">{list}</lcm:SubmitObjectsRequest>",
                ns::LCM
            );
            std::fs::write(&file, xml).unwrap();
            file
        })
        .collect();
    let run = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .arg(schema)
        .args(&files)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}
