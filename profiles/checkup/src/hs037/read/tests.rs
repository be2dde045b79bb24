//! Documents of other vendors: units, forms of values, statuses, and what keeps a document from being
//! read.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    ReadError, Reading, Report, ResultLine, Standing, UnshownReason, Why, read, read_record,
};

const HOSPITAL: &[u8] = include_bytes!("../../../samples/foreign/hospital.json");
const PLAIN: &[u8] = include_bytes!("../../../samples/foreign/plain.json");

/// A document of another vendor with these Observations.
fn document(observations: &[Value]) -> Vec<u8> {
    let composition = json!({
        "resourceType": "Composition", "status": "final", "subject": { "reference": "Patient/1" },
        "event": [{ "period": { "start": "2024-05-20" } }],
    });
    let patient = json!({ "resourceType": "Patient", "id": "1", "gender": "male" });
    let mut entries = vec![json!({ "resource": composition }), json!({ "resource": patient })];
    entries.extend(observations.iter().map(|observation| json!({ "resource": observation })));
    json!({ "resourceType": "Bundle", "type": "document", "entry": entries }).to_string().into()
}

/// An Observation of an item of ours with further members.
fn observation(id: &str, members: Value) -> Value {
    let code = &crate::tables().column(id).unwrap().jlac10;
    let coding = json!([{ "system": "urn:oid:1.2.392.200119.6.1005", "code": code }]);
    let mut observation = json!({
        "resourceType": "Observation", "status": "final", "code": { "coding": coding },
    });
    let Value::Object(members) = members else { panic!("{members}") };
    observation.as_object_mut().unwrap().extend(members);
    observation
}

/// The one result of a document with one Observation.
fn line(id: &str, members: Value) -> ResultLine {
    let mut report = read(&document(&[observation(id, members)])).unwrap();
    assert_eq!((report.results.len(), report.unshown.len()), (1, 0), "{report:?}");
    report.results.remove(0)
}

fn quantity(id: &str, quantity: Value) -> ResultLine {
    line(id, json!({ "valueQuantity": quantity }))
}

fn shown(line: &ResultLine) -> (&str, &str) {
    (&line.value, &line.unit)
}

fn in_record(id: &str, members: Value) -> String {
    read_record(&document(&[observation(id, members)])).unwrap().get(id).to_owned()
}

#[test]
fn a_value_in_a_known_unit_comes_in_that_of_the_item() {
    let ucum = "http://unitsofmeasure.org";
    for (id, sent, value, unit) in [
        ("rbc", json!({ "value": 4.93, "unit": "10*6/uL" }), "493", "万/mm3"),
        ("rbc", json!({ "value": 4.93, "code": "10*12/L", "system": ucum }), "493", "万/mm3"),
        ("wbc", json!({ "value": 6.1, "unit": "×10³/μL" }), "6100", "/mm3"),
        ("plt", json!({ "value": 231, "unit": "10^9/L" }), "23.1", "万/mm3"),
        ("fpg", json!({ "value": 5.4, "unit": "mmol/L" }), "97", "mg/dl"),
        ("tc", json!({ "value": 5.17, "unit": "mmol/L" }), "200", "mg/dl"),
        ("tg_fast", json!({ "value": 1.7, "unit": "mmol/L" }), "151", "mg/dl"),
        ("cre", json!({ "value": 80, "unit": "μmol/L" }), "0.90", "mg/dl"),
        ("ua", json!({ "value": 357, "unit": "umol/L" }), "6.0", "mg/dl"),
        ("hb", json!({ "value": 152, "unit": "g/L" }), "15.2", "g/dl"),
        ("height", json!({ "value": 1.714, "unit": "m" }), "171.4", "cm"),
        ("sbp1", json!({ "value": 17.1, "unit": "kPa" }), "128", "mmHg"),
        ("ast", json!({ "value": 24, "unit": "IU/L", "comparator": "<=" }), "<=24", "U/l"),
    ] {
        let line = quantity(id, sent.clone());
        assert_eq!(shown(&line), (value, unit), "{sent}");
        assert!(matches!(line.reading, Reading::Converted { .. }), "{sent}");
        assert_eq!(in_record(id, json!({ "valueQuantity": sent })), value);
    }
    let sent = quantity("rbc", json!({ "value": 4.93, "unit": "10*6/uL" })).reading;
    assert_eq!(sent, Reading::Converted { sent: "4.93 10*6/uL".into() });
}

#[test]
fn a_value_in_the_unit_of_the_item_is_rounded_as_the_converter_does() {
    for (id, sent, value) in [
        ("hb", json!({ "value": 15.25, "unit": "g/dL" }), "15.3"),
        ("hb", json!({ "value": 15, "unit": "ｇ／ｄｌ" }), "15.0"),
        ("rbc", json!({ "value": 492.5, "unit": "10*4/uL", "code": "10*4/mm3" }), "493"),
        ("u_sg", json!({ "value": 1.015 }), "1.015"),
        ("va_r", json!({ "value": 0.7, "code": "1" }), "0.70"),
    ] {
        let line = quantity(id, sent.clone());
        assert_eq!((line.value.as_str(), line.reading), (value, Reading::Standard), "{sent}");
    }
}

#[test]
fn what_is_not_known_stands_as_it_was_sent_and_says_so() {
    let ucum = "http://unitsofmeasure.org";
    for (id, sent, value, unit, why) in [
        ("rbc", json!({ "value": 4.93 }), "4.93", "", Why::NoUnit),
        ("rbc", json!({ "value": 4.93, "unit": "杯" }), "4.93", "杯", Why::UnknownUnit),
        ("hb", json!({ "value": 9.4, "unit": "mmol/L" }), "9.4", "mmol/L", Why::OtherUnit),
        ("hb", json!({ "value": 15, "unit": "%" }), "15", "%", Why::OtherUnit),
        (
            "rbc",
            json!({ "value": 4.93, "unit": "万/mm3", "code": "10*6/uL", "system": ucum }),
            "4.93",
            "万/mm3",
            Why::TwoUnits,
        ),
        (
            "tp",
            json!({ "value": 7, "unit": "g/dL", "code": "GM", "system": ucum }),
            "7",
            "g/dL",
            Why::UnknownUnit,
        ),
        ("tc", json!({ "value": 0.4, "unit": "mg/dL" }), "0.4", "mg/dL", Why::Digits),
        ("tc", json!({ "value": 1e30, "unit": "mg/dL" }), "1e+30", "mg/dL", Why::Digits),
        ("tc", json!({ "value": 1, "unit": "mg/dL", "comparator": "~" }), "~1", "mg/dL", Why::Form),
        ("u_prot", json!({ "value": 30, "unit": "mg/dL" }), "30", "mg/dL", Why::Form),
    ] {
        let line = quantity(id, sent.clone());
        assert_eq!(shown(&line), (value, unit), "{sent}");
        assert_eq!(line.reading, Reading::AsSent(why), "{sent}");
        assert_eq!(in_record(id, json!({ "valueQuantity": sent })), "", "no value of a record");
    }
}

#[test]
fn every_form_of_a_value_is_shown_or_told() {
    let wrong = json!({ "system": "urn:oid:9.9", "code": "N" });
    for (id, members, value, unit) in [
        ("hb", json!({ "valueString": "15.2" }), "15.2", ""),
        ("hb", json!({ "valueInteger": 15 }), "15", ""),
        ("hb", json!({ "valueBoolean": false }), "false", ""),
        (
            "hb",
            json!({ "valueRange": { "low": { "value": 14, "unit": "g/dL" }, "high": { "value": 15 } } }),
            "14 g/dL–15",
            "",
        ),
        (
            "hb",
            json!({ "valueRatio": { "numerator": { "value": 1 }, "denominator": { "value": 40 } } }),
            "1:40",
            "",
        ),
        ("hb", json!({ "valuePeriod": { "start": "2024-05" } }), "2024-05–", ""),
        ("hb", json!({ "valueTime": "09:10" }), "09:10", ""),
        ("u_prot", json!({ "valueCodeableConcept": { "coding": [wrong] } }), "N", ""),
        (
            "u_prot",
            json!({ "dataAbsentReason": { "coding": [{ "code": "masked" }] } }),
            "非開示",
            "",
        ),
    ] {
        let line = line(id, members.clone());
        assert_eq!(shown(&line), (value, unit), "{members}");
        assert!(matches!(line.reading, Reading::AsSent(_)), "{members}");
        assert_eq!(in_record(id, members), "");
    }
    for (members, value) in [
        (json!({ "valueString": "検体不良" }), "検体不良"),
        (json!({ "dataAbsentReason": { "coding": [{ "code": "error" }] } }), "測定不能"),
        (json!({ "status": "cancelled" }), "未実施"),
    ] {
        let line = line("hb", members.clone());
        assert_eq!(shown(&line), (value, ""), "{members}");
        assert_eq!((line.reading, line.standing), (Reading::Standard, Standing::Final));
    }
    for (members, why) in [
        (json!({}), UnshownReason::NoValue),
        (json!({ "valueString": " " }), UnshownReason::NoValue),
        (
            json!({ "valueQuantity": { "unit": "g/dL" } }),
            UnshownReason::Form("valueQuantity".into()),
        ),
        (
            json!({ "valueSampledData": { "data": "1" } }),
            UnshownReason::Form("valueSampledData".into()),
        ),
        (json!({ "valueAttachment": {} }), UnshownReason::Form("valueAttachment".into())),
    ] {
        let report = read(&document(&[observation("hb", members.clone())])).unwrap();
        assert_eq!(report.results, [], "{members}");
        assert_eq!(report.unshown.len(), 1, "{members}");
        assert_eq!(report.unshown[0].why, why, "{members}");
        assert_eq!(report.unshown[0].name, "血色素量(ヘモグロビン値)");
    }
}

#[test]
fn what_is_not_final_says_so_and_what_was_withdrawn_is_not_shown() {
    for (status, standing) in [
        (json!("final"), Standing::Final),
        (json!("preliminary"), Standing::Preliminary),
        (json!("registered"), Standing::Registered),
        (json!("amended"), Standing::Amended),
        (json!("corrected"), Standing::Corrected),
        (json!("cancelled"), Standing::Cancelled),
        (json!("unknown"), Standing::Unknown),
        (json!("abgeschlossen"), Standing::Unknown),
        (Value::Null, Standing::Unknown),
    ] {
        let members = json!({
            "status": status, "valueQuantity": { "value": 15.2, "unit": "g/dL" },
        });
        assert_eq!(line("hb", members).standing, standing, "{status}");
    }
    let members = json!({
        "status": "entered-in-error", "valueQuantity": { "value": 1.52, "unit": "g/dL" },
    });
    let report = read(&document(&[observation("hb", members.clone())])).unwrap();
    assert_eq!(report.results, []);
    assert_eq!(report.unshown[0].why, UnshownReason::Withdrawn);
    assert_eq!(in_record("hb", members), "");
}

#[test]
fn limits_stand_in_the_unit_of_the_value() {
    let with = |value: Value, ranges: Value| {
        let line = line("rbc", json!({ "valueQuantity": value, "referenceRange": ranges }));
        (line.low.unwrap_or_default(), line.high.unwrap_or_default(), line.range_text)
    };
    let owned = |low: &str, high: &str, text: &str| (low.into(), high.into(), text.into());
    let million = json!({ "value": 4.93, "unit": "10*6/uL" });
    let limits = json!([{ "low": { "value": 4.35 }, "high": { "value": 5.55 } }]);
    assert_eq!(with(million.clone(), limits.clone()), owned("435", "555", ""));
    let other = json!([{ "low": { "value": 435, "unit": "万/mm3" } }]);
    assert_eq!(with(million.clone(), other.clone()), owned("435", "", ""));
    let unknown = json!([{ "low": { "value": 4, "unit": "杯" }, "high": { "value": 5 } }]);
    assert_eq!(with(million.clone(), unknown), owned("", "", "4 杯–5"));
    let words = json!([{ "text": "4.35-5.55" }]);
    assert_eq!(with(million.clone(), words), owned("", "", "4.35-5.55"));
    let cup = json!({ "value": 4.93, "unit": "杯" });
    assert_eq!(with(cup.clone(), limits), owned("4.35", "5.55", ""));
    assert_eq!(with(cup, other), owned("", "", "435 万/mm3–"));
    let treatment = json!([
        { "type": { "coding": [{ "code": "treatment" }] }, "low": { "value": 1 } },
        { "low": { "value": 4.35 } },
    ]);
    assert_eq!(with(million.clone(), treatment), owned("435", "", ""));
    let sexes = json!([{ "text": "男 4.35-5.55" }, { "text": "女 3.86-4.92" }]);
    assert_eq!(with(million, sexes), owned("", "", "男 4.35-5.55、女 3.86-4.92"));
}

fn lines(report: &Report) -> Vec<String> {
    let line = |l: &ResultLine| format!("{}|{}|{}|{}", l.id(), l.name, l.value, l.unit);
    report.results.iter().map(line).collect()
}

#[test]
fn a_document_of_a_hospital_is_read_whole() {
    let report = read(HOSPITAL).unwrap();
    assert_eq!(report.standing, Standing::Amended);
    assert_eq!((report.person.name.as_str(), report.person.gender.as_str()), ("架空 太郎", "male"));
    assert_eq!(report.institution, "架空総合病院 健診センター");
    assert_eq!(
        lines(&report),
        [
            "rbc|赤血球数|493|万/mm3",
            "fpg|空腹時血糖|97|mg/dl",
            "sbp1|収縮期血圧(1回目)|128|mmHg",
            "|Blood pressure panel Diastolic|81|mmHg",
            "ldl|LDLコレステロール|131|",
            "|CRP定量|<0.05|mg/dL",
            "|腹部超音波|脂肪肝（軽度）|",
        ]
    );
    let rbc = report.result("rbc").unwrap();
    assert_eq!((rbc.low.as_deref(), rbc.high.as_deref()), (Some("435"), Some("555")));
    assert_eq!(report.result("fpg").unwrap().range_text, "3.9-6.1 mmol/L");
    let crp = &report.results[5];
    assert_eq!((&*crp.owner, &*crp.code, &*crp.jlac10), ("1319900013", "crp", "5C070000002306201"));
    assert_eq!(crp.day.unwrap().to_string(), "2024-05-21");
    let unshown: Vec<_> = report.unshown.iter().map(|u| (u.name.as_str(), u.why.code())).collect();
    assert_eq!(
        unshown,
        [
            ("HDLコレステロール", "entered-in-error"),
            ("血色素量(ヘモグロビン値)", "other-person"),
            ("心電図波形", "form"),
            ("胸部X線写真", "form")
        ]
    );
    let record = read_record(HOSPITAL).unwrap();
    for (id, value) in [("rbc", "493"), ("fpg", "97"), ("hb", ""), ("hdl", ""), ("ldl", "")] {
        assert_eq!(record.get(id), value, "{id}");
    }
}

#[test]
fn a_bundle_that_is_hardly_a_document_is_read_and_says_so() {
    let report = read(PLAIN).unwrap();
    assert!(report.is_collection && report.person.is_unknown());
    assert_eq!(report.standing, Standing::Preliminary);
    assert_eq!(report.institution_number, "1319900021");
    assert_eq!(
        lines(&report),
        [
            "wbc|白血球数|6100|/mm3",
            "u_prot|尿蛋白|(-)|",
            "|便潜血|陰性|",
            "|抗体価|1:40|",
            "|赤沈|3 mm–5 mm|",
            "|空腹|true|",
        ]
    );
    assert_eq!(report.results[0].standing, Standing::Unknown);
    assert_eq!(report.results[1].standing, Standing::Corrected);
    assert!(report.results.iter().skip(2).all(|line| line.reading == Reading::Standard));
    assert_eq!(report.unshown.len(), 1);
    let marked = [b"\xEF\xBB\xBF", PLAIN].concat();
    assert_eq!(read(&marked).unwrap(), report, "a byte order mark changes nothing");
}

#[test]
fn what_keeps_a_document_from_being_read_is_told() {
    let text = String::from_utf8(PLAIN.to_vec()).unwrap();
    let of_type = |kind: &str| text.replace("collection", kind).into_bytes();
    let withdrawn = text.replacen("\"preliminary\"", "\"entered-in-error\"", 1).into_bytes();
    for (bytes, code) in [
        (b"<Bundle xmlns='http://hl7.org/fhir'/>".to_vec(), "xml"),
        (b"%PDF-1.7".to_vec(), "not-json"),
        (b"".to_vec(), "not-json"),
        (text.as_bytes()[..200].to_vec(), "not-json"),
        (br#"{"resourceType":"Patient"}"#.to_vec(), "not-a-document"),
        (br#"{"resourceType":"Bundle","type":"document"}"#.to_vec(), "not-a-document"),
        (of_type("searchset"), "bundle-type"),
        (of_type("history"), "bundle-type"),
        (of_type(""), "bundle-type"),
        (withdrawn, "entered-in-error"),
    ] {
        let error: ReadError = read(&bytes).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(!error.ja().is_ascii() && error.en().is_ascii(), "{error}");
        assert_eq!(read_record(&bytes).unwrap_err(), error);
    }
}

#[test]
fn items_of_an_institution_s_own_come_with_name_unit_and_owner() {
    let own = crate::own::tests::items();
    let mut record = crate::Record::with_own(&own);
    for (id, value) in [("inst_no", "1319900013"), ("exam_date", "2025-05-12"), ("height", "170.0")]
    {
        record.set_id(id, value);
    }
    record.set(own[0], "0.12");
    let practice = crate::hs037::Practice::default();
    let options = crate::hs037::tests::options(&practice, crate::hs037::View::Full);
    let report = read(&crate::hs037::document(&record, &options)).unwrap();
    let line = report.results.last().unwrap();
    assert_eq!((line.item, &*line.owner), (None, "1319900013"));
    assert_eq!((&line.name, &line.unit), (&own[0].name_ja, &own[0].unit_display));
    assert_eq!((&*line.value, &line.jlac10), ("0.12", &own[0].jlac10));
    assert_eq!(format!("x_{}", line.code), own[0].id);
    let of_record = Report::of_record(&record);
    let line_of_record = of_record.results.last().unwrap();
    assert_eq!((&line_of_record.code, &line_of_record.owner), (&line.code, &line.owner));
    assert_eq!(of_record.results.len(), 2, "a declared item is its own, not one of the table");
}

/// Values as vendors might send them, in any form.
fn any_value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i32>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        "[0-9.e+-]{0,18}".prop_map(Value::from),
        Just(Value::Null),
    ];
    let unit = prop_oneof!["|mg/dL|10\\*6/uL|mmol/L|g/L|万/mm3|杯", Just(String::new())];
    let quantity = (number, unit.clone(), unit, "|<|>=|ad").prop_map(|(value, unit, code, sign)| {
        let system = "http://unitsofmeasure.org";
        json!({ "value": value, "unit": unit, "code": code, "system": system, "comparator": sign })
    });
    let (words, days) = (".{0,8}", "(20[0-9]{2}-0[1-9](-[0-9]{2})?)?");
    prop_oneof![
        quantity.clone().prop_map(|q| json!({ "valueQuantity": q })),
        words.prop_map(|text| json!({ "valueString": text })),
        words.prop_map(|text| json!({ "valueCodeableConcept": { "text": text } })),
        any::<bool>().prop_map(|yes| json!({ "valueBoolean": yes })),
        any::<i64>().prop_map(|number| json!({ "valueInteger": number })),
        days.prop_map(|day| json!({ "valueDateTime": day })),
        quantity.prop_map(|q| json!({ "valueRange": { "low": q.clone(), "high": q } })),
        Just(json!({ "valueSampledData": { "data": "1" } })),
        words.prop_map(|text| json!({ "dataAbsentReason": { "text": text } })),
        Just(json!({})),
    ]
}

proptest! {
    /// Every Observation is shown, or counted among what is not; and a number of the record is never
    /// one that was sent in a unit that we do not know.
    #[test]
    fn nothing_is_dropped_in_silence(
        values in prop::collection::vec(
            (any_value(), "rbc|hb|fpg|u_prot|va_r|past_hist_txt|none", "final|preliminary|entered-in-error|x"),
            0..8,
        ),
    ) {
        let observations: Vec<Value> = values
            .iter()
            .map(|(value, id, status)| {
                let item = if id == "none" { "hb" } else { id };
                let mut observation = observation(item, value.clone());
                if id == "none" {
                    observation["code"] = json!({ "text": "独自" });
                }
                observation["status"] = status.as_str().into();
                observation
            })
            .collect();
        let bytes = document(&observations);
        let report = read(&bytes).unwrap();
        prop_assert_eq!(report.results.len() + report.unshown.len(), observations.len());
        prop_assert!(report.results.iter().all(|line| !line.value.is_empty()));
        let withdrawn = values.iter().filter(|(_, _, status)| status == "entered-in-error").count();
        let told = report.unshown.iter().filter(|one| one.why == UnshownReason::Withdrawn).count();
        prop_assert_eq!(told, withdrawn);
        let record = read_record(&bytes).unwrap();
        for line in &report.results {
            if let (Some(item), Reading::AsSent(_)) = (line.item, &line.reading) {
                let others = report.results.iter().filter(|other| other.item == line.item);
                let standard = others.filter(|o| !matches!(o.reading, Reading::AsSent(_)));
                let standard: Vec<&str> = standard.map(|other| other.value.as_str()).collect();
                let value = record.value(item);
                prop_assert!(value.is_empty() || standard.contains(&value), "{}", value);
            }
        }
    }
}
