//! The test programs that cargo builds, and how they are run: the long one, which waits more than it works, beside all
//! others.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread;

/// The program that takes longer than all others together: it starts houses and waits for them. It runs beside the
/// others, and twice as many of its tests as there are processors run at once.
const LONG: &str = "system";

/// Variables that test programs are run with.
pub(crate) type Environment = Vec<(&'static str, OsString)>;

/// A test program.
pub(crate) struct Program {
    /// As results name it, such as `renkei_soap` or `system`.
    pub(crate) name: String,
    path: PathBuf,
    /// The folder of its crate, in which it runs.
    folder: PathBuf,
}

/// What a running program says.
pub(crate) enum Said {
    /// A line.
    Line(String, String),
    /// It has ended: its name, and whether well.
    Ended(String, bool),
}

/// What cargo says of something that it built.
#[derive(Deserialize)]
struct Artifact {
    reason: String,
    manifest_path: Option<PathBuf>,
    profile: Option<Profile>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

impl Program {
    /// Those of the whole workspace, built if they are not.
    pub(crate) fn all() -> Result<Vec<Self>> {
        let words = ["test", "--release", "--workspace", "--no-run", "--message-format=json"];
        let mut child = crate::cargo(&words).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("cargo says nothing")?;
        let mut all = Vec::new();
        for line in BufReader::new(stdout).lines() {
            all.extend(serde_json::from_str(&line?).ok().and_then(Self::of));
        }
        if !child.wait()?.success() || all.is_empty() {
            bail!("the tests do not build");
        }
        Ok(all)
    }

    fn of(artifact: Artifact) -> Option<Self> {
        let Artifact { reason, manifest_path, profile, executable } = artifact;
        let is_test = reason == "compiler-artifact" && profile?.test;
        let path = executable.filter(|_| is_test)?;
        let stem = path.file_name()?.to_str()?;
        let name = stem.rsplit_once('-').map_or(stem, |(name, _)| name).to_owned();
        Some(Self { name, folder: manifest_path?.parent()?.to_path_buf(), path })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        if self.name == LONG && std::env::var_os("RUST_TEST_THREADS").is_none() {
            let processors = thread::available_parallelism().map_or(2, usize::from);
            command.env("RUST_TEST_THREADS", (processors * 2).to_string());
        }
        command
    }
}

/// Runs all of them with these variables, and tells what they say.
pub(crate) fn run(programs: Vec<Program>, environment: &Environment, said: &Sender<Said>) {
    let (long, others): (Vec<_>, Vec<_>) = programs.into_iter().partition(|p| p.name == LONG);
    thread::scope(|scope| {
        for lane in [long, others] {
            scope.spawn(move || {
                for program in lane {
                    let mut command = program.command();
                    command.envs(environment.iter().cloned());
                    let well = tell(&program.name, command, said).unwrap_or(false);
                    drop(said.send(Said::Ended(program.name, well)));
                }
            });
        }
    });
}

/// Runs a command and passes on its lines; answers whether it ended well.
pub(crate) fn tell(name: &str, mut command: Command, said: &Sender<Said>) -> Result<bool> {
    // Both go through one pipe, which keeps their order.
    let (reader, writer) = std::io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("could not run {name}"))?;
    drop(command);
    for line in BufReader::new(reader).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        drop(said.send(Said::Line(name.to_owned(), line)));
    }
    Ok(child.wait()?.success())
}
