//! Every rule is broken once, and told; documents of all kinds break none.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::rules::{self, Demand, Rule};
use super::{Target, check, laws, path};
use crate::hs037::tests::{complete, options, shared_practice};
use crate::hs037::{View, bundle};
use crate::record::Record;
use crate::{generated, kcsv, own, terms};

const MEMBER_ID: &str = "Patient.identifier(member): 1..1";

fn made(record: &Record, view: View) -> Value {
    bundle(record, &options(&shared_practice(), view))
}

fn broken(bundle: &Value) -> Vec<String> {
    check(bundle).into_iter().map(|violation| violation.rule).collect()
}

/// A document with every element a rule speaks of, and resources of every kind.
fn good() -> Value {
    let mut document = made(&with_own_items(complete()), View::Full);
    let member = document["entry"][0]["resource"]["section"][0]["entry"][0]["reference"].clone();
    let practitioner = document["entry"][0]["resource"]["author"][0]["reference"].clone();
    let composition = &mut document["entry"][0]["resource"];
    composition["extension"].as_array_mut().unwrap().push(json!({
        "url": crate::hs037::systems::DATA_ENTERER,
        "valueReference": { "reference": member },
    }));
    let components = |e: &&mut Value| e["resource"].get("component").is_some();
    let entries = document["entry"].as_array_mut().unwrap();
    let finding = entries.iter_mut().find(components).unwrap();
    finding["resource"]["component"][0]["extension"] = json!([{
        "url": crate::hs037::systems::COMPONENT_PERFORMER,
        "valueReference": { "reference": practitioner },
    }]);
    for (number, kind) in
        ["PractitionerRole", "DiagnosticReport", "Media", "DocumentReference", "Specimen"]
            .into_iter()
            .enumerate()
    {
        let profile = format!(
            "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_{kind}_eCheckupGeneral|1.5.0"
        );
        entries.push(json!({
            "fullUrl": format!("urn:uuid:00000000-0000-0000-0000-00000000000{number}"),
            "resource": {
                "resourceType": kind,
                "meta": { "lastUpdated": "2025-06-20T10:15:30Z", "profile": ["urn:other", profile] },
            },
        }));
    }
    document
}

/// The record with an institution's own items behind those of the table.
fn with_own_items(record: Record) -> Record {
    let own = own::tests::items();
    let mut with = Record::with_own(&own);
    for (column, field) in record.iter() {
        with.set(column, &field.value);
    }
    for (column, value) in own.into_iter().zip(["<0.12", "3", terms::NOT_PERFORMED, "脂肪肝"]) {
        with.set(column, value);
    }
    with
}

/// The place of an element in a resource that the rule is for, the element being there when asked.
fn place(document: &Value, rule: &Rule, present: bool) -> String {
    let entries = document["entry"].as_array().unwrap();
    let resources = (0..entries.len()).map(|i| format!("/entry/{i}/resource"));
    std::iter::once(String::new())
        .chain(resources)
        .filter(|p| rule.target.covers(Target::of(document.pointer(p).unwrap())))
        .flat_map(|p| {
            let resource = document.pointer(&p).unwrap();
            let found = path::Path::of(rule.path).find(resource);
            let places: Vec<String> = found
                .into_iter()
                .filter_map(|f| if present { f.elements.first().cloned() } else { Some(f.place) })
                .map(|place| format!("{p}{place}"))
                .collect();
            places
        })
        .next()
        .unwrap_or_else(|| panic!("no element for {rule}"))
}

fn split(pointer: &str) -> (&str, &str) {
    pointer.rsplit_once('/').unwrap()
}

fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = split(pointer);
    match document.pointer_mut(parent).unwrap() {
        Value::Array(all) => all[key.parse::<usize>().unwrap()] = value,
        parent => parent[key] = value,
    }
}

/// Breaks one rule and as few others as possible.
fn mutate(document: &mut Value, rule: &Rule) {
    match rule.demand {
        Demand::Count(0, Some(0)) => {
            let place = place(document, rule, false);
            set(document, &place, json!("x"));
        }
        Demand::Count(0, _) => {
            let element = place(document, rule, true);
            let element = document.pointer(&element).unwrap().clone();
            let place = place(document, rule, false);
            set(document, &place, json!([element, element]));
        }
        Demand::Count(..) => {
            let element = place(document, rule, true);
            let (parent, key) = split(&element);
            match document.pointer_mut(parent).unwrap() {
                // its only element, or the one that is singled out
                Value::Array(all) if rule.path.ends_with(')') => {
                    all.remove(key.parse::<usize>().unwrap());
                }
                Value::Array(all) => all.clear(),
                parent => drop(parent.as_object_mut().unwrap().remove(key)),
            }
        }
        Demand::OneOf(_) | Demand::Form(_) => {
            let place = place(document, rule, true);
            set(document, &place, json!("？"));
        }
        Demand::NotForm(_) => {
            let place = place(document, rule, true);
            set(document, &place, json!("〒060-0000　架空"));
        }
        Demand::Coded(..) => {
            let place = place(document, rule, true);
            set(document, &place, json!({ "coding": [{ "system": "urn:x", "code": "x" }] }));
        }
        Demand::To(_) => {
            let place = place(document, rule, true);
            let place = format!("{place}/reference");
            let url = document["entry"][0]["fullUrl"].clone();
            set(document, &place, url);
        }
        Demand::Profile(_) => {
            let place = place(document, rule, false);
            set(document, &place, json!(["urn:other"]));
        }
    }
}

#[test]
fn every_rule_is_told_when_it_is_broken() {
    let good = good();
    assert_eq!(broken(&good), [""; 0]);
    let mut seen = HashSet::new();
    for rule in rules::all() {
        let mut document = good.clone();
        mutate(&mut document, rule);
        assert!(broken(&document).contains(&rule.to_string()), "{rule}: {:?}", check(&document));
        assert!(seen.insert(rule.to_string()), "{rule} stands there twice");
    }
}

#[test]
fn greatest_numbers_are_told_too() {
    let mut document = good();
    let patient = &mut document["entry"][1]["resource"];
    let member = patient["identifier"][1].clone();
    patient["identifier"].as_array_mut().unwrap().push(member);
    let found = check(&document);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].path, "Bundle.entry[1].resource.identifier");
    assert_eq!((found[0].rule.as_str(), found[0].found.as_str()), (MEMBER_ID, "2"));
    assert_eq!(found[0].en, "2 of this element, where the profile has 1..1");
    assert_eq!(found[0].ja, "要素の数は 1..1 でなければなりませんが、2 です");
}

#[test]
fn every_law_is_told_when_it_is_broken() {
    type Mutation = fn(&mut Value);
    let laws: [(&str, Mutation); 13] = [
        ("Bundle: Composition first", |d| d["entry"].as_array_mut().unwrap().swap(0, 1)),
        ("Bundle: resources", |d| drop(d["entry"].as_array_mut().unwrap().remove(1))),
        ("Bundle: unique fullUrl", |d| d["entry"][2]["fullUrl"] = d["entry"][1]["fullUrl"].clone()),
        ("Bundle: closed references", |d| drop(d["entry"].as_array_mut().unwrap().remove(9))),
        ("Composition.author: a person and an institution", |d| {
            drop(d["entry"][0]["resource"]["author"].as_array_mut().unwrap().remove(0));
        }),
        ("Composition.event: known programme", |d| {
            d["entry"][0]["resource"]["event"][0]["code"][0]["coding"][0]["code"] = "123".into();
        }),
        ("Composition.category: that of the programme", |d| {
            d["entry"][0]["resource"]["category"][0]["coding"][0]["code"] = "41".into();
        }),
        ("Composition.section: closed slices", |d| {
            d["entry"][0]["resource"]["section"][0]["code"]["coding"][0]["code"] = "01031".into();
        }),
        ("Composition.section: each once", |d| {
            let again = d["entry"][0]["resource"]["section"][0].clone();
            d["entry"][0]["resource"]["section"].as_array_mut().unwrap().push(again);
        }),
        ("Composition.section.entry: allowed types", |d| {
            let person = d["entry"][1]["fullUrl"].clone();
            d["entry"][0]["resource"]["section"][1]["entry"][0]["reference"] = person;
        }),
        ("Observation: value or reason", |d| {
            first(d, "valueQuantity")["status"] = "cancelled".into();
        }),
        ("Observation: one value", |d| first(d, "valueQuantity")["valueString"] = "1".into()),
        ("Observation.referenceRange: unit of the value", |d| {
            first(d, "referenceRange")["valueQuantity"]["code"] = "g/L".into();
        }),
    ];
    let tested: Vec<&str> = laws.iter().map(|(law, _)| *law).collect();
    assert_eq!(tested, laws::LAWS.iter().map(|law| law.rule).collect::<Vec<_>>());
    for (law, mutate) in laws {
        let mut document = good();
        mutate(&mut document);
        let found = check(&document);
        let told =
            found.iter().find(|v| v.rule == law).unwrap_or_else(|| panic!("{law}: {found:?}"));
        assert!(!told.ja.is_empty() && !told.en.is_empty() && !told.expected.is_empty());
        assert!(told.path.starts_with("Bundle.entry"), "{told}");
    }
}

fn first<'a>(document: &'a mut Value, element: &str) -> &'a mut Value {
    let entries = document["entry"].as_array_mut().unwrap();
    &mut entries.iter_mut().find(|e| e["resource"].get(element).is_some()).unwrap()["resource"]
}

#[test]
fn the_documents_of_the_sample_institutions_keep_the_profile() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/checkup");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    let expected = fs::read(folder.join("hs037-expected-bundle.json")).unwrap();
    assert_eq!(check(&serde_json::from_slice(&expected).unwrap()), []);
    let mut count = 0;
    for institution in ["a", "b", "c"] {
        let file = folder.join(format!("inst-{institution}-expected.csv"));
        let mut reader = kcsv::Reader::new(fs::File::open(file).unwrap()).unwrap();
        while let Some(record) = reader.next_record().unwrap() {
            count += 1;
            for view in [View::Full, View::Statutory] {
                assert_eq!(broken(&made(&record, view)), [""; 0]);
            }
        }
    }
    assert_eq!(count, 42);
}

#[test]
fn an_institution_s_own_items_keep_the_profile() {
    for programme in ["010", "030", "990"] {
        let mut record = with_own_items(complete());
        record.set_id("program_code", programme);
        assert_eq!(broken(&made(&record, View::Full)), [""; 0], "{programme}");
        record.set_id("profile_ver", kcsv::PROFILE);
        let statutory = made(&record, View::Statutory).to_string();
        assert!(!statutory.contains(crate::hs037::systems::OWN_ITEM), "{programme}");
    }
}

#[test]
fn what_is_no_document_breaks_rules_and_nothing_else() {
    assert!(!check(&json!({})).is_empty());
    assert!(
        !check(&json!({ "resourceType": "Bundle", "entry": [1, {}, { "resource": 1 }] }))
            .is_empty()
    );
    assert!(!check(&json!([])).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn generated_documents_keep_the_profile(record in generated::record()) {
        for view in [View::Full, View::Statutory] {
            prop_assert_eq!(broken(&made(&record, view)), [""; 0]);
        }
    }
}
