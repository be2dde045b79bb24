//! Output files that somebody has open: named, with what to do.
//!
//! A report is opened in a spreadsheet, the export is mended, the command is run again, and the
//! report cannot be replaced. Windows says "sharing violation", a file server "permission denied".

use std::io;
use std::path::{Path, PathBuf};

/// A file that cannot be written or removed.
#[derive(Debug, thiserror::Error)]
enum NotWritten {
    /// Another program holds it.
    #[error(
        "{name} はExcelなどで開かれています。閉じてから、もう一度実行してください / {name} is open in another program such as Excel; close it and run the command again ({path}: {source})",
        name = name(.path), path = .path.display()
    )]
    InUse { path: PathBuf, source: io::Error },
    /// Whatever else.
    #[error("{path}: {source}", path = .path.display())]
    Other { path: PathBuf, source: io::Error },
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Puts the path into an error about it, and what to do where another program is the reason.
pub(crate) fn named(path: &Path) -> impl FnOnce(io::Error) -> io::Error {
    let path = path.to_owned();
    move |source| {
        let kind = source.kind();
        let told = if is_in_use(&path, &source) {
            NotWritten::InUse { path, source }
        } else {
            NotWritten::Other { path, source }
        };
        io::Error::new(kind, told)
    }
}

/// Windows: `ERROR_SHARING_VIOLATION`, `ERROR_LOCK_VIOLATION`.
#[cfg(windows)]
const HELD: [i32; 2] = [32, 33];
/// Unix: `EBUSY`, `ETXTBSY`.
#[cfg(not(windows))]
const HELD: [i32; 2] = [16, 26];

fn is_in_use(path: &Path, error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| HELD.contains(&code))
        // a file server passes the lock of another machine on as a missing right
        || (error.kind() == io::ErrorKind::PermissionDenied
            && (is_ours(path) || owner_files(path).iter().any(|file| file.exists())))
}

/// A file we may not write although it is there and nothing says that it is not to be written.
fn is_ours(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| about.is_file() && !about.permissions().readonly())
}

/// What Excel and LibreOffice lay beside a file while they have it open.
fn owner_files(path: &Path) -> [PathBuf; 2] {
    let name = name(path);
    [path.with_file_name(format!("~${name}")), path.with_file_name(format!(".~lock.{name}#"))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn told(path: &Path, error: io::Error) -> String {
        named(path)(error).to_string()
    }

    #[test]
    fn a_held_file_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("refusals.csv");
        let text = told(&path, io::Error::from_raw_os_error(HELD[0]));
        assert!(text.starts_with("refusals.csv はExcelなどで開かれています。閉じて"), "{text}");
        assert!(text.contains("close it and run"), "{text}");
    }

    #[test]
    fn the_file_that_a_spreadsheet_lays_beside_it_tells() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records.csv");
        for beside in ["~$records.csv", ".~lock.records.csv#"] {
            let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
            assert!(!told(&path, denied()).contains("Excel"));
            fs::write(folder.path().join(beside), "").unwrap();
            assert!(told(&path, denied()).contains("Excel"), "{beside}");
            fs::remove_file(folder.path().join(beside)).unwrap();
        }
    }

    #[test]
    fn a_file_that_is_there_and_denied_is_taken_for_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("standard.csv");
        fs::write(&path, "").unwrap();
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(told(&path, denied).contains("Excel"));
    }

    #[test]
    fn another_reason_is_told_with_the_path_alone() {
        let path = Path::new("/nonexistent/out/standard.csv");
        let error = named(path)(io::Error::from(io::ErrorKind::NotFound));
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let text = error.to_string();
        assert!(text.starts_with("/nonexistent/out/standard.csv: ") && !text.contains("Excel"));
    }
}
