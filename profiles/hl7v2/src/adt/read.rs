//! A message as it is read: what it must have, and what it says.

use super::pid::{self, repeats};
use super::{FeedEvent, PatientFeed};
use crate::ack::rows::{self, Row};
use crate::ack::{AckCode, Location, Nak, Problem};
use crate::cx::CxField;
use crate::msh::{DELIMITERS, Msh, Version};
use crate::{structure, text};
use hl7_parser::Message;
use hl7_parser::message::Segment;
use renkei_person::Person;

/// Reads a message without frame; a refusal names every problem found and can be sent as it is.
///
/// A block holds one message, and a message one person (HL7 MLLP; ITI TF-2: 3.8.4.1.2), a merge
/// one pair: one acknowledgement says nothing of a second, so that more is refused whole. PV1 and segments that
/// the feed does not use may be missing or in any order.
pub fn read(frame: &[u8]) -> Result<PatientFeed, Nak> {
    let text =
        text::decode(frame).map_err(|nak| Nak { to: Msh::of_frame(frame).map(Box::new), ..nak })?;
    let msh = Msh::read(&text).ok_or_else(not_a_message)?;
    let event = supported(&msh)?;
    let message = structure::split(&text).map_err(|broken| Nak::broken(broken, &msh))?;
    let mut problems = header_problems(&msh);
    problems.extend(structure::repeated(&message, &ONCE).into_iter().map(|(n, c)| again(n, c)));
    event_problems(&message, &mut problems);
    let mut feed = PatientFeed {
        msh,
        event,
        identifiers: Vec::new(),
        prior: Vec::new(),
        described: Person::default(),
    };
    match message.segment("PID") {
        Some(pid) => read_pid(pid, &mut feed, &mut problems),
        None => problems.push(missing_segment("PID")),
    }
    if event.has_prior() {
        match message.segment("MRG") {
            Some(mrg) => read_mrg(mrg, &mut feed, &mut problems),
            None => problems.push(missing_segment("MRG")),
        }
    }
    if problems.is_empty() {
        Ok(feed)
    } else {
        Err(Nak::new(AckCode::Error, Some(&feed.msh), problems))
    }
}

/// What a message of the feed has once; what [`read`] reads.
const ONCE: [&str; 4] = ["MSH", "EVN", "PID", "MRG"];

/// The frame of a message that [`read`] takes without the segments of which it takes nothing: visits, results,
/// documents inside the message. It reads as the whole one does.
pub fn of_persons(frame: &[u8]) -> Vec<u8> {
    // A line end is one in every character set, and what shifts ends with its line.
    let lines = frame.split_inclusive(|b| matches!(b, b'\r' | b'\n'));
    lines.filter(|line| !is_unread(line)).collect::<Vec<_>>().concat()
}

/// Whether a line is surely a segment of another name: what begins otherwise, as with an escape sequence, is kept.
fn is_unread(line: &[u8]) -> bool {
    let named = |name: &[u8]| ONCE.iter().any(|once| name.eq_ignore_ascii_case(once.as_bytes()));
    match line.split_first_chunk() {
        Some((name @ [_, _, _], [b'|', ..])) => {
            name.iter().all(u8::is_ascii_alphanumeric) && !named(name)
        }
        _ => false,
    }
}

pub(crate) fn again(segment: &'static str, count: usize) -> Problem {
    let row = match segment {
        "MSH" => &rows::BLOCK_OF_MESSAGES,
        _ => &rows::SEGMENT_REPEATED,
    };
    let values = [("count", count.to_string()), ("segment", segment.to_owned())];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    Problem::of(row, Location::segment(segment).sequence(2), &values)
}

/// Whether the message is of a kind, version and purpose that is read here.
fn supported(msh: &Msh) -> Result<FeedEvent, Nak> {
    let reject = |row: &'static Row, place| {
        let events = FeedEvent::ALL.map(FeedEvent::code).join(", ");
        let values = [("events", events.as_str()), ("versions", "2.3.1, 2.5")];
        Err(Nak::new(AckCode::Reject, Some(msh), vec![Problem::of(row, place, &values)]))
    };
    if msh.message_type != "ADT" {
        return reject(&rows::MESSAGE_TYPE, Location::component("MSH", 9, 1));
    }
    let Some(event) = FeedEvent::ALL.into_iter().find(|e| e.code() == msh.event) else {
        return reject(&rows::EVENT, Location::component("MSH", 9, 2));
    };
    if Version::of(&msh.version).is_none() {
        return reject(&rows::VERSION, Location::field("MSH", 12));
    }
    if !matches!(msh.processing_id.as_str(), "P" | "T" | "D" | "") {
        return reject(&rows::PROCESSING_ID, Location::field("MSH", 11));
    }
    Ok(event)
}

pub(crate) fn header_problems(msh: &Msh) -> Vec<Problem> {
    let required = [
        (3, &msh.sending_application),
        (4, &msh.sending_facility),
        (5, &msh.receiving_application),
        (6, &msh.receiving_facility),
        (7, &msh.time),
        (10, &msh.control_id),
        (11, &msh.processing_id),
    ];
    let empty = required.into_iter().filter(|(_, value)| value.trim().is_empty());
    empty.map(|(field, _)| missing("MSH", field)).collect()
}

pub(crate) fn event_problems(message: &Message<'_>, problems: &mut Vec<Problem>) {
    match message.segment("EVN") {
        Some(evn) if evn.field(2).is_none_or(|f| f.is_empty()) => problems.push(missing("EVN", 2)),
        Some(_) => {}
        None => problems.push(missing_segment("EVN")),
    }
}

fn read_pid(pid: &Segment<'_>, feed: &mut PatientFeed, problems: &mut Vec<Problem>) {
    feed.identifiers = repeats(pid, 3).map(CxField::read).collect();
    if feed.identifiers.iter().all(|cx| cx.id.is_empty()) {
        problems.push(missing("PID", 3));
    }
    feed.described = pid::read(pid);
    let value = |field| pid.field(field).map(|f| f.raw_value()).unwrap_or_default();
    // Who joins identifiers need not know a name: a blank stands for it (ITI TF-2: 3.64.4.1.2).
    let excused = feed.event.has_prior() && value(5).starts_with([' ', '^']);
    if feed.described.names.is_empty() && !excused && feed.event != FeedEvent::A43 {
        problems.push(missing("PID", 5));
    }
}

fn read_mrg(mrg: &Segment<'_>, feed: &mut PatientFeed, problems: &mut Vec<Problem>) {
    feed.prior = repeats(mrg, 1).map(CxField::read).collect();
    if feed.prior.iter().all(|cx| cx.id.is_empty()) {
        problems.push(missing("MRG", 1));
    }
}

pub(crate) fn missing(segment: &'static str, field: u8) -> Problem {
    let values = [("segment", segment), ("field", &field.to_string())];
    Problem::of(&rows::FIELD_MISSING, Location::field(segment, field), &values)
}

pub(crate) fn missing_segment(segment: &'static str) -> Problem {
    Problem::of(&rows::SEGMENT_MISSING, Location::segment(segment), &[("segment", segment)])
}

pub(crate) fn not_a_message() -> Nak {
    let values = [("delimiters", DELIMITERS)];
    let problem = Problem::of(&rows::NOT_A_MESSAGE, Location::segment("MSH"), &values);
    Nak::new(AckCode::Error, None, vec![problem])
}
