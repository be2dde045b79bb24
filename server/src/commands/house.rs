//! Which house a command is about, and by which settings.

use crate::files;
use crate::settings::{Settings, Sources};
use anyhow::Context;
use std::path::PathBuf;

/// The house that is meant.
#[derive(Debug, clap::Args)]
pub(super) struct HouseArguments {
    /// Data directory of the house; it need not have been started yet. データディレクトリ。
    #[arg(long, value_name = "D")]
    pub(super) data_dir: PathBuf,
    /// Settings that go before D/renkei.toml, as for serve. 追加の設定ファイル。
    #[arg(long, value_name = "F")]
    config: Option<PathBuf>,
    /// A setting that goes before all files, as for serve. 個別の設定。
    #[arg(long, value_name = "key=value")]
    set: Vec<String>,
}

impl HouseArguments {
    /// The settings; ids of a house that never ran are made here and stay.
    pub(super) fn settings(&self) -> anyhow::Result<Settings> {
        let dir = &self.data_dir;
        files::private_dir(dir).with_context(|| dir.display().to_string())?;
        Ok(Settings::load(&Sources {
            data_dir: dir.clone(),
            config: self.config.clone(),
            set: self.set.clone(),
        })?)
    }
}
