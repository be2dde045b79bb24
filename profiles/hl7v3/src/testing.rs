//! What the tests of the messages share.

pub(crate) mod generated;

use renkei_soap::fault::Fault;
use renkei_soap::xml::{Element, Reader, Writer, XmlLimits};
use std::path::Path;
use std::process::Command;

/// What `body` writes.
pub(crate) fn written(body: impl FnOnce(&mut Writer)) -> String {
    let mut w = Writer::new();
    body(&mut w);
    w.finish()
}

/// Reads `xml` with a reader of this crate, which has to leave the reader at the end of the body.
pub(crate) fn read<T, E: From<Fault>>(
    xml: &str,
    body: impl FnOnce(&mut Reader<'_>, &Element) -> Result<T, E>,
) -> Result<T, E> {
    let mut r = Reader::new(xml, XmlLimits::default());
    let root = r.root().map_err(|e| Fault::xml(&e))?;
    let value = body(&mut r, &root)?;
    assert_eq!(r.depth(), 0, "the body was not read to its end");
    r.finish().map_err(|e| Fault::xml(&e))?;
    Ok(value)
}

/// The folder of the schemas of the interactions, and of the schema of ITI-56.
pub(crate) const INTERACTIONS: &str = "HL7V3/NE2008/multicacheschemas";
pub(crate) const LOCATION: &str = "IHE/XCPD_PLQ";

/// Fails if one of the messages is not valid by the schema. Passes with a note where the schemas or xmllint
/// are not at hand.
pub(crate) fn valid(schema: &str, messages: &[String]) {
    let schemas = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/schemas/hl7v3"));
    if !schemas.exists() || Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("{schema}: not validated, schemas or xmllint are missing");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |n: usize| folder.path().join(format!("{n}.xml"));
    for (n, message) in messages.iter().enumerate() {
        std::fs::write(file(n), message).unwrap();
    }
    let run = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .arg(schemas.join(format!("{schema}.xsd")))
        .args((0..messages.len()).map(file))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    let wrong = (0..messages.len()).find(|n| said.contains(&format!("/{n}.xml fails")));
    let wrong = wrong.map_or("", |n| &*messages[n]);
    assert!(run.status.success(), "{said}\n{wrong}");
}
