//! Rules as they are written: TOML, and a table of names with their shares.

use super::{Condition, Lines, Named, Odds, Rules, Sure, Veto, mistakes};
use crate::level::{Field, Level};
use crate::terms::{Part, Term, Terms};
use crate::verdict::Line;
use crate::weight::Weight;
use renkei_metadata::words::Words;
use renkei_person::{Birth, SharedAuthorities, Writing};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// Bits beyond which no line makes sense.
const FARTHEST: f64 = 1000.0;

/// The most persons of one key that may be compared with each other.
const LARGEST_BLOCK: usize = 100_000;

/// What is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Mistake {
    /// The row of the table.
    pub row: &'static str,
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} / {}", self.row, self.en, self.ja)
    }
}

impl Mistake {
    fn of(row: &'static Words, values: &[(&str, &str)]) -> Self {
        Self { row: row.id, en: row.english(values), ja: row.japanese(values) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    lines: LinesFile,
    birth: BirthFile,
    blocks: BlocksFile,
    names: NamesFile,
    sure: Vec<RuleFile>,
    veto: Vec<VetoFile>,
    weights: BTreeMap<String, OddsFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinesFile {
    upper: f64,
    person: f64,
    lower: f64,
    person_lower: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BirthFile {
    placeholders: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlocksFile {
    largest: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamesFile {
    family: f64,
    given: f64,
    least: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    id: String,
    ja: String,
    en: String,
    all: Vec<Vec<String>>,
    #[serde(default)]
    none: Vec<String>,
    #[serde(default)]
    unknown: Vec<String>,
}

#[derive(Deserialize)]
struct VetoFile {
    at_most: String,
    #[serde(flatten)]
    rule: RuleFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OddsFile {
    m: f64,
    u: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TermRow {
    part: String,
    writing: String,
    name: String,
    share: f64,
}

impl Rules {
    /// Reads rules, and the table of names (`part,writing,name,share`).
    ///
    /// # Errors
    /// All mistakes at once; never an empty list.
    pub fn read(rules: &str, terms: &str) -> Result<Self, Vec<Mistake>> {
        let file: File = toml::from_str(rules).map_err(|error| vec![not_toml(rules, &error)])?;
        let mut found = Found::default();
        let weights = found.weights(&file.weights);
        let sure = found.sure(file.sure);
        let vetoes = found.vetoes(file.veto);
        found.names_once(&sure, &vetoes);
        let lines = found.lines(&file.lines);
        let terms = found.terms(terms, &file.names);
        let placeholders = found.placeholders(&file.birth.placeholders);
        if !(2..=LARGEST_BLOCK).contains(&file.blocks.largest) {
            let value = file.blocks.largest.to_string();
            found.value("blocks.largest", &value, "2 to 100000", "2〜100000 の値");
        }
        if file.version.is_empty() || file.version.chars().count() > 40 {
            found.value("version", &file.version, "1 to 40 characters", "1〜40文字");
        }
        if !found.0.is_empty() {
            return Err(found.0);
        }
        Ok(Self {
            version: file.version.into(),
            authorities: SharedAuthorities::default(),
            lines,
            sure,
            vetoes,
            weights,
            terms,
            placeholders,
            block: file.blocks.largest,
        })
    }
}

fn not_toml(text: &str, error: &toml::de::Error) -> Mistake {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = (before.matches('\n').count() + 1).to_string();
    Mistake::of(&mistakes::NOT_TOML, &[("line", &line), ("message", error.message())])
}

/// Mistakes that were found.
#[derive(Default)]
struct Found(Vec<Mistake>);

impl Found {
    fn add(&mut self, row: &'static Words, values: &[(&str, &str)]) {
        self.0.push(Mistake::of(row, values));
    }

    fn value(&mut self, key: &str, value: &str, expected: &str, expected_ja: &str) {
        let values =
            [("key", key), ("value", value), ("expected", expected), ("expected_ja", expected_ja)];
        self.add(&mistakes::VALUE, &values);
    }

    fn level(&mut self, key: &str, id: &str) -> Option<Level> {
        let level = Level::parse(id);
        if level.is_none() {
            let known = Level::ALL.iter().map(|level| level.id()).collect::<Vec<_>>().join(", ");
            let values = [("key", key), ("value", id), ("known", &known)];
            self.add(&mistakes::LEVEL_UNKNOWN, &values);
        }
        level
    }

    fn field(&mut self, key: &str, id: &str) -> Option<Field> {
        let field = Field::parse(id);
        if field.is_none() {
            self.value(key, id, "a field such as given", "given などの項目名");
        }
        field
    }

    /// Every level once, and in each field none that weighs more than the one before.
    fn weights(&mut self, file: &BTreeMap<String, OddsFile>) -> BTreeMap<Level, Odds> {
        let mut weights = BTreeMap::new();
        for (id, odds) in file {
            let Some(level) = self.level("weights", id) else { continue };
            for (name, value) in [("m", odds.m), ("u", odds.u)] {
                if !(value > 0.0 && value <= 1.0) {
                    let key = format!("weights.{id}.{name}");
                    self.add(&mistakes::ODDS, &[("key", &key), ("value", &value.to_string())]);
                }
            }
            weights.insert(level, Odds { m: odds.m, u: odds.u });
        }
        for missing in Level::ALL.iter().filter(|level| !weights.contains_key(level)) {
            self.add(&mistakes::LEVEL_MISSING, &[("value", missing.id())]);
        }
        let weighed = weights.iter().map(|(level, odds)| (level, Weight::ratio(odds.m, odds.u)));
        let weighed: Vec<_> = weighed.collect();
        for pair in weighed.windows(2) {
            if let [(above, more), (level, less)] = pair
                && above.field() == level.field()
                && less > more
            {
                let key = format!("weights.{level}");
                self.add(&mistakes::ORDER, &[("key", &key), ("above", above.id())]);
            }
        }
        weights
    }

    fn condition(&mut self, key: &str, rule: &RuleFile) -> Condition {
        let all = rule.all.iter();
        let all: Vec<Vec<Level>> = all
            .map(|levels| levels.iter().filter_map(|id| self.level(key, id)).collect())
            .collect();
        let none = rule.none.iter().filter_map(|id| self.level(key, id)).collect();
        let unknown: Vec<Field> =
            rule.unknown.iter().filter_map(|id| self.field(key, id)).collect();
        if all.is_empty() && unknown.is_empty() || all.iter().any(Vec::is_empty) {
            self.add(&mistakes::EMPTY, &[("key", key)]);
        }
        Condition { all, none, unknown }
    }

    fn sure(&mut self, file: Vec<RuleFile>) -> Vec<Sure> {
        let mut rules = Vec::new();
        for rule in file {
            let key = format!("sure.{}", rule.id);
            let condition = self.condition(&key, &rule);
            if is_of_a_card_alone(&condition) {
                self.add(&mistakes::CARD_ALONE, &[("key", &key)]);
            }
            rules.push(Sure { row: named(rule), condition });
        }
        rules
    }

    fn vetoes(&mut self, file: Vec<VetoFile>) -> Vec<Veto> {
        let mut rules = Vec::new();
        for VetoFile { at_most, rule } in file {
            let key = format!("veto.{}", rule.id);
            let condition = self.condition(&key, &rule);
            let line = match at_most.as_str() {
                "work-list" => Line::WorkList,
                "nothing" => Line::Nothing,
                other => {
                    let key = format!("{key}.at_most");
                    let (en, ja) = ("work-list or nothing", "work-list または nothing");
                    self.value(&key, other, en, ja);
                    Line::Nothing
                }
            };
            rules.push(Veto { row: named(rule), condition, at_most: line });
        }
        rules
    }

    fn names_once(&mut self, sure: &[Sure], vetoes: &[Veto]) {
        let mut seen = BTreeSet::new();
        let rows = sure.iter().map(|rule| &rule.row).chain(vetoes.iter().map(|rule| &rule.row));
        for row in rows {
            if !seen.insert(&row.id) {
                self.add(&mistakes::NAME_TWICE, &[("value", &row.id)]);
            }
        }
    }

    fn lines(&mut self, file: &LinesFile) -> Lines {
        let ordered = file.lower < file.upper && file.person_lower <= file.person;
        for (key, value, fits) in [
            ("lines.upper", file.upper, ordered),
            ("lines.lower", file.lower, true),
            ("lines.person", file.person, true),
            ("lines.person_lower", file.person_lower, true),
        ] {
            if !fits || !value.is_finite() || value.abs() > FARTHEST {
                self.add(&mistakes::LINES, &[("key", key), ("value", &value.to_string())]);
            }
        }
        Lines {
            upper: Weight::bits(file.upper),
            person: Weight::bits(file.person),
            lower: Weight::bits(file.lower),
            person_lower: Weight::bits(file.person_lower),
        }
    }

    fn placeholders(&mut self, file: &[String]) -> Vec<Birth> {
        let mut dates = Vec::new();
        for text in file {
            match Birth::parse(text) {
                Some(birth) => dates.push(birth),
                None => self.value("birth.placeholders", text, "YYYYMMDD", "YYYYMMDD の日付"),
            }
        }
        dates
    }

    fn terms(&mut self, table: &str, names: &NamesFile) -> Terms {
        for (key, value) in
            [("family", names.family), ("given", names.given), ("least", names.least)]
        {
            if !(value > 0.0 && value <= 1.0) {
                let key = format!("names.{key}");
                self.add(&mistakes::ODDS, &[("key", &key), ("value", &value.to_string())]);
            }
        }
        let mut list = Vec::new();
        for (at, row) in csv::Reader::from_reader(table.as_bytes()).deserialize().enumerate() {
            match row.ok().and_then(term) {
                Some(term) => list.push(term),
                None => {
                    let key = format!("terms.csv {}", at + 2);
                    let expected = "family or given, kana or kanji, a name, a share";
                    self.value(&key, "", expected, "family か given、kana か kanji、名前、割合");
                }
            }
        }
        Terms::new(&list, [names.family, names.given], names.least)
    }
}

fn term(row: TermRow) -> Option<Term> {
    let part = match row.part.as_str() {
        "family" => Part::Family,
        "given" => Part::Given,
        _ => return None,
    };
    let writing = match row.writing.as_str() {
        "kana" => Writing::Syllabic,
        "kanji" => Writing::Ideographic,
        _ => return None,
    };
    let fits = row.share > 0.0 && row.share <= 1.0 && !row.name.is_empty();
    fits.then_some(Term { part, writing, name: row.name, share: row.share })
}

/// Whether it asks for nothing but a card.
fn is_of_a_card_alone(condition: &Condition) -> bool {
    let of_a_card = |level: &Level| matches!(level, Level::InsuredSame | Level::InsuredCard);
    condition.all.iter().all(|levels| levels.iter().any(of_a_card))
}

fn named(rule: RuleFile) -> Arc<Named> {
    Arc::new(Named { id: rule.id, ja: rule.ja, en: rule.en })
}
