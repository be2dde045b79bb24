//! Learns weights from a generated population, and measures the rules of the program on others.
//!
//! ```text
//! cargo run --release -p renkei-matching --example measure -- learn 200000 1
//! cargo run --release -p renkei-matching --example measure -- lines 200000 1
//! cargo run --release -p renkei-matching --example measure -- measure 200000 2
//! ```
//!
//! `learn` prints the weights and writes `rules/terms.csv`; `lines` shows where the lines may lie, on the population that
//! was learned from; `measure` has the rules judge another population with another mix of errors, and writes the
//! pictures of docs/MATCHING.md. Run from the root of the house.

mod judged;
mod learned;
mod told;

use judged::Judged;
use renkei_matching::Rules;
use renkei_matching::trial::picture;
use renkei_metadata::ids::Oid;
use renkei_population::{CARDS, Mix, Plan, Population};
use std::io::Write;

/// What a command may end in.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |at: usize| words.get(at).ok_or("a number is missing")?.parse().map_err(Into::into);
    let number = |at: usize| -> Outcome<u64> { number(at) };
    let population = |mix: Mix| -> Outcome<Population> {
        let records = usize::try_from(number(1)?)?;
        Ok(Population::generate(&Plan { records, duplicates: 50, mix, seed: number(2)? }))
    };
    let rules = rules()?;
    let text = match words.first().map(String::as_str) {
        Some("learn") => {
            let population = population(Mix::Learning)?;
            std::fs::write("matching/rules/terms.csv", learned::terms(&population))?;
            learned::weights(&population, &rules)
        }
        Some("lines") => told::text(&Judged::of(&population(Mix::Learning)?, &rules)),
        Some("measure") => {
            let population = population(Mix::Measuring)?;
            let judged = Judged::of(&population, &rules);
            std::fs::write("docs/matching-curve.svg", told::curve(&judged))?;
            std::fs::write("docs/matching-scores.svg", picture::distribution(&judged.trial))?;
            told::text(&judged)
        }
        _ => return Err("learn, lines or measure".into()),
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// The rules as they stand in the folder, knowing who gives cards.
fn rules() -> Outcome<Rules> {
    let file = |name: &str| std::fs::read_to_string(format!("matching/rules/{name}"));
    let (rules, terms) = (file("default.toml")?, file("terms.csv")?);
    let mut rules = Rules::read(&rules, &terms).map_err(|mistakes| {
        mistakes.iter().map(|mistake| format!("{mistake}\n")).collect::<String>()
    })?;
    rules.authorities.insured = Some(Oid::parse(CARDS)?);
    Ok(rules)
}
