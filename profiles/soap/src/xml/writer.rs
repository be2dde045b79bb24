//! A writer that pushes text and escapes; prefixes and order are the caller's, fixed per message.

/// Writes one document or fragment.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    open: Vec<&'static str>,
    in_tag: bool,
}

impl Writer {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// A writer that uses the room of an earlier text again.
    pub fn reusing(mut out: String) -> Self {
        out.clear();
        Self { out, ..Self::default() }
    }

    /// A writer behind a text that is there already.
    pub fn after(out: String) -> Self {
        Self { out, ..Self::default() }
    }

    /// Opens an element under its prefixed name.
    pub fn start(&mut self, name: &'static str) -> &mut Self {
        self.close_tag();
        self.out.push('<');
        self.out.push_str(name);
        self.open.push(name);
        self.in_tag = true;
        self
    }

    /// Adds an attribute to the element just opened. Ignored once the tag has content.
    pub fn attr(&mut self, name: &str, value: &str) -> &mut Self {
        debug_assert!(self.in_tag, "attribute {name} after content");
        if self.in_tag {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            escape(&mut self.out, value, true);
            self.out.push('"');
        }
        self
    }

    /// Adds an attribute if there is a value.
    pub fn attr_opt(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        if let Some(v) = value {
            self.attr(name, v);
        }
        self
    }

    /// Adds characters to the element just opened that are attributes already, with the blank before
    /// them. Ignored once the tag has content.
    pub fn raw_attr(&mut self, xml: &str) -> &mut Self {
        debug_assert!(self.in_tag, "attribute after content");
        if self.in_tag {
            self.out.push_str(xml);
        }
        self
    }

    /// Adds text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.close_tag();
        escape(&mut self.out, text, false);
        self
    }

    /// Adds characters that are XML already.
    pub fn raw(&mut self, xml: &str) -> &mut Self {
        self.close_tag();
        self.out.push_str(xml);
        self
    }

    /// Closes the element opened last.
    pub fn end(&mut self) -> &mut Self {
        if let Some(name) = self.open.pop() {
            if self.in_tag {
                self.out.push_str("/>");
                self.in_tag = false;
            } else {
                self.out.push_str("</");
                self.out.push_str(name);
                self.out.push('>');
            }
        }
        self
    }

    /// An element with nothing but text in it.
    pub fn leaf(&mut self, name: &'static str, text: &str) -> &mut Self {
        self.start(name).text(text).end()
    }

    /// Bytes written so far.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Closes what is open and returns the text.
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.out
    }

    fn close_tag(&mut self) {
        if std::mem::take(&mut self.in_tag) {
            self.out.push('>');
        }
    }
}

/// Appends a value as it stands inside a double-quoted attribute.
pub fn escape_attribute(out: &mut String, value: &str) {
    escape(out, value, true);
}

/// Escapes for text or for a double-quoted attribute. Carriage returns and, in attributes, line
/// breaks and tabs are written as references, since a reader would normalise them (XML 1.0, 2.11
/// and 3.3.3). Characters that XML forbids become U+FFFD.
fn escape(out: &mut String, text: &str, attribute: bool) {
    // what needs nothing goes over in runs; U+FFFE and U+FFFF begin with EF BF
    let is_suspect = |byte: u8| byte < b' ' || matches!(byte, b'&' | b'<' | b'>' | b'"' | 0xEF);
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_suspect) {
        let (run, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(run);
        let mut chars = from.chars();
        match chars.next() {
            Some('&') => out.push_str("&amp;"),
            Some('<') => out.push_str("&lt;"),
            Some('>') => out.push_str("&gt;"),
            Some('"') if attribute => out.push_str("&quot;"),
            Some('\r') => out.push_str("&#13;"),
            Some('\n') if attribute => out.push_str("&#10;"),
            Some('\t') if attribute => out.push_str("&#9;"),
            Some(c @ ('\t' | '\n')) => out.push(c),
            Some('\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            Some(c) => out.push(c),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::super::{Reader, XmlLimits};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn closes_empty_elements() {
        let mut w = Writer::new();
        w.start("a").attr("b", "1\"<").start("c").end().leaf("d", "x&y");
        assert_eq!(w.finish(), "<a b=\"1&quot;&lt;\"><c/><d>x&amp;y</d></a>");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in "[\\t\\n\\r\u{20}-\u{d7ff}\u{10000}-\u{10fff}]{0,60}") {
            let mut w = Writer::new();
            w.start("a").attr("v", &text).text(&text);
            let xml = w.finish();
            let mut r = Reader::new(&xml, XmlLimits::default());
            let e = r.root().unwrap();
            prop_assert_eq!(e.attr("v"), Some(text.as_str()));
            prop_assert_eq!(r.text().unwrap(), text);
            r.finish().unwrap();
        }
    }
}
