//! Whoever was found, for people and for machines.

use renkei_client::{FoundPerson, FoundPersons, LookupError};
use renkei_person::{Name, Person, Sex, Writing};
use serde_json::{Value, json};

/// A person in a line.
pub(crate) fn line(found: &FoundPerson) -> String {
    let Person { names, birth, sex, .. } = &found.person;
    let name = |name: &Name| format!("{} {}", name.family, name.given.join(" ")).trim().to_owned();
    let mut parts: Vec<String> = names.iter().map(name).collect();
    parts.extend(birth.and_then(|b| b.day()).map(|day| day.to_string()));
    parts.extend(sex.map(|sex| word(sex).0.to_owned()));
    parts.extend(found.identifiers.iter().map(ToString::to_string));
    parts.join("  ")
}

const fn word(sex: Sex) -> (&'static str, &'static str) {
    match sex {
        Sex::Female => ("女", "female"),
        Sex::Male => ("男", "male"),
        Sex::Other => ("その他", "other"),
        Sex::Unknown => ("不明", "unknown"),
    }
}

/// A person for machines: `identifiers` (CX), `names` (`family`, `given`, `writing`), `birthDate`, `sex`.
pub(crate) fn json(found: &FoundPerson) -> Value {
    let name = |name: &Name| {
        json!({
            "family": name.family,
            "given": name.given.join(" "),
            "writing": name.writing.map(|writing| match writing {
                Writing::Ideographic => "kanji",
                Writing::Syllabic => "kana",
                Writing::Alphabetic => "latin",
            }),
        })
    };
    json!({
        "identifiers": found.identifiers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "names": found.person.names.iter().map(name).collect::<Vec<_>>(),
        "birthDate": found.person.birth.map(|birth| birth.to_string()),
        "sex": found.person.sex.map(|sex| word(sex).1),
    })
}

/// Those who were found, for machines.
pub(crate) fn all_json(found: &FoundPersons) -> Value {
    json!({
        "total": found.total,
        "persons": found.persons.iter().map(json).collect::<Vec<_>>(),
    })
}

/// A refusal of a house as the JSON output has it; what is none is an error of the command.
pub(super) fn refused(error: LookupError) -> anyhow::Result<Value> {
    match error {
        LookupError::Refused(details) => Ok(details
            .iter()
            .map(|detail| {
                json!({
                    "code": detail.code,
                    "severity": "error",
                    "context": detail.text,
                    "location": detail.locations.first(),
                })
            })
            .collect()),
        other => Err(other.into()),
    }
}
