//! The export that a command is given: looked at before anything else, and opened as often as needed.

use anyhow::{Context as _, bail};
use renkei_source_adapter::submit::OpenExport;
use renkei_source_adapter::workbook;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

/// Says how to open the export. A workbook, a folder or an empty file is refused by name.
///
/// What is no file, such as a pipe, can be read once only: it is copied into `state_dir`, into a file
/// that has no name there, so that nothing is left of it when the command ends, however it ends.
pub(super) fn open(path: &Path, state_dir: &Path) -> anyhow::Result<OpenExport> {
    let told = || path.display().to_string();
    if let Some(refused) = workbook::refuse_file(path).with_context(told)? {
        bail!("{}: {refused}", path.display());
    }
    let file = File::open(path).with_context(told)?;
    if file.metadata().with_context(told)?.is_file() {
        let path = path.to_owned();
        return Ok(Arc::new(move || Ok(Box::new(File::open(&path)?))));
    }
    let copy = Arc::new(copy(file, state_dir).with_context(told)?);
    Ok(Arc::new(move || Ok(Box::new(Copy { file: Arc::clone(&copy), at: 0 }))))
}

fn copy(mut from: File, folder: &Path) -> io::Result<File> {
    let path = folder.join(format!(".export.{}", uuid::Uuid::new_v4().simple()));
    let mut options = File::options();
    let mut file = options.read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    std::fs::remove_file(&path)?;
    io::copy(&mut from, &mut file)?;
    Ok(file)
}

/// A reader of its own of a file that several read.
struct Copy {
    file: Arc<File>,
    at: u64,
}

impl Read for Copy {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(out, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(open: &OpenExport) -> String {
        let mut text = String::new();
        open().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_pipe_is_read_as_often_as_needed_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (reader, mut writer) = io::pipe().unwrap();
        let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
        let writing = std::thread::spawn(move || io::Write::write_all(&mut writer, b"a,b\n1,2\n"));
        let open = open(Path::new(&path), folder.path()).unwrap();
        writing.join().unwrap().unwrap();
        assert_eq!((read(&open), read(&open)), ("a,b\n1,2\n".into(), "a,b\n1,2\n".into()));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_no_export_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = open(folder.path(), folder.path()).err().unwrap().to_string();
        assert!(error.contains("フォルダー") && error.contains("folder"), "{error}");
        let path = folder.path().join("e.csv");
        std::fs::write(&path, "a\n").unwrap();
        assert_eq!(read(&open(&path, folder.path()).unwrap()), "a\n");
        assert!(open(&folder.path().join("none.csv"), folder.path()).is_err());
    }
}
