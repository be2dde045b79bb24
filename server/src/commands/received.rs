//! Documents of a retrieval on their way into files.
//!
//! A document is written under a temporary name while it arrives; it gets its own name when the
//! whole answer has said which document it is.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use renkei_client::{DocumentSink, Received};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

/// A document that is in a file now.
#[derive(Debug, Serialize)]
pub(super) struct Kept {
    #[serde(rename = "uniqueId")]
    unique_id: String,
    #[serde(rename = "repositoryUniqueId")]
    repository: String,
    /// What an On-Demand document is called as it was made now, and where it can be had again.
    #[serde(rename = "newUniqueId", skip_serializing_if = "Option::is_none")]
    new_unique_id: Option<String>,
    #[serde(rename = "newRepositoryUniqueId", skip_serializing_if = "Option::is_none")]
    new_repository: Option<String>,
    #[serde(rename = "mimeType")]
    mime_type: String,
    /// Path of the file.
    pub(super) file: String,
    /// Octets.
    pub(super) size: u64,
    /// SHA-1, hexadecimal.
    pub(super) sha1: Option<String>,
}

impl Kept {
    /// What is told of it.
    pub(super) fn line(&self) -> String {
        let sha1 = self.sha1.as_deref().unwrap_or("-");
        format!("{}  {} bytes  SHA-1 {sha1}", self.file, self.size)
    }
}

/// The files of one retrieval; those that are not kept are removed.
pub(super) struct Files {
    directory: PathBuf,
    open: Option<(String, File)>,
    waiting: HashMap<String, PathBuf>,
}

impl Files {
    /// Files in a directory that exists.
    pub(super) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), open: None, waiting: HashMap::new() }
    }

    /// Gives the documents that were received whole their names.
    pub(super) async fn keep(mut self, received: &[Received]) -> io::Result<Vec<Kept>> {
        let mut kept = Vec::new();
        for document in received {
            let name = name(document.request.unique_id.as_str(), &document.mime_type);
            let file = self.directory.join(name);
            if let Some(path) = self.waiting.remove(&document.content_id) {
                tokio::fs::rename(path, &file).await?;
            }
            kept.push(Kept {
                unique_id: document.request.unique_id.to_string(),
                repository: document.request.repository.to_string(),
                new_unique_id: document.made.as_ref().map(|made| made.unique_id.to_string()),
                new_repository: document
                    .made
                    .as_ref()
                    .and_then(|made| made.repository.as_ref().map(ToString::to_string)),
                mime_type: document.mime_type.clone(),
                file: file.display().to_string(),
                size: document.size,
                sha1: document.sha1.as_ref().map(ToString::to_string),
            });
        }
        Ok(kept)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        for path in self.waiting.values() {
            if let Err(error) = std::fs::remove_file(path) {
                tracing::warn!(%error, "a part of a document was left behind");
            }
        }
    }
}

impl DocumentSink for Files {
    fn begin<'a>(&'a mut self, content_id: &'a str) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(async move {
            let path = self.directory.join(format!(".{}.part", uuid::Uuid::new_v4()));
            // What a person's results are is for nobody else on this machine.
            let mut options = File::options();
            let file = options.write(true).create_new(true).mode(0o600).open(&path).await?;
            self.waiting.insert(content_id.to_owned(), path);
            self.open = Some((content_id.to_owned(), file));
            Ok(())
        })
    }

    fn data(&mut self, octets: Bytes) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            match &mut self.open {
                Some((_, file)) => file.write_all(&octets).await,
                None => Ok(()),
            }
        })
    }

    fn end(&mut self) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            match self.open.take() {
                Some((_, mut file)) => {
                    file.flush().await?;
                    file.sync_all().await
                }
                None => Ok(()),
            }
        })
    }
}

/// A file name made of a uniqueId: OIDs stay readable, everything else is hashed, so that no id can
/// name a place outside of the directory. Its extension says what is in it.
fn name(unique_id: &str, mime_type: &str) -> String {
    let plain = |c: char| c.is_ascii_digit() || c == '.';
    let own = unique_id.chars().all(plain) && unique_id.starts_with(|c: char| c.is_ascii_digit());
    let stem = if own { unique_id.to_owned() } else { hex::encode(Sha256::digest(unique_id)) };
    format!("{stem}.{}", extension(mime_type))
}

/// The extension of a media type, its parameters aside. A type that is not known here may be anything.
fn extension(mime_type: &str) -> &'static str {
    let essence = mime_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "text/csv" => "csv",
        "text/plain" => "txt",
        "text/html" => "html",
        "text/xml" | "application/xml" | "application/fhir+xml" | "application/hl7-cda+xml" => {
            "xml"
        }
        "application/json" | "application/fhir+json" => "json",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        "application/dicom" => "dcm",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/tiff" => "tif",
        "multipart/related" | "message/rfc822" => "eml",
        other if other.ends_with("+xml") => "xml",
        other if other.ends_with("+json") => "json",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn an_id_names_no_other_place() {
        assert_eq!(name("2.25.17", "text/csv"), "2.25.17.csv");
        for id in ["../../etc/passwd", "..", ".ssh", "urn:uuid:x", "1.2^a/b"] {
            assert_eq!(name(id, "../x").len(), 64 + ".bin".len(), "{id}");
        }
    }

    #[test]
    fn a_file_is_called_after_what_is_in_it() {
        for (mime_type, file) in [
            ("text/csv; charset=Shift_JIS", "1.2.csv"),
            ("application/fhir+json", "1.2.json"),
            ("TEXT/XML", "1.2.xml"),
            ("application/soap+xml", "1.2.xml"),
            ("application/pdf", "1.2.pdf"),
            ("application/octet-stream", "1.2.bin"),
            ("", "1.2.bin"),
        ] {
            assert_eq!(name("1.2", mime_type), file);
        }
    }
}
