//! Reads an HS037 document, ours or another vendor's, leniently: what was left out is left out here.
//!
//! Lenient does not mean in silence. A value comes in the unit of its item or stands as it was sent and
//! says why ([`Reading`]); what is not final says so ([`Standing`]); what cannot be shown is counted
//! ([`Unshown`]).

mod document;
mod element;
mod header;
mod line;
mod person;
mod quantity;
mod range;
mod record;
mod report;
mod standing;
#[cfg(test)]
mod tests;
mod value;

pub use line::{Interpretation, Reading, ResultLine, Unshown, UnshownReason, Why};
pub use person::Person;
pub use record::{carried, read_record};
pub use report::{Report, read};
pub use standing::Standing;

/// Why bytes are not an HS037 document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} / {}", self.ja(), self.en())]
pub enum ReadError {
    /// FHIR as XML.
    Xml,
    /// Not JSON.
    Json {
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
    },
    /// JSON, but not a Bundle with a Composition first.
    NotADocument,
    /// A Bundle of this type, which is not `document`.
    Bundle(String),
    /// A document whose Composition was entered in error.
    Withdrawn,
}

impl ReadError {
    /// Short name for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::Json { .. } => "not-json",
            Self::NotADocument => "not-a-document",
            Self::Bundle(_) => "bundle-type",
            Self::Withdrawn => "entered-in-error",
        }
    }

    /// What is wrong and what to do, in Japanese.
    pub fn ja(&self) -> String {
        match self {
            Self::Xml => {
                "XML形式の文書は読めません。FHIR の JSON 形式での再送を依頼してください".into()
            }
            Self::Json { line, column } => {
                format!("{line}行{column}列: JSON ではありません。文書の再送を依頼してください")
            }
            Self::NotADocument => "Composition で始まる FHIR document Bundle ではありません。\
                                   文書の再送を依頼してください"
                .into(),
            Self::Bundle(found) => format!(
                "Bundle.type が document ではなく {found:?} です。文書（document）としての再送を\
                 依頼してください"
            ),
            Self::Withdrawn => "作成元が取り消した文書（entered-in-error）です。正しい文書が登録\
                                されているかを作成元に確認してください"
                .into(),
        }
    }

    /// What is wrong and what to do, in English.
    pub fn en(&self) -> String {
        match self {
            Self::Xml => "a document in XML, which is not read; ask for it as FHIR JSON".into(),
            Self::Json { line, column } => {
                format!("line {line}, column {column}: not JSON; have the document sent again")
            }
            Self::NotADocument => {
                "not a FHIR document Bundle that begins with a Composition; have the \
                                   document sent again"
                    .into()
            }
            Self::Bundle(found) => {
                format!("Bundle.type is {found:?}, not document; have it sent again as a document")
            }
            Self::Withdrawn => {
                "its author withdrew this document (entered-in-error); ask there whether \
                                the right one is registered"
                    .into()
            }
        }
    }
}
