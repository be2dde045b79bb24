//! The items of person, institution, insurance and visit, from wherever vendors put them.

use serde_json::Value;

use super::document::Parts;
use crate::hs037::composition::{EXTRACT_SUFFIX, TITLE_SUFFIX, UNNAMED_TITLE};
use crate::hs037::insurance::insurer_number;
use crate::hs037::json::{codings, extension, list, text, text_at};
use crate::hs037::{absent_reason, systems};
use crate::tables::tables;
use crate::width::full_width;
use crate::{dates, terms};

/// A header item that a document carries.
pub(super) struct HeaderItem {
    pub(super) id: &'static str,
    /// Reads it; empty when the document does not have it.
    pub(super) read: fn(&Parts<'_>) -> String,
    pub(super) shown: Shown,
}

/// When a document shows a header item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// In every document.
    Always,
    /// With the insurance, and only where the named item is filled.
    Insured(&'static str),
}

const fn always(id: &'static str, read: fn(&Parts<'_>) -> String) -> HeaderItem {
    HeaderItem { id, read, shown: Shown::Always }
}

const fn insured(
    id: &'static str,
    with: &'static str,
    read: fn(&Parts<'_>) -> String,
) -> HeaderItem {
    HeaderItem { id, read, shown: Shown::Insured(with) }
}

/// The header items of a document. The others of the record are not sent: its place in a file, source
/// cells, the employer's items, and what is computed from others (ages).
pub(super) static ITEMS: [HeaderItem; 26] = [
    always("report_category", report_category),
    always("program_code", |p| programme(p).to_owned()),
    always("checkup_name", |p| checkup_name(text(p.composition, "title")).to_owned()),
    always("inst_no", |p| institution(p).to_owned()),
    always("inst_name", |p| text(p.institution, "name").to_owned()),
    always("inst_postal", |p| postal(p.institution)),
    always("inst_addr", |p| text_at(p.institution, "/address/0/text").to_owned()),
    always("inst_tel", |p| telephone(p.institution).to_owned()),
    insured("insurer_no", "insurer_no", insurer),
    insured("insurer_name", "insurer_no", |p| text(p.insurer, "name").to_owned()),
    insured("card_symbol", "insurer_no", |p| card(p, "Symbol", 1)),
    insured("card_number", "insurer_no", |p| card(p, "Number", 2)),
    insured("card_branch", "insurer_no", |p| card(p, "SubNumber", 3)),
    insured("insured_kind", "insurer_no", |p| {
        term("kcsv:insured", p.insurance.get("relationship"))
    }),
    insured("ticket_no", "insurer_no", |p| text(p.ticket, "subscriberId").to_owned()),
    insured("ticket_until", "ticket_no", |p| day(text_at(p.ticket, "/period/end")).to_owned()),
    always("patient_id", |p| patient_number(p.patient).to_owned()),
    always("name_kana", |p| name(p.patient, "SYL")),
    always("name_kanji", |p| name(p.patient, "IDE")),
    always("sex", |p| sex(text(p.patient, "gender")).to_owned()),
    always("birth_date", |p| day(text(p.patient, "birthDate")).to_owned()),
    always("postal", |p| postal(p.patient)),
    always("address", |p| text_at(p.patient, "/address/0/text").to_owned()),
    always("tel", |p| telephone(p.patient).to_owned()),
    always("exam_date", |p| exam_date(p).to_owned()),
    always("visit_kind", |p| term("kcsv:visit", p.encounter.get("serviceType"))),
];

/// 報告区分 of the category codes that stand for themselves; every other kind of checkup is 40
/// (特定健診以外の健診結果).
const SAME_CATEGORY: [&str; 9] = ["10", "19", "21", "22", "23", "24", "25", "30", "90"];

fn report_category(parts: &Parts<'_>) -> String {
    let codings = || list(parts.composition, "category").iter().flat_map(|c| codings(Some(c)));
    let ours = |coding: &&Value| systems::REPORT_CATEGORIES.contains(&text(coding, "system"));
    let code = codings().find(ours).or_else(|| codings().next()).map_or("", |c| text(c, "code"));
    report_category_of(code).to_owned()
}

/// 報告区分 of a category of the document.
pub(super) fn report_category_of(category: &str) -> &str {
    match category {
        "" => "",
        same if SAME_CATEGORY.contains(&same) => same,
        _ => "40",
    }
}

/// 健診プログラムサービスコード.
pub(super) fn programme<'a>(parts: &Parts<'a>) -> &'a str {
    text_at(parts.composition, "/event/0/code/0/coding/0/code")
}

/// The title without what the writer puts around the name of the checkup.
fn checkup_name(title: &str) -> &str {
    match title.strip_suffix(EXTRACT_SUFFIX).unwrap_or(title) {
        UNNAMED_TITLE => "",
        title => title.strip_suffix(TITLE_SUFFIX).unwrap_or(title),
    }
}

/// 健診機関番号, as identifier of the institution, else the first part of the document's.
pub(super) fn institution<'a>(parts: &Parts<'a>) -> &'a str {
    let number = identifier(parts.institution, &systems::INSTITUTIONS);
    if !number.is_empty() {
        return number;
    }
    let value = text_at(parts.composition, "/identifier/value");
    value.split_once('-').map_or("", |(number, _)| number)
}

fn identifier<'a>(resource: &'a Value, systems: &[&str]) -> &'a str {
    list(resource, "identifier")
        .iter()
        .find(|identifier| systems.contains(&text(identifier, "system")))
        .map_or("", |identifier| text(identifier, "value"))
}

/// 保険者番号, from the insurer, else from the member id.
fn insurer(parts: &Parts<'_>) -> String {
    let number = match identifier(parts.insurer, &systems::INSURERS) {
        "" => member_id(parts).next().unwrap_or_default(),
        number => number,
    };
    insurer_number(number)
}

/// 保険者番号, 記号, 番号, 枝番.
fn member_id<'a>(parts: &Parts<'a>) -> impl Iterator<Item = &'a str> {
    identifier(parts.patient, &[systems::MEMBER_ID]).splitn(4, ':')
}

/// 記号, 番号 or 枝番 as on the card: the extension has it whole but in full width, the member id in
/// its own width but without spaces and colons.
fn card(parts: &Parts<'_>, part: &str, place: usize) -> String {
    let url = format!("{}{part}", systems::INSURED_PERSON);
    let wide = extension(parts.insurance, &url, "valueString");
    let member = member_id(parts).nth(place).unwrap_or_default();
    if wide.is_empty() { member.to_owned() } else { as_on_card(wide, member) }
}

fn as_on_card(wide: &str, member: &str) -> String {
    if full_width(member) == wide {
        return member.to_owned();
    }
    // what the member id left out is put back where it stood
    let mut own = member.chars().peekable();
    let is_same = |own: &char, letter: char| full_width(&own.to_string()).chars().eq([letter]);
    let letters: String = wide
        .chars()
        .map(|letter| own.next_if(|own| is_same(own, letter)).unwrap_or(half_width(letter)))
        .collect();
    if own.next().is_none() { letters } else { wide.chars().map(half_width).collect() }
}

/// The reverse of [`full_width`].
fn half_width(letter: char) -> char {
    match letter {
        '\u{3000}' => ' ',
        '！'..='～' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
        _ => letter,
    }
}

/// The number the institution knows the person by.
fn patient_number(patient: &Value) -> &str {
    let all = || list(patient, "identifier").iter();
    all()
        .find(|i| text(i, "system").starts_with(systems::LOCAL_PATIENT))
        .or_else(|| all().find(|i| text(i, "system") != systems::MEMBER_ID))
        .map_or("", |identifier| text(identifier, "value"))
}

/// The name in one form (IDE or SYL), family and given name separated by one space; a name without
/// a form is taken as the written one.
pub(super) fn name(resource: &Value, form: &str) -> String {
    let form_of = |name: &Value| extension(name, systems::NAME_FORM, "valueCode").to_owned();
    let all = || list(resource, "name").iter();
    let plain = || all().find(|name| form == "IDE" && form_of(name).is_empty());
    let Some(name) = all().find(|name| form_of(name) == form).or_else(plain) else {
        return String::new();
    };
    let given = || list(name, "given").iter().filter_map(Value::as_str);
    let words = match text(name, "text") {
        "" => [text(name, "family")].into_iter().chain(given()).collect::<Vec<_>>().join(" "),
        text => text.to_owned(),
    };
    words.replace('\u{3000}', " ").trim().to_owned()
}

/// The examining doctor; why there is none, when the document says so.
pub(super) fn doctor(parts: &Parts<'_>) -> String {
    match text_at(parts.doctor, "/name/0/text") {
        "" => {
            let absent = parts
                .doctor
                .pointer("/name/0/_text")
                .map_or("", |element| extension(element, systems::ABSENT_EXTENSION, "valueCode"));
            let word = absent_reason::WORDS.iter().find(|(_, code)| *code == absent);
            word.map_or_else(|| name(parts.doctor, "IDE"), |(word, _)| (*word).to_owned())
        }
        text => text.to_owned(),
    }
}

/// 男, 女 or nothing.
fn sex(gender: &str) -> &'static str {
    match gender {
        "male" => terms::MALE,
        "female" => terms::FEMALE,
        _ => "",
    }
}

/// The day of the checkup.
pub(super) fn exam_date<'a>(parts: &Parts<'a>) -> &'a str {
    let of_event = day(text_at(parts.composition, "/event/0/period/start"));
    if of_event.is_empty() { day(text_at(parts.encounter, "/period/start")) } else { of_event }
}

/// The day of a date or dateTime; nothing when only month or year is known.
fn day(text: &str) -> &str {
    text.get(..10).filter(|day| dates::parse_standard(day).is_some()).unwrap_or_default()
}

/// NNN-NNNN; some leave the hyphen out.
fn postal(resource: &Value) -> String {
    let code = text_at(resource, "/address/0/postalCode");
    match (code.len(), code.split_at_checked(3)) {
        (7, Some((area, rest))) if !code.contains('-') => format!("{area}-{rest}"),
        _ => code.to_owned(),
    }
}

fn telephone(resource: &Value) -> &str {
    let is_phone = |contact: &&Value| matches!(text(contact, "system"), "phone" | "");
    list(resource, "telecom").iter().find(is_phone).map_or("", |contact| text(contact, "value"))
}

/// The term of a value set of the record by code.
fn term(value_set: &str, concept: Option<&Value>) -> String {
    codings(concept)
        .iter()
        .find_map(|coding| tables().code(value_set, text(coding, "code")))
        .map_or_else(String::new, |term| term.term.clone())
}

#[cfg(test)]
mod tests {
    use super::{as_on_card, checkup_name};

    #[test]
    fn card_numbers_come_back_as_on_the_card() {
        for (wide, member, expected) in [
            ("札０１", "札01", "札01"),
            ("１２３", "１２３", "１２３"),
            ("Ａ：１　２", "A12", "A:1 2"),
            ("４１０７", "", "4107"),
            ("１", "01", "1"),
        ] {
            assert_eq!(as_on_card(wide, member), expected);
        }
    }

    #[test]
    fn titles_give_the_name_of_the_checkup() {
        assert_eq!(checkup_name("定期健康診断結果報告書（法定項目）"), "定期健康診断");
        assert_eq!(checkup_name("検診・健診報告書"), "");
        assert_eq!(checkup_name("人間ドック"), "人間ドック");
    }
}
