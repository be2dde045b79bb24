//! The document with the place and the profile of each of its resources.

use std::collections::HashMap;

use serde_json::Value;

use super::Target;
use crate::hs037::json::{list, text};

/// A resource and where it stands.
pub(super) struct Part<'a> {
    /// JSON pointer from the Bundle.
    pub(super) pointer: String,
    pub(super) target: Target,
    pub(super) resource: &'a Value,
}

/// A document to be checked.
pub(super) struct Checked<'a> {
    pub(super) bundle: &'a Value,
    parts: Vec<Part<'a>>,
    by_url: HashMap<&'a str, Target>,
}

impl<'a> Checked<'a> {
    pub(super) fn new(bundle: &'a Value) -> Self {
        let mut parts =
            vec![Part { pointer: String::new(), target: Target::Bundle, resource: bundle }];
        let mut by_url = HashMap::new();
        for (place, entry) in list(bundle, "entry").iter().enumerate() {
            let Some(resource) = entry.get("resource") else { continue };
            let target = Target::of(resource);
            by_url.insert(text(entry, "fullUrl"), target);
            parts.push(Part { pointer: format!("/entry/{place}/resource"), target, resource });
        }
        Self { bundle, parts, by_url }
    }

    /// The Bundle and its resources in document order.
    pub(super) fn parts(&self) -> &[Part<'a>] {
        &self.parts
    }

    /// The resources that a target covers.
    pub(super) fn of(&self, target: Target) -> impl Iterator<Item = &Part<'a>> {
        self.parts.iter().filter(move |part| target.covers(part.target))
    }

    /// What a reference leads to; none when it leads out of the document.
    pub(super) fn target(&self, url: &str) -> Option<Target> {
        self.by_url.get(url).copied()
    }
}
