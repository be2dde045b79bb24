//! What the tests of the messages share.

use renkei_soap::fault::{Fault, rows};
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
pub(crate) fn read<T>(
    xml: &str,
    body: impl FnOnce(&mut Reader<'_>, &Element) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let mut r = Reader::new(xml, XmlLimits::default());
    let root = r.root().map_err(|e| Fault::xml(&e))?;
    let value = body(&mut r, &root)?;
    assert_eq!(r.depth(), 0, "the body was not read to its end");
    r.finish().map_err(|e| Fault::xml(&e))?;
    Ok(value)
}

/// Fails if `xml` is not valid by the schema called `name`. Passes with a note where the schemas or
/// xmllint are not at hand.
pub(crate) fn valid(name: &str, xml: &str) {
    let Some(folder) = schemas(name) else { return };
    validate(folder.path(), name, xml);
}

/// As [`valid`], by a schema that stands in a WSDL alone and takes the others in from beside it.
pub(crate) fn valid_as(name: &str, schema: &str, xml: &str) {
    let Some(folder) = schemas(name) else { return };
    std::fs::write(folder.path().join(name), schema).unwrap();
    validate(folder.path(), name, xml);
}

/// A folder with the schemas, if they and xmllint are at hand.
fn schemas(name: &str) -> Option<tempfile::TempDir> {
    let schemas =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/schemas/xds/schema"));
    if !schemas.exists() || Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("{name}: not validated, schemas or xmllint are missing");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    copy_schemas(schemas, folder.path());
    Some(folder)
}

fn validate(folder: &Path, name: &str, xml: &str) {
    let message = folder.join("message.xml");
    std::fs::write(&message, xml).unwrap();
    let run = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .args([folder.join(name), message])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}\n{xml}", String::from_utf8_lossy(&run.stderr));
    crate::wsdl::tests::valid(xml);
}

/// The published ebRIM schema takes one element of another profile (XCF) from the namespace of XDS.b,
/// whose own schema takes ebRIM; libxml2 cannot follow the circle, so the element is left out.
fn copy_schemas(from: &Path, to: &Path) {
    let names = ["xml.xsd", "IHE/IHEXDSB.xsd"].map(str::to_owned).into_iter();
    let eb = ["rim", "rs", "lcm", "query"].map(|n| format!("ebRS30/{n}.xsd")).into_iter();
    for name in names.chain(eb) {
        let text = std::fs::read_to_string(from.join(&name)).unwrap();
        let kept =
            text.lines().filter(|l| !l.contains("xcf.xsd") && !l.contains("xdsext:Document"));
        let target = to.join(&name);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, kept.collect::<Vec<_>>().join("\n")).unwrap();
    }
}

/// The name of a fault's row.
pub(crate) fn row_of(fault: &Fault) -> &'static str {
    rows::of(fault).map(|row| row.id).unwrap_or_else(|| panic!("{fault:?} is of no row"))
}
