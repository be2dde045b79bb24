//! Logs, on standard error.

use crate::settings::LogFormat;
use tracing_subscriber::EnvFilter;

/// Starts to log. A second call changes nothing. The environment variable `RENKEI_LOG` goes before
/// `filter`.
pub(crate) fn start(format: LogFormat, filter: &str) {
    let filter = EnvFilter::try_from_env("RENKEI_LOG")
        .or_else(|_| EnvFilter::try_new(filter))
        .unwrap_or_default();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Text => builder.compact().with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    // It fails only if logging was started before, by an embedding test for instance.
    drop(started);
}
