//! Named steps at which a test can end the process as `kill -9` would.

/// Marks that the program has reached the step called `name`.
///
/// Built with the feature `failpoints`, the process aborts here when the environment variable
/// `RENKEI_FAILPOINT` holds this name, or `name:N` for the N-th time it is reached. Built without,
/// this does nothing.
#[inline]
pub fn reached(name: &str) {
    #[cfg(feature = "failpoints")]
    enabled::reached(name);
    #[cfg(not(feature = "failpoints"))]
    let _ = name;
}

#[cfg(feature = "failpoints")]
mod enabled {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static WANTED: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);

    pub(super) fn reached(name: &str) {
        let wanted = WANTED.get_or_init(|| {
            let text = std::env::var("RENKEI_FAILPOINT").ok()?;
            let (step, nth) = text.rsplit_once(':').unwrap_or((text.as_str(), "1"));
            Some((step.to_owned(), nth.parse().unwrap_or(1)))
        });
        if let Some((step, nth)) = wanted
            && step == name
            && COUNT.fetch_add(1, Ordering::SeqCst) + 1 == *nth
        {
            // No destructor, no flush: what is not on disk now is lost.
            std::process::abort();
        }
    }
}
