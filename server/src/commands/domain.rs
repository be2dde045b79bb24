//! The affinity domain that a source submits into.

use anyhow::{Context as _, ensure};
use renkei_client::{CodesFile, Connection};
use renkei_metadata::codes::{CodeList, default_xml};
use renkei_metadata::ids::Oid;
use renkei_source_adapter::submit::Domain;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The longest code list that is read.
const LONGEST: u64 = 16 * 1024 * 1024;

/// The domain, and who issues its patient ids where the code list of the domain says so.
pub(super) struct Named {
    pub(super) domain: Domain,
    pub(super) authority: Option<Oid>,
}

/// The domain of a code list: the one given, else that of `connect.json`, else the project's own, which
/// is for tests.
pub(super) fn read(codes: Option<&Path>, connection: &Connection) -> anyhow::Result<Named> {
    let root = connection.oid_root.as_deref().map(Oid::parse).transpose();
    let root = root.context("oid_root")?;
    let list = list(codes, connection)?;
    let is_own = codes.is_some() || connection.codes.is_some();
    let authority = match list.assigning_authorities() {
        [one] if is_own => Some(one.clone()),
        _ => None,
    };
    Ok(Named { domain: Domain::new(list, root)?, authority })
}

/// The code list alone.
pub(super) fn list(codes: Option<&Path>, connection: &Connection) -> anyhow::Result<CodeList> {
    let text = match (codes, &connection.codes) {
        (Some(path), _) => text(path)?,
        (None, Some(file)) => text_of(file)?,
        (None, None) => default_xml().to_owned(),
    };
    Ok(CodeList::read(&text)?)
}

fn text(path: &Path) -> anyhow::Result<String> {
    let told = || format!("コード表 / code list {}", path.display());
    let mut text = String::new();
    let file = File::open(path).with_context(told)?;
    file.take(LONGEST).read_to_string(&mut text).with_context(told)?;
    Ok(text)
}

/// The list that came with `connect.json`, as long as it is that one.
fn text_of(file: &CodesFile) -> anyhow::Result<String> {
    let text = text(&file.file)?;
    let found = hex::encode(Sha256::digest(text.as_bytes()));
    ensure!(
        found.eq_ignore_ascii_case(&file.sha256),
        "{}: connect.json と同時に発行されたコード表ではありません。両方を受け取り直すか、--codes で指定してください / this is not the code list that came with connect.json; take both anew, or give the list with --codes",
        file.file.display()
    );
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(root: &str) -> String {
        let own = CodeList::read(default_xml()).unwrap().oid_root().unwrap().to_string();
        default_xml().replace(&own, root)
    }

    #[test]
    fn the_list_given_goes_before_that_of_connect_json_and_that_before_our_own() {
        let folder = tempfile::tempdir().unwrap();
        let (given, came) = (folder.path().join("given.xml"), folder.path().join("codes.xml"));
        std::fs::write(&given, list("1.2.3")).unwrap();
        std::fs::write(&came, list("1.2.4")).unwrap();
        let sha256 = hex::encode(Sha256::digest(list("1.2.4")));
        let codes = Some(CodesFile { file: came.clone(), sha256 });
        let connection = Connection { codes, ..Connection::default() };
        let source = |named: &Named| named.domain.default_source_id("1").unwrap().to_string();
        let named = read(Some(&given), &connection).unwrap();
        assert_eq!(source(&named), "1.2.3.10.11");
        assert_eq!(named.authority.unwrap().as_str(), "1.2.3.11");
        assert_eq!(source(&read(None, &connection).unwrap()), "1.2.4.10.11");
        let own = read(None, &Connection::default()).unwrap();
        assert!(own.authority.is_none(), "every test house has an authority of its own");

        std::fs::write(&came, list("1.2.5")).unwrap();
        let error = read(None, &connection).err().unwrap().to_string();
        assert!(error.contains("connect.json") && error.contains("--codes"), "{error}");
    }

    #[test]
    fn an_arc_that_nobody_names_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("codes.xml");
        std::fs::write(&path, "<Codes/>").unwrap();
        let error = read(Some(&path), &Connection::default()).err().unwrap().to_string();
        assert!(error.contains("OidRoot"), "{error}");
        let root = Connection { oid_root: Some("1.2.3".into()), ..Connection::default() };
        assert!(read(Some(&path), &root).is_ok());
    }
}
