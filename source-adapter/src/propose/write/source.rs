//! `[source]` and `[long]` of a draft.

use renkei_checkup::tables::drafting::HeaderRole;

use super::super::decide::Verdict;
use super::super::sheet::Quotes;
use super::super::{Column, header};
use super::{Lines, TO_FILL_IN, Whole, list, quoted, told};

pub(super) fn source(out: &mut Lines, whole: &Whole<'_>) {
    let layout = &whole.draft.layout;
    out.line("");
    out.line("[source]");
    out.pair("encoding", &quoted(layout.encoding));
    out.pair("bom", if layout.bom { "true" } else { "false" });
    out.pair("delimiter", &quoted(&layout.delimiter.to_string()));
    out.pair("newline", &quoted(layout.newline));
    out.pair("skip_rows", &layout.skip_rows.to_string());
    out.pair("header_rows", &layout.header_rows.to_string());
    match layout.quotes {
        Quotes::Rfc4180 => {}
        Quotes::Data => {
            out.line("# 引用符（\"）がCSVの規則どおりでないため、ただの文字として読みます / quotes are data");
            out.pair("quote", "false");
        }
        Quotes::Mixed => {
            out.line(&format!(
                "# {TO_FILL_IN}: 規則どおりの引用符とそうでないものがあります。元のファイルを直すか、引用符をただの文字として読むなら # を外してください"
            ));
            out.line("# quote = false");
        }
    }
    match layout.trailer_prefix.as_slice() {
        [] => {}
        [prefix] => out.pair("trailer_prefix", &quoted(prefix)),
        prefixes => out.pair("trailer_prefix", &list(prefixes)),
    }
    if let Some(line) = layout.odd_last_line {
        out.line(&format!(
            "# {TO_FILL_IN}: 最後の {line} 行目は列数が違います。受診者でないなら trailer_prefix にその行の始めの語を書いてください"
        ));
    }
    if layout.short_rows > 0 {
        out.line(&format!(
            "# {TO_FILL_IN}: {} 行が途中で終わっています。行末の空欄が省かれたものなら # を外してください",
            layout.short_rows
        ));
        out.line("# short_rows = \"blank\"");
    }
    report_number(out, whole);
    titles(out, "ignore", "使わない列 / columns that are dropped", &left_out(whole, true));
    titles(
        out,
        "unknown",
        "まだ決めていない列 / nobody has decided on these",
        &left_out(whole, false),
    );
    out.line("# 見出しとその順序。変わったファイルは受け付けません / the titles in their order");
    out.line("layout = [");
    for title in whole.titles {
        out.line(&format!("  {},", quoted(title)));
    }
    out.line("]");
    if let Some(long) = whole.long {
        out.line("");
        out.line("# 1検査が1行の表 / one row for each test");
        out.line("[long]");
        out.pair("key", &list(&long.key));
        out.pair("item", &quoted(&long.item));
        out.pair("value", &quoted(&long.value));
        if let Some(unit) = &long.unit {
            out.pair("unit", &quoted(unit));
        }
    }
}

/// The number that the institution may have given to each checkup.
fn report_number(out: &mut Lines, whole: &Whole<'_>) {
    let is_unique = |column: &Column| {
        let filled = column.rows.iter().filter(|cell| !cell.is_empty()).count();
        let different = column.cells.iter().filter(|cell| !cell.is_empty()).count();
        filled > 0 && filled == column.rows.len() && different == filled
    };
    for column in whole.columns.iter().filter(|column| is_unique(column)) {
        if header::whole(HeaderRole::ReportNo, &column.from).is_some() {
            out.line(&format!(
                "# {TO_FILL_IN}: 健診1件ごとの、あとで変わらない番号なら # を外してください（訂正の再提出に使います）/ if this numbers each checkup for good"
            ));
            out.line(&format!("# report_no = {}", quoted(&column.from)));
        }
    }
}

/// The columns that fill no item: those dropped on purpose, or those nobody has decided on.
fn left_out<'a>(whole: &'a Whole<'_>, ignored: bool) -> Vec<(&'a str, String)> {
    let is_ruled = |index: usize| whole.plan.rules.iter().any(|rule| rule.reads(index));
    let is_blank = |column: &Column| column.untitled && column.profile.filled == 0;
    let columns = whole.columns.iter().zip(whole.verdicts).enumerate();
    columns
        .filter(|(index, (column, _))| !is_ruled(*index) && !is_blank(column))
        .filter_map(|(_, (column, verdict))| {
            let (is_ignored, why) = match verdict {
                Verdict::Ignored(why) => (true, why.ja.clone()),
                Verdict::Unknown(why) | Verdict::Asked { why, .. } => (false, why.ja.clone()),
                Verdict::Decided(_) => (false, "形が決まらない".to_owned()),
            };
            (is_ignored == ignored).then_some((column.from.as_str(), why))
        })
        .collect()
}

fn titles(out: &mut Lines, key: &str, about: &str, titles: &[(&str, String)]) {
    if titles.is_empty() {
        out.pair(key, "[]");
        return;
    }
    out.line(&format!("# {about}"));
    out.line(&format!("{key} = ["));
    for (title, why) in titles {
        out.line(&format!("  {},  # {}", quoted(title), told(why)));
    }
    out.line("]");
}
