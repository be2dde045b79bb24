use super::*;
use proptest::prelude::*;
use renkei_metadata::codes::default_xml;
use renkei_metadata::ids::ObjectId;
use renkei_metadata::model::{
    AssociationType, DocumentEntry, Folder, SubmissionSet, SubmissionSetStatus,
};
use renkei_metadata::named::Named;
use std::time::Duration;

const GUIDE: &str = include_str!("../../../docs/SUBMIT-SETS.md");

/// The TOML of the guide: what all samples begin with, and each of them.
fn samples() -> Vec<String> {
    let blocks = GUIDE.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let blocks: Vec<&str> = blocks.collect();
    let (head, samples) = blocks.split_first().unwrap();
    samples.iter().map(|sample| format!("{head}\n{sample}")).collect()
}

fn head() -> String {
    samples()[0].split("[[document]]").next().unwrap().to_owned()
}

/// A folder with the files of the samples.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    for name in ["checkup.csv", "original.csv", "signature.xml", "data.json"] {
        std::fs::write(place.path().join(name), name).unwrap();
    }
    place
}

fn set(text: &str) -> Result<Set, MappingErrors> {
    let place = place();
    let codes = CodeList::read(default_xml()).unwrap();
    let ctx = Ctx::internal("test", Duration::from_secs(60));
    read(&ctx, &place.path().join("set.toml"), text, Some(&codes))
}

/// The one mistake of a file: its line, its key, and its English text.
fn mistake(text: &str) -> (usize, String, String) {
    let errors = set(text).unwrap_err().errors;
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(!errors[0].ja.is_ascii(), "{errors:?}");
    (errors[0].line, errors[0].key.clone(), errors[0].en.clone())
}

#[test]
fn every_sample_of_the_guide_is_a_set() {
    let samples = samples();
    assert_eq!(samples.len(), 10);
    for sample in samples {
        let set = set(&sample).unwrap_or_else(|e| panic!("{e}\n{sample}"));
        assert_eq!(set.warnings, [], "{sample}");
        assert_eq!(set.files.len(), set.submission.entries.len());
    }
}

#[test]
fn the_guide_names_every_attribute() {
    let own = [own::<DocumentEntry>(), own::<SubmissionSet>(), own::<Folder>()].concat();
    for name in own {
        assert!(GUIDE.contains(&format!("`{name}`")), "{name}");
    }
}

fn own<T: Named>() -> Vec<&'static str> {
    T::attributes().into_iter().filter(|a| !a.set_by_registry).map(|a| a.name).collect()
}

#[test]
fn what_is_not_said_is_made() {
    let text = format!("{}[[document]]\nname = 'a'\nfile = 'checkup.csv'\n", head());
    let (one, two) = (set(&text).unwrap(), set(&text).unwrap());
    let entry = &one.submission.entries[0];
    assert_eq!(entry.size, Some(11));
    assert_eq!(entry.hash.as_ref().unwrap().as_str(), "b428385e483286f49fa59ad826f4cae8151d8861");
    assert_eq!(entry.mime_type.as_str(), "text/csv");
    assert_eq!(entry.language.as_ref().unwrap().as_str(), "ja-JP");
    assert!(entry.creation_time.is_some());
    assert_eq!(entry.source_patient_id.as_deref(), Some("P-0001^^^&2.999.11&ISO"));
    assert_eq!(entry.class_code.as_ref().unwrap().display.text(), "健診・検診");
    assert_eq!(ObjectId::Uuid(one.names[0].1), entry.id);
    let other = &two.submission.entries[0];
    assert_ne!((&entry.id, &entry.unique_id), (&other.id, &other.unique_id));
    assert_eq!(entry.hash, other.hash);
}

#[test]
fn everything_that_is_brought_is_a_member_once() {
    let text = &samples()[7];
    let submission = set(text).unwrap().submission;
    let of_set =
        |a: &&renkei_metadata::model::Association| a.source == submission.submission_set.id;
    let members: Vec<_> = submission.associations.iter().filter(of_set).collect();
    let status = |s| members.iter().filter(|a| a.submission_set_status == s).count();
    // The document; the registered one; the folder and the two memberships in it.
    assert_eq!(status(Some(SubmissionSetStatus::Original)), 1);
    assert_eq!(status(Some(SubmissionSetStatus::Reference)), 1);
    assert_eq!(status(None), 3);
    assert!(members.iter().all(|a| a.association_type == AssociationType::HasMember));
}

#[test]
fn every_attribute_can_be_written() {
    let text = r#"
patient = "P^^^&2.999&ISO"
[submission_set]
entryUUID = "urn:uuid:11111111-1111-4111-8111-111111111111"
homeCommunityId = "urn:oid:2.999.1"
intendedRecipient = ["|1^連携^太郎"]
submissionTime = "20260401"
title = { ja-JP = "題", en = "title" }
contentTypeCode = { code = "X", scheme = "1.2", display = "他" }
sourceId = "2.999.2"
uniqueId = "2.999.3"
patientId = "Q^^^&2.999&ISO"
[[submission_set.author]]
authorPerson = "1^連携^太郎"
authorRole = ["医師", "責任者"]
[[submission_set.author]]
authorInstitution = "試験"
[submission_set.slots]
"urn:x-test:a" = ["1", "2"]
[[document]]
file = "data.json"
mimeType = "application/fhir+json"
hash = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
size = 7
URI = "a.json"
documentAvailability = "Online"
legalAuthenticator = "1^連携^太郎"
referenceIdList = ["1^^^&2.999&ISO^urn:ihe:iti:xds:2013:accession"]
sourcePatientInfo = ["PID-8|F"]
eventCodeList = [{ code = "A", scheme = "1.2", display = "あ" }, { code = "B", scheme = "1.2", display = "い" }]
"#;
    let place = place();
    let ctx = Ctx::internal("test", Duration::from_secs(60));
    // Without a list the codes are whoever writes them.
    let error = read(&ctx, &place.path().join("set.toml"), text, None).unwrap_err();
    let missing: Vec<&str> = error.errors.iter().map(|e| e.key.as_str()).collect();
    let codes = [
        "classCode",
        "confidentialityCode",
        "formatCode",
        "healthcareFacilityTypeCode",
        "practiceSettingCode",
        "typeCode",
    ];
    for code in codes {
        assert!(missing.contains(&format!("document[1].{code}").as_str()), "{missing:?}");
    }
    let given = codes.map(|c| format!("{c} = {{ code = 'X', scheme = '1.2', display = '他' }}\n"));
    let whole = format!("{text}patientId = 'Q^^^&2.999&ISO'\n{}", given.concat());
    let set = read(&ctx, &place.path().join("set.toml"), &whole, None).unwrap();
    let of_set = &set.submission.submission_set;
    assert_eq!(of_set.authors.len(), 2);
    assert_eq!(of_set.title.as_ref().unwrap().strings().len(), 2);
    assert_eq!(of_set.extra[0].values, ["1", "2"]);
    assert_eq!(
        (of_set.unique_id.as_str(), of_set.submission_time.as_str()),
        ("2.999.3", "20260401")
    );
    let entry = &set.submission.entries[0];
    assert_eq!((entry.size, set.files[0].size), (Some(7), 9), "what the file is does not change");
    assert_eq!(entry.event_codes.len(), 2);
    assert!(entry.availability.is_some());
}

#[test]
fn each_mistake_is_told_with_its_line_and_what_is_right() {
    let lines = head().lines().count();
    let document = format!("{}[[document]]\nname = 'a'\nfile = 'checkup.csv'\n", head());
    let cases: &[(&str, usize, &str, &str, &str)] = &[
        ("Title = 'x'", 4, "document[1].Title", "known are", "toml-unknown-key"),
        ("version = '2'", 4, "document[1].version", "known are", "toml-unknown-key"),
        ("size = 'x'", 4, "document[1].size", "decimal number", "set-value"),
        ("classCode = 'X'", 4, "document[1].classCode", "CHECKUP", "set-code-unlisted"),
        ("typeCode = ['53576-5', '57133-1']", 4, "document[1].typeCode", "one value", "set-value"),
        ("title = 1", 4, "document[1].title", "languages", "set-value"),
        ("title = { '1' = 'x' }", 4, "document[1].title", "language tag", "set-value"),
        ("author = 'x'", 4, "document[1].author", "authorInstitution", "set-value"),
        ("entryUUID = 'x'", 4, "document[1].entryUUID", "urn:uuid:", "set-value"),
        ("mimeType = 'image/png'", 4, "document[1].mimeType", "media type", ""),
        ("serviceStartTime = '20260101'", 4, "document[1].serviceStartTime", "later than", ""),
        (
            "[[document]]\nfile = 'gone.csv'",
            5,
            "document[2].file",
            "cannot be read",
            "set-file-unreadable",
        ),
        (
            "[[document]]\nfile = 'data.json'",
            4,
            "document[2].mimeType",
            "extension",
            "toml-missing",
        ),
        (
            "[[document]]\nname = 'a'\nfile = 'checkup.csv'",
            5,
            "document[2].name",
            "twice",
            "set-name-twice",
        ),
        (
            "[[document]]\nname = 'urn:x'\nfile = 'checkup.csv'",
            5,
            "document[2].name",
            "URN",
            "set-name-reserved",
        ),
        ("[[document]]\nname = 'b'", 4, "document[2].file", "is missing", "toml-missing"),
        (
            "[[association]]\ntype = 'REPLACES'\nsource = 'a'\ntarget = 'a'",
            5,
            "association[1].type",
            "RPLC",
            "set-association-type",
        ),
        (
            "[[association]]\ntype = 'RPLC'\nsource = 'a'\ntarget = 'c'",
            7,
            "association[1].target",
            "names are: a",
            "set-end-unknown",
        ),
        (
            "[[association]]\ntype = 'RPLC'\nsource = 'a'",
            4,
            "association[1].target",
            "is missing",
            "toml-missing",
        ),
        (
            "[[association]]\ntype = 'HasMember'\nsource = 'submission_set'\ntarget = 'a'",
            4,
            "association[1].target",
            "leave this association out",
            "set-member-already",
        ),
        (
            "[[association]]\ntype = 'APND'\nsource = 'a'\ntarget = 'a'",
            4,
            "association[1].targetObject",
            "itself",
            "",
        ),
        (
            "[[folder]]\nname = 'f'\ncodeList = 'KENSHIN-2025'",
            4,
            "folder[1].title",
            "is missing",
            "",
        ),
        ("slots = { a = '1' }", 4, "document[1].slots.a", "a URN of your own", "set-value"),
        (
            "slots = { 'urn:ihe:x:y' = '1' }",
            4,
            "document[1].slots.urn:ihe:x:y",
            "a URN of your own",
            "set-value",
        ),
        ("[else]", 4, "else", "known are", "toml-unknown-key"),
    ];
    for (more, line, key, told, row) in cases {
        let whole = format!("{document}{more}\n");
        let (found, at, text) = mistake(&whole);
        // The others are of the rules of metadata.
        assert_eq!(row_of(&set(&whole).unwrap_err()), *row, "{more}: {text}");
        assert_eq!((found, at.as_str()), (lines + line, *key), "{more}: {text}");
        assert!(text.contains(told), "{more}: {text}");
    }
    let of_set = mistake(
        "patient = 'x'\n[submission_set]\nsourceId = '2.999'\ncontentTypeCode = 'CHECKUP-DELIVERY'\n",
    );
    assert_eq!((of_set.0, of_set.1.as_str()), (1, "patient"));
    assert_eq!(mistake("patient = 'x^^^&2.999&ISO'\n").1, "submission_set");
    assert_eq!(mistake("patient = x\n").0, 1);
}

/// The row of the one mistake of a file; empty for a rule of metadata.
fn row_of(errors: &MappingErrors) -> &'static str {
    let [error] = errors.errors.as_slice() else { panic!("{errors}") };
    crate::mapping::mistakes::of(error).map_or("", |row| row.id)
}

#[test]
fn mistakes_of_form_and_codes_name_their_rows() {
    for (row, text) in [
        ("toml-unquoted", "patient = x"),
        ("toml-syntax", "patient = ]"),
        ("toml-key-twice", "patient = 'x'\npatient = 'x'"),
        ("toml-table-twice", "[col]\n[col]"),
    ] {
        assert_eq!(row_of(&set(text).unwrap_err()), row, "{text}");
    }
    let codes = CodeList::read(default_xml()).unwrap();
    let changes_of = |text: &str, codes: Option<&CodeList>| {
        row_of(&changes::<DocumentEntry>("c.toml", text, codes).unwrap_err())
    };
    assert_eq!(changes_of("classCode = 'SOURCE'", None), "set-code-without-list");
    assert_eq!(changes_of("slots = 1", None), "toml-wrong-type");
    let two = "<Codes><CodeType name='classCode'><Code code='A' display='a' codingScheme='1.2'/>\
               <Code code='A' display='a' codingScheme='1.3'/></CodeType></Codes>";
    let two = CodeList::read(two).unwrap();
    assert_eq!(changes_of("classCode = 'A'", Some(&two)), "set-code-ambiguous");
    assert_eq!(changes_of("typeCode = 'A'", Some(&two)), "set-code-attribute-unlisted");
    let option = |name: &str| {
        let text = Change::written::<DocumentEntry>(name, &["x"], Some(&codes)).unwrap_err();
        let text = text.strip_prefix(&format!("{name}: ")).unwrap_or(&text).to_owned();
        let (ja, en) = text.split_once(" / ").unwrap();
        let all = crate::mapping::mistakes::all();
        all.filter(|row| row.fit(en, ja)).map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(option("version"), ["change-unknown"]);
    assert_eq!(option("author"), ["change-of-author"]);
    assert_eq!(option("classCode"), ["set-code-unlisted"]);
}

#[test]
fn no_mistake_can_be_taken_for_another() {
    for one in crate::mapping::mistakes::all() {
        let (en, ja) = (one.english(&[("path", "x")]), one.japanese(&[("path", "x")]));
        let rows: Vec<&str> = crate::mapping::mistakes::all()
            .filter(|row| row.fit(&en, &ja))
            .map(|row| row.id)
            .collect();
        assert_eq!(rows, [one.id]);
    }
}

#[test]
fn findings_call_objects_by_their_names() {
    let text = format!(
        "{}[[document]]\nname = 'the report'\nfile = 'checkup.csv'\nserviceStartTime = '20260101'\n",
        head()
    );
    assert!(mistake(&text).2.contains("DocumentEntry the report"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_is_a_set_or_refused(more in "[a-zA-Z\\[\\]{}='\",.\n 0-9]{0,120}|.{0,60}") {
        if let Err(errors) = set(&format!("{}{more}", head())) {
            prop_assert!(!errors.errors.is_empty());
        }
    }
}

#[test]
fn changes_are_written_as_in_a_set() {
    let codes = CodeList::read(default_xml()).unwrap();
    let file =
        "title = 'x'\nclassCode = 'SOURCE'\nreferenceIdList = []\n[slots]\n'urn:x-test:y' = 'z'\n";
    let (read, slots) = changes::<DocumentEntry>("c.toml", file, Some(&codes)).unwrap();
    assert_eq!((read.len(), slots.len()), (3, 1));
    let error = changes::<Folder>("c.toml", "classCode = 'SOURCE'", Some(&codes)).unwrap_err();
    assert!(error.errors[0].en.contains("codeList"), "{error}");
    let change =
        |name, values: &[&str]| Change::written::<DocumentEntry>(name, values, Some(&codes));
    assert_eq!(change("title", &["x"]).unwrap().values.len(), 1);
    assert_eq!(change("title", &[]).unwrap().values.len(), 0);
    assert!(change("classCode", &["NONE"]).unwrap_err().contains("CHECKUP"));
    assert!(change("author", &["x"]).unwrap_err().contains("file"));
    assert!(change("version", &["1"]).unwrap_err().contains("classCode"));
}
