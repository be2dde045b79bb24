//! The human-readable text of a section.

/// An XHTML list of these lines; where there are none, the title, since a text is never empty.
pub(super) fn list<'a>(title: &str, lines: impl Iterator<Item = &'a str>) -> String {
    const OPEN: &str = "<div xmlns=\"http://www.w3.org/1999/xhtml\">";
    let mut text = format!("{OPEN}<ul>");
    let empty = text.len();
    for line in lines {
        text.push_str("<li>");
        escape(line, &mut text);
        text.push_str("</li>");
    }
    if text.len() == empty {
        text = format!("{OPEN}<p>");
        escape(title, &mut text);
        text.push_str("</p></div>");
        return text;
    }
    text.push_str("</ul></div>");
    text
}

fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // XML 1.0 (2.2) has no other control characters
            '\t' | '\n' | '\r' => out.push(letter),
            _ if letter.is_control() => {}
            _ => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn markup_in_values_is_escaped() {
        let text = super::list("検査", ["γ-GTP: <5 & \u{1}"].into_iter());
        assert!(text.contains("<li>γ-GTP: &lt;5 &amp; </li>"), "{text}");
        assert!(super::list("検査", std::iter::empty()).ends_with("<p>検査</p></div>"));
    }
}
