//! Which column is which item: every item once, the surest first.

use std::collections::HashSet;

use super::Column;
use super::score::{self, Shape, Target};
use super::vocabulary;
use crate::mapping::Item;
use renkei_checkup::{tables, terms};

/// What was chosen for a column.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) target: &'static Target,
    /// How well the header names it, from 0 to 1.
    pub(super) header: f64,
    /// The name it was taken for.
    pub(super) name: String,
    /// How well the cells suit it, from -1 to 1.
    pub(super) cells: f64,
    /// Whether a neighbour spoke for it.
    pub(super) beside: bool,
    /// From 0 to 1.
    pub(super) total: f64,
    /// By how much it is better than the next.
    pub(super) margin: f64,
}

/// What was chosen for the columns.
pub(super) struct Choices {
    /// For each column; none when nothing suits.
    pub(super) of: Vec<Option<Choice>>,
    /// The column that says whether the person was fasting.
    pub(super) flag: Option<usize>,
}

/// Below this a header says nothing.
const LEAST_HEADER: f64 = 0.4;
/// Below this nothing is proposed.
const LEAST_TOTAL: f64 = 0.4;
const HEADER_WEIGHT: f64 = 0.72;
const CELLS_WEIGHT: f64 = 0.28;
/// What a neighbour of the same chapter adds.
const BESIDE: f64 = 0.03;

/// Chooses for every column.
pub(super) fn assign(columns: &[Column]) -> Choices {
    let flag = fasting_column(columns);
    let mut candidates: Vec<Vec<Choice>> =
        columns.iter().map(|column| candidates_of(column, flag.is_some())).collect();
    leave_texts_to_their_columns(&mut candidates);
    speak_for_neighbours(&mut candidates);
    for of_column in &mut candidates {
        of_column.sort_by(|one, other| other.total.total_cmp(&one.total));
        let next = of_column.get(1).map_or(0.0, |next| next.total);
        if let Some(best) = of_column.first_mut() {
            best.margin = best.total - next;
        }
    }
    let mut order: Vec<(usize, Choice)> = candidates
        .into_iter()
        .enumerate()
        .flat_map(|(index, of_column)| of_column.into_iter().map(move |choice| (index, choice)))
        .collect();
    order.sort_by(|(_, one), (_, other)| other.total.total_cmp(&one.total));
    let mut taken: HashSet<usize> = HashSet::new();
    let mut of: Vec<Option<Choice>> = columns.iter().map(|_| None).collect();
    for (index, choice) in order {
        let items = &choice.target.items;
        let Some(place @ None) = of.get_mut(index) else { continue };
        if items.iter().any(|item| taken.contains(&item.position)) {
            continue;
        }
        taken.extend(items.iter().map(|item| item.position));
        *place = Some(choice);
    }
    Choices { of, flag }
}

fn candidates_of(column: &Column, has_flag: bool) -> Vec<Choice> {
    score::targets()
        .iter()
        .filter_map(|target| {
            let (header, name) = score::header(&column.feature, target);
            if header < LEAST_HEADER {
                return None;
            }
            let cells = score::cells(&column.feature, &column.profile, target, has_flag);
            let total = if cells < 0.0 {
                HEADER_WEIGHT * header * (1.0 + cells)
            } else {
                HEADER_WEIGHT * header + CELLS_WEIGHT * cells
            };
            (total >= LEAST_TOTAL).then_some(Choice {
                target,
                header,
                name,
                cells,
                beside: false,
                total,
                margin: total,
            })
        })
        .collect()
}

/// A column does not say finding and text when another column is named as the text.
fn leave_texts_to_their_columns(candidates: &mut [Vec<Choice>]) {
    const NAMED: f64 = 0.9;
    const LESS: f64 = 0.2;
    let named: Vec<(usize, usize)> = candidates
        .iter()
        .enumerate()
        .flat_map(|(index, of_column)| of_column.iter().map(move |choice| (index, choice)))
        .filter(|(_, choice)| choice.target.shape == Shape::One && choice.header >= NAMED)
        .filter_map(|(index, choice)| Some((index, choice.target.items.first()?.position)))
        .collect();
    for (index, of_column) in candidates.iter_mut().enumerate() {
        for choice in of_column.iter_mut().filter(|choice| choice.target.shape == Shape::Finding) {
            let text = choice.target.items.get(1).map(|item| item.position);
            if named.iter().any(|(other, item)| *other != index && Some(*item) == text) {
                choice.total -= LESS;
            }
        }
    }
}

/// A candidate gains when the best candidate of a column beside it stands beside it in the column
/// table too.
fn speak_for_neighbours(candidates: &mut [Vec<Choice>]) {
    let best: Vec<Option<Vec<Item>>> = candidates
        .iter()
        .map(|of_column| {
            let best = of_column.iter().max_by(|one, other| one.total.total_cmp(&other.total));
            best.map(|choice| choice.target.items.clone())
        })
        .collect();
    let near = |index: Option<usize>, items: &[Item]| {
        let neighbour = index.and_then(|index| best.get(index)?.as_ref());
        neighbour.is_some_and(|neighbour| {
            neighbour.iter().any(|one| {
                items.iter().any(|other| (1..=2).contains(&one.position.abs_diff(other.position)))
            })
        })
    };
    for (index, of_column) in candidates.iter_mut().enumerate() {
        for choice in of_column {
            let items = &choice.target.items;
            if near(index.checked_sub(1), items) || near(index.checked_add(1), items) {
                choice.beside = true;
                choice.total += BESIDE;
            }
        }
    }
}

/// The column whose words tell fasting persons from others.
fn fasting_column(columns: &[Column]) -> Option<usize> {
    let item = tables().column("blood_time")?;
    let target = score::targets().iter().find(|target| {
        target.shape == Shape::One && target.items.iter().all(|i| i.position == item.position)
    })?;
    let mut best: Option<(f64, usize)> = None;
    for (index, column) in columns.iter().enumerate() {
        let (header, _) = score::header(&column.feature, target);
        if header < 0.5 || column.profile.words.len() > vocabulary::MOST_TERMS {
            continue;
        }
        let found = vocabulary::find(item, &column.profile);
        let is_told = found.words.iter().any(|(_, term)| term == terms::FASTING);
        if is_told && found.part > 0.6 && best.is_none_or(|(most, _)| header > most) {
            best = Some((header, index));
        }
    }
    best.map(|(_, index)| index)
}
