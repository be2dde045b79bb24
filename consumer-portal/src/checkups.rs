//! Which of a checkup's documents to show: one of each checkup.

use renkei_metadata::model::{Code, DocumentEntry};
use std::cmp::Reverse;

/// CXi type of the reference id that all documents of one checkup share.
const CHECKUP: &str = "^urn:kcsv:checkup";

/// A form of document that can be shown, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// HS037 FHIR Bundle; it has the reference ranges.
    Hs037,
    /// Standard CSV, one record.
    Kcsv,
}

impl Form {
    /// All forms.
    pub(crate) const ALL: [Self; 2] = [Self::Hs037, Self::Kcsv];

    /// The formatCode, in the affinity domain's scheme.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Hs037 => "hs037-fhir-r4",
            Self::Kcsv => "kcsv-1.0",
        }
    }

    /// The form of a document.
    pub(crate) fn of(entry: &DocumentEntry) -> Option<Self> {
        let code = entry.format_code.as_ref().map(|code: &Code| code.code.as_str())?;
        Self::ALL.into_iter().find(|form| form.code() == code)
    }
}

/// What decides between the documents of a person.
#[derive(Clone, Debug)]
struct Candidate {
    /// Reference id of the checkup, when its source gave one.
    checkup: Option<String>,
    day: String,
    institution: String,
    form: Form,
    created: String,
}

impl Candidate {
    fn of(entry: &DocumentEntry) -> Option<Self> {
        let text = |time: &Option<_>| time.as_ref().map(ToString::to_string).unwrap_or_default();
        let institution = entry.authors.iter().find_map(|author| author.institutions.first());
        Some(Self {
            checkup: entry.reference_ids.iter().find(|id| id.ends_with(CHECKUP)).cloned(),
            day: text(&entry.service_start),
            // the number of an XON; the name may be spelled in several ways
            institution: institution
                .map(|xon| xon.rsplit('^').next().unwrap_or(xon).to_owned())
                .unwrap_or_default(),
            form: Form::of(entry)?,
            created: text(&entry.creation_time),
        })
    }

    /// Documents of one source share its reference id; other sources' are known by day and place.
    fn is_same_checkup(&self, other: &Self) -> bool {
        match (&self.checkup, &other.checkup) {
            (Some(one), Some(other)) => one == other,
            _ => self.day == other.day && self.institution == other.institution,
        }
    }
}

/// The best document of each checkup: HS037 before the standard CSV, the latest of one form. What
/// is in no form we know is left out.
pub(crate) fn one_of_each(entries: Vec<DocumentEntry>) -> Vec<DocumentEntry> {
    let known = entries.into_iter().filter_map(|entry| Some((Candidate::of(&entry)?, entry)));
    best(known.collect()).into_iter().map(|(_, entry)| entry).collect()
}

fn best<T>(mut candidates: Vec<(Candidate, T)>) -> Vec<(Candidate, T)> {
    candidates.sort_by_key(|(c, _)| (c.form, Reverse(c.created.clone())));
    let mut chosen: Vec<(Candidate, T)> = Vec::new();
    for (candidate, entry) in candidates {
        if !chosen.iter().any(|(taken, _)| taken.is_same_checkup(&candidate)) {
            chosen.push((candidate, entry));
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::{Candidate, Form, best};

    fn candidate(
        checkup: &str,
        day: &str,
        institution: &str,
        form: Form,
        created: &str,
    ) -> Candidate {
        Candidate {
            checkup: (!checkup.is_empty()).then(|| checkup.to_owned()),
            day: day.to_owned(),
            institution: institution.to_owned(),
            form,
            created: created.to_owned(),
        }
    }

    #[test]
    fn one_document_of_each_checkup_is_chosen() {
        let all = [
            ("csv of 2023", candidate("a", "20230522", "1", Form::Kcsv, "2")),
            ("bundle of 2023", candidate("a", "20230522", "1", Form::Hs037, "1")),
            ("csv only", candidate("b", "20240522", "1", Form::Kcsv, "1")),
            ("another checkup of the day", candidate("c", "20240522", "1", Form::Hs037, "1")),
            ("another institution", candidate("d", "20240522", "2", Form::Hs037, "1")),
            (
                "no reference id, same day and place",
                candidate("", "20230522", "1", Form::Kcsv, "3"),
            ),
            ("older bundle of another vendor", candidate("", "20250522", "3", Form::Hs037, "1")),
            ("bundle of another vendor", candidate("", "20250522", "3", Form::Hs037, "2")),
        ];
        let all = all.into_iter().map(|(name, candidate)| (candidate, name)).collect();
        let mut chosen: Vec<&str> = best(all).into_iter().map(|(_, name)| name).collect();
        chosen.sort_unstable();
        assert_eq!(
            chosen,
            [
                "another checkup of the day",
                "another institution",
                "bundle of 2023",
                "bundle of another vendor",
                "csv only"
            ]
        );
    }
}
