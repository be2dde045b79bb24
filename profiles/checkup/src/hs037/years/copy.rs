//! Resources of a source document, copied as they stand: what they are called and what they refer to is
//! renamed, since two documents may use one name for two things, and an Observation says what it was
//! taken from.

use std::collections::HashMap;

use uuid::Uuid;

use super::tokens::{Kind, Token, Tokens};

/// Members whose value may name a resource of the same document (FHIR R4: 2.3.0.2, Bundle resolution).
const REFERRING: [&str; 5] = ["reference", "url", "uri", "valueUri", "valueUrl"];

/// A resource of a Bundle, as text.
pub(super) struct Resource<'t> {
    /// As it stands.
    pub(super) text: &'t str,
    /// `fullUrl` of its entry; empty when there is none.
    full_url: String,
    /// Its type.
    pub(super) kind: String,
    id: String,
}

/// The resources of a Bundle in their order.
pub(super) fn resources(bundle: &str) -> Vec<Resource<'_>> {
    let mut found = Vec::new();
    let (mut in_entries, mut start) = (false, 0);
    let (mut full_url, mut kind, mut id) = (String::new(), String::new(), String::new());
    for token in Tokens::new(bundle) {
        match (token.kind, token.depth, token.key) {
            (Kind::Open, 1, key) => in_entries = key == "entry",
            _ if !in_entries => {}
            (Kind::Open, 2, _) => full_url.clear(),
            (Kind::Text, 3, "fullUrl") => full_url = decoded(&token),
            (Kind::Open, 3, "resource") => {
                start = token.start;
                kind.clear();
                id.clear();
            }
            (Kind::Text, 4, "resourceType") => kind = decoded(&token),
            (Kind::Text, 4, "id") => id = decoded(&token),
            (Kind::Close, 3, "resource") => {
                let text = bundle.get(start..token.end()).unwrap_or_default();
                let [kind, id] = [&mut kind, &mut id].map(std::mem::take);
                found.push(Resource { text, full_url: String::new(), kind, id });
            }
            // the URL may stand behind the resource
            (Kind::Close, 2, "entry") => {
                if let Some(last) = found.last_mut() {
                    last.full_url = std::mem::take(&mut full_url);
                }
            }
            _ => {}
        }
    }
    found
}

/// The member of an object as text; nothing when it does not have it.
pub(super) fn member<'t>(object: &'t str, key: &str) -> Option<&'t str> {
    let mut start = None;
    for token in Tokens::new(object) {
        match (token.kind, token.depth) {
            (Kind::Open, 1) if token.key == key => start = Some(token.start),
            (Kind::Close, 1) if token.key == key => return object.get(start?..token.end()),
            _ => {}
        }
    }
    None
}

fn decoded(token: &Token<'_>) -> String {
    serde_json::from_str(token.text).unwrap_or_default()
}

/// The names of the resources of one document, old and new.
pub(super) struct Names {
    new: Vec<Uuid>,
    places: HashMap<String, usize>,
}

impl Names {
    /// Names after the document and the place in it.
    pub(super) fn of(resources: &[Resource<'_>], document: &str) -> Self {
        let new = (0..resources.len()).map(|place| name(document, &place.to_string())).collect();
        let mut places = HashMap::new();
        for (place, Resource { full_url, kind, id, .. }) in resources.iter().enumerate() {
            let local = if id.is_empty() { String::new() } else { format!("{kind}/{id}") };
            for old in [full_url.clone(), local] {
                // of two of one name the first one counts, as when the document is read
                if !old.is_empty() {
                    places.entry(old).or_insert(place);
                }
            }
        }
        Self { new, places }
    }

    /// The new name of the resource at a place.
    pub(super) fn at(&self, place: usize) -> Uuid {
        self.new.get(place).copied().unwrap_or_default()
    }

    fn renamed(&self, token: &Token<'_>) -> Option<Uuid> {
        let referring = token.kind == Kind::Text && REFERRING.contains(&token.key);
        let place = referring.then(|| self.places.get(&decoded(token))).flatten()?;
        self.new.get(*place).copied()
    }
}

/// The name of something in a document that is a source of the years.
pub(super) fn name(document: &str, what: &str) -> Uuid {
    let name = ["checkup years", document, what].join("|");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

/// Appends a resource under its new name; `source` is what it is derived from, if it says so.
pub(super) fn resource(
    text: &str,
    id: Uuid,
    names: &Names,
    source: Option<Uuid>,
    out: &mut Vec<u8>,
) {
    let mut copy = Copy { text, done: 0, out };
    let mut source = source.map(|uuid| format!("{{\"reference\":\"{}\"}}", uuid.urn()));
    for token in Tokens::new(text) {
        match (token.kind, token.depth, token.key) {
            (Kind::Text, 1, "id") => copy.replace(&token, &format!("\"{id}\"")),
            (Kind::Open, 1, "derivedFrom") if token.text == "[" => {
                if let Some(source) = source.take() {
                    let rest = text.get(token.end()..).unwrap_or_default();
                    let comma = if rest.trim_start().starts_with(']') { "" } else { "," };
                    copy.insert(token.end(), &[&source, comma].concat());
                }
            }
            (Kind::Close, 0, _) => {
                if let Some(source) = source.take() {
                    copy.insert(token.start, &format!(",\"derivedFrom\":[{source}]"));
                }
            }
            _ => copy.refer(&token, names),
        }
    }
    copy.finish();
}

/// Appends a part of a resource with what it refers to renamed.
pub(super) fn part(text: &str, names: &Names, out: &mut Vec<u8>) {
    let mut copy = Copy { text, done: 0, out };
    for token in Tokens::new(text) {
        copy.refer(&token, names);
    }
    copy.finish();
}

/// Text on its way into a buffer.
struct Copy<'t, 'b> {
    text: &'t str,
    done: usize,
    out: &'b mut Vec<u8>,
}

impl Copy<'_, '_> {
    fn refer(&mut self, token: &Token<'_>, names: &Names) {
        if let Some(uuid) = names.renamed(token) {
            self.replace(token, &format!("\"{}\"", uuid.urn()));
        }
    }

    fn replace(&mut self, token: &Token<'_>, by: &str) {
        self.insert(token.start, by);
        self.done = token.end();
    }

    fn insert(&mut self, at: usize, what: &str) {
        self.copy_to(at);
        self.out.extend_from_slice(what.as_bytes());
    }

    fn finish(mut self) {
        self.copy_to(self.text.len());
    }

    fn copy_to(&mut self, end: usize) {
        let between = self.text.as_bytes().get(self.done..end).unwrap_or_default();
        self.out.extend_from_slice(between);
        self.done = end;
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, member, name, resource, resources};
    use serde_json::{Value, json};

    const BUNDLE: &str = r#"{"entry": [
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Composition", "section": [{"id": "s"}],
            "subject": {"reference": "Patient\/7"}}},
        {"resource": {"resourceType": "Patient", "id": "7"}, "fullUrl": "http://x/Patient/7"},
        {"resource": {"resourceType": "Observation", "valueQuantity": {"value": 5.60},
            "derivedFrom": [{"reference": "Observation/0"}], "subject": {"reference": "http://x/Patient/7"},
            "note": [{"text": "Patient/7"}]}}
    ], "type": "document"}"#;

    fn copied(place: usize, source: Option<&str>) -> String {
        let all = resources(BUNDLE);
        let names = Names::of(&all, "1.2");
        let mut out = Vec::new();
        let source = source.map(|source| name("1.2", source));
        resource(all[place].text, names.at(place), &names, source, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_a_resource_refers_to_is_renamed_by_either_name() {
        let patient = name("1.2", "1").urn().to_string();
        let composition: Value = serde_json::from_str(&copied(0, None)).unwrap();
        assert_eq!(composition["subject"]["reference"], patient);
        let observation: Value = serde_json::from_str(&copied(2, None)).unwrap();
        assert_eq!(observation["subject"]["reference"], patient);
        assert_eq!(observation["note"][0]["text"], "Patient/7");
        assert_eq!(observation["derivedFrom"], json!([{"reference": "Observation/0"}]));
        let patient: Value = serde_json::from_str(&copied(1, None)).unwrap();
        assert_eq!(patient["id"], name("1.2", "1").to_string());
    }

    #[test]
    fn numbers_keep_their_digits_and_the_source_stands_first() {
        let text = copied(2, Some("source"));
        assert!(text.contains("5.60"), "{text}");
        let observation: Value = serde_json::from_str(&text).unwrap();
        let source = name("1.2", "source").urn().to_string();
        assert_eq!(observation["derivedFrom"][0]["reference"], source);
        assert_eq!(observation["derivedFrom"][1]["reference"], "Observation/0");
        let composition: Value = serde_json::from_str(&copied(0, Some("source"))).unwrap();
        assert_eq!(composition["derivedFrom"], json!([{"reference": source}]));
    }

    #[test]
    fn a_member_is_found_at_the_top_alone() {
        assert_eq!(member(resources(BUNDLE)[0].text, "section"), Some(r#"[{"id": "s"}]"#));
        assert_eq!(member(r#"{"a": {"section": [1]}}"#, "section"), None);
    }
}
