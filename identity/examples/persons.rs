//! Fills a store with a generated population, and measures what systems ask of it: identifiers (ITI-9, ITI-45), persons
//! by the beginning of a name and a day of birth (ITI-21, ITI-47), and news with matching (ITI-8, ITI-44).
//!
//! ```text
//! cargo run --release -p renkei-identity --example persons -- 1000000
//! cargo run --release -p renkei-identity --example persons -- 1000000 postgres://...
//! cargo run --release -p renkei-identity --example persons -- 1000000 sqlite:persons.sqlite FOLDER
//! ```
//!
//! With a folder, keys and store are kept there: what was interrupted goes on, and a store that was filled is measured as it is.
//! That of PostgreSQL is filled sooner by a copy of the tables of SQLite, under the same keys.
//!
//! Beside the figures stands their reference of the same run: how often a second one known person is told again, which changes one row.

use chrono::Utc;
use renkei_database::{DatabaseUrl, Options};
use renkei_identity::{
    Cursor, Identity, IdentityConfig, IdentityRules, News, RuleBook, Search, Searched, SoughtName,
    Told,
};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Name, Person, SharedAuthorities, Writing};
use renkei_population::{CARDS, Mix, Plan, Population, Random};
use renkei_sealing::KeyRing;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// What a measurement may end in.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Whose the patient ids are, and those of institutions.
const HOME: &str = "2.999.1.1";
const INSTITUTION: &str = "2.999.1.7";
/// News that are taken at once while the store is filled.
const BATCH: usize = 1_000;
/// News after which a rate is said.
const SAID: usize = 50_000;
/// Questions of one kind.
const QUESTIONS: usize = 5_000;
/// News that are measured.
const NEWS: usize = 2_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let records: usize = words.first().ok_or("how many persons?")?.parse()?;
    let made = tempfile::tempdir()?;
    let kept = words.get(2).map(Path::new);
    let folder = kept.unwrap_or(made.path());
    let url = words.get(1).map_or("sqlite:persons.sqlite", String::as_str);
    let identity = open(url, folder)?;
    say(&format!("{records} records, {url}"))?;

    let persons = persons(records, 3, "P");
    fill(&identity, &persons, &folder.join("filled")).await?;
    let known: Vec<&Person> = persons.iter().collect();
    identifiers(&identity, &known).await?;
    searches(&identity, &known).await?;
    for at_once in [1, 50] {
        news(&identity, &strangers()?, at_once).await?;
    }
    again(&identity, known.first().ok_or("nobody")?).await
}

fn say(text: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{text}")
}

fn open(url: &str, folder: &Path) -> Outcome<Identity> {
    let keys = KeyRing::open_or_create(&folder.join("keys"))?;
    let shared = SharedAuthorities { insured: Oid::parse(CARDS).ok(), others: Vec::new() };
    let rules = IdentityRules { home: Oid::parse(HOME)?, shared };
    Ok(Identity::open(IdentityConfig {
        url: DatabaseUrl::parse(url, folder)?,
        database: Options::default(),
        rules,
        domains: Vec::new(),
        matching: RuleBook::standard(),
        tells_changes: true,
        keys: &keys,
    })?)
}

/// Every second record is the domain's own, the others are those of an institution.
fn persons(records: usize, seed: u64, prefix: &str) -> Vec<Person> {
    let plan = Plan { records, duplicates: 50, mix: Mix::Measuring, seed };
    let number = |(n, record): (usize, renkei_population::Record)| {
        let authority = Oid::parse(if n % 2 == 0 { HOME } else { INSTITUTION }).ok()?;
        let id = PatientId::new(&format!("{prefix}{n}"), authority).ok()?;
        let mut person = record.person;
        person.identifiers.insert(0, id.into());
        Some(person)
    };
    let records = Population::generate(&plan).records;
    records.into_iter().enumerate().filter_map(number).collect()
}

/// Whom the store does not know, and one in twenty of them twice. The same seed again would be the same people, whatever their
/// number: a store that was measured before knew all of them.
fn strangers() -> Outcome<Vec<Person>> {
    let now = u64::try_from(Utc::now().timestamp_micros())?;
    Ok(persons(NEWS, now, &format!("N{now}-")))
}

fn told(persons: &[Person]) -> Vec<Told> {
    let one = |person: &Person| Told { at: Utc::now(), news: News::Of(Box::new(person.clone())) };
    persons.iter().map(one).collect()
}

/// Goes on where `filled` says that it was before.
async fn fill(identity: &Identity, persons: &[Person], filled: &Path) -> Outcome<()> {
    let mut done: usize = match std::fs::read_to_string(filled) {
        Ok(text) => text.trim().parse()?,
        Err(_) => 0,
    };
    say(&format!("{done} filled before"))?;
    for part in persons.get(done..).unwrap_or_default().chunks(SAID) {
        let began = Instant::now();
        for batch in part.chunks(BATCH) {
            identity.take(told(batch)).await?;
        }
        done += part.len();
        std::fs::write(filled, done.to_string())?;
        rate(&format!("filled up to {done}"), part.len(), began.elapsed())?;
    }
    Ok(())
}

/// Another one each time, in no order that a cache likes.
async fn identifiers(identity: &Identity, known: &[&Person]) -> Outcome<()> {
    let (mut random, mut took, mut found) = (Random::new(5), Vec::new(), 0_usize);
    for _ in 0..QUESTIONS {
        let person = known.get(random.below(known.len())).ok_or("nobody")?;
        let id = &person.identifiers.first().ok_or("no id")?.id;
        let began = Instant::now();
        let told = identity.cross_reference(id, &[]).await?;
        took.push(began.elapsed());
        found += usize::from(matches!(told.of, renkei_identity::CrossReference::Known(_)));
    }
    percentiles(&format!("identifiers of somebody ({found} known)"), took)
}

async fn searches(identity: &Identity, known: &[&Person]) -> Outcome<()> {
    let (mut random, mut took, mut found) = (Random::new(7), Vec::new(), 0_usize);
    while took.len() < QUESTIONS {
        let person = known.get(random.below(known.len())).ok_or("nobody")?;
        let kana = person.names.iter().find(|name| name.writing == Some(Writing::Syllabic));
        let (Some(kana), Some(_)) = (kana, person.birth.and_then(|b| b.day())) else { continue };
        let beginning: String = kana.family.chars().take(2).collect();
        let name = Name::new(Writing::Syllabic, &beginning, "");
        let names = vec![SoughtName { name, family_goes_on: true, given_goes_on: true }];
        let search = Search { names, birth: person.birth, ..Search::default() };
        let began = Instant::now();
        let page = identity.search(&search, &[], Cursor::default(), 20).await?;
        took.push(began.elapsed());
        found += usize::from(matches!(page, Searched::Found(page) if page.total > 0));
    }
    percentiles(&format!("kana prefix and birth date ({found} found)"), took)
}

async fn news(identity: &Identity, persons: &[Person], at_once: usize) -> Outcome<()> {
    let began = Instant::now();
    for batch in persons.chunks(at_once) {
        identity.take(told(batch)).await?;
    }
    rate(&format!("news with matching, {at_once} a durable commit"), persons.len(), began.elapsed())
}

/// The reference: durable commits of one row.
async fn again(identity: &Identity, person: &Person) -> Outcome<()> {
    let began = Instant::now();
    for _ in 0..NEWS {
        identity.take(told(std::slice::from_ref(person))).await?;
    }
    rate("reference: a known person told again, each a durable commit", NEWS, began.elapsed())
}

fn rate(what: &str, count: usize, took: Duration) -> Outcome<()> {
    say(&format!("{what}: {count} in {took:.1?}, {:.0}/s", count as f64 / took.as_secs_f64()))?;
    Ok(())
}

fn percentiles(what: &str, mut took: Vec<Duration>) -> Outcome<()> {
    took.sort_unstable();
    let at = |of_thousand: usize| took.get(took.len() * of_thousand / 1000).copied();
    let (p50, p99) = (at(500).unwrap_or_default(), at(990).unwrap_or_default());
    say(&format!("{what}: p50 {p50:.2?}, p99 {p99:.2?}"))?;
    Ok(())
}
