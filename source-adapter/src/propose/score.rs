//! How well a header names an item, and how well the cells of its column suit it.

use std::sync::LazyLock;

use renkei_checkup::tables::{Sharing, Synonym};
use renkei_checkup::{Kind, tables};

use super::header::{Feature, Mark, is_japanese};
use super::profile::Profile;
use super::{nulls, shapes, units, vocabulary};
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
    /// Names the item only when it stands alone.
    alone: bool,
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
        .map(|name| Name {
            feature: Feature::of(name.trim_start_matches('=')),
            alone: name.starts_with('='),
        })
        .collect();
    if let [item] = items.as_slice() {
        for name in [&item.name_ja, &item.name_en, &item.id] {
            names.push(Name { feature: Feature::of(name), alone: false });
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

/// How well a header names a target, from 0 to 1, and the name it was taken for.
pub(super) fn header(feature: &Feature, target: &Target) -> (f64, String) {
    if let [item] = target.items.as_slice()
        && item.codes().any(|code| feature.full.contains(&code.to_lowercase()))
    {
        return (1.0, item.jlac10.clone());
    }
    let mut best = (0.0, String::new());
    for name in &target.names {
        let score = similarity(feature, name);
        if score > best.0 {
            best = (score, name.feature.full.clone());
        }
    }
    best
}

fn similarity(header: &Feature, name: &Name) -> f64 {
    if header.full == name.feature.full {
        return 1.0;
    }
    let base = base(header, &name.feature);
    if name.alone && base < 1.0 {
        return 0.0;
    }
    let missing = name.feature.marks.difference(&header.marks);
    let extra = header.marks.difference(&name.feature.marks).count();
    let missing: f64 = missing
        .map(|mark| match mark {
            Mark::First | Mark::Flag => 0.98,
            Mark::Text | Mark::Judge => 0.75,
            _ => 0.7,
        })
        .product();
    let extra = 0.6_f64.powi(i32::try_from(extra).unwrap_or(i32::MAX));
    0.98 * base * missing * extra
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

/// How well the cells suit a target, from -1 to 1.
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
        Shape::Finding => finding_cells(profile, target),
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
        Kind::Term | Kind::Judge => term(profile, item),
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
    let factor = shapes::factor(feature, profile, item, target.typical);
    let factor = factor.and_then(|factor| units::decimal(factor.by)).map_or(1.0, |f| f.to_f64());
    let limit = |limit: Option<renkei_checkup::decimal::Decimal>, or: f64| {
        limit.map_or(or, |limit| limit.to_f64())
    };
    let (low, high) = (limit(item.min_plausible, f64::MIN), limit(item.max_plausible, f64::MAX));
    let plausible = profile.values.iter().filter(|v| (low..=high).contains(&(*v * factor))).count();
    let plausible = super::profile::ratio(plausible, profile.values.len());
    if plausible < 0.5 {
        return -1.0;
    }
    let middle = profile.median().unwrap_or_default() * factor;
    let is_typical = target.typical.is_none_or(|(low, high)| (low..=high).contains(&middle));
    let parts = profile.numbers.min(plausible);
    if is_typical { parts } else { 0.4 * parts }
}

fn term(profile: &Profile, item: Item) -> f64 {
    if profile.words.len() > vocabulary::MOST_TERMS {
        return -0.8;
    }
    let part = vocabulary::find(item, profile).part;
    if part < 0.3 { -0.5 } else { 1.4 * part - 0.4 }
}

fn finding_cells(profile: &Profile, target: &Target) -> f64 {
    let nothing = profile.part(nulls::is_nothing);
    let known = target.items.first().map_or(0.0, |item| vocabulary::find(item, profile).part);
    let words = profile.letters.max(profile.part(|word| word.chars().any(is_japanese)));
    if profile.numbers > 0.5 {
        -1.0
    } else if nothing > 0.0 && known < 0.999 {
        1.0
    } else if nothing > 0.0 {
        // nothing but "none": a coded column, or no finding in these rows
        if known > 0.999 && profile.words.len() > 1 { 0.1 } else { 1.05 }
    } else if words > 0.5 && known < 0.5 {
        0.3
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
        "patient_id" | "employee_no" => 0.5 + 0.4 * profile.unique - 0.6 * profile.address,
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
    if profile.numbers > 0.9 && item.id != "cxr_film" { -0.4 } else { 0.6 }
}
