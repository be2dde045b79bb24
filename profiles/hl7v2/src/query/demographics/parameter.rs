//! The parameters of QPD-3, a row each: `@PID.field.component[.subcomponent]^value` (ITI TF-2: 3.21.4.1.2.2;
//! HL7 V2.5: 2.A.56, QIP).

use super::Criteria;
use crate::ack::rows::{self, Row};
use crate::ack::{Location, Problem};
use crate::adt::pid::{SEXES, coded, filled, named};
use crate::cx::CxField;
use crate::text::escape;
use hl7_parser::message::Repeat;
use renkei_person::{Address, Birth, Contact, ContactSystem, Name};

/// What a parameter speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parameter {
    /// The number of an identifier, of PID-3 or PID-18.
    Id,
    /// Its authority, all of CX.4.
    Authority,
    /// CX.4.1.
    Namespace,
    /// CX.4.2.
    UniversalId,
    /// CX.4.3.
    UniversalIdType,
    Family,
    Given,
    Birth,
    Sex,
    Line,
    SecondLine,
    City,
    State,
    PostalCode,
    Country,
    WholeAddress,
    Telephone,
    MothersFamily,
    MothersGiven,
}

use Parameter::{
    Authority, Birth as BirthOf, City, Country, Family, Given, Id, Line, MothersFamily,
    MothersGiven, Namespace, PostalCode, SecondLine, Sex, State, Telephone, UniversalId,
    UniversalIdType, WholeAddress,
};

/// Each name that is understood; of several for one thing the first is written.
const NAMES: [(&str, Parameter); 38] = [
    ("PID.3.1", Id),
    ("PID.3", Id),
    ("PID.3.4", Authority),
    ("PID.3.4.1", Namespace),
    ("PID.3.4.2", UniversalId),
    ("PID.3.4.3", UniversalIdType),
    ("PID.5.1.1", Family),
    ("PID.5.1", Family),
    ("PID.5.2", Given),
    ("PID.5.2.1", Given),
    ("PID.6.1", MothersFamily),
    ("PID.6.1.1", MothersFamily),
    ("PID.6", MothersFamily),
    ("PID.6.2", MothersGiven),
    ("PID.6.2.1", MothersGiven),
    ("PID.7", BirthOf),
    ("PID.7.1", BirthOf),
    ("PID.8", Sex),
    ("PID.8.1", Sex),
    ("PID.11.1", Line),
    ("PID.11.1.1", Line),
    ("PID.11.2", SecondLine),
    ("PID.11.3", City),
    ("PID.11.4", State),
    ("PID.11.5", PostalCode),
    ("PID.11.6", Country),
    ("PID.11.8", WholeAddress),
    ("PID.13.1", Telephone),
    ("PID.13", Telephone),
    ("PID.13.7", Telephone),
    ("PID.13.12", Telephone),
    ("PID.14.1", Telephone),
    ("PID.18.1", Id),
    ("PID.18", Id),
    ("PID.18.4", Authority),
    ("PID.18.4.1", Namespace),
    ("PID.18.4.2", UniversalId),
    ("PID.18.4.3", UniversalIdType),
];

/// What is told of the names to somebody who used another.
const KNOWN: &str = "@PID.3.1, .3.4, .5.1, .5.2, .6.1, .7, .8, .11.1-.11.6, .13.1, .18.1, .18.4";

/// The longest name of a parameter that is repeated in an answer.
const LONGEST_NAME: usize = 20;

/// Reads all parameters; what is wrong with some of them is put to the problems.
pub(super) fn read(parameters: &[&Repeat<'_>], problems: &mut Vec<Problem>) -> Criteria {
    let mut reading = Reading { criteria: Criteria::default(), seen: Vec::new(), problems };
    for (n, parameter) in parameters.iter().enumerate() {
        reading.one(n + 1, parameter.raw_value());
    }
    reading.finish()
}

struct Reading<'a> {
    criteria: Criteria,
    /// The parameters that speak of the person, which has each once.
    seen: Vec<Parameter>,
    problems: &'a mut Vec<Problem>,
}

impl Reading<'_> {
    fn one(&mut self, n: usize, raw: &str) {
        let (name, raw) = raw.split_once('^').unwrap_or((raw, ""));
        // A parameter without a value asks for nothing.
        if filled(raw).is_none() {
            return;
        }
        let bare = name.trim().trim_start_matches('@').to_ascii_uppercase();
        let Some(parameter) = named(&NAMES, &bare) else {
            return self.problem(&rows::PARAMETER_UNKNOWN, n, name, &[("known", KNOWN)]);
        };
        match parameter {
            Id | Authority | Namespace | UniversalId | UniversalIdType => {
                self.identifier(n, name, parameter, raw);
            }
            _ if self.seen.contains(&parameter) => {
                self.problem(&rows::PARAMETER_TWICE, n, name, &[]);
            }
            _ => {
                self.seen.push(parameter);
                self.described(n, name, parameter, raw);
            }
        }
    }

    /// An identifier is told in up to four parameters; a number, or a part that was told, begins the next one.
    fn identifier(&mut self, n: usize, name: &str, parameter: Parameter, raw: &str) {
        let value = filled(raw);
        let parts: Vec<Option<String>> = raw.split('&').map(filled).collect();
        let all = &mut self.criteria.identifiers;
        let is_told = |cx: &CxField| match parameter {
            Id => !cx.id.is_empty(),
            Namespace => cx.namespace.is_some(),
            UniversalId => cx.universal_id.is_some(),
            UniversalIdType => cx.universal_id_type.is_some(),
            _ => cx.namespace.is_some() || cx.universal_id.is_some(),
        };
        let is_next = all.last().is_none_or(|(_, cx)| is_told(cx));
        // As deep as the bound of repetitions.
        if is_next {
            all.push((n, CxField::default()));
        }
        let Some((place, cx)) = all.last_mut() else { return };
        match parameter {
            Id if raw.contains(['^', '&']) => {
                let expected = [
                    ("expected", "the number alone, and its authority as @PID.3.4"),
                    ("expected_ja", "番号のみ(割当機関は @PID.3.4 で指定)"),
                ];
                self.problem(&rows::PARAMETER_MALFORMED, n, name, &expected);
            }
            Id => {
                cx.id = value.unwrap_or_default();
                *place = n;
            }
            Namespace => cx.namespace = value,
            UniversalId => cx.universal_id = value,
            UniversalIdType => cx.universal_id_type = value,
            _ => {
                let mut parts = parts.into_iter();
                cx.namespace = parts.next().flatten();
                cx.universal_id = parts.next().flatten();
                cx.universal_id_type = parts.next().flatten();
            }
        }
    }

    fn described(&mut self, n: usize, name: &str, parameter: Parameter, raw: &str) {
        let Some(value) = filled(raw) else { return };
        let criteria = &mut self.criteria;
        let person = &mut criteria.described;
        match parameter {
            Family => {
                let (text, goes_on) = cut(value);
                first(&mut person.names).family = text;
                criteria.family_goes_on = goes_on;
            }
            Given => {
                let (text, goes_on) = cut(value);
                first(&mut person.names).given = vec![text];
                criteria.given_goes_on = goes_on;
            }
            MothersFamily => person.mothers_maiden_name.get_or_insert_default().family = value,
            MothersGiven => person.mothers_maiden_name.get_or_insert_default().given = vec![value],
            Line | SecondLine | WholeAddress => first(&mut person.addresses).lines.push(value),
            City => first(&mut person.addresses).city = Some(value),
            State => first(&mut person.addresses).state = Some(value),
            PostalCode => first(&mut person.addresses).postal_code = Some(value),
            Country => first(&mut person.addresses).country = Some(value),
            Telephone => {
                let system = ContactSystem::Phone;
                person.contacts.push(Contact { system, value, place: None });
            }
            BirthOf => match Birth::parse(&value) {
                Some(birth) => person.birth = Some(birth),
                None => self.problem(
                    &rows::PARAMETER_MALFORMED,
                    n,
                    name,
                    &[
                        ("expected", "a date such as 19750412, 197504 or 1975"),
                        ("expected_ja", "19750412、197504、1975 のような日付"),
                    ],
                ),
            },
            Sex => match named(&SEXES, &value) {
                Some(sex) => person.sex = Some(sex),
                None => self.problem(
                    &rows::PARAMETER_MALFORMED,
                    n,
                    name,
                    &[("expected", "F, M, O or U"), ("expected_ja", "F、M、O、U のいずれか")],
                ),
            },
            Id | Authority | Namespace | UniversalId | UniversalIdType => {}
        }
    }

    fn finish(mut self) -> Criteria {
        let alone: Vec<usize> = self
            .criteria
            .identifiers
            .iter()
            .filter(|(_, cx)| cx.id.is_empty())
            .map(|(n, _)| *n)
            .collect();
        if self.problems.is_empty() {
            let expected = [
                ("expected", "a number (@PID.3.1) with the authority"),
                ("expected_ja", "割当機関とあわせて番号(@PID.3.1)"),
            ];
            for n in alone {
                self.problem(&rows::PARAMETER_MALFORMED, n, "@PID.3.4", &expected);
            }
        }
        self.criteria
    }

    fn problem(&mut self, row: &'static Row, n: usize, name: &str, values: &[(&str, &str)]) {
        let name: String = name.chars().take(LONGEST_NAME).collect();
        let values = [&[("parameter", name.as_str())], values].concat();
        let place = Location::field("QPD", 3).repetition(n);
        self.problems.push(Problem::of(row, place, &values));
    }
}

/// A text that ends in an asterisk may go on.
fn cut(value: String) -> (String, bool) {
    match value.strip_suffix('*') {
        Some(begin) if !begin.trim().is_empty() => (begin.trim().to_owned(), true),
        _ => (value, false),
    }
}

fn first<T: Default>(all: &mut Vec<T>) -> &mut T {
    if all.is_empty() {
        all.push(T::default());
    }
    // It was pushed just now if it was not there.
    #[expect(clippy::indexing_slicing, reason = "there is one")]
    &mut all[0]
}

/// Writes what of the criteria can be said in QPD-3.
pub(super) fn write(criteria: &Criteria) -> String {
    let mut out = Vec::new();
    let mut say = |parameter: Parameter, value: &str| {
        let name = NAMES.iter().find(|(_, p)| *p == parameter).map_or("", |(name, _)| name);
        if !value.is_empty() {
            out.push(format!("@{name}^{}", escape(value)));
        }
    };
    for (_, cx) in &criteria.identifiers {
        say(Id, &cx.id);
        say(Namespace, cx.namespace.as_deref().unwrap_or_default());
        say(UniversalId, cx.universal_id.as_deref().unwrap_or_default());
        say(UniversalIdType, cx.universal_id_type.as_deref().unwrap_or_default());
    }
    let person = &criteria.described;
    let goes_on = |text: &str, goes_on: bool| match goes_on && !text.is_empty() {
        true => format!("{text}*"),
        false => text.to_owned(),
    };
    if let Some(name) = person.names.first() {
        say(Family, &goes_on(&name.family, criteria.family_goes_on));
        say(Given, &goes_on(&given(name), criteria.given_goes_on));
    }
    say(BirthOf, &person.birth.map(|birth| birth.to_string()).unwrap_or_default());
    say(Sex, person.sex.map_or("", |sex| coded(&SEXES, &sex)));
    person.addresses.first().into_iter().for_each(|address| say_address(address, &mut say));
    person.contacts.first().into_iter().for_each(|contact| say(Telephone, &contact.value));
    if let Some(mother) = &person.mothers_maiden_name {
        say(MothersFamily, &mother.family);
        say(MothersGiven, &given(mother));
    }
    out.join("~")
}

fn given(name: &Name) -> String {
    name.given.join(" ")
}

fn say_address(address: &Address, say: &mut impl FnMut(Parameter, &str)) {
    let lines = [Line, SecondLine, WholeAddress].into_iter().zip(&address.lines);
    lines.for_each(|(parameter, line)| say(parameter, line));
    let parts = [
        (City, &address.city),
        (State, &address.state),
        (PostalCode, &address.postal_code),
        (Country, &address.country),
    ];
    parts.into_iter().for_each(|(of, part)| say(of, part.as_deref().unwrap_or_default()));
}
