//! What the reader makes of a message and of its faults, and that what is written is read again.

mod schema;
mod strangers;

use super::*;
use crate::arbitrary;
use crate::finding::{Checked, Finding};
use crate::ids::ObjectId;
use crate::model::{EntryType, LocalizedText, RegistryObject, Submission, SubmissionSetStatus};
use proptest::prelude::*;
use renkei_soap::xml::{Reader, Writer, XmlLimits, ns};

pub(crate) const SAMPLE: &str = include_str!("../../samples/submission.xml");

pub(crate) fn read(xml: &str) -> Checked<Submission> {
    let mut r = Reader::new(xml, XmlLimits::default());
    let list = r.root().unwrap();
    let checked = read_submission(&mut r, &list).unwrap();
    r.finish().unwrap();
    checked
}

/// The sample with one thing changed, which has to be there.
pub(crate) fn changed(from: &str, to: &str) -> String {
    assert!(SAMPLE.contains(from), "{from}");
    SAMPLE.replacen(from, to, 1)
}

/// The sample without a slot, classification or identifier: the whole line that holds `part`.
pub(crate) fn without(part: &str) -> String {
    assert!(SAMPLE.contains(part), "{part}");
    SAMPLE.lines().filter(|l| !l.contains(part)).collect::<Vec<_>>().join("\n")
}

/// Rule, object and attribute of each finding.
pub(crate) fn told(findings: &[Finding]) -> Vec<(&str, &str, &str)> {
    findings.iter().map(|f| (f.rule.id, f.object.as_str(), f.attribute.as_ref())).collect()
}

const ENTRY: &str = "DocumentEntry Document01";
const SET: &str = "SubmissionSet SubmissionSet01";
const MEMBER: &str = "Association as01";

#[test]
fn reads_every_attribute_of_the_sample() {
    let checked = read(SAMPLE);
    assert_eq!(checked.findings, []);
    let s = checked.value.unwrap();
    let e = &s.entries[0];
    assert_eq!(e.id, ObjectId::Symbol("Document01".into()));
    assert_eq!(e.object_type, EntryType::Stable);
    assert_eq!(e.mime_type.as_str(), "application/fhir+json");
    assert_eq!(e.hash.as_ref().unwrap().as_str(), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    assert_eq!(e.size, Some(51234));
    assert_eq!(e.reference_ids.len(), 1);
    assert_eq!(e.source_patient_info.len(), 5);
    assert_eq!(e.source_patient_info[1], "PID-5|架空^花子^^^^^L^I");
    assert_eq!(e.title, Some(LocalizedText::ja("健康診断結果 2025-06-03 北の丘クリニック")));
    assert_eq!(e.comments.as_ref().unwrap().strings()[0].lang, None);
    assert_eq!(e.extra[0].values, ["b", "a"]);
    let codes: Vec<&str> = e.confidentiality_codes.iter().map(|c| c.code.as_str()).collect();
    assert_eq!(codes, ["N", "FULL"]);
    assert_eq!(e.type_code.as_ref().unwrap().key(), "53576-5^^2.16.840.1.113883.6.1");
    assert_eq!(e.patient_id.as_ref().unwrap().id, "K0001");
    assert_eq!(e.unique_id.as_str(), "2.25.230001");
    assert_eq!(s.submission_set.submission_time.as_str(), "20250604000000");
    assert_eq!(s.submission_set.content_type_code.as_ref().unwrap().code, "CHECKUP-DELIVERY");
    assert_eq!(s.associations[0].submission_set_status, Some(SubmissionSetStatus::Original));
}

#[test]
fn prefixes_are_free_and_labels_may_stand_inside() {
    let other = SAMPLE.replace("<rim:", "<").replace("</rim:", "</").replace("xmlns:rim", "xmlns");
    assert_eq!(read(&other), read(SAMPLE));
    let label = SAMPLE.lines().find(|l| l.contains("classificationNode")).unwrap();
    let inside =
        without(label).replace("</rim:RegistryPackage>", &format!("{label}</rim:RegistryPackage>"));
    assert_eq!(read(&inside), read(SAMPLE));
}

#[test]
fn every_language_of_a_text_is_kept() {
    let both = changed(
        "value=\"検診・健診報告書\"/>",
        "value=\"検診・健診報告書\"/><rim:LocalizedString xml:lang='en' value='Checkup report'/>",
    );
    let checked = read(&both);
    assert_eq!(checked.findings, []);
    let entry = &checked.value.unwrap().entries[0];
    let display = &entry.type_code.as_ref().unwrap().display;
    let texts: Vec<_> =
        display.strings().iter().map(|s| (s.value.as_str(), s.lang.as_deref())).collect();
    assert_eq!(texts, [("検診・健診報告書", Some("ja-JP")), ("Checkup report", Some("en"))]);
    assert_eq!(display.text(), "検診・健診報告書");
}

#[test]
fn values_of_a_second_list_are_kept() {
    let more = changed(
        "<rim:Value>b</rim:Value>",
        "<rim:Value>b</rim:Value></rim:ValueList><rim:ValueList><rim:Value>c</rim:Value>",
    );
    let entry = &read(&more).value.unwrap().entries[0];
    assert_eq!(entry.extra[0].values, ["b", "c", "a"]);
}

#[test]
fn unknown_elements_and_attributes_are_passed_over() {
    let more = changed(
        "<rim:Name>",
        "<x:a xmlns:x='urn:x'><rim:Slot name='hash'/></x:a><rim:ContentVersionInfo/><rim:Name>",
    )
    .replace("mimeType=", "x:b='c' xmlns:x='urn:x' isOpaque='false' mimeType=");
    assert_eq!(read(&more), read(SAMPLE));
}

/// What a registry does not save it says, and goes on (ITI TF-2: 3.42.4.1.3.2).
#[test]
fn what_is_not_saved_is_told() {
    let unknown = "urn:uuid:00000000-0000-0000-0000-000000000000";
    let classification = format!(
        "<rim:Classification id='z' classifiedObject='Document01' classificationScheme='{unknown}' nodeRepresentation='x'/>"
    );
    for (xml, object, name) in [
        (changed("<rim:Name>", &format!("{classification}<rim:Name>")), ENTRY, unknown),
        (
            changed("<rim:Association", &format!("{classification}<rim:Association")),
            "Object Document01",
            unknown,
        ),
        (
            changed(
                "<rim:Slot name=\"authorInstitution\">",
                "<rim:Slot name='urn:x:y'/><rim:Slot name=\"authorInstitution\">",
            ),
            ENTRY,
            "urn:x:y",
        ),
        (
            changed(
                "<rim:Slot name=\"codingScheme\">",
                "<rim:Slot name='urn:x:y'/><rim:Slot name=\"codingScheme\">",
            ),
            ENTRY,
            "urn:x:y",
        ),
        (
            changed(
                "<rim:ExternalIdentifier",
                &format!(
                    "<rim:ExternalIdentifier id='z' registryObject='Document01' identificationScheme='{unknown}' value='1'/><rim:ExternalIdentifier"
                ),
            ),
            ENTRY,
            unknown,
        ),
    ] {
        let checked = read(&xml);
        assert_eq!(told(&checked.findings), [("extra-not-saved", object, name)]);
        assert!(!checked.findings[0].is_error());
        assert_eq!(checked.value, read(SAMPLE).value);
    }
}

/// Each fault alone gives one finding, and the message is still read to its end.
#[test]
fn tells_each_fault_where_it_is() {
    let schemes = "<rim:Value>2.16.840.1.113883.6.1</rim:Value>";
    let long = format!("<rim:Value>{}</rim:Value>", "長".repeat(257));
    for (xml, rule, object, attribute) in [
        (changed("20250603021500", "2025-06-03"), "value-malformed", ENTRY, "creationTime"),
        (changed("51234", "-1"), "value-malformed", ENTRY, "size"),
        (changed("DA39", "XX39"), "value-malformed", ENTRY, "hash"),
        (changed("application/fhir+json", "json"), "value-malformed", ENTRY, "mimeType"),
        (
            changed(" mimeType=\"application/fhir+json\"", ""),
            "attribute-missing",
            ENTRY,
            "mimeType",
        ),
        (changed("7edca82f", "7edca82e"), "value-malformed", ENTRY, "objectType"),
        (changed("K0001^^^", "K0001^^"), "value-malformed", ENTRY, "patientId"),
        (without("2.25.230001"), "attribute-missing", ENTRY, "uniqueId"),
        (without("2.25.230002"), "attribute-missing", SET, "uniqueId"),
        (changed("2.25.230002", "2.25.023"), "value-malformed", SET, "uniqueId"),
        (
            changed(
                "XDSSubmissionSet.sourceId\"/></rim:Name></rim:ExternalIdentifier>",
                "\"/></rim:Name></rim:ExternalIdentifier><rim:ExternalIdentifier id='x' registryObject='SubmissionSet01' identificationScheme='urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832' value='1.2'/>",
            ),
            "value-repeated",
            SET,
            "sourceId",
        ),
        (
            changed(
                "<rim:Name>",
                "<rim:Name><rim:LocalizedString value='a'/></rim:Name><rim:Name>",
            ),
            "value-repeated",
            ENTRY,
            "title",
        ),
        (
            changed(
                "<rim:Description>",
                "<rim:Description><rim:LocalizedString value='a'/></rim:Description><rim:Description>",
            ),
            "value-repeated",
            ENTRY,
            "comments",
        ),
        (
            changed(
                "</rim:Description>",
                "</rim:Description><rim:VersionInfo versionName='1'/><rim:VersionInfo versionName='2'/>",
            ),
            "value-repeated",
            ENTRY,
            "version",
        ),
        (
            changed(
                "value=\"検診・健診報告書\"/></rim:Name>",
                "value=\"検診・健診報告書\"/></rim:Name><rim:Name><rim:LocalizedString value='a'/></rim:Name>",
            ),
            "value-repeated",
            ENTRY,
            "typeCode",
        ),
        (changed("name=\"size\"", "name=\"hash\""), "slot-repeated", ENTRY, "hash"),
        (changed("urn:x-kenshin:batch", "batch"), "slot-name-malformed", ENTRY, "batch"),
        (
            changed("urn:x-kenshin:batch", "urn:ihe:iti:new"),
            "slot-name-reserved",
            ENTRY,
            "urn:ihe:iti:new",
        ),
        (
            changed("<rim:Value>b</rim:Value>", &long),
            "value-too-long",
            ENTRY,
            "urn:x-kenshin:batch",
        ),
        (
            changed(
                "<rim:Value>51234</rim:Value>",
                "<rim:Value>1</rim:Value><rim:Value>2</rim:Value>",
            ),
            "value-repeated",
            ENTRY,
            "size",
        ),
        (changed(schemes, ""), "code-incomplete", ENTRY, "typeCode"),
        (changed(schemes, &schemes.repeat(2)), "code-incomplete", ENTRY, "typeCode"),
        (
            changed("nodeRepresentation=\"53576-5\"", "nodeRepresentation=\"\""),
            "code-incomplete",
            ENTRY,
            "typeCode",
        ),
        (changed("value=\"検診・健診報告書\"", "value=\"\""), "code-incomplete", ENTRY, "typeCode"),
        (
            changed("f0306f51-975f-434e-a61c-c59651d33983", "cccf5598-8b07-4b77-a05e-ae952c785ead"),
            "value-repeated",
            ENTRY,
            "practiceSettingCode",
        ),
        (
            changed(
                "classificationScheme=\"urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4\"",
                "classificationNode=\"urn:uuid:ab9b591b-83ab-4d03-8f5d-f93b1fb92e85\"",
            ),
            "limited-metadata",
            ENTRY,
            "limitedMetadata",
        ),
        (
            changed("id=\"as01\"", "id=\"urn:uuid:1\""),
            "value-malformed",
            "Association urn:uuid:1",
            "entryUUID",
        ),
        (changed(" id=\"as01\"", ""), "attribute-missing", "Association no. 1", "entryUUID"),
        (changed(":HasMember", ":Contains"), "value-malformed", MEMBER, "associationType"),
        (changed(" targetObject=\"Document01\"", ""), "attribute-missing", MEMBER, "targetObject"),
        (changed(">Original<", ">New<"), "value-malformed", MEMBER, "SubmissionSetStatus"),
        (
            changed("a54d6aa5", "a54d6aa6"),
            "package-unlabelled",
            "RegistryPackage SubmissionSet01",
            "",
        ),
    ] {
        let checked = read(&xml);
        let found = told(&checked.findings);
        assert_eq!(found.first(), Some(&(rule, object, attribute)), "{found:?}");
        if rule != "package-unlabelled" {
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(checked.value.is_some(), "{rule} {attribute}");
        }
        let f = &checked.findings[0];
        assert!(!f.location.is_empty() && f.is_error());
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let xml = changed("20250603021500", "x").replacen("ja-JP<", "日本語<", 1).replacen(
        "2.25.230002",
        "no",
        1,
    );
    let rules: Vec<_> = read(&xml).findings.iter().map(|f| f.attribute.to_string()).collect();
    assert_eq!(rules, ["creationTime", "languageCode", "uniqueId"]);
}

#[test]
fn a_message_has_exactly_one_submission_set() {
    let none =
        read("<r:RegistryObjectList xmlns:r='urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'/>");
    assert_eq!(told(&none.findings), [("submission-set-count", "Submission", "")]);
    assert_eq!(none.value, None);
    let package: Vec<&str> = SAMPLE
        .lines()
        .skip_while(|l| !l.contains("<rim:RegistryPackage"))
        .take_while(|l| !l.contains("classificationNode"))
        .collect();
    let twice = changed("<rim:Association", &format!("{}<rim:Association", package.join("\n")));
    assert_eq!(told(&read(&twice).findings), [("submission-set-count", SET, "")]);
}

#[test]
fn what_says_something_about_a_person_is_never_quoted() {
    let name = "長".repeat(257);
    for xml in [
        changed("架空^花子^^^^^L^I", &name),
        changed("900279^^^&amp;1.2.392.100495.20.3.51.10119900025&amp;ISO", &name),
        changed(
            "<rim:Slot name=\"authorInstitution\"><rim:ValueList>",
            &format!(
                "<rim:Slot name=\"authorPerson\"><rim:ValueList><rim:Value>{name}</rim:Value></rim:ValueList></rim:Slot><rim:Slot name=\"authorInstitution\"><rim:ValueList>"
            ),
        ),
    ] {
        let findings = read(&xml).findings;
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(!findings[0].context().contains("長長"), "{}", findings[0].context());
    }
}

#[test]
fn the_status_of_a_folder_membership_is_nobodys_business() {
    let xml = changed(">Original<", ">New<").replacen(
        "targetObject=\"Document01\"",
        "targetObject=\"other\"",
        1,
    );
    let folder = r#"<rim:RegistryPackage id="other"><rim:Classification id="l" classifiedObject="other" classificationNode="urn:uuid:d9d542f3-6cc4-48b6-8870-ea235fbc94c2"/><rim:ExternalIdentifier id="u" registryObject="other" identificationScheme="urn:uuid:75df8f67-9973-4fbe-a900-df66cefecc5a" value="1.2.3"/></rim:RegistryPackage><rim:Association"#;
    let with_folder = xml.replacen("<rim:Association", folder, 1);
    assert_eq!(read(&with_folder).findings, []);
    assert_eq!(read(&xml).findings.len(), 1);
}

#[test]
fn a_faulty_message_cannot_make_findings_without_end() {
    let slots = "<rim:Slot name='a'/>".repeat(5000);
    let checked = read(&changed("<rim:Name>", &format!("{slots}<rim:Name>")));
    assert_eq!(checked.findings.len(), 1000);
}

#[test]
fn answers_may_hold_references_and_on_demand_entries() {
    let xml = changed("urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1", EntryType::OnDemand.urn())
        .replacen("<rim:Association", "<rim:ObjectRef id='urn:uuid:5d7e2f3a-1c0b-4f6d-8a9e-2b3c4d5e6f01' home='urn:oid:1.2.3'/><rim:Association", 1);
    let mut r = Reader::new(&xml, XmlLimits::default());
    let list = r.root().unwrap();
    let objects = read_objects(&mut r, &list).unwrap().value.unwrap();
    let kinds: Vec<u8> = objects
        .iter()
        .map(|o| match o {
            RegistryObject::Entry(e) if e.object_type == EntryType::OnDemand => 1,
            RegistryObject::SubmissionSet(_) => 2,
            RegistryObject::Ref(_, Some(_)) => 3,
            RegistryObject::Association(_) => 4,
            _ => 0,
        })
        .collect();
    assert_eq!(kinds, [1, 2, 3, 4]);
}

pub(crate) fn written(s: &Submission) -> String {
    let mut w = Writer::new();
    write_submission(&mut w, s);
    w.finish().replacen(
        "<rim:RegistryObjectList",
        &format!("<rim:RegistryObjectList xmlns:rim=\"{}\"", ns::RIM),
        1,
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read(s in arbitrary::loose_submission()) {
        prop_assert_eq!(read(&written(&s)), Checked::good(s));
    }

    #[test]
    fn the_reader_takes_any_damage(cut in 0usize..9000, insert in "[<>&'\"a:/= é]{0,4}") {
        let at = (0..=cut.min(SAMPLE.len())).rev().find(|i| SAMPLE.is_char_boundary(*i)).unwrap();
        let (before, after) = SAMPLE.split_at(at);
        let xml = format!("{before}{insert}{after}");
        let mut r = Reader::new(&xml, XmlLimits::default());
        if let Ok(list) = r.root() {
            _ = read_submission(&mut r, &list).map(|c| c.findings.iter().map(Finding::context).count());
        }
    }
}
