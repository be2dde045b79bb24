//! FHIR JSON as it comes: what is missing or of another type reads as empty.

use serde_json::Value;

/// The string under a key; empty when there is none.
pub(super) fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The string at a JSON pointer; empty when there is none.
pub(super) fn text_at<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The list under a key; empty when there is none.
pub(super) fn list<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    object.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The codings of a CodeableConcept.
pub(super) fn codings(concept: Option<&Value>) -> &[Value] {
    concept.map_or(&[], |concept| list(concept, "coding"))
}

/// The value of an extension: its `valueString`, `valueCode` ….
pub(super) fn extension<'a>(element: &'a Value, url: &str, value: &str) -> &'a str {
    list(element, "extension").iter().find(|e| text(e, "url") == url).map_or("", |e| text(e, value))
}

/// Whether the resource states a profile, in whatever version.
pub(super) fn has_profile(resource: &Value, canonical: &str) -> bool {
    let stated = resource.pointer("/meta/profile").and_then(Value::as_array);
    stated.is_some_and(|all| {
        all.iter().filter_map(Value::as_str).any(|url| without_version(url) == canonical)
    })
}

/// A canonical URL without its `|version`.
pub(super) fn without_version(canonical: &str) -> &str {
    canonical.split_once('|').map_or(canonical, |(url, _)| url)
}
