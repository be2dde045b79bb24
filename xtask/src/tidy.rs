//! `cargo xtask tidy`: invariants of ARCHITECTURE.md that manifests and files show.

use crate::arrows::Arrows;
use crate::{features, imports};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Longest file, in lines, before it should be split by noun or verb.
const LONGEST: usize = 700;

/// Prints what is out of order; answers whether nothing is.
pub(crate) fn run() -> Result<bool> {
    let root = crate::root();
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    let mut complaints = Vec::new();
    let mut manifests = Vec::new();
    for file in &files {
        let name = file.strip_prefix(&root).unwrap_or(file).display().to_string();
        if let Some(folder) = name.strip_suffix("/Cargo.toml") {
            let manifest = read(file)?.parse().with_context(|| name.clone())?;
            manifests.push((folder.to_owned(), manifest));
        } else if name.ends_with(".rs") {
            let text = read(file)?;
            check_source(&name, &text, &mut complaints);
            complaints.extend(imports::check(&name, &text));
        } else if [".orig", ".rej", ".bak", ".unused"].iter().any(|s| name.ends_with(s)) {
            complaints.push(format!("{name}: left over"));
        }
    }
    let arrows = Arrows::read(&read(&root.join("ARCHITECTURE.md"))?)?;
    let folders = manifests.iter().map(|(folder, _)| folder.clone()).collect();
    complaints.extend(arrows.complaints(&folders));
    for (folder, manifest) in &manifests {
        complaints.extend(arrows.check(folder, manifest));
    }
    complaints.extend(features::complaints()?);
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    eprintln!("{} files, {} complaints", files.len(), complaints.len());
    Ok(complaints.is_empty())
}

fn check_source(name: &str, text: &str, complaints: &mut Vec<String>) {
    if !text.starts_with("//!") && !text.starts_with("#!") && !imports::is_test(name) {
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
