use super::ask::question;
use super::*;
use clap::Parser;
use renkei_xds::catalogue::{self, Need, QUERIES};

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

fn parsed(options: &[&str]) -> Result<Arguments, clap::Error> {
    let own = ["query", "--identity", "i", "--state-dir", "s"];
    Line::try_parse_from(own.iter().chain(options)).map(|line| line.arguments)
}

fn asked(options: &[&str]) -> Vec<(String, Vec<String>)> {
    question(&parsed(options).unwrap(), None, &[]).unwrap().query.params
}

fn refused(options: &[&str]) -> String {
    question(&parsed(options).unwrap(), None, &[]).unwrap_err().to_string()
}

const PATIENT: &str = "1^^^&1.2.3&ISO";
const UUID: &str = "urn:uuid:5d7e2f3a-1c0b-4f6d-8a9e-2b3c4d5e6f01";

#[test]
fn every_query_can_be_asked_by_its_options() {
    for definition in QUERIES {
        let is = |kind| definition.params.iter().any(|p| p.kind == kind);
        let mut options = vec!["--query", definition.name];
        if is(catalogue::ParamKind::PatientId) {
            options.extend(["--patient", PATIENT]);
        } else {
            options.extend(["--id", UUID]);
        }
        if definition.name.contains("ByReferenceId") {
            options.extend(["--reference-id", "a"]);
        }
        let query = question(&parsed(&options).unwrap(), None, &[]).unwrap().query;
        let stored = catalogue::parse(&query);
        assert_eq!(stored.findings, [], "{}", definition.name);
    }
}

#[test]
fn every_parameter_can_be_written() {
    for definition in QUERIES {
        for param in definition.params {
            let written = format!("{}=x", param.name);
            let params = asked(&["--query", definition.name, "--param", &written]);
            let slot = params.iter().find(|(name, _)| name == param.name);
            assert!(slot.is_some_and(|(_, v)| v[0].contains('x')), "{written}");
        }
    }
}

#[test]
fn values_are_alternatives_and_slots_are_not() {
    let name = "XDSDocumentEntryEventCodeList";
    let params = [format!("{name}=a^^1"), format!("{name}=b^^1"), format!("{name}=c^^1")];
    let [a, b, c] = &params;
    let slots = asked(&["--patient", PATIENT, "--param", a, "--and", c, "--param", b]);
    let of_events = |(n, v): &(String, Vec<String>)| (n == &format!("${name}")).then(|| v.clone());
    let events: Vec<_> = slots.iter().filter_map(of_events).collect();
    assert_eq!(events, [["('a^^1','b^^1')"], ["('c^^1')"]]);
}

#[test]
fn what_a_query_does_not_know_is_refused_by_name() {
    let told = refused(&["--patient", PATIENT, "--param", "XDSDocumentEntryTypo=x"]);
    assert!(told.contains("$XDSDocumentEntryTypo") && told.contains("$XDSDocumentEntryClassCode"));
    assert!(refused(&["--query", "FindDocuments", "--id", UUID]).contains("--id"));
    assert!(refused(&["--query", "GetDocuments", "--patient", PATIENT]).contains("--patient"));
    assert!(refused(&["--query", "GetAssociations", "--status", "approved"]).contains("--status"));
    assert!(refused(&["--query", "GetDocuments", "--since", "2026-04-01"]).contains("--since"));
    assert!(refused(&["--since", "2026-04-01"]).contains("--patient"));
    assert!(refused(&["--query", "FindUnicorns"]).contains("GetAll"));
    let twice = ["--status", "approved", "--param", "XDSDocumentEntryStatus=Deprecated"];
    assert!(refused(&twice).contains("$XDSDocumentEntryStatus"));
    assert!(refused(&["--patient", "1"]).contains("ID^^^&OID&ISO"));
    for wrong in [["--id", "1"], ["--association", "REPLACES"]] {
        assert!(parsed(&wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_status_is_approved_unless_told_otherwise() {
    let status = |options: &[&str]| {
        let all = asked(&[&["--query", "FindFolders", "--patient", PATIENT], options].concat());
        all.into_iter().find(|(n, _)| n == "$XDSFolderStatus").unwrap().1.concat()
    };
    let urn = |s: AvailabilityStatus| format!("'{}'", s.urn());
    let (approved, deprecated) =
        (urn(AvailabilityStatus::Approved), urn(AvailabilityStatus::Deprecated));
    assert_eq!(status(&[]), format!("({approved})"));
    assert_eq!(status(&["--status", "deprecated"]), format!("({deprecated})"));
    assert_eq!(status(&["--param", "$XDSFolderStatus=Deprecated"]), format!("({deprecated})"));
    let all = asked(&["--query", "GetAll", "--patient", PATIENT]);
    let required = catalogue::by_name("GetAll").unwrap().params;
    let required = required.iter().filter(|p| p.need == Need::Required);
    assert_eq!(all.len(), required.count());
}

#[test]
fn since_is_a_day_in_japan_or_a_moment() {
    assert_eq!(since::moment("2026-04-01").unwrap().as_str(), "20260331150000");
    assert_eq!(since::moment("2026-04-01T09:00:00+09:00").unwrap().as_str(), "20260401000000");
    for wrong in ["20260401", "2026-04-01T09:00:00", "2026-13-01", "yesterday", ""] {
        assert!(since::moment(wrong).is_err(), "{wrong}");
    }
    for (query, name) in [
        ("FindSubmissionSets", "$XDSSubmissionSetSubmissionTimeFrom"),
        ("FindFolders", "$XDSFolderLastUpdateTimeFrom"),
    ] {
        let params = asked(&["--query", query, "--patient", PATIENT, "--since", "2026-04-01"]);
        assert!(params.contains(&(name.to_owned(), vec!["20260331150000".to_owned()])));
    }
    let documents = parsed(&["--patient", PATIENT, "--since", "2026-04-01"]).unwrap();
    let question = question(&documents, None, &[]).unwrap();
    assert!(question.since.is_some(), "what was submitted is asked for first");
}

#[test]
fn what_is_new_for_a_node_is_asked_of_everybody() {
    let class = |code: &str| renkei_metadata::model::Code {
        code: code.to_owned(),
        scheme: "1.2.3".to_owned(),
        display: renkei_metadata::model::LocalizedText::ja("x"),
    };
    let mine = ["--mine", "--since", "2026-04-01"];
    let arguments = parsed(&mine).unwrap();
    let asked = question(&arguments, None, &[class("A"), class("B")]).unwrap();
    assert!(asked.since.is_none(), "it is one query");
    assert_eq!(catalogue::parse(&asked.query).findings, []);
    let since = asked.query.params.iter().find(|(name, _)| name == "$RenkeiRegisteredFrom");
    assert_eq!(since.unwrap().1, ["20260331150000"]);
    let classes = asked.query.params.iter().find(|(name, _)| name == "$XDSDocumentEntryClassCode");
    assert_eq!(classes.unwrap().1, ["('A^^1.2.3','B^^1.2.3')"]);
    let narrowed = ["--param", "XDSDocumentEntryClassCode=C^^1.2.3"];
    let arguments = parsed(&[&mine[..], &narrowed].concat()).unwrap();
    let asked = question(&arguments, None, &[class("A")]).unwrap();
    assert_eq!(asked.query.params.iter().filter(|(name, _)| name.contains("ClassCode")).count(), 1);
    for wrong in [
        &["--mine"][..],
        &["--mine", "--since", "2026-04-01", "--patient", PATIENT],
        &["--mine", "--since", "2026-04-01", "--query", "GetAll"],
    ] {
        assert!(parsed(wrong).is_err(), "{wrong:?}");
    }
    let references = parsed(&[&mine[..], &["--return", "ref"]].concat()).unwrap();
    assert!(question(&references, None, &[class("A")]).is_ok());
    let twice = ["--param", "RenkeiRegisteredFrom=20260401"];
    let twice = parsed(&[&mine[..], &twice].concat()).unwrap();
    let told = question(&twice, None, &[class("A")]).unwrap_err().to_string();
    assert!(told.contains("RenkeiRegisteredFrom") && told.contains(" / "), "{told}");
}
