//! Characters: from the bytes of a message to text, and the escapes inside values.
//!
//! Two-byte Japanese sets hold the bytes of delimiters inside their characters, so a message is
//! decoded as a whole before anything is split.

use crate::ack::{AckCode, ErrorCode, Location, Nak, Problem};
use crate::mllp::START;
use encoding_rs::ISO_2022_JP;
use std::borrow::Cow;

/// Decodes a message by its MSH-18 and ends every segment with one carriage return.
///
/// `UNICODE UTF-8`, `UNICODE`, `ASCII` and nothing at all mean UTF-8; `ISO IR87`, alone or as the
/// second repetition, means ISO 2022 with JIS X 0208. Blank lines disappear.
///
/// A frame that holds the start of another is refused: the end mark of a message was lost, and which
/// of its last characters were lost with it nobody can say.
pub fn decode(frame: &[u8]) -> Result<String, Nak> {
    if frame.contains(&START) {
        return Err(Nak::new(AckCode::Error, None, vec![unfinished()]));
    }
    let set = character_set(frame);
    let text = match set.as_str() {
        "" | "UNICODE UTF-8" | "UNICODE" | "UTF-8" | "ASCII" => match std::str::from_utf8(frame) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => return Err(undecodable("UTF-8")),
        },
        "ISO IR87" | "ISO IR14" | "ISO IR13" => {
            match ISO_2022_JP.decode_without_bom_handling_and_without_replacement(frame) {
                Some(text) => text,
                None => return Err(undecodable("ISO 2022 (JIS X 0208)")),
            }
        }
        _ => return Err(Nak::new(AckCode::Error, None, vec![unknown_set()])),
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

/// MSH-18 without decoding anything: MSH is plain ASCII up to there. The last repetition counts,
/// an empty first one only says that the message begins in ASCII.
fn character_set(frame: &[u8]) -> String {
    const MSH_18: usize = 17;
    let msh = frame.split(|b| matches!(b, b'\r' | b'\n')).find(|line| !line.is_empty());
    let field = msh.unwrap_or_default().split(|b| *b == b'|').nth(MSH_18).unwrap_or_default();
    let last = field.rsplit(|b| *b == b'~').find(|set| !set.is_empty()).unwrap_or_default();
    String::from_utf8_lossy(last).trim().to_ascii_uppercase()
}

fn unfinished() -> Problem {
    Problem {
        location: Location::segment("MSH").sequence(2),
        code: ErrorCode::SegmentSequence,
        en: "a message begins inside a block that was not ended, and none of the block was taken; end \
             each message with 1C 0D and send the messages again"
            .into(),
        ja: "終わっていないブロックの途中で次のメッセージが始まったため、ブロック全体を受け付けませんでした。\
             各メッセージを1C 0Dで終えて、すべて送り直してください"
            .into(),
    }
}

fn undecodable(set: &str) -> Nak {
    let problem = Problem {
        location: Location::field("MSH", 18),
        code: ErrorCode::DataType,
        en: format!("the message holds bytes that are not {set}; send what MSH-18 declares"),
        ja: format!(
            "{set}として読めないバイトがあります。MSH-18で宣言した文字集合で送ってください"
        ),
    };
    Nak::new(AckCode::Error, None, vec![problem])
}

fn unknown_set() -> Problem {
    Problem {
        location: Location::field("MSH", 18),
        code: ErrorCode::TableValue,
        en: "this character set is not supported; use UNICODE UTF-8 or ~ISO IR87".into(),
        ja: "この文字集合には対応していません。UNICODE UTF-8 または ~ISO IR87 を使ってください"
            .into(),
    }
}

/// Resolves the escapes of a value, once. What is no known escape stays as it is; marks for
/// highlighting disappear.
pub fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let resolved = after.split_once('\\').and_then(|(name, tail)| Some((of(name)?, tail)));
        match resolved {
            Some((text, tail)) => {
                out.push_str(&text);
                rest = tail;
            }
            None => {
                out.push('\\');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn of(name: &str) -> Option<Cow<'static, str>> {
    Some(match name {
        "F" => "|".into(),
        "S" => "^".into(),
        "T" => "&".into(),
        "R" => "~".into(),
        "E" => "\\".into(),
        ".br" => "\n".into(),
        "H" | "N" => "".into(),
        _ => hexadecimal(name.strip_prefix('X')?)?.into(),
    })
}

fn hexadecimal(digits: &str) -> Option<String> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let ascii = digits.bytes().all(|b| b.is_ascii_hexdigit());
    let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
    String::from_utf8(bytes.filter(|_| ascii)?).ok()
}

/// Escapes a value so that it holds no delimiter and no control character.
pub fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '|' => out.push_str("\\F\\"),
            '^' => out.push_str("\\S\\"),
            '&' => out.push_str("\\T\\"),
            '~' => out.push_str("\\R\\"),
            '\\' => out.push_str("\\E\\"),
            '\0'..='\u{1f}' | '\u{7f}' => out.push_str(&format!("\\X{:02X}\\", c as u32)),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_resolved_once() {
        assert_eq!(unescape(r"a\F\b\S\c\T\d\R\e\E\f"), r"a|b^c&d~e\f");
        assert_eq!(unescape(r"\E\F\E\"), r"\F\");
        assert_eq!(unescape(r"\X0D0A\\XE38182\\.br\"), "\r\nあ\n");
        assert_eq!(unescape(r"\H\bold\N\"), "bold");
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in [r"a\", r"\Zzz\", r"\X0\", r"\XFF\", r"\X+1\", r"健\診", r"\\"] {
            assert_eq!(unescape(text), text);
        }
        assert_eq!(unescape(r"\Q\F\"), r"\Q|");
    }

    #[test]
    fn two_byte_characters_that_hold_delimiters_are_decoded_before_splitting() {
        // 山本^美愛: 本 holds a backslash, 愛 an ampersand.
        let name =
            b"\x1b\x24\x42\x3b\x33\x4b\x5c\x1b\x28\x42\x5e\x1b\x24\x42\x48\x7e\x30\x26\x1b\x28\x42";
        let mut frame =
            b"MSH|^~\\&|A|B|C|D|2025||ADT^A04|1|P|2.3.1||||||~ISO IR87\rPID|||1||".to_vec();
        frame.extend_from_slice(name);
        let text = decode(&frame).unwrap();
        assert!(text.ends_with("PID|||1||山本^美愛\r"), "{text}");
    }

    #[test]
    fn segments_may_end_in_any_way() {
        assert_eq!(decode(b"MSH|a\r\nPID|b\n\nPV1|c").unwrap(), "MSH|a\rPID|b\rPV1|c\r");
    }

    #[test]
    fn other_sets_and_wrong_bytes_are_refused() {
        let refusal = |frame: &[u8]| decode(frame).unwrap_err().problems.remove(0).code;
        let head = "MSH|^~\\&|A|B|C|D|2025||ADT^A04|1|P|2.3.1||||||";
        assert_eq!(refusal(format!("{head}8859/1\r").as_bytes()), ErrorCode::TableValue);
        assert_eq!(refusal(b"MSH|^~\\&|\xff\r"), ErrorCode::DataType);
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_unescaped(text in any::<String>()) {
            let escaped = escape(&text);
            let special = ['|', '^', '&', '~', '\r', '\n', '\u{b}', '\u{1c}'];
            prop_assert!(!escaped.contains(special));
            prop_assert_eq!(unescape(&escaped), text);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _outcome = decode(&bytes);
        }
    }
}
