//! The rules of the program, judged on a small generated population; the long measurement is docs/MATCHING.md.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test program")]

use renkei_matching::trial::{Trial, picture};
use renkei_matching::{Form, Line, Rules};
use renkei_metadata::ids::Oid;
use renkei_population::{CARDS, Mix, Plan, Population, Relation};
use std::collections::HashMap;

fn rules() -> Rules {
    let mut rules = Rules::standard().unwrap();
    rules.authorities.insured = Some(Oid::parse(CARDS).unwrap());
    rules
}

fn tried(population: &Population, rules: &Rules) -> Trial {
    let forms: Vec<Form> =
        population.records.iter().map(|record| Form::of(&record.person, rules)).collect();
    Trial::run(&forms, rules)
}

fn relation(population: &Population, (a, b): (u32, u32)) -> Relation {
    let [a, b] = [a, b].map(|at| &population.records[at as usize]);
    population.relation(a, b)
}

#[test]
fn five_thousand_people_are_linked_rightly() {
    let plan = Plan { records: 5000, duplicates: 50, mix: Mix::Measuring, seed: 11 };
    let population = Population::generate(&plan);
    let trial = tried(&population, &rules());
    let mut of: HashMap<usize, usize> = HashMap::new();
    for record in &population.records {
        *of.entry(record.who).or_default() += 1;
    }
    let truth: usize = of.values().map(|n| n * (n - 1) / 2).sum();
    let mut found = [0_usize; 2];
    for (pair, verdict) in trial.told.iter().filter(|(_, verdict)| verdict.line == Line::Linked) {
        let relation = relation(&population, *pair);
        assert_eq!(relation, Relation::Same, "{}", verdict.english());
        found[0] += 1;
    }
    found[1] = trial.at(Line::WorkList);
    let recall = found[0] as f64 / truth as f64;
    assert!(recall >= 0.88, "{recall}");
    assert!(found[1] < truth / 4, "a work list of {}", found[1]);
}

#[test]
fn a_trial_is_a_table_and_a_picture() {
    let plan = Plan { records: 1000, duplicates: 50, mix: Mix::Learning, seed: 12 };
    let trial = tried(&Population::generate(&plan), &rules());
    let counted: u64 = trial.scores.values().map(|n| n.linked + n.asked + n.nothing).sum();
    assert_eq!(counted, trial.compared as u64);
    let all = [Line::Linked, Line::WorkList, Line::Nothing].map(|line| trial.at(line));
    assert_eq!(all.iter().sum::<usize>(), trial.compared);
    assert_eq!(trial.table().lines().count(), 2 + trial.scores.len());
    let svg = picture::distribution(&trial);
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    picture::distribution(&Trial::default());
}

#[test]
fn what_forbids_a_link_keeps_twins_and_namesakes_apart() {
    // Many twins, and pairs of namesakes of one company: none is linked with the vetoes, some are without.
    let plan = Plan { records: 30_000, duplicates: 0, mix: Mix::Learning, seed: 13 };
    let population = Population::generate(&plan);
    let wrong = |rules: &Rules| {
        let trial = tried(&population, rules);
        trial.told.iter().filter(|(_, verdict)| verdict.line == Line::Linked).count()
    };
    assert_eq!(wrong(&rules()), 0);
    let text = include_str!("../rules/default.toml");
    let (before, behind) = text.split_once("[[veto]]").unwrap();
    let (_, weights) = behind.split_once("[weights]").unwrap();
    let without = format!("veto = []\n{before}[weights]{weights}");
    let mut lenient = Rules::read(&without, include_str!("../rules/terms.csv")).unwrap();
    lenient.authorities = rules().authorities;
    assert!(wrong(&lenient) > 0, "vetoes that a test has not seen missing");
}
