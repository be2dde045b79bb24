//! Python, where it is installed with what is needed of it.

use std::path::PathBuf;
use std::process::Command;

/// The first Python that has this module: the one of `RENKEI_TEST_PYTHON`, the first of the path, the
/// system's, whose modules come as packages.
pub fn with(module: &str) -> Option<PathBuf> {
    let given = std::env::var_os("RENKEI_TEST_PYTHON").map(PathBuf::from);
    let others = ["python3", "/usr/bin/python3"].map(PathBuf::from);
    let has = |path: &PathBuf| {
        let run = Command::new(path).args(["-c", &format!("import {module}")]).output();
        run.is_ok_and(|o| o.status.success())
    };
    given.into_iter().chain(others).find(has)
}
