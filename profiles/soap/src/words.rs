//! Sentences with holes, of which rows of error tables are made: `more than {max} bytes`.

/// The sentence with its holes filled; a value stays as it is, whatever stands in it.
pub fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(sentence.len());
    for piece in pieces(sentence) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Hole(name) => {
                let value = values.iter().find(|(known, _)| *known == name);
                out.push_str(value.map_or("", |(_, value)| value));
            }
        }
    }
    out
}

/// Whether `text` is this sentence, whatever its holes hold.
pub fn fits(sentence: &str, text: &str) -> bool {
    let mut rest = text;
    let mut is_open = false;
    let mut pieces = pieces(sentence).peekable();
    while let Some(piece) = pieces.next() {
        let Piece::Text(known) = piece else {
            is_open = true;
            continue;
        };
        // The first place that fits leaves most to what follows; what ends the sentence ends the text.
        let at = match (is_open, pieces.peek().is_some()) {
            (false, _) => rest.starts_with(known).then_some(0),
            (true, true) => rest.find(known),
            (true, false) => rest.strip_suffix(known).map(str::len),
        };
        let Some(at) = at else { return false };
        rest = rest.get(at + known.len()..).unwrap_or_default();
        is_open = false;
    }
    rest.is_empty() || is_open
}

enum Piece<'s> {
    Text(&'s str),
    Hole(&'s str),
}

fn pieces(sentence: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = sentence;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(behind) = rest.strip_prefix('{')
            && let Some((name, behind)) = behind.split_once('}')
        {
            rest = behind;
            return Some(Piece::Hole(name));
        }
        let end =
            rest.char_indices().skip(1).find(|(_, c)| *c == '{').map_or(rest.len(), |(i, _)| i);
        let (text, behind) = rest.split_at(end);
        rest = behind;
        Some(Piece::Text(text))
    })
}

/// What is wrong and what to do, where no wire has a code for it: a row of a table for people.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    /// A stable name such as `set-name-twice`.
    pub id: &'static str,
    /// What is wrong, English.
    pub en: &'static str,
    /// What to do, English.
    pub fix_en: &'static str,
    /// What is wrong, Japanese.
    pub ja: &'static str,
    /// What to do, Japanese.
    pub fix_ja: &'static str,
}

impl Words {
    /// The English sentence; `values` fill its holes.
    pub fn english(&self, values: &[(&str, &str)]) -> String {
        fill(&format!("{}; {}", self.en, self.fix_en), values)
    }

    /// The Japanese sentence.
    pub fn japanese(&self, values: &[(&str, &str)]) -> String {
        fill(&format!("{}。{}", self.ja, self.fix_ja), values)
    }

    /// Whether two sentences are these.
    pub fn fit(&self, en: &str, ja: &str) -> bool {
        fits(&format!("{}; {}", self.en, self.fix_en), en)
            && fits(&format!("{}。{}", self.ja, self.fix_ja), ja)
    }
}

/// A table of [`Words`]: a static for each row, and `ROWS`, which lists them.
///
/// ```
/// renkei_soap::words_table! { pub(crate) rows:
///     NAME_TWICE = "set-name-twice" {
///         en: "the name {name} stands twice", "choose another";
///         ja: "名前 {name} が2回使われています", "別の名前にしてください"
///     }
/// }
/// assert_eq!(ROWS.len(), 1);
/// assert_eq!(NAME_TWICE.english(&[("name", "a")]), "the name a stands twice; choose another");
/// ```
#[macro_export]
macro_rules! words_table {
    ($vis:vis rows: $($name:ident = $id:literal {
        en: $en:literal, $fix_en:literal; ja: $ja:literal, $fix_ja:literal
    })*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $en, ".")]
            $vis static $name: $crate::words::Words = $crate::words::Words {
                id: $id,
                en: $en,
                fix_en: $fix_en,
                ja: $ja,
                fix_ja: $fix_ja,
            };
        )*

        /// Every row.
        $vis static ROWS: &[&$crate::words::Words] = &[$(&$name),*];
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_once_and_found_again() {
        let sentence = "{what} has {n} バイト.";
        let filled = fill(sentence, &[("n", "{what}"), ("what", "a {n}")]);
        assert_eq!(filled, "a {n} has {what} バイト.");
        assert!(fits(sentence, &filled));
        assert!(fits("no hole", "no hole") && fits("{x}", "") && fits("a {x}", "a b"));
        assert!(fits("in {x}.", "in x.y.") && fits("{x} of {y}.", "1 of 2 of 3."));
        for other in ["a has 1 バイト", "a has 1 バイト..", "1 バイト.", "no hole", ""] {
            assert!(!fits(sentence, other), "{other}");
        }
        assert!(!fits("no hole", "no hole at all"));
    }
}
