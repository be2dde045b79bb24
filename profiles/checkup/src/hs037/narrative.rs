//! The human-readable text of a section.

/// An XHTML list of these lines.
pub(super) fn list<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::from("<div xmlns=\"http://www.w3.org/1999/xhtml\"><ul>");
    for line in lines {
        text.push_str("<li>");
        escape(line, &mut text);
        text.push_str("</li>");
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
        let text = super::list(["γ-GTP: <5 & \u{1}"].into_iter());
        assert!(text.contains("<li>γ-GTP: &lt;5 &amp; </li>"), "{text}");
    }
}
