//! ADT messages of the patient feed: A01, A04, A05 and A08 (ITI TF-2: 3.8.4.1).

use crate::ack::{AckCode, ErrorCode, Location, Nak, Problem};
use crate::cx::CxField;
use crate::msh::{self, DELIMITERS, Msh, Stamp};
use crate::structure;
use crate::text::{self, escape, unescape};
use chrono::NaiveDate;
use hl7_parser::Message;
use hl7_parser::message::{Repeat, Segment};
use renkei_metadata::ids::{Oid, PatientId};

/// The events of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedEvent {
    /// Admission of an inpatient.
    A01,
    /// Registration of an outpatient.
    A04,
    /// Pre-admission.
    A05,
    /// Change of demographics; a Document Registry has nothing to do.
    A08,
}

impl FeedEvent {
    const ALL: [Self; 4] = [Self::A01, Self::A04, Self::A05, Self::A08];

    /// MSH-9.2.
    pub const fn code(self) -> &'static str {
        match self {
            Self::A01 => "A01",
            Self::A04 => "A04",
            Self::A05 => "A05",
            Self::A08 => "A08",
        }
    }

    /// Whether the event announces a patient (audited as a creation, A08 as an update).
    pub const fn announces(self) -> bool {
        !matches!(self, Self::A08)
    }
}

/// XPN.8: how a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Representation {
    /// `I`: kanji.
    Ideographic,
    /// `P`: kana.
    Phonetic,
    /// `A`: Latin letters.
    Alphabetic,
}

impl Representation {
    const ALL: [Self; 3] = [Self::Ideographic, Self::Phonetic, Self::Alphabetic];

    const fn code(self) -> &'static str {
        match self {
            Self::Ideographic => "I",
            Self::Phonetic => "P",
            Self::Alphabetic => "A",
        }
    }
}

/// One repetition of PID-5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonName {
    /// XPN.1.
    pub family: String,
    /// XPN.2; may be empty.
    pub given: String,
    /// XPN.8.
    pub representation: Option<Representation>,
}

impl PersonName {
    /// A name written as one text, split at its first blank, ideographic or not.
    pub fn of(full: &str, representation: Representation) -> Self {
        let full = full.trim();
        let (family, given) = full.split_once([' ', '\u{3000}']).unwrap_or((full, ""));
        let (family, given) = (family.to_owned(), given.trim().to_owned());
        Self { family, given, representation: Some(representation) }
    }
}

/// PID-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// F.
    Female,
    /// M.
    Male,
    /// O.
    Other,
    /// U.
    Unknown,
}

impl Sex {
    const ALL: [Self; 4] = [Self::Female, Self::Male, Self::Other, Self::Unknown];

    const fn code(self) -> &'static str {
        match self {
            Self::Female => "F",
            Self::Male => "M",
            Self::Other => "O",
            Self::Unknown => "U",
        }
    }
}

/// A message of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatientFeed {
    /// The header, for the answer and the audit record.
    pub msh: Msh,
    /// MSH-9.2.
    pub event: FeedEvent,
    /// PID-3, each repetition that holds an id; never empty.
    pub identifiers: Vec<CxField>,
    /// PID-5, each repetition; never empty.
    pub names: Vec<PersonName>,
    /// PID-7, when it begins with a calendar day.
    pub birth_date: Option<NaiveDate>,
    /// PID-8, when it is one of the four codes.
    pub sex: Option<Sex>,
}

impl PatientFeed {
    /// Gives `default_authority` to each identifier that names no authority (ITI TF-2: E.1).
    pub fn complete(&mut self, default_authority: &Oid) {
        for cx in &mut self.identifiers {
            cx.complete(default_authority);
        }
    }

    /// The identifiers issued by `authority`, the affinity domain's; others are of no concern to a
    /// Document Registry (ITI TF-2: 3.8.4.1.3). Refuses when there is none, or one is malformed.
    pub fn patient_ids(&self, authority: &Oid) -> Result<Vec<PatientId>, Nak> {
        let (mut ids, mut problems) = (Vec::new(), Vec::new());
        for (n, cx) in self.identifiers.iter().enumerate().filter(|(_, cx)| cx.is_of(authority)) {
            match cx.patient_id() {
                Ok(id) => ids.push(id),
                Err(invalid) => problems.push(Problem {
                    location: Location::component("PID", 3, 1).repetition(n + 1),
                    code: ErrorCode::DataType,
                    en: format!("the identifier is malformed; send {}", invalid.expected),
                    ja: format!("IDの形式が不正です。期待する値: {}", invalid.expected_ja),
                }),
            }
        }
        if ids.is_empty() && problems.is_empty() {
            problems.push(Problem {
                location: Location::component("PID", 3, 4),
                code: ErrorCode::UnknownKey,
                en: format!("no identifier of the assigning authority {authority}; send one"),
                ja: format!("割当機関 {authority} のIDがありません。PID-3に含めてください"),
            });
        }
        if problems.is_empty() {
            Ok(ids)
        } else {
            Err(Nak::new(AckCode::Error, Some(&self.msh), problems))
        }
    }
}

/// Reads a message without frame; a refusal names every problem found and can be sent as it is.
///
/// A block holds one message, and a message one person (HL7 MLLP; ITI TF-2: 3.8.4.1.2): one
/// acknowledgement says nothing of a second, so that more is refused whole. PV1 and segments that
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
        names: Vec::new(),
        birth_date: None,
        sex: None,
    };
    match message.segment("PID") {
        Some(pid) => read_pid(pid, &mut feed, &mut problems),
        None => problems.push(missing_segment("PID")),
    }
    if problems.is_empty() {
        Ok(feed)
    } else {
        Err(Nak::new(AckCode::Error, Some(&feed.msh), problems))
    }
}

/// What a message of the feed has once.
const ONCE: [&str; 3] = ["MSH", "EVN", "PID"];

fn again(segment: &'static str, count: usize) -> Problem {
    let (en, ja) = match segment {
        "MSH" => (
            format!("the block holds {count} messages; send each in a block of its own"),
            format!(
                "1ブロックに{count}件のメッセージがあります。1件ずつ別のブロックで送ってください"
            ),
        ),
        _ => (
            format!("the message has {count} {segment} segments; send a message for each person"),
            format!(
                "{segment}セグメントが{count}個あります。1人ごとに別のメッセージで送ってください"
            ),
        ),
    };
    let location = Location::segment(segment).sequence(2);
    Problem { location, code: ErrorCode::SegmentSequence, en, ja }
}

/// Whether the message is of a kind, version and purpose that is read here.
fn supported(msh: &Msh) -> Result<FeedEvent, Nak> {
    let reject = |location, code, en: &str, ja: &str| {
        let problem = Problem { location, code, en: en.into(), ja: ja.into() };
        Err(Nak::new(AckCode::Reject, Some(msh), vec![problem]))
    };
    if msh.message_type != "ADT" {
        return reject(
            Location::component("MSH", 9, 1),
            ErrorCode::MessageType,
            "only ADT messages are accepted here",
            "ここではADTメッセージだけを受け付けます",
        );
    }
    let Some(event) = FeedEvent::ALL.into_iter().find(|e| e.code() == msh.event) else {
        return reject(
            Location::component("MSH", 9, 2),
            ErrorCode::EventCode,
            "send one of the events A01, A04, A05, A08",
            "イベントはA01、A04、A05、A08のいずれかにしてください",
        );
    };
    if msh.version != "2.3.1" {
        return reject(
            Location::field("MSH", 12),
            ErrorCode::VersionId,
            "the patient feed uses version 2.3.1",
            "患者フィードはバージョン2.3.1を使います",
        );
    }
    if !matches!(msh.processing_id.as_str(), "P" | "T" | "D" | "") {
        return reject(
            Location::field("MSH", 11),
            ErrorCode::ProcessingId,
            "the processing id is P, T or D",
            "処理IDはP、T、Dのいずれかにしてください",
        );
    }
    Ok(event)
}

fn header_problems(msh: &Msh) -> Vec<Problem> {
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

fn event_problems(message: &Message<'_>, problems: &mut Vec<Problem>) {
    match message.segment("EVN") {
        Some(evn) if evn.field(2).is_none_or(|f| f.is_empty()) => problems.push(missing("EVN", 2)),
        Some(_) => {}
        None => problems.push(missing_segment("EVN")),
    }
}

fn read_pid(pid: &Segment<'_>, feed: &mut PatientFeed, problems: &mut Vec<Problem>) {
    let repeats = |field| pid.field(field).into_iter().flat_map(|f| f.repeats.iter());
    feed.identifiers = repeats(3).map(CxField::read).filter(|cx| !cx.id.is_empty()).collect();
    if feed.identifiers.is_empty() {
        problems.push(missing("PID", 3));
    }
    feed.names = repeats(5).filter_map(read_name).collect();
    if feed.names.is_empty() {
        problems.push(missing("PID", 5));
    }
    let value = |field| pid.field(field).map(|f| f.raw_value()).unwrap_or_default();
    feed.birth_date = value(7).get(..8).and_then(|d| NaiveDate::parse_from_str(d, "%Y%m%d").ok());
    feed.sex = Sex::ALL.into_iter().find(|s| s.code() == value(8));
}

fn read_name(repeat: &Repeat<'_>) -> Option<PersonName> {
    let part = |n: usize| {
        let value = repeat.component(n)?.subcomponent(1)?.value;
        Some(unescape(value).trim().to_owned()).filter(|v| v != "\"\"")
    };
    let (family, given) = (part(1).unwrap_or_default(), part(2).unwrap_or_default());
    if family.is_empty() && given.is_empty() {
        return None;
    }
    let code = part(8).unwrap_or_default();
    let representation = Representation::ALL.into_iter().find(|r| r.code() == code);
    Some(PersonName { family, given, representation })
}

fn missing(segment: &'static str, field: u8) -> Problem {
    Problem {
        location: Location::field(segment, field),
        code: ErrorCode::RequiredField,
        en: format!("{segment}-{field} is required; fill it in"),
        ja: format!("{segment}-{field}は必須です。値を入れてください"),
    }
}

fn missing_segment(segment: &'static str) -> Problem {
    Problem {
        location: Location::segment(segment),
        code: ErrorCode::SegmentSequence,
        en: format!("the segment {segment} is required; add it"),
        ja: format!("{segment}セグメントは必須です。追加してください"),
    }
}

fn not_a_message() -> Nak {
    let problem = Problem {
        location: Location::segment("MSH"),
        code: ErrorCode::SegmentSequence,
        en: format!("a message begins with {DELIMITERS}"),
        ja: format!("メッセージは {DELIMITERS} で始めてください"),
    };
    Nak::new(AckCode::Error, None, vec![problem])
}

/// What an A04 of the house says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct A04 {
    /// When and under which control id.
    pub stamp: Stamp,
    /// MSH-3.
    pub sending_application: String,
    /// MSH-4.
    pub sending_facility: String,
    /// MSH-5.
    pub receiving_application: String,
    /// MSH-6.
    pub receiving_facility: String,
    /// PID-3.
    pub patient: PatientId,
    /// PID-5; at least one, or the receiver refuses the message. Kanji before kana.
    pub names: Vec<PersonName>,
    /// PID-7.
    pub birth_date: Option<NaiveDate>,
    /// PID-8.
    pub sex: Option<Sex>,
}

/// Writes the message that announces a patient, without frame.
pub fn write_a04(a04: &A04) -> Vec<u8> {
    let parties = [
        &a04.sending_application,
        &a04.sending_facility,
        &a04.receiving_application,
        &a04.receiving_facility,
    ];
    let parties = parties.map(|p| escape(p));
    let parties = [&*parties[0], &*parties[1], &*parties[2], &*parties[3]];
    let msh = msh::write(parties, "ADT^A04^ADT_A01", &a04.stamp);
    let names: Vec<String> = a04.names.iter().map(write_name).collect();
    let birth = a04.birth_date.map(|d| d.format("%Y%m%d").to_string()).unwrap_or_default();
    let pid = format!(
        "PID|||{}||{}||{birth}|{}",
        CxField::from(&a04.patient).write(),
        names.join("~"),
        a04.sex.map_or("", Sex::code),
    );
    let recorded = msh::time(a04.stamp.at);
    format!("{msh}EVN|A04|{recorded}\r{pid}\rPV1||O\r").into_bytes()
}

fn write_name(name: &PersonName) -> String {
    let representation = name.representation.map_or("", Representation::code);
    format!("{}^{}^^^^^L^{representation}", escape(&name.family), escape(&name.given))
}

#[cfg(test)]
mod tests;
