//! Finding the elements that a rule speaks of.

use serde_json::Value;

use crate::hs037::json::text;
use crate::hs037::systems;

/// Names of the identifiers, codings and extensions that a step of a path may single out, as in
/// `identifier(member)`.
const SELECTED: [(&str, &str); 9] = [
    ("jlac10", systems::JLAC10),
    ("member", systems::MEMBER_ID),
    ("form", systems::NAME_FORM),
    ("version", systems::DOCUMENT_VERSION),
    ("enterer", systems::DATA_ENTERER),
    ("relation", systems::GROUP_RELATION),
    ("ordinal", systems::ORDINAL),
    ("performer", systems::COMPONENT_PERFORMER),
    ("category", systems::REPORT_CATEGORY),
];

/// An element of the profile: where it may stand, and its name there.
pub(super) struct Path {
    steps: Vec<Step>,
}

struct Step {
    name: &'static str,
    selected: Option<&'static str>,
}

impl Path {
    /// Reads `name.extension(form).valueCode`.
    pub(super) fn of(path: &'static str) -> Self {
        let step = |step: &'static str| match step.split_once('(') {
            Some((name, which)) => {
                let which = which.trim_end_matches(')');
                let url = SELECTED.iter().find(|(known, _)| *known == which);
                Step { name, selected: Some(url.map_or(which, |(_, url)| url)) }
            }
            None => Step { name: step, selected: None },
        };
        Self { steps: path.split('.').map(step).collect() }
    }

    /// JSON pointers of the elements, grouped by the parent that has or lacks them.
    pub(super) fn find(&self, resource: &Value) -> Vec<Found> {
        let Some((last, steps)) = self.steps.split_last() else { return Vec::new() };
        let mut parents = vec![String::new()];
        for step in steps {
            parents = parents.iter().flat_map(|parent| step.elements(resource, parent)).collect();
        }
        parents
            .into_iter()
            .map(|parent| {
                let elements = last.elements(resource, &parent);
                // an element with an extension instead of a value is there
                let without_value = format!("{parent}/_{}", last.name);
                let is_explained = resource.pointer(&without_value).is_some_and(Value::is_object);
                Found {
                    count: elements.len().max(usize::from(is_explained)),
                    place: format!("{parent}/{}", last.name),
                    elements,
                }
            })
            .collect()
    }
}

/// The elements that one parent has.
pub(super) struct Found {
    /// JSON pointer of the element, whether it is there or not.
    pub(super) place: String,
    /// JSON pointers of those that are there.
    pub(super) elements: Vec<String>,
    /// How many there are, one without a value included.
    pub(super) count: usize,
}

impl Step {
    fn elements(&self, resource: &Value, parent: &str) -> Vec<String> {
        let place = format!("{parent}/{}", self.name);
        let all = match resource.pointer(&place) {
            None => return Vec::new(),
            Some(Value::Array(all)) => {
                (0..all.len()).map(|index| format!("{place}/{index}")).collect()
            }
            Some(_) => vec![place],
        };
        let is_selected = |pointer: &String| {
            let element = resource.pointer(pointer).unwrap_or(&Value::Null);
            self.selected
                .is_none_or(|url| ["system", "url"].iter().any(|k| text(element, k) == url))
        };
        all.into_iter().filter(is_selected).collect()
    }
}

/// `/entry/0/resource/name/1/text` as `Bundle.entry[0].resource.name[1].text`.
pub(super) fn dotted(pointer: &str) -> String {
    let mut path = String::from("Bundle");
    for step in pointer.split('/').filter(|step| !step.is_empty()) {
        if step.bytes().all(|letter| letter.is_ascii_digit()) {
            path.push_str(&format!("[{step}]"));
        } else {
            path.push('.');
            path.push_str(step);
        }
    }
    path
}
