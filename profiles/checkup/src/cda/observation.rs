//! The body: results as entries, one observation each, linked examinations below a parent.

use std::collections::HashSet;

use super::groups::{self, Relation};
use super::{Document, header};
use crate::decimal::Decimal;
use crate::number::{Comparator, Measured};
use crate::practice::ReferenceRange;
use crate::tables::{Column, Kind, ValueType, tables};
use crate::terms;
use crate::width::full_width;

/// Section codes.
const SECTION: &str = "1.2.392.200119.6.1010";
/// 特定健診 item codes (JLAC10, 17 digits).
pub(super) const ITEM: &str = "1.2.392.200119.6.1005";
/// 特定健診 method codes.
const METHOD: &str = "1.2.392.200119.6.1007";
/// HL7 `ObservationInterpretation`, for values outside the range that can be entered.
const INTERPRETATION: &str = "2.16.840.1.113883.5.83";
/// Who signed 医師の診断(判定): the author of that observation, not an observation of its own.
const DOCTOR: &str = "dr_name";
const DIAGNOSIS: &str = "dr_judge";

impl<'a> Document<'a> {
    pub(super) fn body(&mut self) {
        let (additional, main): (Vec<_>, Vec<_>) = tables()
            .columns()
            .iter()
            .filter(|column| self.is_sent(column))
            .partition(|column| column.cda_section == self.programme.cda_additional);
        self.xml.raw("\n ").start("component").start("structuredBody");
        let programme = self.programme;
        self.section(&programme.cda_section, "検査・問診結果セクション", &main);
        // The body of the form has a section even when nothing is in it; the second has something.
        if !additional.is_empty() {
            self.section(&programme.cda_additional, "任意追加項目セクション", &additional);
        }
        self.xml.end().end().raw("\n");
    }

    fn section(&mut self, code: &str, title: &str, columns: &[&'static Column]) {
        self.xml.raw("\n  ").start("component").start("section");
        self.xml.start("code").attr("code", code).attr("codeSystem", SECTION).end();
        self.xml.leaf("title", title).start("text").end();
        let mut written = HashSet::new();
        for column in columns {
            match self.group(column) {
                None => self.entry(|document| document.observation(column)),
                Some(group) if written.insert(group) => {
                    self.entry(|document| document.linked(group));
                }
                Some(_) => {}
            }
        }
        self.xml.end().end();
    }

    fn is_sent(&self, column: &Column) -> bool {
        let value = self.record.value(column);
        let is_item = !column.cda_section.is_empty() && column.id != DOCTOR;
        // A text of nothing but control characters is no text.
        is_item && !full_width(value).is_empty()
    }

    /// The group below whose parent an item stands. When none of its examinations was done, its
    /// items stand alone, each with its own 未実施.
    fn group(&self, column: &Column) -> Option<&'static str> {
        let group = groups::of(column, &self.programme.code)?;
        let performed = groups::members(group, &self.programme.code)
            .filter(|member| member.relation == Relation::Comp)
            .map(|member| self.record.get(&member.item))
            .any(|value| !matches!(value, "" | terms::NOT_PERFORMED));
        performed.then_some(group)
    }

    fn entry(&mut self, content: impl FnOnce(&mut Self)) {
        self.xml.raw("\n   ").start("entry");
        content(self);
        self.xml.end();
    }

    fn linked(&mut self, group: &str) {
        self.start_observation();
        self.xml.start("code").attr("nullFlavor", "NA").end();
        for member in groups::members(group, &self.programme.code) {
            let column = tables().column(&member.item).filter(|column| self.is_sent(column));
            if let Some(column) = column {
                self.xml.start("entryRelationship").attr("typeCode", member.relation.code());
                self.observation(column);
                self.xml.end();
            }
        }
        self.xml.end();
    }

    fn start_observation(&mut self) {
        self.xml.start("observation").attr("classCode", "OBS").attr("moodCode", "EVN");
    }

    fn observation(&mut self, column: &Column) {
        let value = self.record.value(column);
        let performed = value != terms::NOT_PERFORMED;
        self.start_observation();
        if !performed {
            self.xml.attr("negationInd", "true");
        }
        let code = self.practice.code(column);
        self.xml.start("code").attr("code", code).attr("codeSystem", ITEM);
        self.xml.attr("displayName", self.practice.name(column)).end();
        if performed {
            let range = self.value(column, value);
            if let Some(method) = tables().method(code) {
                self.xml.start("methodCode").attr("code", &method.method_code);
                self.xml.attr("codeSystem", METHOD).end();
            }
            if column.id == DIAGNOSIS {
                self.doctor();
            }
            if let Some(range) = range {
                self.reference_range(column, range);
            }
        }
        self.xml.end();
    }

    /// Writes the value and its interpretation; gives back the range it was measured against.
    fn value(&mut self, column: &Column, value: &str) -> Option<&'a ReferenceRange> {
        if value == terms::NOT_MEASURABLE {
            self.typed(type_name(column.value_type)).attr("nullFlavor", "NI").end();
            return None;
        }
        match column.value_type {
            Some(ValueType::Pq) => {
                if let Some(measured) = Measured::parse(value) {
                    return self.quantity(column, measured);
                }
            }
            Some(ValueType::Cd | ValueType::Co) => {
                if let Some(term) = tables().term(&column.value_set, value) {
                    self.typed(type_name(column.value_type)).attr("code", &term.code);
                    self.xml.attr("codeSystem", &column.value_set);
                    self.xml.attr("displayName", &term.term).end();
                    return None;
                }
            }
            Some(ValueType::St) | None => {}
        }
        let text = match header::day(value) {
            Some(day) if column.kind == Kind::Date => day,
            _ => full_width(value),
        };
        self.typed("ST").text(&text).end();
        None
    }

    fn quantity(&mut self, column: &Column, measured: Measured) -> Option<&'a ReferenceRange> {
        self.typed("PQ").attr("value", &measured.value.to_string());
        self.xml.attr("unit", &column.unit_ucum).end();
        if let Some(comparator) = measured.comparator {
            self.bound(comparator);
            return None;
        }
        let range = self.practice.range(column, self.record.get("sex"))?;
        if let Some(letter) = range.interpret(measured) {
            self.xml.start("interpretationCode").attr("code", letter).end();
        }
        Some(range)
    }

    /// The value is a bound only: said as the form says it of values outside the range that can be
    /// entered, and then without a reference range.
    fn bound(&mut self, comparator: Comparator) {
        let (code, display) = match comparator {
            Comparator::Less | Comparator::LessOrEqual => ("L", "以下"),
            Comparator::Greater | Comparator::GreaterOrEqual => ("H", "以上"),
        };
        self.typed("CD").attr("code", code).attr("codeSystem", INTERPRETATION);
        self.xml.attr("displayName", display).end();
    }

    fn reference_range(&mut self, column: &Column, range: &ReferenceRange) {
        let limits = [("low", range.low), ("high", range.high)];
        if limits.iter().all(|(_, limit)| limit.is_none()) {
            return;
        }
        self.xml.start("referenceRange").start("observationRange").attr("classCode", "OBS");
        self.xml.attr("moodCode", "EVN.CRT");
        self.typed("IVL_PQ");
        for (name, limit) in limits {
            if let Some(limit) = limit {
                self.xml.start(name).attr("value", &limit_text(column, limit));
                self.xml.attr("unit", &column.unit_ucum).end();
            }
        }
        self.xml.end().end().end();
    }

    fn doctor(&mut self) {
        let name = self.record.get(DOCTOR);
        if matches!(name, "" | terms::NOT_PERFORMED | terms::NOT_MEASURABLE) {
            return;
        }
        self.xml.start("author").start("time").attr("nullFlavor", "NI").end();
        self.xml.start("assignedAuthor").start("id").attr("nullFlavor", "NI").end();
        self.xml.start("assignedPerson").leaf("name", &full_width(name)).end().end().end();
    }

    fn typed(&mut self, kind: &str) -> &mut renkei_soap::xml::Writer {
        self.xml.start("value").attr("xsi:type", kind)
    }
}

const fn type_name(kind: Option<ValueType>) -> &'static str {
    match kind {
        Some(ValueType::Pq) => "PQ",
        Some(ValueType::Cd) => "CD",
        Some(ValueType::Co) => "CO",
        Some(ValueType::St) | None => "ST",
    }
}

/// A limit with the decimals of its item, or with its own when it has more.
fn limit_text(column: &Column, limit: Decimal) -> String {
    let rounded = column.decimals.map(|decimals| limit.round(decimals));
    rounded.filter(|rounded| *rounded == limit).unwrap_or(limit).to_string()
}
