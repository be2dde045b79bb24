//! What rules made of a population.

use renkei_matching::trial::Trial;
use renkei_matching::{Basis, Form, Line, Lines, Rules, Verdict, block, compare_forms};
use renkei_population::{Kind, Population, Relation};
use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

/// What was found, beside what is true.
pub(crate) struct Judged<'p> {
    pub(crate) population: &'p Population,
    pub(crate) rules: &'p Rules,
    pub(crate) trial: Trial,
    /// Pairs of one person, with their verdicts, whether blocking brought them together or not.
    pub(crate) of_one: Vec<([usize; 2], Verdict)>,
    /// Of these, how many blocking brought together.
    pub(crate) met: usize,
    /// Seconds for the forms, for blocking, and for comparing.
    pub(crate) seconds: [f64; 3],
}

impl<'p> Judged<'p> {
    pub(crate) fn of(population: &'p Population, rules: &'p Rules) -> Self {
        let started = Instant::now();
        let records = &population.records;
        let forms: Vec<Form> = records.iter().map(|r| Form::of(&r.person, rules)).collect();
        let formed = started.elapsed().as_secs_f64();
        let started = Instant::now();
        let blocks = block::pairs(&forms, rules.block);
        let blocked = started.elapsed().as_secs_f64();
        let is_one = |pair: &&(u32, u32)| relation(population, **pair) == Relation::Same;
        let met = blocks.pairs.iter().filter(is_one).count();
        let started = Instant::now();
        let trial = Trial::of(blocks, &forms, rules);
        let compared = started.elapsed().as_secs_f64();
        let verdict = |pair: [usize; 2]| match pair.map(|at| forms.get(at)) {
            [Some(a), Some(b)] => Some((pair, compare_forms(a, b, rules))),
            _ => None,
        };
        let of_one = pairs_of_one(population).into_iter().filter_map(verdict).collect();
        Self { population, rules, trial, of_one, met, seconds: [formed, blocked, compared] }
    }

    /// Links if the upper line were elsewhere: right ones and wrong ones. Below the lower line there are none.
    pub(crate) fn links_from(&self, lines: Lines) -> (usize, usize) {
        let mut links = (0, 0);
        for (pair, verdict) in &self.trial.told {
            let is_link = match &verdict.basis {
                Basis::Sure(_) => true,
                Basis::Veto(_) => false,
                Basis::Score => lines.line(verdict.score, verdict.person) == Line::Linked,
            };
            match (is_link, relation(self.population, *pair)) {
                (true, Relation::Same) => links.0 += 1,
                (true, _) => links.1 += 1,
                (false, _) => {}
            }
        }
        links
    }

    /// Pairs at this line, by what they really are.
    pub(crate) fn by_relation(&self, line: Line) -> BTreeMap<Relation, Vec<&Verdict>> {
        let mut by: BTreeMap<Relation, Vec<&Verdict>> = BTreeMap::new();
        for (pair, verdict) in self.trial.told.iter().filter(|(_, v)| v.line == line) {
            by.entry(relation(self.population, *pair)).or_default().push(verdict);
        }
        by
    }

    /// Of each kind of error: pairs that have it, and of these the linked and the asked.
    pub(crate) fn by_error(&self) -> BTreeMap<Kind, [usize; 3]> {
        let mut by: BTreeMap<Kind, [usize; 3]> = BTreeMap::new();
        for (pair, verdict) in &self.of_one {
            let records = pair.iter().filter_map(|at| self.population.records.get(*at));
            for kind in records.flat_map(|record| &record.errors) {
                let [all, linked, asked] = by.entry(*kind).or_default();
                *all += 1;
                *linked += usize::from(verdict.line == Line::Linked);
                *asked += usize::from(verdict.line == Line::WorkList);
            }
        }
        by
    }

    /// What kept pairs of one person from being linked.
    pub(crate) fn by_obstacle(&self) -> BTreeMap<String, usize> {
        let mut by = BTreeMap::new();
        for (_, verdict) in self.of_one.iter().filter(|(_, v)| v.line != Line::Linked) {
            let obstacle = match &verdict.basis {
                Basis::Veto(rule) | Basis::Sure(rule) => rule.id.clone(),
                Basis::Score if verdict.score < self.rules.lines.upper => "score".to_owned(),
                Basis::Score => "score of the person alone".to_owned(),
            };
            *by.entry(format!("{obstacle} ({:?})", verdict.line)).or_default() += 1;
        }
        by
    }
}

/// What two records are to each other.
pub(crate) fn relation(population: &Population, (a, b): (u32, u32)) -> Relation {
    let record = |at: u32| usize::try_from(at).ok().and_then(|at| population.records.get(at));
    match (record(a), record(b)) {
        (Some(a), Some(b)) => population.relation(a, b),
        _ => Relation::Strangers,
    }
}

/// The pairs of records of one person.
pub(crate) fn pairs_of_one(population: &Population) -> Vec<[usize; 2]> {
    let mut of: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, record) in population.records.iter().enumerate() {
        of.entry(record.who).or_default().push(at);
    }
    let mut pairs: Vec<[usize; 2]> = of
        .values()
        .flat_map(|records| {
            let first = records.iter().enumerate();
            first.flat_map(|(n, a)| records.iter().skip(n + 1).map(|b| [*a, *b]))
        })
        .collect();
    pairs.sort_unstable();
    pairs
}
