//! Tables that come with the program.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Characters of names and the one that stands for them in comparisons: 旧字, 異体字 and what registers write for them.
/// A row of the table is a character and its variants.
pub(crate) static VARIANTS: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let rows = include_str!("../tables/kanji-variants.csv").lines().skip(1);
    let pairs = rows.filter_map(|row| row.split_once(','));
    pairs
        .filter_map(|(base, variants)| Some((base.chars().next()?, variants)))
        .flat_map(|(base, variants)| variants.chars().map(move |variant| (variant, base)))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variant_stands_for_one_character() {
        let table = include_str!("../tables/kanji-variants.csv");
        let rows: Vec<_> = table.lines().skip(1).map(|row| row.split_once(',').unwrap()).collect();
        let variants: usize = rows.iter().map(|(_, variants)| variants.chars().count()).sum();
        assert_eq!(VARIANTS.len(), variants, "a variant stands twice");
        for (base, variants) in &rows {
            assert_eq!(base.chars().count(), 1, "{base}");
            assert!(!variants.is_empty(), "{base}");
            let base = base.chars().next().unwrap();
            assert!(!VARIANTS.contains_key(&base), "{base} is a variant itself");
        }
    }
}
