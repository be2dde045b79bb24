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
    #[error("the document is not JSON (line {line}, column {column})")]
    Json {
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
    },
    /// JSON, but not a document Bundle with a Composition first.
    #[error("the document is not a FHIR document Bundle that begins with a Composition")]
    NotADocument,
}
