//! What goes wrong when somebody is written down a second time.

use crate::household::{Who, mobile};
use crate::random::Random;
use crate::record::{Notation, Sheet, romanised};
use crate::tables::{TABLES, Word};
use renkei_person::{Person, Sex};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A mix of errors of `tables/mixes.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// The one that weights are learned from.
    Learning,
    /// The one that they are measured with.
    Measuring,
}

macro_rules! kinds {
    ($($name:ident = $id:literal, $doc:literal;)*) => {
        /// A kind of error.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind {
            $(#[doc = $doc] $name,)*
        }

        impl Kind {
            /// All.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name by which mixes call it.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }
        }
    };
}

kinds! {
    KanaLetter = "kana-letter", "A letter of a name in kana is another, missing or too many.";
    KanaSpelling = "kana-spelling", "A long vowel, a small kana, ヅ or ヂ written otherwise.";
    KanaVoicing = "kana-voicing", "ヤマサキ for ヤマザキ.";
    KanaMissing = "kana-missing", "No name in kana.";
    KanjiVariant = "kanji-variant", "An old or variant character.";
    KanjiHomophone = "kanji-homophone", "Another character of the same sound.";
    KanjiMissing = "kanji-missing", "No name in kanji.";
    LatinSpelling = "latin-spelling", "Another romanisation.";
    FamilyChanged = "family-changed", "Another family name, after a marriage.";
    NamesSwapped = "names-swapped", "Family and given name in each other's place.";
    NameUndivided = "name-undivided", "Family and given name in one text.";
    MiddleDropped = "middle-dropped", "Without the middle name.";
    MonthDay = "month-day", "Month and day of birth in each other's place.";
    BirthDigit = "birth-digit", "A digit of the date of birth.";
    BirthEra = "birth-era", "The year of birth in another era.";
    BirthYearOnly = "birth-year-only", "The year of birth alone.";
    SexWrong = "sex-wrong", "The other sex.";
    SexMissing = "sex-missing", "No sex.";
    Moved = "moved", "Another address, and another number there.";
    AddressNotation = "address-notation", "Numbers in kanji, no prefecture.";
    BuildingDropped = "building-dropped", "No building and room.";
    AddressMissing = "address-missing", "No address.";
    PostalDigit = "postal-digit", "A digit of the postal code.";
    TelephoneDigit = "telephone-digit", "A digit of a telephone number.";
    TelephoneChanged = "telephone-changed", "Other telephone numbers.";
    TelephoneMissing = "telephone-missing", "No telephone number.";
    InsurerChanged = "insurer-changed", "Another insurer.";
    InsuranceMissing = "insurance-missing", "No card.";
    BranchMissing = "branch-missing", "No 枝番.";
}

/// The shares of a mix.
struct Shares {
    /// Of one, two and three errors.
    errors: Vec<u64>,
    kinds: Vec<u64>,
}

static MIXES: LazyLock<BTreeMap<String, toml::Table>> =
    LazyLock::new(|| toml::from_str(include_str!("../tables/mixes.toml")).unwrap_or_default());

impl Mix {
    fn shares(self) -> Shares {
        let table = MIXES.get(match self {
            Self::Learning => "learning",
            Self::Measuring => "measuring",
        });
        let whole = |value: &toml::Value| value.as_integer().and_then(|v| u64::try_from(v).ok());
        let of = |kind: &Kind| table.and_then(|t| t.get(kind.id())).and_then(whole);
        let errors = table.and_then(|t| t.get("errors")).and_then(toml::Value::as_array);
        let errors = errors.into_iter().flatten().filter_map(whole);
        Shares {
            errors: crate::names::sums(errors),
            kinds: crate::names::sums(Kind::ALL.iter().map(|kind| of(kind).unwrap_or_default())),
        }
    }
}

/// Another record of somebody, with one to three errors.
pub(crate) fn duplicate(who: &Who, mix: Mix, random: &mut Random) -> (Person, Vec<Kind>) {
    let shares = mix.shares();
    let wanted = random.by_share(&[1, 2, 3], &shares.errors).copied().unwrap_or(1);
    let mut sheet = Sheet::of(who, random);
    let mut made = Vec::new();
    // Not every error can be made of everybody.
    for _ in 0..200 {
        let Some(kind) = random.by_share(Kind::ALL, &shares.kinds).copied() else { break };
        if !made.contains(&kind) && make(kind, &mut sheet, random).is_some() {
            made.push(kind);
        }
        if made.len() == wanted {
            break;
        }
    }
    (sheet.person(random), made)
}

/// Makes an error; `None` if it cannot be made here.
fn make(kind: Kind, sheet: &mut Sheet, random: &mut Random) -> Option<()> {
    match kind {
        Kind::KanaLetter => kana(sheet, random, letter),
        Kind::KanaSpelling => kana(sheet, random, |text, _| spelling(text)),
        Kind::KanaVoicing => kana(sheet, random, |text, _| voicing(text)),
        Kind::KanaMissing => {
            let can = sheet.has_kana && sheet.has_kanji;
            sheet.has_kana &= !can;
            can.then_some(())
        }
        Kind::KanjiVariant => kanji(sheet, random, old_form),
        Kind::KanjiHomophone => kanji(sheet, random, homophone),
        Kind::KanjiMissing => {
            let can = sheet.has_kana && sheet.has_kanji;
            sheet.has_kanji &= !can;
            can.then_some(())
        }
        Kind::LatinSpelling => {
            let (family, given) = sheet.latin.as_mut()?;
            let other = |text: &str| {
                text.replace("SHI", "SI")
                    .replace("CHI", "TI")
                    .replace("TSU", "TU")
                    .replace('J', "Z")
            };
            let changed = (other(family), other(given));
            let differs = changed != (family.clone(), given.clone());
            (*family, *given) = changed;
            differs.then_some(())
        }
        Kind::FamilyChanged => {
            (sheet.sex == Some(Sex::Female)).then_some(())?;
            let families = &TABLES.families;
            sheet.family = random.one(families).map(|(word, _)| word.clone())?;
            if let Some((family, _)) = &mut sheet.latin {
                *family = romanised(&sheet.family.kana);
            }
            Some(())
        }
        Kind::NamesSwapped => {
            let can = !sheet.is_undivided && sheet.middle.is_none();
            sheet.is_swapped |= can;
            can.then_some(())
        }
        Kind::NameUndivided => {
            let can = !sheet.is_swapped && sheet.middle.is_none();
            sheet.is_undivided |= can;
            can.then_some(())
        }
        Kind::MiddleDropped => sheet.middle.take().map(|_| ()),
        Kind::MonthDay | Kind::BirthDigit | Kind::BirthEra | Kind::BirthYearOnly => {
            sheet.birth = birth(kind, &sheet.birth, random)?;
            Some(())
        }
        Kind::SexWrong => {
            sheet.sex = Some(match sheet.sex? {
                Sex::Female => Sex::Male,
                _ => Sex::Female,
            });
            Some(())
        }
        Kind::SexMissing => sheet.sex.take().map(|_| ()),
        _ => elsewhere(kind, sheet, random),
    }
}

/// Errors of address, telephone and card.
fn elsewhere(kind: Kind, sheet: &mut Sheet, random: &mut Random) -> Option<()> {
    match kind {
        Kind::Moved => {
            let home = sheet.home.as_mut()?;
            home.city = random.below(TABLES.cities.len());
            home.numbers = [random.within(1, 6), random.within(1, 28), random.within(1, 22)];
            let towns = TABLES.elements("town");
            home.town = random.one(&towns)?.kanji.clone();
            let area = &TABLES.cities.get(home.city)?.postal;
            home.postal = format!("{area}{:04}", 5000 + random.below(4000));
            home.building = None;
            // The number of the house stays there; that of the pocket does not.
            sheet.telephones.retain(|number| number.len() == 11);
            Some(())
        }
        Kind::AddressNotation => {
            sheet.home.as_ref()?;
            sheet.notation = Notation::Kanji;
            Some(())
        }
        Kind::BuildingDropped => sheet.home.as_mut()?.building.take().map(|_| ()),
        Kind::AddressMissing => sheet.home.take().map(|_| ()),
        Kind::PostalDigit => {
            sheet.has_postal.then_some(())?;
            let home = sheet.home.as_mut()?;
            home.postal = digit(&home.postal, random);
            Some(())
        }
        Kind::TelephoneDigit => {
            let at = random.below(sheet.telephones.len());
            let number = sheet.telephones.get_mut(at)?;
            *number = format!("0{}", digit(number.get(1..)?, random));
            Some(())
        }
        Kind::TelephoneChanged => {
            sheet.telephones.first()?;
            sheet.telephones = vec![mobile(random)];
            Some(())
        }
        Kind::TelephoneMissing => {
            sheet.telephones.first()?;
            sheet.telephones.clear();
            Some(())
        }
        Kind::InsurerChanged => {
            let card = sheet.card.as_mut()?;
            let other = crate::household::card(random);
            (card.insurer, card.symbol, card.number) =
                (other.insurer, Some(other.symbol), other.number);
            Some(())
        }
        Kind::InsuranceMissing => sheet.card.take().map(|_| ()),
        Kind::BranchMissing => sheet.card.as_mut()?.branch.take().map(|_| ()),
        _ => None,
    }
}

/// Changes the kana of the family or the given name.
fn kana(
    sheet: &mut Sheet,
    random: &mut Random,
    change: impl Fn(&str, &mut Random) -> Option<String>,
) -> Option<()> {
    sheet.has_kana.then_some(())?;
    let word = if random.permille(500) { &mut sheet.family } else { &mut sheet.given };
    let changed = change(&word.kana, random).filter(|text| *text != word.kana)?;
    word.kana = changed;
    Some(())
}

/// Changes the kanji of the family or the given name.
fn kanji(
    sheet: &mut Sheet,
    random: &mut Random,
    change: impl Fn(&Word, &mut Random) -> Option<String>,
) -> Option<()> {
    sheet.has_kanji.then_some(())?;
    let word = if random.permille(500) { &mut sheet.family } else { &mut sheet.given };
    let changed = change(word, random).filter(|text| *text != word.kanji)?;
    word.kanji = changed;
    Some(())
}

/// Another letter, one less or one more.
fn letter(text: &str, random: &mut Random) -> Option<String> {
    let mut letters: Vec<char> = text.chars().collect();
    let at = random.below(letters.len());
    let others: Vec<char> =
        "アイカキクコサシスタテトナノハヒマミムモヤユヨラリルワン".chars().collect();
    let other = *random.one(&others)?;
    match random.below(3) {
        0 => *letters.get_mut(at)? = other,
        1 if letters.len() > 2 => {
            letters.remove(at);
        }
        _ => letters.insert(at, other),
    }
    Some(letters.into_iter().collect())
}

fn spelling(text: &str) -> Option<String> {
    const PAIRS: [(&str, &str); 10] = [
        ("ュウ", "ユウ"),
        ("ョウ", "ヨウ"),
        ("ッ", "ツ"),
        ("ユウ", "ユー"),
        ("ヨウ", "ヨー"),
        ("コウ", "コー"),
        ("オオ", "オー"),
        ("トウ", "トー"),
        ("ズ", "ヅ"),
        ("ジ", "ヂ"),
    ];
    let (from, to) = PAIRS.iter().find(|(from, _)| text.contains(from))?;
    Some(text.replacen(from, to, 1))
}

fn voicing(text: &str) -> Option<String> {
    const PAIRS: [(char, char); 8] = [
        ('ザ', 'サ'),
        ('ジ', 'シ'),
        ('ダ', 'タ'),
        ('ガ', 'カ'),
        ('グ', 'ク'),
        ('ギ', 'キ'),
        ('バ', 'ハ'),
        ('ブ', 'フ'),
    ];
    let (from, to) = PAIRS.iter().find(|(from, _)| text.chars().skip(1).any(|c| c == *from))?;
    Some(text.replacen(*from, &to.to_string(), 1))
}

fn old_form(word: &Word, random: &mut Random) -> Option<String> {
    const FORMS: [(char, &str); 24] = [
        ('高', "髙"),
        ('崎', "﨑"),
        ('辺', "邊邉"),
        ('斎', "齋斉"),
        ('斉', "齊斎"),
        ('沢', "澤"),
        ('浜', "濱"),
        ('広', "廣"),
        ('桜', "櫻"),
        ('国', "國"),
        ('島', "嶋嶌"),
        ('富', "冨"),
        ('吉', "𠮷"),
        ('恵', "惠"),
        ('徳', "德"),
        ('真', "眞"),
        ('滝', "瀧"),
        ('龍', "竜"),
        ('実', "實"),
        ('寿', "壽"),
        ('静', "靜"),
        ('栄', "榮"),
        ('百', "百"),
        ('条', "條"),
    ];
    let (from, to) = FORMS.iter().find(|(from, _)| word.kanji.contains(*from))?;
    let forms: Vec<char> = to.chars().collect();
    let form = random.one(&forms)?;
    Some(word.kanji.replacen(*from, &form.to_string(), 1))
}

/// Other characters that are read alike.
fn homophone(word: &Word, random: &mut Random) -> Option<String> {
    let families = TABLES.families.iter().map(|(word, _)| word);
    let given = TABLES.given.iter().map(|given| &given.word);
    let alike = families.chain(given).filter(|other| other.kana == word.kana);
    let alike: Vec<&Word> = alike.filter(|other| other.kanji != word.kanji).collect();
    if let Some(other) = random.one(&alike) {
        return Some(other.kanji.clone());
    }
    const ALIKE: [(char, char); 12] = [
        ('子', '己'),
        ('美', '実'),
        ('夫', '雄'),
        ('一', '市'),
        ('香', '佳'),
        ('樹', '紀'),
        ('恵', '枝'),
        ('奈', '菜'),
        ('原', '腹'),
        ('川', '河'),
        ('島', '嶋'),
        ('司', '志'),
    ];
    let (from, to) = ALIKE.iter().find(|(from, _)| word.kanji.contains(*from))?;
    Some(word.kanji.replacen(*from, &to.to_string(), 1))
}

fn birth(kind: Kind, text: &str, random: &mut Random) -> Option<String> {
    let (year, rest) = text.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    let changed = match kind {
        Kind::MonthDay => format!("{year}{day}{month}"),
        Kind::BirthYearOnly => year.to_owned(),
        Kind::BirthEra => {
            let year: i32 = year.parse().ok()?;
            let other = match year {
                1927..=1951 => year + 63,
                1989..=2014 => year - 63,
                _ => return None,
            };
            format!("{other}{rest}")
        }
        _ => format!("{}{}", year.get(..2)?, digit(text.get(2..)?, random)),
    };
    let is_date = renkei_person::Birth::parse(&changed).is_some();
    (is_date && changed != text).then_some(changed)
}

/// Another digit in one place.
fn digit(text: &str, random: &mut Random) -> String {
    let at = random.below(text.len());
    let by = random.within(1, 9);
    let change = |(n, c): (usize, char)| match c.to_digit(10).filter(|_| n == at) {
        Some(digit) => char::from_digit((digit + by) % 10, 10).unwrap_or(c),
        None => c,
    };
    text.chars().enumerate().map(change).collect()
}
