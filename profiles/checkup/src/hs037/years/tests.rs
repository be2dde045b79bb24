//! What is written is read back, from our own documents and other vendors'; each law is broken once.

use chrono::{DateTime, TimeZone, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{About, Made, Missing, Reason, Source, Writer, check, read};
use crate::hs037::tests::{options, person};
use crate::hs037::{self, Practice, View, document};
use crate::{Record, generated};

const ABOUT: About<'_> =
    About { on_demand: "2.25.7", patient_id: "P-7", authority: "1.2.392.7", maker: "1.2.3" };

const HOSPITAL: &[u8] = include_bytes!("../../../samples/foreign/hospital.json");
const PLAIN: &[u8] = include_bytes!("../../../samples/foreign/plain.json");

fn day(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 6, day, 1, 2, 3).unwrap()
}

fn source(number: u32, content: &[u8]) -> Source {
    Source {
        unique_id: format!("2.25.{number}"),
        repository: "1.2.3".to_owned(),
        sha1: [u8::try_from(number).unwrap(); 20],
        size: content.len() as u64,
        mime_type: super::MIME_TYPE.to_owned(),
        title: format!("健康診断結果 {number}"),
        created: day(number),
    }
}

fn made(contents: &[Vec<u8>]) -> (Made, Vec<Source>) {
    let mut writer = Writer::new(ABOUT);
    let numbers = (1..).zip(contents);
    let sources = numbers.map(|(number, content)| {
        let source = source(number, content);
        writer.add(&source, content);
        source
    });
    let sources = sources.collect();
    (writer.finish(), sources)
}

fn hs037(record: &Record) -> Vec<u8> {
    document(record, &options(&Practice::default(), View::Full))
}

fn checkups() -> Vec<Vec<u8>> {
    let of = |exam_date: &str, weight: &str| {
        let mut record = person("030");
        for (id, value) in [("exam_date", exam_date), ("weight", weight), ("u_prot", "±")] {
            record.set_id(id, value);
        }
        hs037(&record)
    };
    vec![of("2025-05-12", "70.0"), of("2024-05-13", "68.5")]
}

fn tree(content: &[u8]) -> Value {
    serde_json::from_slice(content).unwrap()
}

#[test]
fn a_checkup_is_read_as_its_source_is_and_beside_it() {
    let mut contents = checkups();
    contents.extend([HOSPITAL.to_vec(), PLAIN.to_vec()]);
    let (made, sources) = made(&contents);
    let years = read(&made.content).unwrap();
    assert_eq!(years.on_demand, "2.25.7");
    assert_eq!((&*years.patient_id, &*years.authority), ("P-7", "1.2.392.7"));
    assert_eq!(years.missing, []);
    assert_eq!(years.checkups.len(), 4);
    for ((checkup, content), source) in years.checkups.iter().zip(&contents).zip(sources) {
        assert_eq!(checkup.source, source);
        let read = hs037::read(content).unwrap();
        // what it stands in is a document, whatever it came as
        assert_eq!(checkup.report, hs037::Report { is_collection: false, ..read });
    }
    assert_eq!(check(&tree(&made.content)), []);
    let text = String::from_utf8(made.content).unwrap();
    assert!(text.contains("70.0") && text.contains("健診結果の経年記録"), "{text}");
}

#[test]
fn the_same_sources_give_the_same_document_and_others_another() {
    let contents = checkups();
    let (one, _) = made(&contents);
    assert_eq!(made(&contents).0, one);
    let (other, _) = made(&contents[..1]);
    assert_ne!(other.id, one.id);
    let bundle = tree(&one.content);
    let oid = format!("urn:oid:2.25.{}", one.id.as_u128());
    assert_eq!(bundle["identifier"]["value"], oid);
    assert_eq!(bundle["timestamp"], "2025-06-02T01:02:03Z");
}

#[test]
fn what_is_not_in_it_is_named_with_its_place() {
    let mut writer = Writer::new(ABOUT);
    let far = Source { repository: "1.9".to_owned(), ..source(3, b"") };
    writer.leave_out(&far, Reason::Elsewhere, "");
    let broken = Source { unique_id: "1.2^a".to_owned(), ..source(4, b"{") };
    writer.add(&broken, b"{");
    let made = writer.finish();
    assert_eq!(check(&tree(&made.content)), []);
    let years = read(&made.content).unwrap();
    let [elsewhere, unreadable] = &years.missing[..] else { panic!("{years:?}") };
    let why = String::new();
    assert_eq!(*elsewhere, Missing { source: far, reason: Reason::Elsewhere, why });
    assert_eq!((&unreadable.source, unreadable.reason), (&broken, Reason::Unreadable));
    assert!(unreadable.why.contains("JSON"), "{}", unreadable.why);
}

#[test]
fn a_document_too_deep_to_be_read_again_is_left_out() {
    let deep = |depth: usize| {
        let extension = format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
        let plain = std::str::from_utf8(PLAIN).unwrap().trim_start();
        plain.replacen('{', &format!("{{\"extension\":{extension},"), 1).into_bytes()
    };
    for (depth, missing) in [(90, 0), (110, 1)] {
        assert!(hs037::read(&deep(depth)).is_ok());
        let years = read(&made(&[deep(depth)]).0.content).unwrap();
        assert_eq!(years.missing.len(), missing, "{depth}");
    }
}

#[test]
fn what_is_no_record_of_the_years_is_refused_by_name() {
    for (content, code) in [("{", "JSON"), ("{}", "formatCode")] {
        let error = read(content.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(code), "{error}");
    }
    let mut bundle = tree(&made(&checkups()).0.content);
    bundle["entry"].as_array_mut().unwrap().remove(1);
    let error = read(bundle.to_string().as_bytes()).unwrap_err();
    assert!(error.en().contains("2025-05-12"), "{error}");
}

#[test]
fn every_law_is_broken_by_a_document_that_does_not_keep_it() {
    let good = tree(&made(&checkups()).0.content);
    let observation = |bundle: &Value| {
        let entries = bundle["entry"].as_array().unwrap().iter();
        entries.clone().position(|e| e["resource"]["resourceType"] == "Observation").unwrap()
    };
    type Break<'b> = &'b dyn Fn(&mut Value);
    let broken: [(&str, Break<'_>); 6] = [
        ("document Bundle", &|b| b["type"] = json!("collection")),
        ("identifier", &|b| b["identifier"] = json!({})),
        ("fullUrl", &|b| b["entry"][2]["fullUrl"] = b["entry"][3]["fullUrl"].clone()),
        ("source document", &|b| {
            b["entry"][1]["resource"]["content"][0]["attachment"]["hash"] = json!("x");
        }),
        ("derived", &|b| {
            let place = observation(b);
            b["entry"][place]["resource"]["derivedFrom"] = json!([]);
        }),
        ("names", &|b| {
            b["entry"][0]["resource"]["section"][0]["entry"][3] =
                json!({"reference": "urn:uuid:0"});
        }),
    ];
    assert_eq!(check(&good), []);
    for (rule, breaks) in broken {
        let mut bundle = good.clone();
        breaks(&mut bundle);
        let found = check(&bundle);
        assert!(found.iter().any(|violation| violation.rule.contains(rule)), "{rule}: {found:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn any_checkups_are_read_back(records in prop::collection::vec(generated::record(), 1..4)) {
        let contents: Vec<Vec<u8>> = records.iter().map(hs037).collect();
        let (made, _) = made(&contents);
        let years = read(&made.content).unwrap();
        prop_assert_eq!(check(&tree(&made.content)), []);
        for (checkup, content) in years.checkups.iter().zip(&contents) {
            prop_assert_eq!(&checkup.report, &hs037::read(content).unwrap());
        }
        prop_assert_eq!(years.checkups.len(), contents.len());
    }
}
