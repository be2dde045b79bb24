//! Files that are no export, known by their first bytes: workbooks, pages, archives, nothing.
//!
//! A workbook read as text would be refused too, but as a file in the wrong encoding, which sends
//! people the wrong way. Here it is named as what it is, with what to do.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Bytes from the beginning of a file that [`refuse`] wants to see; with fewer it may not know a
/// workbook from another archive.
pub const FIRST_BYTES: usize = 8 * 1024;

/// What a file is instead of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAnExport {
    /// An Excel workbook (`.xlsx`, `.xlsm`, `.xlsb`, `.xls`), also one with a password, or one of
    /// another program (`.ods`).
    Workbook,
    /// A table as HTML or XML, often named `.xls`.
    Page,
    /// PDF.
    Pdf,
    /// A document of Word or a presentation.
    Document,
    /// Packed files.
    Archive,
    /// No octets, or a byte order mark alone.
    Empty,
    /// A folder.
    Folder,
}

impl NotAnExport {
    /// What it is and what to do, in Japanese.
    pub fn ja(self) -> &'static str {
        match self {
            Self::Workbook => {
                "Excelのブックです。Excelで開き、「名前を付けて保存」でファイルの種類を「CSV UTF-8(コンマ区切り)」にして保存し、そのCSVを指定してください"
            }
            Self::Page => {
                "HTMLまたはXMLの表です(拡張子が .xls でもCSVではありません)。Excelで開き、「CSV UTF-8(コンマ区切り)」で保存し、そのCSVを指定してください"
            }
            Self::Pdf => {
                "PDFです。健診システムからCSV(コンマ区切り)で出力し、そのファイルを指定してください"
            }
            Self::Document => {
                "WordまたはPowerPointの文書です。健診システムからCSVで出力し、そのファイルを指定してください"
            }
            Self::Archive => "圧縮ファイルです。展開してから、中のCSVを指定してください",
            Self::Empty => {
                "空のファイルです。出力が途中で終わっていないか確かめ、もう一度出力してください"
            }
            Self::Folder => "フォルダーです。中のCSVファイルを1つ指定してください",
        }
    }

    /// The same in English.
    pub fn en(self) -> &'static str {
        match self {
            Self::Workbook => {
                "this is an Excel workbook; open it in Excel, save it as \"CSV UTF-8 (comma delimited)\" and give that file"
            }
            Self::Page => {
                "this is a table in HTML or XML, whatever its name ends with; open it in Excel, save it as \"CSV UTF-8 (comma delimited)\" and give that file"
            }
            Self::Pdf => "this is a PDF; export a CSV from the checkup system and give that file",
            Self::Document => {
                "this is a document of Word or PowerPoint; export a CSV from the checkup system and give that file"
            }
            Self::Archive => "this is an archive; unpack it and give the CSV inside",
            Self::Empty => {
                "the file is empty; see whether the export was broken off, and export again"
            }
            Self::Folder => "this is a folder; give one CSV file in it",
        }
    }
}

impl fmt::Display for NotAnExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.ja(), self.en())
    }
}

impl std::error::Error for NotAnExport {}

/// The first octets of the compound files of Microsoft ([MS-CFB] 2.2): `.xls`, and any Office
/// document with a password.
const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
/// The workbook's first record where there is no compound file around it (Excel 2 to 4).
const BIFF: [&[u8]; 3] =
    [&[0x09, 0x00, 0x04, 0x00], &[0x09, 0x02, 0x06, 0x00], &[0x09, 0x04, 0x06, 0x00]];
/// ZIP: a first file, or none (APPNOTE 4.3.7, 4.3.16).
const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// gzip, 7z, RAR.
const PACKED: [&[u8]; 3] = [&[0x1F, 0x8B, 0x08], b"7z\xBC\xAF\x27\x1C", b"Rar!\x1A\x07"];
/// How pages begin, in lower case.
const PAGES: [&[u8]; 4] = [b"<html", b"<!doctype html", b"<?xml", b"<table"];

const BYTE_ORDER_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// Says what a file is that begins with these octets, if it is no text that could be an export.
/// `first` is at least [`FIRST_BYTES`] long unless the file is shorter.
pub fn refuse(first: &[u8]) -> Option<NotAnExport> {
    let text = first.strip_prefix(BYTE_ORDER_MARK).unwrap_or(first);
    if text.is_empty() {
        return Some(NotAnExport::Empty);
    }
    if first.starts_with(COMPOUND) || BIFF.iter().any(|magic| first.starts_with(magic)) {
        return Some(NotAnExport::Workbook);
    }
    if ZIP.iter().any(|magic| first.starts_with(magic)) {
        return Some(zip(first));
    }
    if PACKED.iter().any(|magic| first.starts_with(magic)) {
        return Some(NotAnExport::Archive);
    }
    if first.starts_with(b"%PDF-") {
        return Some(NotAnExport::Pdf);
    }
    let begin: Vec<u8> =
        text.trim_ascii_start().iter().take(16).map(u8::to_ascii_lowercase).collect();
    PAGES.iter().any(|page| begin.starts_with(page)).then_some(NotAnExport::Page)
}

/// Office documents are ZIP archives whose file names tell what they are (ECMA-376 part 2).
fn zip(first: &[u8]) -> NotAnExport {
    let names = |name: &[u8]| first.windows(name.len()).any(|window| window == name);
    if names(b"word/") || names(b"ppt/") || names(b"opendocument.text") {
        NotAnExport::Document
    } else if names(b"xl/") || names(b"[Content_Types].xml") || names(b"opendocument.spreadsheet") {
        NotAnExport::Workbook
    } else {
        NotAnExport::Archive
    }
}

/// As [`refuse`], for a file on disk; a folder is told as well. What is neither a file nor a folder,
/// such as a pipe, is not looked into: what is read from it is gone.
///
/// # Errors
/// When the file cannot be read.
pub fn refuse_file(path: &Path) -> io::Result<Option<NotAnExport>> {
    let about = fs::metadata(path)?;
    if about.is_dir() {
        return Ok(Some(NotAnExport::Folder));
    }
    if !about.is_file() {
        return Ok(None);
    }
    let mut first = Vec::new();
    File::open(path)?.take(FIRST_BYTES as u64).read_to_end(&mut first)?;
    Ok(refuse(&first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn zip_of(name: &str) -> Vec<u8> {
        [b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00\x21\x00", &[0; 16][..], name.as_bytes(), b"x"]
            .concat()
    }

    #[test]
    fn workbooks_of_every_kind_are_known() {
        let compound = [COMPOUND, &[0; 504][..]].concat();
        let open_document = zip_of("mimetypeapplication/vnd.oasis.opendocument.spreadsheet");
        let late = [zip_of("docProps/app.xml"), vec![7; 3_000], zip_of("xl/workbook.bin")].concat();
        for file in [compound, zip_of("[Content_Types].xml"), open_document, late] {
            assert_eq!(refuse(&file), Some(NotAnExport::Workbook));
        }
    }

    #[test]
    fn what_else_people_give_is_named() {
        let cases: [(&[u8], NotAnExport); 9] = [
            (b"", NotAnExport::Empty),
            (BYTE_ORDER_MARK, NotAnExport::Empty),
            (b"%PDF-1.7\n", NotAnExport::Pdf),
            (b"PK\x05\x06\0\0", NotAnExport::Archive),
            (&zip_of("june.csv"), NotAnExport::Archive),
            (&zip_of("[Content_Types].xml word/document.xml"), NotAnExport::Document),
            (b"\x1F\x8B\x08\0", NotAnExport::Archive),
            (b"\r\n<HTML xmlns:x=\"urn:schemas-microsoft-com:office:excel\">", NotAnExport::Page),
            (b"\xEF\xBB\xBF<?xml version=\"1.0\"?><Workbook>", NotAnExport::Page),
        ];
        for (file, expected) in cases {
            assert_eq!(refuse(file), Some(expected), "{file:?}");
        }
    }

    #[test]
    fn a_file_is_looked_into_and_a_folder_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export.csv");
        fs::write(&path, zip_of("[Content_Types].xml")).unwrap();
        assert_eq!(refuse_file(&path).unwrap(), Some(NotAnExport::Workbook));
        fs::write(&path, "ID,氏名\r\n").unwrap();
        assert_eq!(refuse_file(&path).unwrap(), None);
        assert_eq!(refuse_file(folder.path()).unwrap(), Some(NotAnExport::Folder));
        assert!(refuse_file(&folder.path().join("none")).is_err());
    }

    #[test]
    fn what_it_is_and_what_to_do_is_said_in_both_languages() {
        let text = NotAnExport::Workbook.to_string();
        assert!(text.contains("Excelのブック") && text.contains("CSV UTF-8"), "{text}");
        assert!(text.contains("Excel workbook"), "{text}");
    }

    proptest! {
        #[test]
        fn no_text_of_a_table_is_refused(
            header in "[\u{3041}-\u{30FF}A-Za-z0-9\"ID]{1,20}(,[\u{4E00}-\u{4EFF}a-z]{0,8}){0,9}",
            marked in any::<bool>(),
        ) {
            let mark = if marked { BYTE_ORDER_MARK } else { b"" };
            let file = [mark, header.as_bytes(), b"\r\n1,2\r\n"].concat();
            prop_assert_eq!(refuse(&file), None);
            let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(&header);
            prop_assert_eq!(refuse(&cp932), None);
            let utf16: Vec<u8> = header.encode_utf16().flat_map(u16::to_le_bytes).collect();
            prop_assert_eq!(refuse(&utf16), None);
        }

        #[test]
        fn any_octets_are_looked_at(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            refuse(&octets);
        }
    }
}
