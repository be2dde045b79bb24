//! What every command that reads an export has to be told.

use crate::today::as_of;
use chrono::{DateTime, FixedOffset, Local, NaiveDate};
use clap::ValueEnum;
use renkei_source_adapter::Rules;
use std::path::PathBuf;

/// What to convert, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct ConversionArguments {
    /// The export of the institution. 健診機関の出力ファイル。
    pub(crate) file: PathBuf,
    /// The mapping of its columns (TOML). 列の対応表。
    #[arg(long, value_name = "M")]
    pub(crate) mapping: PathBuf,
    #[command(flatten)]
    pub(crate) how: HowArguments,
}

/// The options that `convert` and `submit` share.
#[derive(Debug, clap::Args)]
pub(crate) struct HowArguments {
    /// Whether an error refuses the whole file or its row. エラー時の扱い。
    #[arg(long, value_enum, default_value_t = Mode::RejectFile)]
    pub(crate) mode: Mode,
    /// The day on which the file is judged (YYYY-MM-DD); today if not given. 基準日。
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<NaiveDate>,
    /// The time written into documents (RFC 3339); now if not given. 作成日時。
    #[arg(long, value_name = "TIME")]
    pub(crate) created_at: Option<DateTime<FixedOffset>>,
}

/// What an error refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// The whole file.
    RejectFile,
    /// The row.
    RejectRow,
}

impl From<Mode> for renkei_source_adapter::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::RejectFile => Self::RejectFile,
            Mode::RejectRow => Self::RejectRow,
        }
    }
}

impl HowArguments {
    /// How the file is judged.
    pub(crate) fn rules(&self) -> Rules {
        Rules { mode: self.mode.into(), as_of: as_of(self.as_of) }
    }

    /// The time written into documents.
    pub(crate) fn created_at(&self) -> DateTime<FixedOffset> {
        self.created_at.unwrap_or_else(|| Local::now().fixed_offset())
    }
}
