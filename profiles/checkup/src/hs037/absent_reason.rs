//! Why a value is missing, in the words of the record and the codes of FHIR.

use crate::terms;

/// Word and code of `data-absent-reason`.
pub(super) const WORDS: [(&str, &str); 2] =
    [(terms::NOT_PERFORMED, "not-performed"), (terms::NOT_MEASURABLE, "error")];

/// The code of a word that stands in the place of a value.
pub(super) fn code(word: &str) -> Option<&'static str> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, code)| *code)
}
