//! The project's chores. `cargo xtask` without a word lists them.

mod accept;
mod arrows;
mod bench;
mod features;
mod fuzz;
mod imports;
mod postgres;
mod programs;
mod results;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
cargo xtask test [WORDS]     every test of every crate, release build with overflow checks;
                             starts a temporary PostgreSQL when one is installed
cargo xtask accept [--last]  what docs/requirements.toml promises, pass or fail per row
                             (--last: from the results of the last `cargo xtask test`)
cargo xtask bench [WORDS]    ratios beside references of the same run
cargo xtask bench beside     how much slower others become beside a large transfer
cargo xtask fuzz [TARGET] [--seconds N]
                             every reader of bytes from outside, 60 seconds each; needs g++
cargo xtask tidy             invariants that manifests and files show";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rest = args.get(1..).unwrap_or_default();
    let outcome = match args.first().map(String::as_str) {
        Some("test") => test::run(rest),
        Some("accept") => accept::run(rest),
        Some("bench") => bench::run(rest),
        Some("fuzz") => fuzz::run(rest),
        Some("tidy") => tidy::run(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Where cargo puts what it builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A cargo command in the root.
fn cargo(args: &[&str]) -> Command {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}
