//! `renkei demo`.

use std::path::PathBuf;

/// How to run the demonstration.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// End when everything was shown, instead of staying up. 一巡したら終了する。
    #[arg(long)]
    pub(crate) once: bool,
    /// Report as one JSON object on standard output. JSONで出力する。
    #[arg(long)]
    pub(crate) json: bool,
    /// Where the community lives; a directory of the user's if not given. データディレクトリ。
    #[arg(long, value_name = "D")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// Runs the demonstration. Status 0 unless something other than a planted broken row fails.
pub(crate) fn run(_arguments: &Arguments) -> anyhow::Result<u8> {
    anyhow::bail!("demo: not part of this build")
}
