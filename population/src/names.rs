//! Names by how often they occur.

use crate::random::Random;
use crate::tables::{TABLES, Word};

/// Of a hundred thousand people, those whose family name is composed.
const PEOPLE: u64 = 100_000;

/// Of a thousand people, those whose given name is composed.
const COMPOSED: u64 = 450;

/// Years within which a given name is in use, on either side of its peak.
const FASHION: i32 = 22;

/// Draws names.
pub(crate) struct Namer {
    family_sums: Vec<u64>,
    listed: u64,
    family: [Vec<Word>; 2],
    /// Of women, of men: first and second element.
    given: [[Vec<Word>; 2]; 2],
}

impl Namer {
    pub(crate) fn new() -> Self {
        let family_sums = sums(TABLES.families.iter().map(|(_, share)| *share));
        let listed = family_sums.last().copied().unwrap_or_default();
        let pair = |first: &str, second: &str| [TABLES.elements(first), TABLES.elements(second)];
        Self {
            family_sums,
            listed,
            family: pair("family-first", "family-second"),
            given: [
                pair("given-f-first", "given-f-second"),
                pair("given-m-first", "given-m-second"),
            ],
        }
    }

    /// A family name.
    pub(crate) fn family(&self, random: &mut Random) -> Word {
        if random.next() % PEOPLE < self.listed
            && let Some((word, _)) = random.by_share(&TABLES.families, &self.family_sums)
        {
            return word.clone();
        }
        composed(&self.family, random)
    }

    /// A given name of somebody born in that year.
    pub(crate) fn given(&self, is_female: bool, year: i32, random: &mut Random) -> Word {
        if random.permille(COMPOSED) {
            return self.composed(is_female, random);
        }
        let in_use = |given: &&crate::tables::Given| {
            given.is_female == is_female && (given.peak - year).abs() <= FASHION
        };
        let of_the_time: Vec<_> = TABLES.given.iter().filter(in_use).collect();
        let shares = of_the_time.iter().map(|given| {
            // the nearer to its peak, the more
            let away = u64::from((given.peak - year).unsigned_abs());
            given.share * (24 - away.min(23))
        });
        let sums = sums(shares);
        match random.by_share(&of_the_time, &sums) {
            Some(given) => given.word.clone(),
            None => self.composed(is_female, random),
        }
    }

    fn composed(&self, is_female: bool, random: &mut Random) -> Word {
        let [women, men] = &self.given;
        composed(if is_female { women } else { men }, random)
    }

    /// A given name that begins as another does: 健一 and 健二.
    pub(crate) fn alike(&self, to: &Word, is_female: bool, random: &mut Random) -> Word {
        let [women, men] = &self.given;
        let [first, second] = if is_female { women } else { men };
        let beginning = first
            .iter()
            .find(|word| to.kanji.starts_with(&word.kanji) && to.kana.starts_with(&word.kana));
        match (beginning, random.one(second)) {
            (Some(first), Some(second)) => joined(first, second),
            _ => self.composed(is_female, random),
        }
    }
}

fn composed([first, second]: &[Vec<Word>; 2], random: &mut Random) -> Word {
    match (random.one(first), random.one(second)) {
        (Some(first), Some(second)) => joined(first, second),
        _ => Word { kanji: String::new(), kana: String::new() },
    }
}

fn joined(first: &Word, second: &Word) -> Word {
    Word {
        kanji: format!("{}{}", first.kanji, second.kanji),
        kana: format!("{}{}", first.kana, second.kana),
    }
}

/// The running sums of shares.
pub(crate) fn sums(shares: impl Iterator<Item = u64>) -> Vec<u64> {
    shares
        .scan(0, |sum, share| {
            *sum += share;
            Some(*sum)
        })
        .collect()
}
