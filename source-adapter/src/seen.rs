//! What the checks remember of a file: checkups and people that several of its rows tell of (E017,
//! E020). A row can be refused by one that comes later; the file is then read again.

use std::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashMap};
use renkei_checkup::Record;
use renkei_checkup::identity::{self, Encoder, Key};

/// Rows that a finding lists.
const LISTED: usize = 10;

/// Row numbers, the first few of them.
pub(crate) type RowNumbers = Vec<u64>;

/// What no reading of one row can know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Numbers of people under which rows tell of two (E020).
    pub(crate) people: HashMap<Key, RowNumbers>,
    /// Checkups of which rows tell different things (E017).
    pub(crate) checkups: HashMap<Key, RowNumbers>,
    /// Numbers that two checkups have (`report_no`).
    pub(crate) reports: HashMap<Key, RowNumbers>,
}

/// What was seen in the rows so far: about eighty bytes for each accepted one.
#[derive(Default)]
pub(crate) struct Seen {
    /// Hashes of one reading, which nobody outside can foresee.
    state: DefaultHashBuilder,
    people: HashMap<Key, Person>,
    checkups: HashMap<Key, Checkup>,
    reports: HashMap<Key, u64>,
    /// What this reading found out, to be known in the next.
    pub(crate) found: Known,
}

/// Hashes of birth date, sex and kana of one number; empty ones, which are 0, are not compared.
struct Person {
    traits: [u64; 3],
    row: u64,
}

struct Checkup {
    content: u64,
    row: u64,
}

/// What an accepted row is to the ones before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It is the first of its kind.
    None,
    /// An earlier row says the same.
    Same { first: u64 },
    /// Rows say different things of one checkup.
    Different(RowNumbers),
}

impl Seen {
    /// The rows of another person under the same number, where they are known.
    pub(crate) fn other_person(
        &mut self,
        record: &Record,
        row: u64,
        known: &Known,
    ) -> Option<RowNumbers> {
        let number = identity::local_person(record)?;
        if let Some(rows) = known.people.get(&number) {
            return Some(rows.clone());
        }
        let traits =
            ["birth_date", "sex", "name_kana"].map(|id| person_trait(&self.state, record.get(id)));
        let Some(first) = self.people.get_mut(&number) else {
            self.people.insert(number, Person { traits, row });
            return None;
        };
        let mut other = false;
        for (one, two) in first.traits.iter_mut().zip(traits) {
            match (*one, two) {
                (_, 0) => {}
                (0, two) => *one = two,
                (one, two) => other |= one != two,
            }
        }
        let found = self.found.people.get_mut(&number);
        match found {
            Some(rows) => list(rows, row),
            None if other => {
                self.found.people.insert(number, vec![first.row, row]);
            }
            None => {}
        }
        None
    }

    /// Whether an accepted row repeats another one.
    pub(crate) fn repeat(&mut self, record: &Record, row: u64, known: &Known) -> Repeat {
        let checkup = identity::duplicate(record);
        if let Some(rows) = known.checkups.get(&checkup) {
            return Repeat::Different(rows.clone());
        }
        let mut content = self.state.build_hasher();
        identity::content(record, &mut content);
        let content = content.finish();
        let Some(first) = self.checkups.get(&checkup) else {
            self.checkups.insert(checkup, Checkup { content, row });
            return Repeat::None;
        };
        let first_row = first.row;
        if let Some(rows) = self.found.checkups.get_mut(&checkup) {
            list(rows, row);
        } else if first.content != content {
            self.found.checkups.insert(checkup, vec![first_row, row]);
        }
        Repeat::Same { first: first_row }
    }

    /// The rows that share the institution's number of a checkup with this accepted one.
    pub(crate) fn same_report(
        &mut self,
        institution: &str,
        number: &str,
        row: u64,
        known: &Known,
    ) -> Option<RowNumbers> {
        let mut key = Encoder::new("report number in a file");
        key.field(institution).field(number);
        let key = key.finish();
        if let Some(rows) = known.reports.get(&key) {
            return Some(rows.clone());
        }
        let first = *self.reports.entry(key).or_insert(row);
        if first != row {
            match self.found.reports.get_mut(&key) {
                Some(rows) => list(rows, row),
                None => {
                    self.found.reports.insert(key, vec![first, row]);
                }
            }
        }
        None
    }
}

impl Known {
    /// What has to be known for the next reading, or none when this one knew everything. People come
    /// first: a row that is refused for its number tells of no checkup.
    pub(crate) fn next(&self, found: Known) -> Option<Self> {
        let new = |found: &HashMap<Key, RowNumbers>| !found.is_empty();
        if new(&found.people) {
            let mut people = self.people.clone();
            people.extend(found.people);
            return Some(Self { people, ..Self::default() });
        }
        if new(&found.checkups) {
            let mut checkups = self.checkups.clone();
            checkups.extend(found.checkups);
            return Some(Self { people: self.people.clone(), checkups, ..Self::default() });
        }
        if new(&found.reports) {
            let mut reports = self.reports.clone();
            reports.extend(found.reports);
            return Some(Self { reports, ..self.clone() });
        }
        None
    }
}

fn list(rows: &mut RowNumbers, row: u64) {
    if rows.len() < LISTED {
        rows.push(row);
    }
}

/// A trait without its blanks; 0 when it is empty.
fn person_trait(state: &DefaultHashBuilder, value: &str) -> u64 {
    let mut letters = value.chars().filter(|letter| !letter.is_whitespace()).peekable();
    if letters.peek().is_none() {
        return 0;
    }
    let mut hash = state.build_hasher();
    letters.for_each(|letter| hash.write_u32(u32::from(letter)));
    hash.finish().max(1)
}

/// Row numbers as a person reads them, in English and in Japanese.
pub(crate) fn listed(rows: &[u64]) -> (String, String) {
    let rows: Vec<String> = rows.iter().map(u64::to_string).collect();
    let more = if rows.len() >= LISTED { " …" } else { "" };
    (format!("{}{more}", rows.join(", ")), format!("{}{more}", rows.join("、")))
}
