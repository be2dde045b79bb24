//! Which house a command is about, and by which settings.

use crate::files;
use crate::settings::{self, Settings, Sources};
use anyhow::{Context, ensure};
use std::path::PathBuf;

/// The house that is meant.
#[derive(Debug, clap::Args)]
pub(super) struct HouseArguments {
    /// Data directory of the house; it need not have been started yet. データディレクトリ。
    #[arg(long, value_name = "D")]
    pub(super) data_dir: PathBuf,
    /// Settings that go before D/renkei.toml, as for serve. 追加の設定ファイル。
    #[arg(long, value_name = "F")]
    pub(super) config: Option<PathBuf>,
    /// A setting that goes before all files, as for serve. 個別の設定。
    #[arg(long, value_name = "key=value")]
    pub(super) set: Vec<String>,
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

    /// The settings of a house that was started once, and its data directory as the system names it. One that never
    /// was has nothing to show, and looking must not found one.
    pub(super) fn founded(&self) -> anyhow::Result<(Settings, PathBuf)> {
        let dir = self.data_dir.canonicalize();
        let dir = dir.with_context(|| self.data_dir.display().to_string())?;
        let founded = dir.join(settings::FILE);
        ensure!(founded.is_file(), "{} is not there", founded.display());
        let sources =
            Sources { data_dir: dir.clone(), config: self.config.clone(), set: self.set.clone() };
        Ok((Settings::load(&sources)?, dir))
    }
}
