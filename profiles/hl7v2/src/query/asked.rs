//! What an answer repeats of its query.

use crate::msh::{Msh, echo};
use crate::structure;
use hl7_parser::Message;

/// The queries that are answered with persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transaction {
    /// ITI-9, PIX Query: QBP^Q23.
    CrossReference,
    /// ITI-21, Patient Demographics Query: QBP^Q22.
    Demographics,
}

impl Transaction {
    /// Both.
    pub const ALL: [Self; 2] = [Self::CrossReference, Self::Demographics];

    /// Such as `ITI-9`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CrossReference => "ITI-9",
            Self::Demographics => "ITI-21",
        }
    }

    /// MSH-9.2 of the query.
    pub const fn event(self) -> &'static str {
        match self {
            Self::CrossReference => "Q23",
            Self::Demographics => "Q22",
        }
    }

    /// MSH-9 of the answer.
    pub const fn answer(self) -> &'static str {
        match self {
            Self::CrossReference => "RSP^K23^RSP_K23",
            Self::Demographics => "RSP^K22^RSP_K21",
        }
    }

    /// QPD-1, as this program writes it.
    pub const fn query_name(self) -> &'static str {
        match self {
            Self::CrossReference => "IHE PIX Query",
            Self::Demographics => "IHE PDQ Query",
        }
    }
}

/// A query as far as its answer repeats it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which one it is.
    pub transaction: Transaction,
    /// The header, for the answer and the audit record.
    pub msh: Msh,
    /// QPD as it stands in the message, without its end; empty if there is none.
    pub qpd: String,
}

/// A fixed bound: the longest QPD, or QID of what cancels a query, bytes. They go into audit records, and the one
/// back in the answer.
pub(super) const LONGEST: usize = 32 * 1024;

impl Asked {
    pub(super) fn of(transaction: Transaction, msh: Msh, message: &Message<'_>) -> Self {
        let qpd = message.segment("QPD").map(|qpd| qpd.raw_value()).unwrap_or_default();
        let qpd = qpd.get(..qpd.floor_char_boundary(LONGEST)).unwrap_or_default();
        Self { transaction, msh, qpd: echo(qpd) }
    }

    /// QPD-1 as it stands in the message: whatever a sender calls the query.
    pub fn name(&self) -> &str {
        self.field(1)
    }

    /// QPD-2 as it stands in the message: what a sender knows the query by.
    pub fn tag(&self) -> &str {
        self.field(2)
    }

    fn field(&self, number: usize) -> &str {
        self.qpd.split('|').nth(number).unwrap_or_default()
    }

    /// Whether both are the same question, whatever its header says.
    pub fn is_same_question(&self, other: &Self) -> bool {
        self.transaction == other.transaction && self.qpd == other.qpd
    }
}

/// The segments that a query has once.
pub(super) fn repeated(message: &Message<'_>) -> Vec<(&'static str, usize)> {
    structure::repeated(message, &["MSH", "QPD", "RCP", "DSC", "QID"])
}
