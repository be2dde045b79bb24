use super::*;

fn kind(text: &str) -> XmlErrorKind {
    let mut r = Reader::new(text, XmlLimits::default());
    r.root().and_then(|_| r.finish()).expect_err(text).kind
}

#[test]
fn walks_children_and_text() {
    let text = "<?xml version='1.0' encoding='utf-8'?><a xmlns='urn:a' xmlns:b='urn:b'>\n <b:c x='1&amp;2' b:y='z'>p&lt;q<![CDATA[&]]>&#x3042;</b:c><d/><e><f/></e> tail</a><!-- x -->";
    let mut r = Reader::new(text, XmlLimits::default());
    let a = r.root().unwrap();
    assert!(a.is("urn:a", "a"));
    let c = r.next_child().unwrap().unwrap();
    assert!(c.is("urn:b", "c"));
    assert_eq!((c.attr("x"), c.attr_ns("urn:b", "y")), (Some("1&2"), Some("z")));
    assert_eq!(r.position_at(c.offset), Position { line: 2, column: 2 });
    assert_eq!(r.text().unwrap(), "p<q&あ");
    assert!(r.next_child().unwrap().unwrap().is("urn:a", "d"));
    assert!(r.next_child().unwrap().is_none());
    assert!(r.next_child().unwrap().unwrap().is("urn:a", "e"));
    r.skip().unwrap();
    assert_eq!(r.next_node().unwrap(), Node::Text(" tail".into()));
    assert_eq!(r.next_node().unwrap(), Node::End);
    r.finish().unwrap();
}

#[test]
fn refuses_what_xml_or_we_forbid() {
    assert_eq!(kind("<!DOCTYPE a><a/>"), XmlErrorKind::Doctype);
    assert_eq!(kind("<a>&x;</a>"), XmlErrorKind::Entity("x".into()));
    assert_eq!(kind("<p:a/>"), XmlErrorKind::Prefix("p".into()));
    assert_eq!(kind("<a p:b=''/>"), XmlErrorKind::Prefix("p".into()));
    for bad in ['\u{1}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
        let code = bad as u32;
        assert_eq!(kind(&format!("<a>（あ）{bad}</a>")), XmlErrorKind::Character(code));
    }
    assert_eq!(kind("<a>&#1;</a>"), XmlErrorKind::Character(1));
    assert_eq!(kind("<a b='&#1;'/>"), XmlErrorKind::Character(1));
    assert_eq!(kind("<a/><b/>"), XmlErrorKind::OutsideRoot);
    assert_eq!(kind("<a/>x"), XmlErrorKind::OutsideRoot);
    assert_eq!(kind("x<a/>"), XmlErrorKind::OutsideRoot);
    assert_eq!(kind(""), XmlErrorKind::Truncated);
    assert_eq!(kind("<a><b>"), XmlErrorKind::Truncated);
}

#[test]
fn says_in_its_own_words_how_a_text_is_not_well_formed() {
    use Malformation as M;
    let texts = [
        ("<a", M::Markup),
        ("<a><!-- x", M::Markup),
        ("<a b='1", M::Markup),
        ("<a><![CDATA[x", M::Markup),
        ("<a><?x", M::Markup),
        ("<a><!x></a>", M::Markup),
        ("<a></b>", M::Tags),
        ("</a>", M::Tags),
        ("<a b/>", M::Attribute),
        ("<a b=1/>", M::Attribute),
        ("<a b=/>", M::Attribute),
        ("<a b='1' b='2'/>", M::AttributeTwice),
        ("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", M::AttributeTwice),
        ("<a>&#x110000;</a>", M::Reference),
        ("<a>& b</a>", M::Reference),
        ("<a b='&x'/>", M::Reference),
        ("<a xmlns:xml='urn:x'/>", M::Namespace),
        ("<p:/x xmlns:p='urn:x'/>", M::Name),
        ("<p: xmlns:p='urn:x'/>", M::Name),
        ("<:a/>", M::Name),
        ("<a:b:c xmlns:a='urn:x'/>", M::Name),
        ("<1a/>", M::Name),
        ("<a 1b='2'/>", M::Name),
        ("<a xmlns:-b='urn:x'/>", M::Name),
    ];
    for (text, how) in texts {
        assert_eq!(kind(text), XmlErrorKind::Malformed(how), "{text}");
    }
}

#[test]
fn a_value_has_no_comment_in_it() {
    let value = |text: &str| {
        let mut r = Reader::new(text, XmlLimits::default());
        r.root().unwrap();
        r.value().map_err(|e| (e.kind, e.position.column))
    };
    assert_eq!(value("<!-- x --><a>1</a>"), Ok("1".to_owned()));
    for (text, column) in
        [("<a>1<!-- x -->2</a>", 5), ("<a><!-- x -->1</a>", 4), ("<a>1<?x y?></a>", 5)]
    {
        assert_eq!(value(text), Err((XmlErrorKind::Comment, column)), "{text}");
    }
    // Between elements they are nobody's business.
    let mut r = Reader::new("<a><!-- x --><b>1</b><!-- y --></a>", XmlLimits::default());
    r.root().unwrap();
    r.next_child().unwrap().unwrap();
    assert_eq!(r.value().unwrap(), "1");
}

#[test]
fn names_the_limit_that_was_hit() {
    assert_eq!(kind(&"<a>".repeat(101)), XmlErrorKind::Limit("limits.xml_depth", 100));
    let many: String = (0..257).map(|i| format!(" a{i}=''")).collect();
    assert_eq!(kind(&format!("<a{many}/>")), XmlErrorKind::Limit("limits.xml_attributes", 256));
    let long = "n".repeat(1025);
    assert_eq!(kind(&format!("<{long}/>")), XmlErrorKind::Limit("limits.xml_name_bytes", 1024));
    // A namespace is copied with every name that is of it.
    let namespaces =
        [format!("<a xmlns=\"{long}\"/>"), format!("<a xmlns:b=\"{long}\" b:c=\"\"/>")];
    for text in namespaces {
        assert_eq!(kind(&text), XmlErrorKind::Limit("limits.xml_name_bytes", 1024), "{text}");
    }
}
