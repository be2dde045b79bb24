//! `cargo xtask tidy`: invariants of ARCHITECTURE.md that manifests and files show.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Crates that a layer must not depend on, by manifest.
const FORBIDDEN: [(&str, &[&str]); 5] = [
    ("profiles/", &["actix-web", "reqwest", "diesel", "tokio ", "tokio.", "openssl"]),
    ("context/", &["actix-web", "reqwest", "diesel", "renkei-"]),
    ("registry/", &["actix-web", "reqwest", "renkei-repository", "renkei-client"]),
    ("repository/", &["actix-web", "reqwest", "renkei-registry", "renkei-client"]),
    ("tests/", &["renkei-registry", "renkei-repository", "renkei-audit"]),
];

/// Longest file, in lines, before it should be split by noun or verb.
const LONGEST: usize = 700;

/// Prints what is out of order; answers whether nothing is.
pub(crate) fn run() -> Result<bool> {
    let mut complaints = Vec::new();
    let root = crate::root();
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    for file in &files {
        let name = file.strip_prefix(&root).unwrap_or(file).display().to_string();
        if name.ends_with("Cargo.toml") {
            check_manifest(&name, &read(file)?, &mut complaints);
        } else if name.ends_with(".rs") {
            check_source(&name, &read(file)?, &mut complaints);
        } else if [".orig", ".rej", ".bak", ".unused"].iter().any(|s| name.ends_with(s)) {
            complaints.push(format!("{name}: left over"));
        }
    }
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    eprintln!("{} files, {} complaints", files.len(), complaints.len());
    Ok(complaints.is_empty())
}

fn check_manifest(name: &str, text: &str, complaints: &mut Vec<String>) {
    let dependencies = text.split("[dev-dependencies]").next().unwrap_or(text);
    let dependencies = dependencies.split("[dependencies]").nth(1).unwrap_or_default();
    for (layer, forbidden) in FORBIDDEN {
        if !name.starts_with(layer) {
            continue;
        }
        for line in dependencies.lines() {
            if forbidden.iter().any(|f| line.starts_with(f)) {
                complaints.push(format!("{name}: {line:?} is not for this floor"));
            }
        }
    }
}

fn check_source(name: &str, text: &str, complaints: &mut Vec<String>) {
    let is_test = name.contains("/tests");
    if !text.starts_with("//!") && !text.starts_with("#!") && !is_test {
        complaints.push(format!("{name}: says nothing about itself (//!)"));
    }
    let lines = text.lines().count();
    if lines > LONGEST {
        complaints.push(format!("{name}: {lines} lines, split it"));
    }
    let ignored = concat!("#[", "ignore");
    if text.contains(ignored) {
        complaints.push(format!("{name}: an ignored test proves nothing"));
    }
    let knows_diesel = text.contains(concat!("die", "sel::"));
    let may = ["database/", "/store", "audit/src/", "/tests", "bench/"];
    if knows_diesel && !may.iter().any(|m| name.contains(m)) {
        complaints.push(format!("{name}: only store modules know diesel"));
    }
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| file.display().to_string())
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !matches!(name, "target" | ".git" | "node_modules") {
                collect(&path, files)?;
            }
        } else {
            files.push(path);
        }
    }
    Ok(())
}
