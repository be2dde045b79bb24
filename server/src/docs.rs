//! Pages of docs/ that are renderings of tables; a page that has fallen behind fails here.
//!
//! `RENKEI_WRITE_DOCS=1 cargo test --release -p renkei docs` writes them anew.

mod codes;
mod limits;
mod oids;
mod statement;

use renkei_metadata::finding::{Reporter, Rule, Severity};
use renkei_source_adapter::withdraw::{Reason, Texts};
use std::collections::HashSet;
use std::fmt::Write;
use std::path::Path;

fn page(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    if std::env::var_os("RENKEI_WRITE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "docs/{name} has fallen behind its table; write it anew");
}

fn rows(out: &mut String, title: &str, reporter: Reporter, rules: &[&Rule]) {
    writeln!(out, "\n## {title}\n").unwrap();
    writeln!(out, "| row | errorCode | 内容 | 対処 | what is wrong | what to do | section |")
        .unwrap();
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- |").unwrap();
    for rule in rules {
        let severity = match rule.severity {
            Severity::Error => "",
            Severity::Warning => " (warning)",
        };
        let cells = [
            format!("`{}`", rule.id),
            format!("{}{severity}", rule.code.name(reporter)),
            rule.ja.to_owned(),
            rule.fix_ja.to_owned(),
            rule.en.to_owned(),
            rule.fix_en.to_owned(),
            rule.section.to_owned(),
        ];
        let cells = cells.map(|c| c.replace('|', "\\|"));
        writeln!(out, "| {} |", cells.join(" | ")).unwrap();
    }
}

/// The row of this name in the tables of a reporter.
fn rule(reporter: Reporter, id: &str) -> Option<&'static Rule> {
    let tables = match reporter {
        Reporter::Registry => [renkei_xds::rules::all(), renkei_registry::rules::all()],
        Reporter::Repository => [renkei_repository::rules::all(), renkei_on_demand::rules::all()],
    };
    tables.into_iter().flatten().find(|rule| rule.id == id).copied()
}

#[test]
fn every_row_is_complete_and_its_name_unique_in_the_house() {
    let tables = [
        renkei_metadata::rules::all(),
        renkei_metadata::update::rows::all(),
        renkei_xds::rules::all(),
        renkei_registry::rules::all(),
        renkei_registry::update::rules::all(),
        renkei_repository::rules::all(),
        renkei_on_demand::rules::all(),
        renkei_gateway::initiating::rules::all(),
        renkei_gateway::responding::rules::all(),
    ];
    let mut ids = HashSet::new();
    for rule in tables.into_iter().flatten() {
        assert!(ids.insert(rule.id), "{} twice", rule.id);
        for text in [rule.en, rule.fix_en] {
            assert!(!text.is_empty() && text.is_ascii(), "{}: {text:?}", rule.id);
            assert!(!text.ends_with('.'), "{}: a finding goes on after {text:?}", rule.id);
        }
        for text in [rule.ja, rule.fix_ja] {
            assert!(!text.is_empty() && !text.is_ascii(), "{}: {text:?}", rule.id);
        }
        assert!(
            rule.section.starts_with("ITI TF-") || rule.section.starts_with("ebRIM 3.0"),
            "{}: {:?}",
            rule.id,
            rule.section
        );
    }
}

#[test]
fn every_error_is_listed() {
    let mut out = String::from(
        "# Errors\n\nEvery row of the error tables: what `rs:RegistryError` says, and what to do. \
         A finding adds the object, the attribute, the value and the place. Written from the tables; \
         do not edit.\n",
    );
    rows(&mut out, "Metadata", Reporter::Registry, renkei_metadata::rules::all());
    let updates = renkei_metadata::update::rows::all();
    rows(&mut out, "Metadata updates", Reporter::Registry, updates);
    rows(&mut out, "Messages and queries", Reporter::Registry, renkei_xds::rules::all());
    rows(&mut out, "Document Registry", Reporter::Registry, renkei_registry::rules::all());
    let updates = renkei_registry::update::rules::all();
    rows(&mut out, "Document Registry: metadata updates", Reporter::Registry, updates);
    rows(&mut out, "Document Repository", Reporter::Repository, renkei_repository::rules::all());
    let rules = renkei_on_demand::rules::all();
    rows(&mut out, "On-Demand Document Source", Reporter::Repository, rules);
    gateways(&mut out);
    withdrawals(&mut out);
    page("ERRORS.md", &out);
}

/// What is told between communities, each code by the name that it has in its transaction.
fn gateways(out: &mut String) {
    let rules = renkei_gateway::initiating::rules::all();
    rows(out, "Initiating Gateway", Reporter::Registry, rules);
    let rules = renkei_gateway::responding::rules::all();
    let retrieves = |rule: &&Rule| rule.section.starts_with("ITI TF-2: 3.39.");
    let (retrieve, query): (Vec<&Rule>, Vec<&Rule>) = rules.iter().copied().partition(retrieves);
    rows(out, "Responding Gateway", Reporter::Registry, &query);
    rows(out, "Responding Gateway: ITI-39", Reporter::Repository, &retrieve);
}

/// What `renkei withdraw` and `renkei submit` say about what stays.
fn withdrawals(out: &mut String) {
    out.push_str("\n## Withdrawals: why something is left\n\n");
    out.push_str("| reason | 内容 | 対処 | what is in the way | what to do |\n");
    out.push_str("| --- | --- | --- | --- | --- |\n");
    for reason in Reason::ALL {
        let Texts { name, ja, fix_ja, en, fix_en } = reason.texts();
        writeln!(out, "| `{name}` | {ja} | {fix_ja} | {en} | {fix_en} |").unwrap();
    }
}

#[test]
fn every_query_is_listed() {
    let head = "# Stored queries\n\nITI-18 and ITI-51 as they are offered here. Written from the catalogue; do not \
                edit.\n\n";
    page("QUERIES.md", &format!("{head}{}", renkei_xds::catalogue::markdown()));
}

#[test]
fn the_integration_statement_says_what_is_declared() {
    page("INTEGRATION-STATEMENT.md", &statement::page());
}

#[test]
fn every_limit_is_listed() {
    page("LIMITS.md", &limits::page());
}

#[test]
fn every_code_is_listed() {
    page("CODES.md", &codes::page());
}

#[test]
fn every_oid_is_listed() {
    page("OIDS.md", &oids::page());
}
