//! What XML says of names.

/// Whether it is a name with or without a prefix (Namespaces in XML 1.0, production 7).
pub(super) fn is_qualified_name(name: &str) -> bool {
    match name.split_once(':') {
        Some((prefix, local)) => is_name(prefix) && is_name(local),
        None => is_name(name),
    }
}

/// A name without a colon (Namespaces in XML 1.0, production 4).
fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(may_begin) && letters.all(|c| may_begin(c) || may_follow(c))
}

/// XML 1.0, production 4, but for the colon.
fn may_begin(c: char) -> bool {
    matches!(c,
        'a'..='z' | 'A'..='Z' | '_'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}'
        | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// XML 1.0, production 4a.
fn may_follow(c: char) -> bool {
    matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_xml() {
        for name in ["a", "_", "a-b.c1", "p:a", "p_1:a", "健診", "ﾊﾅｺ", "健:ー", "é\u{301}"]
        {
            assert!(is_qualified_name(name), "{name}");
        }
        for name in [
            "",
            ":",
            "p:",
            ":a",
            "p:a:b",
            "1",
            "-a",
            ".a",
            "p:1",
            "a/b",
            "a b",
            "p:/x",
            "×",
            "a\u{3000}",
        ] {
            assert!(!is_qualified_name(name), "{name}");
        }
    }
}
