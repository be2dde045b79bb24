//! The resources of a document and the references between them.

use std::collections::HashMap;

use serde_json::Value;

use super::{ReadError, Standing};
use crate::hs037::json::{codings, has_profile, list, text, text_at};
use crate::hs037::systems;

/// Stands for a resource that the document does not have.
static NOTHING: Value = Value::Null;

/// The byte order mark, which some write before JSON.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A document Bundle that begins with a Composition.
pub(super) struct Document {
    bundle: Value,
    /// Places of the entries, by `fullUrl` and by type and id.
    places: HashMap<String, usize>,
}

impl Document {
    /// Parses a document. A `collection` is taken when it is one document in all but its type; other
    /// types of Bundle are answers, orders or histories, which may hold what does not stand.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ReadError> {
        let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
        if bytes.trim_ascii_start().starts_with(b"<") {
            return Err(ReadError::Xml);
        }
        let bundle: Value = serde_json::from_slice(bytes)
            .map_err(|error| ReadError::Json { line: error.line(), column: error.column() })?;
        let places = places(&bundle);
        let document = Self { bundle, places };
        let is_composition = |resource: &&Value| text(resource, "resourceType") == "Composition";
        let compositions = document.resources().filter(is_composition).count();
        let begins = is_composition(&document.composition());
        if text(&document.bundle, "resourceType") != "Bundle" || !begins {
            return Err(ReadError::NotADocument);
        }
        match text(&document.bundle, "type") {
            "document" => {}
            "collection" if compositions == 1 => {}
            other => return Err(ReadError::Bundle(other.chars().take(40).collect())),
        }
        match document.standing() {
            Standing::EnteredInError => Err(ReadError::Withdrawn),
            _ => Ok(document),
        }
    }

    /// How final the document is.
    pub(super) fn standing(&self) -> Standing {
        Standing::of(text(self.composition(), "status"))
    }

    /// Whether the Bundle is a document by its type too.
    pub(super) fn is_document(&self) -> bool {
        text(&self.bundle, "type") == "document"
    }

    /// The resources in document order.
    pub(super) fn resources(&self) -> impl Iterator<Item = &Value> {
        list(&self.bundle, "entry").iter().filter_map(|entry| entry.get("resource"))
    }

    /// The first resource.
    pub(super) fn composition(&self) -> &Value {
        self.resources().next().unwrap_or(&NOTHING)
    }

    /// The resource of a reference, which is a `fullUrl` or type and id (FHIR R4: 2.30.4.1).
    pub(super) fn resolve(&self, reference: &str) -> Option<&Value> {
        let place = self.places.get(reference)?;
        list(&self.bundle, "entry").get(*place)?.get("resource")
    }

    /// The parts that the header items stand in.
    pub(super) fn parts(&self) -> Parts<'_> {
        let resolve =
            |from: &Value, pointer: &str| self.resolve(text_at(from, pointer)).unwrap_or(&NOTHING);
        let first = |matches: &dyn Fn(&Value) -> bool| {
            self.resources().find(|resource| matches(resource)).unwrap_or(&NOTHING)
        };
        let kind = |resource: &Value, kind: &str| text(resource, "resourceType") == kind;
        let subject = resolve(self.composition(), "/subject/reference");
        let patient = if kind(subject, "Patient") { subject } else { &NOTHING };
        let encounter = first(&|r| kind(r, "Encounter"));
        let ticket = first(&|r| kind(r, "Coverage") && is_ticket(r));
        let insurance = first(&|r| kind(r, "Coverage") && !is_ticket(r));
        let is_institution = |r: &Value| kind(r, "Organization") && !is_insurer(r);
        let institution = or(resolve(encounter, "/serviceProvider/reference"), || {
            or(first(&|r| is_institution(r) && has_role(r, "exec-org")), || first(&is_institution))
        });
        let insurer = or(resolve(insurance, "/payor/0/reference"), || {
            or(resolve(ticket, "/payor/0/reference"), || {
                first(&|r| kind(r, "Organization") && is_insurer(r))
            })
        });
        Parts {
            composition: self.composition(),
            patient: or(patient, || first(&|r| kind(r, "Patient"))),
            encounter,
            institution,
            insurer,
            insurance,
            ticket,
            doctor: self.doctor(&resolve),
        }
    }

    /// The examining doctor: performer of the diagnosis, else author, else any Practitioner.
    fn doctor<'a>(&'a self, resolve: &dyn Fn(&Value, &str) -> &'a Value) -> &'a Value {
        let is_doctor = |r: &&'a Value| text(r, "resourceType") == "Practitioner";
        let diagnosis = self
            .resources()
            .filter(|r| super::value::item(r).is_some_and(|item| item.id == "dr_judge"))
            .map(|r| resolve(r, "/performer/0/reference"));
        let authors = (0..list(self.composition(), "author").len())
            .map(|place| resolve(self.composition(), &format!("/author/{place}/reference")));
        diagnosis.chain(authors).chain(self.resources()).find(is_doctor).unwrap_or(&NOTHING)
    }
}

fn places(bundle: &Value) -> HashMap<String, usize> {
    let mut places = HashMap::new();
    for (place, entry) in list(bundle, "entry").iter().enumerate() {
        let Some(resource) = entry.get("resource") else { continue };
        let (kind, id) = (text(resource, "resourceType"), text(resource, "id"));
        let local = (!id.is_empty()).then(|| format!("{kind}/{id}"));
        let full = Some(text(entry, "fullUrl").to_owned()).filter(|url| !url.is_empty());
        for name in [full, local].into_iter().flatten() {
            // of two of one name the first one counts
            places.entry(name).or_insert(place);
        }
    }
    places
}

/// The resources that header items stand in; JSON null for one that is missing.
pub(super) struct Parts<'a> {
    pub(super) composition: &'a Value,
    pub(super) patient: &'a Value,
    pub(super) encounter: &'a Value,
    pub(super) institution: &'a Value,
    pub(super) insurer: &'a Value,
    pub(super) insurance: &'a Value,
    pub(super) ticket: &'a Value,
    pub(super) doctor: &'a Value,
}

fn or<'a>(found: &'a Value, other: impl FnOnce() -> &'a Value) -> &'a Value {
    if found.is_null() { other() } else { found }
}

fn has_role(organization: &Value, role: &str) -> bool {
    let kinds = list(organization, "type").iter();
    kinds.flat_map(|kind| codings(Some(kind))).any(|coding| text(coding, "code") == role)
}

/// Whether an Organization is an insurer.
pub(super) fn is_insurer(organization: &Value) -> bool {
    has_role(organization, "ins")
}

/// Whether a Coverage is the consultation ticket (受診券) and not the insurance.
fn is_ticket(coverage: &Value) -> bool {
    let by_type = codings(coverage.get("type"))
        .iter()
        .any(|coding| text(coding, "system") == systems::TICKET);
    by_type || has_profile(coverage, systems::TICKET_PROFILE)
}
