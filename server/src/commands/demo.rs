//! `renkei demo`.

use crate::demo::{self, Wishes};
use crate::logging;
use crate::settings::LogFormat;
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
    /// Where the community lives; renkei-data in the current directory if not given. データディレクトリ。
    #[arg(long, value_name = "D")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// Where the community lives when nobody says otherwise.
const DATA_DIR: &str = "renkei-data";

/// Runs the demonstration. Status 0 unless something other than a planted broken row fails.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    logging::start(LogFormat::Text, "warn");
    let data_dir = arguments.data_dir.clone().unwrap_or_else(|| PathBuf::from(DATA_DIR));
    let wishes = Wishes { once: arguments.once, json: arguments.json };
    let runtime = super::runtime()?;
    let shown = runtime.block_on(demo::run(&data_dir, wishes));
    runtime.shutdown_background();
    shown.map(|()| 0)
}
