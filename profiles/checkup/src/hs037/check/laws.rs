//! What must hold between elements, a row each.

use std::collections::HashSet;

use serde_json::Value;

use super::document::{Checked, Part};
use super::path::dotted;
use super::{Target, Violation, shown};
use crate::hs037::json::{codings, list, text, text_at};
use crate::programmes::{Programme, programmes};
use crate::tables::Section;

/// A law.
pub(super) struct Law {
    /// Its name.
    pub(super) rule: &'static str,
    expected: &'static str,
    ja: &'static str,
    en: &'static str,
    /// Where a document breaks it.
    pub(super) broken: fn(&Checked<'_>) -> Vec<Broken>,
}

/// A place where a law is broken.
pub(super) struct Broken {
    pointer: String,
    found: String,
}

impl Broken {
    fn at(pointer: String, found: impl Into<String>) -> Self {
        Self { pointer, found: found.into() }
    }

    pub(super) fn violation(self, law: &Law) -> Violation {
        Violation {
            path: dotted(&self.pointer),
            rule: law.rule.to_owned(),
            found: self.found,
            expected: law.expected.to_owned(),
            ja: law.ja.to_owned(),
            en: law.en.to_owned(),
        }
    }
}

/// The section for attachments only.
const ATTACHMENTS: &str = "01995";

pub(super) static LAWS: [Law; 13] = [
    Law {
        rule: "Bundle: Composition first",
        expected: "Composition",
        ja: "最初の entry は Composition でなければなりません",
        en: "the first entry must be the Composition",
        broken: composition_first,
    },
    Law {
        rule: "Bundle: resources",
        expected: "Composition 1..1, Patient 1..1, Encounter 1..1, Practitioner 1..*, \
                   Organization 1..*, PractitionerRole 0..1, Coverage 0..1 of each kind",
        ja: "リソースの数がプロファイルと違います",
        en: "the profile asks for another number of these resources",
        broken: resource_counts,
    },
    Law {
        rule: "Bundle: unique fullUrl",
        expected: "a fullUrl of its own",
        ja: "同じ fullUrl の entry が二つあります",
        en: "two entries have the same fullUrl",
        broken: unique_urls,
    },
    Law {
        rule: "Bundle: closed references",
        expected: "the fullUrl of an entry",
        ja: "参照先が文書の中にありません",
        en: "the reference leads out of the document",
        broken: closed_references,
    },
    Law {
        rule: "Composition.author: a person and an institution",
        expected: "Practitioner and Organization",
        ja: "author には Practitioner と Organization の両方が必要です",
        en: "the authors must be a Practitioner and an Organization",
        broken: authors,
    },
    Law {
        rule: "Composition.event: known programme",
        expected: "a code of the programme table",
        ja: "健診プログラムサービスコード表にないコードです",
        en: "no such programme",
        broken: known_programme,
    },
    Law {
        rule: "Composition.category: that of the programme",
        expected: "the report category that goes with the programme",
        ja: "報告区分が健診プログラムと合いません",
        en: "the report category does not go with the programme",
        broken: category_of_programme,
    },
    Law {
        rule: "Composition.section: closed slices",
        expected: "a section of the programme, or 01995 alone",
        ja: "この健診プログラムにないセクションです",
        en: "the programme does not have this section",
        broken: sections_of_programme,
    },
    Law {
        rule: "Composition.section: each once",
        expected: "one section of each code",
        ja: "同じセクションが二つあります",
        en: "two sections have the same code",
        broken: sections_once,
    },
    Law {
        rule: "Composition.section.entry: allowed types",
        expected: "results: Observation, ObservationGroup, Coverage; questions and added items: \
                   Observation, ObservationGroup; 01995: DocumentReference, DiagnosticReport, Media",
        ja: "このセクションに置けないリソースです",
        en: "the section does not take resources of this type",
        broken: section_entries,
    },
    Law {
        rule: "Observation: value or reason",
        expected: "either a value with status final, or dataAbsentReason with status cancelled",
        ja: "値があれば status は final、なければ cancelled と dataAbsentReason が必要です",
        en: "a value goes with status final, no value with cancelled and dataAbsentReason",
        broken: value_or_reason,
    },
    Law {
        rule: "Observation: one value",
        expected: "one value[x]",
        ja: "値が二つ以上あります",
        en: "there is more than one value",
        broken: one_value,
    },
    Law {
        rule: "Observation.referenceRange: unit of the value",
        expected: "the unit of the value",
        ja: "基準範囲の単位が値の単位と違います",
        en: "the reference range has another unit than the value",
        broken: range_units,
    },
];

fn composition_first(document: &Checked<'_>) -> Vec<Broken> {
    match document.parts().get(1) {
        Some(first) if first.target == Target::Composition => Vec::new(),
        first => {
            let found = first.map_or("", |part| text(part.resource, "resourceType"));
            vec![Broken::at("/entry/0/resource".to_owned(), found)]
        }
    }
}

/// How many resources of a profile a document has; institution and insurer are one type, and the
/// institution is the one that must be there.
const COUNTS: [(Target, usize, usize); 8] = [
    (Target::Composition, 1, 1),
    (Target::Patient, 1, 1),
    (Target::Encounter, 1, 1),
    (Target::Practitioner, 1, usize::MAX),
    (Target::Institution, 1, usize::MAX),
    (Target::PractitionerRole, 0, 1),
    (Target::Insurance, 0, 1),
    (Target::Ticket, 0, 1),
];

fn resource_counts(document: &Checked<'_>) -> Vec<Broken> {
    COUNTS
        .iter()
        .filter_map(|(target, least, greatest)| {
            let count = document.of(*target).count();
            let fits = (*least..=*greatest).contains(&count);
            (!fits).then(|| Broken::at("/entry".to_owned(), format!("{target:?}: {count}")))
        })
        .collect()
}

fn unique_urls(document: &Checked<'_>) -> Vec<Broken> {
    let mut seen = HashSet::new();
    list(document.bundle, "entry")
        .iter()
        .enumerate()
        .map(|(place, entry)| (place, text(entry, "fullUrl")))
        .filter(|(_, url)| !seen.insert(*url))
        .map(|(place, url)| Broken::at(format!("/entry/{place}/fullUrl"), url))
        .collect()
}

fn closed_references(document: &Checked<'_>) -> Vec<Broken> {
    let mut broken = Vec::new();
    // not by recursion, whose depth the document would decide
    let mut open = vec![(String::new(), document.bundle)];
    while let Some((pointer, value)) = open.pop() {
        match value {
            Value::Array(all) => {
                let items = all.iter().enumerate();
                open.extend(items.map(|(index, item)| (format!("{pointer}/{index}"), item)));
            }
            Value::Object(members) => {
                for (key, member) in members {
                    let place = format!("{pointer}/{key}");
                    match member.as_str() {
                        Some(url) if key == "reference" && document.target(url).is_none() => {
                            broken.push(Broken::at(place, url));
                        }
                        _ => open.push((place, member)),
                    }
                }
            }
            _ => {}
        }
    }
    broken
}

fn authors(document: &Checked<'_>) -> Vec<Broken> {
    let mut broken = Vec::new();
    for part in document.of(Target::Composition) {
        let authors: Vec<Option<Target>> = list(part.resource, "author")
            .iter()
            .map(|author| document.target(text(author, "reference")))
            .collect();
        let has = |targets: &[Target]| authors.iter().flatten().any(|t| targets.contains(t));
        let by_person = has(&[Target::Practitioner, Target::PractitionerRole]);
        if !(by_person && has(&[Target::Institution])) {
            broken.push(Broken::at(format!("{}/author", part.pointer), format!("{authors:?}")));
        }
    }
    broken
}

const EVENT: &str = "/event/0/code/0/coding/0/code";

fn programme(composition: &Value) -> Option<&'static Programme> {
    programmes().get(text_at(composition, EVENT))
}

fn known_programme(document: &Checked<'_>) -> Vec<Broken> {
    document
        .of(Target::Composition)
        .filter(|part| programme(part.resource).is_none())
        .map(|part| Broken::at(format!("{}{EVENT}", part.pointer), text_at(part.resource, EVENT)))
        .collect()
}

fn category_of_programme(document: &Checked<'_>) -> Vec<Broken> {
    const CATEGORY: &str = "/category/0/coding/0/code";
    let mut broken = Vec::new();
    for part in document.of(Target::Composition) {
        let found = text_at(part.resource, CATEGORY);
        let fits = programme(part.resource)
            .is_none_or(|p| p.fhir_category.is_empty() || p.fhir_category == found);
        if !fits {
            broken.push(Broken::at(format!("{}{CATEGORY}", part.pointer), found));
        }
    }
    broken
}

/// The sections of a Composition with their places and codes.
fn sections<'a>(part: &'a Part<'_>) -> impl Iterator<Item = (String, &'a Value, &'a str)> {
    list(part.resource, "section").iter().enumerate().map(|(index, section)| {
        let code = codings(section.get("code")).first().map_or("", |coding| text(coding, "code"));
        (format!("{}/section/{index}", part.pointer), section, code)
    })
}

fn sections_of_programme(document: &Checked<'_>) -> Vec<Broken> {
    let mut broken = Vec::new();
    for part in document.of(Target::Composition) {
        let programme = programmes().for_fhir(text_at(part.resource, EVENT));
        let all = sections(part).count();
        for (place, _, code) in sections(part) {
            let known = programme.fhir_sections().iter().any(|section| section.code == code);
            let alone = code == ATTACHMENTS && all == 1;
            if !known && !alone {
                broken.push(Broken::at(format!("{place}/code"), code));
            }
        }
    }
    broken
}

fn sections_once(document: &Checked<'_>) -> Vec<Broken> {
    let mut broken = Vec::new();
    for part in document.of(Target::Composition) {
        let mut seen = HashSet::new();
        let again = sections(part).filter(|(_, _, code)| !seen.insert(*code));
        broken.extend(again.map(|(place, _, code)| Broken::at(format!("{place}/code"), code)));
    }
    broken
}

/// What a section lists, by its code in whatever programme.
fn allowed(code: &str) -> &'static [Target] {
    use Target::{
        DiagnosticReport, DocumentReference, Group, Insurance, Media, OwnItem, StandardItem, Ticket,
    };
    let sections = programmes().all().iter().flat_map(Programme::fhir_sections);
    let kind =
        sections.filter(|section| section.code == code).map(|section| section.section).next();
    match kind {
        _ if code == ATTACHMENTS => &[DocumentReference, DiagnosticReport, Media],
        Some(Section::Results) | None => &[StandardItem, OwnItem, Group, Insurance, Ticket],
        Some(Section::Questionnaire | Section::Additional) => &[StandardItem, OwnItem, Group],
    }
}

fn section_entries(document: &Checked<'_>) -> Vec<Broken> {
    let mut broken = Vec::new();
    for part in document.of(Target::Composition) {
        for (place, section, code) in sections(part) {
            for (index, entry) in list(section, "entry").iter().enumerate() {
                // a reference to nothing is told by its own law
                let Some(target) = document.target(text(entry, "reference")) else { continue };
                if !allowed(code).contains(&target) {
                    broken
                        .push(Broken::at(format!("{place}/entry/{index}"), format!("{target:?}")));
                }
            }
        }
    }
    broken
}

/// The forms of a value that the profile has.
const VALUES: [&str; 4] = ["valueQuantity", "valueCodeableConcept", "valueString", "valueDateTime"];

fn values(observation: &Value) -> usize {
    VALUES.iter().filter(|key| observation.get(**key).is_some()).count()
}

fn value_or_reason(document: &Checked<'_>) -> Vec<Broken> {
    document
        .of(Target::Observation)
        .filter(|part| {
            let is_final = text(part.resource, "status") == "final";
            let has_value = values(part.resource) > 0;
            let has_reason = part.resource.get("dataAbsentReason").is_some();
            !(is_final == has_value && has_value != has_reason)
        })
        .map(|part| Broken::at(part.pointer.clone(), text(part.resource, "status")))
        .collect()
}

fn one_value(document: &Checked<'_>) -> Vec<Broken> {
    let several = document.of(Target::Observation).filter(|part| values(part.resource) > 1);
    several
        .map(|part| Broken::at(part.pointer.clone(), values(part.resource).to_string()))
        .collect()
}

fn range_units(document: &Checked<'_>) -> Vec<Broken> {
    let mut broken = Vec::new();
    for part in document.of(Target::Observation) {
        for limit in ["low", "high"] {
            let pointer = format!("/referenceRange/0/{limit}");
            let Some(quantity) = part.resource.pointer(&pointer) else { continue };
            if text(quantity, "code") != text_at(part.resource, "/valueQuantity/code") {
                let place = format!("{}{pointer}", part.pointer);
                broken.push(Broken::at(place, shown(quantity.get("code"))));
            }
        }
    }
    broken
}
