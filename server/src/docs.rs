//! Pages of docs/ that are renderings of tables; a page that has fallen behind fails here.
//!
//! `RENKEI_WRITE_DOCS=1 cargo test --release -p renkei docs` writes them anew.

mod access;
mod codes;
mod errors;
mod limits;
mod mandates;
mod members;
mod oids;
mod samples;
mod statement;

use renkei_metadata::finding::{Reporter, Rule};
use std::collections::HashSet;
use std::path::Path;

fn page(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    if std::env::var_os("RENKEI_WRITE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "docs/{name} has fallen behind its table; write it anew");
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
    page("ERRORS.md", &errors::page());
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
fn every_entitlement_is_listed() {
    page("ACCESS.md", &access::page());
}

#[test]
fn every_code_is_listed() {
    page("CODES.md", &codes::page());
}

#[test]
fn every_oid_is_listed() {
    page("OIDS.md", &oids::page());
}
