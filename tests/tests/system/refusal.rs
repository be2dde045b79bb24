//! ITI-41 and ITI-42: what is refused is explained, all at once, and leaves nothing.

use crate::expect::{refused, refused_with};
use crate::submission::{entry, post_root};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{MimeType, Sha1Hash};
use renkei_metadata::model::{DocumentEntry, LocalizedText};
use renkei_tests::{World, message, sample};
use renkei_xds::response::Status;

in_every_form! {
    each_missing_attribute_is_named
    everything_wrong_is_told_at_once
    wrong_hash_and_size_are_refused
    documents_and_metadata_come_in_pairs
    one_bad_entry_refuses_the_whole
    values_are_checked_and_quoted
}

/// Takes an attribute out.
type Omission = (&'static str, fn(&mut DocumentEntry));

/// The attributes whose absence the connectathon tests one by one.
const REQUIRED: [Omission; 9] = [
    ("classCode", |e| e.class_code = None),
    ("confidentialityCode", |e| e.confidentiality_codes.clear()),
    ("creationTime", |e| e.creation_time = None),
    ("formatCode", |e| e.format_code = None),
    ("healthcareFacilityTypeCode", |e| e.facility_type_code = None),
    ("languageCode", |e| e.language = None),
    ("practiceSettingCode", |e| e.practice_setting_code = None),
    ("sourcePatientId", |e| e.source_patient_id = None),
    ("typeCode", |e| e.type_code = None),
];

fn each_missing_attribute_is_named(w: &World) -> Result<()> {
    for (name, omit) in REQUIRED {
        let patient = w.patient();
        let mut sent = sample::one(&patient, b"x");
        omit(entry(&mut sent));
        let response = w.submit(&sent, &[b"x"])?;
        let error = refused_with(&response, "XDSRegistryMetadataError")
            .with_context(|| format!("{name} omitted"))?;
        for told in [name, "DocumentEntry", "Document01"] {
            ensure!(error.context.contains(told), "{told} is not in: {}", error.context);
        }
        w.nothing_of(&sent)?;
    }
    Ok(())
}

fn everything_wrong_is_told_at_once(w: &World) -> Result<()> {
    let patient = w.patient();
    let used = sample::one(&patient, b"x");
    w.submitted(&used, &[b"x"])?;

    let other = w.patient();
    let mut sent = sample::one(&other, b"y");
    REQUIRED.iter().for_each(|(_, omit)| omit(entry(&mut sent)));
    entry(&mut sent).service_start = Some(sample::dtm("20250601"));
    entry(&mut sent).event_codes = vec![sample::coded("0815", "1.2.3", "知らないコード")];
    entry(&mut sent).mime_type = MimeType::parse("application/x-unheard-of")?;
    sent.submission_set.content_type_code = None;
    sent.submission_set.unique_id = used.submission_set.unique_id.clone();
    let response = w.submit(&sent, &[b"y"])?;
    ensure!(response.status == Status::Failure, "{response:?}");
    let told = |code: &str, words: &[&str]| {
        let fits = |c: &str| words.iter().all(|word| c.contains(word));
        ensure!(
            response.errors.iter().any(|e| e.code == code && fits(&e.context)),
            "{code} {words:?} is not among {response:#?}"
        );
        Ok(())
    };
    for (name, _) in REQUIRED {
        told("XDSRegistryMetadataError", &["Document01", name])?;
    }
    told("XDSRegistryMetadataError", &["serviceStartTime", "20250601", "20250512"])?;
    told("XDSRegistryMetadataError", &["eventCodeList", "0815", "1.2.3"])?;
    told("XDSRegistryMetadataError", &["mimeType", "application/x-unheard-of"])?;
    told("XDSRegistryMetadataError", &["SubmissionSet", "contentTypeCode"])?;
    let set = used.submission_set.unique_id.as_str();
    told("XDSDuplicateUniqueIdInRegistry", &["uniqueId", set])?;
    assert_eq!(response.errors.len(), REQUIRED.len() + 5, "{response:#?}");
    w.nothing_of(&sent)
}

fn wrong_hash_and_size_are_refused(w: &World) -> Result<()> {
    let content = b"content";
    let patient = w.patient();
    let mut sent = sample::one(&patient, content);
    entry(&mut sent).hash = Some(Sha1Hash::from_digest([7; 20]));
    let response = w.submit(&sent, &[content])?;
    let error = refused_with(&response, "XDSRepositoryMetadataError")?;
    for told in ["Document01", "hash", &"07".repeat(20)] {
        ensure!(error.context.contains(told), "{told} is not in: {}", error.context);
    }
    w.nothing_of(&sent)?;

    let mut sent = sample::one(&patient, content);
    entry(&mut sent).size = Some(4711);
    let response = w.submit(&sent, &[content])?;
    let error = refused_with(&response, "XDSRepositoryMetadataError")?;
    for told in ["Document01", "size", "4711"] {
        ensure!(error.context.contains(told), "{told} is not in: {}", error.context);
    }
    w.nothing_of(&sent)?;

    let mut sent = sample::one(&patient, content);
    entry(&mut sent).hash = Some(Sha1Hash::from_digest([7; 20]));
    entry(&mut sent).size = Some(4711);
    let both = ["XDSRepositoryMetadataError"; 2];
    refused(&w.submit(&sent, &[content])?, &both)?;
    w.nothing_of(&sent)
}

fn documents_and_metadata_come_in_pairs(w: &World) -> Result<()> {
    let patient = w.patient();
    let sent = sample::one(&patient, b"x");
    let root = message::provide_and_register_root(&sent, &[]);
    let response = post_root(w, &root, &[])?;
    let error = refused_with(&response, "XDSMissingDocument")?;
    ensure!(error.context.contains("Document01"), "{}", error.context);
    w.nothing_of(&sent)?;

    let root = message::provide_and_register_root(&sent, &["Document01", "Document77"]);
    let response = post_root(w, &root, &[b"x", b"nobody's"])?;
    let error = refused_with(&response, "XDSMissingDocumentMetadata")?;
    ensure!(error.context.contains("Document77"), "{}", error.context);
    w.nothing_of(&sent)?;

    // Referred to, but not in the message.
    let root = message::provide_and_register_root(&sent, &["Document01"]);
    let response = post_root(w, &root, &[])?;
    ensure!(response.status == Status::Failure, "{response:?}");
    w.nothing_of(&sent)
}

fn one_bad_entry_refuses_the_whole(w: &World) -> Result<()> {
    let patient = w.patient();
    let mut entries = vec![sample::entry(&patient, b"good"), sample::entry(&patient, b"bad")];
    entries[1].id = sample::symbol("Document02");
    entries[1].type_code = None;
    let sent = sample::submission(&patient, entries);
    let response = w.submit(&sent, &[b"good", b"bad"])?;
    let error = refused_with(&response, "XDSRegistryMetadataError")?;
    ensure!(error.context.contains("Document02"), "{}", error.context);
    w.nothing_of(&sent)
}

fn values_are_checked_and_quoted(w: &World) -> Result<()> {
    // What is submitted, what is written in its place, and what the refusal has to say.
    let cases = [
        (
            "<rim:Value>20250520011530</rim:Value>",
            "<rim:Value>2025-05-20</rim:Value>",
            "creationTime",
            "2025-05-20",
        ),
        (
            "<rim:Value>20250520011530</rim:Value>",
            "<rim:Value>20250230</rim:Value>",
            "creationTime",
            "20250230",
        ),
        ("<rim:Value>ja-JP</rim:Value>", "<rim:Value>日本語</rim:Value>", "languageCode", "日本語"),
        (
            "nodeRepresentation=\"kcsv-1.0\"",
            "nodeRepresentation=\"kcsv-9.9\"",
            "formatCode",
            "kcsv-9.9",
        ),
        ("mimeType=\"text/csv\"", "mimeType=\"text\"", "mimeType", "text"),
    ];
    for (submitted, written, attribute, value) in cases {
        let patient = w.patient();
        let sent = sample::one(&patient, b"x");
        let root = message::provide_and_register_root(&sent, &["Document01"]);
        ensure!(root.contains(submitted), "{submitted} is not in {root}");
        let response = post_root(w, &root.replacen(submitted, written, 1), &[b"x"])?;
        ensure!(response.status == Status::Failure, "{written} was accepted");
        let fits = |e: &&renkei_xds::response::RegistryError| {
            e.code.ends_with("MetadataError")
                && e.context.contains(attribute)
                && e.context.contains(value)
        };
        let error = response.errors.iter().find(fits);
        let error = error.with_context(|| format!("{attribute} {value}: {response:#?}"))?;
        crate::expect::plain(&error.context)?;
        w.nothing_of(&sent)?;
    }
    // What identifies a person is not repeated in an answer, which many may read.
    let patient = w.patient();
    let mut sent = sample::one(&patient, b"x");
    entry(&mut sent).source_patient_id = Some("T-0001".to_owned());
    let response = w.submit(&sent, &[b"x"])?;
    let error = refused_with(&response, "XDSRegistryMetadataError")?;
    ensure!(error.context.contains("sourcePatientId"), "{}", error.context);
    ensure!(!error.context.contains("T-0001"), "{}", error.context);
    // The display name of a code is for people and never compared (ITI TF-2: 3.42.4.1.3.3.3).
    let patient = w.patient();
    let mut sent = sample::one(&patient, b"x");
    let code = entry(&mut sent).class_code.as_mut().context("no classCode")?;
    code.display = LocalizedText::ja("別の表示名");
    w.submitted(&sent, &[b"x"])
}
