//! Addresses: one house in the notations of several registers.

use crate::tables::VARIANTS;
use renkei_person::{Address, Place};
use unicode_normalization::UnicodeNormalization;

/// The longest address that is looked at, in characters.
const LONGEST: usize = 200;

/// An address as it is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Residence {
    /// The seven digits of a postal code; empty when there are no seven.
    pub(crate) postal: String,
    /// What stands before the first number, of prefecture to town.
    pub(crate) town: String,
    /// The numbers of block and house, at most three, with hyphens.
    pub(crate) house: String,
    /// Building and room.
    pub(crate) rest: String,
}

impl Residence {
    /// A home; where somebody works tells colleagues from nobody. `None` when nothing of it can be compared.
    pub(crate) fn of(address: &Address) -> Option<Self> {
        if address.place == Some(Place::Work) {
            return None;
        }
        let parts = [&address.state, &address.city].into_iter().flatten().chain(&address.lines);
        let text: String = parts.flat_map(|part| part.chars()).take(LONGEST).collect();
        let letters: Vec<char> = plain(&text);
        let first = letters.iter().position(char::is_ascii_digit).unwrap_or(letters.len());
        let (town, behind) = letters.split_at_checked(first)?;
        let (house, rest) = house(behind);
        let postal = address.postal_code.as_deref().map(postal).unwrap_or_default();
        let residence = Self { postal, town: town.iter().collect(), house, rest };
        (residence != Self::default()).then_some(residence)
    }

    /// Whether both are of one town: the same postal code, or the same words before the number. One may leave out
    /// the prefecture.
    pub(crate) fn shares_town(&self, other: &Self) -> bool {
        self.shares_postal(other) || self.shares_words(other)
    }

    /// Whether both are the same house; building and room may be left out.
    pub(crate) fn shares_house(&self, other: &Self) -> bool {
        !self.house.is_empty() && self.house == other.house && self.shares_town(other)
    }

    /// Whether both are of one area: the first three digits of the postal code.
    pub(crate) fn shares_area(&self, other: &Self) -> bool {
        let area = |r: &Self| r.postal.get(..3).map(str::to_owned);
        area(self).is_some() && area(self) == area(other)
    }

    fn shares_postal(&self, other: &Self) -> bool {
        !self.postal.is_empty() && self.postal == other.postal
    }

    fn shares_words(&self, other: &Self) -> bool {
        // Words of a town have three characters at least: 津市一 is none shorter.
        let [short, long] = match self.town.len() < other.town.len() {
            true => [&self.town, &other.town],
            false => [&other.town, &self.town],
        };
        short.chars().nth(2).is_some() && long.ends_with(short.as_str())
    }
}

/// The digits of a postal code, if they are seven.
fn postal(text: &str) -> String {
    let digits: String = text.nfkc().filter(char::is_ascii_digit).take(8).collect();
    if digits.len() == 7 { digits } else { String::new() }
}

/// Without blanks and 大字, every hyphen the same, 丁目 番地 号 as hyphens, numbers before them in digits.
fn plain(text: &str) -> Vec<char> {
    let text: String = text.nfkc().filter(|c| !c.is_whitespace()).map(variant).collect();
    let text = text.replace("大字", "").replace("字", "");
    let letters: Vec<char> = text.chars().collect();
    let mut out = Vec::with_capacity(letters.len());
    let mut rest = letters.as_slice();
    while let Some((&letter, behind)) = rest.split_first() {
        if let Some((number, after)) = counted(rest) {
            out.extend(number.to_string().chars());
            rest = after;
            continue;
        }
        rest = behind;
        // ノ and の stand between two numbers only (1番地の2).
        let follows_number = out.last().is_some_and(|c: &char| c.is_ascii_digit() || *c == '-');
        match letter {
            '丁' if behind.first() == Some(&'目') && follows_number => {
                rest = behind.get(1..).unwrap_or_default();
                out.push('-');
            }
            '番' if follows_number => {
                rest = behind.strip_prefix(&['地']).unwrap_or(behind);
                out.push('-');
            }
            '号' | 'の' | 'ノ' if follows_number => out.push('-'),
            _ => out.push(letter),
        }
    }
    out
}

fn variant(letter: char) -> char {
    match letter {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{ff70}' => '-',
        'ヶ' | 'が' | 'ガ' => 'ケ',
        other => VARIANTS.get(&other).copied().unwrap_or(other).to_ascii_uppercase(),
    }
}

/// A number in kanji below a hundred before 丁目, 番 or 号, with what stands behind it.
fn counted(letters: &[char]) -> Option<(u32, &[char])> {
    let digit = |c: &char| "〇一二三四五六七八九".chars().position(|d| d == *c);
    let length = letters.iter().take_while(|c| digit(c).is_some() || **c == '十').take(4).count();
    let (number, behind) = letters.split_at_checked(length)?;
    let is_counted = match behind {
        // 三番町 and 六番丁 are towns.
        ['番', '町' | '丁', ..] => false,
        ['丁', '目', ..] | ['番' | '号', ..] => true,
        _ => false,
    };
    let value = |part: &[char]| {
        part.iter().try_fold(0_u32, |sum, c| Some(sum * 10 + u32::try_from(digit(c)?).ok()?))
    };
    let number = match number.iter().position(|c| *c == '十') {
        _ if !is_counted || number.is_empty() => return None,
        None => value(number)?,
        Some(at) => {
            let (tens, ones) = number.split_at_checked(at)?;
            let tens = if tens.is_empty() { 1 } else { value(tens)? };
            tens * 10 + value(ones.get(1..).unwrap_or_default())?
        }
    };
    Some((number, behind))
}

/// The numbers of a house, and what stands behind them: a fourth number is a room.
fn house(letters: &[char]) -> (String, String) {
    let length = letters.iter().take_while(|c| c.is_ascii_digit() || **c == '-').count();
    let (numbers, behind) = letters.split_at_checked(length).unwrap_or((letters, &[]));
    let numbers: String = numbers.iter().collect();
    let parts: Vec<&str> = numbers.split('-').filter(|part| !part.is_empty()).collect();
    let (house, room) = parts.split_at_checked(3).unwrap_or((&parts, &[]));
    let room = room.iter().copied();
    let rest: String = room.chain(behind.iter().collect::<String>().split('-')).collect();
    (house.join("-"), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Residence {
        let postal_code = Some("100-0001".to_owned());
        let lines = vec![line.to_owned()];
        Residence::of(&Address { lines, postal_code, ..Address::default() }).unwrap()
    }

    #[test]
    fn one_house_is_written_in_many_ways() {
        let house = of("東京都千代田区霞ヶ関1-2-3");
        assert_eq!(house.house, "1-2-3");
        for same in [
            "東京都千代田区霞が関１丁目２番３号",
            "千代田区霞ケ関一丁目二番地の３",
            "東京都 千代田区 霞ヶ関１−２ー３",
            "東京都千代田区大字霞ヶ関1丁目2-3 ハイツ101号室",
        ] {
            assert!(of(same).shares_house(&house) && of(same).shares_words(&house), "{same}");
        }
        assert_eq!(of("神田十二丁目三番二十一号").house, "12-3-21");
        assert_eq!(of("三番町二丁目1").town, "三番町");
        for other in
            ["東京都千代田区霞ヶ関1-2-4", "東京都千代田区霞ヶ関1-2", "東京都千代田区霞ヶ関"]
        {
            assert!(!of(other).shares_house(&house), "{other}");
        }
    }

    #[test]
    fn a_room_may_stand_as_a_fourth_number() {
        let room = of("千代田区霞ヶ関1-2-3-101");
        assert_eq!((&*room.house, &*room.rest), ("1-2-3", "101"));
    }

    #[test]
    fn a_town_is_shared_by_code_or_words() {
        let here = of("東京都千代田区霞ヶ関1");
        let elsewhere = Residence { postal: String::new(), ..of("大阪市北区梅田1") };
        assert!(!here.shares_town(&elsewhere) && !here.shares_area(&elsewhere));
        assert!(here.shares_area(&Residence { postal: "1009999".to_owned(), ..elsewhere.clone() }));
        let short = Residence { town: "関".to_owned(), postal: String::new(), ..elsewhere };
        assert!(!here.shares_town(&short), "the end of a word is no town");
    }

    #[test]
    fn where_somebody_works_is_no_home() {
        let work = Address {
            place: Some(Place::Work),
            postal_code: Some("1000001".to_owned()),
            ..Address::default()
        };
        assert_eq!(Residence::of(&work), None);
        assert_eq!(Residence::of(&Address::default()), None);
    }
}
