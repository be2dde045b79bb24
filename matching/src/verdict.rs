//! What rules say of two descriptions, and why.

use crate::level::Level;
use crate::rules::Named;
use crate::weight::Weight;
use std::sync::Arc;

/// What becomes of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Line {
    /// Two persons, as far as can be told.
    Nothing,
    /// A clerk decides.
    WorkList,
    /// One person.
    Linked,
}

/// What decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// An identifier.
    Sure(Arc<Named>),
    /// The score.
    Score,
    /// A rule that forbids more.
    Veto(Arc<Named>),
}

/// One field's part in a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What was observed.
    pub level: Level,
    /// What it weighs.
    pub weight: Weight,
}

/// What rules say of two descriptions. It holds nothing of the persons themselves, so that it can be kept and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What becomes of the pair.
    pub line: Line,
    /// What decided that.
    pub basis: Basis,
    /// The sum of the weights.
    pub score: Weight,
    /// The part of it that tells of the person alone: given name, birth, sex, identifiers.
    pub person: Weight,
    /// Each field that both have, in a fixed order.
    pub reasons: Vec<Reason>,
    /// The version of the rules.
    pub rules: Arc<str>,
}

impl Verdict {
    /// The verdict in Japanese, a line for each reason.
    pub fn japanese(&self) -> String {
        let line = match self.line {
            Line::Linked => "同一人物として名寄せします",
            Line::WorkList => "同一人物の可能性があり、確認が必要です",
            Line::Nothing => "別人として扱います",
        };
        let basis = match &self.basis {
            Basis::Sure(rule) => format!("確実な識別子による: {}", rule.ja),
            Basis::Score => "項目の一致の合計による".to_owned(),
            Basis::Veto(rule) => format!("名寄せを止める規則による: {}", rule.ja),
        };
        let sum = format!("合計 {}、うち本人固有の項目 {}", self.score, self.person);
        self.told(&[line, &basis, &sum, &format!("規則 {}", self.rules)], Level::ja)
    }

    /// The verdict in English, a line for each reason.
    pub fn english(&self) -> String {
        let line = match self.line {
            Line::Linked => "Linked as one person",
            Line::WorkList => "Perhaps one person, to be looked at",
            Line::Nothing => "Treated as two persons",
        };
        let basis = match &self.basis {
            Basis::Sure(rule) => format!("By a sure identifier: {}", rule.en),
            Basis::Score => "By the sum of what agrees".to_owned(),
            Basis::Veto(rule) => format!("By a rule that forbids a link: {}", rule.en),
        };
        let sum = format!("Sum {}, of the person alone {}", self.score, self.person);
        self.told(&[line, &basis, &sum, &format!("Rules {}", self.rules)], Level::en)
    }

    fn told(&self, head: &[&str], words: fn(Level) -> &'static str) -> String {
        let mut text = head.join("\n");
        for Reason { level, weight } in &self.reasons {
            text.push_str(&format!("\n{:>8}  {}", weight.to_string(), words(*level)));
        }
        text
    }
}
