use super::*;
use crate::iti42;
use crate::testing::{read, row_of, valid, written};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use renkei_arbitrary::arbitrary;
use renkei_soap::tolerance::Tolerance;

fn read41(xml: &str) -> Result<(Request, Tolerances), Fault> {
    read41_within(xml, &MessageLimits::default())
}

fn read41_within(xml: &str, limits: &MessageLimits) -> Result<(Request, Tolerances), Fault> {
    let mut tolerances = Tolerances::new();
    let request = read(xml, |r, body| read_request(r, body, limits, &mut tolerances))?;
    Ok((request, tolerances))
}

/// A request with these contents and no metadata.
fn request(inner: &str) -> String {
    format!(
        "<x:ProvideAndRegisterDocumentSetRequest xmlns:x='urn:ihe:iti:xds-b:2007' xmlns:xop='http://www.w3.org/2004/08/xop/include'>{inner}</x:ProvideAndRegisterDocumentSetRequest>"
    )
}

fn document(content: &str) -> String {
    request(&format!("<x:Document id='Document01'>{content}</x:Document>"))
}

fn content(inner: &str) -> Result<Content, Fault> {
    read41(&document(inner)).map(|(mut r, _)| r.documents.remove(0).content)
}

#[test]
fn a_document_is_a_part_or_inline() {
    let include = "<xop:Include href='cid:doc1.41%40source.example.jp'/>";
    assert_eq!(content(include), Ok(Content::Include("doc1.41@source.example.jp".into())));
    assert_eq!(
        content(&format!("\n {include}<!-- x -->\n")),
        Ok(Content::Include("doc1.41@source.example.jp".into()))
    );
    assert_eq!(content("QUJ\n DRA=="), Ok(Content::Inline(b"ABCD".to_vec())));
    assert_eq!(content(""), Ok(Content::Inline(vec![])));
}

#[test]
fn a_part_is_referred_to_once_and_by_its_name() {
    let take = |hrefs: &[&str], part: &str| {
        let documents: String = hrefs
            .iter()
            .map(|h| format!("<x:Document id='a'><xop:Include href='{h}'/></x:Document>"))
            .collect();
        let (request, _) = read41(&request(&documents)).unwrap();
        let (mut references, mut tolerances) = (request.references(), Tolerances::new());
        let name = references.take(part, &mut tolerances);
        assert!(references.take(part, &mut tolerances).is_err(), "twice");
        name.map(|name| (name, tolerances.contains(Tolerance::EncodedContentId)))
    };
    let exact = |cid: &str| Ok((cid.to_owned(), false));
    assert_eq!(take(&["cid:1-2@urn%253Ax"], "1-2@urn%3Ax"), exact("1-2@urn%3Ax"));
    assert_eq!(take(&["cid:a%2Bb@x"], "a+b@x"), exact("a+b@x"));
    assert_eq!(take(&["cid:http%3A%2F%2Fx%2F1"], "http://x/1"), exact("http://x/1"));
    assert_eq!(take(&["cid:1-2@urn%3Ax"], "1-2@urn%3Ax"), Ok(("1-2@urn:x".to_owned(), true)));
    // Where both are meant, each has its own.
    let both = [Content::Include("a%".to_owned()), Content::Include("a%25".to_owned())];
    let taken = References::of(&both).take("a%25", &mut Tolerances::new());
    assert_eq!(taken, Ok("a%25".to_owned()));
    for part in ["other", "A@x"] {
        let fault = take(&["cid:a@x"], part).unwrap_err();
        assert!(fault.en.contains(part) && fault.ja.contains(part), "{fault}");
        assert_eq!(row_of(&fault), "fault-part-unreferred");
    }
    assert!(take(&[], "a").is_err());
}

#[test]
fn the_id_of_a_document_is_read_as_that_of_its_entry() {
    let id = |id: &str| {
        let xml = request(&format!("<x:Document id='{id}'>QUI=</x:Document>"));
        read41(&xml).unwrap().0.documents.remove(0).id
    };
    let uuid = "urn:uuid:6a007b24-4dfa-4f4f-861c-d2df9dea19a3";
    assert_eq!(id("urn:uuid:6A007B24-4DFA-4F4F-861C-D2DF9DEA19A3"), uuid);
    assert_eq!(id(&format!(" {uuid}&#10;")), uuid);
    assert_eq!(id("Document01"), "Document01");
    assert_eq!(id("urn:uuid:6A"), "urn:uuid:6A");
}

#[test]
fn inline_documents_are_counted_as_a_tolerance() {
    let (_, inline) = read41(&document("QUI=")).unwrap();
    assert!(inline.contains(Tolerance::InlineBase64));
    let (_, part) = read41(&document("<xop:Include href='cid:a'/>")).unwrap();
    assert!(part.is_empty());
}

#[test]
fn documents_that_are_neither_are_faults() {
    let include = "<xop:Include href='cid:a'/>";
    for (row, bad) in [
        ("fault-include-not-alone", &*format!("x{include}")),
        ("fault-include-not-alone", &format!("{include}x")),
        ("fault-include-not-alone", &include.repeat(2)),
        ("fault-include-not-alone", "<other/>"),
        ("fault-include-href", "<xop:Include/>"),
        ("fault-include-href", "<xop:Include href='http://example.jp/'/>"),
        ("fault-include-href", "<xop:Include href='file:///etc/passwd'/>"),
        ("fault-include-href", "<xop:Include href='a'/>"),
        ("fault-inline-document-malformed", "QUJD!"),
        ("fault-inline-document-malformed", "QUJDR"),
    ] {
        let fault = content(bad).expect_err(bad);
        assert_eq!(row_of(&fault), row, "{bad}");
        assert_eq!(fault.http_status(), 400, "{bad}");
        assert!(!fault.ja.is_ascii() && fault.en.is_ascii(), "{bad}");
    }
    let twice = "<x:Document id='a'><xop:Include href='cid:a%40b'/></x:Document><x:Document id='b'><xop:Include href='cid:a@b'/></x:Document>";
    assert_eq!(row_of(&read41(&request(twice)).unwrap_err()), "fault-include-twice");
}

#[test]
fn inline_documents_have_a_limit_and_so_has_their_number() {
    let mut limits = MessageLimits { inline_document_bytes: 4, ..MessageLimits::default() };
    assert!(read41_within(&document("QUJDRA=="), &limits).is_ok());
    let fault = read41_within(&document("QUJDREU="), &limits).unwrap_err();
    assert!(fault.en.contains("limits.inline_document_bytes = 4"), "{}", fault.en);
    limits.parts = 2;
    let many = |n: usize| request(&"<x:Document id='a'/>".repeat(n));
    assert!(read41_within(&many(2), &limits).is_ok());
    let fault = read41_within(&many(3), &limits).unwrap_err();
    assert!(fault.en.contains("limits.parts = 2"), "{}", fault.en);
}

#[test]
fn the_metadata_has_to_be_there_once() {
    let rules = |xml: &str| {
        let (request, _) = read41(xml).unwrap();
        let findings = request.submission.findings;
        findings
            .iter()
            .map(|f| f.rule.id)
            .filter(|id| ["submission-absent", "submission-twice"].contains(id))
            .collect::<Vec<_>>()
    };
    let lcm = "xmlns='urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0' xmlns:rim='urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'";
    let submit =
        |inner: &str| format!("<SubmitObjectsRequest {lcm}>{inner}</SubmitObjectsRequest>");
    assert_eq!(rules(&request("")), ["submission-absent"]);
    assert_eq!(rules(&request(&submit("<other/>"))), ["submission-absent"]);
    assert_eq!(
        rules(&request(&submit("<rim:RegistryObjectList/>").repeat(2))),
        ["submission-twice"]
    );
    assert_eq!(
        rules(&request(&submit(&"<rim:RegistryObjectList/>".repeat(2)))),
        ["submission-twice"]
    );
    let fault = read41(&submit("")).unwrap_err();
    assert_eq!(fault.subcode, Some(renkei_soap::fault::Subcode::ActionNotSupported));
    assert!(read(&request(""), iti42::read_request).is_err());
}

#[test]
fn documents_are_written_as_in_the_standard() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let submission = arbitrary::submission().new_tree(&mut runner).unwrap().current();
    let pairs = [("Document01".to_owned(), "doc1.41@source.example.jp".to_owned())];
    let xml = written(|w| write_request(w, &submission, &pairs));
    assert!(xml.starts_with("<xds:ProvideAndRegisterDocumentSetRequest xmlns:xds=\"urn:ihe:iti:xds-b:2007\"><lcm:SubmitObjectsRequest xmlns:lcm=\"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"><rim:RegistryObjectList>"), "{xml}");
    assert!(xml.ends_with("</rim:RegistryObjectList></lcm:SubmitObjectsRequest><xds:Document id=\"Document01\"><xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:doc1.41@source.example.jp\"/></xds:Document></xds:ProvideAndRegisterDocumentSetRequest>"), "{xml}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn requests_written_are_read_valid_and_paired(submission in arbitrary::submission()) {
        let pairs: Vec<(String, String)> = submission
            .entries
            .iter()
            .enumerate()
            .map(|(i, e)| (e.id.to_string(), format!("{i} part%@例")))
            .collect();
        let xml = written(|w| write_request(w, &submission, &pairs));
        let (request, _) = read41(&xml).unwrap();
        prop_assert_eq!(&request.submission.findings, &vec![]);
        prop_assert_eq!(request.submission.value.as_ref(), Some(&submission));
        let parts: Vec<(String, String)> = request
            .documents
            .iter()
            .map(|d| match &d.content {
                Content::Include(cid) => (d.id.clone(), cid.clone()),
                Content::Inline(_) => panic!("{d:?}"),
            })
            .collect();
        prop_assert_eq!(parts, pairs);
        prop_assert_eq!(request.pairing(), vec![]);

        let lcm = written(|w| iti42::write_request(w, &submission));
        let back = read(&lcm, iti42::read_request).unwrap();
        prop_assert_eq!(back.value, Some(submission));
    }

    #[test]
    fn what_does_not_pair_is_told(submission in arbitrary::submission()) {
        let inline = |id: &str| Document { id: id.to_owned(), content: Content::Inline(vec![]) };
        let entries: Vec<String> = submission.entries.iter().map(|e| e.id.to_string()).collect();
        let mut request =
            Request { submission: Checked::good(submission), documents: vec![inline("nobody's")] };
        let rules = |r: &Request| r.pairing().iter().map(|f| f.rule.id).collect::<Vec<_>>();
        let mut expected = vec!["document-without-metadata"];
        expected.extend(entries.iter().map(|_| "document-missing"));
        prop_assert_eq!(rules(&request), expected);
        request.documents = entries.iter().flat_map(|id| [inline(id), inline(id)]).collect();
        prop_assert_eq!(rules(&request), vec!["document-twice"; entries.len()]);
    }
}

proptest! {
    #[test]
    fn any_content_is_read_or_refused(inner in "[A-Za-z0-9+/=]{0,20}|[<>/a-z='\" x:op]{0,60}|.{0,60}") {
        _ = read41(&document(&inner));
        _ = read41(&request(&inner));
        _ = read41(&inner);
    }
}

/// The schema knows base64 only; xop:Include stands for it (XOP 1.0, 2).
#[test]
fn messages_are_valid_by_the_schema() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..4 {
        let submission = arbitrary::submission().new_tree(&mut runner).unwrap().current();
        let pairs = [("Document01".to_owned(), "a@b".to_owned())];
        let xml = written(|w| write_request(w, &submission, &pairs));
        let include =
            "<xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:a@b\"/>";
        assert!(xml.contains(include));
        valid("IHE/IHEXDSB.xsd", &xml.replace(include, "QUJD"));
        valid("ebRS30/lcm.xsd", &written(|w| iti42::write_request(w, &submission)));
    }
}
