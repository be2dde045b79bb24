//! `cid:` URLs (RFC 2392): how an `xop:Include` names a part.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What may stand in the URL as it is: RFC 3986, unreserved, and `@`.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// The Content-ID, without angle brackets, that a `cid:` URL names: `cid:a%40b` gives `a@b`.
/// `None` for any other URL and for an empty or unprintable id.
pub fn decode_cid(href: &str) -> Option<String> {
    let (scheme, id) = href.trim().split_once(':')?;
    if !scheme.eq_ignore_ascii_case("cid") {
        return None;
    }
    let id = percent_decode_str(id).decode_utf8().ok()?;
    let plain = !id.is_empty() && !id.chars().any(|c| c.is_control() || matches!(c, '<' | '>'));
    plain.then(|| id.into_owned())
}

/// The `cid:` URL of a Content-ID given without angle brackets.
pub fn encode_cid(content_id: &str) -> String {
    format!("cid:{}", utf8_percent_encode(content_id, ENCODED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decodes_only_cid() {
        assert_eq!(decode_cid("cid:a%40b").as_deref(), Some("a@b"));
        assert_eq!(decode_cid("CID:a@b").as_deref(), Some("a@b"));
        for bad in ["", "a@b", "cid:", "http://a/b", "file:///etc/passwd", "cid:%00", "cid:%ff"] {
            assert_eq!(decode_cid(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(id in "[!-;=?-~あ-ん]{1,40}") {
            prop_assert_eq!(decode_cid(&encode_cid(&id)), Some(id));
        }

        #[test]
        fn arbitrary_text_never_panics(href in ".*") {
            let _ = decode_cid(&href);
        }
    }
}
