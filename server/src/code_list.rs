//! The code list of the affinity domain, as the setting `codes.file` names it.

use crate::settings::Settings;
use anyhow::Context as _;
use renkei_metadata::codes;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The code list of a data directory, unless `codes.file` names another.
pub(crate) const FILE: &str = "codes.xml";

/// The text of the list. That of the data directory is the default one as long as there is none;
/// another one has to be there, or a slip in its name would change the affinity domain's codes.
pub(crate) fn text(data_dir: &Path, settings: &Settings) -> anyhow::Result<Cow<'static, str>> {
    match path(data_dir, settings) {
        None => Ok(Cow::Borrowed(codes::default_xml())),
        Some(path) if is_missing(&path, settings) => Ok(Cow::Borrowed(codes::default_xml())),
        Some(path) => {
            let xml = std::fs::read_to_string(&path);
            Ok(Cow::Owned(xml.with_context(|| format!("codes.file {}: コード一覧を読めません。パスを確かめてください / cannot be read; check the path", path.display()))?))
        }
    }
}

/// Writes the default list into a data directory that has none yet.
pub(crate) fn found(data_dir: &Path, settings: &Settings) -> anyhow::Result<()> {
    match path(data_dir, settings) {
        Some(path) if is_missing(&path, settings) => std::fs::write(&path, codes::default_xml())
            .with_context(|| format!("codes.file {}", path.display())),
        _ => Ok(()),
    }
}

fn path(data_dir: &Path, settings: &Settings) -> Option<PathBuf> {
    settings.codes.file.as_ref().map(|file| data_dir.join(file))
}

fn is_missing(path: &Path, settings: &Settings) -> bool {
    settings.codes.file.as_deref() == Some(Path::new(FILE)) && !path.exists()
}
