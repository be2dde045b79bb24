//! XML with one element a line, for people. Texts stay as they are.

/// Puts each element on a line of its own; an element with a text keeps it on its line. Lines that are there
/// already, as in what an answer repeats of its request, are not kept.
pub(crate) fn pretty(xml: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut after_start) = (0usize, false);
    for piece in xml.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let is_line = text.contains('\n') && text.trim().is_empty();
        let text = if is_line { "" } else { text };
        let ends = tag.starts_with('/');
        if ends {
            depth = depth.saturating_sub(1);
        }
        // `<a>text</a>` and `<a></a>` stay together
        if !(ends && after_start) {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(&"  ".repeat(depth));
        }
        out.push('<');
        out.push_str(tag);
        out.push('>');
        out.push_str(text);
        let starts = !(ends || tag.ends_with('/') || tag.starts_with('?'));
        if starts {
            depth += 1;
        }
        after_start = starts;
    }
    out.push('\n');
    out
}

#[test]
fn elements_stand_on_lines_and_texts_stay() {
    let xml = "<a x=\"1\"><b> text </b><c/><d></d><e><f>1</f></e></a>";
    let lines = [
        "<a x=\"1\">",
        "  <b> text </b>",
        "  <c/>",
        "  <d></d>",
        "  <e>",
        "    <f>1</f>",
        "  </e>",
        "</a>",
        "",
    ];
    assert_eq!(pretty(xml), lines.join("\n"));
    assert_eq!(pretty(&pretty(xml)), lines.join("\n"));
}
