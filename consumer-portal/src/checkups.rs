//! The documents of each checkup, the one to show first.

use renkei_checkup::hs037::years;
use renkei_metadata::model::DocumentEntry;
use std::cmp::Reverse;
use std::collections::HashSet;

/// CXi type of the reference id that all documents of one checkup share.
const CHECKUP: &str = "^urn:kcsv:checkup";
/// The classCode of documents that hold the results of a checkup.
const CLASS: &str = "CHECKUP";

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
    const ALL: [Self; 2] = [Self::Hs037, Self::Kcsv];

    /// The formatCode, in the affinity domain's scheme.
    const fn code(self) -> &'static str {
        match self {
            Self::Hs037 => "hs037-fhir-r4",
            Self::Kcsv => "kcsv-1.0",
        }
    }

    /// The form of a document.
    fn of(entry: &DocumentEntry) -> Option<Self> {
        let code = entry.format_code.as_ref().map(|code| code.code.as_str())?;
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
    programmes: Vec<String>,
    /// None for a document in a form that is not shown.
    form: Option<Form>,
    created: String,
}

impl Candidate {
    /// None for a document that tells of no checkup.
    fn of(entry: &DocumentEntry) -> Option<Self> {
        let text = |time: &Option<_>| time.as_ref().map(ToString::to_string).unwrap_or_default();
        let institution = entry.authors.iter().find_map(|author| author.institutions.first());
        let form = Form::of(entry);
        let is_checkup = entry.class_code.as_ref().is_some_and(|code| code.code == CLASS);
        if entry.format_code.as_ref().is_some_and(|code| code.code == years::FORMAT_CODE) {
            // made of documents that are here themselves
            return None;
        }
        (form.is_some() || is_checkup).then(|| Self {
            checkup: entry.reference_ids.iter().find(|id| id.ends_with(CHECKUP)).cloned(),
            day: text(&entry.service_start),
            // the number of an XON; the name may be spelled in several ways
            institution: institution
                .map(|xon| xon.rsplit('^').next().unwrap_or(xon).to_owned())
                .unwrap_or_default(),
            programmes: entry.event_codes.iter().map(|code| code.key()).collect(),
            form,
            created: text(&entry.creation_time),
        })
    }

    /// Documents of one source share its reference id; other sources' are known by day, place and
    /// programme. Without a day nothing is known.
    fn is_same_checkup(&self, other: &Self) -> bool {
        match (&self.checkup, &other.checkup) {
            (Some(one), Some(other)) => one == other,
            _ => {
                !self.day.is_empty()
                    && self.day == other.day
                    && self.institution == other.institution
                    && self.shares_programme(other)
            }
        }
    }

    fn shares_programme(&self, other: &Self) -> bool {
        let unknown = self.programmes.is_empty() || other.programmes.is_empty();
        unknown || self.programmes.iter().any(|programme| other.programmes.contains(programme))
    }

    /// Forms that are not shown come last; the latest of one form first.
    fn rank(&self) -> (bool, Option<Form>, Reverse<String>) {
        (self.form.is_none(), self.form, Reverse(self.created.clone()))
    }
}

/// A document of a checkup, and its form; none for one that is not shown.
pub(crate) type Document = (Option<Form>, DocumentEntry);

/// The documents of a person by checkup, those of each in the order in which they are tried: HS037
/// before the standard CSV, the latest of one form first.
pub(crate) fn checkups(entries: Vec<DocumentEntry>) -> Vec<Vec<Document>> {
    let mut seen = HashSet::new();
    let once = entries.into_iter().filter(|entry| seen.insert(entry.unique_id.clone()));
    let known = once.filter_map(|entry| Some((Candidate::of(&entry)?, entry))).collect();
    let document = |(candidate, entry): (Candidate, _)| (candidate.form, entry);
    by_checkup(known).into_iter().map(|all| all.into_iter().map(document).collect()).collect()
}

fn by_checkup<T>(mut candidates: Vec<(Candidate, T)>) -> Vec<Vec<(Candidate, T)>> {
    candidates.sort_by_key(|(candidate, _)| candidate.rank());
    let mut checkups: Vec<Vec<(Candidate, T)>> = Vec::new();
    for (candidate, entry) in candidates {
        let is_same = |checkup: &&mut Vec<(Candidate, T)>| {
            checkup.first().is_some_and(|(first, _)| first.is_same_checkup(&candidate))
        };
        match checkups.iter_mut().find(is_same) {
            Some(checkup) => checkup.push((candidate, entry)),
            None => checkups.push(vec![(candidate, entry)]),
        }
    }
    checkups
}

#[cfg(test)]
mod tests {
    use super::{Candidate, Form, by_checkup};

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
            programmes: Vec::new(),
            form: Some(form),
            created: created.to_owned(),
        }
    }

    /// The names of the documents, those of one checkup together, the one to show first.
    fn grouped<const N: usize>(all: [(&'static str, Candidate); N]) -> Vec<Vec<&'static str>> {
        let all = all.into_iter().map(|(name, candidate)| (candidate, name)).collect();
        let names = |group: Vec<(_, &'static str)>| group.into_iter().map(|(_, n)| n).collect();
        let mut groups: Vec<Vec<&str>> = by_checkup(all).into_iter().map(names).collect();
        groups.sort_unstable();
        groups
    }

    #[test]
    fn one_document_of_each_checkup_is_chosen() {
        let chosen = grouped([
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
        ]);
        let chosen: Vec<&str> = chosen.iter().map(|checkup| checkup[0]).collect();
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

    #[test]
    fn the_other_documents_of_a_checkup_stand_behind_the_one_to_show() {
        let other = Candidate { form: None, ..candidate("a", "20230522", "1", Form::Kcsv, "9") };
        let all = [
            ("cda", other),
            ("csv", candidate("a", "20230522", "1", Form::Kcsv, "2")),
            ("old bundle", candidate("a", "20230522", "1", Form::Hs037, "0")),
            ("bundle", candidate("a", "20230522", "1", Form::Hs037, "1")),
        ];
        assert_eq!(grouped(all), [["bundle", "old bundle", "csv", "cda"]]);
    }

    #[test]
    fn two_programmes_of_a_day_are_two_checkups() {
        let of = |programmes: &[&str]| Candidate {
            programmes: programmes.iter().map(|code| (*code).to_owned()).collect(),
            ..candidate("", "20230522", "1", Form::Hs037, "1")
        };
        let all = [("stomach", of(&["060"])), ("employer", of(&["030"])), ("again", of(&["030"]))];
        assert_eq!(grouped(all), [vec!["employer", "again"], vec!["stomach"]]);
    }

    #[test]
    fn without_a_day_every_document_is_a_checkup() {
        let undated = || candidate("", "", "1", Form::Hs037, "1");
        assert_eq!(grouped([("a", undated()), ("b", undated())]), [["a"], ["b"]]);
    }
}
