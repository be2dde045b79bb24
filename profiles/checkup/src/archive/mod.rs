//! The archive in which 特定健診 files are exchanged (送付用アーカイブ): the names of its folder and
//! files, the exchange index (交換用基本情報, ix08_V08.xsd) and the summary (集計情報, su08_V08.xsd).
//!
//! A delivery of results alone has no settlement files; amounts in its summary are zero.

mod party;

use std::fmt;

use chrono::NaiveDate;
use renkei_soap::xml::Writer;

pub use party::{Party, PartyKind};

/// The exchange index in an archive.
pub const INDEX: &str = "ix08_V08.xml";
/// The summary in an archive.
pub const SUMMARY: &str = "su08_V08.xml";
/// The folder of the results.
pub const DATA: &str = "DATA";
/// The folder of the ministry's schema files.
pub const SCHEMAS: &str = "XSD";

const NAMESPACE: &str = "https://www.mhlw.go.jp/stf/seisakunitsuite/bunya/0000161103.html";
/// Days are written `YYYYMMDD`.
const DAY: &str = "%Y%m%d";
/// A running number has six digits.
const MOST_FILES: u32 = 999_999;

/// Why there can be no such archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// A party's number has another length, or something else than digits.
    #[error(
        "the number {number:?} is not that of {expected_en}; give its digits / \
         {number:?} は{expected_ja}ではありません。数字で指定してください"
    )]
    Number {
        /// What was given.
        number: String,
        /// What it should be.
        expected_en: &'static str,
        /// The same in Japanese.
        expected_ja: &'static str,
    },
    /// A party's number does not carry its check digit.
    #[error(
        "the number {number} does not carry its check digit; compare it with the paper it comes from / \
         {number} の検証番号が正しくありません。元の資料と照合してください"
    )]
    CheckDigit {
        /// What was given.
        number: String,
    },
    /// The running number of the day has more than one digit.
    #[error(
        "the sequence {0} is not 0 to 9, the number of the delivery on its day / \
         同日送信回数 {0} は0～9ではありません"
    )]
    Sequence(u32),
    /// A 実施区分 that the schema does not have.
    #[error("the service event {0} is not 1 to 9 / 実施区分 {0} は1～9ではありません")]
    ServiceEvent(u32),
    /// It is not known which 実施区分 a programme belongs to.
    #[error(
        "programme {programme:?} has no 実施区分 of its own; name one with --service-event / \
         健診プログラムサービスコード {programme:?} の実施区分が定まりません。--service-event で指定してください"
    )]
    NoServiceEvent {
        /// The programme.
        programme: String,
    },
    /// More files than running numbers.
    #[error(
        "more than {MOST_FILES} records for one archive; convert the export in parts, each with its own sequence / \
         1つのアーカイブに入るのは{MOST_FILES}件までです。出力を分け、同日送信回数を変えてください"
    )]
    TooMany,
}

/// 同日送信回数: the number of a delivery on its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sequence(u8);

impl Sequence {
    /// Takes 0 to 9.
    ///
    /// # Errors
    /// For any other number.
    pub fn new(number: u32) -> Result<Self, ArchiveError> {
        match u8::try_from(number) {
            Ok(digit @ 0..=9) => Ok(Self(digit)),
            _ => Err(ArchiveError::Sequence(number)),
        }
    }
}

/// 実施区分.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceEvent(u8);

impl ServiceEvent {
    /// Takes 1 to 9.
    ///
    /// # Errors
    /// For any other number.
    pub fn new(number: u32) -> Result<Self, ArchiveError> {
        match u8::try_from(number) {
            Ok(digit @ 1..=9) => Ok(Self(digit)),
            _ => Err(ArchiveError::ServiceEvent(number)),
        }
    }
}

/// What is sent to one receiver at one time; an archive for each sender and 実施区分 in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Who gets it.
    pub receiver: Party,
    /// The day on which it is made.
    pub created_on: NaiveDate,
    /// Its number on that day.
    pub sequence: Sequence,
}

impl Delivery {
    /// Whether a folder name is that of an archive of this delivery.
    pub fn has_folder(&self, name: &str) -> bool {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        name.split_once('_').is_some_and(|(sender, rest)| {
            rest.rsplit_once('_').is_some_and(|(delivery, event)| {
                digits(sender) && delivery == self.to_string() && digits(event)
            })
        })
    }
}

/// The part of the folder names that all archives of the delivery share.
impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = self.created_on.format(DAY);
        write!(f, "{}_{day}{}", self.receiver.number(), self.sequence.0)
    }
}

/// One archive: who sends what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Who made it.
    pub sender: Party,
    /// To whom it goes, and when.
    pub delivery: Delivery,
    /// What is delivered.
    pub service_event: ServiceEvent,
}

impl Archive {
    /// The name of the folder, and of the ZIP file but for its ending.
    pub fn folder_name(&self) -> String {
        format!("{}_{}_{}", self.sender.number(), self.delivery, self.service_event.0)
    }

    /// The name of the checkup file with a running number, from 1.
    ///
    /// # Errors
    /// When the number has more than six digits.
    pub fn checkup_file_name(&self, running: u32) -> Result<String, ArchiveError> {
        if running > MOST_FILES {
            return Err(ArchiveError::TooMany);
        }
        let Delivery { created_on, sequence, .. } = &self.delivery;
        let (sender, day) = (self.sender.number(), created_on.format(DAY));
        Ok(format!("h{sender}{day}{}{}{running:06}.xml", sequence.0, self.service_event.0))
    }

    /// The exchange index for a number of records.
    pub fn index(&self, records: u32) -> Vec<u8> {
        let Delivery { receiver, created_on, .. } = &self.delivery;
        let day = created_on.format(DAY).to_string();
        let mut xml = root("index", "ix08_V08.xsd");
        child(&mut xml, "interactionType", "code", receiver.interaction());
        child(&mut xml, "creationTime", "value", &day);
        for (name, party) in [("sender", &self.sender), ("receiver", receiver)] {
            xml.raw("\n ").start(name).start("id").attr("root", party.root());
            xml.attr("extension", party.number()).end().end();
        }
        child(&mut xml, "serviceEventType", "code", &self.service_event.0.to_string());
        child(&mut xml, "totalRecordCount", "value", &records.to_string());
        end(xml)
    }

    /// The summary of a delivery of results alone.
    pub fn summary(&self, subjects: u32) -> Vec<u8> {
        let mut xml = root("summary", "su08_V08.xsd");
        child(&mut xml, "serviceEventType", "code", &self.service_event.0.to_string());
        child(&mut xml, "totalSubjectCount", "value", &subjects.to_string());
        for name in ["totalCostAmount", "totalPaymentAmount", "totalClaimAmount"] {
            xml.raw("\n ").start(name).attr("value", "0").attr("currency", "JPY").end();
        }
        end(xml)
    }
}

/// Whether a file name is that of a checkup file in an archive.
pub fn is_checkup_file(name: &str) -> bool {
    let number = name.strip_prefix('h').and_then(|rest| rest.strip_suffix(".xml"));
    number.is_some_and(|digits| digits.len() == 26 && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn root(name: &'static str, schema: &str) -> Writer {
    let mut xml = Writer::new();
    xml.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").start(name).attr("xmlns", NAMESPACE);
    xml.attr("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    xml.attr("xsi:schemaLocation", &format!("{NAMESPACE} ./{SCHEMAS}/{schema}"));
    xml
}

fn child(xml: &mut Writer, name: &'static str, attribute: &str, value: &str) {
    xml.raw("\n ").start(name).attr(attribute, value).end();
}

fn end(mut xml: Writer) -> Vec<u8> {
    xml.raw("\n").end().raw("\n");
    xml.finish().into_bytes()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use chrono::NaiveDate;

    use super::{Archive, ArchiveError, Delivery, Party, Sequence, ServiceEvent, is_checkup_file};
    use crate::cda::tests::{assert_same, assert_valid};

    fn archive() -> Archive {
        Archive {
            sender: Party::institution("0119900025").unwrap(),
            delivery: Delivery {
                receiver: Party::parse("00013995", None).unwrap(),
                created_on: NaiveDate::from_ymd_opt(2025, 6, 20).unwrap(),
                sequence: Sequence::new(0).unwrap(),
            },
            service_event: ServiceEvent::new(1).unwrap(),
        }
    }

    #[test]
    fn names_say_who_sends_what_to_whom() {
        let archive = archive();
        assert_eq!(archive.folder_name(), "0119900025_00013995_202506200_1");
        let name = archive.checkup_file_name(1).unwrap();
        assert_eq!(name, "h01199000252025062001000001.xml");
        assert!(is_checkup_file(&name) && !is_checkup_file("h1.xml"));
        assert_eq!(archive.checkup_file_name(1_000_000), Err(ArchiveError::TooMany));
        assert!(archive.delivery.has_folder("9999999999_00013995_202506200_4"));
        for other in ["0119900025_00013995_202506201_1", "0119900025_00013995", "documents", ""] {
            assert!(!archive.delivery.has_folder(other), "{other}");
        }
    }

    #[test]
    fn one_digit_numbers_are_one_digit() {
        assert_eq!(Sequence::new(10), Err(ArchiveError::Sequence(10)));
        assert_eq!(ServiceEvent::new(0), Err(ArchiveError::ServiceEvent(0)));
        assert!(ServiceEvent::new(300).is_err());
    }

    #[test]
    fn equals_the_expected_index() {
        let file = "../../../shared/data/checkup/fileset/0119900025_00013995_202506200_1";
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file).join(super::INDEX);
        let made = String::from_utf8(archive().index(1)).unwrap();
        match fs::read_to_string(&file) {
            Ok(expected) => assert_same(&made, &expected),
            Err(_) => eprintln!("skipped: {} is not there", file.display()),
        }
    }

    #[test]
    fn index_and_summary_are_valid() {
        let folder = tempfile::tempdir().unwrap();
        for (name, schema, content) in [
            (super::INDEX, "ix08_V08.xsd", archive().index(999_999)),
            (super::SUMMARY, "su08_V08.xsd", archive().summary(999_999)),
        ] {
            let file = folder.path().join(name);
            fs::write(&file, content).unwrap();
            assert_valid(schema, &[file]);
        }
    }
}
