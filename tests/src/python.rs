//! Python, where it is installed with what is needed of it.

use std::path::PathBuf;
use std::process::Command;

/// The first Python that has this module, by the path at which it says to be: the one of
/// `RENKEI_TEST_PYTHON`, the first of the path, the system's, whose modules come as packages.
pub fn with(module: &str) -> Option<PathBuf> {
    let given = std::env::var_os("RENKEI_TEST_PYTHON").map(PathBuf::from);
    let others = ["python3", "/usr/bin/python3"].map(PathBuf::from);
    let itself = |path: PathBuf| {
        let program = format!("import sys, {module}; print(sys.executable)");
        let run = Command::new(path).args(["-c", &program]).output().ok()?;
        let path = String::from_utf8(run.stdout).ok().filter(|_| run.status.success())?;
        Some(PathBuf::from(path.trim()))
    };
    given.into_iter().chain(others).find_map(itself)
}
