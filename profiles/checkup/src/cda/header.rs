//! The header: who was examined, by whom, for whom, when.

use unicode_normalization::UnicodeNormalization;

use super::{DAY, Document, INSTITUTION, INSURER};
use crate::dates;
use crate::tables::tables;
use crate::width::full_width;

/// 被保険者証等 記号, 番号 and 枝番.
const SYMBOL: &str = "1.2.392.200119.6.204";
const NUMBER: &str = "1.2.392.200119.6.205";
const BRANCH: &str = "1.2.392.200119.6.211";
/// 受診券 or 利用券; 1 is 受診券.
const TICKET_KIND: &str = "1.2.392.200119.6.208";
/// 受診券整理番号, followed by 1 and the insurer's eight digits.
const TICKET: &str = "1.2.392.200119.6.209.1";
/// 報告区分.
const REPORT_CATEGORY: &str = "1.2.392.200119.6.1001";
/// 健診プログラムサービスコード.
const PROGRAMME: &str = "1.2.392.200119.6.1002";
/// 男女区分.
const SEX: &str = "1.2.392.200119.6.1104";

/// Letters of 記号 and 番号.
const CARD_LETTERS: usize = 20;
/// Letters of an address: 80 bytes, in the count of the national forms two per full-width letter.
const ADDRESS_LETTERS: usize = 40;

impl Document<'_> {
    pub(super) fn header(&mut self) {
        let digits = |code: &str| Some(code.to_owned()).filter(|code| is_digits(code));
        let category = self.fitting("report_category", digits);
        let category = category.as_deref().unwrap_or(&self.programme.report_category);
        self.line().start("typeId").attr("root", "2.16.840.1.113883.1.3");
        self.xml.attr("extension", "POCD_HD000040").end();
        self.line().start("id").attr("nullFlavor", "NI").end();
        self.line().start("code").attr("code", category).attr("codeSystem", REPORT_CATEGORY).end();
        let today = self.created_on.clone();
        self.line().start("effectiveTime").attr("value", &today).end();
        self.line().start("confidentialityCode").attr("code", "N");
        self.xml.attr("codeSystem", "2.16.840.1.113883.5.25").end();
        self.person();
        self.author(&today);
        self.line().start("custodian").start("assignedCustodian");
        self.xml.start("representedCustodianOrganization");
        self.no_id();
        self.xml.end().end().end();
        self.ticket();
        self.event();
    }

    fn person(&mut self) {
        let record = self.record;
        self.line().start("recordTarget").start("patientRole");
        let ids = [
            (INSURER, self.fitting("insurer_no", insurer_number)),
            (SYMBOL, self.fitting("card_symbol", card_part)),
            (NUMBER, self.fitting("card_number", card_part)),
            (BRANCH, self.fitting("card_branch", branch)),
        ];
        if ids.iter().all(|(_, id)| id.is_none()) {
            self.no_id();
        }
        for (root, id) in ids {
            if let Some(id) = id {
                self.id(root, &id);
            }
        }
        self.address("address", "postal");
        self.xml.start("patient");
        self.leaf("name", &full_width(record.get("name_kana")));
        if let Some(sex) = tables().term(SEX, record.get("sex")) {
            self.xml.start("administrativeGenderCode").attr("code", &sex.code);
            self.xml.attr("codeSystem", SEX).end();
        }
        self.day("birthTime", "birth_date");
        self.xml.end().end().end();
    }

    fn author(&mut self, today: &str) {
        self.line().start("author").start("time").attr("value", today).end();
        self.xml.start("assignedAuthor");
        self.no_id();
        self.institution();
        self.xml.end().end();
    }

    fn institution(&mut self) {
        let record = self.record;
        self.xml.start("representedOrganization");
        if !record.get("inst_no").is_empty() {
            self.id(INSTITUTION, record.get("inst_no"));
        }
        self.leaf("name", &full_width(record.get("inst_name")));
        if let Some(telephone) = self.fitting("inst_tel", telephone) {
            self.xml.start("telecom").attr("value", &format!("tel:{telephone}")).end();
        }
        self.address("inst_addr", "inst_postal");
        self.xml.end();
    }

    /// Only a checkup paid for by a ticket has this participant.
    fn ticket(&mut self) {
        let eleven = |number: &str| {
            Some(number.to_owned()).filter(|number| number.len() == 11 && is_digits(number))
        };
        let number = self.fitting("ticket_no", eleven);
        let insurer = insurer_number(self.record.get("insurer_no"));
        let (Some(number), Some(insurer)) = (number, insurer) else {
            // without an insurer there is no ticket
            self.fitting("ticket_no", |_| None);
            return;
        };
        self.line().start("participant").attr("typeCode", "HLD");
        self.xml.start("functionCode").attr("code", "1").attr("codeSystem", TICKET_KIND).end();
        if let Some(until) = self.fitting("ticket_until", day) {
            self.xml.start("time").start("high").attr("value", &until).end().end();
        }
        self.xml.start("associatedEntity").attr("classCode", "IDENT");
        self.id(&format!("{TICKET}{insurer}"), &number);
        self.xml.start("scopingOrganization");
        self.id(INSURER, &insurer);
        self.xml.end().end().end();
    }

    fn event(&mut self) {
        self.line().start("documentationOf").start("serviceEvent");
        self.xml.start("code").attr("code", &self.programme.code);
        self.xml.attr("codeSystem", PROGRAMME).end();
        self.day("effectiveTime", "exam_date");
        self.xml.start("performer").attr("typeCode", "PRF").start("assignedEntity");
        self.no_id();
        self.institution();
        self.xml.end().end().end().end();
    }

    /// The writer, on a new line: a document can be read by people, too.
    fn line(&mut self) -> &mut renkei_soap::xml::Writer {
        self.xml.raw("\n ")
    }

    fn no_id(&mut self) {
        self.xml.start("id").attr("nullFlavor", "NI").end();
    }

    fn id(&mut self, root: &str, extension: &str) {
        self.xml.start("id").attr("root", root).attr("extension", extension).end();
    }

    fn leaf(&mut self, name: &'static str, text: &str) {
        if !text.is_empty() {
            self.xml.leaf(name, text);
        }
    }

    fn day(&mut self, name: &'static str, id: &'static str) {
        if let Some(day) = self.fitting(id, day) {
            self.xml.start(name).attr("value", &day).end();
        }
    }

    fn address(&mut self, id: &'static str, postal: &'static str) {
        let postal = self.fitting(postal, |code| Some(code.to_owned()).filter(|c| is_postal(c)));
        let whole = full_width(self.record.get(id));
        let mut letters = whole.chars().filter(|letter| !letter.is_whitespace());
        let text: String = letters.by_ref().take(ADDRESS_LETTERS).collect();
        if letters.next().is_some() {
            self.note(id);
        }
        if text.is_empty() && postal.is_none() {
            return;
        }
        self.xml.start("addr").text(&text);
        if let Some(postal) = postal {
            self.xml.leaf("postalCode", &postal);
        }
        self.xml.end();
    }

    /// The form of an item that the document takes; what has a value and no such form is told.
    fn fitting(
        &mut self,
        id: &'static str,
        form: impl FnOnce(&str) -> Option<String>,
    ) -> Option<String> {
        let value = self.record.get(id);
        if value.is_empty() {
            return None;
        }
        let fitting = form(value);
        if fitting.is_none() {
            self.note(id);
        }
        fitting
    }

    /// The institution stands there twice, and is told once.
    fn note(&mut self, id: &'static str) {
        if !self.shortened.contains(&id) {
            self.shortened.push(id);
        }
    }
}

/// `YYYYMMDD`; none when the text is no day of a four-digit year.
pub(super) fn day(text: &str) -> Option<String> {
    let day = dates::parse_standard(text)?.format(DAY).to_string();
    Some(day).filter(|day| day.len() == 8)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// 記号 or 番号 in full width.
fn card_part(text: &str) -> Option<String> {
    let part = full_width(text);
    (!part.is_empty() && part.chars().count() <= CARD_LETTERS).then_some(part)
}

fn is_postal(text: &str) -> bool {
    let (area, local) = text.split_once('-').unwrap_or_default();
    area.len() == 3 && local.len() == 4 && is_digits(area) && is_digits(local)
}

/// 国保 numbers have six digits; the form wants eight.
fn insurer_number(text: &str) -> Option<String> {
    (is_digits(text) && text.len() <= 8).then(|| format!("{text:0>8}"))
}

fn branch(text: &str) -> Option<String> {
    (is_digits(text) && text.len() <= 2).then(|| format!("{text:0>2}"))
}

/// A telephone number for a `tel:` URI (RFC 3966, 3); none when there is more than a number in it,
/// such as an extension, which would run into the digits.
fn telephone(text: &str) -> Option<String> {
    let number: String = text.nfkc().filter(|letter| !letter.is_whitespace()).collect();
    let is_number = |letter: char| letter.is_ascii_digit() || "+-.()".contains(letter);
    let holds = number.chars().all(is_number) && number.bytes().any(|b| b.is_ascii_digit());
    holds.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::{branch, day, insurer_number, is_postal, telephone};

    #[test]
    fn writes_what_fits_and_nothing_else() {
        assert_eq!(telephone("０３－0000－0000").as_deref(), Some("03-0000-0000"));
        assert_eq!(telephone("03-0000-0000 (内線12)"), None);
        assert_eq!(telephone("--"), None);
        assert_eq!(insurer_number("013995").as_deref(), Some("00013995"));
        assert_eq!(insurer_number("123456789"), None);
        assert_eq!(branch("1").as_deref(), Some("01"));
        assert_eq!(branch("x1"), None);
        assert!(is_postal("060-0099") && !is_postal("0600099") && !is_postal("06-00099"));
        assert_eq!(day("2025-06-03").as_deref(), Some("20250603"));
        assert_eq!(day("2025-06-31"), None);
    }
}
