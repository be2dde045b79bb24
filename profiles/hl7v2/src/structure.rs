//! From decoded text to segments, fields, repetitions and components.

use hl7_parser::Message;

/// A fixed bound: the most delimiters of one message. Each part costs some two hundred bytes
/// while a message is read, so that without a limit a frame of nothing but delimiters would take
/// gigabytes.
pub(crate) const MAX_PARTS: usize = 20_000;

/// Why a text is not split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// More than [`MAX_PARTS`] delimiters.
    TooManyParts,
    /// The segment of this number, from 1, has no name or no field.
    Segment(usize),
}

/// Splits a message whose segments end with one carriage return each. Values keep their escapes.
pub(crate) fn split(text: &str) -> Result<Message<'_>, Broken> {
    let delimiter = |b: &u8| matches!(b, b'|' | b'^' | b'~' | b'&' | b'\r');
    if text.as_bytes().iter().filter(|b| delimiter(b)).count() > MAX_PARTS {
        return Err(Broken::TooManyParts);
    }
    let text = text.trim_end_matches('\r');
    let message = Message::parse(text).map_err(|_| Broken::Segment(1))?;
    // The parser stops without an error at what it does not understand.
    if message.raw_value().len() == text.len() {
        Ok(message)
    } else {
        Err(Broken::Segment(message.segments.len() + 1))
    }
}

/// Which of these segments come more than once, and how often. Names are compared without regard to
/// case, since a second person in a `pid` would be lost as surely.
pub(crate) fn repeated(
    message: &Message<'_>,
    names: &[&'static str],
) -> Vec<(&'static str, usize)> {
    let count =
        |name: &str| message.segments.iter().filter(|s| s.name.eq_ignore_ascii_case(name)).count();
    names.iter().map(|name| (*name, count(name))).filter(|(_, count)| *count > 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_segments_are_found() {
        let message = split("MSH|^~\\&|A\rEVN||1\rPID|1||2^^^&3~4\r").unwrap();
        assert_eq!(message.segments.len(), 3);
        let ids = message.segment("PID").unwrap().field(3).unwrap();
        assert_eq!(ids.repeats.len(), 2);
        assert_eq!(ids.component(4).unwrap().subcomponent(2).unwrap().value, "3");
    }

    #[test]
    fn a_line_that_is_no_segment_is_found() {
        assert_eq!(split("MSH|^~\\&|A\rEVN||1\rhello\rPID|1\r"), Err(Broken::Segment(3)));
    }

    #[test]
    fn segments_that_come_again_are_counted() {
        let message = split("MSH|^~\\&|A\rPID|1\rPV1|O\rpid|2\rPV1|O\r").unwrap();
        assert_eq!(repeated(&message, &["MSH", "PID"]), [("PID", 2)]);
    }

    #[test]
    fn a_message_of_nothing_but_delimiters_is_refused() {
        let text = format!("MSH|^~\\&|{}", "|".repeat(MAX_PARTS));
        assert_eq!(split(&text), Err(Broken::TooManyParts));
    }
}
