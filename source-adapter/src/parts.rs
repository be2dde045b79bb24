//! A cell that holds several findings: each part is a finding, says that there is none, or says
//! something that nobody has decided on.

use renkei_checkup::tables::{FindingWord, WordMeaning};
use renkei_checkup::{tables, terms};

use crate::cells::trim;
use crate::mapping::{Absence, Nulls, Splitter};

/// What the parts of a cell say together.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Parts<'c> {
    /// The findings, joined; empty where nothing was found.
    Found(String),
    /// No part is left but words for one kind of absence.
    Absent(Absence),
    /// A part that is no finding, or not with others beside it.
    Undecided { part: &'c str, word: Option<FindingWord> },
}

/// The filled parts of a cell.
pub(crate) fn split<'c>(cell: &'c str, splitter: &'c Splitter) -> impl Iterator<Item = &'c str> {
    filled(cell, splitter).filter(|part| !splitter.none.iter().any(|none| none == part))
}

fn filled<'c>(cell: &'c str, splitter: &'c Splitter) -> impl Iterator<Item = &'c str> {
    cell.split(|letter| splitter.split.contains(&letter)).map(trim).filter(|part| !part.is_empty())
}

/// Reads a cell part by part. The mapping decides (`as_value`, `none`, the words of `[null]`); a word
/// that it does not name and that says nothing, not done or not measurable is never a finding.
pub(crate) fn read<'c>(cell: &'c str, splitter: &'c Splitter, nulls: &Nulls) -> Parts<'c> {
    let mut found = String::new();
    let mut absent: Option<(Absence, &'c str)> = None;
    let (mut said_nothing, mut mixed) = (false, None);
    // a cell that is a finding as a whole is not taken apart
    let whole = splitter.takes_as_value(cell).then_some(cell);
    // words that are findings only beside one
    let mut alone: Option<(FindingWord, &'c str)> = None;
    let mut says_more = false;
    for part in whole.into_iter().chain(filled(cell, splitter).filter(|_| whole.is_none())) {
        if splitter.takes_as_value(part) {
            says_more = true;
            join(&mut found, part);
        } else if let Some(absence) = nulls.meaning(part) {
            match (absence, absent) {
                (Absence::Blank, _) => {}
                (_, Some((other, _))) if other != absence => mixed = mixed.or(Some(part)),
                _ => absent = Some((absence, part)),
            }
        } else if splitter.none.iter().any(|none| none == part) {
            said_nothing = true;
        } else {
            match tables().finding_word(part) {
                Some(word) if !word.alone => return Parts::Undecided { part, word: Some(word) },
                Some(word) => alone = alone.or(Some((word, part))),
                None => says_more = true,
            }
            join(&mut found, part);
        }
    }
    if let Some((word, part)) = alone.filter(|_| !says_more) {
        return Parts::Undecided { part, word: Some(word) };
    }
    match absent {
        _ if mixed.is_some() => Parts::Undecided { part: mixed.unwrap_or_default(), word: None },
        Some((_, part)) if said_nothing || !found.is_empty() => {
            Parts::Undecided { part, word: None }
        }
        Some((absence, _)) => Parts::Absent(absence),
        None if found.is_empty() && !said_nothing => Parts::Absent(Absence::Blank),
        None => Parts::Found(found),
    }
}

fn join(joined: &mut String, part: &str) {
    if !joined.is_empty() {
        joined.push(terms::JOIN);
    }
    joined.push_str(part);
}

/// What is to be decided, English and Japanese.
pub(crate) fn undecided(part: &str, word: Option<FindingWord>) -> (String, String) {
    let Some(word) = word else {
        return (
            format!(
                "{part:?} alone in the cell, since it says that there is no result; or as_value = [{part:?}]"
            ),
            format!(
                "「{part}」だけの値（結果がないことを表す語が、ほかの語と並んでいます）。所見なら as_value = [{part:?}]"
            ),
        );
    };
    let none = format!("none = [{part:?}]");
    let (en, ja) = match word.meaning {
        WordMeaning::Nothing => (
            format!("{none} if it says that nothing was found"),
            format!("所見なしの意味なら {none}"),
        ),
        WordMeaning::NotPerformed => (
            format!("not_performed = [{part:?}] in [null] if it was not done"),
            format!("未実施の意味なら [null] に not_performed = [{part:?}]"),
        ),
        WordMeaning::NotMeasurable => (
            format!("not_measurable = [{part:?}] in [null] if it could not be judged"),
            format!("判定・測定できなかった意味なら [null] に not_measurable = [{part:?}]"),
        ),
        WordMeaning::Unclear => (
            format!(
                "{none} if nothing was found, in [null] blank or not_performed = [{part:?}] if it was not done"
            ),
            format!(
                "所見なしなら {none}、未実施なら [null] に not_performed = [{part:?}]、空欄の意味なら blank = [{part:?}]"
            ),
        ),
    };
    (
        format!("{en}; as_value = [{part:?}] if it is a finding all the same"),
        format!("{ja}。所見として扱うなら as_value = [{part:?}]"),
    )
}

#[cfg(test)]
mod tests;
