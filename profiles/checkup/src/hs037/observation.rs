//! Results as Observations, and 一連検査グループ.

use super::out::Json;
use super::plan::{self, Planned, What};
use super::{Writer, absent_reason, coding, systems};
use crate::decimal::Decimal;
use crate::number::Measured;
use crate::own;
use crate::tables::{Column, GroupRole, ValueType, tables};

/// Writes the observation as an entry.
pub(super) fn entry(writer: &Writer<'_>, plan: &[Planned], planned: &Planned, json: &mut Json<'_>) {
    writer.entry(planned.uuid, json, |json| match &planned.what {
        What::Item(column) => observation(writer, column, json),
        What::Group { code, members } => {
            let members = plan.get(members.clone()).unwrap_or_default();
            group(writer, code, members, json);
        }
    });
}

/// Urine items: JLAC10 analyte codes that begin with 1A.
fn is_urine(code: &str) -> bool {
    code.starts_with("1A")
}

fn observation(writer: &Writer<'_>, column: &Column, json: &mut Json<'_>) {
    let code = writer.practice.code(column);
    let value = writer.record.value(column);
    let absent = absent_reason::code(value);
    writer.begin("Observation", systems::OBSERVATION_PROFILE, json);
    json.key("status").word(if absent.is_some() { "cancelled" } else { "final" });
    // of what kind an item of one's own is, nobody has said
    if !column.fhir_category.is_empty() {
        json.key("category").array(|json| {
            json.object(|json| coding(json, systems::CATEGORY, &column.fhir_category, None));
        });
    }
    json.key("code").object(|json| item_code(writer, column, json));
    subject(writer, json);
    match absent {
        Some(reason) => json.key("dataAbsentReason").object(|json| {
            coding(json, systems::ABSENT, reason, None);
            json.key("text").text(value);
        }),
        None => write_value(writer, column, value, json),
    }
    if absent.is_none()
        && let Some(method) = tables().method(code)
    {
        json.key("method").object(|json| {
            coding(json, systems::METHOD_CODE, &method.method_code, Some(&method.method_name));
        });
    }
    if is_urine(code) {
        json.key("specimen").object(|json| {
            json.key("type").word("specimen");
            json.key("display").word("尿");
        });
    }
    if column.id == "dr_judge" {
        json.key("performer").array(|json| writer.reference(writer.practitioner, json));
    }
    components(writer, column, json);
}

fn subject(writer: &Writer<'_>, json: &mut Json<'_>) {
    json.key("subject");
    writer.reference(writer.patient, json);
    json.key("effectiveDateTime").text(writer.exam_date);
}

/// The code of an item: JLAC10 where it has one, and for an institution's own item its id there.
fn item_code(writer: &Writer<'_>, column: &Column, json: &mut Json<'_>) {
    let (code, display) = (writer.practice.code(column), writer.practice.name(column));
    if !column.own {
        coding(json, systems::ITEM_CODE, code, Some(display));
        return;
    }
    json.key("coding").array(|json| {
        let mut write = |institution: Option<&str>, code: &str| {
            json.object(|json| {
                json.key("system").string(|out| match institution {
                    None => out.word(systems::JLAC10),
                    Some(number) => {
                        out.word(systems::OWN_ITEM);
                        out.text(number);
                    }
                });
                json.key("code").text(code);
                json.key("display").text(display);
            });
        };
        if !code.is_empty() {
            write(None, code);
        }
        write(Some(writer.record.get("inst_no")), own::code(&column.id).unwrap_or_default());
    });
}

fn write_value(writer: &Writer<'_>, column: &Column, value: &str, json: &mut Json<'_>) {
    match column.value_type {
        Some(ValueType::Pq) => {
            if let Some(measured) = Measured::parse(value) {
                write_quantity(writer, column, measured, json);
                return;
            }
        }
        Some(kind @ (ValueType::Cd | ValueType::Co)) => {
            json.key("valueCodeableConcept").object(|json| coded(column, value, kind, json));
            return;
        }
        Some(ValueType::St) | None => {}
    }
    json.key("valueString").text(value);
}

fn write_quantity(writer: &Writer<'_>, column: &Column, measured: Measured, json: &mut Json<'_>) {
    json.key("valueQuantity").object(|json| {
        quantity(column, measured.value, json);
        if let Some(comparator) = measured.comparator {
            json.key("comparator").word(comparator.symbol());
        }
    });
    let Some(range) = writer.practice.range(column, writer.record.get("sex")) else { return };
    if let Some(letter) = range.interpret(measured) {
        json.key("interpretation").array(|json| {
            json.object(|json| coding(json, systems::INTERPRETATION, letter, None));
        });
    }
    let limits = [("low", range.low), ("high", range.high)];
    json.key("referenceRange").array(|json| {
        json.object(|json| {
            for (key, limit) in limits {
                if let Some(limit) = limit {
                    json.key(key).object(|json| quantity(column, limit, json));
                }
            }
        });
    });
}

fn quantity(column: &Column, value: Decimal, json: &mut Json<'_>) {
    json.key("value").number(value);
    if !column.unit_display.is_empty() {
        json.key("unit").text(&column.unit_display);
    }
    // an institution's own unit may be any
    if !column.unit_ucum.is_empty() {
        json.key("system").word(systems::UCUM);
        json.key("code").text(&column.unit_ucum);
    }
}

/// A code of the item's value set; a term the set does not have is kept as text.
fn coded(column: &Column, value: &str, kind: ValueType, json: &mut Json<'_>) {
    let Some(term) = tables().term(&column.value_set, value) else {
        json.key("text").text(value);
        return;
    };
    let order = term.code.parse::<i64>().ok().filter(|_| kind == ValueType::Co);
    json.key("coding").array(|json| {
        json.object(|json| {
            if let Some(order) = order {
                json.key("extension").array(|json| {
                    json.object(|json| {
                        json.key("url").word(systems::ORDINAL);
                        json.key("valueDecimal").number(order);
                    });
                });
            }
            json.key("system").string(|out| {
                out.word("urn:oid:");
                out.text(&column.value_set);
            });
            json.key("code").text(&term.code);
            json.key("display").text(&term.term);
        });
    });
}

fn components(writer: &Writer<'_>, column: &Column, json: &mut Json<'_>) {
    let mut components = plan::components(writer, column).peekable();
    if components.peek().is_none() {
        return;
    }
    json.key("component").array(|json| {
        for other in components {
            json.object(|json| {
                json.key("code").object(|json| item_code(writer, other, json));
                json.key("valueString").text(writer.record.value(other));
            });
        }
    });
}

/// Names of the groups the column table uses.
const GROUP_NAMES: [(&str, &str); 4] = [
    ("2A020", "貧血検査"),
    ("9A110", "心電図検査"),
    ("9E100", "眼底検査"),
    ("3C015", "血清クレアチニン検査"),
];

/// The name of a 一連検査グループ.
pub(super) fn group_name(code: &'static str) -> &'static str {
    GROUP_NAMES.iter().find(|(known, _)| *known == code).map_or(code, |row| row.1)
}

fn group(writer: &Writer<'_>, code: &'static str, members: &[Planned], json: &mut Json<'_>) {
    writer.begin("Observation", systems::GROUP_PROFILE, json);
    json.key("status").word("final");
    json.key("code").object(|json| coding(json, systems::GROUP, code, Some(group_name(code))));
    subject(writer, json);
    json.key("hasMember").array(|json| {
        for member in members {
            json.object(|json| {
                json.key("extension").array(|json| {
                    json.object(|json| {
                        json.key("url").word(systems::GROUP_RELATION);
                        json.key("valueCode").word(relation(member));
                    });
                });
                writer.refer(member.uuid, json);
            });
        }
    });
}

fn relation(member: &Planned) -> &'static str {
    match member.what {
        What::Item(column) if column.group_role == Some(GroupRole::Rson) => "RSON",
        _ => "COMP",
    }
}
