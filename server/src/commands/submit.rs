//! `renkei submit`.

use super::convert::Mode;
use super::target::TargetArguments;
use std::path::PathBuf;

/// What to submit, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The export of the institution. 健診機関の出力ファイル。
    pub(crate) file: PathBuf,
    /// The mapping of its columns (TOML). 列の対応表。
    #[arg(long, value_name = "M")]
    pub(crate) mapping: PathBuf,
    /// Whether an error refuses the whole file or its row. エラー時の扱い。
    #[arg(long, value_enum, default_value_t = Mode::RejectFile)]
    pub(crate) mode: Mode,
    /// The day on which the file is judged (YYYY-MM-DD); today if not given. 基準日。
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<chrono::NaiveDate>,
    #[command(flatten)]
    pub(crate) target: TargetArguments,
}

/// Submits. Status 0 success, 3 partial, 2 failure or refused rows.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let _target = arguments.target.target()?;
    anyhow::bail!("submit: not part of this build")
}
