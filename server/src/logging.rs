//! Logs, on standard error.

use crate::settings::LogFormat;
use std::io::{self, Write};
use tracing_subscriber::EnvFilter;

/// Starts to log. A second call changes nothing. The environment variable `RENKEI_LOG` goes before
/// `filter`.
pub(crate) fn start(format: LogFormat, filter: &str) {
    let filter = EnvFilter::try_from_env("RENKEI_LOG")
        .or_else(|_| EnvFilter::try_new(filter))
        .unwrap_or_default();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Forgiving(io::stderr()))
        .log_internal_errors(false);
    let started = match format {
        LogFormat::Text => builder.compact().with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    // It fails only if logging was started before, by an embedding test for instance.
    drop(started);
}

/// A line that cannot be written (a full disk, a pipe that nobody reads) is lost, and nothing else:
/// the subscriber reports a failed writer on standard error, which panics in the thread that works.
struct Forgiving<W>(W);

impl<W: Write> Write for Forgiving<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        drop(self.0.write_all(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        drop(self.0.flush());
        Ok(())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::fs::OpenOptions;
    use std::process::{Command, Stdio};

    const CHILD: &str = "RENKEI_TEST_LOGS";

    #[test]
    fn a_line_that_cannot_be_written_ends_nobody() {
        if let Ok(format) = std::env::var(CHILD) {
            let format = if format == "json" { LogFormat::Json } else { LogFormat::Text };
            start(format, "info");
            tracing::error!("lost");
            return;
        }
        for format in ["json", "text"] {
            let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
            let ended = Command::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "--nocapture",
                    "logging::tests::a_line_that_cannot_be_written_ends_nobody",
                ])
                .env(CHILD, format)
                .env_remove("RENKEI_LOG")
                .stdout(Stdio::null())
                .stderr(full)
                .status()
                .unwrap();
            assert!(ended.success(), "{format}");
        }
    }
}
