//! Documents to search for.

use anyhow::{Context, Result};
use renkei_metadata::ids::{MimeType, PatientId};
use renkei_metadata::model::{Author, AvailabilityStatus, Code, DocumentEntry, LocalizedText};
use renkei_tests::{World, sample};
use renkei_xds::iti18::QueryBuilder;

/// The documents that the tests search for, told apart by their titles.
pub(crate) struct Shelf {
    pub(crate) patient: PatientId,
    pub(crate) entries: Vec<DocumentEntry>,
    pub(crate) set: renkei_metadata::ids::Oid,
}

pub(crate) fn code(code: &str, arc: u8) -> Code {
    sample::project_code(code, arc, "検索試験")
}

pub(crate) fn event(event: &str) -> Code {
    sample::coded(event, "1.2.392.200119.6.1002", "検索試験")
}

pub(crate) fn confidentiality(letter: &str) -> Code {
    sample::coded(letter, "2.16.840.1.113883.5.25", "検索試験")
}

fn by(person: &str) -> Vec<Author> {
    vec![Author { person: Some(person.to_owned()), ..Author::default() }]
}

impl Shelf {
    /// A, B and C in one submission, then D, which E replaces.
    pub(crate) fn fill(w: &World) -> Result<Self> {
        let patient = w.patient();
        let entry = |title: &str| {
            let mut e = sample::entry(&patient, title.as_bytes());
            e.id = sample::symbol(title);
            e.title = Some(LocalizedText::ja(title));
            e
        };
        let (mut a, mut b, mut c) = (entry("A"), entry("B"), entry("C"));
        a.creation_time = Some(sample::dtm("20250101000000"));
        a.service_start = Some(sample::dtm("20240401"));
        a.service_stop = Some(sample::dtm("20240401"));
        a.authors = by("100^佐藤^花子^^^^^^&1.2.3&ISO");

        b.creation_time = Some(sample::dtm("20250601120000"));
        b.service_start = Some(sample::dtm("20250601"));
        b.service_stop = Some(sample::dtm("20250603"));
        b.authors = [by("200^鈴木^一郎^^^^^^&1.2.3&ISO"), by("300^O'Neil_100%")].concat();
        b.class_code = Some(code("OCC", 1));
        b.type_code = Some(code("OPHOPINION", 8));
        b.practice_setting_code = Some(code("OCC", 6));
        b.facility_type_code = Some(code("COMPANY", 4));
        b.format_code =
            Some(sample::coded("urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3", "PDF"));
        b.mime_type = MimeType::parse("application/pdf")?;
        b.event_codes = vec![event("010")];
        b.confidentiality_codes = vec![confidentiality("N"), code("STAT", 5)];

        c.creation_time = Some(sample::dtm("2025"));
        (c.service_start, c.service_stop) = (None, None);
        c.event_codes = vec![event("010"), event("060")];
        c.confidentiality_codes = vec![confidentiality("R"), code("FULL", 5), code("WORK", 5)];
        let sent = sample::submission(&patient, vec![a, b, c]);
        w.submitted(&sent, &[b"A", b"B", b"C"])?;

        let dated = |title: &str, created: &str| {
            let mut e = entry(title);
            e.id = sample::symbol("Document01");
            e.creation_time = Some(sample::dtm(created));
            e.service_start = Some(sample::dtm("20230401"));
            e.service_stop = Some(sample::dtm("20230401"));
            e
        };
        let old = sample::submission(&patient, vec![dated("D", "20230101")]);
        w.submitted(&old, &[b"D"])?;
        let query = QueryBuilder::get_documents_by_unique_id(&[old.entries[0].unique_id.clone()]);
        let old = w.entries(query)?.pop().context("D")?;
        let mut new = sample::replacement(&patient, b"E", &old.id);
        let unique_id = new.entries[0].unique_id.clone();
        new.entries = vec![dated("E", "20230102")];
        new.entries[0].unique_id = unique_id;
        w.submitted(&new, &[b"E"])?;

        let set = sent.submission_set.unique_id;
        Ok(Self { entries: w.documents_of(&patient)?, patient, set })
    }

    /// FindDocuments whatever the status.
    pub(crate) fn find(&self) -> QueryBuilder {
        QueryBuilder::find_documents(&self.patient, &AvailabilityStatus::ALL)
    }

    /// A registered entry by its title.
    pub(crate) fn get(&self, title: &str) -> Result<&DocumentEntry> {
        let is = |e: &&DocumentEntry| e.title.as_ref().is_some_and(|t| t.text() == title);
        self.entries.iter().find(is).with_context(|| title.to_owned())
    }

    pub(crate) fn id(&self, title: &str) -> Result<renkei_metadata::ids::EntryUuid> {
        self.get(title)?.id.uuid().context("no UUID")
    }
}
