//! `cargo xtask fuzz`: builds the fuzzers of `fuzz/` with coverage instrumentation, which the stable
//! compiler has, and runs them one after the other on seeds from the samples of the repository.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// Each fuzzer with the samples that it starts from, besides those in `fuzz/seeds/<name>`.
const TARGETS: &[(&str, &[&str])] = &[
    ("message", &[]),
    ("envelope", &[]),
    ("submission", &["profiles/metadata/samples"]),
    ("provide", &[]),
    ("query", &[]),
    ("retrieve", &[]),
    ("remove", &[]),
    ("update", &[]),
    ("answer", &[]),
    ("adt", &[]),
    ("v2query", &[]),
    ("ntp", &[]),
    ("hl7v3", &["profiles/hl7v3/samples"]),
    ("kcsv", &[]),
    ("hs037", &["profiles/checkup/samples/foreign"]),
    ("years", &["profiles/checkup/samples/foreign"]),
    ("mapping", &["source-adapter/samples/minato"]),
    ("changes", &[]),
    ("propose", &["source-adapter/samples/minato", "source-adapter/samples/hibari"]),
    ("export", &["source-adapter/samples/minato"]),
    ("conversion", &[]),
    ("codes", &["profiles/metadata/codes"]),
    ("audit", &[]),
];

/// What libFuzzer needs to see which code an input reached.
const INSTRUMENTED: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// An input that takes longer, in seconds, or needs more memory, in MiB, is a finding.
const LIMITS: [&str; 2] = ["-timeout=10", "-rss_limit_mb=1024"];

/// Fuzzes one target, or all, each for `--seconds` (60); answers whether nothing was found. What a
/// fuzzer learns is kept for its next run, and the input that broke it, under `target/fuzz`.
pub(crate) fn run(words: &[String]) -> Result<bool> {
    let (mut chosen, mut seconds) = (None, 60u32);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seconds" => seconds = words.next().context("--seconds needs a number")?.parse()?,
            name => chosen = Some(name),
        }
    }
    let targets: Vec<_> =
        TARGETS.iter().filter(|(name, _)| chosen.is_none_or(|c| c == *name)).collect();
    if targets.is_empty() {
        let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        bail!("the fuzzers are {}", names.join(", "));
    }
    let host = host()?;
    let place = crate::target().join("fuzz");
    let mut build = crate::cargo(&["build", "--release", "--manifest-path", "fuzz/Cargo.toml"]);
    build.args(["--target", &host]).arg("--target-dir").arg(&place);
    for (name, _) in &targets {
        build.args(["--bin", name]);
    }
    if !build.env("RUSTFLAGS", INSTRUMENTED).status()?.success() {
        return Ok(false);
    }
    let mut sound = true;
    for (name, samples) in targets {
        eprintln!("== {name}");
        let corpus = place.join("corpus").join(name);
        let broken = place.join("broken").join(name);
        std::fs::create_dir_all(&corpus)?;
        std::fs::create_dir_all(&broken)?;
        let seeds = crate::root().join("fuzz/seeds").join(name);
        let samples = samples.iter().map(|s| crate::root().join(s));
        let status = Command::new(place.join(&host).join("release").join(name))
            .args(LIMITS)
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/", broken.display()))
            .arg(&corpus)
            .args(samples.chain([seeds]).filter(|directory| directory.is_dir()))
            .current_dir(&place)
            .status()
            .with_context(|| format!("{name} could not be started"))?;
        if !status.success() {
            eprintln!("== {name} FAILED; the input is in {}", broken.display());
            sound = false;
        }
    }
    Ok(sound)
}

/// The triple of this machine. Naming it keeps the instrumentation away from build scripts.
fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
    let told = String::from_utf8(Command::new(rustc).arg("-vV").output()?.stdout)?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not tell its host")?.to_owned())
}
