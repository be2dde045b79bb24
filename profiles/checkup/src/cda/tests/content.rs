//! What a document says of each item is what the record holds.

use std::collections::BTreeMap;

use proptest::prelude::*;
use renkei_soap::xml::{Element, Node, Reader, XmlLimits};

use super::super::observation::ITEM;
use super::{every_range, written};
use crate::generated;
use crate::number::{Comparator, Measured};
use crate::record::Record;
use crate::tables::{Column, Kind, ValueType, tables};
use crate::terms;
use crate::width::full_width;

/// What the document says of each item, in the words of the record; an item that is said twice has
/// both.
fn said(xml: &str) -> BTreeMap<String, String> {
    let mut reader = Reader::new(xml, XmlLimits::default());
    let mut open = vec![reader.root().unwrap()];
    let mut found = BTreeMap::<String, String>::new();
    let mut item = String::new();
    let mut performed = true;
    while let Some(inside) = open.last() {
        match reader.next_node().unwrap() {
            Node::End => drop(open.pop()),
            Node::Text(text) if inside.local == "value" => {
                found.entry(item.clone()).or_default().push_str(&text)
            }
            Node::Text(_) => {}
            Node::Element(element) => {
                match element.local.as_str() {
                    "observation" => performed = element.attr("negationInd") != Some("true"),
                    "code" if inside.local == "observation" => {
                        item.clear();
                        if element.attr("codeSystem") == Some(ITEM) {
                            item.push_str(element.attr("code").unwrap());
                            let value = if performed { "" } else { terms::NOT_PERFORMED };
                            found.entry(item.clone()).or_default().push_str(value);
                        }
                    }
                    "value" if inside.local == "observation" => {
                        let value = found.entry(item.clone()).or_default();
                        *value = joined(value, &element);
                    }
                    _ => {}
                }
                open.push(element);
            }
        }
    }
    found
}

/// A value behind what was said of its item already: a bound follows its number.
fn joined(before: &str, value: &Element) -> String {
    let attribute = |name| value.attr(name).unwrap_or_default();
    if attribute("nullFlavor") == "NI" {
        return format!("{before}{}", terms::NOT_MEASURABLE);
    }
    match (attribute("displayName"), attribute("value")) {
        ("以下", _) => format!("<={before}"),
        ("以上", _) => format!(">={before}"),
        (term, number) => format!("{before}{term}{number}"),
    }
}

/// How the form says what the record holds: the strict bounds are not among its words.
fn expected(column: &Column, value: &str) -> String {
    let is_mark = matches!(value, terms::NOT_PERFORMED | terms::NOT_MEASURABLE);
    match column.value_type {
        _ if is_mark => value.to_owned(),
        Some(ValueType::Pq) => {
            let mut measured = Measured::parse(value).unwrap();
            measured.comparator = measured.comparator.map(|comparator| match comparator {
                Comparator::Less | Comparator::LessOrEqual => Comparator::LessOrEqual,
                Comparator::Greater | Comparator::GreaterOrEqual => Comparator::GreaterOrEqual,
            });
            measured.to_string()
        }
        Some(ValueType::Cd | ValueType::Co) => value.to_owned(),
        Some(ValueType::St) if column.kind == Kind::Date => value.replace('-', ""),
        Some(ValueType::St) | None => full_width(value),
    }
}

fn held(record: &Record) -> BTreeMap<String, String> {
    let practice = every_range();
    tables()
        .columns()
        .iter()
        .filter(|column| column.value_type.is_some() && column.id != "dr_name")
        .filter(|column| !record.value(column).is_empty())
        .map(|column| (practice.code(column).to_owned(), expected(column, record.value(column))))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn every_item_is_said_once_and_as_it_is(mut record in generated::record(), programme in "010|020|030|040") {
        record.set_id("program_code", &programme);
        prop_assert_eq!(said(&written(&record, &every_range())), held(&record));
    }
}
