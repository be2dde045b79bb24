//! Files and folders for their owner alone: names and results stand in them.
//!
//! What cannot be written is named with its path, and a file that is open in a spreadsheet with what
//! to do about it.

use crate::in_use::named;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Makes a folder, and those above it; one that exists keeps its mode.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(named(path))
}

/// Makes a file, or empties it.
pub(crate) fn file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600).open(path).map_err(named(path))
}

/// Makes a file with this content.
pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    file(path)?.write_all(content).map_err(named(path))
}

/// Gives the file or folder `from` the name `to`; one that has that name goes.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to).map_err(named(to))
}

/// Puts something into a file behind its first octets; the file grows by a copy, not in memory.
pub(crate) fn insert(path: &Path, behind: usize, content: &[u8]) -> io::Result<()> {
    let copy = path.with_extension("copy");
    let mut from = File::open(path)?;
    let mut to = file(&copy)?;
    io::copy(&mut Read::by_ref(&mut from).take(behind as u64), &mut to)?;
    to.write_all(content)?;
    io::copy(&mut from, &mut to)?;
    rename(&copy, path)
}

/// The name of something while it is being made.
pub(crate) fn temporary(name: &str) -> String {
    format!(".{name}.part")
}

/// Removes a file that may be missing.
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(named(path)(error)),
        _ => Ok(()),
    }
}

/// Removes a folder that may be missing, unless something is in it.
pub(crate) fn remove_empty(path: &Path) -> io::Result<()> {
    match fs::remove_dir(path) {
        Err(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty
            ) =>
        {
            Err(named(path)(error))
        }
        _ => Ok(()),
    }
}

/// What lies in a folder that may be missing: names that are text, with their paths.
pub(crate) fn entries(path: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(named(path)(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string() {
            found.push((name, entry.path()));
        }
    }
    Ok(found)
}

/// Removes the files of a folder whose names are ours, and the folder when it is empty then.
pub(crate) fn remove_ours(path: &Path, is_ours: impl Fn(&str) -> bool) -> io::Result<()> {
    for (name, path) in entries(path)? {
        if is_ours(&name) {
            remove_file(&path)?;
        }
    }
    remove_empty(path)
}
