//! docs/ERRORS.md: every row of every error table, with a test that provokes it.

use super::samples::Samples;
use crate::settings::mistakes as settings;
use renkei_gateway::responding::discovery::told as discovery;
use renkei_hl7v2::ack::rows as feed;
use renkei_matching::mistakes as matching;
use renkei_metadata::finding::Reporter::{Registry, Repository};
use renkei_metadata::finding::{Reporter, Rule, Severity};
use renkei_metadata::words::Words;
use renkei_soap::fault::{Fault, rows as faults};
use renkei_source_adapter::Code;
use renkei_source_adapter::mapping::mistakes as files;
use renkei_source_adapter::withdraw::Reason;
use std::fmt::Write;

const HEAD: &str = "# Errors

Every row of the error tables, what each says and what to do. Where it says `{name}`, a value stands. The last column is a
test that provokes the row, or why there is none. Written from the tables; do not edit.
";

/// A row, as it stands in the page.
pub(super) struct Row {
    pub(super) id: &'static str,
    /// What the paths of its tests have in common, where its name is a common word.
    pub(super) within: &'static str,
    code: String,
    ja: &'static str,
    fix_ja: &'static str,
    en: &'static str,
    fix_en: &'static str,
    section: &'static str,
}

/// A table: its title, what is worth knowing of it, and its rows.
pub(super) struct Table {
    title: &'static str,
    about: &'static str,
    pub(super) rows: Vec<Row>,
}

fn rules(title: &'static str, reporter: Reporter, rules: &[&'static Rule]) -> Table {
    let row = |rule: &&'static Rule| {
        let severity = match rule.severity {
            Severity::Error => "",
            Severity::Warning => " (warning)",
        };
        Row {
            id: rule.id,
            within: "",
            code: format!("{}{severity}", rule.code.name(reporter)),
            ja: rule.ja,
            fix_ja: rule.fix_ja,
            en: rule.en,
            fix_en: rule.fix_en,
            section: rule.section,
        }
    };
    let about =
        "`rs:RegistryError`. A finding adds the object, the attribute, the value and the place.";
    Table { title, about, rows: rules.iter().map(row).collect() }
}

fn of_faults() -> Table {
    let row = |row: &'static faults::Row| {
        let subcode = row.subcode.as_ref().map(|code| format!(" {code:?}")).unwrap_or_default();
        Row {
            id: row.id,
            within: "",
            code: format!("{}{subcode} ({})", row.code.local(), Fault::of(row, &[]).http_status()),
            ja: row.ja,
            fix_ja: row.fix_ja,
            en: row.en,
            fix_en: row.fix_en,
            section: row.section,
        }
    };
    let about = "What goes wrong before the body of a message counts, with the status of HTTP. The rows `answer-…` are of \
                 answers that a client of ours cannot read.";
    Table { title: "SOAP faults", about, rows: faults::all().map(row).collect() }
}

fn of_the_feed() -> Table {
    let row = |row: &&'static feed::Row| {
        let (number, name) = row.code.entry();
        Row {
            id: row.id,
            within: "",
            code: format!("{number} {name}"),
            ja: row.ja,
            fix_ja: row.fix_ja,
            en: row.en,
            fix_en: row.fix_en,
            section: row.section,
        }
    };
    let about = "HL7 table 0357, in ERR-3 (2.5) or ERR-1 (2.3.1), with the place.";
    Table {
        title: "Patient identity feed and queries (HL7 v2)",
        about,
        rows: feed::all().iter().map(row).collect(),
    }
}

fn of_exports() -> Table {
    let row = |code: Code| {
        let texts = code.texts();
        let (ja, fix_ja, en, fix_en) = (texts.ja, texts.fix_ja, texts.en, texts.fix_en);
        Row { within: "", id: texts.name, code: String::new(), ja, fix_ja, en, fix_en, section: "" }
    };
    let about = "What `convert`, `submit` and `mapping check` find in an export: E refuses the row, W keeps it. A finding adds \
                 the line, the column, the value and what was expected.";
    Table { title: "Exports", about, rows: Code::ALL.into_iter().map(row).collect() }
}

fn of_words(
    title: &'static str,
    about: &'static str,
    rows: impl Iterator<Item = &'static Words>,
) -> Table {
    let row = |words: &'static Words| Row {
        id: words.id,
        within: "",
        code: String::new(),
        ja: words.ja,
        fix_ja: words.fix_ja,
        en: words.en,
        fix_en: words.fix_en,
        section: "",
    };
    Table { title, about, rows: rows.map(row).collect() }
}

fn of_withdrawals() -> Table {
    let row = |reason: Reason| {
        let texts = reason.texts();
        let (ja, fix_ja, en, fix_en) = (texts.ja, texts.fix_ja, texts.en, texts.fix_en);
        Row {
            within: "withdraw",
            id: texts.name,
            code: String::new(),
            ja,
            fix_ja,
            en,
            fix_en,
            section: "",
        }
    };
    let about = "What `renkei withdraw` and `renkei submit` say about what stays.";
    let rows = Reason::ALL.into_iter().map(row).collect();
    Table { title: "Withdrawals: why something is left", about, rows }
}

fn of_discovery() -> Table {
    let rules = renkei_hl7v3::problem::rules::ALL.iter().chain(discovery::ALL);
    let rules = rules.chain(renkei_hl7v3::told::ALL);
    let row = |rule: &&'static renkei_hl7v3::Rule| Row {
        id: rule.id,
        within: "",
        code: rule.code.to_owned(),
        ja: rule.ja,
        fix_ja: rule.fix_ja,
        en: rule.en,
        fix_en: rule.fix_en,
        section: rule.section,
    };
    let about = "Details of an acknowledgement, inside an answer or as a message of its own; the rows `hl7v3-…` with the element, the \
                 value and the place, the rows `pix-…` and `pdq-…` with the XPath of what was sent. What is no message of the transaction is a SOAP fault in the same words.";
    let rows = rules.map(row).collect();
    Table { title: "Patients over HL7 v3", about, rows }
}

pub(super) fn tables() -> Vec<Table> {
    let updates = renkei_metadata::update::rows::all();
    let of_registry = renkei_registry::update::rules::all();
    let retrieves = |rule: &&Rule| rule.section.starts_with("ITI TF-2: 3.39.");
    let responding = renkei_gateway::responding::rules::all().iter().copied();
    let (to_retrieve, to_query): (Vec<&Rule>, Vec<&Rule>) = responding.partition(retrieves);
    let initiating = renkei_gateway::initiating::rules::all().iter().copied();
    let (of_retrieval, of_query): (Vec<&Rule>, Vec<&Rule>) = initiating.partition(retrieves);
    vec![
        of_faults(),
        rules("Metadata", Registry, renkei_metadata::rules::all()),
        rules("Metadata updates", Registry, updates),
        rules("Messages and queries", Registry, renkei_xds::rules::all()),
        rules("Document Registry", Registry, renkei_registry::rules::all()),
        rules("Document Registry: metadata updates", Registry, of_registry),
        rules("Document Repository", Repository, renkei_repository::rules::all()),
        rules("On-Demand Document Source", Repository, renkei_on_demand::rules::all()),
        rules("Initiating Gateway", Registry, &of_query),
        rules("Initiating Gateway: ITI-39", Repository, &of_retrieval),
        rules("Responding Gateway", Registry, &to_query),
        rules("Responding Gateway: ITI-39", Repository, &to_retrieve),
        of_the_feed(),
        of_discovery(),
        of_exports(),
        of_words(
            "Document sets and changes by hand",
            "What `renkei submit --set` and `renkei admin update` find in a file or an option, each mistake with its line and \
             key; beside them the rows of metadata above. The rows `toml-…` are also of mappings.",
            files::all(),
        ),
        of_words(
            "Rules of matching",
            "What the program and `renkei patient rematch` find in a file of rules, all mistakes at once.",
            matching::ROWS.iter().copied(),
        ),
        of_words(
            "Settings",
            "What the program says of its settings when it starts.",
            settings::ROWS.iter().copied(),
        ),
        of_withdrawals(),
    ]
}

pub(super) fn page() -> String {
    let samples = Samples::find();
    let mut out = HEAD.to_owned();
    for Table { title, about, rows } in tables() {
        writeln!(out, "\n## {title}\n\n{about}\n").unwrap();
        let has = |cell: fn(&Row) -> &str| rows.iter().any(|row| !cell(row).is_empty());
        let (code, section) = (has(|row| &row.code), has(|row| row.section));
        let optional =
            |wanted: bool, cell: &str| if wanted { format!("{cell} | ") } else { String::new() };
        writeln!(
            out,
            "| row | {}内容 | 対処 | what is wrong | what to do | {}provoked by |",
            optional(code, "code"),
            optional(section, "section"),
        )
        .unwrap();
        let columns = 6 + usize::from(code) + usize::from(section);
        writeln!(out, "|{}", " --- |".repeat(columns)).unwrap();
        for row in &rows {
            let cell = |text: &str| text.replace('|', "\\|");
            writeln!(
                out,
                "| `{}` | {}{} | {} | {} | {} | {}{} |",
                row.id,
                optional(code, &cell(&row.code)),
                cell(row.ja),
                cell(row.fix_ja),
                cell(row.en),
                cell(row.fix_en),
                optional(section, row.section),
                samples.of(row.id),
            )
            .unwrap();
        }
    }
    out
}
