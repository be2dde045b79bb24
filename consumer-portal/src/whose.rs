//! Whose results a document holds, by what it says of the person and by what its entry says.
//!
//! A patient id is a number, and numbers are mistyped: the documents under one id may be of two
//! people. Birth date, sex and given name tell them apart; a family name alone does not, since people
//! marry.

use chrono::NaiveDate;
use renkei_checkup::fold::nfkc;
use renkei_checkup::hs037;
use renkei_hl7v2::text::unescape;
use renkei_metadata::model::DocumentEntry;
use serde::Serialize;
use std::fmt;

/// A person as a document or an entry names them; what it does not say is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Name in kanji.
    pub name: String,
    /// Name in katakana.
    pub kana: String,
    /// 男, 女 or nothing.
    pub sex: &'static str,
    /// Day of birth.
    pub birth_date: Option<NaiveDate>,
}

/// In what two people differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    BirthDate,
    Sex,
    Name,
    /// The given name is the same.
    FamilyName,
}

impl Difference {
    /// Whether it makes two people of them.
    pub(crate) const fn is_another_person(self) -> bool {
        !matches!(self, Self::FamilyName)
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::BirthDate => ("生年月日", "birth date"),
            Self::Sex => ("性別", "sex"),
            Self::Name => ("氏名", "name"),
            Self::FamilyName => ("姓", "family name"),
        }
    }

    /// Several of them, in Japanese and in English.
    pub(crate) fn list(all: &[Self]) -> (String, String) {
        let (ja, en): (Vec<&str>, Vec<&str>) = all.iter().map(|one| one.words()).unzip();
        (ja.join("・"), en.join(", "))
    }
}

impl Person {
    /// As a document names them.
    pub(crate) fn of_document(person: &hs037::Person) -> Self {
        Self {
            name: person.name.clone(),
            kana: person.kana.clone(),
            sex: sex(&person.gender),
            birth_date: person.birth_date,
        }
    }

    /// As an entry names them: sourcePatientInfo (ITI TF-3: 4.2.3.2.23).
    pub(crate) fn of_entry(entry: &DocumentEntry) -> Self {
        let mut person = Self::default();
        for info in &entry.source_patient_info {
            match info.split_once('|') {
                Some(("PID-5", names)) => names.split('~').for_each(|name| person.add_name(name)),
                Some(("PID-7", day)) => {
                    let day = day.get(..8).unwrap_or_default();
                    person.birth_date = NaiveDate::parse_from_str(day, "%Y%m%d").ok();
                }
                Some(("PID-8", letter)) => person.sex = sex(letter),
                _ => {}
            }
        }
        person
    }

    /// An XPN, whose eighth component says in which letters the name is.
    fn add_name(&mut self, name: &str) {
        let mut parts = name.split('^');
        let mut part = || unescape(parts.next().unwrap_or_default());
        let (family, given) = (part(), part());
        let name = format!("{family} {given}").trim().to_owned();
        match parts.nth(5) {
            Some("P") => self.kana = name,
            _ => self.name = name,
        }
    }

    /// Fills what is not known from another source.
    pub(crate) fn or(self, other: &Self) -> Self {
        let text = |one: String, other: &String| if one.is_empty() { other.clone() } else { one };
        Self {
            name: text(self.name, &other.name),
            kana: text(self.kana, &other.kana),
            sex: if self.sex.is_empty() { other.sex } else { self.sex },
            birth_date: self.birth_date.or(other.birth_date),
        }
    }

    /// In what they differ; what one of them does not say does not differ.
    pub(crate) fn differences(&self, other: &Self) -> Vec<Difference> {
        let birth = self.birth_date.zip(other.birth_date).is_some_and(|(one, two)| one != two);
        let both = !self.sex.is_empty() && !other.sex.is_empty();
        let found = [
            birth.then_some(Difference::BirthDate),
            (both && self.sex != other.sex).then_some(Difference::Sex),
            self.name_difference(other),
        ];
        found.into_iter().flatten().collect()
    }

    /// Kana and kanji are spelled in variants: one of them is enough to be the same.
    fn name_difference(&self, other: &Self) -> Option<Difference> {
        let pairs = [(&self.kana, &other.kana), (&self.name, &other.name)];
        let mut found: Vec<Option<Difference>> = pairs
            .into_iter()
            .filter(|(one, two)| !one.is_empty() && !two.is_empty())
            .map(|(one, two)| compare_names(one, two))
            .collect();
        found.sort_by_key(|difference| {
            difference.map_or(0, |d| 1 + usize::from(d.is_another_person()))
        });
        found.into_iter().next().flatten()
    }

    /// Whether they are two people.
    pub(crate) fn is_another(&self, other: &Self) -> bool {
        self.differences(other).into_iter().any(Difference::is_another_person)
    }
}

fn compare_names(one: &str, two: &str) -> Option<Difference> {
    let [one, two] = [one, two].map(|name| nfkc(name).to_uppercase());
    let whole = |name: &str| name.split_whitespace().collect::<String>();
    let given = |name: &str| name.split_whitespace().skip(1).collect::<String>();
    if whole(&one) == whole(&two) {
        None
    } else if !given(&one).is_empty() && given(&one) == given(&two) {
        Some(Difference::FamilyName)
    } else {
        Some(Difference::Name)
    }
}

/// Of FHIR or of HL7 V2; other sexes than these two are not compared.
fn sex(word: &str) -> &'static str {
    match word {
        "male" | "M" => "男",
        "female" | "F" => "女",
        _ => "",
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.name.is_empty() { &self.kana } else { &self.name };
        let birth = self.birth_date.map(|day| format!("{day}生"));
        let known = [Some(name.as_str()), Some(self.sex), birth.as_deref()];
        let words: Vec<&str> =
            known.into_iter().flatten().filter(|word| !word.is_empty()).collect();
        f.write_str(&words.join(" "))
    }
}

/// Puts people that may be the same together: the places of each, most places first, and of as many
/// the ones with the last place.
pub(crate) fn apart(people: &[Person]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    // who says most is put first; who says little joins the most
    let mut places: Vec<usize> = (0..people.len()).collect();
    let says = |person: &Person| {
        [person.birth_date.is_some(), !person.sex.is_empty(), !person.name.is_empty()]
            .iter()
            .filter(|said| **said)
            .count()
    };
    places.sort_by_key(|place| std::cmp::Reverse(people.get(*place).map_or(0, says)));
    for place in places {
        let Some(person) = people.get(place) else { continue };
        let fits = |group: &&mut Vec<usize>| {
            group.iter().filter_map(|other| people.get(*other)).all(|o| !person.is_another(o))
        };
        match groups.iter_mut().filter(fits).max_by_key(|group| group.len()) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    for group in &mut groups {
        group.sort_unstable();
    }
    groups.sort_by_key(|group| std::cmp::Reverse((group.len(), group.last().copied())));
    groups
}

#[cfg(test)]
mod tests {
    use super::{Difference, Person, apart};

    fn person(name: &str, kana: &str, sex: &'static str, birth: &str) -> Person {
        let birth_date = birth.parse().ok();
        Person { name: name.into(), kana: kana.into(), sex, birth_date }
    }

    #[test]
    fn people_are_told_apart_by_birth_sex_and_given_name() {
        let taro = || person("髙橋 太郎", "タカハシ タロウ", "男", "1980-04-01");
        for (other, found) in [
            (person("高橋　太郎", "タカハシ タロウ", "男", "1980-04-01"), vec![]),
            (person("高橋太郎", "ﾀｶﾊｼ ﾀﾛｳ", "", ""), vec![]),
            (person("", "", "男", ""), vec![]),
            (person("髙橋 太郎", "", "男", "1980-01-04"), vec![Difference::BirthDate]),
            (person("", "", "女", "1980-04-01"), vec![Difference::Sex]),
            (
                person("佐藤 太郎", "サトウ タロウ", "男", "1980-04-01"),
                vec![Difference::FamilyName],
            ),
            (person("髙橋 次郎", "タカハシ ジロウ", "男", "1980-04-01"), vec![Difference::Name]),
            (person("高橋太郎", "", "男", ""), vec![Difference::Name]),
        ] {
            assert_eq!(taro().differences(&other), found, "{other}");
            assert_eq!(other.differences(&taro()), found, "{other}");
        }
    }

    #[test]
    fn the_most_documents_are_of_the_one_asked_for_and_who_says_nothing_joins() {
        let (taro, hanako) = (
            person("架空 太郎", "", "男", "1980-04-01"),
            person("架空 花子", "", "女", "1982-11-30"),
        );
        let nobody = Person::default();
        let all = [nobody.clone(), hanako.clone(), taro.clone(), taro.clone()];
        assert_eq!(apart(&all), [vec![0, 2, 3], vec![1]]);
        assert_eq!(apart(&[taro, hanako]), [[1], [0]], "of as many the latest");
        assert_eq!(apart(&[nobody.clone(), nobody]), [[0, 1]]);
        assert!(apart(&[]).is_empty());
    }
}
