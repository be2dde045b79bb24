//! The marks beside a value that is not simply one of the standard record.

use renkei_checkup::hs037::{Reading, ResultLine, Standing, Why};
use serde::{Serialize, Serializer};

/// A mark beside a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Not converted: the unit is not known, or there is none, or two.
    Unconverted(&'static str),
    /// Another form than the item has, as the sender wrote it.
    AsSent(&'static str),
    /// Not final.
    Preliminary(&'static str),
    /// Changed after it was final.
    Corrected(&'static str),
    /// The examination was given up, and there is a value all the same.
    Cancelled,
    /// Nobody says whether it is final.
    StatusUnknown,
    /// Measured on another day than that of the checkup.
    OtherDay,
}

impl Mark {
    /// The mark of how final something is; none when it is final.
    pub(crate) const fn of_standing(standing: Standing) -> Option<Self> {
        match standing {
            Standing::Final | Standing::EnteredInError => None,
            Standing::Preliminary | Standing::Registered => {
                Some(Self::Preliminary(standing.code()))
            }
            Standing::Amended | Standing::Corrected => Some(Self::Corrected(standing.code())),
            Standing::Cancelled => Some(Self::Cancelled),
            Standing::Unknown => Some(Self::StatusUnknown),
        }
    }

    /// All marks of a result.
    pub(crate) fn of(line: &ResultLine) -> Vec<Self> {
        let reading = match &line.reading {
            Reading::Standard | Reading::Converted { .. } => None,
            Reading::AsSent(why @ (Why::Form | Why::Digits)) => Some(Self::AsSent(why.code())),
            Reading::AsSent(why) => Some(Self::Unconverted(why.code())),
        };
        let day = line.day.map(|_| Self::OtherDay);
        [reading, Self::of_standing(line.standing), day].into_iter().flatten().collect()
    }

    /// Short name for machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unconverted(code)
            | Self::AsSent(code)
            | Self::Preliminary(code)
            | Self::Corrected(code) => code,
            Self::Cancelled => "cancelled",
            Self::StatusUnknown => "status-unknown",
            Self::OtherDay => "other-day",
        }
    }

    /// As it stands beside the value.
    pub(crate) fn short(self) -> &'static str {
        match self {
            Self::Unconverted("unit-missing") => "単位なし",
            Self::Unconverted(_) => "未換算",
            Self::AsSent(_) => "原文",
            Self::Preliminary(_) => "暫定",
            Self::Corrected(_) => "訂正",
            Self::Cancelled => "中止",
            Self::StatusUnknown => "状態不明",
            Self::OtherDay => "別日",
        }
    }

    /// What it means.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Unconverted("unit-missing") => {
                "文書に単位がなく、他の値と比べられません / no unit in the document, not to be compared"
            }
            Self::Unconverted(_) => {
                "標準の単位に換算できない、文書のままの値です / as sent: its unit leads to no standard unit"
            }
            Self::AsSent(_) => {
                "標準の形ではない、文書のままの値です / as sent, in another form than the standard"
            }
            Self::Preliminary(_) => "確定前の値です / not final yet",
            Self::Corrected(_) => "確定後に訂正された値です / corrected after it was final",
            Self::Cancelled => "検査は中止とされています / the examination is said to be given up",
            Self::StatusUnknown => {
                "確定した値か、文書からは分かりません / the document does not say whether it is final"
            }
            Self::OtherDay => {
                "受診日とは別の日の測定です / measured on another day than the checkup"
            }
        }
    }
}

impl Serialize for Mark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
