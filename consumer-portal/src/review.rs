//! What to mind in documents that are shown, and which of them are perhaps another person's.

use crate::community::Community;
use crate::gathering::Shown;
use crate::table::Source;
use crate::told::Remark;
use crate::whose::{Difference, Person, apart};
use renkei_checkup::hs037::{Standing, Unshown, UnshownReason};
use renkei_client::Connection;
use std::collections::BTreeMap;

/// Checkups of one person.
pub(crate) struct Series {
    pub(crate) person: Person,
    /// Places of the documents, with what stands above their columns.
    pub(crate) columns: Vec<(usize, Source)>,
}

/// The person asked for first, then those who are perhaps others.
pub(crate) fn review(
    shown: &[Shown],
    remarks: &mut Vec<Remark>,
    connection: &Connection,
) -> Vec<Series> {
    let people: Vec<Person> = shown.iter().map(person).collect();
    for one in shown {
        document(one, remarks);
    }
    let groups = apart(&people);
    let most = groups.first().map_or(0, Vec::len);
    let is_undecided = groups.iter().filter(|group| group.len() == most).count() > 1;
    let mut all = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        let known =
            |person: Person, at: &usize| people.get(*at).map_or(person.clone(), |p| person.or(p));
        // the latest document names the person as they are called today
        let person = group.iter().rev().fold(Person::default(), known);
        let mut columns = Vec::new();
        for at in group {
            let (Some(one), Some(own)) = (shown.get(*at), people.get(*at)) else { continue };
            let mut source = source(one, connection);
            let undecided = is_undecided && group.len() == most;
            if number > 0 || undecided {
                remarks.push(another(one, own, undecided));
                source.marks.push("別人？");
            } else if let Some(remark) = renamed(one, own, &person) {
                remarks.push(remark);
                source.marks.push("氏名相違");
            }
            columns.push((*at, source));
        }
        all.push(Series { person, columns });
    }
    all
}

fn person(shown: &Shown) -> Person {
    Person::of_document(&shown.report.person).or(&Person::of_entry(&shown.document.entry))
}

fn source(shown: &Shown, connection: &Connection) -> Source {
    let unnamed = shown.report.person.is_unknown();
    Source {
        document: shown.about.document.clone(),
        date: shown.about.date.clone(),
        institution: shown.about.institution.clone(),
        community: Community::of(&shown.document.entry, connection),
        marks: if unnamed { vec!["受診者の記載なし"] } else { Vec::new() },
    }
}

fn another(shown: &Shown, own: &Person, undecided: bool) -> Remark {
    let (which_ja, which_en) = if undecided {
        ("どちらが本人の文書かは分かりません。", "nobody can tell which is the person's; ")
    } else {
        ("", "")
    };
    Remark::new(
        &shown.about,
        "other-person",
        format!(
            "この文書の受診者（{own}）は、同じ患者IDのほかの文書と一致しません。別の表に示します。{which_ja}\
             送付元に確認してください"
        ),
        format!(
            "the person of this document ({own}) is not that of the others under this patient id, and it \
             stands in a table of its own; {which_en}ask its source"
        ),
    )
}

fn renamed(shown: &Shown, own: &Person, person: &Person) -> Option<Remark> {
    let differences = own.differences(person);
    (!differences.is_empty()).then(|| {
        let (ja, en) = Difference::list(&differences);
        Remark::new(
            &shown.about,
            "name-differs",
            format!("{ja}がほかの文書と異なります（{own}）。本人か確認してください"),
            format!(
                "{en} not as in the other documents ({own}); make sure that it is the same person"
            ),
        )
    })
}

/// What the document alone, or against its entry, gives to mind.
fn document(shown: &Shown, remarks: &mut Vec<Remark>) {
    let (about, report) = (&shown.about, &shown.report);
    let mut add = |code, ja: String, en: String| remarks.push(Remark::new(about, code, ja, en));
    if report.person.is_unknown() {
        add(
            "no-person",
            "文書に受診者の記載がなく、本人の文書か確かめられません".into(),
            "the document names no person; nobody can tell whose it is".into(),
        );
    }
    let differences =
        Person::of_document(&report.person).differences(&Person::of_entry(&shown.document.entry));
    if !differences.is_empty() {
        let (ja, en) = Difference::list(&differences);
        add(
            "not-as-registered",
            format!("文書の{ja}が登録情報と異なります。送付元に確認してください"),
            format!("its {en} is not as registered; ask its source"),
        );
    }
    let date = report.exam_date.map_or_else(String::new, |date| date.to_string());
    if !date.is_empty() && !about.date.is_empty() && date != about.date {
        add(
            "date-differs",
            format!("文書の受診日（{date}）が登録情報（{}）と異なります", about.date),
            format!("the day of the checkup ({date}) is not as registered ({})", about.date),
        );
    }
    if let Some((ja, en)) = standing(report.standing) {
        add("not-final", ja.into(), en.into());
    }
    if report.is_collection {
        add(
            "bundle-type",
            "Bundle.type が collection の文書です。正式な文書ではないおそれがあります".into(),
            "a Bundle of type collection; it may not be meant as a document".into(),
        );
    }
    if report.results.is_empty() {
        add(
            "no-results",
            "文書から結果を一つも読み取れませんでした。renkei retrieve で取り出して確認してください".into(),
            "no result was found in the document; fetch it with renkei retrieve and look".into(),
        );
    }
    for (why, names) in by_reason(&report.unshown) {
        let count = names.len();
        let names = list(&names);
        add(
            "unshown",
            format!("{}: {count}件（{names}）", why.ja()),
            format!("{}: {count} ({names})", why.en()),
        );
    }
}

const fn standing(standing: Standing) -> Option<(&'static str, &'static str)> {
    match standing {
        Standing::Final | Standing::EnteredInError => None,
        Standing::Amended | Standing::Corrected => {
            Some(("確定後に訂正された文書です", "a document amended after it was final"))
        }
        Standing::Preliminary | Standing::Registered => {
            Some(("確定前（暫定）の文書です", "a document that is not final yet"))
        }
        Standing::Cancelled | Standing::Unknown => Some((
            "確定した文書か、文書からは分かりません",
            "the document does not say whether it is final",
        )),
    }
}

fn by_reason(unshown: &[Unshown]) -> Vec<(&UnshownReason, Vec<&str>)> {
    let mut reasons: BTreeMap<String, (&UnshownReason, Vec<&str>)> = BTreeMap::new();
    for one in unshown {
        let (_, names) = reasons.entry(one.why.en()).or_insert((&one.why, Vec::new()));
        names.push(&one.name);
    }
    reasons.into_values().collect()
}

/// Names that are told of many.
const MOST_NAMES: usize = 20;

fn list(names: &[&str]) -> String {
    let told: Vec<String> =
        names.iter().take(MOST_NAMES).map(|name| name.chars().take(60).collect()).collect();
    let more = if names.len() > MOST_NAMES { "…" } else { "" };
    format!("{}{more}", told.join("、"))
}
