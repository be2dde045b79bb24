//! Named steps at which a test can end the process as `kill -9` would, or hold it up.

use std::sync::OnceLock;

static HOOK: OnceLock<fn(&str)> = OnceLock::new();

/// Has `hook` called with the name of each step that the program reaches from now on; the first hook
/// stays. The program as users get it installs none: the one of the tests is `server/examples`.
pub fn install(hook: fn(&str)) {
    HOOK.get_or_init(|| hook);
}

/// Marks that the program has reached the step called `name`.
#[inline]
pub fn reached(name: &str) {
    if let Some(hook) = HOOK.get() {
        hook(name);
    }
}
