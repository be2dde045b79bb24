//! Characters: from the octets of a message to text, and the escapes inside values.
//!
//! The sets that MSH-18 names say what an octet is; only what it is decides whether it separates
//! ([`shift`](crate::shift)). The text that comes out has separators where the message has them, and
//! characters of two octets are none of them.

use crate::ack::rows::{self, Row};
use crate::ack::{AckCode, Location, Nak, Problem};
use crate::charset::Charset;
use crate::mllp::START;
use crate::shift;
use renkei_metadata::escapes;
use std::borrow::Cow;

/// Decodes a message by its MSH-18 and ends every segment with one carriage return.
///
/// Without MSH-18 a message is ASCII; UTF-8 is read as well. Blank lines disappear.
///
/// A frame that holds the start of another is refused: the end mark of a message was lost, and which
/// of its last characters were lost with it nobody can say.
pub fn decode(frame: &[u8]) -> Result<String, Nak> {
    let refuse = |problem| Err(Nak::new(AckCode::Error, None, vec![problem]));
    if frame.contains(&START) {
        return refuse(unfinished());
    }
    let field = character_sets(frame);
    let Some(sets) = Charset::read(&field) else {
        return refuse(in_msh_18(&rows::SET_UNKNOWN, ""));
    };
    let text = if sets.shifts() {
        shift::decode(frame, &sets)
            .map(Cow::Owned)
            .map_err(|_| in_msh_18(&rows::UNDECODABLE, "ISO 2022"))
    } else if frame.windows(2).any(|pair| matches!(pair, [0x1b, b'$' | b'(' | b')'])) {
        Err(in_msh_18(&rows::SETS_NOT_NAMED, ""))
    } else {
        std::str::from_utf8(frame)
            .map(Cow::Borrowed)
            .map_err(|_| in_msh_18(&rows::UNDECODABLE, "UTF-8"))
    };
    let text = match text {
        Ok(text) => text,
        Err(problem) => return refuse(problem),
    };
    let mut out = String::with_capacity(text.len() + 1);
    for line in text.trim_start_matches('\u{feff}').split(['\r', '\n']) {
        if !line.trim().is_empty() {
            out.push_str(line);
            out.push('\r');
        }
    }
    Ok(out)
}

/// MSH-18, found before anything is decoded.
fn character_sets(frame: &[u8]) -> String {
    const MSH_18: usize = 17;
    let header = shift::header(frame);
    let field = header.split(|b| *b == b'|').nth(MSH_18).unwrap_or_default();
    String::from_utf8_lossy(field).into_owned()
}

fn unfinished() -> Problem {
    Problem::of(&rows::BLOCK_UNFINISHED, Location::segment("MSH").sequence(2), &[])
}

/// What MSH-18 says, or does not say.
fn in_msh_18(row: &'static Row, set: &str) -> Problem {
    Problem::of(row, Location::field("MSH", 18), &[("set", set)])
}

/// Resolves the escapes of a text, once: those of separators, and line breaks. What is no known escape
/// stays as it is; marks for highlighting disappear.
pub fn unescape(value: &str) -> String {
    let meaning = |name: &str| match name {
        ".br" => Some("\n".into()),
        "H" | "N" => Some("".into()),
        _ => escapes::separator(name),
    };
    escapes::resolve(value, meaning).into_owned()
}

/// Escapes a value so that it holds no delimiter and no control character.
pub fn escape(value: &str) -> String {
    escapes::escape(value).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ack::ErrorCode;
    use proptest::prelude::*;

    const HEAD: &str = "MSH|^~\\&|A|B|C|D|2025||ADT^A04|1|P|2.3.1||||||";

    fn message(sets: &str, pid: &[u8]) -> Vec<u8> {
        [format!("{HEAD}{sets}\rPID|||1||").as_bytes(), pid].concat()
    }

    #[test]
    fn line_breaks_and_highlighting_are_resolved_in_texts() {
        assert_eq!(unescape(r"a\F\b\.br\c\H\d\N\"), "a|b\ncd");
        assert_eq!(unescape(r"健\診"), r"健\診");
    }

    #[test]
    fn repetitions_of_msh_18_may_be_in_any_order() {
        let name = b"\x1b$B;3K\\\x1b(B^\x1b$BH~0&\x1b(B";
        for sets in [
            "~ISO IR87",
            "ISO IR87",
            "~ISO IR87~ISO IR159",
            "~ISO IR159~ISO IR87",
            "ISO IR14~ISO IR87",
        ] {
            let text = decode(&message(sets, name)).unwrap();
            assert!(text.ends_with("PID|||1||山本^美愛\r"), "{sets}: {text}");
        }
        let both = [&name[..], b"~\x1b$(D0!\x1b(B"].concat();
        let text = decode(&message("~ISO IR87~ISO IR159", &both)).unwrap();
        assert!(text.ends_with("山本^美愛~丂\r"), "{text}");
    }

    #[test]
    fn segments_may_end_in_any_way() {
        assert_eq!(decode(b"MSH|a\r\nPID|b\n\nPV1|c").unwrap(), "MSH|a\rPID|b\rPV1|c\r");
    }

    #[test]
    fn other_sets_and_wrong_bytes_are_refused_at_msh_18() {
        let refusal = |frame: &[u8]| {
            let problem = decode(frame).unwrap_err().problems.remove(0);
            assert_eq!(problem.location, Location::field("MSH", 18));
            problem.code
        };
        assert_eq!(refusal(&message("8859/1", b"a")), ErrorCode::TableValue);
        assert_eq!(refusal(b"MSH|^~\\&|\xff\r"), ErrorCode::DataType);
        assert_eq!(refusal(&message("~ISO IR87", "健診".as_bytes())), ErrorCode::DataType);
        assert_eq!(refusal(&message("~ISO IR87", b"\x1b$B0\x1b(B")), ErrorCode::DataType);
        // Names would be torn at octets that look like delimiters.
        for sets in ["", "UNICODE UTF-8"] {
            assert_eq!(refusal(&message(sets, b"\x1b$B;3K\\\x1b(B")), ErrorCode::TableValue);
        }
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_unescaped(text in any::<String>()) {
            prop_assert_eq!(unescape(&escape(&text)), text);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _outcome = decode(&bytes);
        }
    }
}
