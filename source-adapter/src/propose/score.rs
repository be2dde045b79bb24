//! Whether a title names an item, and how well the cells of its column suit it.

use std::sync::LazyLock;

use renkei_checkup::tables::drafting::Mark;
use renkei_checkup::tables::{Says, Sharing, Synonym};
use renkei_checkup::{Kind, tables};

use super::header::{Feature, is_japanese};
use super::profile::Profile;
use super::shapes::{self, Factor};
use super::titles::Reading;
use super::{nulls, units, vocabulary};
use crate::mapping::Item;

/// How a column fills its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// It is none of the items.
    Ignored,
    /// One item.
    One,
    /// Finding and text: the cell says both.
    Finding,
    /// Several items.
    Shared(Sharing),
}

/// What a column may be.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) items: Vec<Item>,
    pub(super) shape: Shape,
    pub(super) typical: Option<(f64, f64)>,
    names: Vec<Name>,
}

#[derive(Clone, Debug)]
struct Name {
    feature: Feature,
    says: Says,
}

/// What a title says about an item, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// It is a name of this item and of no other.
    Certain,
    /// It is one beside the column that stands beside it in the column table.
    Beside,
    /// It is a name of this item and of others.
    Perhaps,
    /// A part of it is.
    Part,
}

/// A title that names an item.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) level: Level,
    /// From 0 to 1.
    pub(super) likeness: f64,
    /// The name it was taken for.
    pub(super) name: String,
    /// The item code that the title says.
    pub(super) code: Option<String>,
}

/// Everything a column may be.
pub(super) fn targets() -> &'static [Target] {
    static TARGETS: LazyLock<Vec<Target>> = LazyLock::new(all_targets);
    &TARGETS
}

fn all_targets() -> Vec<Target> {
    let mut found: Vec<Target> = tables().synonyms().iter().map(target).collect();
    let findings: Vec<Target> = found.iter().filter_map(|target| finding(target, &found)).collect();
    found.extend(findings);
    found
}

fn target(synonym: &Synonym) -> Target {
    let items: Vec<Item> = synonym.items.iter().filter_map(|id| tables().column(id)).collect();
    let shape = match (synonym.sharing, items.as_slice()) {
        (_, []) => Shape::Ignored,
        (None, _) => Shape::One,
        (Some(sharing), _) => Shape::Shared(sharing),
    };
    let mut names: Vec<Name> = synonym
        .names
        .iter()
        .map(|name| Name { feature: Feature::of(&name.text), says: name.says })
        .collect();
    if let [item] = items.as_slice() {
        for text in [&item.name_ja, &item.name_en, &item.id] {
            let feature = Feature::of(text);
            // the official name may be one that exports use for several items
            let is_open = names.iter().any(|name| {
                name.says != Says::Item
                    && name.feature.base == feature.base
                    && name.feature.marks == feature.marks
            });
            if !is_open {
                names.push(Name { feature, says: Says::Item });
            }
        }
    }
    let typical = synonym.typical.map(|(low, high)| (low.to_f64(), high.to_f64()));
    Target { items, shape, typical, names }
}

/// An item that says whether there is a finding, together with its text.
fn finding(flag: &Target, all: &[Target]) -> Option<Target> {
    let [item] = flag.items.as_slice() else { return None };
    let text = tables().column(&format!("{}_txt", item.id)).filter(|_| item.is_term())?;
    let texts = all.iter().find(|other| {
        other.shape == Shape::One && other.items.iter().any(|item| item.id == text.id)
    })?;
    let mut names = flag.names.clone();
    names.extend(texts.names.iter().cloned());
    Some(Target { items: vec![item, text], shape: Shape::Finding, typical: None, names })
}

impl Target {
    pub(super) fn features(&self) -> impl Iterator<Item = &Feature> {
        self.names.iter().map(|name| &name.feature)
    }

    pub(super) fn ids(&self) -> Vec<&str> {
        self.items.iter().map(|item| item.id.as_str()).collect()
    }

    /// Whether the title of a group allows all of the items.
    fn is_allowed(&self, reading: &Reading) -> bool {
        let Some(chapters) = &reading.chapters else { return true };
        let is_of = |item: &Item| {
            chapters.iter().any(|chapter| item.chapter.split(' ').next() == Some(chapter))
        };
        !self.items.is_empty() && self.items.iter().all(is_of)
    }
}

/// What a title says about an item.
pub(super) fn level_of(reading: &Reading, id: &str) -> Option<Level> {
    targets()
        .iter()
        .filter(|target| target.shape == Shape::One && target.ids() == [id])
        .filter_map(|target| named(reading, target).map(|named| named.level))
        .min()
}

/// What a title says about a target.
pub(super) fn named(reading: &Reading, target: &Target) -> Option<Named> {
    if !target.is_allowed(reading) {
        return None;
    }
    let feature = &reading.feature;
    if let [item] = target.items.as_slice()
        && let Some(code) = item.codes().find(|code| feature.full.contains(&code.to_lowercase()))
    {
        let code = code.to_owned();
        let name = code.clone();
        return Some(Named { level: Level::Certain, likeness: 1.0, name, code: Some(code) });
    }
    let method = target.items.first().and_then(|item| {
        feature.methods.iter().find(|code| item.codes().any(|own| own == **code)).copied()
    });
    let mut best: Option<Named> = None;
    for name in &target.names {
        let likeness = likeness(feature, &name.feature);
        let level = match name.says {
            _ if likeness < EXACT => Level::Part,
            Says::Item | Says::Alone => Level::Certain,
            // the method is what the name left open
            Says::Perhaps if method.is_some() => Level::Certain,
            Says::Beside => Level::Beside,
            Says::Perhaps => Level::Perhaps,
        };
        if likeness < LEAST || (name.says == Says::Alone && level == Level::Part) {
            continue;
        }
        let is_better = best.as_ref().is_none_or(|best| {
            level < best.level || (level == best.level && likeness > best.likeness)
        });
        if is_better {
            let code = method.map(str::to_owned);
            best = Some(Named { level, likeness, name: name.feature.full.clone(), code });
        }
    }
    best
}

/// From here on two names are the same.
const EXACT: f64 = 0.96;
/// Below this a title says nothing.
const LEAST: f64 = 0.4;

fn likeness(header: &Feature, name: &Feature) -> f64 {
    if header.is_question || name.is_question {
        return f64::from(u8::from(header.full == name.full));
    }
    if header.full == name.full {
        return 1.0;
    }
    let base = base(header, name);
    let missing: f64 = name
        .marks
        .difference(&header.marks)
        .map(|mark| match mark {
            Mark::Flag => 0.98,
            Mark::Text | Mark::Judge => 0.75,
            _ => 0.7,
        })
        .product();
    let extra = header.marks.difference(&name.marks).count();
    let extra = 0.6_f64.powi(i32::try_from(extra).unwrap_or(i32::MAX));
    0.985 * base * missing * extra
}

/// How alike two names are without their marks.
fn base(header: &Feature, name: &Feature) -> f64 {
    if header.base == name.base || (header.words == name.words && !name.words.is_empty()) {
        return 1.0;
    }
    let length = |text: &str| text.chars().count();
    let part = |short: usize, long: usize| super::profile::ratio(short, long);
    let (ours, theirs) = (length(&header.base), length(&name.base));
    let japanese = name.base.chars().any(is_japanese) && header.base.chars().any(is_japanese);
    if japanese {
        if theirs >= 2 && header.base.contains(&name.base) {
            return 0.45 + 0.45 * part(theirs, ours);
        }
        if ours >= 2 && name.base.contains(&header.base) {
            return 0.35 + 0.45 * part(ours, theirs);
        }
        return pairs_in_common(&header.base, &name.base);
    }
    let common: Vec<&String> = header.words.intersection(&name.words).collect();
    if common.is_empty() {
        return 0.0;
    }
    let held: usize = common.iter().map(|word| length(word)).sum();
    0.3 + 0.6 * part(2 * held, ours + theirs)
}

/// Letter pairs that both names have (Dice).
fn pairs_in_common(one: &str, other: &str) -> f64 {
    let pairs =
        |text: &str| -> Vec<(char, char)> { text.chars().zip(text.chars().skip(1)).collect() };
    let (one, other) = (pairs(one), pairs(other));
    if one.len() < 2 || other.len() < 2 {
        return 0.0;
    }
    let common = one.iter().filter(|pair| other.contains(pair)).count();
    let dice = super::profile::ratio(2 * common, one.len() + other.len());
    if dice >= 0.6 { 0.75 * dice } else { 0.0 }
}

/// How well the cells suit a target, from -1 to 1; 0 and more when nothing speaks against it.
pub(super) fn cells(feature: &Feature, profile: &Profile, target: &Target, has_flag: bool) -> f64 {
    if profile.filled == 0 {
        return match target.shape {
            Shape::One | Shape::Ignored => 0.4,
            Shape::Finding => 0.2,
            Shape::Shared(_) => -1.0,
        };
    }
    match target.shape {
        Shape::Ignored => 0.4,
        Shape::One => target.items.first().map_or(-1.0, |item| one(feature, profile, item, target)),
        Shape::Finding => finding_cells(feature, profile, target),
        Shape::Shared(Sharing::Route) if has_flag => {
            // better than either item alone
            target.items.first().map_or(-1.0, |item| 1.05 * number(feature, profile, item, target))
        }
        Shape::Shared(Sharing::Route) => -1.0,
        Shape::Shared(sharing) => {
            if shapes::find(sharing, &target.items, profile).is_some() {
                1.0
            } else {
                -1.0
            }
        }
    }
}

fn one(feature: &Feature, profile: &Profile, item: Item, target: &Target) -> f64 {
    match item.kind {
        Kind::Num | Kind::Int => number(feature, profile, item, target),
        Kind::Date => 2.0 * profile.days - 1.0,
        Kind::Term | Kind::Judge => term(feature, profile, item),
        Kind::Kana => 2.0 * profile.kana - 1.0,
        Kind::Name => {
            let name = profile
                .part(|word| word.chars().any(is_japanese) && !word.chars().any(char::is_numeric));
            if profile.kana > 0.9 { 0.2 } else { 2.0 * name - 1.0 }
        }
        Kind::Id | Kind::Code => identifier(profile, item),
        Kind::Text | Kind::Multi => text(profile, item),
    }
}

fn number(feature: &Feature, profile: &Profile, item: Item, target: &Target) -> f64 {
    if profile.numbers < 0.5 {
        return -1.0;
    }
    let factor = match shapes::factor(feature, profile, item, target.typical) {
        Factor::Plain => 1.0,
        Factor::Stated(row) => units::decimal(&row.factor).map_or(1.0, |factor| factor.to_f64()),
        Factor::Guessed(rows) => rows
            .first()
            .and_then(|(_, factor)| units::decimal(factor))
            .map_or(1.0, |factor| factor.to_f64()),
        Factor::OtherUnit => return -0.2,
    };
    let limit = |limit: Option<renkei_checkup::decimal::Decimal>, or: f64| {
        limit.map_or(or, |limit| limit.to_f64())
    };
    let (low, high) = (limit(item.min_plausible, f64::MIN), limit(item.max_plausible, f64::MAX));
    let plausible = profile.values.iter().filter(|v| (low..=high).contains(&(*v * factor))).count();
    let plausible = super::profile::ratio(plausible, profile.values.len());
    if plausible < 0.7 {
        return -0.8;
    }
    let middle = profile.median().unwrap_or_default() * factor;
    let is_typical = target.typical.is_none_or(|(low, high)| (low..=high).contains(&middle));
    let parts = profile.numbers.min(plausible);
    // a few people may be unlike the others, many are not
    let other = if profile.filled >= 20 { -0.1 } else { 0.3 * parts };
    if is_typical { parts } else { other }
}

fn term(feature: &Feature, profile: &Profile, item: Item) -> f64 {
    if profile.words.len() > vocabulary::MOST_TERMS {
        return -0.8;
    }
    let part = vocabulary::find(item, feature, profile).part;
    if part < 0.3 { -0.5 } else { 1.4 * part - 0.4 }
}

fn finding_cells(feature: &Feature, profile: &Profile, target: &Target) -> f64 {
    if profile.numbers > 0.5 || vocabulary::are_judgement_codes(profile) {
        return -1.0;
    }
    let item = target.items.first();
    let is_term = |word: &str| {
        let one = Profile { words: [(word.to_owned(), 1)].into(), filled: 1, ..Profile::default() };
        item.is_some_and(|item| vocabulary::find(item, feature, &one).part > 0.5)
    };
    let is_text = |word: &str| word.chars().any(is_japanese) || word.chars().count() > 3;
    let texts = profile.part(|word| is_text(word) && !is_term(word) && !nulls::is_no_finding(word));
    let nothing = profile.part(nulls::is_no_finding);
    if texts > 0.0 {
        if nothing > 0.0 || texts > 0.5 { 1.05 } else { 0.3 }
    } else if profile.part(nulls::is_nothing) > 0.0
        && (profile.words.len() == 1 || profile.part(is_term) < 0.999)
    {
        // no finding in these rows; the next may have one
        1.05
    } else {
        -0.5
    }
}

fn identifier(profile: &Profile, item: Item) -> f64 {
    match item.id.as_str() {
        "postal" | "inst_postal" => 2.0 * profile.postal - 1.0,
        "tel" | "inst_tel" => 2.0 * profile.telephone - 1.0,
        "insurer_no" => {
            if profile.insurer > 0.5 {
                1.0
            } else {
                profile.digits - 0.5
            }
        }
        _ if item.max_bytes <= 11 => {
            let fits = profile.part(|word| {
                renkei_checkup::identity::comparison_form(word).len() <= item.max_bytes
            });
            profile.digits.min(fits) * 1.5 - 0.5
        }
        "patient_id" | "employee_no" => {
            0.5 + 0.4 * profile.unique - 0.6 * profile.address - 1.2 * profile.days
        }
        _ => 0.6 - 0.6 * profile.address,
    }
}

fn text(profile: &Profile, item: Item) -> f64 {
    if item.id.ends_with("address") || item.id.ends_with("addr") {
        return 2.0 * profile.address - 1.0;
    }
    if profile.days > 0.9 {
        return -0.5;
    }
    if item.kind == Kind::Multi && vocabulary::are_judgement_codes(profile) {
        return -0.5;
    }
    if profile.numbers > 0.9 && item.id != "cxr_film" { -0.4 } else { 0.6 }
}
