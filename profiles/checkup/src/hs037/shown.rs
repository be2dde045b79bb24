//! What of a record a document shows, and the key of that.

use std::sync::LazyLock;

use super::{View, Writer};
use crate::identity::{Encoder, Key};
use crate::tables::{Column, tables};

/// When an item is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Always,
    /// As a result: in the statutory view when it is one of its items.
    Result,
    /// With the insurer.
    Insured,
    /// With the ticket (受診券).
    Ticket,
    Never,
}

const HEADER: [&str; 16] = [
    "checkup_name",
    "inst_no",
    "inst_name",
    "inst_postal",
    "inst_addr",
    "inst_tel",
    "patient_id",
    "name_kana",
    "name_kanji",
    "sex",
    "birth_date",
    "postal",
    "address",
    "tel",
    "exam_date",
    "visit_kind",
];
const INSURED: [&str; 6] =
    ["insurer_name", "card_symbol", "card_number", "card_branch", "insured_kind", "ticket_no"];

impl Shown {
    fn of(column: &Column) -> Self {
        match column.id.as_str() {
            // the doctor stands beside the results
            "dr_name" => Self::Result,
            "ticket_until" => Self::Ticket,
            id if HEADER.contains(&id) => Self::Always,
            id if INSURED.contains(&id) => Self::Insured,
            _ if column.fhir_section.is_some() => Self::Result,
            _ => Self::Never,
        }
    }
}

/// How each item of the column table is shown.
fn table() -> &'static [Shown] {
    static TABLE: LazyLock<Vec<Shown>> =
        LazyLock::new(|| tables().columns().iter().map(Shown::of).collect());
    &TABLE
}

/// The key of everything the document says: of a record that differs in what the document does not
/// show, the document is the same one.
pub(super) fn content(writer: &Writer<'_>) -> Key {
    let mut key = Encoder::new("document content");
    key.field(writer.practice.key().as_str());
    key.field(&writer.programme.code).field(&writer.insurer_number());
    let insured = !writer.insurance("insurer_no").is_empty();
    let ticket = insured && !writer.insurance("ticket_no").is_empty();
    for (column, field) in writer.record.iter().filter(|(_, field)| !field.value.is_empty()) {
        let shown = match table().get(column.position).copied().unwrap_or(Shown::Result) {
            Shown::Always => true,
            Shown::Result => writer.view == View::Full || column.statutory,
            Shown::Insured => insured,
            Shown::Ticket => ticket,
            Shown::Never => false,
        };
        if shown {
            key.field(&column.id).field(&field.value);
        }
    }
    key.finish()
}
