//! People, and with whom they share what.

use crate::Relation;
use crate::names::{Namer, sums};
use crate::random::Random;
use crate::tables::{TABLES, Word};
use chrono::{Datelike, Days, NaiveDate};

/// The year of the population.
const YEAR: u32 = 2026;

/// One in so many births is of twins.
const TWINS: u64 = 10;

/// People for each pair of namesakes who were born on one day and work in one company; chance alone makes far fewer.
const NAMESAKES: usize = 5000;

/// People for each card whose number went to the next holder.
const NEXT_HOLDERS: usize = 2000;

/// Somebody.
#[derive(Clone, Debug)]
pub struct Who {
    /// The family name.
    pub family: Word,
    /// The given name.
    pub given: Word,
    /// A second given name, of some who came from abroad.
    pub(crate) middle: Option<&'static str>,
    /// Whether she is a woman.
    pub is_female: bool,
    /// The day of birth.
    pub birth: NaiveDate,
    pub(crate) home: Home,
    pub(crate) mobile: Option<String>,
    /// The card and the 枝番; half of the people show none.
    pub(crate) card: Option<(Card, u32)>,
    /// With whom this one may be mistaken.
    pub ties: Ties,
}

/// Who somebody belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ties {
    household: usize,
    twins: Option<usize>,
    namesakes: Option<usize>,
    holders: Option<usize>,
}

impl Ties {
    /// Whether it is a twin.
    pub fn is_twin(&self) -> bool {
        self.twins.is_some()
    }

    /// Whether somebody of the company has the same name and birthday.
    pub fn is_namesake(&self) -> bool {
        self.namesakes.is_some()
    }

    /// Whether the number of the card was or will be somebody else's.
    pub fn is_next_holder(&self) -> bool {
        self.holders.is_some()
    }
}

/// Where a household lives.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) city: usize,
    pub(crate) town: String,
    pub(crate) postal: String,
    pub(crate) numbers: [u32; 3],
    pub(crate) building: Option<(String, u32)>,
    pub(crate) telephone: Option<String>,
}

/// A card, which a household shares.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    pub(crate) insurer: String,
    pub(crate) symbol: String,
    pub(crate) number: String,
}

impl Who {
    pub(crate) fn relation(&self, other: &Self) -> Relation {
        let share = |tie: fn(&Ties) -> Option<usize>| {
            tie(&self.ties).is_some() && tie(&self.ties) == tie(&other.ties)
        };
        if share(|t| t.twins) {
            Relation::Twins
        } else if share(|t| Some(t.household)) {
            Relation::Household
        } else if share(|t| t.namesakes) {
            Relation::Namesakes
        } else if share(|t| t.holders) {
            Relation::NextHolder
        } else {
            Relation::Strangers
        }
    }
}

/// So many people.
pub(crate) fn people(count: usize, random: &mut Random) -> Vec<Who> {
    let maker = Maker { namer: Namer::new(), cities: sums(TABLES.cities.iter().map(|c| c.share)) };
    let mut people = Vec::with_capacity(count);
    let namesakes = count / NAMESAKES + 1;
    let mut household = 0;
    while people.len() + 2 * namesakes < count {
        household += 1;
        people.extend(maker.household(household, random));
    }
    people.truncate(count.saturating_sub(2 * namesakes));
    for tie in 0..namesakes {
        people.extend(maker.namesakes([household + 1 + 2 * tie, household + 2 + 2 * tie], random));
    }
    people.truncate(count);
    hand_on(&mut people, random);
    people
}

struct Maker {
    namer: Namer,
    cities: Vec<u64>,
}

impl Maker {
    /// A household: somebody, perhaps a spouse, perhaps children, one card or none.
    fn household(&self, number: usize, random: &mut Random) -> Vec<Who> {
        let home = self.home(random);
        let card = random.permille(500).then(|| card(random));
        let family = self.namer.family(random);
        let age = random.within(20, 92);
        let is_female = random.permille(500);
        let ties = Ties { household: number, ..Ties::default() };
        let mut people = Vec::new();
        let mut join =
            |given: Word, is_female: bool, birth: NaiveDate, ties: Ties, random: &mut Random| {
                let branch = u32::try_from(people.len()).unwrap_or_default();
                let age = YEAR.saturating_sub(birth.year().unsigned_abs());
                people.push(Who {
                    family: family.clone(),
                    given,
                    middle: random.permille(8).then(|| middle(is_female)),
                    is_female,
                    birth,
                    home: home.clone(),
                    mobile: (age > 12 && random.permille(750)).then(|| mobile(random)),
                    card: card.clone().map(|card| (card, branch)),
                    ties,
                });
            };
        let birth = day(YEAR - age, random);
        // No two of one family register (戸籍) have one name.
        let mut taken: Vec<String> = Vec::new();
        let mut given = |is_female, birth: NaiveDate, random: &mut Random| loop {
            let name = self.namer.given(is_female, birth.year(), random);
            if !taken.contains(&name.kana) {
                taken.push(name.kana.clone());
                return name;
            }
        };
        join(given(is_female, birth, random), is_female, birth, ties, random);
        if age > 24 && random.permille(620) {
            let other = day((YEAR - age + random.within(0, 8)).saturating_sub(4), random);
            join(given(!is_female, other, random), !is_female, other, ties, random);
        }
        let children = if age > 26 && random.permille(550) { random.within(1, 3) } else { 0 };
        for child in 0..children {
            let year = YEAR - age + random.within(23, 40);
            if year >= YEAR {
                continue;
            }
            let (birth, is_girl) = (day(year, random), random.permille(490));
            let name = given(is_girl, birth, random);
            if !random.permille(TWINS) {
                join(name, is_girl, birth, ties, random);
                continue;
            }
            let twins = Ties { twins: Some(4 * number + child as usize), ..ties };
            let is_other_girl = if random.permille(650) { is_girl } else { !is_girl };
            // Many twins have names that begin or end alike; no two have one name.
            let mut other = name.clone();
            while other.kana == name.kana {
                other = match random.permille(500) {
                    true => self.namer.alike(&name, is_other_girl, random),
                    false => given(is_other_girl, birth, random),
                };
            }
            join(name, is_girl, birth, twins, random);
            join(other, is_other_girl, birth, twins, random);
        }
        people
    }

    /// Two people of one company who were born on one day and are called alike, as chance would have it: the more
    /// common a name, the sooner two have it.
    fn namesakes(&self, households: [usize; 2], random: &mut Random) -> Vec<Who> {
        let is_female = random.permille(500);
        let birth = day(random.within(YEAR - 60, YEAR - 22), random);
        let families = twice(random, |random| self.namer.family(random));
        let given = twice(random, |random| self.namer.given(is_female, birth.year(), random));
        let one = card(random);
        let [first, _] = households;
        let pairs = families.into_iter().zip(given).zip(households);
        pairs
            .map(|((family, given), household)| Who {
                family,
                given,
                middle: None,
                is_female,
                birth,
                home: self.home(random),
                mobile: random.permille(850).then(|| mobile(random)),
                card: random.permille(500).then(|| {
                    (Card { number: random.within(1, 99_999).to_string(), ..one.clone() }, 0)
                }),
                ties: Ties { household, namesakes: Some(first), ..Ties::default() },
            })
            .collect()
    }

    fn home(&self, random: &mut Random) -> Home {
        let places: Vec<usize> = (0..TABLES.cities.len()).collect();
        let city = random.by_share(&places, &self.cities).copied().unwrap_or_default();
        let towns = TABLES.elements("town");
        let at = random.below(towns.len());
        let area = TABLES.cities.get(city).map(|city| city.postal.clone()).unwrap_or_default();
        let dial = TABLES.cities.get(city).map(|city| city.dial.clone()).unwrap_or_default();
        let buildings = TABLES.elements("building");
        let building = random.permille(400).then(|| {
            let name = random.one(&buildings).map(|word| word.kanji.clone()).unwrap_or_default();
            (name, random.within(1, 12) * 100 + random.within(1, 9))
        });
        let local = random.within(1_000_000, 99_999_999).to_string();
        let length = 10_usize.saturating_sub(dial.len());
        let local: String = local.chars().rev().chain("73951248".chars()).take(length).collect();
        Home {
            city,
            town: towns.get(at).map(|word| word.kanji.clone()).unwrap_or_default(),
            postal: format!("{area}{:04}", 11 + 37 * at),
            numbers: [random.within(1, 6), random.within(1, 28), random.within(1, 22)],
            building,
            telephone: random.permille(600).then(|| format!("{dial}{local}")),
        }
    }
}

/// Two words with one kana.
fn twice(random: &mut Random, mut draw: impl FnMut(&mut Random) -> Word) -> [Word; 2] {
    loop {
        let (one, two) = (draw(random), draw(random));
        if one.kana == two.kana {
            return [one, two];
        }
    }
}

/// Numbers of cards go to the next holder: the same insurer, 記号, 番号 and 枝番, another person.
fn hand_on(people: &mut [Who], random: &mut Random) {
    for tie in 0..people.len() / NEXT_HOLDERS + 1 {
        let from = random.below(people.len());
        let to = random.below(people.len());
        let Some(card) = people.get(from).and_then(|who| who.card.clone()) else { continue };
        let fits = |who: &Who| who.card.is_some() && who.ties.holders.is_none();
        if from == to || ![from, to].iter().all(|at| people.get(*at).is_some_and(fits)) {
            continue;
        }
        if let Some(before) = people.get_mut(from) {
            before.ties.holders = Some(tie);
        }
        if let Some(next) = people.get_mut(to) {
            next.card = Some(card);
            next.ties.holders = Some(tie);
        }
    }
}

/// A day of that year.
fn day(year: u32, random: &mut Random) -> NaiveDate {
    let first = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, 1, 1));
    let first = first.unwrap_or_default();
    first.checked_add_days(Days::new(random.next() % 365)).unwrap_or(first)
}

fn middle(is_female: bool) -> &'static str {
    if is_female { "マリア" } else { "ジョゼ" }
}

/// A number that begins as mobile numbers do.
pub(crate) fn mobile(random: &mut Random) -> String {
    let begin = ["070", "080", "090"];
    let begin = random.one(&begin).copied().unwrap_or("090");
    format!("{begin}{:08}", random.below(100_000_000))
}

/// A card of one of some thousand companies and towns.
pub(crate) fn card(random: &mut Random) -> Card {
    let insurer = random.below(1500);
    Card {
        insurer: format!("{:08}", 6_130_000 + insurer * 13),
        symbol: (insurer % 700 + 10).to_string(),
        number: random.within(1, 99_999).to_string(),
    }
}
