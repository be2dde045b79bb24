//! The draft as a mapping file that a person reads from top to bottom.

use renkei_checkup::{Requirement, kcsv, tables};

use super::forms::{DraftVocabulary, Form, Plan, Rule};
use super::{Column, Draft, ProposedColumn};
use crate::mapping::Item;

/// Marks lines that a person has to fill in.
pub(super) const TO_FILL_IN: &str = "要記入";

/// Required items that no column fills.
pub(super) fn gaps(plan: &Plan) -> Vec<String> {
    missing(plan)
        .filter(|item| {
            item.industrial == Requirement::Required || item.specific == Requirement::Required
        })
        .map(|item| item.id.clone())
        .collect()
}

fn missing(plan: &Plan) -> impl Iterator<Item = Item> {
    const SET_BY_THE_CONVERSION: [&str; 4] = ["profile_ver", "record_no", "fy_age", "exam_age"];
    let filled: Vec<usize> =
        plan.rules.iter().flat_map(|rule| rule.items.iter().map(|item| item.position)).collect();
    tables().columns().iter().filter(move |item| {
        !filled.contains(&item.position) && !SET_BY_THE_CONVERSION.contains(&item.id.as_str())
    })
}

/// A TOML text, whatever it holds.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            _ if letter.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(letter)));
            }
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

fn list<'a>(words: impl IntoIterator<Item = &'a String>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}

/// A text that may stand in a comment.
fn told(text: &str) -> String {
    const LONGEST: usize = 80;
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(LONGEST)
        .collect()
}

struct Lines(String);

impl Lines {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn pair(&mut self, key: &str, value: &str) {
        self.line(&format!("{key} = {value}"));
    }
}

/// Writes the mapping.
pub(super) fn toml(draft: &Draft, columns: &[Column], plan: &Plan) -> String {
    let mut out = Lines(String::new());
    head(&mut out, draft, plan);
    constants(&mut out, plan);
    nulls(&mut out, plan);
    methods(&mut out, plan);
    for proposed in &draft.columns {
        out.line("");
        let index = proposed.column - 1;
        match plan.rules.iter().find(|rule| rule.column == index) {
            Some(rule) => column(&mut out, columns, plan, proposed, rule),
            None => {
                comment(&mut out, proposed);
                out.line("# → 使わない列として [source] の ignore に入れました / left out");
            }
        }
    }
    for vocabulary in &plan.vocabularies {
        words(&mut out, vocabulary);
    }
    out.line("");
    out.line("# 基準範囲（結果票の基準値に合わせて書き加えてください）/ reference ranges");
    out.line("# [[range]]");
    out.line("# id = \"hdl\"");
    out.line("# sex = \"*\"");
    out.line("# low = 40");
    out.0
}

fn head(out: &mut Lines, draft: &Draft, plan: &Plan) {
    let layout = &draft.layout;
    out.line(&format!("# {} の列の対応表（下書き）。", told(&draft.input)));
    out.line(&format!(
        "# 先頭 {} 行から推定しました。「{TO_FILL_IN}」と確信度の低い列を確かめ、",
        draft.rows
    ));
    out.line("# renkei mapping check で確認してください。");
    if draft.columns_left_out > 0 {
        let (seen, left_out) = (draft.columns.len(), draft.columns_left_out);
        out.line(&format!(
            "# 注意: 先頭の {seen} 列だけを見ました。残り {left_out} 列は下書きにありません。/ {left_out} columns were not looked at."
        ));
    }
    out.line(
        "# A drafted mapping: confirm the columns of low confidence and fill in what is marked.",
    );
    out.pair("map_version", "\"0.1.0\"");
    out.pair("profile", &quoted(kcsv::PROFILE));
    out.line("");
    out.line("[source]");
    out.pair("encoding", &quoted(layout.encoding));
    out.pair("bom", if layout.bom { "true" } else { "false" });
    out.pair("delimiter", &quoted(&layout.delimiter.to_string()));
    out.pair("newline", &quoted(layout.newline));
    out.pair("skip_rows", &layout.skip_rows.to_string());
    out.pair("header_rows", "1");
    if let Some(prefix) = &layout.trailer_prefix {
        out.pair("trailer_prefix", &quoted(prefix));
    }
    let ignored: Vec<&String> = draft
        .columns
        .iter()
        .filter(|column| !plan.rules.iter().any(|rule| rule.column + 1 == column.column))
        .map(|column| &column.header)
        .collect();
    out.pair("ignore", &list(ignored));
}

/// Items that are the same in every row, and which a person has to give.
fn constants(out: &mut Lines, plan: &Plan) {
    const HINTS: [(&str, &str); 4] = [
        ("report_category", "特定健診 \"10\"、それ以外 \"40\""),
        ("program_code", "特定健診 \"010\"、事業者健診 \"030\""),
        ("inst_no", "10桁の健診機関番号"),
        ("inst_name", "健診機関の名称"),
    ];
    out.line("");
    out.line("# 全ての行で同じ値。行頭の # を外して書き込んでください / the same in every row");
    out.line("[const]");
    for item in missing(plan).filter(|item| matches!(item.chapter.as_str(), "A" | "B" | "C")) {
        let name = &item.name_ja;
        let hint = HINTS
            .iter()
            .find(|(id, _)| *id == item.id)
            .map_or(String::new(), |(_, hint)| format!("（{hint}）"));
        if item.industrial == Requirement::Required && matches!(item.chapter.as_str(), "A" | "B") {
            out.line(&format!("# {} = \"\"  # {TO_FILL_IN}: {name}{hint}", item.id));
        } else if item.industrial == Requirement::Required || item.specific == Requirement::Required
        {
            let law = if item.industrial == Requirement::Required {
                "必須"
            } else {
                "特定健診で必須"
            };
            out.line(&format!("# {} = \"\"  # {law}: {name}。列が見つかりません", item.id));
        } else {
            out.line(&format!("# {} = \"\"  # 任意: {name}", item.id));
        }
    }
}

fn nulls(out: &mut Lines, plan: &Plan) {
    out.line("");
    out.line("# 値がないことを表す語 / words for the absence of a value");
    out.line("[null]");
    let blank = std::iter::once(String::new()).chain(plan.blank.iter().cloned());
    out.pair("blank", &list(&blank.collect::<Vec<_>>()));
    out.pair("not_performed", &list(&plan.not_performed));
    if !plan.guessed.is_empty() {
        let guessed: Vec<&str> = plan.guessed.iter().map(String::as_str).collect();
        let guessed = told(&guessed.join(" "));
        out.line(&format!("# 要確認: 数値の列にある語を測定不能とみなしました: {guessed}"));
    }
    out.pair("not_measurable", &list(plan.not_measurable.union(&plan.guessed)));
}

/// The methods among which the institution has to say its own.
fn methods(out: &mut Lines, plan: &Plan) {
    out.line("");
    out.line("# 検査方法が初めに挙げたものと違うときは、該当する行の # を外してください / methods");
    out.line("[jlac10]");
    for item in plan.rules.iter().flat_map(|rule| &rule.items) {
        let name = |code: &str| tables().method(code).map_or("", |method| &method.method_name);
        if name(&item.jlac10).is_empty() || item.alternatives().next().is_none() {
            continue;
        }
        out.line(&format!("# {}: {}（既定 / default）", item.id, name(&item.jlac10)));
        for code in item.alternatives() {
            out.line(&format!("# {} = {}  # {}", item.id, quoted(code), name(code)));
        }
    }
}

fn comment(out: &mut Lines, proposed: &ProposedColumn) {
    let ja: Vec<&str> = proposed.reasons.iter().map(|reason| reason.ja.as_str()).collect();
    let en: Vec<&str> = proposed.reasons.iter().map(|reason| reason.en.as_str()).collect();
    let (place, sure) = (proposed.column, proposed.confidence);
    let low = if sure < 70 && !proposed.items.is_empty() { " 要確認" } else { "" };
    out.line(&format!(
        "# {place}列目「{}」 確信度 {sure}{low}: {}",
        told(&proposed.header),
        told(&ja.join("、"))
    ));
    out.line(&format!("# {}", told(&en.join("; "))));
}

fn column(
    out: &mut Lines,
    columns: &[Column],
    plan: &Plan,
    proposed: &ProposedColumn,
    rule: &Rule,
) {
    comment(out, proposed);
    let names: Vec<&str> = rule.items.iter().map(|item| item.name_ja.as_str()).collect();
    out.line(&format!("# → {}", names.join("、")));
    out.line("[[col]]");
    let header = columns.get(rule.column).map_or("", |column| column.header.as_str());
    out.pair("from", &quoted(header));
    let ids: Vec<String> = rule.items.iter().map(|item| item.id.clone()).collect();
    match ids.as_slice() {
        [id] => out.pair("to", &quoted(id)),
        _ => out.pair("to", &list(&ids)),
    }
    out.pair("as", &quoted(rule.form.name()));
    keys(out, plan, &rule.form);
}

fn keys(out: &mut Lines, plan: &Plan, form: &Form) {
    let vocabulary = |out: &mut Lines, at: usize| {
        if let Some(vocabulary) = plan.vocabularies.get(at) {
            out.pair("vocab", &quoted(&vocabulary.name));
        }
    };
    let splitter = |out: &mut Lines, split: &str, none: &[String]| {
        out.pair("split", &quoted(split));
        out.pair("none", &list(none));
    };
    let table = |words: &[(String, Item)]| {
        let pairs: Vec<String> = words
            .iter()
            .map(|(word, item)| format!("{} = {}", quoted(word), quoted(&item.id)))
            .collect();
        format!("{{ {} }}", pairs.join(", "))
    };
    match form {
        Form::Plain(_) => {}
        Form::Digits { pad } => out.pair("pad", &pad.to_string()),
        Form::Number { factor } => {
            if let Some(factor) = factor {
                out.pair("factor", factor.by);
            }
        }
        Form::Term { vocabulary: at, strict } => {
            vocabulary(out, *at);
            if !strict {
                out.line("strict = false  # 表にない語は空欄にして警告します");
            }
        }
        Form::Multi { split, none } => splitter(out, split, none),
        Form::Finding { split, none, yes, no } => {
            splitter(out, split, none);
            out.pair("flag", &list(&[(*yes).to_owned(), (*no).to_owned()]));
        }
        Form::Pattern { pattern, vocabulary: at } => {
            out.pair("pattern", &quoted(pattern));
            if let Some(at) = at {
                vocabulary(out, *at);
            }
        }
        Form::Flags { words, split, none } => {
            splitter(out, split, none);
            out.pair("flags", &table(words));
        }
        Form::Route { by, table: words } => {
            out.pair("by", &quoted(by));
            out.pair("table", &table(words));
        }
    }
}

fn words(out: &mut Lines, vocabulary: &DraftVocabulary) {
    const MOST: usize = 30;
    out.line("");
    if !vocabulary.found.source.is_empty() {
        out.line(&format!("# {}", told(&vocabulary.found.source)));
    }
    out.line(&format!("[vocab.{}]", vocabulary.name));
    for (word, term) in &vocabulary.found.words {
        out.pair(&quoted(word), &quoted(term));
    }
    for word in vocabulary.found.unknown.iter().take(MOST) {
        let word = quoted(&told(word));
        out.line(&format!("# {TO_FILL_IN}: {word} = \"\"  # この語に当たる用語を選んでください"));
    }
}
