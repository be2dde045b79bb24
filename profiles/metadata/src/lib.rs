//! The Document Sharing metadata model and its ebRIM form (ITI TF-3: 4.1 to 4.3).
//!
//! One model, many wires: ebRIM, the database and, later, FHIR are encodings of the types in
//! [`model`]. What was wrong with a message is told in [`finding`]s.

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

// Compiled again in `profiles/arbitrary`, for the tests of other crates.
#[cfg(test)]
pub mod arbitrary;
pub mod codes;
pub mod ebrim;
pub mod escapes;
pub mod finding;
pub use renkei_soap::{words, words_table};
pub mod fragment;
pub mod ids;
mod ihe_code;
pub mod model;
pub mod named;
pub mod organization;
pub mod rules;
mod text;
pub mod update;

/// The form in which texts are compared and indexed, Unicode NFC (ITI TF-2: Appendix F). What goes
/// back to a peer is always the form it sent.
pub fn normalise(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfc().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_and_decomposed_kana_are_one_text() {
        assert_eq!(normalise("カ\u{3099}"), "ガ");
        assert!(matches!(normalise("ガ"), Cow::Borrowed(_)));
        assert_ne!(normalise("ガ"), normalise("カ"));
    }
}
