use super::*;
use crate::fault::{Detail, FaultCode, Subcode};
use crate::xml::XmlLimits;
use proptest::prelude::*;

const ACTION: &str = "urn:ihe:iti:2007:RegistryStoredQuery";

fn try_open(xml: &str) -> Result<(Envelope, Tolerances), Fault> {
    let mut reader = Reader::new(xml, XmlLimits::default());
    let mut tolerances = Tolerances::new();
    let envelope = open(&mut reader, &mut tolerances)?;
    close(&mut reader)?;
    Ok((envelope, tolerances))
}

/// An envelope around header blocks and body content.
fn with(header: &str, body: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='{}' xmlns:a='{}'><e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>",
        ns::SOAP12,
        ns::WSA
    )
}

fn with_header(blocks: &str) -> Result<(Envelope, Tolerances), Fault> {
    try_open(&with(&format!("<a:Action e:mustUnderstand='1'>{ACTION}</a:Action>{blocks}"), "<b/>"))
}

fn problem(fault: &Fault) -> &str {
    match &fault.detail {
        Some(Detail::ProblemHeader(name)) => &name.local,
        other => panic!("{other:?}"),
    }
}

#[test]
fn reads_a_request_in_any_order_with_comments_anywhere() {
    let xml = "<?xml version='1.0' encoding='UTF-8'?><!-- c --><s:Envelope \
        xmlns:s='http://www.w3.org/2003/05/soap-envelope'><?pi x?>\n<!-- c --><s:Header>\n\
        <To xmlns='http://www.w3.org/2005/08/addressing' s:mustUnderstand='true'> https://registry.example.jp/xds </To>\
        <!-- c --><w:ReplyTo xmlns:w='http://www.w3.org/2005/08/addressing'>\
        <w:Address>\n http://www.w3.org/2005/08/addressing/anonymous </w:Address><w:Metadata/></w:ReplyTo>\
        <w:Action xmlns:w='http://www.w3.org/2005/08/addressing'>urn:ihe:iti:2007:<!-- c -->RegistryStoredQuery</w:Action>\
        <w:MessageID xmlns:w='http://www.w3.org/2005/08/addressing'>urn:uuid:7</w:MessageID>\
        <other xmlns='urn:other' s:mustUnderstand='0'><deep/></other>\
        </s:Header><s:Body>\n<q xmlns='urn:q'><r/></q><!-- c -->\n</s:Body><?pi y?></s:Envelope><!-- c -->\n";
    let (envelope, tolerances) = try_open(xml).unwrap();
    assert!(envelope.body.is("urn:q", "q"));
    let a = envelope.addressing;
    assert_eq!(a.action, ACTION);
    assert_eq!(a.to.as_deref(), Some("https://registry.example.jp/xds"));
    assert_eq!(a.reply_to.as_deref(), Some(ANONYMOUS));
    assert_eq!(a.message_id.as_deref(), Some("urn:uuid:7"));
    assert_eq!(a.relates_to, None);
    assert!(tolerances.is_empty());
}

#[test]
fn keeps_a_reply_address_that_is_not_anonymous() {
    let block = "<a:ReplyTo><a:Address>https://consumer.example.jp/answers</a:Address></a:ReplyTo>";
    let (envelope, _) = with_header(block).unwrap();
    assert_eq!(
        envelope.addressing.reply_to.as_deref(),
        Some("https://consumer.example.jp/answers")
    );
}

#[test]
fn refuses_other_versions_of_soap() {
    for namespace in [ns::SOAP11, "", "urn:x"] {
        let xml = format!("<Envelope xmlns='{namespace}'><Body><b/></Body></Envelope>");
        assert_eq!(try_open(&xml).unwrap_err().code, FaultCode::VersionMismatch);
    }
    assert_eq!(try_open("<html/>").unwrap_err().code, FaultCode::Sender);
}

#[test]
fn refuses_a_wrong_skeleton() {
    let action = format!("<a:Action>{ACTION}</a:Action>");
    let good = with(&action, "<b/>");
    assert!(try_open(&good).is_ok());
    let header = format!("<e:Header>{action}</e:Header>");
    let bad = [
        with(&action, ""),
        with(&action, "<b/><c/>"),
        with(&action, "text<b/>"),
        with(&action, "<b/>text"),
        good.replace("</e:Body>", "</e:Body><e:Body><b/></e:Body>"),
        good.replace("<e:Body>", &format!("{header}<e:Body>")),
        good.replace("</e:Body>", &format!("</e:Body>{header}")),
        good.replace("</e:Body>", "</e:Body><x/>"),
        good.replace("<e:Body><b/></e:Body>", ""),
        good.replace("<e:Body><b/></e:Body>", "<x/>"),
        good.replace("</e:Envelope>", "</e:Envelope><x/>"),
        good.replace("</e:Envelope>", ""),
        good.replace("<e:Header>", "<!DOCTYPE x><e:Header>"),
    ];
    for xml in bad {
        let fault = try_open(&xml).expect_err(&xml);
        assert_eq!((fault.code, fault.http_status()), (FaultCode::Sender, 400), "{xml}");
    }
}

#[test]
fn requires_one_action() {
    let missing = [
        with("", "<b/>"),
        with("<a:To>http://x</a:To>", "<b/>"),
        with("", "<b/>").replace("<e:Header></e:Header>", ""),
    ];
    for xml in missing {
        let fault = try_open(&xml).unwrap_err();
        assert_eq!(fault.subcode, Some(Subcode::MessageAddressingHeaderRequired), "{xml}");
        assert_eq!(problem(&fault), "Action");
    }
    for action in ["", " ", " urn:x", "urn:x\n", "urn:x urn:y", "<b/>"] {
        let xml = with(&format!("<a:Action>{action}</a:Action>"), "<b/>");
        let fault = try_open(&xml).expect_err(action);
        assert_eq!(fault.subcode, Some(Subcode::InvalidAddressingHeader), "{action}");
    }
}

#[test]
fn refuses_addressing_headers_twice() {
    let endpoint = format!("<a:Address>{ANONYMOUS}</a:Address>");
    for (local, content) in [
        ("Action", ACTION),
        ("To", "http://x.example/"),
        ("MessageID", "urn:uuid:1"),
        ("From", &endpoint),
        ("ReplyTo", &endpoint),
        ("FaultTo", &endpoint),
    ] {
        let block = format!("<a:{local}>{content}</a:{local}>");
        let fault = with_header(&format!("{block}{block}")).expect_err(local);
        assert_eq!(fault.subcode, Some(Subcode::InvalidAddressingHeader));
        assert_eq!(problem(&fault), local);
    }
    let relates = "<a:RelatesTo>urn:uuid:1</a:RelatesTo><a:RelatesTo>urn:uuid:2</a:RelatesTo>";
    let (envelope, _) = with_header(relates).unwrap();
    assert_eq!(envelope.addressing.relates_to.as_deref(), Some("urn:uuid:1"));
}

#[test]
fn refuses_addresses_that_cannot_be_called() {
    for block in [
        "<a:To>registry</a:To>",
        "<a:To>ftp://x/</a:To>",
        "<a:To/>",
        "<a:ReplyTo>http://x/</a:ReplyTo>",
        "<a:ReplyTo><a:Address>mailto:a@b</a:Address></a:ReplyTo>",
        "<a:ReplyTo><a:Address>http://x/</a:Address><a:Address>http://x/</a:Address></a:ReplyTo>",
        "<a:FaultTo/>",
        "<a:MessageID/>",
        "<w:To xmlns:w='http://schemas.xmlsoap.org/ws/2004/08/addressing'>http://x/</w:To>",
    ] {
        let fault = with_header(block).expect_err(block);
        assert_eq!(fault.subcode, Some(Subcode::InvalidAddressingHeader), "{block}");
    }
}

#[test]
fn refuses_unknown_blocks_that_must_be_understood() {
    let fault = with_header(
        "<x:A xmlns:x='urn:x' e:mustUnderstand='true'/><x:B xmlns:x='urn:x'/><a:New e:mustUnderstand='1'/>",
    )
    .unwrap_err();
    assert_eq!((fault.code, fault.http_status()), (FaultCode::MustUnderstand, 500));
    let Some(Detail::NotUnderstood(blocks)) = fault.detail else { panic!() };
    let names: Vec<_> = blocks.iter().map(|b| (b.namespace.as_str(), b.local.as_str())).collect();
    assert_eq!(names, [("urn:x", "A"), (ns::WSA, "New")]);
}

#[test]
fn passes_over_what_is_for_others_and_ws_security() {
    let role = "http://www.w3.org/2003/05/soap-envelope/role/";
    let ours = format!("<x:A xmlns:x='urn:x' e:mustUnderstand='1' e:role='{role}next'/>");
    assert_eq!(with_header(&ours).unwrap_err().code, FaultCode::MustUnderstand);
    for block in [
        format!("<x:A xmlns:x='urn:x' e:mustUnderstand='1' e:role='{role}none'/>"),
        "<x:A xmlns:x='urn:x' e:mustUnderstand='1' e:role='urn:gateway'/>".to_owned(),
        format!("<w:Security xmlns:w='{}' e:mustUnderstand='1'><w:T/></w:Security>", ns::WSSE),
    ] {
        with_header(&block).expect(&block);
    }
}

#[test]
fn notes_that_nothing_must_be_understood() {
    let (_, tolerances) =
        try_open(&with(&format!("<a:Action>{ACTION}</a:Action>"), "<b/>")).unwrap();
    assert!(tolerances.contains(Tolerance::NoMustUnderstand));
}

#[test]
fn takes_a_fault_without_addressing() {
    let xml =
        format!("<e:Envelope xmlns:e='{}'><e:Body><e:Fault/></e:Body></e:Envelope>", ns::SOAP12);
    let (envelope, _) = try_open(&xml).unwrap();
    assert!(Fault::is_fault(&envelope.body));
    assert_eq!(envelope.addressing.action, SOAP_FAULT_ACTION);
}

#[test]
fn close_passes_over_what_the_body_reader_left() {
    let xml = with(&format!("<a:Action>{ACTION}</a:Action>"), "<b><c><d/>t</c></b>");
    let mut reader = Reader::new(&xml, XmlLimits::default());
    open(&mut reader, &mut Tolerances::new()).unwrap();
    reader.next_child().unwrap().unwrap();
    reader.next_child().unwrap().unwrap();
    close(&mut reader).unwrap();
    close(&mut reader).unwrap();
}

#[test]
fn a_frame_is_a_response_cut_in_two() {
    let (head, tail) = response_frame(ACTION, Some("urn:uuid:1"));
    let whole = write_response(ACTION, Some("urn:uuid:1"), |w| {
        w.leaf("b", "x");
    });
    assert_eq!(format!("{head}<b>x</b>{tail}"), whole);
    assert!(head.ends_with("<soap12:Body>") && tail.starts_with("</soap12:Body>"));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        action in "urn:[a-zあ-ん&<>\"']{1,20}", id in "[!-~あ-ん]{1,30}", path in "[!-~]{0,30}"
    ) {
        let to = format!("https://x.example/{path}");
        let xml = write_request(&action, &id, &to, |w| { w.leaf("b", "x"); });
        let (envelope, tolerances) = try_open(&xml).unwrap();
        prop_assert_eq!(envelope.addressing, Addressing {
            fault_to: None,
            action: action.clone(),
            message_id: Some(id.clone()),
            to: Some(to),
            reply_to: Some(ANONYMOUS.to_owned()),
            relates_to: None,
        });
        prop_assert!(tolerances.is_empty());
        let (answer, _) = try_open(&write_response(&action, Some(&id), |w| { w.leaf("b", ""); })).unwrap();
        prop_assert_eq!(answer.addressing.relates_to, Some(id));
    }

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,300}") {
        try_open(&text).ok();
    }

    /// Damage to a good message reaches deeper than noise does.
    #[test]
    fn a_damaged_envelope_never_panics(at in 0usize..700, cut in 0usize..40, put in ".{0,8}") {
        let mut text = with(
            &format!("<a:Action e:mustUnderstand='1'>{ACTION}</a:Action><a:To>http://x/</a:To>"),
            "<b xmlns='urn:b' c='&amp;'><![CDATA[x]]>&#x3042;</b>",
        );
        let at = at.min(text.len());
        text.replace_range(at..(at + cut).min(text.len()), &put);
        if let Err(fault) = try_open(&text) {
            prop_assert!(!fault.en.is_empty() && !fault.ja.is_empty());
        }
    }
}

/// The block at `span` of `xml`, in an element that declares what was declared around it.
fn lifted(xml: &str, envelope: &Envelope, block: &HeaderBlock) -> String {
    let declared: String = envelope
        .blocks
        .namespaces
        .iter()
        .map(|(prefix, namespace)| match prefix.as_str() {
            "" => format!(" xmlns='{namespace}'"),
            prefix => format!(" xmlns:{prefix}='{namespace}'"),
        })
        .collect();
    let reader = Reader::new(xml, XmlLimits::default());
    format!("<lifted{declared}>{}</lifted>", reader.span(block.span.clone()).unwrap())
}

/// The element with all that is in it, by names and values alone.
fn outline(reader: &mut Reader<'_>, element: &Element) -> String {
    let mut all = format!("{{{}}}{}[", element.namespace, element.local);
    for a in &element.attributes {
        all += &format!("{{{}}}{}={:?} ", a.namespace, a.local, a.value);
    }
    loop {
        match reader.next_node().unwrap() {
            Node::Element(child) => all += &outline(reader, &child),
            Node::Text(text) => all += &format!("{text:?}"),
            Node::End => return all + "]",
        }
    }
}

#[test]
fn a_block_is_found_by_its_bytes() {
    let xml = with(
        &format!(
            "<!-- c --><a:Action>{ACTION}</a:Action> <w:Security xmlns:w='{}' e:mustUnderstand='1'>\n\
             <x:t xmlns:x='urn:x' a:b='1'>&#x4e00;</x:t></w:Security> <empty e:role=''/> \
             <a:MessageID>urn:uuid:7</a:MessageID>",
            ns::WSSE
        ),
        "<b/>",
    );
    let (envelope, _) = try_open(&xml).unwrap();
    let names: Vec<&str> = envelope.blocks.iter().map(|b| b.name.local.as_str()).collect();
    assert_eq!(names, ["Action", "Security", "empty", "MessageID"]);
    let mut found = envelope.blocks.named(ns::WSSE, "Security");
    let block = found.next().unwrap();
    assert!(found.next().is_none() && block.must_understand);
    let text = xml.get(block.span.clone()).unwrap();
    assert!(text.starts_with("<w:Security ") && text.ends_with("</w:Security>"), "{text}");
    let empty = envelope.blocks.named("", "empty").next().unwrap();
    assert_eq!(xml.get(empty.span.clone()), Some("<empty e:role=''/>"));
    let declared = [("a", ns::WSA), ("e", ns::SOAP12)].map(|(p, n)| (p.into(), n.into()));
    assert_eq!(envelope.blocks.namespaces, declared);
}

#[test]
fn what_is_for_others_is_not_kept_and_too_many_blocks_are_refused() {
    let (envelope, _) = with_header("<x:A xmlns:x='urn:x' e:role='urn:gateway'/>").unwrap();
    assert_eq!(envelope.blocks.iter().count(), 1, "the action");
    let block = "<x xmlns='urn:x'/>";
    assert!(with_header(&block.repeat(63)).is_ok());
    let fault = with_header(&block.repeat(64)).unwrap_err();
    assert!(fault.en.contains("64") && fault.ja.contains("64"), "{fault}");
}

/// XML of any shape, with prefixes declared here, around it, or on the Envelope (`e`, `a`).
fn element() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["x:p", "p", "a:q", "e:r"]);
    let text =
        prop::sample::select(vec!["", " ", "あ&amp;", "<![CDATA[<]]>", "<!-- > -->", "<?pi /?>"]);
    let attribute = prop::sample::select(vec![
        "",
        " n='1'",
        " x:n='&#x3042;>'",
        " xmlns='urn:y'",
        " xmlns:x='urn:z'",
    ]);
    let leaf = (name.clone(), attribute.clone()).prop_map(|(n, a)| format!("<{n}{a}/>"));
    leaf.prop_recursive(3, 12, 3, move |inner| {
        (name.clone(), attribute.clone(), text.clone(), prop::collection::vec(inner, 0..3))
            .prop_map(|(n, a, t, children)| format!("<{n}{a}>{t}{}</{n} >", children.join(t)))
    })
}

proptest! {
    #[test]
    fn the_bytes_of_a_block_are_the_same_block(blocks in prop::collection::vec(element(), 1..4)) {
        let inner: String = blocks
            .iter()
            .map(|b| format!("\n<x:block xmlns:x='urn:x' n='&lt;'>{b}</x:block><!-- c -->"))
            .collect();
        let xml = with(&format!("<a:Action>{ACTION}</a:Action>{inner}"), "<b/>");
        let (envelope, _) = try_open(&xml).unwrap();
        let mut whole = Reader::new(&xml, XmlLimits::default());
        whole.root().unwrap();
        whole.next_child().unwrap();
        let mut count = 0;
        for block in envelope.blocks.iter() {
            let element = whole.next_child().unwrap().unwrap();
            let there = outline(&mut whole, &element);
            let text = lifted(&xml, &envelope, block);
            let mut alone = Reader::new(&text, XmlLimits::default());
            alone.root().unwrap();
            let element = alone.next_child().unwrap().unwrap();
            prop_assert_eq!(outline(&mut alone, &element), there);
            prop_assert!(alone.next_child().unwrap().is_none());
            alone.finish().unwrap();
            count += 1;
        }
        prop_assert_eq!(count, blocks.len() + 1);
    }
}

#[test]
fn an_answer_has_the_blocks_of_its_transaction_in_its_header() {
    let blocks = [HeaderElement::parse("<k:Keeps xmlns:k='urn:k'>P7D</k:Keeps>").unwrap()];
    let headers = AnswerHeaders { blocks: &blocks, ..Some("urn:uuid:1").into() };
    let xml = write_response_after(String::new(), ACTION, headers, |w| {
        w.start("b").end();
    });
    let (envelope, _) = try_open(&xml).unwrap();
    assert_eq!(envelope.addressing.relates_to.as_deref(), Some("urn:uuid:1"));
    let block = envelope.blocks.named("urn:k", "Keeps").next().unwrap();
    assert_eq!(xml.get(block.span.clone()), Some(blocks[0].as_xml()));
}

#[test]
fn an_element_for_the_header_needs_nothing_around_it() {
    let security = format!(
        "<w:Security xmlns:w='{}' xmlns:s='{}' s:mustUnderstand='1'><t>&lt;</t></w:Security>",
        ns::WSSE,
        ns::SOAP12
    );
    let element =
        HeaderElement::parse(&format!("<?xml version='1.0'?> {security}<!-- c -->")).unwrap();
    assert_eq!(element.as_xml(), security);
    let xml = write_request_with(
        ACTION,
        "urn:uuid:1",
        "https://x/",
        ReplyAddresses::HERE,
        &[element],
        |w| {
            w.start("b").end();
        },
    );
    let (envelope, _) = try_open(&xml).unwrap();
    let block = envelope.blocks.named(ns::WSSE, "Security").next().unwrap();
    assert_eq!(xml.get(block.span.clone()), Some(security.as_str()));
    for wrong in ["", "text", "<a/><b/>", "<a>", "<p:a/>", "<!DOCTYPE a><a/>"] {
        assert!(HeaderElement::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn on_whose_behalf_a_request_is_made_is_one_block() {
    let read = |blocks: &str| {
        let xml = with(&format!("<a:Action>{ACTION}</a:Action>{blocks}"), "<b/>");
        let mut reader = Reader::new(&xml, XmlLimits::default());
        let envelope = open(&mut reader, &mut Tolerances::default()).unwrap();
        OnBehalfOf::in_header(&reader, &envelope.blocks)
    };
    let of = |node: &str, to_change| OnBehalfOf { node: node.to_owned(), to_change };
    for named in [of("clinic-a", false), of("clinic-a", true), of("<&\"", false)] {
        assert_eq!(read(named.header().unwrap().as_xml()), Ok(Some(named)));
    }
    assert_eq!(read("<o:OnBehalfOf xmlns:o='urn:o'>x</o:OnBehalfOf>"), Ok(None));
    let block = |rest: &str| format!("<OnBehalfOf xmlns='{ON_BEHALF}'{rest}</OnBehalfOf>");
    assert_eq!(read(&block(">x")), Ok(Some(of("x", false))));
    let one = block(">x");
    for wrong in [
        one.repeat(2),
        format!("{one}<More xmlns='{ON_BEHALF}'/>"),
        one.replace("OnBehalfOf", "InsteadOf"),
        block(">"),
        block("><x/>"),
        block(">a<!-- x -->b"),
        block(" for='see'>x"),
    ] {
        assert_eq!(read(&wrong), Err(Fault::not_spoken_for()), "{wrong}");
    }
}
