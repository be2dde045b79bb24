//! Writes MTOM messages (ITI TF-2: V.8; XOP 1.0, 4.1; RFC 2387).

use bytes::Bytes;
use uuid::Uuid;

/// The frame of one message. It holds no content: the caller sends the pieces and, between them,
/// the octets of the parts.
#[derive(Clone, Debug)]
pub struct MultipartWriter {
    boundary: String,
    root_id: String,
}

impl MultipartWriter {
    /// A frame whose boundary comes from a random UUID, so that no document can contain it.
    pub fn new(boundary_seed: Uuid) -> Self {
        let seed = boundary_seed.simple();
        Self { boundary: format!("MIMEBoundary_{seed}"), root_id: format!("root.{seed}@renkei") }
    }

    /// The `Content-Type` of the message.
    pub fn content_type(&self, action: Option<&str>) -> String {
        format!(
            "multipart/related; boundary=\"{}\"; type=\"application/xop+xml\"; start=\"<{}>\"; \
             start-info=\"application/soap+xml\"{}",
            self.boundary,
            self.root_id,
            action_parameter(action)
        )
    }

    /// What goes before the envelope in the root part, which is the first.
    pub fn root_start(&self) -> String {
        format!(
            "--{}\r\nContent-Type: application/xop+xml; charset=UTF-8; \
             type=\"application/soap+xml\"\r\nContent-Transfer-Encoding: binary\r\n\
             Content-ID: <{}>\r\n\r\n",
            self.boundary, self.root_id
        )
    }

    /// The root part whole.
    pub fn root(&self, xml: &str) -> Bytes {
        Bytes::from(self.root_start() + xml)
    }

    /// What goes before the octets of a document. `content_id` is without angle brackets.
    ///
    /// A media type that cannot stand in a part header, or would make the part look like a
    /// multipart itself, is sent as `application/octet-stream`: what counts is the one in the
    /// metadata.
    pub fn part_start(&self, content_id: &str, content_type: &str) -> Bytes {
        let content_id: String = content_id
            .chars()
            .filter(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>'))
            .collect();
        let printable = content_type.bytes().all(|b| matches!(b, b' '..=b'~'));
        let kind = content_type.trim();
        let multipart =
            kind.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("multipart/"));
        let kind = if printable && !multipart && kind.contains('/') {
            kind
        } else {
            "application/octet-stream"
        };
        Bytes::from(format!(
            "\r\n--{}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: binary\r\n\
             Content-ID: <{content_id}>\r\n\r\n",
            self.boundary
        ))
    }

    /// What goes after the last part.
    pub fn close(&self) -> Bytes {
        Bytes::from(format!("\r\n--{}--\r\n", self.boundary))
    }

    /// A message of the root part alone, whole: most answers.
    pub fn only_root(&self, xml: &str) -> Bytes {
        Bytes::from([self.root(xml), self.close()].concat())
    }
}

/// The `Content-Type` of a Simple SOAP message.
pub fn simple_content_type(action: Option<&str>) -> String {
    format!("application/soap+xml; charset=UTF-8{}", action_parameter(action))
}

fn action_parameter(action: Option<&str>) -> String {
    let Some(action) = action else { return String::new() };
    let plain: String =
        action.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\')).collect();
    format!("; action=\"{plain}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_its_root_and_quotes_its_parameters() {
        let writer = MultipartWriter::new(Uuid::from_u128(1));
        let expected = "multipart/related; boundary=\"MIMEBoundary_00000000000000000000000000000001\"; \
            type=\"application/xop+xml\"; start=\"<root.00000000000000000000000000000001@renkei>\"; \
            start-info=\"application/soap+xml\"; action=\"urn:x\"";
        assert_eq!(writer.content_type(Some("urn:x")), expected);
        let text = String::from_utf8(writer.only_root("<a/>").to_vec()).unwrap();
        assert_eq!(
            text,
            "--MIMEBoundary_00000000000000000000000000000001\r\n\
             Content-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\n\
             Content-Transfer-Encoding: binary\r\n\
             Content-ID: <root.00000000000000000000000000000001@renkei>\r\n\r\n\
             <a/>\r\n--MIMEBoundary_00000000000000000000000000000001--\r\n"
        );
    }

    #[test]
    fn lets_nothing_into_a_header_that_breaks_it() {
        let writer = MultipartWriter::new(Uuid::from_u128(1));
        let start = |id, kind| String::from_utf8(writer.part_start(id, kind).to_vec()).unwrap();
        assert!(start("a\r\nX: <b>", "text/xml").contains("Content-ID: <aX:b>\r\n\r\n"));
        for kind in ["text/xml\r\nX: y", "健診", "", "Multipart/related; boundary=x", "text"] {
            assert!(
                start("a", kind).contains("Content-Type: application/octet-stream\r\n"),
                "{kind}"
            );
        }
        assert!(simple_content_type(Some("urn:\"x\r\n")).ends_with("; action=\"urn:x\""));
    }
}
