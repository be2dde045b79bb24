//! Different people and checkups never share a key, the same always has the same, whatever stands in
//! the fields.

use std::hash::{DefaultHasher, Hasher};

use proptest::prelude::*;
use uuid::Uuid;

use super::{
    Checkup, Encoder, Key, Resources, comparison_form, composition_number, document, duplicate,
    local_person, patient,
};
use crate::hs037::View;
use crate::{Record, generated, tables};

/// The content of a record under the hasher that the standard library starts with.
fn content(record: &Record) -> u64 {
    let mut hash = DefaultHasher::new();
    super::content(record, &mut hash);
    hash.finish()
}

fn record(items: &[(&str, &str)]) -> Record {
    let mut record = Record::new();
    for (id, value) in items {
        record.set_id(id, value);
    }
    record
}

const PERSON: [(&str, &str); 9] = [
    ("inst_no", "1319900013"),
    ("insurer_no", "06139992"),
    ("card_symbol", "１２３"),
    ("card_number", "4107"),
    ("patient_id", "P7"),
    ("name_kana", "カクウ タロウ"),
    ("sex", "男"),
    ("birth_date", "1980-04-01"),
    ("exam_date", "2025-05-12"),
];

fn with(changes: &[(&str, &str)]) -> Record {
    record(&[&PERSON[..], &[("program_code", "030")], changes].concat())
}

fn part_key(record: &Record) -> Key {
    let mut key = Encoder::new("test");
    key.field(record.get("height"));
    key.finish()
}

/// All keys of a record, by name.
fn keys(record: &Record, report_no: Option<&str>) -> Vec<(&'static str, String)> {
    let checkup = Checkup::of(record, report_no, "2.999.1");
    let full = View::Full;
    let mut keys = vec![
        ("duplicate", duplicate(record).to_string()),
        ("patient", hex::encode(patient(record))),
        ("reference", checkup.reference()),
        ("document id", checkup.document("f|FULL", "key", 0).to_string()),
        ("submission", checkup.submission(["2.999.2"]).to_string()),
        ("resource", Resources::of(record, full).uuid("patient").to_string()),
        ("statutory", Resources::of(record, View::Statutory).uuid("patient").to_string()),
        ("number", document(record, report_no, full, part_key(record)).to_string()),
    ];
    keys.extend(local_person(record).map(|key| ("local person", key.to_string())));
    keys
}

/// The names of the keys that two records share.
fn shared(one: &Record, other: &Record) -> Vec<&'static str> {
    let others = keys(other, None);
    keys(one, None).into_iter().filter(|key| others.contains(key)).map(|(name, _)| name).collect()
}

#[test]
fn a_couple_on_one_card_shares_nothing() {
    let wife = with(&[("patient_id", "P8"), ("name_kana", "カクウ ハナコ"), ("sex", "女")]);
    assert_eq!(shared(&with(&[]), &wife), [""; 0]);
}

#[test]
fn the_names_of_resources_are_those_of_the_recipe() {
    let name = |text: &str| Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes());
    let record = with(&[]);
    let full = Resources::of(&record, View::Full);
    assert_eq!(full.uuid("obs-height"), name("1319900013|P7|2025-05-12|030|obs-height"));
    let statutory = Resources::of(&record, View::Statutory);
    assert_eq!(
        statutory.uuid("composition"),
        name("stat|1319900013|P7|2025-05-12|030|composition")
    );
    let odd = Resources::of(&with(&[("patient_id", "P|7\\")]), View::Full);
    assert_eq!(odd.uuid("patient"), name("1319900013|P\\|7\\\\|2025-05-12|030|patient"));
}

#[test]
fn the_card_is_compared_as_people_write_it() {
    let one = with(&[]);
    let same = with(&[("card_symbol", "1-2 3"), ("card_number", "４１０７")]);
    assert_eq!(duplicate(&one), duplicate(&same));
    assert_eq!(content(&one), content(&same));
    assert_eq!(patient(&one), patient(&same));
    let zero = with(&[("card_number", "04107")]);
    assert_ne!(duplicate(&one), duplicate(&zero));
    let other_name = with(&[("name_kana", "カクウ タロ")]);
    assert_ne!(patient(&one), patient(&other_name), "a long vowel is a letter");
}

#[test]
fn a_person_s_number_stands_for_the_card_and_is_none() {
    let without = [("card_symbol", ""), ("card_number", "")];
    let [one, other] = ["P7", "P8"].map(|id| with(&[&without[..], &[("patient_id", id)]].concat()));
    assert_ne!(duplicate(&one), duplicate(&other));
    let card = with(&[("card_symbol", ""), ("card_number", "P7")]);
    assert_ne!(duplicate(&one), duplicate(&card));
    let on_card = with(&[("patient_id", "P8")]);
    assert_eq!(duplicate(&with(&[])), duplicate(&on_card));
    assert_eq!(local_person(&with(&[("patient_id", "")])), None);
}

#[test]
fn a_numbered_checkup_stays_itself_on_another_day() {
    let (one, later) = (with(&[]), with(&[("exam_date", "2025-05-13"), ("program_code", "010")]));
    let reference = |record: &Record, number| Checkup::of(record, number, "2.999.1").reference();
    assert_ne!(reference(&one, None), reference(&later, None));
    assert_eq!(reference(&one, Some("R1")), reference(&later, Some("R1")));
    assert_ne!(reference(&one, Some("R1")), reference(&one, Some("R2")));
    assert_eq!(reference(&one, Some(" ")), reference(&one, None));
    let elsewhere = with(&[("inst_no", "1419900011")]);
    assert_ne!(reference(&one, Some("R1")), reference(&elsewhere, Some("R1")));
    let source = Checkup::of(&one, Some("R1"), "2.999.2").reference();
    assert_ne!(reference(&one, Some("R1")), source);
    for view in [View::Full, View::Statutory] {
        let number = |record: &Record| composition_number(record, Some("R1"), view);
        assert_eq!(number(&one), number(&later));
    }
}

#[test]
fn slot_content_and_generation_make_the_document() {
    let checkup = Checkup::of(&with(&[]), None, "2.999.1");
    let first = checkup.document("f|FULL", "a", 0);
    for (slot, key, generation) in
        [("f|FULL", "b", 0), ("f|STAT", "a", 0), ("f|FULL", "a", 1), ("f|FUL", "La", 0)]
    {
        assert_ne!(first, checkup.document(slot, key, generation));
    }
    assert_ne!(checkup.submission(["1", "2"]), checkup.submission(["1|2"]));
}

#[test]
fn the_content_is_everything_but_the_place() {
    let mut one = with(&[("height", "170.0")]);
    one.set_original(tables().column("height").unwrap(), "１７０");
    let same = with(&[("height", "170.0"), ("record_no", "9")]);
    assert_eq!(content(&one), content(&same));
    assert_ne!(content(&one), content(&with(&[("weight", "170.0")])));
}

/// What a field may hold to pass for two fields, or for a neighbour's.
const ADVERSARIAL: &str = "[|\\\\^:&A1１ 　\u{0}-]{0,3}";

/// The items that make a person or a checkup.
const MAKING: [&str; 6] =
    ["inst_no", "patient_id", "exam_date", "program_code", "insurer_no", "card_number"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_differs_shares_no_key(
        one in proptest::collection::vec(ADVERSARIAL, MAKING.len()),
        other in proptest::collection::vec(ADVERSARIAL, MAKING.len()),
        slot in "(obs|grp)-[a-z0-9_]{1,4}",
    ) {
        let made = |values: &[String]| {
            let items: Vec<_> = MAKING.into_iter().zip(values.iter().map(String::as_str)).collect();
            with(&items)
        };
        let (a, b) = (made(&one), made(&other));
        let same = |ids: &[&str]| ids.iter().all(|id| a.get(id) == b.get(id));
        let checkup = ["inst_no", "patient_id", "exam_date", "program_code"];
        for view in [View::Full, View::Statutory] {
            let names = [&a, &b].map(|record| Resources::of(record, view).uuid(&slot));
            prop_assert_eq!(names[0] == names[1], same(&checkup));
        }
        let full = Resources::of(&a, View::Full).uuid(&slot);
        prop_assert_ne!(full, Resources::of(&b, View::Statutory).uuid(&slot));
        let references = [&a, &b].map(|record| Checkup::of(record, None, "2.999.1").reference());
        prop_assert_eq!(references[0] == references[1], same(&checkup));
        let card = |record: &Record| comparison_form(record.get("card_number"));
        let rows = ["inst_no", "exam_date", "program_code", "insurer_no"];
        let is_same = same(&rows) && card(&a) == card(&b);
        prop_assert_eq!(duplicate(&a) == duplicate(&b), is_same);
        let local = ["inst_no", "patient_id"];
        if let (Some(one), Some(other)) = (local_person(&a), local_person(&b)) {
            prop_assert_eq!(one == other, same(&local));
        }
        let numbered = [&a, &b].map(|record| {
            let number = record.get("patient_id");
            (number.trim().to_owned(), Checkup::of(record, Some(number), "2.999.1"))
        });
        let [(number, by_number), (other_number, other_by_number)] = numbered;
        if !number.is_empty() && !other_number.is_empty() {
            let is_same = number == other_number && same(&["inst_no"]);
            prop_assert_eq!(by_number == other_by_number, is_same);
        }
    }

    #[test]
    fn another_person_shares_no_key(
        record in generated::record(),
        kana in "[ァ-ヴ]{1,6} [ァ-ヴ]{1,6}",
    ) {
        let mut other = record.clone();
        for (id, value) in [("name_kana", kana.as_str()), ("patient_id", "another-one")] {
            other.set_id(id, value);
        }
        prop_assume!(record.get("name_kana") != kana);
        prop_assert_eq!(shared(&record, &other), [""; 0]);
        prop_assert_ne!(content(&record), content(&other));
    }

    #[test]
    fn the_place_in_the_file_never_matters(record in generated::record(), place in 1..999_999_u32) {
        let mut moved = record.clone();
        moved.set_id("record_no", &place.to_string());
        for report_no in [None, Some("R1"), Some("12")] {
            prop_assert_eq!(keys(&record, report_no), keys(&moved, report_no));
            for view in [View::Full, View::Statutory] {
                let number = |record: &Record| composition_number(record, report_no, view);
                prop_assert_eq!(number(&record), number(&moved));
                prop_assert_eq!(number(&record).len(), 8);
            }
        }
        prop_assert_eq!(content(&record), content(&moved));
    }
}
