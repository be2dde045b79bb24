//! Written documents equal the expected ones and are valid by the schema.

mod content;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use renkei_soap::xml::{Node, Reader, XmlLimits};

use super::{Options, document, write};
use crate::hs037::tests::{person, shared_practice, shared_record};
use crate::practice::{Practice, ReferenceRange};
use crate::record::Record;
use crate::tables::{Column, ValueType, tables};
use crate::terms;

fn written(record: &Record, practice: &Practice) -> String {
    let created_on = NaiveDate::from_ymd_opt(2025, 6, 20).unwrap();
    let bytes = document(record, &Options { created_on, practice }).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The document as lines, one for each tag or text, without the white space between elements:
/// what canonical XML would say of two documents is said of these lines.
fn canonical(xml: &str) -> Vec<String> {
    let mut reader = Reader::new(xml, XmlLimits::default());
    let mut lines = Vec::new();
    let mut element = Some(reader.root().unwrap());
    while reader.depth() > 0 {
        if let Some(element) = element.take() {
            let mut attributes: Vec<String> = element
                .attributes
                .iter()
                .map(|a| format!(" {{{}}}{}={:?}", a.namespace, a.local, a.value))
                .collect();
            attributes.sort();
            lines.push(format!("<{} {}{}", element.namespace, element.local, attributes.concat()));
        }
        match reader.next_node().unwrap() {
            Node::Element(child) => element = Some(child),
            Node::Text(text) if text.trim().is_empty() => {}
            Node::Text(text) => lines.push(text),
            Node::End => lines.push(">".to_owned()),
        }
    }
    lines
}

pub(crate) fn assert_same(made: &str, expected: &str) {
    let (made, expected) = (canonical(made), canonical(expected));
    for (made, expected) in made.iter().zip(&expected) {
        assert_eq!(made, expected);
    }
    assert_eq!(made.len(), expected.len());
}

#[test]
fn equals_the_expected_document() {
    let Some((folder, record)) = shared_record() else { return };
    let file = "fileset/0119900025_00013995_202506200_1/DATA/h01199000252025062001000001.xml";
    let expected = fs::read_to_string(folder.join(file)).unwrap();
    assert_same(&written(&record, &shared_practice()), &expected);
}

/// Every pattern of the form in one record.
fn employee() -> (Record, Practice) {
    let mut record = person("030");
    for (id, value) in [
        ("insurer_no", "013995"),
        ("card_branch", "1"),
        ("postal", "060-8009"),
        ("address", "架空市 架空町1-2 ﾊｲﾂ101"),
        ("inst_addr", "架空市港町9"),
        ("inst_tel", "045-000-0104 内線3"),
        ("ticket_no", "25100003339"),
        ("ticket_until", "2026-03-31"),
        ("height", "170.0"),
        ("work_hist", "事務、倉庫 <10年>"),
        ("ggt", "63"),
        ("tg_fast", "<10"),
        ("hba1c", terms::NOT_MEASURABLE),
        ("cre", terms::NOT_PERFORMED),
        ("egfr", terms::NOT_PERFORMED),
        ("hb", "15.1"),
        ("anemia_reason", "視診で貧血が疑われるため"),
        ("wbc", "5600"),
        ("u_prot", "±"),
        ("ecg", terms::NOT_PERFORMED),
        ("cxr", "所見あり"),
        ("cxr_txt", "陳旧性病変"),
        ("cxr_date", "2025-05-12"),
        ("cxr_film", "A-12"),
        ("hr_r1k", "所見なし"),
        ("q08", "いいえ"),
        ("dr_judge", "要経過観察"),
        ("remarks", "R&D\u{1}部門"),
    ] {
        record.set_id(id, value);
    }
    let mut practice = shared_practice();
    practice.set_code(tables().column("cxr").unwrap(), "9N221160700000011");
    (record, practice)
}

#[test]
fn equals_the_golden_document() {
    let (record, practice) = employee();
    assert_same(&written(&record, &practice), include_str!("../../samples/employee-cda.xml"));
}

#[test]
fn other_programmes_have_no_document() {
    let practice = Practice::default();
    let created_on = NaiveDate::from_ymd_opt(2025, 6, 20).unwrap();
    for programme in ["060", "070", "080", "990", ""] {
        let options = Options { created_on, practice: &practice };
        assert_eq!(document(&person(programme), &options), None, "{programme}");
    }
}

#[test]
fn what_does_not_fit_is_left_out() {
    let (mut record, practice) = employee();
    let without = |record: &Record, absent: &str| {
        let text = written(record, &practice);
        assert!(!text.contains(absent), "{absent} in {text}");
    };
    record.set_id("card_symbol", &"1".repeat(21));
    without(&record, "1.2.392.200119.6.204");
    record.set_id("ticket_no", "123");
    without(&record, "<participant");
    record.set_id("birth_date", "unknown");
    without(&record, "<birthTime");
    record.set_id("dr_judge", "\u{1}");
    without(&record, "9N511000000000049");
    for id in ["insurer_no", "card_symbol", "card_number", "card_branch"] {
        record.set_id(id, "");
    }
    let text = written(&record, &practice);
    assert!(text.contains("<patientRole><id nullFlavor=\"NI\"/>"), "{text}");
    record.set_id("address", &"あ".repeat(50));
    assert!(written(&record, &practice).contains(&format!(">{}<", "あ".repeat(40))));
}

#[test]
fn what_is_cut_or_left_out_is_told() {
    let told = |record: &Record| {
        let created_on = NaiveDate::from_ymd_opt(2025, 6, 20).unwrap();
        let practice = Practice::default();
        let options = Options { created_on, practice: &practice };
        let mut out = b"what was there before".to_vec();
        let shortened = write(record, &options, &mut out).unwrap();
        assert_eq!(document(record, &options), Some(out));
        shortened.0
    };
    let mut record = person("010");
    record.set_id("insurer_no", "00013995");
    assert_eq!(told(&record), [""; 0]);
    for (id, fits, too_much) in [
        ("address", "あ".repeat(40), "あ".repeat(41)),
        ("inst_addr", "い ".repeat(40), "い".repeat(41)),
        ("inst_tel", "045-000-0104".to_owned(), "045-000-0104 内線3".to_owned()),
        ("card_symbol", "１".repeat(20), "1".repeat(21)),
        ("card_number", "1".repeat(20), "１".repeat(21)),
        ("card_branch", "1".to_owned(), "AB".to_owned()),
        ("postal", "060-0099".to_owned(), "0600099".to_owned()),
        ("ticket_no", "25100003339".to_owned(), "123".to_owned()),
        ("birth_date", "1980-04-01".to_owned(), "1980-02-31".to_owned()),
        ("insurer_no", "013995".to_owned(), "X".to_owned()),
    ] {
        let mut record = record.clone();
        record.set_id(id, &fits);
        assert_eq!(told(&record), [""; 0], "{id}");
        record.set_id(id, &too_much);
        assert_eq!(told(&record), [id], "{id}");
    }
    record.set_id("ticket_no", "25100003339");
    record.set_id("insurer_no", "");
    assert_eq!(told(&record), ["ticket_no"], "no insurer, no ticket");
}

/// Something an item may hold, and things it should not.
fn value_for(column: &Column) -> BoxedStrategy<String> {
    let usual = match column.value_type {
        Some(ValueType::Pq) => "(<|<=|>|>=|)-?[0-9]{1,4}(\\.[0-9]{1,3})?".boxed(),
        Some(ValueType::Cd | ValueType::Co) => {
            let terms = tables().terms(&column.value_set).iter().map(|term| term.term.clone());
            prop::sample::select(terms.collect::<Vec<_>>()).boxed()
        }
        Some(ValueType::St) => any::<String>().boxed(),
        None => "[0-9]{0,11}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[ -~]{0,40}".boxed(),
    };
    let markup = "[<&>\"'\\]\t\n\r\u{1}\u{fffe}ｶﾞa1１漢]{0,30}";
    let marks = prop::sample::select(vec!["", terms::NOT_PERFORMED, terms::NOT_MEASURABLE]);
    prop_oneof![6 => usual, 2 => marks.prop_map(str::to_owned), 1 => markup].boxed()
}

fn any_record() -> impl Strategy<Value = Record> {
    let values: Vec<_> = tables().columns().iter().map(value_for).collect();
    (values, "010|020|030|040").prop_map(|(values, programme)| {
        let mut record = Record::new();
        for (column, value) in tables().columns().iter().zip(values) {
            record.set(column, &value);
        }
        record.set_id("program_code", &programme);
        record
    })
}

/// Validates files by the schema, all at once; nothing where schema or tool are missing.
pub(crate) fn assert_valid(schema: &str, files: &[PathBuf]) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/schemas/tokutei-v08")
        .join(schema);
    if !schema.is_file() {
        eprintln!("skipped: {} is not there", schema.display());
        return;
    }
    let command = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .arg(schema)
        .args(files)
        .output();
    let Ok(output) = command else {
        eprintln!("skipped: xmllint is not installed");
        return;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    let invalid: Vec<&str> = errors.lines().filter(|line| !line.ends_with("validates")).collect();
    assert!(output.status.success(), "{}", invalid.join("\n"));
}

#[test]
fn whatever_a_record_holds_the_document_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let mut runner = TestRunner::new(Config::default());
    let practice = every_range();
    let files: Vec<PathBuf> = (0..150)
        .map(|number| {
            let record = any_record().new_tree(&mut runner).unwrap().current();
            let text = written(&record, &practice);
            canonical(&text);
            let file = folder.path().join(format!("{number}.xml"));
            fs::write(&file, text).unwrap();
            file
        })
        .collect();
    assert_valid("hc08_V08.xsd", &files);
}

/// A reference range on every number, so that each item has the longest form.
fn every_range() -> Practice {
    let mut practice = shared_practice();
    for item in tables().columns().iter().filter(|c| c.value_type == Some(ValueType::Pq)) {
        let (low, high) = (item.min_plausible, item.max_plausible);
        practice.add_range(ReferenceRange { item, sex: None, low, high });
    }
    practice
}
