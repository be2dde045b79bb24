//! What rules said of two records, as it is kept: nothing of the persons themselves.

use renkei_matching::{Basis, Level, Line, Named, Reason, Verdict, Weight};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What rules said, and when. Weights are in hundredths of a bit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The version of the rules.
    pub rules: String,
    /// What decided.
    pub basis: Decisive,
    /// The sum.
    pub score: i32,
    /// The part of it that tells of the person alone.
    pub person: i32,
    /// Each field: the name of the level, and what it weighs.
    pub reasons: Vec<(String, i32)>,
}

/// What decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decisive {
    /// An identifier.
    Sure(Rule),
    /// The score.
    Score,
    /// A rule that forbids more.
    Veto(Rule),
}

/// A rule by its name and its words, as they were then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// A stable name.
    pub id: String,
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl Evidence {
    pub(crate) fn of(verdict: &Verdict) -> Self {
        let reasons = verdict.reasons.iter();
        Self {
            rules: verdict.rules.to_string(),
            basis: match &verdict.basis {
                Basis::Sure(rule) => Decisive::Sure(Rule::of(rule)),
                Basis::Score => Decisive::Score,
                Basis::Veto(rule) => Decisive::Veto(Rule::of(rule)),
            },
            score: hundredths(verdict.score),
            person: hundredths(verdict.person),
            reasons: reasons
                .map(|reason| (reason.level.id().to_owned(), hundredths(reason.weight)))
                .collect(),
        }
    }

    /// The verdict again, of a pair that came to this line. A level that these rules do not know any more is left out.
    pub fn verdict(&self, line: Line) -> Verdict {
        let reason = |(id, weight): &(String, i32)| {
            Some(Reason { level: Level::parse(id)?, weight: bits(*weight) })
        };
        Verdict {
            line,
            basis: match &self.basis {
                Decisive::Sure(rule) => Basis::Sure(rule.named()),
                Decisive::Score => Basis::Score,
                Decisive::Veto(rule) => Basis::Veto(rule.named()),
            },
            score: bits(self.score),
            person: bits(self.person),
            reasons: self.reasons.iter().filter_map(reason).collect(),
            rules: self.rules.as_str().into(),
        }
    }
}

impl Rule {
    fn of(rule: &Named) -> Self {
        Self { id: rule.id.clone(), ja: rule.ja.clone(), en: rule.en.clone() }
    }

    fn named(&self) -> Arc<Named> {
        let Self { id, ja, en } = self.clone();
        Arc::new(Named { id, ja, en })
    }
}

/// Of a bit.
pub(crate) fn hundredths(weight: Weight) -> i32 {
    // a whole number of hundredths, far below what an i32 holds
    (weight.as_bits() * 100.0).round() as i32
}

fn bits(hundredths: i32) -> Weight {
    Weight::bits(f64::from(hundredths) / 100.0)
}

/// A line as it is kept.
pub(crate) fn number(line: Line) -> i32 {
    match line {
        Line::Nothing => 0,
        Line::WorkList => 1,
        Line::Linked => 2,
    }
}

/// And back.
pub(crate) fn line(number: i32) -> Line {
    match number {
        i32::MIN..=0 => Line::Nothing,
        1 => Line::WorkList,
        2..=i32::MAX => Line::Linked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_matching::{Rules, compare};
    use renkei_person::{Birth, Name, Person, Writing};

    #[test]
    fn what_is_kept_says_what_was_said() {
        let rules = Rules::standard().unwrap();
        let named = |given: &str| Person {
            names: vec![Name::new(Writing::Syllabic, "ケンシン", given)],
            birth: Birth::parse("19750412"),
            ..Person::default()
        };
        for other in ["ハナコ", "ハナヨ", "タロウ"] {
            let verdict = compare(&named("ハナコ"), &named(other), &rules);
            let kept = Evidence::of(&verdict);
            let text = serde_json::to_string(&kept).unwrap();
            assert!(!text.contains("ケンシン") && !text.contains("1975"), "{text}");
            let read: Evidence = serde_json::from_str(&text).unwrap();
            assert_eq!(read.verdict(verdict.line), verdict);
        }
        for known in [Line::Nothing, Line::WorkList, Line::Linked] {
            assert_eq!(line(number(known)), known);
        }
    }
}
