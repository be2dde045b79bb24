//! Rules that need no registry: what has to be there (`optionality`), what values look like
//! (`values`, `hl7`), which codes are used, and how the objects of a message hang together
//! (`message`, `associations`, `chains`).

mod associations;
mod chains;
pub(crate) mod hl7;
mod message;
mod optionality;
mod rows;
#[cfg(test)]
mod tests;
mod update;
mod values;

pub use rows::*;
pub use update::{check_update, may_join};

use crate::codes::CodeList;
use crate::ebrim::table::Object;
use crate::finding::{Finding, Findings, Rule};
use crate::model::{EntryType, Submission};
use std::borrow::Cow;
use std::collections::HashSet;

/// A column of the optionality table (ITI TF-3: Table 4.3.1-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// A Document Source sends [ITI-41].
    XdsDs,
    /// A Document Repository sends [ITI-42].
    XdsDr,
    /// An On-Demand Document Source sends [ITI-61].
    XdsOd,
}

impl Column {
    /// The one type of DocumentEntry that the transaction brings (ITI TF-2: 3.42.4.1.2, 3.61.4.1.2).
    pub const fn entry_type(self) -> EntryType {
        match self {
            Self::XdsDs | Self::XdsDr => EntryType::Stable,
            Self::XdsOd => EntryType::OnDemand,
        }
    }
}

/// Everything that is wrong with a submission as far as it can be said without a registry.
///
/// Codes and media types are checked when `codes` is given. `already` holds what the reader found:
/// an attribute of an object that has a finding there gets no second one here. The answer holds the
/// new findings only.
pub fn check(
    s: &Submission,
    column: Column,
    codes: Option<&CodeList>,
    already: &[Finding],
) -> Vec<Finding> {
    let told = already.iter().map(|f| (f.object.as_str(), f.attribute.as_ref())).collect();
    let mut report = Report { told, findings: Findings::default() };
    for entry in &s.entries {
        optionality::check(entry, column, &mut report);
        values::check(entry, &mut report);
        values::entry(entry, column.entry_type(), &mut report);
        values::codes(entry, codes, &mut report);
        values::mime_type(entry, codes, &mut report);
    }
    optionality::check(&s.submission_set, column, &mut report);
    values::check(&s.submission_set, &mut report);
    values::codes(&s.submission_set, codes, &mut report);
    for folder in &s.folders {
        optionality::check(folder, column, &mut report);
        values::check(folder, &mut report);
        values::codes(folder, codes, &mut report);
    }
    for association in &s.associations {
        values::check(association, &mut report);
        values::codes(association, codes, &mut report);
    }
    message::check(s, &mut report);
    associations::check(s, &mut report);
    chains::check(s, &mut report);
    report.findings.into_vec()
}

/// The findings so far, and what needs no second one.
struct Report<'a> {
    told: HashSet<(&'a str, &'a str)>,
    findings: Findings,
}

impl Report<'_> {
    /// Adds a finding on an object, with the circumstances that `detail` gives it.
    fn about<T: Object>(
        &mut self,
        object: &T,
        rule: &'static Rule,
        attribute: impl Into<Cow<'static, str>>,
        detail: impl FnOnce(Finding) -> Finding,
    ) {
        let attribute = attribute.into();
        let name = format!("{} {}", T::KIND, object.id());
        if !self.told.contains(&(name.as_str(), attribute.as_ref())) {
            let finding = Finding::new(rule, name).attribute(attribute);
            self.findings.push(detail(finding.location(object.id().to_string())));
        }
    }
}
