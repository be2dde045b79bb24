//! The Slots of one parameter as typed values: spelling, number, and the limit of values.

use super::literal::{Literal, Misspelt, split};
use super::values::{AllOf, OneOf};
use super::{Need, ParamDef, QueryDef};
use crate::iti18::AdhocQuery;
use crate::rules;
use renkei_metadata::finding::{Finding, Rule};
use renkei_metadata::model::EntryType;

/// The limit of values was reached.
pub(super) struct TooMany;

/// Reads the Slots of one query and collects what is wrong with them.
pub(super) struct SlotReader<'q> {
    pub(super) def: &'static QueryDef,
    pub(super) query: &'q AdhocQuery,
    pub(super) values_left: usize,
    /// The parameters that have a value, usable or not.
    pub(super) given: Vec<&'static ParamDef>,
    pub(super) findings: Vec<Finding>,
}

/// What one parameter was given.
pub(super) struct Slots<T> {
    /// The usable values, each Slot a group.
    groups: Vec<OneOf<T>>,
    /// How many values there were, usable or not.
    count: usize,
    /// Whether a finding says already what is wrong.
    faulty: bool,
}

impl<T> Slots<T> {
    /// The groups; `None` without a usable value.
    pub(super) fn all_of(self) -> Option<AllOf<T>> {
        AllOf::new(self.groups)
    }

    /// The values of the one Slot that is allowed.
    pub(super) fn one_of(self) -> Option<OneOf<T>> {
        self.groups.into_iter().next()
    }

    /// The one value that is allowed.
    pub(super) fn value(self) -> Option<T> {
        self.one_of()?.into_iter().next()
    }
}

impl SlotReader<'_> {
    /// The values of `param`. `read` gives `None` for a value that is to be passed over.
    pub(super) fn slots<T: Ord>(
        &mut self,
        param: &'static ParamDef,
        read: impl Fn(&Literal) -> Result<Option<T>, Misread>,
    ) -> Result<Slots<T>, TooMany> {
        let query = self.query;
        let mut slots = Slots { groups: Vec::new(), count: 0, faulty: false };
        for (_, values) in query.params.iter().filter(|(name, _)| name == param.name) {
            let mut group = Vec::new();
            for value in values {
                for literal in self.literals(param, value, &mut slots)? {
                    match read(&literal) {
                        Ok(value) => group.extend(value),
                        Err(Misread) => {
                            slots.faulty = true;
                            self.wrong(param, &literal.text);
                        }
                    }
                }
            }
            slots.groups.extend(OneOf::new(group));
        }
        if slots.count > 0 {
            self.given.push(param);
        }
        self.check_number(param, &slots);
        Ok(slots)
    }

    fn literals<T>(
        &mut self,
        param: &'static ParamDef,
        value: &str,
        slots: &mut Slots<T>,
    ) -> Result<Vec<Literal>, TooMany> {
        match split(value, self.values_left) {
            Ok(mut literals) => {
                // An empty Value counts too, lest there be any number of them.
                self.take(literals.len().max(1))?;
                // An empty text is no value where one has to be given.
                literals.retain(|l| !l.text.is_empty() || param.may_be_absent());
                slots.count += literals.len();
                Ok(literals)
            }
            Err(Misspelt::TooMany) => Err(TooMany),
            Err(Misspelt::Syntax) => {
                self.take(1)?;
                slots.count += 1;
                slots.faulty = true;
                self.wrong(param, value);
                Ok(Vec::new())
            }
        }
    }

    fn take(&mut self, values: usize) -> Result<(), TooMany> {
        self.values_left = self.values_left.checked_sub(values).ok_or(TooMany)?;
        Ok(())
    }

    fn check_number<T>(&mut self, param: &'static ParamDef, slots: &Slots<T>) {
        if param.need == Need::Required && slots.groups.is_empty() && !slots.faulty {
            let expected = param.expected();
            self.findings.push(
                self.about(&rules::QUERY_PARAM_MISSING, param.name)
                    .expected(expected.expected, expected.expected_ja),
            );
        }
        if !param.multiple && slots.count > 1 {
            self.findings.push(
                self.about(&rules::QUERY_PARAM_NUMBER, param.name)
                    .value(slots.count.to_string())
                    .expected("one value", "値一つ"),
            );
        } else if !param.and_or && slots.groups.len() > 1 {
            self.findings.push(
                self.about(&rules::QUERY_PARAM_REPEATED, param.name)
                    .value(slots.groups.len().to_string())
                    .expected("one slot", "Slot一つ"),
            );
        }
    }

    /// The types of entry that a query means without the parameter: Stable alone (ITI TF-2:
    /// 3.18.4.1.2.3.7.1), unless it says which it does not mean.
    pub(super) fn default_types(&self, param: &ParamDef) -> Option<OneOf<EntryType>> {
        let excluding = self.def.params.iter().find(|p| p.opposite() == Some(param.name));
        let asked = |p: &ParamDef| self.query.params.iter().any(|(name, _)| name == p.name);
        let stable = !param.excludes && !excluding.is_some_and(asked);
        stable.then_some(OneOf::only(EntryType::Stable))
    }

    /// Checks which parameters were given together (ITI TF-2: 3.18.4.1.2.3.7, 3.51.4.1.2.1).
    pub(super) fn check_combinations(&mut self) {
        for (need, none, several) in [
            (Need::Choice, &rules::QUERY_CHOICE_MISSING, Some(&rules::QUERY_CHOICE_NUMBER)),
            (Need::AnyOf, &rules::QUERY_ANY_MISSING, None),
        ] {
            let of_need = self.def.params.iter().filter(|p| p.need == need);
            let names: Vec<&str> = of_need.map(|p| p.name).collect();
            let rule = match self.given.iter().filter(|p| p.need == need).count() {
                _ if names.is_empty() => None,
                0 => Some(none),
                1 => None,
                _ => several,
            };
            if let Some(rule) = rule {
                self.findings.push(self.about(rule, names.join(", ")));
            }
        }
        let excluding = self.given.iter().filter_map(|p| Some((p.name, p.opposite()?)));
        let both = excluding.filter(|(_, other)| self.given.iter().any(|p| p.name == *other));
        let both: Vec<String> = both.map(|(name, other)| format!("{other}, {name}")).collect();
        for names in both {
            self.findings.push(self.about(&rules::QUERY_CHOICE_NUMBER, names));
        }
    }

    fn wrong(&mut self, param: &'static ParamDef, value: &str) {
        let expected = param.expected();
        let mut finding = self
            .about(&rules::QUERY_VALUE, param.name)
            .expected(expected.expected, expected.expected_ja);
        if !param.kind.attribute().is_personal() {
            finding = finding.value(value);
        }
        self.findings.push(finding);
    }

    pub(super) fn about(&self, rule: &'static Rule, param: impl Into<String>) -> Finding {
        let param = param.into();
        Finding::new(rule, self.def.name).location(&param).attribute(param)
    }
}

/// A value is not spelled as its parameter demands.
pub(super) struct Misread;
