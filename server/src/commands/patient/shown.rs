//! Two records side by side, as a person compares them, and as JSON.

use renkei_identity::{Decision, Deed, Entry, Found, Proposal};
use renkei_matching::{Basis, Line, Verdict};
use renkei_person::{Address, Birth, Person, Sex, Writing};
use serde_json::{Value, json};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of the name of a field, and of each of the two records.
const FIELD: usize = 12;
const RECORD: usize = 50;

/// A field: what it is called, and its values in one record.
struct Field {
    name: &'static str,
    values: fn(&Found) -> Vec<String>,
}

const FIELDS: [Field; 9] = [
    Field { name: "ID", values: |found| vec![found.id.id.clone(), found.id.authority.to_string()] },
    Field { name: "漢字", values: |found| names(&found.person, Some(Writing::Ideographic)) },
    Field { name: "カナ", values: |found| names(&found.person, Some(Writing::Syllabic)) },
    Field {
        name: "ローマ字",
        values: |found| {
            let mut all = names(&found.person, Some(Writing::Alphabetic));
            all.extend(names(&found.person, None));
            all
        },
    },
    Field {
        name: "生年月日",
        values: |found| found.person.birth.iter().map(Birth::to_string).collect(),
    },
    Field { name: "性別", values: |found| found.person.sex.iter().map(|s| sex(*s)).collect() },
    Field { name: "住所", values: |found| found.person.addresses.iter().map(address).collect() },
    Field {
        name: "電話",
        values: |found| found.person.contacts.iter().map(|c| c.value.clone()).collect(),
    },
    Field {
        name: "番号",
        values: |found| {
            let ids = found.person.identifiers.iter();
            ids.map(|i| format!("{} ({})", i.id.id, i.id.authority)).collect()
        },
    },
];

fn names(person: &Person, writing: Option<Writing>) -> Vec<String> {
    let all = person.names.iter().filter(|name| name.writing == writing);
    all.map(|name| format!("{} {}", name.family, name.given.join(" "))).collect()
}

fn sex(sex: Sex) -> String {
    match sex {
        Sex::Female => "女 / female",
        Sex::Male => "男 / male",
        Sex::Other => "その他 / other",
        Sex::Unknown => "不明 / unknown",
    }
    .to_owned()
}

fn address(address: &Address) -> String {
    let parts = [&address.postal_code, &address.state, &address.city];
    let parts = parts.into_iter().flatten().chain(&address.lines);
    parts.map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// Both, a line for each value; `≠` stands where they differ.
pub(super) fn side_by_side([a, b]: &[Found; 2]) -> String {
    let mut text = String::new();
    for Field { name, values } in FIELDS {
        let (ours, theirs) = (values(a), values(b));
        let mark = if ours == theirs || ours.is_empty() || theirs.is_empty() { ' ' } else { '≠' };
        for line in 0..ours.len().max(theirs.len()) {
            let (name, mark) = if line == 0 { (name, mark) } else { ("", ' ') };
            let value = |values: &[String]| values.get(line).cloned().unwrap_or_default();
            text.push_str(&format!(
                "{}{}{mark} {}\n",
                padded(name, FIELD),
                padded(&value(&ours), RECORD),
                value(&theirs)
            ));
        }
    }
    text
}

/// To this width; what is wider is cut.
fn padded(text: &str, width: usize) -> String {
    let mut cut = String::new();
    let mut taken = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if taken + wide >= width {
            break;
        }
        taken += wide;
        cut.push(c);
    }
    let space = width.saturating_sub(cut.width());
    cut.push_str(&" ".repeat(space));
    cut
}

/// A verdict in both languages.
pub(super) fn verdict(verdict: &Verdict) -> String {
    format!("{}\n\n{}\n", verdict.japanese(), verdict.english())
}

/// Who did what, a line each.
pub(super) fn history(entries: &[Entry]) -> String {
    let line = |entry: &Entry| {
        let deed = match entry.deed {
            Deed::Decided(Decision::Same) => "同一人物とした / one person",
            Deed::Decided(Decision::NotTheSame) => "別人とした / two persons",
            Deed::Undone => "取り消した / taken back",
            Deed::Proposed => "統合を提案した / merge proposed",
            Deed::Confirmed => "統合を確認した / merge confirmed",
        };
        format!("{}  {}  {deed}\n", entry.at.format("%Y-%m-%dT%H:%M:%SZ"), entry.by)
    };
    entries.iter().map(line).collect()
}

/// What is proposed, and who has to act.
pub(super) fn proposal(proposal: &Proposal) -> String {
    let Some(merge) = proposal.merge() else { return String::new() };
    let state = match &proposal.confirmed_by {
        None => "別の人の確認を待っています / waits for somebody else".to_owned(),
        Some(by) => format!("{by}が確認済み / confirmed by {by}"),
    };
    format!(
        "統合の提案({}) / merge proposed by {}: {} → {}  {state}\n",
        proposal.by, proposal.by, merge.subsumed, merge.survivor
    )
}

/// A line by the word that JSON has for it.
pub(super) const fn word(line: Line) -> &'static str {
    match line {
        Line::Nothing => "nothing",
        Line::WorkList => "work-list",
        Line::Linked => "linked",
    }
}

/// A record as JSON.
pub(super) fn person(found: &Found) -> Value {
    json!({ "id": found.id.to_string(), "person": found.person })
}

/// A verdict as JSON.
pub(super) fn verdict_json(verdict: &Verdict) -> Value {
    let (basis, rule) = match &verdict.basis {
        Basis::Sure(rule) => ("sure", Some(rule)),
        Basis::Score => ("score", None),
        Basis::Veto(rule) => ("veto", Some(rule)),
    };
    let reasons = verdict.reasons.iter().map(|reason| {
        json!({
            "level": reason.level.id(),
            "bits": reason.weight.as_bits(),
            "ja": reason.level.ja(),
            "en": reason.level.en(),
        })
    });
    json!({
        "line": word(verdict.line),
        "basis": basis,
        "rule": rule.map(|rule| json!({ "id": rule.id, "ja": rule.ja, "en": rule.en })),
        "score": verdict.score.as_bits(),
        "person": verdict.person.as_bits(),
        "rules": &*verdict.rules,
        "reasons": reasons.collect::<Vec<_>>(),
    })
}

/// A proposal as JSON.
pub(super) fn proposal_json(proposal: &Proposal) -> Value {
    let merge = proposal.merge();
    json!({
        "subsumed": merge.as_ref().map(|merge| merge.subsumed.to_string()),
        "survivor": merge.as_ref().map(|merge| merge.survivor.to_string()),
        "by": proposal.by,
        "at": proposal.at,
        "confirmedBy": proposal.confirmed_by,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_metadata::ids::PatientId;
    use renkei_person::Name;

    fn found(id: &str, given: &str) -> Found {
        let person = Person {
            names: vec![Name::new(Writing::Ideographic, "健診", given)],
            sex: Some(Sex::Female),
            ..Person::default()
        };
        Found { id: PatientId::parse(&format!("{id}^^^&2.999.1&ISO")).unwrap(), person }
    }

    #[test]
    fn what_differs_is_marked_and_columns_stand_below_each_other() {
        let text = side_by_side(&[found("1", "花子"), found("2", "花代")]);
        let lines: Vec<&str> = text.lines().collect();
        let at = |line: &str, part: &str| line.rsplit_once(part).unwrap().0.width();
        assert_eq!(lines[0].split_once('≠').unwrap().0.width(), FIELD + RECORD);
        assert_eq!(at(lines[2], "健診 花代"), FIELD + RECORD + 2, "{text}");
        assert!(lines[2].contains("健診 花子") && lines[2].contains('≠'), "{text}");
        let same = lines.iter().find(|line| line.contains("female")).unwrap();
        assert!(!same.contains('≠'), "{text}");
    }
}
