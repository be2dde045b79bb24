//! ISO 2022 with the Japanese sets: the shift state of a message, and what its octets mean in it.
//!
//! A delimiter is its octet in a set of one octet a character: 7E under JIS X 0201 Latin separates
//! repetitions and is no overline, 5C begins an escape and is no yen sign. Inside a character of two
//! octets the same octets delimit nothing.

use crate::charset::Charset;
use encoding_rs::EUC_JP;
use std::collections::HashMap;
use std::sync::LazyLock;

const ESC: u8 = 0x1b;

/// What is designated to G0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shift {
    /// ASCII, and the state at the beginning of a line.
    Ascii,
    /// JIS X 0201, Latin.
    Roman,
    /// JIS X 0201, katakana.
    Katakana,
    /// JIS X 0208, of 1978 or later.
    Kanji,
    /// JIS X 0212.
    Supplement,
}

/// The escape sequences that are known, and the state that follows; `None` leaves it as it is.
const SEQUENCES: [(&[u8], Option<Shift>); 11] = [
    (b"(B", Some(Shift::Ascii)),
    (b"(J", Some(Shift::Roman)),
    (b"(I", Some(Shift::Katakana)),
    (b"$@", Some(Shift::Kanji)),
    (b"$B", Some(Shift::Kanji)),
    (b"$(@", Some(Shift::Kanji)),
    (b"$(B", Some(Shift::Kanji)),
    (b"$(D", Some(Shift::Supplement)),
    // Katakana in the right half, which MSH-18 has said already; the revision of JIS X 0208.
    (b")I", None),
    (b")J", None),
    (b"&@", None),
];

impl Shift {
    fn is_double(self) -> bool {
        matches!(self, Self::Kanji | Self::Supplement)
    }
}

/// Octets that cannot be read in the sets that are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// The message as runs of octets of one set, escape sequences taken out. At the end of a line the
/// state is ASCII again, and no control character is part of a character of two octets.
pub(crate) struct Runs<'a> {
    rest: &'a [u8],
    shift: Shift,
}

impl<'a> Runs<'a> {
    pub(crate) fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets, shift: Shift::Ascii }
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }
}

impl<'a> Iterator for Runs<'a> {
    type Item = Result<(Shift, &'a [u8]), Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some((&ESC, after)) = self.rest.split_first() {
            let known = SEQUENCES.iter().find(|(sequence, _)| after.starts_with(sequence));
            let Some((sequence, shift)) = known else {
                self.rest = &[];
                return Some(Err(Unreadable));
            };
            self.take(1 + sequence.len());
            self.shift = shift.unwrap_or(self.shift);
        }
        let first = *self.rest.first()?;
        if self.shift.is_double() && first <= b' ' {
            if matches!(first, b'\r' | b'\n') {
                self.shift = Shift::Ascii;
            }
            return Some(Ok((Shift::Ascii, self.take(1))));
        }
        let ends = |b: &u8| match self.shift {
            Shift::Ascii => *b == ESC,
            Shift::Roman | Shift::Katakana => matches!(*b, ESC | b'\r' | b'\n'),
            Shift::Kanji | Shift::Supplement => *b <= b' ',
        };
        let shift = self.shift;
        match self.rest.iter().position(ends).unwrap_or(self.rest.len()) {
            // The end of a line under another set of one octet.
            0 => {
                self.shift = Shift::Ascii;
                Some(Ok((Shift::Ascii, self.take(1))))
            }
            length => Some(Ok((shift, self.take(length)))),
        }
    }
}

/// The octets of the first line that are of one octet a character, as far as it can be followed: what
/// is in the header whatever its sets.
pub(crate) fn header(frame: &[u8]) -> Vec<u8> {
    let line = frame.split(|b| matches!(b, b'\r' | b'\n')).find(|line| !line.is_empty());
    let runs = Runs::new(line.unwrap_or_default()).map_while(Result::ok);
    runs.filter(|(shift, _)| !shift.is_double()).flat_map(|(_, run)| run.to_vec()).collect()
}

/// The text of a message in which escape sequences shift.
pub(crate) fn decode(octets: &[u8], sets: &Charset) -> Result<String, Unreadable> {
    let mut out = String::with_capacity(octets.len());
    for run in Runs::new(octets) {
        let (shift, run) = run?;
        match shift {
            Shift::Ascii if sets.is_utf8() => {
                out.push_str(std::str::from_utf8(run).map_err(|_| Unreadable)?);
            }
            Shift::Ascii | Shift::Roman => single(run, sets, &mut out)?,
            Shift::Katakana => katakana(run, &mut out)?,
            Shift::Kanji | Shift::Supplement => out.push_str(&double(shift, run)?),
        }
    }
    Ok(out)
}

/// The left half is ASCII; the right half holds katakana, where they are named.
fn single(run: &[u8], sets: &Charset, out: &mut String) -> Result<(), Unreadable> {
    for octet in run {
        out.push(match octet {
            0x00..=0x7f => char::from(*octet),
            0xa1..=0xdf if sets.has_katakana() => half_width(octet - 0x80)?,
            _ => return Err(Unreadable),
        });
    }
    Ok(())
}

/// Katakana in the left half. Of the delimiters, those octets that are letters there are letters.
fn katakana(run: &[u8], out: &mut String) -> Result<(), Unreadable> {
    for octet in run {
        out.push(match octet {
            0x21..=0x5f => half_width(*octet)?,
            0x00..=0x20 | b'|' | b'~' => char::from(*octet),
            _ => return Err(Unreadable),
        });
    }
    Ok(())
}

/// U+FF61 is 21 of JIS X 0201 katakana.
fn half_width(octet: u8) -> Result<char, Unreadable> {
    char::from_u32(0xff40 + u32::from(octet)).ok_or(Unreadable)
}

/// Characters of two octets. EUC-JP holds both sets, with the high bit set.
fn double(shift: Shift, run: &[u8]) -> Result<String, Unreadable> {
    if !run.len().is_multiple_of(2) || !run.iter().all(|b| (0x21..=0x7e).contains(b)) {
        return Err(Unreadable);
    }
    let mut euc = Vec::with_capacity(run.len() * 2);
    for pair in run.chunks(2) {
        if shift == Shift::Supplement {
            euc.push(0x8f);
        }
        euc.extend(pair.iter().map(|b| b | 0x80));
    }
    let text = EUC_JP.decode_without_bom_handling_and_without_replacement(&euc);
    text.map(String::from).ok_or(Unreadable)
}

/// Where each character stands. The rows that JIS X 0208 leaves empty, and vendors filled, are read
/// and not written.
static CODES: LazyLock<HashMap<char, (Shift, [u8; 2])>> = LazyLock::new(|| {
    let mut codes = HashMap::new();
    for shift in [Shift::Kanji, Shift::Supplement] {
        for row in 0x21..=0x7e_u8 {
            if shift == Shift::Kanji && matches!(row, 0x29..=0x2f | 0x75..) {
                continue;
            }
            for cell in 0x21..=0x7e_u8 {
                let text = double(shift, &[row, cell]).unwrap_or_default();
                if let Some(c) = text.chars().next() {
                    codes.entry(c).or_insert((shift, [row, cell]));
                }
            }
        }
    }
    codes
});

/// The octets of a text, each run of characters of two octets between its escape sequences; `None`
/// when a character is in none of the sets.
pub(crate) fn encode(text: &str, kanji: bool, supplement: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() + 16);
    let mut state = Shift::Ascii;
    for c in text.chars() {
        let (shift, code) = match u8::try_from(c) {
            Ok(octet) if octet.is_ascii() => (Shift::Ascii, [octet, 0]),
            _ => *CODES.get(&c)?,
        };
        let (allowed, sequence): (bool, &[u8]) = match shift {
            Shift::Kanji => (kanji, b"\x1b$B"),
            Shift::Supplement => (supplement, b"\x1b$(D"),
            Shift::Ascii | Shift::Roman | Shift::Katakana => (true, b"\x1b(B"),
        };
        if !allowed {
            return None;
        }
        if shift != state {
            out.extend_from_slice(sequence);
            state = shift;
        }
        let [first, second] = code;
        out.push(first);
        if shift.is_double() {
            out.push(second);
        }
    }
    if state != Shift::Ascii {
        out.extend_from_slice(b"\x1b(B");
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn japanese(octets: &[u8]) -> Result<String, Unreadable> {
        let sets = "~ISO IR87~ISO IR159~ISO IR14~ISO IR13";
        decode(octets, &Charset::read(sets).unwrap())
    }

    #[test]
    fn octets_of_delimiters_are_letters_inside_two_octet_characters() {
        // 山本^美愛: 本 holds a backslash, 愛 an ampersand.
        let name =
            b"\x1b\x24\x42\x3b\x33\x4b\x5c\x1b\x28\x42\x5e\x1b\x24\x42\x48\x7e\x30\x26\x1b\x28\x42";
        assert_eq!(japanese(name).unwrap(), "山本^美愛");
        assert_eq!(encode("山本^美愛", true, false).unwrap(), name);
    }

    #[test]
    fn under_jis_latin_the_octets_of_delimiters_delimit() {
        assert_eq!(japanese(b"\x1b(Ja~b\\F\\\x1b$B;3\x1b(J~c\x1b(B~d").unwrap(), "a~b\\F\\山~c~d");
    }

    #[test]
    fn katakana_are_read_in_either_half() {
        assert_eq!(japanese(b"\x1b(I9^]\x1b(B^\xb9\xdd").unwrap(), "ｹﾞﾝ^ｹﾝ");
        assert!(decode(b"\xb9", &Charset::japanese()).is_err(), "they are not named");
    }

    #[test]
    fn jis_x_0212_is_read() {
        // 丂: row 16, cell 1 of JIS X 0212.
        assert_eq!(japanese(b"\x1b$(D\x30\x21\x1b$B0!\x1b(B").unwrap(), "丂亜");
        assert_eq!(encode("丂", true, false), None);
        assert_eq!(encode("丂", true, true).unwrap(), b"\x1b$(D\x30\x21\x1b(B");
    }

    #[test]
    fn a_line_ends_in_ascii_and_half_a_character_is_refused() {
        assert_eq!(japanese(b"\x1b$B0!\rPV1|\x1b(Jx\rZ\x1b$B0!").unwrap(), "亜\rPV1|x\rZ亜");
        for broken in [
            &b"\x1b$B0\x1b(B"[..],
            b"\x1b$B0\r",
            b"\x1b$B0 !",
            b"\x1b$B\xb0\xa1",
            b"\x1b$A0!",
            b"\x1b",
            b"\x1b$B)!",
        ] {
            assert_eq!(japanese(broken), Err(Unreadable), "{broken:?}");
        }
    }

    #[test]
    fn the_header_is_followed_through_its_shifts() {
        // 本: its second octet is a backslash; 縦 ends in a bar.
        let frame = b"\r\nMSH|^~\\&|\x1b$BK\\\x3d\x7c\x1b(B|b\rPID|";
        assert_eq!(header(frame), b"MSH|^~\\&||b");
    }

    #[test]
    fn no_character_of_two_octets_is_a_delimiter_and_each_is_written_as_read() {
        assert!(CODES.len() > 12_000, "{}", CODES.len());
        for (c, (shift, code)) in CODES.iter() {
            assert!(!c.is_ascii(), "{shift:?} {code:?}");
            assert_eq!(double(*shift, code).unwrap(), c.to_string());
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in "[ -~\ra-zぁ-んァ-ヶ亜-熙丂丄丅|^~&\\\\]{0,40}") {
            if let Some(octets) = encode(&text, true, true) {
                prop_assert_eq!(japanese(&octets).unwrap(), text);
            }
        }

        #[test]
        fn any_octets_are_survived(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            let _outcome = japanese(&octets);
            let _header = header(&octets);
        }

        #[test]
        fn shifts_in_any_order_are_survived(pieces in prop::collection::vec(
            prop::sample::select(vec![&b"\x1b$B"[..], b"\x1b(J", b"\x1b(I", b"\x1b(B", b"\x1b$(D",
                b"\r", b"~", b"^|", b"0!", b"\x1b", b"A"]), 0..40))
        {
            let _outcome = japanese(&pieces.concat());
        }
    }
}
