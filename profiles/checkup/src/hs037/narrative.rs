//! The human-readable text of a section: an XHTML list of its results, or the title where there are
//! none, since a text is never empty.

use super::Writer;
use super::observation::group_name;
use super::out::Text;
use super::plan::{Planned, What};
use crate::tables::Column;
use crate::terms;

const OPEN: &str = "<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\">";

/// Writes the text of a section that lists these results.
pub(super) fn write<'p>(
    writer: &Writer<'_>,
    title: &str,
    plan: &[Planned],
    listed: impl Iterator<Item = &'p Planned>,
    out: &mut Text<'_>,
) {
    out.word(OPEN);
    let mut listed = listed.peekable();
    if listed.peek().is_none() {
        out.word("<p>");
        out.xhtml(title);
        out.word("</p></div>");
        return;
    }
    out.word("<ul>");
    for planned in listed {
        out.word("<li>");
        match &planned.what {
            What::Item(column) => item(writer, column, out),
            What::Group { code, members } => {
                let members = plan.get(members.clone()).unwrap_or_default();
                group(writer, code, members, out);
            }
        }
        out.word("</li>");
    }
    out.word("</ul></div>");
}

fn item(writer: &Writer<'_>, column: &Column, out: &mut Text<'_>) {
    let value = writer.record.value(column);
    out.xhtml(writer.practice.name(column));
    out.word(": ");
    out.xhtml(value);
    let has_unit = !matches!(value, terms::NOT_PERFORMED | terms::NOT_MEASURABLE);
    if has_unit && !column.unit_display.is_empty() {
        out.word(" ");
        out.xhtml(&column.unit_display);
    }
}

fn group(writer: &Writer<'_>, code: &'static str, members: &[Planned], out: &mut Text<'_>) {
    out.xhtml(group_name(code));
    let mut separator = ": ";
    for member in members {
        let What::Item(column) = member.what else { continue };
        out.word(separator);
        out.xhtml(writer.practice.name(column));
        out.word(" ");
        out.xhtml(writer.record.value(column));
        separator = "、";
    }
}
