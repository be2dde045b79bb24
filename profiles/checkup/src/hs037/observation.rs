//! Results as Observations, and 一連検査グループ.

use serde_json::{Number, Value, json};

use super::{View, Writer, absent_reason, put, systems};
use crate::decimal::Decimal;
use crate::number::Measured;
use crate::own;
use crate::tables::{Column, GroupRole, Section, ValueType, tables};
use crate::terms;

/// One Observation of the document.
pub(super) struct Observation {
    pub(super) url: String,
    pub(super) resource: Value,
    /// The section that lists it, and its line there; a member of a group is listed by its group.
    pub(super) listed: Option<(Section, String)>,
}

/// All observations in the order of the column table; a group follows its members.
pub(super) fn all(writer: &Writer<'_>) -> Vec<Observation> {
    let columns = writer.record.iter().map(|(column, _)| column);
    let sent: Vec<&Column> =
        columns.filter(|column| is_sent(writer, column) && !is_component(writer, column)).collect();
    let mut found = Vec::new();
    let same_group = |one: &&Column, next: &&Column| {
        one.group_role.is_some() && one.group_code == next.group_code
    };
    for run in sent.chunk_by(same_group) {
        match run {
            [single] if single.group_role.is_none() => {
                let listed = place(writer, single).map(|section| (section, line(writer, single)));
                found.push(observation(writer, single, listed));
            }
            members => found.extend(group(writer, members)),
        }
    }
    found
}

fn place(writer: &Writer<'_>, column: &Column) -> Option<Section> {
    column.fhir_section.map(|section| writer.programme.fhir_place(section))
}

fn is_sent(writer: &Writer<'_>, column: &Column) -> bool {
    let shown = match writer.view {
        View::Full => true,
        View::Statutory => column.statutory,
    };
    shown && column.fhir_section.is_some() && !writer.record.value(column).is_empty()
}

/// An explanation travels inside the observation it explains, when there is one.
fn is_component(writer: &Writer<'_>, column: &Column) -> bool {
    tables().column(&column.component_of).is_some_and(|parent| is_sent(writer, parent))
}

fn line(writer: &Writer<'_>, column: &Column) -> String {
    let value = writer.record.value(column);
    let separator = match value {
        terms::NOT_PERFORMED | terms::NOT_MEASURABLE => "",
        _ if column.unit_display.is_empty() => "",
        _ => " ",
    };
    let unit = if separator.is_empty() { "" } else { &column.unit_display };
    format!("{}: {value}{separator}{unit}", writer.practice.name(column))
}

/// Urine items: JLAC10 analyte codes that begin with 1A.
fn is_urine(code: &str) -> bool {
    code.starts_with("1A")
}

fn observation(
    writer: &Writer<'_>,
    column: &Column,
    listed: Option<(Section, String)>,
) -> Observation {
    let code = writer.practice.code(column);
    let value = writer.record.value(column);
    let absent = absent_reason::code(value);
    let mut resource = json!({
        "resourceType": "Observation",
        "meta": writer.meta(systems::OBSERVATION_PROFILE),
        "status": if absent.is_some() { "cancelled" } else { "final" },
        "code": item_code(writer, column),
        "subject": writer.reference("patient"),
        "effectiveDateTime": writer.exam_date,
    });
    // of what kind an item of one's own is, nobody has said
    if !column.fhir_category.is_empty() {
        let coding = json!([{ "system": systems::CATEGORY, "code": column.fhir_category }]);
        put(&mut resource, "category", json!([{ "coding": coding }]));
    }
    match absent {
        Some(reason) => {
            let coding = json!([{ "system": systems::ABSENT, "code": reason }]);
            put(&mut resource, "dataAbsentReason", json!({ "coding": coding, "text": value }));
        }
        None => put_value(writer, column, value, &mut resource),
    }
    if absent.is_none()
        && let Some(method) = tables().method(code)
    {
        let coding = json!([{
            "system": systems::METHOD_CODE, "code": method.method_code, "display": method.method_name
        }]);
        put(&mut resource, "method", json!({ "coding": coding }));
    }
    if is_urine(code) {
        put(&mut resource, "specimen", json!({ "type": "specimen", "display": "尿" }));
    }
    if column.id == "dr_judge" {
        put(&mut resource, "performer", json!([writer.reference("practitioner")]));
    }
    put_components(writer, column, &mut resource);
    Observation { url: writer.url(&format!("obs-{}", column.id)), resource, listed }
}

/// The code of an item: JLAC10 where it has one, and for an institution's own item its id there.
fn item_code(writer: &Writer<'_>, column: &Column) -> Value {
    let (code, display) = (writer.practice.code(column), writer.practice.name(column));
    let coding =
        |system: &str, code: &str| json!({ "system": system, "code": code, "display": display });
    let mut codings = Vec::new();
    if !code.is_empty() {
        let system = if column.own { systems::JLAC10 } else { systems::ITEM_CODE };
        codings.push(coding(system, code));
    }
    if let Some(id) = own::code(&column.id).filter(|_| column.own) {
        let system = format!("{}{}", systems::OWN_ITEM, writer.record.get("inst_no"));
        codings.push(coding(&system, id));
    }
    json!({ "coding": codings })
}

fn put_value(writer: &Writer<'_>, column: &Column, value: &str, resource: &mut Value) {
    match column.value_type {
        Some(ValueType::Pq) => match Measured::parse(value) {
            Some(measured) => put_quantity(writer, column, measured, resource),
            None => put(resource, "valueString", json!(value)),
        },
        Some(kind @ (ValueType::Cd | ValueType::Co)) => {
            put(resource, "valueCodeableConcept", coded(column, value, kind));
        }
        Some(ValueType::St) | None => put(resource, "valueString", json!(value)),
    }
}

fn put_quantity(writer: &Writer<'_>, column: &Column, measured: Measured, resource: &mut Value) {
    let mut value = quantity(column, measured.value);
    if let Some(comparator) = measured.comparator {
        put(&mut value, "comparator", json!(comparator.symbol()));
    }
    put(resource, "valueQuantity", value);
    let Some(range) = writer.practice.range(column, writer.record.get("sex")) else { return };
    if let Some(letter) = range.interpret(measured) {
        let coding = json!([{ "system": systems::INTERPRETATION, "code": letter }]);
        put(resource, "interpretation", json!([{ "coding": coding }]));
    }
    let mut limits = json!({});
    for (key, limit) in [("low", range.low), ("high", range.high)] {
        if let Some(limit) = limit {
            put(&mut limits, key, quantity(column, limit));
        }
    }
    put(resource, "referenceRange", json!([limits]));
}

fn quantity(column: &Column, value: Decimal) -> Value {
    let mut quantity = json!({ "value": number(value) });
    if !column.unit_display.is_empty() {
        put(&mut quantity, "unit", json!(column.unit_display));
    }
    // an institution's own unit may be any
    if !column.unit_ucum.is_empty() {
        put(&mut quantity, "system", json!(systems::UCUM));
        put(&mut quantity, "code", json!(column.unit_ucum));
    }
    quantity
}

fn number(value: Decimal) -> Value {
    match value.to_integer() {
        Some(integer) => Value::from(integer),
        None => Number::from_f64(value.to_f64()).map_or(Value::Null, Value::Number),
    }
}

/// A code of the item's value set; a term the set does not have is kept as text.
fn coded(column: &Column, value: &str, kind: ValueType) -> Value {
    let Some(term) = tables().term(&column.value_set, value) else {
        return json!({ "text": value });
    };
    let mut coding = json!({});
    if kind == ValueType::Co
        && let Ok(order) = term.code.parse::<i64>()
    {
        put(&mut coding, "extension", json!([{ "url": systems::ORDINAL, "valueDecimal": order }]));
    }
    put(&mut coding, "system", json!(format!("urn:oid:{}", column.value_set)));
    put(&mut coding, "code", json!(term.code));
    put(&mut coding, "display", json!(term.term));
    json!({ "coding": [coding] })
}

fn put_components(writer: &Writer<'_>, column: &Column, resource: &mut Value) {
    let components: Vec<Value> = tables()
        .columns()
        .iter()
        .filter(|other| other.component_of == column.id && is_sent(writer, other))
        .map(|other| {
            json!({
                "code": item_code(writer, other),
                "valueString": writer.record.value(other),
            })
        })
        .collect();
    if !components.is_empty() {
        put(resource, "component", Value::Array(components));
    }
}

/// Names of the groups the column table uses.
const GROUP_NAMES: [(&str, &str); 4] = [
    ("2A020", "貧血検査"),
    ("9A110", "心電図検査"),
    ("9E100", "眼底検査"),
    ("3C015", "血清クレアチニン検査"),
];

/// The members of a 一連検査グループ and the group: values first, then 対象者, the reason last.
fn group(writer: &Writer<'_>, members: &[&Column]) -> Vec<Observation> {
    let mut members = members.to_vec();
    members.sort_by_key(|column| match column.group_role {
        Some(GroupRole::Rson) => 2,
        _ => i32::from(column.id.ends_with("_subject")),
    });
    let Some(first) = members.first() else { return Vec::new() };
    let code = &first.group_code;
    let name =
        GROUP_NAMES.iter().find(|(known, _)| known == code).map_or(code.as_str(), |row| row.1);
    let section = place(writer, first);
    let (mut found, mut links, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for column in members {
        let member = observation(writer, column, None);
        let relation = match column.group_role {
            Some(GroupRole::Rson) => "RSON",
            _ => "COMP",
        };
        links.push(json!({
            "extension": [{ "url": systems::GROUP_RELATION, "valueCode": relation }],
            "reference": member.url,
        }));
        texts.push(format!("{} {}", writer.practice.name(column), writer.record.value(column)));
        found.push(member);
    }
    let coding = json!([{ "system": systems::GROUP, "code": code, "display": name }]);
    let resource = json!({
        "resourceType": "Observation",
        "meta": writer.meta(systems::GROUP_PROFILE),
        "status": "final",
        "code": { "coding": coding },
        "subject": writer.reference("patient"),
        "effectiveDateTime": writer.exam_date,
        "hasMember": links,
    });
    let listed = section.map(|section| (section, format!("{name}: {}", texts.join("、"))));
    found.push(Observation { url: writer.url(&format!("grp-{code}")), resource, listed });
    found
}
