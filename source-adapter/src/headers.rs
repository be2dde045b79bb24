//! The titles of the columns: joined from one to three rows, found by name or by name and place.

use hashbrown::HashMap;

use crate::cells::trim;
use crate::mapping::Title;
use crate::rows::RowText;

/// Where a column of the mapping stands in the export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    At(usize),
    /// Several columns have this title.
    Several(Vec<usize>),
    Nowhere,
}

/// The titles of an export.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headers {
    titles: Vec<String>,
    by_title: HashMap<String, Vec<usize>>,
    untitled: Vec<usize>,
}

impl Headers {
    pub(crate) fn new(titles: Vec<String>) -> Self {
        let mut by_title: HashMap<String, Vec<usize>> = HashMap::new();
        let mut untitled = Vec::new();
        for (column, title) in titles.iter().enumerate() {
            if trim(title).is_empty() {
                untitled.push(column);
            } else {
                by_title.entry(title.clone()).or_default().push(column);
            }
        }
        Self { titles, by_title, untitled }
    }

    /// The titles of header rows; where there are several, those of one column are joined by `/`.
    pub(crate) fn of(rows: &[RowText]) -> Self {
        match rows {
            [single] => Self::new(single.cells().iter().map(str::to_owned).collect()),
            several => Self::new(joined(several)),
        }
    }

    /// How many columns there are.
    pub(crate) fn width(&self) -> usize {
        self.titles.len()
    }

    /// All titles in their order.
    pub(crate) fn titles(&self) -> &[String] {
        &self.titles
    }

    /// The columns without a title.
    pub(crate) fn untitled(&self) -> &[usize] {
        &self.untitled
    }

    /// Where a column stands. A title that is written just so goes before a place.
    pub(crate) fn find(&self, wanted: &Title) -> Place {
        match self.by_title.get(wanted.as_str()).map(Vec::as_slice) {
            Some([column]) => return Place::At(*column),
            Some(several) => return Place::Several(several.to_vec()),
            None => {}
        }
        let Some((title, place)) = wanted.place() else { return Place::Nowhere };
        self.of_title(title).get(place - 1).map_or(Place::Nowhere, |column| Place::At(*column))
    }

    /// All columns that a name without a place means, or the one of a place.
    pub(crate) fn all(&self, wanted: &Title) -> Vec<usize> {
        match self.find(wanted) {
            Place::At(column) => vec![column],
            Place::Several(columns) => columns,
            Place::Nowhere => Vec::new(),
        }
    }

    /// The name by which a mapping would find this column.
    pub(crate) fn name(&self, column: usize) -> String {
        let title = self.titles.get(column).map_or("", String::as_str);
        let title = if trim(title).is_empty() { "" } else { title };
        let alike = self.of_title(title);
        match alike {
            [_] if !title.is_empty() => title.to_owned(),
            _ => {
                // the columns of a title stand in their order
                let (Ok(place) | Err(place)) = alike.binary_search(&column);
                format!("{title}#{}", place + 1)
            }
        }
    }

    fn of_title(&self, title: &str) -> &[usize] {
        if title.is_empty() {
            &self.untitled
        } else {
            self.by_title.get(title).map_or(&[], Vec::as_slice)
        }
    }
}

/// One title a column: a blank upper title continues the one on its left as long as the titles above
/// both are the same; blank ones are left out; a column whose own titles are all blank has none.
fn joined(rows: &[RowText]) -> Vec<String> {
    let width = rows.iter().map(|row| row.cells().len()).max().unwrap_or_default();
    let last = rows.len().saturating_sub(1);
    let mut before: Vec<String> = Vec::new();
    let mut titles = Vec::with_capacity(width);
    for column in 0..width {
        let own: Vec<&str> =
            rows.iter().map(|row| trim(row.cells().get(column).unwrap_or_default())).collect();
        let mut levels: Vec<String> = Vec::with_capacity(own.len());
        let mut alike = !before.is_empty();
        for (level, title) in own.iter().enumerate() {
            let left = before.get(level).map_or("", String::as_str);
            let continued = title.is_empty() && level < last && alike;
            let resolved = if continued { left } else { title };
            alike = alike && resolved == left;
            levels.push(resolved.to_owned());
        }
        let has_title = own.iter().any(|title| !title.is_empty());
        let filled: Vec<&str> =
            levels.iter().map(String::as_str).filter(|title| !title.is_empty()).collect();
        titles.push(if has_title { filled.join("/") } else { String::new() });
        before = levels;
    }
    titles
}

#[cfg(test)]
mod tests {
    use super::{Headers, Place};
    use crate::mapping::Title;
    use crate::rows::RowText;

    fn row(cells: &[&str]) -> RowText {
        let mut row = RowText::default();
        for cell in cells {
            let start = row.text.len();
            row.text.push_str(cell);
            row.bounds.push((start, row.text.len()));
        }
        row
    }

    fn joined(rows: &[&[&str]]) -> Vec<String> {
        let rows: Vec<RowText> = rows.iter().map(|cells| row(cells)).collect();
        Headers::of(&rows).titles().to_vec()
    }

    #[test]
    fn group_titles_continue_to_the_right() {
        let titles = joined(&[
            &["", "身体計測", "", "血圧", "", "備考"],
            &["番号", "身長", "体重", "最高", "最低", ""],
        ]);
        assert_eq!(
            titles,
            ["番号", "身体計測/身長", "身体計測/体重", "血圧/最高", "血圧/最低", "備考"]
        );
    }

    #[test]
    fn a_group_ends_where_the_titles_above_differ() {
        let titles = joined(&[
            &["眼", "", "", "", "耳", ""],
            &["視力", "", "眼圧", "", "", ""],
            &["右", "左", "右", "左", "右", "左"],
        ]);
        assert_eq!(
            titles,
            ["眼/視力/右", "眼/視力/左", "眼/眼圧/右", "眼/眼圧/左", "耳/右", "耳/左"]
        );
        assert_eq!(joined(&[&["A", ""], &["", ""]]), ["A", ""], "no title of its own");
    }

    #[test]
    fn columns_are_found_by_title_and_place() {
        let titles = ["判定", "値", "判定", "", "A#1", "", "A"].map(str::to_owned);
        let headers = Headers::new(titles.to_vec());
        let find = |title: &str| headers.find(&Title::new(title));
        assert_eq!(find("値"), Place::At(1));
        assert_eq!(find("判定"), Place::Several(vec![0, 2]));
        assert_eq!(find("判定#2"), Place::At(2));
        assert_eq!(find("判定#3"), Place::Nowhere);
        assert_eq!(find("#2"), Place::At(5));
        assert_eq!(find("A#1"), Place::At(4), "a title that is written just so");
        assert_eq!(find("値#1"), Place::At(1));
        let names: Vec<String> = (0..7).map(|column| headers.name(column)).collect();
        assert_eq!(names, ["判定#1", "値", "判定#2", "#1", "A#1", "#2", "A"]);
    }
}
