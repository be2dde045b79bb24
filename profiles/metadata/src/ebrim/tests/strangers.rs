//! What other programs send around and inside of values.

use super::*;

#[test]
fn what_stands_around_a_value_is_not_part_of_it() {
    let plain = read(SAMPLE);
    for (value, around) in [
        ("PID-8|F", "\n  {}\n"),
        ("20250603021500", "\r\n{}\t"),
        ("ja-JP</rim:Value>", "　{}"),
        ("application/fhir+json", " {} "),
    ] {
        let around = around.replace("{}", value);
        assert_eq!(read(&changed(value, &around)), plain, "{value}");
    }
    let cdata = changed("20250603021500", "<![CDATA[20250603021500]]>");
    assert_eq!(read(&cdata), plain);
    let lines = changed("20250603021500", "\n<![CDATA[20250603021500]]>\n");
    assert_eq!(read(&lines), plain);
}

/// What would be stored where no query by value finds it.
#[test]
fn a_line_break_inside_a_value_is_refused_by_name() {
    let referenced = "^urn:kcsv:record-sha256";
    let coded = "nodeRepresentation=\"030\"";
    for (from, to, attribute) in [
        (referenced, format!("\n{referenced}"), "referenceIdList"),
        ("900279^^^", "900279\n^^^".to_owned(), "sourcePatientId"),
        (coded, "nodeRepresentation=\"0&#10;30\"".to_owned(), "eventCodeList"),
        ("架空^花子", "架空^\n花子".to_owned(), "sourcePatientInfo"),
    ] {
        let findings = read(&changed(from, &to)).findings;
        assert_eq!(told(&findings), [("value-malformed", ENTRY, attribute)]);
        assert!(findings[0].context().contains("改行"), "{}", findings[0].context());
        assert!(!findings[0].context().contains('\n'));
    }
}

#[test]
fn a_comment_inside_a_value_is_refused() {
    let xml = changed("900279^^^", "900279<!-- x -->^^^");
    let mut r = Reader::new(&xml, XmlLimits::default());
    let list = r.root().unwrap();
    let error = read_submission(&mut r, &list).unwrap_err();
    assert_eq!(error.kind, renkei_soap::xml::XmlErrorKind::Comment);
}

#[test]
fn a_uuid_is_one_id_in_either_case() {
    let (lower, upper) = (
        "urn:uuid:6a007b24-4dfa-4f4f-861c-d2df9dea19a3",
        "urn:uuid:6A007B24-4DFA-4F4F-861C-D2DF9DEA19A3",
    );
    let plain = SAMPLE
        .replace("Document01", lower)
        .replace("SubmissionSet01", lower.replace('6', "7").as_str());
    let expected = read(&plain);
    assert_eq!(expected.findings, []);
    for xml in [
        plain.replace(&format!("id=\"{lower}\""), &format!("id=\"{upper}\"")),
        plain.replace(&format!("targetObject=\"{lower}\""), &format!("targetObject=\"{upper}\"")),
        // The schemes and nodes of the standard.
        plain.replace(
            "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983",
            "urn:uuid:F0306F51-975F-434E-A61C-C59651D33983",
        ),
        plain.replace(
            "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd",
            "urn:uuid:A54D6AA5-D40D-43F9-88C5-B4633D873BDD",
        ),
        plain.replace(
            "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427",
            "urn:uuid:58A6F841-87B3-4A3E-92FD-A8FFEFF98427",
        ),
    ] {
        assert_ne!(xml, plain);
        assert_eq!(read(&xml), expected);
    }
}

#[test]
fn a_label_beside_its_package_names_it_in_either_case() {
    let id = "urn:uuid:7a007b24-4dfa-4f4f-861c-d2df9dea19a3";
    let label = SAMPLE.lines().find(|l| l.contains("a54d6aa5")).unwrap();
    let xml = SAMPLE.replace(label, "").replace("SubmissionSet01", id);
    let beside = format!(
        "<rim:Classification id=\"l\" classifiedObject=\"{}\" classificationNode=\"urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd\"/></rim:RegistryObjectList>",
        id.replace("7a007b24", "7A007B24")
    );
    assert_eq!(read(&xml.replace("</rim:RegistryObjectList>", &beside)).findings, []);
}

#[test]
fn an_empty_home_is_none() {
    let plain = read(SAMPLE);
    assert_eq!(read(&changed("objectType=", "home=\"\" lid=\" \" objectType=")), plain);
}
