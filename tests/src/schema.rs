//! Answers against the published schemas, where those and xmllint are at hand.

use crate::undertaker::Undertaker;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Fails if `xml` is not valid by `name`, such as `ebRS30/rs.xsd`.
pub fn check(name: &str, xml: &str) -> Result<()> {
    let Some(folder) = folder() else {
        eprintln!("note: {name} not checked, schemas or xmllint are missing");
        return Ok(());
    };
    valid(&folder.join(name), xml)
}

/// Fails if `xml` is not valid by the schema of an interaction of HL7 v3.
pub fn check_hl7v3(interaction: &str, xml: &str) -> Result<()> {
    let schemas = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/schemas/hl7v3/HL7V3/NE2008/multicacheschemas"
    );
    let has_xmllint = Command::new("xmllint").arg("--version").output().is_ok();
    if !Path::new(schemas).is_dir() || !has_xmllint {
        eprintln!("note: {interaction} not checked, schemas or xmllint are missing");
        return Ok(());
    }
    valid(&Path::new(schemas).join(format!("{interaction}.xsd")), xml)
}

fn valid(schema: &Path, xml: &str) -> Result<()> {
    let message = tempfile::NamedTempFile::new()?;
    std::fs::write(message.path(), xml)?;
    let run = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .arg(schema)
        .arg(message.path())
        .output()?;
    ensure!(run.status.success(), "{}\n{xml}", String::from_utf8_lossy(&run.stderr));
    Ok(())
}

/// The schemas, made fit for xmllint once a process.
fn folder() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<(PathBuf, Undertaker)>> = OnceLock::new();
    let prepared = FOLDER.get_or_init(|| {
        let folder = prepare().ok()?;
        let undertaker = Undertaker::wait_with(&format!("rm -rf '{}'", folder.display())).ok()?;
        Some((folder, undertaker))
    });
    prepared.as_ref().map(|(folder, _)| folder.as_path())
}

/// The published ebRIM schema takes one element of another profile (XCF) from the namespace of
/// XDS.b, whose own schema takes ebRIM; libxml2 cannot follow the circle, so the element is left out.
fn prepare() -> Result<PathBuf> {
    let from = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/schemas/xds/schema"));
    ensure!(from.is_dir(), "no schemas");
    ensure!(Command::new("xmllint").arg("--version").output()?.status.success(), "no xmllint");
    let to = std::env::temp_dir().join(format!("renkei-schemas-{}", std::process::id()));
    let eb = ["rim", "rs", "lcm", "query"].map(|n| format!("ebRS30/{n}.xsd"));
    for name in ["xml.xsd", "IHE/IHEXDSB.xsd"].map(str::to_owned).into_iter().chain(eb) {
        let text = std::fs::read_to_string(from.join(&name))?;
        let kept: Vec<&str> = text
            .lines()
            .filter(|l| !l.contains("xcf.xsd") && !l.contains("xdsext:Document"))
            .collect();
        let target = to.join(&name);
        std::fs::create_dir_all(target.parent().context("no parent")?)?;
        std::fs::write(target, kept.join("\n"))?;
    }
    Ok(to)
}
