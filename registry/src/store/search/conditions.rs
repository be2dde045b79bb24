//! What has to hold for an object, as SQL.

use super::super::columns::{
    CodeColumn, EncryptedColumn, TimeColumn, code_column, frame, text_column, time_column,
};
use super::super::key::Key;
use super::super::statement::{Bind, Sql, padded};
use super::super::vault::Vault;
use super::super::{association_number, availability_number, status_number, type_number};
use renkei_database::Dialect;
use renkei_metadata::model::ObjectKind;
use renkei_xds::catalogue::{
    AllOf, Attribute, CodeAttribute, CodeKey, Condition, Filter, Instant, OneOf, Pattern,
    TextAttribute, TimeRange,
};

/// A condition on an attribute that objects of its kind have no column for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotSearchable(pub(crate) Attribute);

/// Patterns that Rust tries on what SQL found.
#[derive(Clone, Debug)]
pub(crate) struct PatternCheck {
    pub(super) kind: ObjectKind,
    pub(super) column: EncryptedColumn,
    pub(super) patterns: AllOf<Pattern>,
    /// Whether what matches is left out.
    pub(super) excludes: bool,
}

/// Writes conditions on one object, a row called `alias`.
pub(super) struct Conditions<'a> {
    pub(super) sql: &'a mut Sql,
    pub(super) checks: &'a mut Vec<PatternCheck>,
    pub(super) kind: ObjectKind,
    pub(super) alias: &'static str,
    pub(super) vault: &'a Vault,
    pub(super) dialect: Dialect,
    /// Whether what is written is to be negated as a whole.
    pub(super) negated: bool,
}

impl Conditions<'_> {
    /// Adds ` AND ...`, or what Rust has to check.
    pub(super) fn add(&mut self, filter: &Filter) -> Result<(), NotSearchable> {
        if !filter.excludes {
            return self.add_condition(&filter.condition);
        }
        // What has no such attribute is not left out.
        let checks = self.checks.len();
        let mut excluded = Sql::new("1 = 1");
        let mut inner = Conditions {
            sql: &mut excluded,
            checks: &mut *self.checks,
            kind: self.kind,
            alias: self.alias,
            vault: self.vault,
            dialect: self.dialect,
            negated: true,
        };
        inner.add_condition(&filter.condition)?;
        match self.checks.get_mut(checks..) {
            Some(patterns) if !patterns.is_empty() => {
                patterns.iter_mut().for_each(|check| check.excludes = true);
            }
            _ => _ = self.sql.push(" AND (").append(excluded).push(") IS NOT TRUE"),
        }
        Ok(())
    }

    fn add_condition(&mut self, condition: &Condition) -> Result<(), NotSearchable> {
        let missing = NotSearchable(condition.attribute());
        match condition {
            Condition::Status(statuses) => {
                self.number_in("status", statuses.iter().map(|s| status_number(*s)));
            }
            Condition::Availability(wanted) => {
                self.only(ObjectKind::DocumentEntry, missing)?;
                self.number_in("availability", wanted.iter().map(|a| availability_number(*a)));
            }
            Condition::EntryType(types) => {
                self.only(ObjectKind::DocumentEntry, missing)?;
                self.number_in("object_type", types.iter().map(|t| type_number(*t)));
            }
            Condition::AssociationType(types) => {
                self.only(ObjectKind::Association, missing)?;
                // A type that is never stored is the number of no row.
                let numbers = types.iter().map(|t| association_number(*t).unwrap_or(-1));
                self.number_in("association_type", numbers);
            }
            Condition::SourceId(ids) => {
                self.only(ObjectKind::SubmissionSet, missing)?;
                let ids = ids.iter().map(|id| Bind::Text(id.as_str().to_owned()));
                self.column("source_id").equals_one(ids.collect());
            }
            Condition::Code(attribute, codes) => self.codes(*attribute, codes).ok_or(missing)?,
            Condition::Time(attribute, range) => {
                match time_column(self.kind, *attribute).ok_or(missing)? {
                    TimeColumn::Digits(column) => self.time(column, range),
                    TimeColumn::Key => self.key(range),
                }
            }
            Condition::Text(attribute, patterns) => {
                self.text(*attribute, patterns).ok_or(missing)?;
            }
        }
        Ok(())
    }

    fn only(&self, kind: ObjectKind, missing: NotSearchable) -> Result<(), NotSearchable> {
        if self.kind == kind { Ok(()) } else { Err(missing) }
    }

    /// ` AND alias.column`
    fn column(&mut self, column: &'static str) -> &mut Sql {
        self.sql.push(" AND ").push(self.alias).push(".").push(column)
    }

    /// Numbers stand in the text: they are few, and a planner knows what they mean.
    fn number_in(&mut self, column: &'static str, numbers: impl Iterator<Item = i16>) {
        self.column(column).push(" IN (");
        for (n, number) in numbers.enumerate() {
            self.sql.push(if n == 0 { "" } else { ", " }).push(digit(number));
        }
        self.sql.push(")");
    }

    fn codes(&mut self, attribute: CodeAttribute, codes: &AllOf<CodeKey>) -> Option<()> {
        match code_column(self.kind, attribute)? {
            CodeColumn::Single(column) => {
                for group in codes.groups() {
                    let values = group.iter().map(|key| Bind::Text(key.as_str().to_owned()));
                    self.column(column).equals_one(values.collect());
                }
            }
            CodeColumn::Framed(column) => {
                for group in codes.groups() {
                    let values = group.iter().map(CodeKey::as_str);
                    self.sql.push(" AND (");
                    let values: Vec<&str> = values.collect();
                    holds_one(self.sql, self.alias, column, &values, self.dialect);
                    self.sql.push(")");
                }
            }
        }
        Some(())
    }

    fn time(&mut self, column: &'static str, range: &TimeRange) {
        for (bound, operator) in [(&range.from, " >= "), (&range.to, " < ")] {
            let Some(bound) = bound else { continue };
            // The parameter is not used for an object without the attribute.
            self.sql.push(" AND (").push(self.alias).push(".").push(column);
            self.sql.push(" IS NULL OR ").push(self.alias).push(".").push(column);
            self.sql.push(operator).bind(Bind::Text(bound.as_str().to_owned())).push(")");
        }
    }

    fn key(&mut self, range: &TimeRange) {
        for (bound, operator) in [(&range.from, " >= "), (&range.to, " < ")] {
            let Some(bound) = bound else { continue };
            self.sql.push(" AND ");
            made(self.sql, self.alias, operator, bound);
        }
    }

    fn text(&mut self, attribute: TextAttribute, patterns: &AllOf<Pattern>) -> Option<()> {
        let column = text_column(self.kind, attribute)?;
        let by_hash = |group| match column {
            EncryptedColumn::ReferenceIds => exact(group),
            EncryptedColumn::AuthorPersons => None,
        };
        // Of what is negated, SQL decides all or nothing: two halves would exclude too much.
        let whole = self.negated && patterns.groups().iter().any(|group| by_hash(group).is_none());
        let mut left = Vec::new();
        for group in patterns.groups() {
            match by_hash(group) {
                Some(texts) if !whole => self.references(&texts),
                _ => left.push(group.clone()),
            }
        }
        if let Some(patterns) = AllOf::new(left) {
            self.checks.push(PatternCheck { kind: self.kind, column, patterns, excludes: false });
        }
        Some(())
    }

    /// Reference ids without wildcards are found by their keyed hashes.
    fn references(&mut self, texts: &[&str]) {
        let hashes = texts.iter().map(|text| Bind::Bytes(self.vault.reference_hash(text)));
        self.sql.push(" AND EXISTS (SELECT 1 FROM reference r WHERE r.hash");
        self.sql.equals_one(hashes.collect());
        self.sql.push(" AND r.patient_key = ").push(self.alias).push(".patient_key");
        self.sql.push(" AND r.key = ").push(self.alias).push(".key)");
    }
}

/// Whether the key of a row was made before or since a moment, as the index has it.
pub(super) fn made(sql: &mut Sql, alias: &'static str, operator: &'static str, moment: &Instant) {
    sql.push("substr(").push(alias).push(".key, 1, 6)").push(operator);
    sql.bind(Bind::Bytes(Key::beginning(moment)));
}

/// The texts that match, if no pattern has a wildcard.
pub(super) fn exact(patterns: &OneOf<Pattern>) -> Option<Vec<&str>> {
    patterns.iter().map(Pattern::exact).collect()
}

/// `position(framed value in column) > 0 OR ...`; of no values, nothing.
pub(super) fn holds_one(
    sql: &mut Sql,
    alias: &'static str,
    column: &'static str,
    values: &[&str],
    dialect: Dialect,
) {
    // LIKE would ignore the case of ASCII letters on SQLite and need its wildcards escaped.
    let position = match dialect {
        Dialect::Sqlite => "instr(",
        Dialect::Postgres => "strpos(",
    };
    for (n, value) in padded(values.to_vec()).enumerate() {
        sql.push(if n == 0 { "" } else { " OR " }).push(position).push(alias).push(".");
        sql.push(column).push(", ").bind(Bind::Text(frame(value))).push(") > 0");
    }
}

/// A number of a kind, status or type.
pub(super) const fn digit(number: i16) -> &'static str {
    match number {
        0 => "0",
        1 => "1",
        2 => "2",
        3 => "3",
        4 => "4",
        5 => "5",
        6 => "6",
        // No column has another number: nothing is found.
        _ => "-1",
    }
}
