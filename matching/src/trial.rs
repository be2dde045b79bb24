//! Rules tried on a whole set of persons before they act: what they would link, ask and leave.

pub mod picture;

use crate::block;
use crate::form::Form;
use crate::rules::Rules;
use crate::verdict::{Line, Verdict};
use crate::{Weight, compare_forms};
use std::collections::BTreeMap;

/// What rules would do.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    /// Links and items of the work list: places in the set, the lower first.
    pub told: Vec<((u32, u32), Verdict)>,
    /// Pairs by score in whole bits, rounded down.
    pub scores: BTreeMap<i32, Count>,
    /// How many pairs were compared.
    pub compared: usize,
    /// What blocking made of the set; its pairs are not kept.
    pub blocks: block::Pairs,
}

/// Pairs of one score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Linked.
    pub linked: u64,
    /// On the work list.
    pub asked: u64,
    /// Nothing.
    pub nothing: u64,
}

impl Trial {
    /// Tries the rules.
    pub fn run(forms: &[Form], rules: &Rules) -> Self {
        Self::of(block::pairs(forms, rules.block), forms, rules)
    }

    /// Tries the rules on these pairs of persons.
    pub fn of(mut blocks: block::Pairs, forms: &[Form], rules: &Rules) -> Self {
        let mut trial = Self::default();
        for (a, b) in std::mem::take(&mut blocks.pairs) {
            let of = |at: u32| usize::try_from(at).ok().and_then(|at| forms.get(at));
            let Some((one, two)) = of(a).zip(of(b)) else { continue };
            trial.take((a, b), compare_forms(one, two, rules));
        }
        trial.blocks = blocks;
        trial
    }

    fn take(&mut self, pair: (u32, u32), verdict: Verdict) {
        self.count(&verdict);
        if verdict.line > Line::Nothing {
            self.told.push((pair, verdict));
        }
    }

    /// Counts a pair without keeping it.
    pub fn count(&mut self, verdict: &Verdict) {
        self.compared += 1;
        let count = self.scores.entry(whole_bits(verdict.score)).or_default();
        match verdict.line {
            Line::Linked => count.linked += 1,
            Line::WorkList => count.asked += 1,
            Line::Nothing => count.nothing += 1,
        }
    }

    /// How many pairs came to this line.
    pub fn at(&self, line: Line) -> usize {
        match line {
            Line::Nothing => self.compared - self.told.len(),
            line => self.told.iter().filter(|(_, verdict)| verdict.line == line).count(),
        }
    }

    /// The distribution of the scores as a table (Markdown), a row for each bit.
    pub fn table(&self) -> String {
        let mut table = "| 合計 / score | 名寄せ / linked | 確認 / asked | なし / nothing |\n\
            | --: | --: | --: | --: |\n"
            .to_owned();
        for (score, Count { linked, asked, nothing }) in self.scores.iter().rev() {
            table.push_str(&format!("| {score} | {linked} | {asked} | {nothing} |\n"));
        }
        table
    }
}

fn whole_bits(weight: Weight) -> i32 {
    // bounded by what a weight can be
    weight.as_bits().floor() as i32
}
