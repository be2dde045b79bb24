//! Mistakes in rules, and weights that are learned.

use super::{Counts, Rules, learn, mistakes};
use crate::level::Level;
use crate::observe::Observation;
use crate::weight::Weight;
use crate::{Form, tests::person};

const STANDARD: &str = include_str!("../../rules/default.toml");
const TERMS: &str = include_str!("../../rules/terms.csv");

/// The rows that tell what is wrong.
fn told(rules: &str, terms: &str) -> Vec<&'static str> {
    let mistakes = Rules::read(rules, terms).unwrap_err();
    for mistake in &mistakes {
        let row = mistakes::ROWS.iter().find(|row| row.id == mistake.row).unwrap();
        assert!(row.fit(&mistake.en, &mistake.ja), "{mistake}");
    }
    mistakes.into_iter().map(|mistake| mistake.row).collect()
}

/// The standard rules with something else in one place.
fn with(from: &str, to: &str) -> Vec<&'static str> {
    let rules = STANDARD.replacen(from, to, 1);
    assert_ne!(rules, STANDARD, "{from}");
    told(&rules, TERMS)
}

#[test]
fn the_rules_of_the_program_are_read() {
    let rules = Rules::standard().unwrap();
    assert!(!rules.version.is_empty());
    assert!(rules.weight(Level::BirthSame) > Weight::ZERO);
    assert!(rules.weight(Level::BirthOther) < Weight::ZERO);
}

#[test]
fn every_mistake_is_told_by_its_row() {
    assert_eq!(with("[lines]", "[lines"), ["rules-not-toml"]);
    assert_eq!(with("version =", "versions ="), ["rules-not-toml"]);
    assert_eq!(with("[\"birth-same\"]", "[\"birth\"]"), ["rules-level-unknown", "rules-empty"]);
    assert_eq!(with("sex-same =", "sex-equal ="), ["rules-level-unknown", "rules-level-missing"]);
    assert_eq!(with("sex-other = { m = ", "sex-other = { m = 99"), ["rules-odds", "rules-order"]);
    assert_eq!(with("sex-other = {", "sex-other = { m = 1.0, u = 0.01 }\n# {"), ["rules-order"]);
    assert_eq!(with("lower = 20.0", "lower = 99.0"), ["rules-lines"]);
    assert_eq!(with("lower = 20.0", "lower = nan"), ["rules-lines", "rules-lines"]);
    assert_eq!(
        with("[[\"insured-same\"], [\"birth-same\"]]", "[]"),
        ["rules-empty", "rules-card-alone"]
    );
    assert_eq!(
        with("[[\"insured-same\"], [\"birth-same\"]]", "[[\"insured-same\", \"given-same\"]]"),
        ["rules-card-alone"]
    );
    assert_eq!(
        with("unknown = [\"given\"]", "unknown = [\"given-same\"]"),
        ["rules-value", "rules-empty"]
    );
    assert_eq!(with("id = \"twins-alike\"", "id = \"twins\""), ["rules-name-twice"]);
    assert_eq!(with("at_most = \"nothing\"", "at_most = \"linked\""), ["rules-value"]);
    assert_eq!(with("\"19000101\"", "\"1900-01-01\""), ["rules-value"]);
    assert_eq!(with("largest = ", "largest = 1000"), ["rules-value"]);
    assert_eq!(with("least = ", "least = 1"), ["rules-odds"]);
    assert_eq!(told(STANDARD, "part,writing,name,share\nfamily,kana,サトー,2\n"), ["rules-value"]);
}

#[test]
fn what_is_observed_of_one_person_and_seldom_of_two_weighs_much() {
    let form = Form::of(&person(), &Rules::standard().unwrap());
    let same = Observation::of(&form, &form);
    let (mut one, mut two) = (Counts::default(), Counts::default());
    for _ in 0..100 {
        one.add(&same);
        two.add(&Observation::default());
    }
    let odds = learn(&one, &two, 13.0);
    let bits = |level| Weight::ratio(odds[&level].m, odds[&level].u);
    assert!(bits(Level::GivenSame) >= Weight::ZERO, "{}", bits(Level::GivenSame));
    two.add(&same);
    assert_eq!(one.of(Level::GivenSame), 100);
    for pair in Level::ALL.windows(2).filter(|pair| pair[0].field() == pair[1].field()) {
        assert!(bits(pair[1]) <= bits(pair[0]), "{} {}", pair[0], pair[1]);
    }
}
