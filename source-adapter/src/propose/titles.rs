//! The titles of a column: one, or several above each other, and the ways to read them.

use std::collections::HashSet;
use std::sync::LazyLock;

use renkei_checkup::tables::drafting::HeaderRole;

use super::header::{self, Feature};
use super::score;
use super::units;

/// One way to read the titles of a column.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub(super) feature: Feature,
    /// The chapters of the column table that the title of its group allows; none when all.
    pub(super) chapters: Option<Vec<&'static str>>,
}

/// All ways to read the titles of a column, the whole first.
pub(super) fn readings(titles: &[String]) -> Vec<Reading> {
    let mut titles: Vec<String> = titles.to_vec();
    if titles.len() > 1
        && let Some(unit) = titles.last().and_then(|last| unit_of(last))
    {
        // a row of units below the names
        titles.pop();
        if let Some(name) = titles.last_mut() {
            name.push_str(&format!("({unit})"));
        }
    }
    let whole = titles.join(" ");
    let mut found = vec![Reading { feature: Feature::of(&whole), chapters: None }];
    let parts: Vec<String> = match titles.as_slice() {
        [title] => parted(title),
        _ => titles,
    };
    let mut chapters: Option<Vec<&'static str>> = None;
    for (index, part) in parts.iter().enumerate() {
        if index > 0
            && let Some(chapters) = &chapters
        {
            let rest = parts.get(index..).unwrap_or_default().join(" ");
            found.push(Reading { feature: Feature::of(&rest), chapters: Some(chapters.clone()) });
        }
        let Some(group) = header::whole(HeaderRole::Group, part) else { break };
        let allowed: Vec<&'static str> = group.value.split(';').collect();
        chapters = Some(match chapters {
            None => allowed,
            Some(before) => before.into_iter().filter(|one| allowed.contains(one)).collect(),
        });
    }
    found
}

/// The unit that a title is, in brackets or not.
fn unit_of(title: &str) -> Option<String> {
    let folded = header::folded(title);
    let inside = folded.trim().trim_start_matches(['(', '[']).trim_end_matches([')', ']']);
    units::unit(inside)
}

/// A title with the title of its group before it: `身体計測_身長`.
fn parted(title: &str) -> Vec<String> {
    let is_mark = |letter: char| matches!(letter, '_' | ':' | '：' | '/' | '／' | ' ' | '　' | '.');
    title.split(is_mark).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Whether a title is one that the tables know, whatever it means.
pub(super) fn is_known(title: &str) -> bool {
    static KNOWN: LazyLock<(HashSet<String>, HashSet<String>)> = LazyLock::new(|| {
        let features = || score::targets().iter().flat_map(score::Target::features);
        let bases = features().filter(|feature| feature.base.chars().count() > 1);
        (features().map(|f| f.full.clone()).collect(), bases.map(|f| f.base.clone()).collect())
    });
    let (full, bases) = &*KNOWN;
    let knows = |reading: &Reading| {
        let feature = &reading.feature;
        full.contains(&feature.full) || bases.contains(&feature.base)
    };
    readings(&[title.to_owned()]).iter().any(knows)
        || header::whole(HeaderRole::Long, title).is_some()
}

/// Whether a title says something only together with the one above it.
pub(super) fn is_part(title: &str) -> bool {
    let feature = Feature::of(title);
    !feature.marks.is_empty()
        || header::whole(HeaderRole::Group, title).is_some()
        || header::whole(HeaderRole::Part, title).is_some()
        || unit_of(title).is_some()
        || header::never(title).is_some()
}

/// Whether a text is a unit that the tables know.
pub(super) fn is_unit(text: &str) -> bool {
    unit_of(text).is_some()
}
