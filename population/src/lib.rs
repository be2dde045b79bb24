//! A generated population, to measure matching by: households with their cards and addresses, twins, couples, namesakes
//! of one company, cards that went to the next holder, and duplicates with errors.
//!
//! Names come by their frequency (`tables/families.csv`, `tables/given.csv`: shares after public counts of Japanese names,
//! rounded; what those lists leave is composed of `tables/elements.csv`). Nobody of it exists. The same seed gives the same population.

mod errors;
mod household;
mod names;
mod random;
mod record;
mod tables;

pub use errors::{Kind, Mix};
pub use household::{Ties, Who};
pub use random::Random;

use renkei_person::Person;

/// The authority of cards of insured persons in this population.
pub const CARDS: &str = "2.999.61";

/// What is generated.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many records.
    pub records: usize,
    /// Of a thousand records, how many are duplicates.
    pub duplicates: usize,
    /// Which errors these have.
    pub mix: Mix,
    /// Where chance begins.
    pub seed: u64,
}

/// One record of a register.
#[derive(Clone, Debug)]
pub struct Record {
    /// As the register has it.
    pub person: Person,
    /// Whose record it is: a place in [`Population::people`].
    pub who: usize,
    /// What is wrong with it; nothing in the first record of somebody.
    pub errors: Vec<Kind>,
}

/// People and what registers have of them.
#[derive(Clone, Debug)]
pub struct Population {
    /// The people.
    pub people: Vec<Who>,
    /// Their records; those of one person stand anywhere.
    pub records: Vec<Record>,
}

impl Population {
    /// Generates a population.
    pub fn generate(plan: &Plan) -> Self {
        let mut random = Random::new(plan.seed);
        let duplicates = plan.records.saturating_mul(plan.duplicates) / 1000;
        let people = household::people(plan.records.saturating_sub(duplicates), &mut random);
        let mut records = Vec::with_capacity(plan.records);
        for (who, person) in people.iter().enumerate() {
            let person = record::first(person, &mut random);
            records.push(Record { person, who, errors: Vec::new() });
        }
        for _ in 0..duplicates {
            let who = random.below(people.len());
            let Some(person) = people.get(who) else { continue };
            let (person, errors) = errors::duplicate(person, plan.mix, &mut random);
            records.push(Record { person, who, errors });
        }
        random.shuffle(&mut records);
        Self { people, records }
    }

    /// How two records belong together.
    pub fn relation(&self, a: &Record, b: &Record) -> Relation {
        if a.who == b.who {
            return Relation::Same;
        }
        let (Some(one), Some(two)) = (self.people.get(a.who), self.people.get(b.who)) else {
            return Relation::Strangers;
        };
        one.relation(two)
    }
}

/// What two people are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// One person.
    Same,
    /// Twins.
    Twins,
    /// Of one household.
    Household,
    /// The same name and birthday in one company.
    Namesakes,
    /// One has the number of a card that the other had before.
    NextHolder,
    /// Nothing.
    Strangers,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(seed: u64) -> Plan {
        Plan { records: 4000, duplicates: 50, mix: Mix::Learning, seed }
    }

    #[test]
    fn the_same_seed_gives_the_same_people() {
        let people = |seed| {
            let records = Population::generate(&plan(seed)).records;
            records.into_iter().map(|record| record.person).collect::<Vec<_>>()
        };
        assert_eq!(people(1), people(1));
        assert_ne!(people(1), people(2));
    }

    #[test]
    fn it_is_what_was_asked_for() {
        let population = Population::generate(&plan(3));
        let share = |count: usize, of: usize| count as f64 / of as f64;
        assert_eq!(population.records.len(), 4000);
        let with_errors = population.records.iter().filter(|r| !r.errors.is_empty()).count();
        assert_eq!(with_errors, 200);
        assert!(population.records.iter().all(|r| r.errors.len() <= 3));
        let insured = population
            .records
            .iter()
            .filter(|r| !r.person.identifiers.iter().all(|i| i.id.authority.as_str() != CARDS))
            .count();
        assert!((0.44..0.52).contains(&share(insured, 4000)), "{insured}");
        let sato = population.people.iter().filter(|w| w.family.kana == "サトウ").count();
        assert!((0.005..0.03).contains(&share(sato, population.people.len())), "{sato}");
        for wanted in [Ties::is_twin, Ties::is_namesake, Ties::is_next_holder] {
            assert!(population.people.iter().any(|who| wanted(&who.ties)));
        }
    }

    #[test]
    fn every_error_of_both_mixes_is_made() {
        for mix in [Mix::Learning, Mix::Measuring] {
            let population =
                Population::generate(&Plan { records: 20_000, duplicates: 500, mix, ..plan(4) });
            for kind in Kind::ALL {
                let made = population.records.iter().any(|r| r.errors.contains(kind));
                assert!(made, "{mix:?} {kind:?}");
            }
        }
    }
}
