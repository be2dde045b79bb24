//! What is wrong with the header row: columns that the mapping reads and the file has not, has twice,
//! or has elsewhere than the mapping insists on.

use std::collections::VecDeque;

use hashbrown::{HashMap, HashSet};

use crate::decode::BYTE_ORDER_MARK;
use crate::findings::{Code, Finding};
use crate::headers::{Headers, Place};
use crate::mapping::{Mapping, Title};

/// Titles that a finding lists.
const SHOWN: usize = 6;

/// E002 for a column that is not there, or only not seen, since a byte order mark stands before it.
pub(crate) fn missing(title: &Title, headers: &Headers, unread: &[String]) -> Finding {
    let finding = Finding::new(0, title.as_str(), Code::E002, "");
    let first = headers.titles().first().and_then(|first| first.strip_prefix(BYTE_ORDER_MARK));
    if first == Some(title.as_str()) {
        return finding.expected(
            "bom = true in [source], since the file begins with a byte order mark",
            "ファイルの先頭にBOMがあるため、[source] に bom = true",
        );
    }
    if let Some((delimiter, name)) = other_delimiter(headers) {
        return finding.expected(
            format!("several columns; the header is one cell with {name} in it: delimiter = {delimiter:?} in [source]"),
            format!("複数の列（見出し行が1つの値になっていて、{name} を含みます）。[source] の delimiter = {delimiter:?}"),
        );
    }
    if let Some((base, _)) = title.place()
        && let Place::Several(columns) = headers.find(&Title::new(base))
    {
        let count = columns.len();
        return finding.expected(
            format!("a place from 1 to {count}; so many columns have the title {base:?}"),
            format!("1〜{count} の番号（見出し「{base}」は{count}列あります）"),
        );
    }
    if unread.is_empty() {
        return finding;
    }
    let listed = list(unread);
    finding.expected(
        format!("this title, or in the mapping one of those that nothing reads yet: {listed}"),
        format!("この見出し。または対応表の from を、まだ使われていない見出しに: {listed}"),
    )
}

/// The delimiter that a header seems to have, where it is one cell by that of the mapping.
fn other_delimiter(headers: &Headers) -> Option<(char, &'static str)> {
    const DELIMITERS: [(char, &str); 4] =
        [('\t', "タブ (tab)"), (';', "セミコロン (;)"), (',', "コンマ (,)"), ('|', "縦線 (|)")];
    let [title] = headers.titles() else { return None };
    let count = |delimiter: char| title.matches(delimiter).count();
    let most = DELIMITERS.into_iter().max_by_key(|(delimiter, _)| count(*delimiter))?;
    (count(most.0) > 1).then_some(most)
}

fn list(titles: &[String]) -> String {
    let mut listed: Vec<&str> = titles.iter().map(String::as_str).take(SHOWN).collect();
    if titles.len() > SHOWN {
        listed.push("…");
    }
    listed.join(" / ")
}

/// E002 for a title that several columns have and the mapping reads without its place.
pub(crate) fn several(title: &Title, columns: &[usize]) -> Finding {
    let places: Vec<String> =
        columns.iter().map(|column| (column + 1).to_string()).take(SHOWN).collect();
    let (mut places, count) = (places.join("、"), columns.len());
    if count > SHOWN {
        places.push_str("、…");
    }
    Finding::new(0, title.as_str(), Code::E002, "").expected(
        format!(
            "its place, since {count} columns have this title (columns {places}): from = \"{title}#1\" to \"{title}#{count}\""
        ),
        format!(
            "何番目かの指定（{places}列目の{count}列が同じ見出しです）。from = \"{title}#1\" から \"{title}#{count}\""
        ),
    )
}

/// E002 for every title that `[source] layout` has and the file has not, or has in another order; a
/// title that only the file has is no difference here.
pub(crate) fn differences(mapping: &Mapping, headers: &Headers) -> Vec<Finding> {
    let layout = &mapping.source.layout;
    let mut places: HashMap<&str, VecDeque<usize>> = HashMap::new();
    if !layout.is_empty() {
        for (place, title) in headers.titles().iter().enumerate() {
            places.entry(title).or_default().push_back(place);
        }
    }
    let wanted: HashSet<&str> = layout.iter().map(String::as_str).collect();
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut findings = Vec::new();
    for (index, title) in layout.iter().enumerate() {
        match places.get_mut(title.as_str()).and_then(VecDeque::pop_front) {
            Some(place) => found.push((index, place)),
            None => findings.push(gone(title, index, &wanted, headers)),
        }
    }
    let in_order = longest_in_order(&found);
    for (index, place) in found {
        if !in_order.contains(&index)
            && let Some(title) = layout.get(index)
        {
            let (was, is) = (index + 1, place + 1);
            findings.push(Finding::new(0, title, Code::E002, "").expected(
                format!("this column in the order of `layout` (there it is column {was}; in the file column {is})"),
                format!("layout の順序（layout では{was}列目、ファイルでは{is}列目です）"),
            ));
        }
    }
    findings
}

/// A title of the layout that the file has not; perhaps another one stands in its place.
fn gone(title: &str, index: usize, wanted: &HashSet<&str>, headers: &Headers) -> Finding {
    let finding = Finding::new(0, title, Code::E002, "");
    let place = index + 1;
    match headers.titles().get(index).filter(|other| !wanted.contains(other.as_str())) {
        Some(other) => finding.expected(
            format!("the title of `layout` (column {place}); the file has {other:?} there"),
            format!("layout の見出し（{place}列目）。ファイルではそこに「{other}」があります"),
        ),
        None => finding.expected(
            format!("the title of `layout` (column {place})"),
            format!("layout の見出し（{place}列目）"),
        ),
    }
}

/// The indices of the longest run of places that grow.
fn longest_in_order(found: &[(usize, usize)]) -> HashSet<usize> {
    // for each length the run that ends earliest; behind each element the one before it
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(found.len());
    let place = |at: usize| found.get(at).map_or(0, |(_, place)| *place);
    for at in 0..found.len() {
        let length = ends.partition_point(|end| place(*end) < place(at));
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut kept = HashSet::new();
    let mut at = ends.last().copied();
    while let Some(here) = at {
        kept.extend(found.get(here).map(|(index, _)| *index));
        at = before.get(here).copied().flatten();
    }
    kept
}
