//! The table of faults: each has a code, both languages, what to do, and the section that asks for it.

mod envelope;
mod exchange;
mod framing;

pub use envelope::*;
pub use exchange::*;
pub use framing::*;

use super::{Fault, FaultCode, Subcode};
use crate::words::{fill, fits};

/// A row: whole sentences with holes.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// A stable name such as `fault-over-limit`.
    pub id: &'static str,
    /// Whose fault.
    pub code: FaultCode,
    /// The finer code.
    pub subcode: Option<Subcode>,
    /// What is wrong, English.
    pub en: &'static str,
    /// What to do, English.
    pub fix_en: &'static str,
    /// What is wrong, Japanese.
    pub ja: &'static str,
    /// What to do, Japanese.
    pub fix_ja: &'static str,
    /// Section of the standard.
    pub section: &'static str,
}

impl Row {
    fn english(&self) -> String {
        format!("{} {}", self.en, self.fix_en)
    }

    fn japanese(&self) -> String {
        format!("{}{}", self.ja, self.fix_ja)
    }

    /// Whether a fault is of this row, wherever it was read.
    pub fn is(&self, fault: &Fault) -> bool {
        self.code == fault.code
            && self.subcode == fault.subcode
            && fits(&self.english(), &fault.en)
            && fits(&self.japanese(), &fault.ja)
    }
}

impl Fault {
    /// The fault of a row; `values` fill its holes.
    pub fn of(row: &'static Row, values: &[(&str, &str)]) -> Self {
        let (en, ja) = (fill(&row.english(), values), fill(&row.japanese(), values));
        Self { subcode: row.subcode.clone(), ..Self::new(row.code, en, ja) }
    }
}

/// The row of a fault, wherever it was read; none if it is not one of ours.
pub fn of(fault: &Fault) -> Option<&'static Row> {
    all().find(|row| row.is(fault))
}

/// Every row.
pub fn all() -> impl Iterator<Item = &'static Row> {
    [envelope::ROWS, framing::ROWS, exchange::ROWS].into_iter().flatten().copied()
}

/// A static [`Row`] for each row, and `ROWS`, which lists them.
macro_rules! fault_table {
    ($($name:ident = $id:literal, $code:ident $(/ $subcode:ident)?, $section:literal {
        en: $en:literal, $fix_en:literal; ja: $ja:literal, $fix_ja:literal
    })*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $en)]
            pub static $name: super::Row = super::Row {
                id: $id,
                code: super::FaultCode::$code,
                subcode: super::fault_table!(@subcode $($subcode)?),
                en: $en,
                fix_en: $fix_en,
                ja: $ja,
                fix_ja: $fix_ja,
                section: $section,
            };
        )*

        pub(super) static ROWS: &[&super::Row] = &[$(&$name),*];
    };
    (@subcode) => { None };
    (@subcode $subcode:ident) => { Some(super::Subcode::$subcode) };
}
use fault_table;
