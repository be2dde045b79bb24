//! How far a run is, on standard error: a bar on a terminal, a line now and then elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use renkei_source_adapter::submit::Progress;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often a log hears of it.
const PAUSE: Duration = Duration::from_secs(10);

/// The progress of one run.
pub(crate) struct Meter {
    bar: Option<ProgressBar>,
    started: Instant,
    told: Instant,
}

impl Meter {
    /// Starts the clock.
    pub(crate) fn new(name: &str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| bar(name));
        let now = Instant::now();
        Self { bar, started: now, told: now }
    }

    /// Says that nothing is to be shown.
    pub(crate) fn silent() -> Self {
        let now = Instant::now();
        Self { bar: Some(ProgressBar::hidden()), started: now, told: now }
    }

    /// Shows how far the run is.
    pub(crate) fn show(&mut self, progress: Progress) {
        if let Some(bar) = &self.bar {
            if let Some(expected) = progress.expected {
                bar.set_length(expected);
            }
            bar.set_position(progress.finished);
        } else if self.told.elapsed() >= PAUSE {
            self.told = Instant::now();
            // Progress that nobody can read is no reason to stop.
            drop(writeln!(std::io::stderr(), "{}", line(progress, self.started.elapsed())));
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(name: &str) -> ProgressBar {
    let bar = ProgressBar::no_length().with_prefix(name.to_owned());
    let style =
        "{spinner} {prefix}  {human_pos}/{human_len} 件 / records  {per_sec}  残り / left {eta}";
    match ProgressStyle::with_template(style) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// `1200/20000 件 / records  40.0/s  残り / left 470 s`
fn line(progress: Progress, elapsed: Duration) -> String {
    let Progress { finished, expected } = progress;
    let rate = finished as f64 / elapsed.as_secs_f64().max(0.001);
    match expected {
        Some(expected) => {
            let left = expected.saturating_sub(finished) as f64 / rate.max(0.001);
            format!("{finished}/{expected} 件 / records  {rate:.1}/s  残り / left {left:.0} s")
        }
        None => format!("{finished} 件 / records  {rate:.1}/s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_count_rate_and_time_left() {
        let progress = Progress { finished: 1_200, expected: Some(20_000) };
        let told = line(progress, Duration::from_secs(30));
        assert_eq!(told, "1200/20000 件 / records  40.0/s  残り / left 470 s");
        let told = line(Progress { finished: 5, expected: None }, Duration::from_secs(1));
        assert_eq!(told, "5 件 / records  5.0/s");
    }
}
