//! What a register has of somebody: not everything, and in its own notation.

use crate::CARDS;
use crate::household::{Home, Who};
use crate::random::Random;
use crate::tables::{TABLES, Word};
use chrono::Datelike;
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{
    Address, Birth, Contact, ContactSystem, Identifier, Insured, Name, Person, Place, Sex, Writing,
};

/// What is written down.
pub(crate) struct Sheet {
    pub(crate) family: Word,
    pub(crate) given: Word,
    pub(crate) middle: Option<&'static str>,
    pub(crate) has_kana: bool,
    pub(crate) has_kanji: bool,
    /// In Latin letters: family and given name.
    pub(crate) latin: Option<(String, String)>,
    pub(crate) is_swapped: bool,
    pub(crate) is_undivided: bool,
    pub(crate) sex: Option<Sex>,
    /// `YYYYMMDD`, or less of it.
    pub(crate) birth: String,
    pub(crate) home: Option<Home>,
    pub(crate) has_postal: bool,
    pub(crate) notation: Notation,
    pub(crate) telephones: Vec<String>,
    pub(crate) card: Option<Insured>,
}

/// How an address is written.
#[derive(Clone, Copy)]
pub(crate) enum Notation {
    /// 1-2-3
    Hyphens,
    /// 1丁目2番3号
    Words,
    /// 一丁目2番地の3, without the prefecture
    Kanji,
}

impl Sheet {
    /// What a register writes of somebody without an error.
    pub(crate) fn of(who: &Who, random: &mut Random) -> Self {
        let mut telephones: Vec<String> = who.home.telephone.iter().cloned().collect();
        telephones.extend(who.mobile.clone());
        if telephones.len() == 2 && random.permille(400) {
            telephones.remove(random.below(2));
        }
        let latin = (who.middle.is_some() || random.permille(80))
            .then(|| (romanised(&who.family.kana), romanised(&who.given.kana)));
        let has_kanji = random.permille(950);
        Self {
            family: who.family.clone(),
            given: who.given.clone(),
            middle: who.middle,
            has_kana: !has_kanji || random.permille(980),
            has_kanji,
            latin,
            is_swapped: false,
            is_undivided: false,
            sex: random.permille(990).then_some(if who.is_female {
                Sex::Female
            } else {
                Sex::Male
            }),
            birth: format!("{:04}{:02}{:02}", who.birth.year(), who.birth.month(), who.birth.day()),
            home: random.permille(900).then(|| who.home.clone()),
            has_postal: random.permille(920),
            notation: if random.permille(600) { Notation::Hyphens } else { Notation::Words },
            telephones,
            card: who.card.as_ref().map(|(card, branch)| Insured {
                insurer: card.insurer.clone(),
                symbol: Some(card.symbol.clone()),
                number: card.number.clone(),
                branch: Some(format!("{branch:02}")),
            }),
        }
    }

    /// As a message would bring it.
    pub(crate) fn person(&self, random: &mut Random) -> Person {
        let phone = |value: &String| Contact {
            system: ContactSystem::Phone,
            value: hyphened(value, random.permille(500)),
            place: None,
        };
        let contacts = self.telephones.iter().map(phone).collect();
        Person {
            identifiers: self.identifiers(random),
            names: self.names(),
            sex: self.sex,
            birth: Birth::parse(&self.birth),
            addresses: self.home.iter().map(|home| self.address(home)).collect(),
            contacts,
            ..Person::default()
        }
    }

    fn identifiers(&self, random: &mut Random) -> Vec<Identifier> {
        let institution = format!("2.999.51.{}", random.within(1, 40));
        let own = Oid::parse(&institution).ok();
        let own =
            own.and_then(|oid| PatientId::new(&random.within(1, 99_999_999).to_string(), oid).ok());
        let cards = Oid::parse(CARDS).ok();
        let card = self.card.as_ref().zip(cards).and_then(|(card, oid)| card.identifier(oid).ok());
        own.map(Identifier::from).into_iter().chain(card).collect()
    }

    fn names(&self) -> Vec<Name> {
        let mut names = Vec::new();
        if self.has_kanji {
            names.push(self.name(Writing::Ideographic, &self.family.kanji, &self.given.kanji));
        }
        if self.has_kana {
            names.push(self.name(Writing::Syllabic, &self.family.kana, &self.given.kana));
        }
        if let Some((family, given)) = &self.latin {
            names.push(self.name(Writing::Alphabetic, family, given));
        }
        names
    }

    fn name(&self, writing: Writing, family: &str, given: &str) -> Name {
        if self.is_undivided {
            return Name::new(writing, &format!("{family}{given}"), "");
        }
        let (family, given) = if self.is_swapped { (given, family) } else { (family, given) };
        let mut name = Name::new(writing, family, given);
        let middle = self.middle.filter(|_| writing != Writing::Ideographic);
        name.given.extend(middle.map(|middle| match writing {
            Writing::Alphabetic => romanised(middle),
            _ => middle.to_owned(),
        }));
        name
    }

    fn address(&self, home: &Home) -> Address {
        let [one, two, three] = home.numbers;
        let city = TABLES.cities.get(home.city);
        let number = match self.notation {
            Notation::Hyphens => format!("{one}-{two}-{three}"),
            Notation::Words => format!("{one}丁目{two}番{three}号"),
            Notation::Kanji => {
                let digits = ["一", "二", "三", "四", "五", "六"];
                let first = usize::try_from(one).unwrap_or_default().saturating_sub(1);
                format!("{}丁目{two}番地の{three}", digits.get(first).copied().unwrap_or("一"))
            }
        };
        let mut lines = vec![format!("{}{number}", home.town)];
        lines.extend(home.building.iter().map(|(name, room)| match self.notation {
            Notation::Hyphens => format!("{name}{room}"),
            _ => format!("{name} {room}"),
        }));
        let state = city.map(|city| city.state.clone());
        Address {
            place: Some(Place::Home),
            lines,
            city: city.map(|city| city.name.clone()),
            state: state.filter(|_| !matches!(self.notation, Notation::Kanji)),
            postal_code: self.has_postal.then(|| home.postal.clone()),
            country: None,
        }
    }
}

/// The first record of somebody.
pub(crate) fn first(who: &Who, random: &mut Random) -> Person {
    Sheet::of(who, random).person(random)
}

fn hyphened(digits: &str, with: bool) -> String {
    match (with, digits.split_at_checked(digits.len().saturating_sub(4))) {
        (true, Some((front, end))) => format!("{front}-{end}"),
        _ => digits.to_owned(),
    }
}

/// As passports have it (Hepburn without long vowels).
pub(crate) fn romanised(kana: &str) -> String {
    const ROWS: [(&str, [&str; 5]); 16] = [
        ("アイウエオ", ["A", "I", "U", "E", "O"]),
        ("カキクケコ", ["KA", "KI", "KU", "KE", "KO"]),
        ("ガギグゲゴ", ["GA", "GI", "GU", "GE", "GO"]),
        ("サシスセソ", ["SA", "SHI", "SU", "SE", "SO"]),
        ("ザジズゼゾ", ["ZA", "JI", "ZU", "ZE", "ZO"]),
        ("タチツテト", ["TA", "CHI", "TSU", "TE", "TO"]),
        ("ダヂヅデド", ["DA", "JI", "ZU", "DE", "DO"]),
        ("ナニヌネノ", ["NA", "NI", "NU", "NE", "NO"]),
        ("ハヒフヘホ", ["HA", "HI", "FU", "HE", "HO"]),
        ("バビブベボ", ["BA", "BI", "BU", "BE", "BO"]),
        ("パピプペポ", ["PA", "PI", "PU", "PE", "PO"]),
        ("マミムメモ", ["MA", "MI", "MU", "ME", "MO"]),
        ("ヤイユエヨ", ["YA", "I", "YU", "E", "YO"]),
        ("ラリルレロ", ["RA", "RI", "RU", "RE", "RO"]),
        ("ワイウエヲ", ["WA", "I", "U", "E", "O"]),
        ("ャ_ュ_ョ", ["YA", "", "YU", "", "YO"]),
    ];
    let mut out = String::new();
    let mut doubled = false;
    for letter in kana.chars() {
        if letter == 'ッ' {
            doubled = true;
            continue;
        }
        let found = ROWS.iter().find_map(|(row, sounds)| {
            row.chars().position(|c| c == letter).and_then(|at| sounds.get(at).copied())
        });
        let sound = match letter {
            'ン' => "N",
            _ => found.unwrap_or_default(),
        };
        if matches!(letter, 'ャ' | 'ュ' | 'ョ') && out.ends_with('I') {
            out.pop();
            let glides = ["SH", "CH", "J"].iter().any(|end| out.ends_with(end));
            out.push_str(if glides { sound.trim_start_matches('Y') } else { sound });
            continue;
        }
        if std::mem::take(&mut doubled) {
            out.extend(sound.chars().next());
        }
        out.push_str(sound);
    }
    out.replace("OU", "O").replace("OO", "O").replace("UU", "U")
}
