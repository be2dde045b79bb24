//! Many nodes of one table (CSV): all of it is right, or nothing is issued.

use super::issue::host;
use crate::pki::{Entitlement, Id, Issue, Node, NodeName, Sight};
use anyhow::{Context, ensure};
use csv::StringRecord;
use renkei_context::{Role, Roles};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

/// The columns; the first two have to be there.
const COLUMNS: [&str; 8] =
    ["name", "roles", "scopes", "source-ids", "repository-ids", "speaks-for", "days", "hosts"];
/// The longest table.
const LONGEST: u64 = 1024 * 1024;
/// As for one node.
const DAYS: std::ops::RangeInclusive<u32> = 1..=3650;

/// What is not said by the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Defaults {
    /// For how many days a certificate is good.
    pub(super) days: u32,
    /// For how many days the one is let in that it replaces.
    pub(super) overlap_days: u32,
}

/// Reads the nodes of a table.
///
/// # Errors
/// Every mistake of it, by line and column.
pub(super) fn read(path: &Path, defaults: Defaults) -> anyhow::Result<Vec<Issue>> {
    let shown = path.display();
    let length = std::fs::metadata(path).with_context(|| shown.to_string())?.len();
    ensure!(length <= LONGEST, "{shown}: 大きすぎます(1 MiB まで) / is longer than 1 MiB");
    let text = std::fs::read_to_string(path).with_context(|| shown.to_string())?;
    let mut mistakes = Vec::new();
    let issues = table(text.trim_start_matches('\u{feff}'), defaults, &mut mistakes);
    ensure!(
        mistakes.is_empty(),
        "{shown}: 何も発行していません / nothing was issued\n{}",
        mistakes.join("\n")
    );
    ensure!(!issues.is_empty(), "{shown}: ノードがありません / names no node");
    Ok(issues)
}

fn table(text: &str, defaults: Defaults, mistakes: &mut Vec<String>) -> Vec<Issue> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    columns(&header, mistakes);
    let mut seen: HashMap<String, u64> = HashMap::new();
    let mut issues = Vec::new();
    for record in reader.records() {
        // The text is UTF-8 and rows may be short, so that there is no other mistake.
        let Ok(record) = record else { continue };
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() > header.len() {
            mistakes.push(format!("{line}: 列が多すぎます / has more columns than the header"));
        }
        let mut row = Row { header: &header, record: &record, line, mistakes };
        let Some(issue) = row.issue(defaults) else { continue };
        if let Some(first) = seen.insert(issue.name.to_string(), line) {
            row.wrong(
                "name",
                issue.name.as_str(),
                &format!("{first} 行目と同じ名前です / is the name of line {first}"),
            );
        }
        issues.push(issue);
    }
    issues
}

fn columns(header: &StringRecord, mistakes: &mut Vec<String>) {
    for (at, name) in header.iter().enumerate() {
        if !COLUMNS.contains(&name) || header.iter().take(at).any(|before| before == name) {
            let known = COLUMNS.join(", ");
            mistakes.push(format!(
                "1: 列 {name:?} は不明か重複です(使える列: {known}) / the column is unknown or stands twice; known are {known}"
            ));
        }
    }
    for name in ["name", "roles"] {
        if !header.iter().any(|column| column == name) {
            mistakes.push(format!("1: 列 {name} がありません / the column {name} is missing"));
        }
    }
}

/// A line of the table.
struct Row<'a> {
    header: &'a StringRecord,
    record: &'a StringRecord,
    line: u64,
    mistakes: &'a mut Vec<String>,
}

impl Row<'_> {
    fn wrong(&mut self, column: &str, value: &str, why: &str) {
        self.mistakes.push(format!("{}: {column} {value:?}: {why}", self.line));
    }

    fn cell(&self, column: &str) -> String {
        let at = self.header.iter().position(|name| name == column);
        at.and_then(|at| self.record.get(at)).unwrap_or_default().to_owned()
    }

    /// The words of a cell, with `;` between them.
    fn list<T>(&mut self, column: &str, read: impl Fn(&str) -> Result<T, String>) -> Vec<T> {
        let cell = self.cell(column);
        let mut found = Vec::new();
        for word in cell.split(';').map(str::trim).filter(|word| !word.is_empty()) {
            match read(word) {
                Ok(value) => found.push(value),
                Err(why) => self.wrong(column, word, &why),
            }
        }
        found
    }

    fn days(&mut self, default: u32) -> u32 {
        let cell = self.cell("days");
        match cell.parse() {
            _ if cell.is_empty() => default,
            Ok(days) if DAYS.contains(&days) => days,
            _ => {
                self.wrong(
                    "days",
                    &cell,
                    "1から3650の整数です / expected a whole number from 1 to 3650",
                );
                default
            }
        }
    }

    fn name(&mut self) -> Option<NodeName> {
        let cell = self.cell("name");
        match cell.parse::<NodeName>() {
            Ok(name) if name.is_own() => {
                self.wrong(
                    "name",
                    &cell,
                    "この名前は拠点自身のノード用です / is a name of the house's own nodes",
                );
                None
            }
            Ok(name) => Some(name),
            Err(error) => {
                self.wrong("name", &cell, &error.to_string());
                None
            }
        }
    }

    /// The node of the line; every mistake of it is told.
    fn issue(&mut self, defaults: Defaults) -> Option<Issue> {
        let name = self.name();
        let roles = self.list("roles", word::<Role>);
        if roles.is_empty() {
            self.wrong("roles", "", "役割を指定してください / expected a role at least");
        }
        let scope: BTreeSet<Sight> = self.list("scopes", word).into_iter().collect();
        let source_id: BTreeSet<Id> = self.list("source-ids", word).into_iter().collect();
        let repository_id: BTreeSet<Id> = self.list("repository-ids", word).into_iter().collect();
        let speaks_for: BTreeSet<Node> = self.list("speaks-for", word).into_iter().collect();
        let days = self.days(defaults.days);
        let hosts = self.list("hosts", host);
        Some(Issue {
            name: name?,
            roles: Roles::new(roles),
            entitlement: Entitlement {
                scope,
                source_id,
                repository_id,
                speaks_for,
                institution: None,
            },
            days,
            password: String::new(),
            hosts,
            overlap_days: defaults.overlap_days,
            csr: None,
        })
    }
}

fn word<T: FromStr>(text: &str) -> Result<T, String>
where
    T::Err: Display,
{
    text.parse().map_err(|error: T::Err| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULTS: Defaults = Defaults { days: 365, overlap_days: 0 };

    #[test]
    fn a_line_is_a_node() {
        let text = "name,roles,scopes,source-ids,speaks-for,days,hosts\n\
            a,source;feed,institution=1310000001; insurer=06130001,1.2.3;1.2.4,c;d,90,a.example;192.0.2.1\n\
            \"b\", consumer\n";
        let mut mistakes = Vec::new();
        let issues = table(text, DEFAULTS, &mut mistakes);
        assert_eq!(mistakes, Vec::<String>::new());
        let told: Vec<String> = issues
            .iter()
            .map(|i| format!("{} {} {} {}", i.name, i.entitlement, i.days, i.hosts.join("+")))
            .collect();
        assert_eq!(
            told,
            [
                "a scope=institution=1310000001,insurer=06130001 source-id=1.2.3,1.2.4 repository-id=none speaks-for=c,d 90 a.example+192.0.2.1",
                "b scope=own source-id=first repository-id=none speaks-for=none 365 ",
            ]
        );
        assert!(issues.iter().all(|i| i.roles.has(Role::Source) != i.roles.has(Role::Consumer)));
    }

    #[test]
    fn every_mistake_is_told_by_its_line() {
        let text = "name,roles,colour,days\n\
            a,cook;source,x,0\n\
            own.b,,x,x\n\
            ../c,source,x,1,1\n\
            d,source\n\
            d,source\n";
        let mut mistakes = Vec::new();
        table(text, DEFAULTS, &mut mistakes);
        let begin: Vec<&str> =
            mistakes.iter().map(|m| m.split(['、', '(', '/']).next().unwrap_or("")).collect();
        for (at, part) in [
            "1: 列 \"colour\" は不明",
            "2: roles \"cook\"",
            "2: days \"0\"",
            "3: name \"own.b\"",
            "3: roles \"\"",
            "3: days \"x\"",
            "4: 列が多すぎます",
            "4: name \"../c\"",
            "6: name \"d\": 5 行目と同じ名前です",
        ]
        .into_iter()
        .enumerate()
        {
            assert!(mistakes.get(at).is_some_and(|m| m.starts_with(part)), "{part} in {begin:?}");
        }
        assert_eq!(mistakes.len(), 9, "{mistakes:?}");
        let mut mistakes = Vec::new();
        table("roles\nsource\n", DEFAULTS, &mut mistakes);
        assert!(mistakes.iter().any(|m| m.contains("the column name is missing")), "{mistakes:?}");
    }
}
