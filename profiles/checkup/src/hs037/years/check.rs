//! Whether a document of the years is what it promises: a law a row, each broken once in a test.

use std::collections::HashSet;

use serde_json::Value;

use super::{CHECKUP, SECTION, reference};
use crate::hs037::check::Violation;
use crate::hs037::json::{codings, list, text, text_at};

/// What holds between the elements of a document.
struct Law {
    rule: &'static str,
    ja: &'static str,
    en: &'static str,
    /// The paths at which it is broken, with what stands there.
    broken: fn(&Value) -> Vec<(String, String)>,
}

static LAWS: [Law; 6] = [
    Law {
        rule: "a document Bundle that begins with a Composition",
        ja: "Compositionで始まるdocument Bundleではありません",
        en: "not a document Bundle that begins with a Composition",
        broken: |bundle| {
            let first = text_at(bundle, "/entry/0/resource/resourceType");
            let good = text(bundle, "type") == "document" && first == "Composition";
            if good { Vec::new() } else { vec![("Bundle".to_owned(), first.to_owned())] }
        },
    },
    Law {
        rule: "Bundle.identifier and Composition.identifier: 1..1",
        ja: "文書またはオンデマンド文書の識別子がありません",
        en: "the identifier of the document or of its On-Demand entry is missing",
        broken: |bundle| {
            let places = ["/identifier/value", "/entry/0/resource/identifier/value"];
            let missing = places.into_iter().filter(|place| text_at(bundle, place).is_empty());
            missing.map(|place| (place.to_owned(), String::new())).collect()
        },
    },
    Law {
        rule: "Bundle.entry.fullUrl: a URN, and no two alike",
        ja: "fullUrlがないか重複しています",
        en: "fullUrl is missing, or there twice",
        broken: |bundle| {
            let mut seen = HashSet::new();
            let is_bad =
                |url: &&str| !url.starts_with("urn:uuid:") || !seen.insert((*url).to_owned());
            let urls = list(bundle, "entry").iter().map(|entry| text(entry, "fullUrl"));
            urls.filter(is_bad).map(|url| ("Bundle.entry".to_owned(), url.to_owned())).collect()
        },
    },
    Law {
        rule: "every section of a checkup begins with its source document",
        ja: "健診のセクションに元の文書(uniqueId、リポジトリ、サイズ、SHA-1)がありません",
        en: "a section does not tell its source document: uniqueId, repository, size, SHA-1",
        broken: |bundle| {
            let is_bad = |section: &&Value| source(bundle, section).is_none();
            let bad = checkups(bundle).filter(is_bad);
            bad.map(|section| ("Composition.section".to_owned(), text(section, "title").to_owned()))
                .collect()
        },
    },
    Law {
        rule: "every Observation is derived from the source document of its section",
        ja: "元の文書に結び付いていない値があります",
        en: "a value is not linked to its source document",
        broken: |bundle| {
            let linked: HashSet<&str> = checkups(bundle)
                .flat_map(|section| {
                    let source = first(section);
                    let of = |url: &&str| derived_from(resource(bundle, url)).any(|r| r == source);
                    entries(section).filter(of).collect::<Vec<_>>()
                })
                .collect();
            let observations = list(bundle, "entry").iter();
            observations
                .filter(|e| text_at(e, "/resource/resourceType") == "Observation")
                .map(|entry| text(entry, "fullUrl"))
                .filter(|url| !linked.contains(url))
                .map(|url| ("Observation.derivedFrom".to_owned(), url.to_owned()))
                .collect()
        },
    },
    Law {
        rule: "what a section names is in the document",
        ja: "セクションが示すリソースが文書にありません",
        en: "a section names a resource that the document does not have",
        broken: |bundle| {
            let sections = list(composition(bundle), "section").iter();
            let named = sections.flat_map(entries).filter(|url| resource(bundle, url).is_null());
            named.map(|url| ("Composition.section.entry".to_owned(), url.to_owned())).collect()
        },
    },
];

/// Where a document breaks its laws; nowhere for a good one.
pub fn check(bundle: &Value) -> Vec<Violation> {
    let broken = |law: &'static Law| {
        (law.broken)(bundle).into_iter().map(|(path, found)| Violation {
            path,
            rule: law.rule.to_owned(),
            found,
            expected: law.rule.to_owned(),
            ja: law.ja.to_owned(),
            en: law.en.to_owned(),
        })
    };
    LAWS.iter().flat_map(broken).collect()
}

static NOTHING: Value = Value::Null;

fn composition(bundle: &Value) -> &Value {
    bundle.pointer("/entry/0/resource").unwrap_or(&NOTHING)
}

fn checkups(bundle: &Value) -> impl Iterator<Item = &Value> {
    let is_checkup = |section: &&Value| {
        let codes = codings(section.get("code")).iter();
        codes.filter(|c| text(c, "system") == SECTION).any(|c| text(c, "code") == CHECKUP)
    };
    list(composition(bundle), "section").iter().filter(is_checkup)
}

fn entries(section: &Value) -> impl Iterator<Item = &str> {
    list(section, "entry").iter().map(|entry| text(entry, "reference"))
}

fn first(section: &Value) -> &str {
    entries(section).next().unwrap_or_default()
}

fn source(bundle: &Value, section: &Value) -> Option<super::Source> {
    reference::read(resource(bundle, first(section)))
}

fn resource<'b>(bundle: &'b Value, url: &str) -> &'b Value {
    let mut entries = list(bundle, "entry").iter();
    let entry = entries.find(|entry| text(entry, "fullUrl") == url);
    entry.and_then(|entry| entry.get("resource")).unwrap_or(&NOTHING)
}

fn derived_from(resource: &Value) -> impl Iterator<Item = &str> {
    list(resource, "derivedFrom").iter().map(|source| text(source, "reference"))
}
