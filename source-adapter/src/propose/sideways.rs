//! A table that lies on its side: items one below the other, people beside them. Its titles would be
//! people's names, which must not stand in a mapping.

use std::collections::HashSet;
use std::sync::LazyLock;

use renkei_checkup::tables;

use super::header::Feature;

/// Rows of a column that are looked at.
const LOOKED_AT: usize = 200;
/// Fewer names of items could be the words of a column.
const LEAST: usize = 3;

/// Whether at least half of the filled cells of a column name items, each another one.
pub(super) fn is_list_of_items(cells: &[String]) -> bool {
    let filled: Vec<&String> =
        cells.iter().filter(|cell| !cell.trim().is_empty()).take(LOOKED_AT).collect();
    let named: HashSet<String> = filled
        .iter()
        .map(|cell| Feature::of(cell))
        // `Q01` numbers people as well as questions
        .filter(|feature| !feature.is_question && names().contains(&feature.full))
        .map(|feature| feature.full)
        .collect();
    named.len() >= LEAST && named.len() * 2 >= filled.len()
}

/// All names of items that the tables know.
fn names() -> &'static HashSet<String> {
    static NAMES: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let synonyms = tables().synonyms().iter().flat_map(|synonym| synonym.names.iter());
        let synonyms = synonyms.map(|name| name.text.as_str());
        let official = tables().columns().iter().map(|column| column.name_ja.as_str());
        let full = synonyms.chain(official).map(|name| Feature::of(name).full);
        full.filter(|name| !name.is_empty()).collect()
    });
    &NAMES
}

#[cfg(test)]
mod tests {
    use super::is_list_of_items;
    use crate::propose::{ProposeError, propose};

    #[test]
    fn items_one_below_the_other_are_no_table_of_checkups() {
        for text in [
            "項目名,単位,山田太郎,鈴木花子\n身長,cm,170,155\n体重,kg,66,50\n最高血圧,mmHg,120,110\n",
            "氏名,山田 太郎,,\n受診番号,A1,,\n項目,今回,前回,基準値\n身長,170.1,169.9,\n体重,66.0,65.0,\n最高血圧,120,118,~129\n",
        ] {
            let refused = propose(text.as_bytes(), "e.csv").map(|draft| draft.toml().to_owned());
            assert!(matches!(refused, Err(ProposeError::Sideways)), "{refused:?}");
        }
    }

    #[test]
    fn words_of_a_column_are_no_items() {
        let cells =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert!(!is_list_of_items(&cells(&["A1", "A2", "A3", "身長"])));
        assert!(!is_list_of_items(&cells(&["身長", "身長", "身長", "体重"])));
        assert!(!is_list_of_items(&cells(&["Q1", "Q2", "Q3", "Q4"])));
        assert!(is_list_of_items(&cells(&["身長", "体重", "BMI", ""])));
    }
}
