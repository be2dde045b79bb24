//! The program with failpoints, for tests: it aborts at the step that the environment variable
//! `RENKEI_FAILPOINT` names, or at `name:N` the N-th time it is reached. With `name~S` or `name:N~S` the
//! thread stands still for S seconds instead, once.

use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

struct Failpoint {
    step: String,
    nth: u64,
    pause: Option<Duration>,
}

static WANTED: OnceLock<Option<Failpoint>> = OnceLock::new();
static COUNT: AtomicU64 = AtomicU64::new(0);

fn wanted() -> Option<Failpoint> {
    let text = std::env::var("RENKEI_FAILPOINT").ok()?;
    let (text, seconds) = match text.split_once('~') {
        Some((text, seconds)) => (text, seconds.parse().ok()),
        None => (text.as_str(), None),
    };
    let (step, nth) = text.rsplit_once(':').unwrap_or((text, "1"));
    let nth = nth.parse().unwrap_or(1);
    Some(Failpoint { step: step.to_owned(), nth, pause: seconds.map(Duration::from_secs) })
}

fn reached(name: &str) {
    if let Some(failpoint) = WANTED.get_or_init(wanted)
        && failpoint.step == name
        && COUNT.fetch_add(1, Ordering::SeqCst) + 1 == failpoint.nth
    {
        match failpoint.pause {
            Some(pause) => std::thread::sleep(pause),
            // No destructor, no flush: what is not on disk now is lost.
            None => std::process::abort(),
        }
    }
}

fn main() -> ExitCode {
    renkei_context::failpoint::install(reached);
    renkei::main()
}
