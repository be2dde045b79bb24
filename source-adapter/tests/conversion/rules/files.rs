//! A file as a whole: whether it is an export, and one that fits the mapping.

use crate::rules::{HEADER, MAP, PERSON, rows, run, run_opened};
use chrono::NaiveDate;
use renkei_source_adapter::{Accepted, Finding, Mapping, Mode, Rules, Sink, convert};
use std::io::{self, Read};

#[test]
fn rows_are_counted_as_data() {
    let kept = rows(&format!("\r\n\r\n{PERSON}\r\n\r\nP2,x\r\n\"#END 2\"\r\n"));
    assert_eq!(kept.findings, [(2, String::new(), "E003", "2".to_owned())]);
    assert_eq!(kept.records[0].get("record_no"), "1");
    let kept = rows("P1,ﾔﾏ,\"山\r\n花\",2,S55.4.1,2025-05-12,72");
    assert_eq!(kept.records[0].get("name_kanji"), "山\r\n花", "a line break inside quotes is data");
}

#[test]
fn headers_must_fit_the_mapping() {
    let (outcome, kept) = run(MAP, &b"ID,KANA,NAME,SEX,DOB,HR\r\n"[..], Mode::RejectRow);
    assert!(outcome.unwrap().rejected);
    assert_eq!(kept.findings, [(0, "DATE".to_owned(), "E002", String::new())]);

    let marked = format!("\u{FEFF}{HEADER}\r\n{PERSON}\r\n");
    let (outcome, kept) = run(MAP, marked.as_bytes(), Mode::RejectRow);
    assert!(outcome.unwrap().rejected);
    assert_eq!(kept.findings[0], (0, "ID".to_owned(), "E002", String::new()));
    let with_mark = MAP.replace("[const]", "bom = true\n[const]");
    let (outcome, kept) = run(&with_mark, marked.as_bytes(), Mode::RejectRow);
    assert!(!outcome.unwrap().rejected);
    assert_eq!(kept.records.len(), 1);

    let twice = format!("{HEADER},SEX\r\n");
    let (outcome, kept) = run(MAP, twice.as_bytes(), Mode::RejectRow);
    assert!(outcome.unwrap().rejected);
    assert_eq!(kept.findings, [(0, "SEX".to_owned(), "E002", String::new())]);

    let (outcome, kept) = run(MAP, &b"\r\n"[..], Mode::RejectRow);
    assert!(outcome.unwrap().rejected);
    assert_eq!(kept.findings.len(), 7);
}

#[test]
fn another_delimiter_and_another_encoding_are_named() {
    let tabs = format!("{HEADER}\r\n{PERSON}\r\n").replace(',', "\t");
    for (export, name) in
        [(tabs.as_bytes(), "delimiter = '\\t'"), (&b"\x1b$B;aL>\x1b(B,ID\r\n"[..], "iso-2022-jp")]
    {
        let mapping = Mapping::read("map.toml", MAP).unwrap();
        let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
        let mut said = Said::default();
        let rules = Rules { mode: Mode::RejectRow, as_of };
        assert!(convert(|| Ok(export), &mapping, &rules, &mut said).unwrap().rejected);
        assert!(said.0.iter().any(|text| text.contains(name)), "{:?}", said.0);
    }
}

/// What findings say.
#[derive(Default)]
struct Said(Vec<String>);

impl Sink for Said {
    fn accepted(&mut self, _: &Accepted<'_>) -> io::Result<()> {
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        self.0.extend(findings.iter().flat_map(|finding| [finding.ja(), finding.en()]));
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        self.0.clear();
        Ok(())
    }
}

#[test]
fn what_is_no_export_is_named() {
    for (bytes, name) in [
        (&b""[..], "空のファイル"),
        (b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0xl/workbook.xml", "CSV UTF-8"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "CSV UTF-8"),
        (b"%PDF-1.7", "PDF"),
    ] {
        let (outcome, kept) = run(MAP, bytes, Mode::RejectRow);
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains(name) && kept.records.is_empty(), "{error}");
    }
}

#[test]
fn undecodable_bytes_void_everything() {
    let mut bytes = format!("{HEADER}\r\n{PERSON}\r\n").into_bytes();
    bytes.extend_from_slice(b"P2,\xFF\r\n");
    let (outcome, kept) = run(MAP, &bytes, Mode::RejectRow);
    let outcome = outcome.unwrap();
    assert!(outcome.rejected && outcome.errors == 1 && outcome.accepted == 0);
    assert!(kept.discarded && kept.records.is_empty());
    assert_eq!(kept.findings, [(0, String::new(), "E001", String::new())]);
    assert_eq!(outcome.input_sha256, renkei_checkup::hash::Sha256Hex::of(&bytes));
}

#[test]
fn one_error_rejects_the_file_in_the_strict_mode() {
    let export = format!("{HEADER}\r\n{PERSON}\r\nP2,x\r\n");
    let (outcome, _) = run(MAP, export.as_bytes(), Mode::RejectFile);
    let outcome = outcome.unwrap();
    assert!(outcome.rejected);
    assert_eq!((outcome.rows, outcome.accepted, outcome.errors), (2, 1, 1));
    let (outcome, _) = run(MAP, export.as_bytes(), Mode::RejectRow);
    assert!(!outcome.unwrap().rejected);
}

#[test]
fn what_never_ends_is_refused_by_name() {
    let endless = |begin: &str| {
        let export = format!("{HEADER}\r\n{begin}");
        run_opened(
            MAP,
            || Ok(io::Cursor::new(export.clone()).chain(io::repeat(b'x'))),
            Mode::RejectRow,
        )
    };
    let (outcome, _) = endless("");
    let error = outcome.unwrap_err();
    assert!(error.to_string().contains("a fixed bound"), "{error}");
}

#[test]
fn a_quote_that_is_never_closed_refuses_the_file() {
    let other = PERSON.replace("P1", "P2").replace(",ﾔﾏ", ",\"ﾔﾏ");
    let export = format!("{HEADER}\r\n{PERSON}\r\n{other}\r\n{PERSON}\r\n");
    let (outcome, kept) = run(MAP, export.as_bytes(), Mode::RejectRow);
    let outcome = outcome.unwrap();
    assert!(outcome.rejected && outcome.lines.is_none());
    assert!(kept.records.is_empty());
    assert_eq!((kept.findings[0].0, kept.findings[0].2), (2, "E004"));
}

proptest::proptest! {
    #[test]
    fn no_export_breaks_the_conversion(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), text in "[\\PC,\"\r\n]{0,200}") {
        for tail in [bytes.as_slice(), text.as_bytes()] {
            let export = [HEADER.as_bytes(), b"\r\n", tail].concat();
            let (_, _) = run(MAP, export.as_slice(), Mode::RejectRow);
            let (_, _) = run(MAP, tail, Mode::RejectFile);
        }
    }

    #[test]
    fn no_mapping_breaks_the_reader(rest in "\\PC{0,80}", value in "[a-z_]{1,12}") {
        let texts = [
            rest.clone(),
            format!("{MAP}\n[[col]]\nfrom = \"Y\"\nas = \"{value}\"\nto = [\"{value}\"]\npattern = '{rest}'"),
        ];
        for text in texts {
            if let Err(errors) = Mapping::read("map.toml", &text) {
                assert!(!errors.errors.is_empty());
            }
        }
    }
}
