//! One result of a document, and one that a document has but cannot be shown.

use chrono::NaiveDate;

use super::Standing;
use crate::number::Measured;
use crate::own;
use crate::tables::Column;

/// Where a value stands against its reference range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpretation {
    /// L
    Low,
    /// N
    Normal,
    /// H
    High,
    /// LX: below what can be entered.
    OffLow,
    /// HX: above what can be entered.
    OffHigh,
    /// LL: dangerously low.
    CriticalLow,
    /// HH: dangerously high.
    CriticalHigh,
    /// A
    Abnormal,
    /// AA: dangerously abnormal.
    CriticalAbnormal,
}

impl Interpretation {
    const ALL: [Self; 9] = [
        Self::Low,
        Self::Normal,
        Self::High,
        Self::OffLow,
        Self::OffHigh,
        Self::CriticalLow,
        Self::CriticalHigh,
        Self::Abnormal,
        Self::CriticalAbnormal,
    ];

    /// The code of `ObservationInterpretation`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Low => "L",
            Self::Normal => "N",
            Self::High => "H",
            Self::OffLow => "LX",
            Self::OffHigh => "HX",
            Self::CriticalLow => "LL",
            Self::CriticalHigh => "HH",
            Self::Abnormal => "A",
            Self::CriticalAbnormal => "AA",
        }
    }

    /// Whether the value lies outside its range.
    pub const fn is_abnormal(self) -> bool {
        !matches!(self, Self::Normal)
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// How far a value is that of the standard record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// As in the standard record; or as sent, for an item that the record does not have.
    #[default]
    Standard,
    /// Converted into the unit of the record.
    Converted {
        /// Value and unit as sent.
        sent: String,
    },
    /// As the sender wrote it, and not to be compared with values of the record.
    AsSent(Why),
}

/// Why a value stands as the sender wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A unit that the table of units does not have.
    UnknownUnit,
    /// A known unit that does not lead to that of the item.
    OtherUnit,
    /// A number without a unit.
    NoUnit,
    /// The code and the text of the unit are two units.
    TwoUnits,
    /// The number does not fit into the digits of the item.
    Digits,
    /// Another form of value than the item has.
    Form,
}

impl Why {
    /// Short name for machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownUnit => "unit-unknown",
            Self::OtherUnit => "unit-not-convertible",
            Self::NoUnit => "unit-missing",
            Self::TwoUnits => "unit-contradictory",
            Self::Digits => "digits",
            Self::Form => "form",
        }
    }
}

/// One result of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResultLine {
    /// The item of our table; none for an item we do not know.
    pub item: Option<&'static Column>,
    /// The code as sent; that of the institution, where there are several.
    pub code: String,
    /// The 17-digit item code, where one was sent.
    pub jlac10: String,
    /// The institution (健診機関番号) whose own item this is; empty for all others.
    pub owner: String,
    /// The name as sent; of an item of the table that of its method, else that of the table.
    pub name: String,
    /// The value as in the standard record, or as sent ([`ResultLine::reading`] tells).
    pub value: String,
    /// Its unit as printed; empty when the value has none.
    pub unit: String,
    /// How far the value is that of the standard record.
    pub reading: Reading,
    /// How final it is.
    pub standing: Standing,
    /// When it was measured, if on another day than that of the checkup.
    pub day: Option<NaiveDate>,
    /// Least normal value, in the unit of the value.
    pub low: Option<String>,
    /// Greatest normal value, in the unit of the value.
    pub high: Option<String>,
    /// The range as written, when it is not two numbers in the unit of the value.
    pub range_text: String,
    /// Against the range.
    pub interpretation: Option<Interpretation>,
}

impl ResultLine {
    /// A value of the standard record.
    pub(super) fn of_item(column: &'static Column, value: &str) -> Self {
        let measured = Measured::parse(value).is_some();
        Self {
            item: Some(column),
            code: column.jlac10.clone(),
            jlac10: column.jlac10.clone(),
            name: column.name_ja.clone(),
            value: value.to_owned(),
            unit: if measured { column.unit_display.clone() } else { String::new() },
            ..Self::default()
        }
    }

    /// A value of an institution's own item in a standard record, which has its id only.
    pub(super) fn of_own(header: &str, value: &str, institution: &str) -> Self {
        let code = own::code(header).unwrap_or(header);
        Self {
            code: code.to_owned(),
            owner: institution.to_owned(),
            name: code.to_owned(),
            value: value.to_owned(),
            ..Self::default()
        }
    }

    /// Id in the column table; empty for an item we do not know.
    pub fn id(&self) -> &'static str {
        self.item.map_or("", |column| &column.id)
    }
}

/// Something that a document holds and that is not shown as a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unshown {
    /// Its name as sent, else its code.
    pub name: String,
    /// Why it is not shown.
    pub why: UnshownReason,
}

/// Why something that a document holds is not shown as a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnshownReason {
    /// The document says that it was entered in error.
    Withdrawn,
    /// It tells of another person than the document does.
    OtherPerson,
    /// It has neither a value nor a reason why there is none.
    NoValue,
    /// The name of the FHIR element or resource, which is not a value that can be shown as text.
    Form(String),
}

impl UnshownReason {
    /// Short name for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Withdrawn => "entered-in-error",
            Self::OtherPerson => "other-person",
            Self::NoValue => "no-value",
            Self::Form(_) => "form",
        }
    }

    /// In Japanese.
    pub fn ja(&self) -> String {
        match self {
            Self::Withdrawn => "作成元が取り消した結果です".to_owned(),
            Self::OtherPerson => "文書の受診者とは別の人の結果です".to_owned(),
            Self::NoValue => "値も、値がない理由もありません".to_owned(),
            Self::Form(form) => format!("表示できない形式（{form}）です"),
        }
    }

    /// In English.
    pub fn en(&self) -> String {
        match self {
            Self::Withdrawn => "withdrawn by the document".to_owned(),
            Self::OtherPerson => "of another person than the document".to_owned(),
            Self::NoValue => "neither a value nor a reason for its absence".to_owned(),
            Self::Form(form) => format!("in a form that cannot be shown ({form})"),
        }
    }
}
