use super::update::{Arguments, apply};
use clap::Parser;
use renkei_metadata::codes::{CodeList, default_xml};
use renkei_metadata::ids::ObjectId;
use renkei_metadata::model::{DocumentEntry, ExtraSlot, Folder};
use renkei_metadata::named::Draft;

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

fn arguments(options: &[&str]) -> Arguments {
    let id = "urn:uuid:5d7e2f3a-1c0b-4f6d-8a9e-2b3c4d5e6f01";
    let own = ["update", "--id", id, "--identity", "i", "--state-dir", "s"];
    Line::try_parse_from(own.iter().chain(options)).unwrap().arguments
}

fn applied<T: Draft>(options: &[&str], object: &mut T) -> Result<(), String> {
    let codes = CodeList::read(default_xml()).unwrap();
    apply(&arguments(options), object, Some(&codes)).map_err(|e| e.to_string())
}

fn entry() -> DocumentEntry {
    DocumentEntry::draft(ObjectId::Symbol("d".into()))
}

#[test]
fn options_replace_and_take_away() {
    let mut changed = entry();
    changed.uri = Some("old".into());
    let options = ["--set", "title=題=名", "--set", "URI=", "--set", "confidentialityCode=N"];
    applied(&[&options[..], &["--set", "confidentialityCode=FULL"]].concat(), &mut changed)
        .unwrap();
    assert_eq!(changed.title.as_ref().unwrap().text(), "題=名");
    assert_eq!((changed.uri.as_ref(), changed.confidentiality_codes.len()), (None, 2));
}

#[test]
fn a_file_may_change_what_options_cannot() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changes.toml");
    let text = "author = { authorPerson = '1^連携^太郎' }\n[slots]\n'urn:x-test:a' = '2'\n'urn:x-test:b' = []\n";
    std::fs::write(&path, text).unwrap();
    let mut changed = entry();
    for name in ["urn:x-test:a", "urn:x-test:b", "urn:x-test:c"] {
        changed.extra.push(ExtraSlot { name: name.into(), values: vec!["1".into()] });
    }
    applied(&["--changes", path.to_str().unwrap()], &mut changed).unwrap();
    assert_eq!(changed.authors.len(), 1);
    let slots: Vec<_> =
        changed.extra.iter().map(|s| (s.name.as_str(), s.values[0].as_str())).collect();
    assert_eq!(slots, [("urn:x-test:c", "1"), ("urn:x-test:a", "2")]);
    std::fs::write(&path, "codeList = 'KENSHIN-2025'").unwrap();
    let told = applied(&["--changes", path.to_str().unwrap()], &mut entry()).unwrap_err();
    assert!(told.contains("changes.toml:1") && told.contains("classCode"), "{told}");
}

#[test]
fn what_an_object_does_not_have_is_refused_by_name() {
    let mut folder = Folder::draft(ObjectId::Symbol("f".into()));
    let told = applied(&["--set", "classCode=CHECKUP"], &mut folder).unwrap_err();
    assert!(told.contains("classCode") && told.contains("codeList"), "{told}");
    for (wrong, word) in [
        ("creationTime=yesterday", "YYYY"),
        ("classCode=NONE", "CHECKUP"),
        ("mimeType=", "a value"),
        ("version=2", "known are"),
        ("author=x", "file"),
    ] {
        let told = applied(&["--set", wrong], &mut entry()).unwrap_err();
        assert!(told.contains(word), "{wrong}: {told}");
    }
}
