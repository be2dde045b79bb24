//! One broken message for each row.

use super::*;
use crate::arbitrary;
use crate::ebrim::tests::{SAMPLE, changed, read, told, without};
use crate::finding::IheCode;
use crate::model::AssociationType;
use proptest::prelude::*;

const ENTRY: &str = "DocumentEntry Document01";
const SET: &str = "SubmissionSet SubmissionSet01";
const MEMBER: &str = "Association as01";
const FOLDER: &str = r#"<rim:RegistryPackage id="f"><rim:Name><rim:LocalizedString value="x"/></rim:Name><rim:Classification id="l" classifiedObject="f" classificationNode="urn:uuid:d9d542f3-6cc4-48b6-8870-ea235fbc94c2"/><rim:Classification id="k" classifiedObject="f" nodeRepresentation="KENSHIN-2025" classificationScheme="urn:uuid:1ba97051-7806-41a8-a48b-8fce7af683c5"><rim:Slot name="codingScheme"><rim:ValueList><rim:Value>2.25.185732698166007113028036616671757965052.7</rim:Value></rim:ValueList></rim:Slot><rim:Name><rim:LocalizedString value="x"/></rim:Name></rim:Classification><rim:ExternalIdentifier id="p" registryObject="f" identificationScheme="urn:uuid:f64ffdf0-4b97-4e06-b79f-a52b38ec2f8a" value="K0001^^^&amp;2.25.185732698166007113028036616671757965052.11&amp;ISO"/><rim:ExternalIdentifier id="u" registryObject="f" identificationScheme="urn:uuid:75df8f67-9973-4fbe-a900-df66cefecc5a" value="2.25.7"/></rim:RegistryPackage>"#;
const OLD: &str = "urn:uuid:5d7e2f3a-1c0b-4f6d-8a9e-2b3c4d5e6f01";

fn codes() -> CodeList {
    CodeList::read(crate::codes::default_xml()).unwrap()
}

/// What the rules add to what the reader says.
fn ruled(xml: &str) -> Vec<Finding> {
    let checked = read(xml);
    let s = checked.value.unwrap();
    check(&s, Column::XdsDr, Some(&codes()), &checked.findings)
}

/// The sample with more at the end of the list.
fn with(more: &str) -> String {
    changed("</rim:RegistryObjectList>", &format!("{more}</rim:RegistryObjectList>"))
}

fn joined(kind: &str, source: &str, target: &str) -> String {
    with(&format!(
        r#"<rim:Association id="as02" associationType="{kind}" sourceObject="{source}" targetObject="{target}"/>"#
    ))
}

fn document(kind: &str) -> String {
    joined(&format!("urn:ihe:iti:2007:AssociationType:{kind}"), "Document01", OLD)
}

/// HasMember from the SubmissionSet, each with its id and target.
fn members(of: &[(&str, &str)]) -> String {
    let one = |(id, target): &(&str, &str)| {
        format!(
            r#"<rim:Association id="{id}" associationType="{HAS_MEMBER}" sourceObject="SubmissionSet01" targetObject="{target}"/>"#
        )
    };
    of.iter().map(one).collect()
}

/// HasMember `fm` from a folder.
fn member_of(folder: &str, document: &str) -> String {
    format!(
        r#"<rim:Association id="fm" associationType="{HAS_MEMBER}" sourceObject="{folder}" targetObject="{document}"/>"#
    )
}

/// The sample with the folder `f`, the membership `fm` and memberships of the SubmissionSet.
fn in_folder(folder: &str, document: &str, of_set: &[(&str, &str)]) -> String {
    with(&format!("{FOLDER}{}{}", member_of(folder, document), members(of_set)))
}

const HAS_MEMBER: &str = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember";
const RPLC: &str = "urn:ihe:iti:2007:AssociationType:RPLC";

#[test]
fn the_sample_keeps_every_rule() {
    assert_eq!(ruled(SAMPLE), []);
    assert_eq!(ruled(&document("RPLC")), []);
}

proptest! {
    #[test]
    fn what_keeps_the_rules_passes(s in arbitrary::submission()) {
        prop_assert_eq!(check(&s, Column::XdsDr, None, &[]), []);
    }
}

#[test]
fn each_required_attribute_is_missed_by_name() {
    for (part, attribute) in [
        ("creationTime", "creationTime"),
        ("\"hash\"", "hash"),
        ("languageCode", "languageCode"),
        ("repositoryUniqueId", "repositoryUniqueId"),
        ("\"size\"", "size"),
        ("\"sourcePatientId\"", "sourcePatientId"),
        ("41a5887f", "classCode"),
        ("f4f85eac", "confidentialityCode"),
        ("a09d5840", "formatCode"),
        ("f33fb8ac", "healthcareFacilityTypeCode"),
        ("cccf5598", "practiceSettingCode"),
        ("f0306f51", "typeCode"),
        ("58a6f841", "patientId"),
    ] {
        let findings = ruled(&without(part));
        assert_eq!(told(&findings), [("attribute-missing", ENTRY, attribute)]);
    }
    for (part, attribute) in [("aa543740", "contentTypeCode"), ("6b5aea1a", "patientId")] {
        assert_eq!(told(&ruled(&without(part))), [("attribute-missing", SET, attribute)]);
    }
    for optional in ["93606bcf", "2c6b8cb7", "serviceStartTime", "sourcePatientInfo", "x-kenshin"] {
        assert_eq!(ruled(&without(optional)), [], "{optional}");
    }
}

#[test]
fn a_source_leaves_to_the_repository_what_that_adds() {
    for part in ["\"hash\"", "\"size\"", "repositoryUniqueId"] {
        let s = read(&without(part)).value.unwrap();
        assert_eq!(check(&s, Column::XdsDs, Some(&codes()), &[]), []);
    }
}

#[test]
fn what_the_reader_said_is_not_said_again() {
    let xml = changed("20250603021500", "yesterday");
    let checked = read(&xml);
    assert_eq!(told(&checked.findings), [("value-malformed", ENTRY, "creationTime")]);
    let s = checked.value.unwrap();
    assert_eq!(check(&s, Column::XdsDr, None, &checked.findings), []);
    assert_eq!(check(&s, Column::XdsDr, None, &[]).len(), 1);
}

/// Each breach alone gives one finding.
#[test]
fn tells_each_breach_where_it_is() {
    let institution =
        "北の丘クリニック（架空）^^^^^&amp;1.2.392.200119.6.102&amp;ISO^^^^0119900025";
    let second = format!(
        "<rim:Association id='as02' associationType='{HAS_MEMBER}' sourceObject='SubmissionSet01' targetObject='Document01'><rim:Slot name='SubmissionSetStatus'><rim:ValueList><rim:Value>Original</rim:Value></rim:ValueList></rim:Slot></rim:Association>"
    );
    for (xml, rule, object, attribute) in [
        (
            changed("7edca82f-054d-47f2-a032-9b2a5b5186c1", "34268e47-fdf5-41a6-ba33-82133c465248"),
            "stable-only",
            ENTRY,
            "objectType",
        ),
        (changed("健康診断結果 2025", &"長".repeat(129)), "value-too-long", ENTRY, "title"),
        (changed("2025年度 事業者健診", &"長".repeat(1025)), "value-too-long", ENTRY, "comments"),
        (changed("検診・健診報告書", &"長".repeat(1025)), "value-too-long", ENTRY, "typeCode"),
        (
            changed(
                "<rim:LocalizedString value=\"2025年度 事業者健診\"/>",
                "<rim:LocalizedString value=\"a\"/><rim:LocalizedString xml:lang=\"EN-us\" value=\"b\"/>",
            ),
            "language-repeated",
            ENTRY,
            "comments",
        ),
        (
            changed(
                "<rim:LocalizedString value=\"2025年度 事業者健診\"/>",
                "<rim:LocalizedString xml:lang=\"ja_JP\" value=\"a\"/>",
            ),
            "language-malformed",
            ENTRY,
            "comments",
        ),
        (changed(institution, "病院^^^^^^^^^12"), "value-malformed", ENTRY, "authorInstitution"),
        (
            changed("name=\"authorInstitution\"", "name=\"authorRole\""),
            "author-empty",
            ENTRY,
            "author",
        ),
        (
            changed("name=\"authorInstitution\"", "name=\"authorTelecommunication\""),
            "value-malformed",
            ENTRY,
            "authorTelecommunication",
        ),
        (changed("架空市国民健康保険^", "^"), "value-malformed", SET, "intendedRecipient"),
        (changed("^urn:kcsv:record-sha256", ""), "value-malformed", ENTRY, "referenceIdList"),
        (changed("PID-7|", "PID-2|"), "value-malformed", ENTRY, "sourcePatientInfo"),
        (changed("PID-8|F", "PID-7|19540804"), "value-repeated", ENTRY, "sourcePatientInfo"),
        (changed("900279^^^", "900279^^"), "value-malformed", ENTRY, "sourcePatientId"),
        (changed("20250603<", "20250604<"), "times-reversed", ENTRY, "serviceStartTime"),
        (
            changed("nodeRepresentation=\"030\"", "nodeRepresentation=\"031\""),
            "code-unknown",
            ENTRY,
            "eventCodeList",
        ),
        (
            changed("nodeRepresentation=\"CHECKUP-DELIVERY\"", "nodeRepresentation=\"X\""),
            "code-unknown",
            SET,
            "contentTypeCode",
        ),
        (changed("application/fhir+json", "image/gif"), "mime-type-unknown", ENTRY, "mimeType"),
        (changed("2.25.230002", "2.25.230001"), "unique-id-repeated", ENTRY, "uniqueId"),
        (changed("K0001", "K0002"), "patient-differs", ENTRY, "patientId"),
        (
            changed("id=\"as01\"", "id=\"Document01\""),
            "id-repeated",
            "Association Document01",
            "entryUUID",
        ),
        (
            changed("objectType=", &format!("lid='{OLD}' objectType=")),
            "metadata-update",
            ENTRY,
            "logicalID",
        ),
        (
            changed("<rim:RegistryPackage", &format!("<rim:RegistryPackage lid='{OLD}'")),
            "metadata-update",
            SET,
            "logicalID",
        ),
        (
            changed("<rim:Association", &format!("<rim:Association lid='{OLD}'")),
            "metadata-update",
            MEMBER,
            "logicalID",
        ),
        (
            changed("name=\"SubmissionSetStatus\"", "name=\"urn:x:y\""),
            "attribute-missing",
            MEMBER,
            "SubmissionSetStatus",
        ),
        (changed(">Original<", ">Reference<"), "reference-here", MEMBER, "SubmissionSetStatus"),
        (
            with(&second.replace("Document01", OLD)),
            "original-not-here",
            "Association as02",
            "SubmissionSetStatus",
        ),
        (without("<rim:Association"), "membership-missing", ENTRY, ""),
        (with(&second), "membership-repeated", ENTRY, ""),
        (with(FOLDER), "membership-missing", "Folder f", ""),
        (
            with(&format!("{FOLDER}{}", members(&[("of", "f"), ("of2", "f")]))),
            "membership-repeated",
            "Folder f",
            "",
        ),
        (in_folder("f", OLD, &[("of", "f")]), "membership-missing", "Association fm", ""),
        (
            in_folder("f", "Document02", &[("of", "f"), ("hm", "fm")]),
            "reference-unresolved",
            "Association fm",
            "targetObject",
        ),
        (
            in_folder("f", "f", &[("of", "f"), ("hm", "fm")]),
            "association-to-itself",
            "Association fm",
            "targetObject",
        ),
        (
            in_folder(OLD, "f", &[("of", "f"), ("hm", "fm")]),
            "association-ends",
            "Association fm",
            "associationType",
        ),
        (
            joined(RPLC, "Document01", "Document02"),
            "reference-unresolved",
            "Association as02",
            "targetObject",
        ),
        (
            joined(RPLC, "Document01", "Document01"),
            "association-to-itself",
            "Association as02",
            "targetObject",
        ),
        (
            joined(RPLC, OLD, "urn:uuid:5d7e2f3a-1c0b-4f6d-8a9e-2b3c4d5e6f02"),
            "source-not-here",
            "Association as02",
            "sourceObject",
        ),
        (
            joined(RPLC, "SubmissionSet01", OLD),
            "association-ends",
            "Association as02",
            "associationType",
        ),
        (
            joined(HAS_MEMBER, "SubmissionSet01", "as01"),
            "association-ends",
            "Association as02",
            "associationType",
        ),
        (
            joined(
                "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus",
                "SubmissionSet01",
                OLD,
            ),
            "metadata-update",
            "Association as02",
            "associationType",
        ),
        (
            changed(
                "name=\"SubmissionSetStatus\"",
                "name=\"PreviousVersion\"><rim:ValueList><rim:Value>1</rim:Value></rim:ValueList></rim:Slot><rim:Slot name=\"SubmissionSetStatus\"",
            ),
            "metadata-update",
            MEMBER,
            "PreviousVersion",
        ),
        (
            changed(
                "name=\"SubmissionSetStatus\"",
                "name=\"NewStatus\"/><rim:Slot name=\"SubmissionSetStatus\"",
            ),
            "metadata-update",
            MEMBER,
            "NewStatus",
        ),
    ] {
        let findings = ruled(&xml);
        assert_eq!(told(&findings), [(rule, object, attribute)], "{findings:?}");
    }
}

/// Both of its documents are new, so that nothing is there to be replaced.
#[test]
fn a_document_of_the_same_submission_is_no_target() {
    let xml = joined(RPLC, "Document01", "Document02");
    let (before, from) = xml.split_once("<rim:ExtrinsicObject").unwrap();
    let (entry, after) = from.split_once("</rim:ExtrinsicObject>").unwrap();
    let entry = format!("<rim:ExtrinsicObject{entry}</rim:ExtrinsicObject>");
    let second = entry.replace("Document01", "Document02");
    let findings = ruled(&format!("{before}{entry}{second}{after}"));
    let place = ("target-not-registered", "Association as02", "targetObject");
    assert!(told(&findings).contains(&place), "{findings:?}");
}

/// A membership that stands nowhere else is also missed by the SubmissionSet.
#[test]
fn a_document_holds_no_document() {
    let findings = ruled(&joined(HAS_MEMBER, "Document01", OLD));
    let expected = [
        ("association-ends", "Association as02", "associationType"),
        ("membership-missing", "Association as02", ""),
    ];
    assert_eq!(told(&findings), expected);
}

#[test]
fn every_relationship_and_folder_of_the_table_passes() {
    for kind in ["RPLC", "XFRM", "APND", "XFRM_RPLC", "signs"] {
        assert_eq!(ruled(&document(kind)), [], "{kind}");
    }
    let snapshot = "urn:ihe:iti:2010:AssociationType:IsSnapshotOf";
    assert_eq!(ruled(&joined(snapshot, "Document01", OLD)), []);
    // A new folder, alone and with a new or a registered document; a registered folder.
    assert_eq!(ruled(&with(&format!("{FOLDER}{}", members(&[("of", "f")])))), []);
    for document in ["Document01", OLD] {
        assert_eq!(ruled(&in_folder("f", document, &[("of", "f"), ("hm", "fm")])), []);
    }
    let other = "urn:uuid:5d7e2f3a-1c0b-4f6d-8a9e-2b3c4d5e6f02";
    let registered = format!("{}{}", member_of(other, "Document01"), members(&[("hm", "fm")]));
    assert_eq!(ruled(&with(&registered)), []);
}

#[test]
fn chains_inside_a_message_lead_to_what_was_there_before() {
    let mut s = read(SAMPLE).value.unwrap();
    let mut second = s.entries[0].clone();
    second.id = crate::ids::ObjectId::Symbol("Document02".into());
    second.unique_id = crate::ids::UniqueId::parse("2.25.99").unwrap();
    let mut member = s.associations[0].clone();
    (member.id, member.target) = (crate::ids::ObjectId::Symbol("as02".into()), second.id.clone());
    s.associations.push(member.clone());
    let mut relate = |id: &str, kind, source: &str, target: &str| {
        let symbol = |s: &str| crate::ids::ObjectId::Symbol(s.into());
        (member.id, member.association_type) = (symbol(id), kind);
        (member.source, member.target) = (symbol(source), symbol(target));
        member.submission_set_status = None;
        s.associations.push(member.clone());
    };
    relate("as03", AssociationType::Xfrm, "Document02", "Document01");
    relate("as04", AssociationType::Apnd, "Document01", "Document02");
    s.entries.push(second);
    let findings = check(&s, Column::XdsDr, None, &[]);
    let expected = [
        ("appended-to-transformation", "Association as04", "targetObject"),
        ("association-ring", "Association as03", "targetObject"),
        ("association-ring", "Association as04", "targetObject"),
    ];
    assert_eq!(told(&findings), expected);
    s.associations.pop();
    assert_eq!(check(&s, Column::XdsDr, None, &[]), []);
}

#[test]
fn an_on_demand_entry_has_no_content_yet() {
    let mut s = read(SAMPLE).value.unwrap();
    let findings = check(&s, Column::XdsOd, None, &[]);
    let expected = [
        ("attribute-prohibited", ENTRY, "creationTime"),
        ("attribute-prohibited", ENTRY, "hash"),
        ("attribute-prohibited", ENTRY, "size"),
        ("on-demand-only", ENTRY, "objectType"),
    ];
    assert_eq!(told(&findings), expected);
    let e = &mut s.entries[0];
    (e.creation_time, e.hash, e.size) = (None, None, None);
    e.object_type = EntryType::OnDemand;
    assert_eq!(check(&s, Column::XdsOd, None, &[]), []);
    s.entries[0].repository = None;
    let findings = check(&s, Column::XdsOd, None, &[]);
    assert_eq!(told(&findings), [("attribute-missing", ENTRY, "repositoryUniqueId")]);
}

#[test]
fn a_reference_alone_is_a_submission_and_nothing_is_not() {
    let mut s = read(SAMPLE).value.unwrap();
    s.entries.clear();
    s.associations[0].target = crate::ids::ObjectId::parse(OLD).unwrap();
    s.associations[0].submission_set_status = Some(crate::model::SubmissionSetStatus::Reference);
    assert_eq!(check(&s, Column::XdsDr, None, &[]), []);
    s.associations.clear();
    assert_eq!(told(&check(&s, Column::XdsDr, None, &[])), [("submission-empty", SET, "")]);
}

#[test]
fn documentation_does_not_stand_on_memberships() {
    let mut s = read(SAMPLE).value.unwrap();
    s.associations[0].documentation = s.entries[0].type_code.clone();
    let findings = check(&s, Column::XdsDr, None, &[]);
    assert_eq!(told(&findings), [("documentation-on-membership", MEMBER, "documentation")]);
}

#[test]
fn times_are_compared_on_what_both_say() {
    for (start, stop, good) in [
        ("2025", "20250101", true),
        ("20250603", "202506", true),
        ("20250603", "2025060300", true),
        ("202507", "20250630", false),
        ("20250603120001", "20250603120000", false),
    ] {
        let mut s = read(SAMPLE).value.unwrap();
        s.entries[0].service_start = crate::ids::Dtm::parse(start).ok();
        s.entries[0].service_stop = crate::ids::Dtm::parse(stop).ok();
        assert_eq!(check(&s, Column::XdsDr, None, &[]).is_empty(), good, "{start} {stop}");
    }
}

#[test]
fn patients_are_compared_composed_and_the_conflict_is_told() {
    let mut s = read(SAMPLE).value.unwrap();
    let patient = |id: &str| crate::ids::PatientId::parse(&format!("{id}^^^&1.2&ISO")).ok();
    s.submission_set.patient_id = patient("ガ");
    s.entries[0].patient_id = patient("カ\u{3099}");
    assert_eq!(check(&s, Column::XdsDr, None, &[]), []);
    s.entries[0].patient_id = patient("カ");
    let findings = check(&s, Column::XdsDr, None, &[]);
    assert_eq!(findings[0].rule.code, IheCode::PatientIdDoesNotMatch);
    assert!(findings[0].context().contains("カ^^^&1.2&ISO"));
}

#[test]
fn the_display_name_of_a_code_is_free() {
    assert_eq!(ruled(&changed("value=\"検診・健診報告書\"", "value=\"なんでも\"")), []);
}
