//! The columns of a draft: `[[col]]` for what is decided, the candidates behind `#` for what is asked,
//! and an item of the institution's own for what has none.

use renkei_checkup::tables;

use super::super::decide::Verdict;
use super::super::forms::{Findings, Form, Rule};
use super::super::nulls::Absence;
use super::super::own_items::{Ids, OwnItem, OwnKind};
use super::super::score::Shape;
use super::super::shapes::Factor;
use super::super::units;
use super::super::{Column, ProposedColumn};
use super::{Lines, TO_FILL_IN, Whole, list, quoted, told};
use crate::mapping::Item;

pub(super) fn columns(out: &mut Lines, whole: &Whole<'_>) {
    let mut ids = Ids::default();
    let all = whole.draft.columns.iter().zip(whole.columns).zip(whole.verdicts).enumerate();
    for (index, ((proposed, column), verdict)) in all {
        if column.untitled && column.profile.filled == 0 {
            continue;
        }
        out.line("");
        comment(out, proposed);
        if let Some(rule) = whole.plan.rules.iter().find(|rule| rule.column == index) {
            decided(out, whole, column, rule);
            continue;
        }
        if whole.plan.rules.iter().any(|rule| rule.reads(index)) {
            out.line("# → 前の列と合わせて読みます / read together with the column before");
            continue;
        }
        match verdict {
            Verdict::Ignored(_) => out.line("# → 使わない列として ignore に入れました / left out"),
            _ => open(out, whole, index, column, &mut ids),
        }
    }
}

fn comment(out: &mut Lines, proposed: &ProposedColumn) {
    let ja: Vec<&str> = proposed.reasons.iter().map(|reason| reason.ja.as_str()).collect();
    let en: Vec<&str> = proposed.reasons.iter().map(|reason| reason.en.as_str()).collect();
    let (place, sure) = (proposed.column, proposed.confidence);
    out.line(&format!(
        "# {place}列目「{}」 確信度 {sure}: {}",
        told(&proposed.header),
        told(&ja.join("、"))
    ));
    out.line(&format!("# {}", told(&en.join("; "))));
}

fn names(rule: &Rule) -> String {
    let names: Vec<&str> =
        rule.choice.target.items.iter().map(|item| item.name_ja.as_str()).collect();
    names.join("、")
}

fn decided(out: &mut Lines, whole: &Whole<'_>, column: &Column, rule: &Rule) {
    out.line(&format!("# → {}", names(rule)));
    rule_lines(out, whole, column, rule);
}

fn rule_lines(out: &mut Lines, whole: &Whole<'_>, column: &Column, rule: &Rule) {
    out.line("[[col]]");
    if rule.also.is_empty() {
        out.pair("from", &quoted(&column.from));
    } else {
        let read = rule.columns().filter_map(|index| whole.columns.get(index));
        let from: Vec<String> = read.map(|column| column.from.clone()).collect();
        out.pair("from", &list(&from));
        out.pair("join", &quoted(rule.join));
    }
    // a table fills the items that its words lead to, and no other
    let is_filled = |item: &&Item| match &rule.form {
        Form::Route { table, .. } => table.iter().any(|(_, to)| to.position == item.position),
        _ => true,
    };
    let items = rule.choice.target.items.iter().copied();
    let ids: Vec<String> = items.filter(|item| is_filled(&item)).map(|i| i.id.clone()).collect();
    match ids.as_slice() {
        [id] => out.pair("to", &quoted(id)),
        _ => out.pair("to", &list(&ids)),
    }
    out.pair("as", &quoted(rule.form.name()));
    keys(out, whole, rule);
    if !rule.nulls.is_empty() {
        out.pair("null", &nulls(whole, rule));
    }
}

/// The lists of one column: a list that it names takes the place of that of the file.
fn nulls(whole: &Whole<'_>, rule: &Rule) -> String {
    const LISTS: [(&str, Absence); 3] = [
        ("blank", Absence::Blank),
        ("not_performed", Absence::NotPerformed),
        ("not_measurable", Absence::NotMeasurable),
    ];
    let of = |words: &std::collections::BTreeMap<String, Absence>, kind: Absence| -> Vec<String> {
        words.iter().filter(|(_, other)| **other == kind).map(|(word, _)| word.clone()).collect()
    };
    let lists: Vec<String> = LISTS
        .into_iter()
        .filter(|(_, kind)| rule.nulls.values().any(|other| other == kind))
        .map(|(key, kind)| {
            let mut words = of(&whole.plan.nulls, kind);
            if kind == Absence::Blank {
                words.insert(0, String::new());
            }
            words.extend(of(&rule.nulls, kind));
            format!("{key} = {}", list(&words))
        })
        .collect();
    format!("{{ {} }}", lists.join(", "))
}

/// A column nobody has decided on: its candidates, and an item of the institution's own.
fn open(out: &mut Lines, whole: &Whole<'_>, index: usize, column: &Column, ids: &mut Ids) {
    let asked: Vec<&Rule> = whole.plan.asked.iter().filter(|rule| rule.column == index).collect();
    if !asked.is_empty() {
        out.line(&format!(
            "# {TO_FILL_IN}: 当てはまるもの1つの # を外し、[source] の unknown から消してください / take the # off the right one"
        ));
    }
    for rule in &asked {
        out.line(&format!("#  ・{}{}", names(rule), question(rule)));
        candidate(out, whole, column, rule);
    }
    let reason = match whole.verdicts.get(index) {
        _ if column.profile.filled == 0 => "値がないので / no values",
        _ if column.per_test => "検査ごとの列なので / a column of each test",
        Some(verdict) if whole.plan.privacy.is_personal(column, verdict) => {
            "個人を示すかもしれない列なので / it may say who a person is"
        }
        _ => "",
    };
    if let Some(item) = OwnItem::of(column, ids).filter(|_| reason.is_empty()) {
        let ja = if asked.is_empty() { "" } else { "どれでもなければ、" };
        out.line(&format!(
            "# {ja}機関独自の項目として届けるなら、次の行の # を外し、unknown から消してください / an item of your own"
        ));
        out.line("# id は最初の納品までに分かりやすい名前に。以後は変えません / name the id before the first delivery, never change it");
        absent_words(out, &item);
        out.behind_sharp(&own_item(column, &item));
    } else {
        out.line(&format!("# → unknown に入れました。機関独自の項目にはしません: {reason}"));
    }
}

/// A candidate; where the unit is open, once for each unit.
fn candidate(out: &mut Lines, whole: &Whole<'_>, column: &Column, rule: &Rule) {
    let Form::Number { factor: Factor::Guessed(rows), strip, open_marks } = &rule.form else {
        let mut lines = Lines::default();
        rule_lines(&mut lines, whole, column, rule);
        out.behind_sharp(&lines);
        return;
    };
    let own = rule.choice.target.items.first().map_or("", |item| &item.unit_display);
    let mut ways = vec![(own.to_owned(), Factor::Plain)];
    let mut seen = Vec::new();
    for (unit, factor) in rows {
        let value = units::decimal(factor).map(|factor| factor.to_string());
        if !seen.contains(&value) {
            seen.push(value);
            ways.push(((*unit).to_owned(), Factor::Guessed(vec![(*unit, *factor)])));
        }
    }
    for (unit, way) in ways {
        out.line(&format!(
            "# {TO_FILL_IN}: 単位が {unit} なら次の [[col]] の # を外してください / if the unit is {unit}"
        ));
        let form = Form::Number {
            factor: Factor::Plain,
            strip: strip.clone(),
            open_marks: open_marks.clone(),
        };
        let mut lines = Lines::default();
        rule_lines(&mut lines, whole, column, &Rule { form, ..rule.clone() });
        if let Factor::Guessed(rows) = &way {
            for (_, factor) in rows {
                lines.pair("factor", factor);
            }
        }
        out.behind_sharp(&lines);
    }
}

/// Words among the numbers of an own item that stand for no value.
fn absent_words(out: &mut Lines, item: &OwnItem) {
    let OwnKind::Number { absent, .. } = &item.kind else { return };
    if !absent.is_empty() {
        let words: Vec<String> = absent.iter().map(|word| quoted(word)).collect();
        out.line(&format!(
            "# {TO_FILL_IN}: 数値でない語を [null] に書き加えてください / words for no value: {}",
            words.join(" ")
        ));
    }
}

/// What is asked about the items.
fn question(rule: &Rule) -> String {
    let ids = rule.choice.target.ids();
    let question = ids.iter().find_map(|id| tables().drafting().question(id));
    question.map_or_else(String::new, |question| format!(": {} / {}", question.ja, question.en))
}

fn own_item(column: &Column, item: &OwnItem) -> Lines {
    let mut lines = Lines::default();
    lines.line("[[item]]");
    lines.pair("id", &quoted(&item.id));
    lines.pair("name_ja", &quoted(&item.name));
    match &item.kind {
        OwnKind::Number { .. } if item.unit.is_empty() => {
            lines.line(&format!("unit = \"\"  # {TO_FILL_IN}: 単位 / unit"));
        }
        _ if item.unit.is_empty() => {}
        _ => lines.pair("unit", &quoted(&item.unit)),
    }
    let (kind, form) = match &item.kind {
        OwnKind::Number { .. } => ("number", "num"),
        OwnKind::Finding { .. } => ("finding", "finding"),
        OwnKind::Text => ("text", "text"),
    };
    lines.pair("kind", &quoted(kind));
    if let OwnKind::Number { decimals, .. } = &item.kind {
        lines.pair("decimals", &decimals.to_string());
    }
    lines.line("[[col]]");
    lines.pair("from", &quoted(&column.from));
    lines.pair("to", &quoted(&format!("x_{}", item.id)));
    lines.pair("as", &quoted(form));
    match &item.kind {
        OwnKind::Number { strip, .. } if !strip.is_empty() => lines.pair("strip", &list(strip)),
        OwnKind::Finding { split, none } => {
            lines.pair("split", &quoted(split));
            lines.pair("none", &list(none));
        }
        _ => {}
    }
    lines
}

fn keys(out: &mut Lines, whole: &Whole<'_>, rule: &Rule) {
    let vocabulary = |out: &mut Lines, at: usize| {
        if let Some(vocabulary) = whole.plan.vocabularies.get(at) {
            out.pair("vocab", &quoted(&vocabulary.name));
        }
    };
    match &rule.form {
        Form::Plain(_) => {}
        Form::Date { digits } => {
            if *digits {
                out.line(&format!(
                    "# {TO_FILL_IN}: 読めない日付があります。先頭の数字が元号（1明治 2大正 3昭和 4平成 5令和）なら # を外してください"
                ));
                out.line("# era = \"digit\"");
            }
        }
        Form::Digits { pad } => out.pair("pad", &pad.to_string()),
        Form::Number { factor: by, strip, open_marks } => {
            let unit = rule.choice.target.items.first().map_or("", |item| &item.unit_display);
            factor(out, by, unit);
            marks(out, strip, open_marks);
        }
        Form::Term { vocabulary: at } => vocabulary(out, *at),
        Form::Multi(parts) => findings(out, parts),
        Form::Finding { findings: parts, yes, no } => {
            findings(out, parts);
            out.pair("flag", &list(&[(*yes).to_owned(), (*no).to_owned()]));
        }
        Form::Pattern { pattern, vocabulary: at } => {
            out.pair("pattern", &quoted(pattern));
            if let Some(at) = at {
                vocabulary(out, *at);
            }
        }
        Form::Flags { words, split, none } => {
            out.pair("split", &quoted(split));
            out.pair("none", &list(none));
            out.pair("flags", &table(words));
        }
        Form::Route { by, table: words, strip } => {
            out.pair("by", &quoted(by));
            out.pair("table", &table(words));
            marks(out, strip, &[]);
        }
    }
    if rule.choice.target.shape == Shape::One && rule.form.name() == "num" {
        code(out, whole, rule);
    }
}

/// The method that a candidate would have.
fn code(out: &mut Lines, whole: &Whole<'_>, rule: &Rule) {
    if whole.plan.rules.iter().any(|decided| decided.column == rule.column) {
        return;
    }
    if let (Some(code), [item]) = (&rule.choice.code, rule.choice.target.items.as_slice())
        && *code != item.jlac10
    {
        out.line(&format!("# [jlac10] に {} = {} を書いてください", item.id, quoted(code)));
    }
}

fn factor(out: &mut Lines, factor: &Factor, unit: &str) {
    match factor {
        Factor::Plain => {}
        Factor::Stated(row) => out.pair("factor", &row.factor),
        Factor::Guessed(rows) => {
            for (other, factor) in rows {
                out.line(&format!(
                    "# factor = {factor}  # {TO_FILL_IN}: {other} なら # を外す（{unit} ならこのまま）"
                ));
            }
        }
        Factor::OtherUnit => {
            out.line(&format!("# factor =   # {TO_FILL_IN}: 見出しの単位から {unit} への倍率"))
        }
    }
}

fn marks(out: &mut Lines, strip: &[String], open: &[String]) {
    if !strip.is_empty() {
        out.pair("strip", &list(strip));
    }
    if !open.is_empty() {
        let all: Vec<String> = strip.iter().chain(open).cloned().collect();
        out.line(&format!(
            "# {TO_FILL_IN}: 数値に付いた印を除いてよければ上の strip をこの行に替えてください"
        ));
        out.line(&format!("# strip = {}", list(&all)));
    }
}

fn findings(out: &mut Lines, findings: &Findings) {
    out.pair("split", &quoted(&findings.splits.certain));
    if !findings.splits.open.is_empty() {
        out.line(&format!(
            "# {TO_FILL_IN}: 「{}」が所見の区切りなら split に書き加えてください",
            findings.splits.open
        ));
    }
    out.pair("none", &list(&findings.words.none));
    let open = |alone: bool| -> Vec<String> {
        let words = findings.words.open.iter().filter(|(_, other)| **other == alone);
        words.map(|(word, _)| quoted(&told(word))).collect()
    };
    let (unclear, alone) = (open(false), open(true));
    if !unclear.is_empty() {
        out.line(&format!(
            "# {TO_FILL_IN}: 所見なしなら none に、未実施などなら null = {{ not_performed = [..] }} に書き加えてください: {}",
            unclear.join(" ")
        ));
    }
    if !alone.is_empty() {
        out.line(&format!(
            "# {TO_FILL_IN}: 所見なしなら none に、所見なら as_value に書いてください: {}",
            alone.join(" ")
        ));
    }
}

fn table(words: &[(String, Item)]) -> String {
    let pairs: Vec<String> = words
        .iter()
        .map(|(word, item)| format!("{} = {}", quoted(word), quoted(&item.id)))
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}
