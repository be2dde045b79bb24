//! `renkei serve`.

use crate::demo;
use crate::logging;
use crate::ready::{self, FailedLine};
use crate::running::Running;
use crate::settings::{Settings, Sources};
use crate::site::Site;
use anyhow::Context;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Where the house lives and how it is set.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Directory of databases, keys, certificates and renkei.toml; made if needed. データディレクトリ。
    #[arg(long, value_name = "D")]
    pub(crate) data_dir: PathBuf,
    /// Settings that go before D/renkei.toml. 追加の設定ファイル。
    #[arg(long, value_name = "F")]
    pub(crate) config: Option<PathBuf>,
    /// A setting that goes before all files; may be repeated. 個別の設定。
    #[arg(long, value_name = "key=value")]
    pub(crate) set: Vec<String>,
}

/// Serves until a signal. The only line on standard output says that the house is ready, or why not.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match serve(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            failed(format!("{error:#}"));
            ExitCode::from(super::COULD_NOT_RUN)
        }
    }
}

/// Says why the house does not open, to whoever waits for the line.
pub(super) fn failed(why: String) {
    if let Err(error) = ready::print(&FailedLine::new(why)) {
        tracing::error!(%error, "standard output is closed");
    }
}

fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let site = Site::open(&arguments.data_dir)?;
    let settings = Settings::load(&Sources {
        data_dir: site.dir().to_owned(),
        config: arguments.config.clone(),
        set: arguments.set.clone(),
    })?;
    logging::start(settings.log.format, &settings.log.filter);
    demo::take_back(site.dir()).context("communities")?;
    let runtime = super::runtime().context("runtime")?;
    let served = runtime.block_on(async {
        let mut signals = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let start = Running::start(site, &settings);
        // A signal during the start ends it; what it had written is repaired by the next one.
        let running = tokio::select! {
            running = start => running?,
            () = either(&mut signals) => return Ok(()),
        };
        ready::print(running.ready()).context("standard output")?;
        tracing::info!("ready");
        either(&mut signals).await;
        tracing::info!("stopping");
        running.stop().await;
        Ok(())
    });
    // A database thread that still works must not hold the process back.
    runtime.shutdown_background();
    served
}

async fn either(signals: &mut (Signal, Signal)) {
    let (terminate, interrupt) = signals;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
