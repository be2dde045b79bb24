//! Reads an HS037 document, ours or another vendor's, leniently: what was left out is left out here.

mod document;
mod header;
mod record;
mod report;
mod value;

pub use record::{carried, read_record};
pub use report::{Interpretation, Person, Report, ResultLine, read};

/// Why bytes are not an HS037 document.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not JSON.
    #[error(
        "line {line}, column {column}: not JSON; have the document sent again / \
         JSON ではありません。文書の再送を依頼してください"
    )]
    Json {
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
    },
    /// JSON, but not a document Bundle with a Composition first.
    #[error(
        "entry[0]: a FHIR Bundle of type document begins with a Composition, this one does not; \
         have the document sent again / Composition で始まる FHIR document Bundle ではありません。\
         文書の再送を依頼してください"
    )]
    NotADocument,
}
