//! The files of a set: measured and hashed before anything is sent.

use renkei_metadata::ids::{Dtm, MimeType, ObjectId, Sha1Hash};
use sha1::{Digest, Sha1};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A document in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The id of its DocumentEntry.
    pub entry: ObjectId,
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub mime_type: MimeType,
    /// Its octets, counted.
    pub size: u64,
}

/// What can be seen of a file.
pub(super) struct Seen {
    pub(super) size: u64,
    pub(super) hash: Sha1Hash,
    /// When it was changed last.
    pub(super) changed: Option<Dtm>,
}

/// Reads a file once, in pieces.
pub(super) fn look(path: &Path) -> io::Result<Seen> {
    const PIECE: usize = 64 * 1024;
    let mut file = std::fs::File::open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::other("not a file / ファイルではありません"));
    }
    let changed = about.modified().ok().map(|t| Dtm::from_utc(t.into()));
    let (mut hash, mut size, mut piece) = (Sha1::new(), 0_u64, vec![0; PIECE]);
    loop {
        let read = match file.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(piece.get(..read).unwrap_or_default());
        size += read as u64;
    }
    Ok(Seen { size, hash: Sha1Hash::from_digest(hash.finalize().into()), changed })
}

/// The media type of an extension that means but one.
pub(super) fn mime_type(path: &Path) -> Option<MimeType> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    let mime_type = match extension.as_str() {
        "xml" => "text/xml",
        "csv" => "text/csv",
        "txt" => "text/plain",
        "html" => "text/html",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "dcm" => "application/dicom",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "tif" | "tiff" => "image/tiff",
        _ => return None,
    };
    MimeType::parse(mime_type).ok()
}
