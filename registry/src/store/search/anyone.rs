//! Objects of all patients (ITI TF-2: 3.51.4.1.2.1): from what they carry to those who have them.
//!
//! Some condition has to lead there over an index; the others are tried on what it leads to.

use super::super::columns::{coded_number, table};
use super::super::statement::Bind;
use super::conditions::{NotSearchable, digit, exact, made};
use super::subject::Source;
use super::ways::Planner;
use renkei_metadata::model::ObjectKind;
use renkei_xds::catalogue::{
    Attribute, CodeAttribute, CodeKey, Condition, Instant, OneOf, TextAttribute, TimeAttribute,
};

/// A condition that leads to objects.
enum Lead<'a> {
    /// They carry one of these reference ids.
    References(Vec<&'a str>),
    /// They were registered at this moment or later.
    Registered(&'a Instant),
    /// Their patients have objects with one of these codes.
    Codes(CodeAttribute, &'a OneOf<CodeKey>),
}

impl Planner<'_> {
    /// The objects of one kind, called `alias`, of all patients.
    pub(super) fn anyone(
        &self,
        source: &mut Source,
        kind: ObjectKind,
        alias: &'static str,
    ) -> Result<(), NotSearchable> {
        let lead = self.lead(kind).ok_or(NotSearchable(Attribute::PatientId))?;
        // Several codes or ids may lead to one object.
        source.repeats = !matches!(lead, Lead::Registered(_));
        let tables = &mut source.tables;
        match lead {
            Lead::References(texts) => {
                let hashes = texts.iter().map(|text| Bind::Bytes(self.vault.reference_hash(text)));
                tables.push("reference lr JOIN document_entry ").push(alias).push(" ON ");
                tables.push(alias).push(".patient_key = lr.patient_key AND ");
                tables.push(alias).push(".key = lr.key");
                source.wheres.push("lr.hash").equals_one(hashes.collect());
            }
            Lead::Registered(from) => {
                tables.push(table(kind)).push(" ").push(alias);
                made(&mut source.wheres, alias, " >= ", from);
            }
            Lead::Codes(attribute, codes) => {
                let codes = codes.iter().map(|key| Bind::Text(key.as_str().to_owned()));
                let number = coded_number(attribute).unwrap_or(-1);
                tables.push("patient_code pc JOIN ").push(table(kind)).push(" ").push(alias);
                tables.push(" ON ").push(alias).push(".patient_key = pc.patient_key");
                source.wheres.push("pc.attribute = ").push(digit(number));
                source.wheres.push(" AND pc.code").equals_one(codes.collect());
            }
        }
        Ok(())
    }

    /// The condition that probably leads to the fewest objects.
    fn lead(&self, kind: ObjectKind) -> Option<Lead<'_>> {
        let filters = || self.query.filters_of(kind).filter(|f| !f.excludes);
        let references = filters().find_map(|f| match &f.condition {
            Condition::Text(TextAttribute::ReferenceId, patterns) => {
                patterns.groups().iter().find_map(exact).map(Lead::References)
            }
            _ => None,
        });
        let by = |wanted: CodeAttribute| {
            filters().find_map(move |f| match &f.condition {
                Condition::Code(attribute, codes) if *attribute == wanted => {
                    Some(Lead::Codes(wanted, codes.groups().first()?))
                }
                _ => None,
            })
        };
        let registered = filters().find_map(|f| match &f.condition {
            Condition::Time(TimeAttribute::Registered, range) => {
                range.from.as_ref().map(Lead::Registered)
            }
            _ => None,
        });
        references
            .or(registered)
            .or_else(|| by(CodeAttribute::Folder))
            .or_else(|| by(CodeAttribute::Event))
            .or_else(|| by(CodeAttribute::FacilityType))
            .or_else(|| by(CodeAttribute::Class))
    }
}
