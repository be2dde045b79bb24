//! The draft as a mapping file that a person reads from top to bottom: what is certain is written,
//! what is not stands beside it behind `#`, marked 要記入.

mod columns;
mod source;
mod terms;

use renkei_checkup::{Requirement, kcsv, tables};

use super::decide::Verdict;
use super::forms::Plan;
use super::long::Long;
use super::nulls::Absence;
use super::{Column, Draft};
use crate::mapping::Item;

/// Marks lines that a person has to fill in.
pub(super) const TO_FILL_IN: &str = "要記入";

/// What no two people have in common because of the file: a constant would make them one person.
const OF_EACH_PERSON: [&str; 13] = [
    "patient_id",
    "birth_date",
    "name_kana",
    "name_kanji",
    "sex",
    "card_number",
    "card_branch",
    "employee_no",
    "ticket_no",
    "address",
    "postal",
    "tel",
    "exam_age",
];

/// Everything a draft is written from.
pub(super) struct Whole<'a> {
    pub(super) draft: &'a Draft,
    pub(super) columns: &'a [Column],
    pub(super) verdicts: &'a [Verdict],
    pub(super) plan: &'a Plan,
    /// The titles of all columns in their order.
    pub(super) titles: &'a [String],
    pub(super) long: Option<&'a Long>,
}

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
    let filled: Vec<usize> = plan
        .rules
        .iter()
        .flat_map(|rule| rule.choice.target.items.iter().map(|item| item.position))
        .collect();
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
    const LONGEST: usize = 100;
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(LONGEST)
        .collect()
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn pair(&mut self, key: &str, value: &str) {
        self.line(&format!("{key} = {value}"));
    }

    /// Lines that hold when a person takes the `#` off.
    fn behind_sharp(&mut self, lines: &Self) {
        for line in lines.0.lines() {
            self.line(&format!("# {line}"));
        }
    }
}

/// Writes the mapping.
pub(super) fn toml(whole: &Whole<'_>) -> String {
    let mut out = Lines::default();
    head(&mut out, whole);
    source::source(&mut out, whole);
    constants(&mut out, whole.plan);
    nulls(&mut out, whole.plan);
    methods(&mut out, whole.plan);
    columns::columns(&mut out, whole);
    for vocabulary in &whole.plan.vocabularies {
        terms::vocabulary(&mut out, whole, vocabulary);
    }
    out.line("");
    out.line("# 基準範囲（結果票の基準値に合わせて書き加えてください）/ reference ranges");
    out.line("# [[range]]");
    out.line("# id = \"hdl\"");
    out.line("# sex = \"*\"");
    out.line("# low = 40");
    out.0
}

fn head(out: &mut Lines, whole: &Whole<'_>) {
    let draft = whole.draft;
    out.line("# 列の対応表（下書き）。");
    out.line(&format!(
        "# 先頭 {} 行から作りました。意味の確かな列だけを決めてあります。「{TO_FILL_IN}」とある行を埋め、",
        draft.rows
    ));
    out.line(
        "# renkei mapping check で確認してください。# で始まる行は、# を外すと有効になります。",
    );
    if draft.columns_left_out > 0 {
        let (seen, left_out) = (draft.columns.len(), draft.columns_left_out);
        out.line(&format!(
            "# 注意: 先頭の {seen} 列だけを見ました。残り {left_out} 列は下書きにありません。/ {left_out} columns were not looked at."
        ));
    }
    out.line(&format!(
        "# A drafted mapping: only what is certain is decided; answer the lines marked {TO_FILL_IN}."
    ));
    out.pair("map_version", "\"0.1.0\"");
    out.pair("profile", &quoted(kcsv::PROFILE));
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
    let (of_each, same): (Vec<Item>, Vec<Item>) = missing(plan)
        .filter(|item| matches!(item.chapter.as_str(), "A" | "B" | "C"))
        .partition(|item| OF_EACH_PERSON.contains(&item.id.as_str()));
    for item in of_each {
        let is_required =
            item.industrial == Requirement::Required || item.specific == Requirement::Required;
        let mark = if is_required { TO_FILL_IN } else { "任意" };
        let (id, name) = (&item.id, &item.name_ja);
        out.line(&format!(
            "# {mark}: {name}（{id}）は人ごとに違うので、ここには書けません。列を [[col]] で指定してください / {id} needs a column"
        ));
    }
    for item in same {
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
            out.line(&format!("# {} = \"\"  # {law}: {name}。決まった列がありません", item.id));
        } else {
            out.line(&format!("# {} = \"\"  # 任意: {name}", item.id));
        }
    }
}

fn nulls(out: &mut Lines, plan: &Plan) {
    let words = |wanted: Absence| -> Vec<String> {
        let of = plan.nulls.iter().filter(|(_, kind)| **kind == wanted);
        of.map(|(word, _)| word.clone()).collect()
    };
    out.line("");
    out.line("# 値がないことを表す語 / words for the absence of a value");
    out.line("[null]");
    if !plan.open_nulls.is_empty() {
        const MOST: usize = 30;
        let open: Vec<String> =
            plan.open_nulls.iter().take(MOST).map(|word| quoted(&told(word))).collect();
        out.line(&format!("# {TO_FILL_IN}: 意味の決まらない語があります: {}", open.join(" ")));
        out.line("#   blank（値なし）、not_performed（未実施）、not_measurable（測定不能）のどれかに書き加えてください / decide what each means");
    }
    if plan.untold > 0 {
        out.line(&format!(
            "# {TO_FILL_IN}: 対応表にない語が数値の列に {} 種類あります。`renkei mapping check` が語を示します",
            plan.untold
        ));
    }
    let blank: Vec<String> = std::iter::once(String::new()).chain(words(Absence::Blank)).collect();
    out.pair("blank", &list(&blank));
    out.pair("not_performed", &list(&words(Absence::NotPerformed)));
    out.pair("not_measurable", &list(&words(Absence::NotMeasurable)));
}

/// The methods among which the institution has to say its own.
fn methods(out: &mut Lines, plan: &Plan) {
    out.line("");
    out.line("# 検査方法が初めに挙げたものと違うときは、該当する行の # を外してください / methods");
    out.line("[jlac10]");
    let mut seen: Vec<usize> = Vec::new();
    let items = plan.rules.iter().chain(&plan.asked).flat_map(|rule| &rule.choice.target.items);
    for item in items {
        let name = |code: &str| tables().method(code).map_or("", |method| &method.method_name);
        let is_open = !name(&item.jlac10).is_empty() && item.alternatives().next().is_some();
        if !is_open || seen.contains(&item.position) {
            continue;
        }
        seen.push(item.position);
        if let Some(code) = plan.codes.get(&item.id) {
            out.line(&format!("{} = {}  # 見出しによる: {}", item.id, quoted(code), name(code)));
            continue;
        }
        out.line(&format!("# {}: {}（既定 / default）", item.id, name(&item.jlac10)));
        for code in item.alternatives() {
            out.line(&format!("# {} = {}  # {}", item.id, quoted(code), name(code)));
        }
    }
}
