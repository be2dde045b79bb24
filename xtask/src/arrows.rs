//! Who knows whom: every manifest against the two tables of ARCHITECTURE.md.
//!
//! The tables are the only place that says it: one of crates, from the top of the house to its ground,
//! and one of the libraries that do input and output or speak to a database.

use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;

/// The tables.
pub(crate) struct Arrows {
    /// Each crate by its folder, with those it may know, from top to ground.
    crates: Vec<(String, BTreeSet<String>)>,
    /// Each library, with the crates that may know it.
    libraries: Vec<(String, BTreeSet<String>)>,
}

impl Arrows {
    /// Reads the section "Who knows whom".
    pub(crate) fn read(architecture: &str) -> Result<Self> {
        let section = architecture.split("\n## Who knows whom\n").nth(1);
        let section = section.context("ARCHITECTURE.md has no section \"Who knows whom\"")?;
        let section = section.split("\n## ").next().unwrap_or(section);
        let crates = table(section, "| Crate |");
        let libraries = table(section, "| Library |");
        ensure!(!crates.is_empty() && !libraries.is_empty(), "ARCHITECTURE.md lost a table");
        Ok(Self { crates, libraries })
    }

    /// What is wrong with the tables themselves.
    pub(crate) fn complaints(&self, folders: &BTreeSet<String>) -> Vec<String> {
        let mut complaints = Vec::new();
        for (n, (name, known)) in self.crates.iter().enumerate() {
            if !folders.contains(name) {
                complaints.push(format!("ARCHITECTURE.md: there is no crate {name}"));
            }
            let below: BTreeSet<&String> = self.crates.iter().skip(n + 1).map(|(c, _)| c).collect();
            for up in known.iter().filter(|k| !below.contains(k)) {
                complaints.push(format!(
                    "ARCHITECTURE.md: the arrow from {name} to {up} does not point down"
                ));
            }
        }
        for folder in folders {
            if self.knows(folder).is_none() {
                complaints.push(format!("ARCHITECTURE.md: {folder} is not in the table of crates"));
            }
        }
        complaints
    }

    /// What is wrong with the manifest of the crate in `folder`.
    pub(crate) fn check(&self, folder: &str, manifest: &toml::Table) -> Vec<String> {
        let mut complaints = Vec::new();
        let Some(known) = self.knows(folder) else { return complaints };
        for dependency in dependencies(manifest) {
            // the program's own crate is called like the program
            let own = (dependency == "renkei").then_some("server");
            if let Some(name) = own.or_else(|| dependency.strip_prefix("renkei-")) {
                let house = self.crates.iter().find(|(c, _)| c.rsplit('/').next() == Some(name));
                if !house.is_some_and(|(c, _)| known.contains(c)) {
                    complaints.push(format!("{folder}: may not know {dependency}"));
                }
            }
            let library = self.libraries.iter().find(|(l, _)| *l == dependency);
            if library.is_some_and(|(_, by)| !by.contains(folder)) {
                complaints.push(format!("{folder}: may not know the library {dependency}"));
            }
        }
        complaints
    }

    fn knows(&self, folder: &str) -> Option<&BTreeSet<String>> {
        self.crates.iter().find(|(c, _)| c == folder).map(|(_, known)| known)
    }
}

/// The rows of the table with this head: each name in the first cell with the names in the second.
fn table(section: &str, head: &str) -> Vec<(String, BTreeSet<String>)> {
    let lines = section.lines().skip_while(|l| !l.starts_with(head)).skip(2);
    let mut rows = Vec::new();
    for line in lines.take_while(|l| l.starts_with('|')) {
        let mut cells = line.trim_matches('|').split('|');
        let (first, second) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        let known: BTreeSet<String> = names(second).collect();
        rows.extend(names(first).map(|name| (name, known.clone())));
    }
    rows
}

/// What stands between backticks.
fn names(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// The names of all dependencies: of the crate, its tests, its build, and of single platforms.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let platforms = manifest.get("target").and_then(toml::Value::as_table);
    let platforms = platforms.into_iter().flat_map(|t| t.values()).filter_map(|p| p.as_table());
    let tables = std::iter::once(manifest).chain(platforms);
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    tables
        .flat_map(|t| kinds.iter().filter_map(|k| t.get(*k)?.as_table()))
        .flat_map(|d| d.iter().map(|(name, about)| real_name(name, about)))
        .collect()
}

/// The name of a dependency's package, which may stand under another one.
fn real_name(name: &str, about: &toml::Value) -> String {
    about.get("package").and_then(toml::Value::as_str).unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARCHITECTURE: &str = "# x\n\n## Who knows whom\n\n\
        | Crate | May know |\n| --- | --- |\n\
        | `server` | `client`, `profiles/soap` |\n\
        | `client` | `profiles/soap` |\n\
        | `profiles/soap`, `database` | nothing |\n\n\
        | Library | Known to |\n| --- | --- |\n| `diesel` | `database` |\n\n## Next\n";

    fn told(folder: &str, manifest: &str) -> Vec<String> {
        let manifest = manifest.parse().unwrap();
        Arrows::read(ARCHITECTURE).unwrap().check(folder, &manifest)
    }

    #[test]
    fn an_arrow_that_the_table_does_not_have_is_found() {
        let good = "[dependencies]\nrenkei-soap.workspace = true\nbytes = '1'\n";
        assert_eq!(told("client", good), Vec::<String>::new());
        for kind in ["dependencies", "dev-dependencies", "target.'cfg(unix)'.dependencies"] {
            let up = format!("[{kind}]\nrenkei-client.workspace = true\n");
            assert_eq!(told("profiles/soap", &up), ["profiles/soap: may not know renkei-client"]);
            let diesel = format!("[{kind}]\ndiesel = {{ workspace = true }}\n");
            assert_eq!(told("client", &diesel), ["client: may not know the library diesel"]);
            assert_eq!(told("database", &diesel), Vec::<String>::new());
        }
        let server = "[dependencies]\nrenkei.workspace = true\n";
        assert_eq!(told("client", server), ["client: may not know renkei"]);
        let hidden = "[dependencies]\nx = { package = 'renkei-client', workspace = true }\n";
        assert_eq!(told("profiles/soap", hidden), ["profiles/soap: may not know renkei-client"]);
        let unknown = "[dependencies]\nrenkei-nobody.workspace = true\n";
        assert_eq!(told("client", unknown), ["client: may not know renkei-nobody"]);
    }

    #[test]
    fn the_table_has_every_crate_and_points_down() {
        let folders = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        let all = ["server", "client", "profiles/soap", "database"];
        let arrows = Arrows::read(ARCHITECTURE).unwrap();
        assert_eq!(arrows.complaints(&folders(&all)), Vec::<String>::new());
        assert_eq!(
            arrows.complaints(&folders(&all[1..])),
            ["ARCHITECTURE.md: there is no crate server"]
        );
        let more = [&all[..], &["new"]].concat();
        assert_eq!(
            arrows.complaints(&folders(&more)),
            ["ARCHITECTURE.md: new is not in the table of crates"]
        );
        let up = ARCHITECTURE.replace("| `client` | `profiles/soap` |", "| `client` | `server` |");
        assert_eq!(
            Arrows::read(&up).unwrap().complaints(&folders(&all)),
            ["ARCHITECTURE.md: the arrow from client to server does not point down"]
        );
    }
}
