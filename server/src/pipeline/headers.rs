//! Headers that say what the body of a request means. None of them is passed over in silence: each is
//! followed, or refused by its name (RFC 9110).
//!
//! Headers that only let a body be checked (Content-MD5, Content-Digest) are not among them: TLS
//! protects the message, and documents have their hash in the metadata. Transfer-Encoding is the
//! concern of the listener, which knows `chunked` alone.

use super::refusal::Refusal;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use renkei_soap::fault::{Fault, rows};
use renkei_soap::mime::is_identity;

/// A header that is followed with some of its values only.
struct Row {
    name: &'static str,
    followed: fn(&str) -> bool,
    status: StatusCode,
    en: &'static str,
    ja: &'static str,
}

static ROWS: &[Row] = &[
    // RFC 9110, 8.4 and 15.5.16. Decoding would let a small message become a large one.
    Row {
        name: "Content-Encoding",
        followed: is_identity,
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        en: "send the message without it",
        ja: "符号化せずに送信してください",
    },
    // A header of MIME that HTTP does not have (RFC 9112, B.5); some stacks send it.
    Row {
        name: "Content-Transfer-Encoding",
        followed: |value| {
            ["binary", "8bit", "7bit"].iter().any(|known| known.eq_ignore_ascii_case(value.trim()))
        },
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        en: "send the octets of the message",
        ja: "メッセージの内容をそのまま送信してください",
    },
    // RFC 9110, 14.4: a piece of a message is none.
    Row {
        name: "Content-Range",
        followed: |_| false,
        status: StatusCode::BAD_REQUEST,
        en: "send the message whole",
        ja: "メッセージ全体を送信してください",
    },
    // RFC 9110, 10.1.1.
    Row {
        name: "Expect",
        followed: |value| value.trim().eq_ignore_ascii_case("100-continue"),
        status: StatusCode::EXPECTATION_FAILED,
        en: "only 100-continue is known",
        ja: "100-continue のみ対応しています",
    },
];

/// The one Content-Type, if every other header that describes the body is followed.
pub(super) fn content_type(headers: &HeaderMap) -> Result<&str, Refusal> {
    for row in ROWS {
        for value in headers.get_all(row.name) {
            // A value that is no text says something that nobody here follows.
            let value = value.to_str().unwrap_or("?");
            if !(row.followed)(value) {
                let fault = Fault::header_not_followed(row.name, value, row.en, row.ja);
                return Err(Refusal::from(fault).with_status(row.status));
            }
        }
    }
    let mut declared = headers.get_all(CONTENT_TYPE);
    let first = declared.next().and_then(|v| v.to_str().ok()).unwrap_or_default();
    if declared.next().is_some() {
        let fault = Fault::of(&rows::CONTENT_TYPE_TWICE, &[]);
        return Err(fault.into());
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in all {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn harmless_values_are_followed() {
        let all = [
            ("content-type", "text/xml"),
            ("content-encoding", "identity"),
            ("content-encoding", ""),
            ("content-transfer-encoding", "Binary"),
            ("expect", "100-Continue"),
            ("content-md5", "x"),
            ("soapaction", "\"urn:x\""),
        ];
        assert_eq!(content_type(&headers(&all)).ok(), Some("text/xml"));
        assert_eq!(content_type(&headers(&[])).ok(), Some(""));
    }

    #[test]
    fn every_row_refuses_what_it_does_not_follow() {
        let values = ["identity, gzip", "base64", "bytes 0-9/20", "something"];
        for (row, value) in ROWS.iter().zip(values) {
            let name = row.name;
            let refusal = content_type(&headers(&[(name, value)])).unwrap_err();
            let row = rows::of(refusal.fault()).map(|row| row.id);
            assert_eq!(row, Some("fault-header-not-followed"), "{name}");
        }
        assert_eq!(ROWS.len(), values.len());
        let twice = [("content-type", "text/xml"), ("content-type", "text/xml")];
        let refusal = content_type(&headers(&twice)).unwrap_err();
        let row = rows::of(refusal.fault()).map(|row| row.id);
        assert_eq!(row, Some("fault-content-type-twice"));
    }
}
