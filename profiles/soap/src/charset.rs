//! In which encoding an envelope is: a mark at its beginning says most, then what its media type says,
//! then what the XML says of itself (RFC 7303, 3.2 and 3.3; WS-I Basic Profile, R1019).

use crate::fault::{Fault, excerpt, rows};
use crate::mime::MediaType;
use crate::tolerance::{Tolerance, Tolerances};

/// What a media type says of the encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    /// Nothing: the XML declaration counts.
    Unsaid,
    Utf8,
    /// The mark says in which order the octets come.
    Utf16,
    Utf16Le,
    Utf16Be,
}

impl Charset {
    /// The charset that a media type names.
    pub(crate) fn of(kind: &MediaType) -> Result<Self, Fault> {
        let Some(name) = kind.parameter("charset") else { return Ok(Self::Unsaid) };
        match name.trim().to_ascii_lowercase().as_str() {
            // US-ASCII is the part of UTF-8 that both know.
            "utf-8" | "utf8" | "us-ascii" | "ascii" => Ok(Self::Utf8),
            "utf-16" | "utf16" => Ok(Self::Utf16),
            "utf-16le" => Ok(Self::Utf16Le),
            "utf-16be" => Ok(Self::Utf16Be),
            _ => Err(other_encoding(name)),
        }
    }

    /// The text of an envelope, without its mark.
    pub(crate) fn text(
        self,
        octets: Vec<u8>,
        tolerances: &mut Tolerances,
    ) -> Result<String, Fault> {
        let text = match (octets.as_slice(), self) {
            ([0xff, 0xfe, rest @ ..], _) => utf16(rest, u16::from_le_bytes, tolerances)?,
            ([0xfe, 0xff, rest @ ..], _) => utf16(rest, u16::from_be_bytes, tolerances)?,
            ([0xef, 0xbb, 0xbf, rest @ ..], _) => {
                tolerances.add(Tolerance::ByteOrderMark);
                utf8(rest.to_vec())?
            }
            (all, Self::Utf16Le) => utf16(all, u16::from_le_bytes, tolerances)?,
            (all, Self::Utf16Be) => utf16(all, u16::from_be_bytes, tolerances)?,
            (_, Self::Utf16) => return Err(mark_missing()),
            ([b'<', 0, ..] | [0, b'<', ..], _) => return Err(mark_missing()),
            (_, Self::Utf8) => utf8(octets)?,
            (_, Self::Unsaid) => {
                let text = utf8(octets)?;
                let name = declared(&text).unwrap_or("utf-8");
                if !is_plausible(name) {
                    return Err(other_encoding(name));
                }
                text
            }
        };
        if declared(&text).is_some_and(|name| !is_true(name, tolerances)) {
            tolerances.add(Tolerance::EncodingDeclaration);
        }
        Ok(text)
    }
}

/// Whether octets that were read as UTF-8 may call themselves so: whoever could read the declaration
/// knows that it is not UTF-16, and of ASCII nothing is read wrong.
fn is_plausible(name: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf16", "utf-16le", "utf-16be", "unicode"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a declaration tells the encoding that was found.
fn is_true(name: &str, found: &Tolerances) -> bool {
    let expected = if found.contains(Tolerance::Utf16) { "utf-16" } else { "utf-8" };
    expected.eq_ignore_ascii_case(name)
}

/// The encoding that an XML declaration names (XML 1.0, 4.3.3).
fn declared(text: &str) -> Option<&str> {
    let (declaration, _) = text.strip_prefix("<?xml")?.split_once("?>")?;
    let (_, rest) = declaration.split_once("encoding")?;
    let value = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.strip_prefix(quote)?.split(quote).next()
}

fn utf8(octets: Vec<u8>) -> Result<String, Fault> {
    String::from_utf8(octets).map_err(|_| Fault::of(&rows::NOT_UTF8, &[]))
}

fn utf16(
    octets: &[u8],
    unit: fn([u8; 2]) -> u16,
    tolerances: &mut Tolerances,
) -> Result<String, Fault> {
    tolerances.add(Tolerance::Utf16);
    let broken = || Fault::of(&rows::NOT_UTF16, &[]);
    let (pairs, rest) = octets.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(broken());
    }
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .collect::<Result<String, _>>()
        .map_err(|_| broken())
}

fn mark_missing() -> Fault {
    Fault::of(&rows::UTF16_MARK_MISSING, &[])
}

fn other_encoding(name: &str) -> Fault {
    Fault::of(&rows::ENCODING_OTHER, &[("name", &excerpt(name))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn charset(content_type: &str) -> Result<Charset, Fault> {
        Charset::of(&MediaType::read(content_type, &mut Tolerances::new())?)
    }

    fn read(content_type: &str, octets: &[u8]) -> Result<(String, Vec<&'static str>), Fault> {
        let mut tolerances = Tolerances::new();
        let text = charset(content_type)?.text(octets.to_vec(), &mut tolerances)?;
        Ok((text, tolerances.iter().map(Tolerance::name).collect()))
    }

    fn le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn be(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    const SAID: &str = "a/b; charset=UTF-8";
    const UNSAID: &str = "a/b";

    #[test]
    fn what_http_says_decides() {
        for name in ["utf-16", "ASCII", "utf8", "Shift_JIS", "x"] {
            let text = format!("<?xml version='1.0' encoding=\"{name}\" ?><健診/>");
            let read = read(SAID, text.as_bytes());
            assert_eq!(read, Ok((text, vec!["encoding-declaration"])), "{name}");
        }
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><健診/>";
        assert_eq!(read(SAID, text.as_bytes()), Ok((text.to_owned(), vec![])));
        // Not a declaration.
        let text = "<a>encoding='x'?></a>";
        assert_eq!(read(UNSAID, text.as_bytes()), Ok((text.to_owned(), vec![])));
    }

    #[test]
    fn without_http_the_declaration_counts_unless_it_cannot_be_true() {
        for name in ["utf-16", "us-ascii", "UTF8"] {
            let text = format!("<?xml version=\"1.0\" encoding='{name}'?><健診/>");
            let found = read(UNSAID, text.as_bytes());
            assert_eq!(found, Ok((text, vec!["encoding-declaration"])), "{name}");
        }
        let text = "<?xml version=\"1.0\" encoding = 'EUC-JP'?><a/>";
        let fault = read(UNSAID, text.as_bytes()).unwrap_err();
        assert!(fault.en.contains("EUC-JP") && fault.ja.contains("EUC-JP"), "{fault}");
    }

    #[test]
    fn a_mark_says_more_than_http() {
        let text = "<?xml version=\"1.0\" encoding=\"utf-16\"?><健診>𠮷</健診>";
        let marked = format!("\u{feff}{text}");
        for kind in [SAID, UNSAID, "a/b; charset=utf-16", "a/b; charset=UTF-16BE"] {
            for octets in [le(&marked), be(&marked)] {
                assert_eq!(read(kind, &octets), Ok((text.to_owned(), vec!["utf-16"])), "{kind}");
            }
        }
        let utf8 = "\u{feff}<a/>".as_bytes();
        let marked = Ok(("<a/>".to_owned(), vec!["byte-order-mark"]));
        assert_eq!(read("a/b; charset=utf-16", utf8), marked);
    }

    #[test]
    fn without_a_mark_http_has_to_say_the_order() {
        let text = "<健診/>";
        assert_eq!(read("a/b; charset=utf-16le", &le(text)).unwrap().0, text);
        assert_eq!(read("a/b; charset=utf-16be", &be(text)).unwrap().0, text);
        for kind in [SAID, UNSAID, "a/b; charset=utf-16"] {
            for octets in [le(text), be(text)] {
                assert!(read(kind, &octets).unwrap_err().en.contains("mark"), "{kind}");
            }
        }
    }

    #[test]
    fn tells_what_cannot_be_read() {
        for kind in ["a/b; charset=Shift_JIS", "a/b; charset=iso-8859-1"] {
            let fault = read(kind, b"<a/>").unwrap_err();
            let name = kind.rsplit('=').next().unwrap();
            assert!(fault.en.contains(name) && fault.ja.contains(name), "{fault}");
        }
        assert!(read(SAID, b"<a>\xff</a>").unwrap_err().en.contains("UTF-8"));
        assert!(read(SAID, b"\xff\xfe<").unwrap_err().en.contains("UTF-16"));
        assert!(read(SAID, b"\xff\xfe\x00\xd8").unwrap_err().en.contains("UTF-16"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_from_either_encoding(text in "<a>\\PC{0,40}") {
            let marked = format!("\u{feff}{text}");
            for octets in [le(&marked), be(&marked), marked.clone().into_bytes()] {
                prop_assert_eq!(&read(UNSAID, &octets).unwrap().0, &text);
            }
        }

        #[test]
        fn arbitrary_octets_never_panic(octets: Vec<u8>, unsaid: bool) {
            read(if unsaid { UNSAID } else { SAID }, &octets).ok();
        }
    }
}
