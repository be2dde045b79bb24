//! From what an element says to an object of the model, with a finding for every fault on the way.

use super::raw::{Raw, RawClassification, RawSlot};
use super::table::{Count, Header, Object, Place, Row, Set};
use crate::finding::{Finding, Findings, Rule};
use crate::ids::{EntryUuid, HomeCommunityId, Invalid, ObjectId};
use crate::model::{Author, AvailabilityStatus, Code, ExtraSlot, LocalizedText};
use crate::rules;
use std::collections::HashSet;

/// The longest value of a slot or identifier, in characters (ebRIM LongName).
pub(super) const LONGEST: usize = 256;

/// The classificationNodes that mark limited metadata (ITI TF-3: 4.2.3.2.31, 4.2.3.3.13, 4.2.3.4.11).
pub(super) const LIMITED_METADATA: [&str; 3] = [
    "urn:uuid:ab9b591b-83ab-4d03-8f5d-f93b1fb92e85",
    "urn:uuid:5003a9db-8d8d-49e6-bf0c-990e34ac7707",
    "urn:uuid:2c144a76-29a9-4b7c-af54-b25409fe7d03",
];

/// The slots of an author (ITI TF-3: 4.2.3.1.4).
const AUTHOR_SLOTS: [&str; 5] = [
    "authorPerson",
    "authorInstitution",
    "authorRole",
    "authorSpecialty",
    "authorTelecommunication",
];

/// Builds the object; `number` counts the elements of its kind from 1 and names it if it has no id.
/// The second value says whether the model got everything it cannot do without.
pub(super) fn build<T: Object>(raw: Raw, number: usize, findings: &mut Findings) -> (T, bool) {
    let given = raw.element.attr("id");
    let id = given.map(ObjectId::parse);
    let kind = T::KIND;
    let mut b = Builder {
        object: match given {
            Some(id) => format!("{kind} {id}"),
            None => format!("{kind} no. {number}"),
        },
        location: given.map_or_else(|| format!("{kind}[{number}]"), str::to_owned),
        seen: vec![0; T::rows().len()],
        complete: true,
        findings,
    };
    let id = match id {
        Some(Ok(id)) => id,
        Some(Err(e)) => {
            b.malformed("entryUUID", false, given.unwrap_or_default(), e);
            b.stand_in(number)
        }
        None => {
            b.report(&rules::ATTRIBUTE_MISSING, "entryUUID");
            b.stand_in(number)
        }
    };
    let mut object = T::blank(id);
    let mut header = b.header(&raw);
    b.xml_attributes(&mut object, &raw);
    b.slots(&mut object, &mut header, raw.slots);
    for c in &raw.classifications {
        b.classification(&mut object, c);
    }
    for i in &raw.identifiers {
        let (scheme, value) = (i.attr("identificationScheme"), i.attr("value"));
        match identifier_row::<T>(scheme) {
            Some((n, row, set)) => b.value(&mut object, n, row, set, value.unwrap_or_default()),
            None => b.not_saved(scheme),
        }
    }
    b.missing::<T>();
    object.put(header);
    let complete = b.complete;
    (object, complete)
}

struct Builder<'f> {
    object: String,
    location: String,
    /// How many values each row has had.
    seen: Vec<usize>,
    complete: bool,
    findings: &'f mut Findings,
}

impl Builder<'_> {
    fn stand_in(&self, number: usize) -> ObjectId {
        ObjectId::Symbol(format!("no. {number}"))
    }

    fn finding(&self, rule: &'static Rule, attribute: &'static str) -> Finding {
        Finding::new(rule, &self.object).attribute(attribute).location(&self.location)
    }

    fn report(&mut self, rule: &'static Rule, attribute: &'static str) {
        let finding = self.finding(rule, attribute);
        self.findings.push(finding);
    }

    fn malformed(&mut self, attribute: &'static str, personal: bool, value: &str, e: Invalid) {
        let quoted = if personal { "" } else { value };
        let finding = self
            .finding(&rules::VALUE_MALFORMED, attribute)
            .value(quoted)
            .expected(e.expected, e.expected_ja);
        self.findings.push(finding);
    }

    /// What a registry sets itself (status, version) is not worth a finding when it cannot be read.
    fn header(&mut self, raw: &Raw) -> Header {
        let home = raw.element.attr("home");
        let lid = raw.element.attr("lid");
        Header {
            home: self.optional("homeCommunityId", home, HomeCommunityId::parse),
            status: raw.element.attr("status").and_then(|s| AvailabilityStatus::parse(s).ok()),
            lid: self.optional("logicalID", lid, EntryUuid::parse),
            version: self
                .first("version", &raw.versions)
                .and_then(|v| v.attr("versionName")?.parse().ok()),
            title: self.first("title", &raw.names).cloned(),
            comments: self.first("comments", &raw.descriptions).cloned(),
            extra: Vec::new(),
        }
    }

    /// The one element of its kind; a second one is told.
    fn first<'r, V>(&mut self, attribute: &'static str, found: &'r [V]) -> Option<&'r V> {
        if found.len() > 1 {
            self.report(&rules::VALUE_REPEATED, attribute);
        }
        found.first()
    }

    fn optional<V>(
        &mut self,
        attribute: &'static str,
        value: Option<&str>,
        parse: fn(&str) -> Result<V, Invalid>,
    ) -> Option<V> {
        match parse(value?) {
            Ok(v) => Some(v),
            Err(e) => {
                self.malformed(attribute, false, value.unwrap_or_default(), e);
                None
            }
        }
    }

    fn xml_attributes<T: Object>(&mut self, object: &mut T, raw: &Raw) {
        for (n, row) in T::rows().iter().enumerate() {
            if let Place::Attribute { set, .. } = row.place
                && let Some(value) = raw.element.attr(row.key)
            {
                self.value(object, n, row, set, value);
            }
        }
    }

    fn slots<T: Object>(&mut self, object: &mut T, header: &mut Header, slots: Vec<RawSlot>) {
        let mut names = HashSet::new();
        for slot in slots {
            if !names.insert(slot.name.clone()) {
                self.slot_finding(&rules::SLOT_REPEATED, slot.name);
            } else if let Some((n, row, set)) = slot_row::<T>(&slot.name) {
                for value in slot.values.iter().filter(|v| !v.is_empty()) {
                    self.value(object, n, row, set, value);
                }
            } else if T::OTHER_SLOTS.contains(&slot.name.as_str()) {
                header.extra.push(ExtraSlot { name: slot.name, values: slot.values });
            } else if is_reserved(&slot.name) {
                self.slot_finding(&rules::SLOT_NAME_RESERVED, slot.name);
            } else if !is_urn(&slot.name) {
                self.slot_finding(&rules::SLOT_NAME_MALFORMED, slot.name);
            } else {
                if slot.values.iter().any(|v| too_long(v)) {
                    self.slot_finding(&rules::VALUE_TOO_LONG, slot.name.clone());
                }
                header.extra.push(ExtraSlot { name: slot.name, values: slot.values });
            }
        }
    }

    /// A finding on a slot whose name is the sender's own.
    fn slot_finding(&mut self, rule: &'static Rule, name: String) {
        let name: String = name.chars().take(LONGEST).collect();
        let finding = Finding::new(rule, &self.object).attribute(name).location(&self.location);
        self.findings.push(finding);
    }

    /// What belongs to no attribute is told, never dropped in silence.
    fn not_saved(&mut self, name: Option<&str>) {
        self.slot_finding(&rules::EXTRA_NOT_SAVED, name.unwrap_or_default().to_owned());
    }

    fn classification<T: Object>(&mut self, object: &mut T, c: &RawClassification) {
        if c.node().is_some_and(|n| LIMITED_METADATA.contains(&n)) {
            self.report(&rules::LIMITED_METADATA, "limitedMetadata");
            return;
        }
        if c.node().is_some() && c.node() == T::LABEL {
            return;
        }
        let scheme = c.scheme();
        let row = T::rows().iter().enumerate().find(|(_, row)| {
            Some(row.key) == scheme
                && matches!(row.place, Place::Code { .. } | Place::Author { .. })
        });
        let Some((n, row)) = row else { return self.not_saved(scheme.or(c.node())) };
        if !self.room(n, row) {
            return;
        }
        match row.place {
            Place::Code { add, .. } => {
                if let Some(code) = self.code(row.attribute, c) {
                    add(object, code);
                }
            }
            Place::Author { add, .. } => add(object, self.author(&c.slots)),
            Place::Attribute { .. } | Place::Slot { .. } | Place::Identifier { .. } => {}
        }
    }

    /// ITI TF-3: 4.2.3.1.2. A code without scheme or name is kept, so that nothing else is said of
    /// the attribute than what it lacks.
    fn code(&mut self, attribute: &'static str, c: &RawClassification) -> Option<Code> {
        self.other_slots(&c.slots, &["codingScheme"]);
        let schemes: Vec<&String> =
            c.slots.iter().filter(|s| s.name == "codingScheme").flat_map(|s| &s.values).collect();
        let code = c.element.attr("nodeRepresentation").filter(|c| !c.is_empty());
        let (scheme, one_scheme) = match schemes.as_slice() {
            [scheme] if !scheme.is_empty() => (scheme.as_str(), true),
            _ => ("", false),
        };
        let name = self.first(attribute, &c.names);
        let lacking = match (code, one_scheme, name) {
            (None, ..) => Some(("a nodeRepresentation", "nodeRepresentation")),
            (_, false, _) => Some(("one value of codingScheme", "codingScheme の値1つ")),
            (.., None) => Some(("a Name with the display name", "表示名を持つ Name")),
            (Some(_), true, Some(_)) => None,
        };
        if let Some((en, ja)) = lacking {
            let finding = self
                .finding(&rules::CODE_INCOMPLETE, attribute)
                .value(code.unwrap_or_default())
                .expected(en, ja);
            self.findings.push(finding);
        }
        let code = code?;
        if too_long(code) || too_long(scheme) {
            self.report(&rules::VALUE_TOO_LONG, attribute);
        }
        Some(Code {
            code: code.to_owned(),
            scheme: scheme.to_owned(),
            display: name.cloned().unwrap_or(LocalizedText::unknown()),
        })
    }

    /// ITI TF-3: 4.2.3.1.4.
    fn author(&mut self, slots: &[RawSlot]) -> Author {
        self.other_slots(slots, &AUTHOR_SLOTS);
        let mut values = |name: &'static str| {
            let mut found = slots.iter().filter(|s| s.name == name);
            let first = found.next().map(|s| s.values.as_slice()).unwrap_or_default();
            if found.next().is_some() {
                self.report(&rules::SLOT_REPEATED, name);
            }
            if first.iter().any(|v| too_long(v)) {
                self.report(&rules::VALUE_TOO_LONG, name);
            }
            first.iter().filter(|v| !v.is_empty()).cloned().collect::<Vec<String>>()
        };
        let persons = values("authorPerson");
        let author = Author {
            person: persons.first().cloned(),
            institutions: values("authorInstitution"),
            roles: values("authorRole"),
            specialties: values("authorSpecialty"),
            telecommunications: values("authorTelecommunication"),
        };
        if persons.len() > 1 {
            self.report(&rules::VALUE_REPEATED, "authorPerson");
        }
        author
    }

    fn other_slots(&mut self, slots: &[RawSlot], known: &[&str]) {
        for slot in slots.iter().filter(|s| !known.contains(&s.name.as_str())) {
            self.not_saved(Some(&slot.name));
        }
    }

    /// Counts a value of a row; whether there is room for it.
    fn room<T>(&mut self, n: usize, row: &Row<T>) -> bool {
        let Some(seen) = self.seen.get_mut(n) else { return false };
        *seen += 1;
        let (first, second) = (*seen == 1, *seen == 2);
        if second && row.count != Count::Many {
            self.report(&rules::VALUE_REPEATED, row.attribute);
        }
        first || row.count == Count::Many
    }

    fn value<T>(&mut self, object: &mut T, n: usize, row: &Row<T>, set: Set<T>, value: &str) {
        if !self.room(n, row) {
            return;
        }
        if too_long(value) {
            let finding = self
                .finding(&rules::VALUE_TOO_LONG, row.attribute)
                .expected(format!("at most {LONGEST} characters"), format!("{LONGEST}文字以内"));
            self.findings.push(finding);
            self.complete &= row.count != Count::One;
        } else if let Err(e) = set(object, value) {
            self.malformed(row.attribute, row.personal, value, e);
            self.complete &= row.count != Count::One;
        }
    }

    fn missing<T: Object>(&mut self) {
        for (n, row) in T::rows().iter().enumerate() {
            if row.count == Count::One && self.seen.get(n) == Some(&0) {
                self.report(&rules::ATTRIBUTE_MISSING, row.attribute);
                self.complete = false;
            }
        }
    }
}

fn slot_row<T: Object>(name: &str) -> Option<(usize, &'static Row<T>, Set<T>)> {
    T::rows().iter().enumerate().find_map(|(n, row)| match row.place {
        Place::Slot { set, .. } if row.key == name => Some((n, row, set)),
        _ => None,
    })
}

fn identifier_row<T: Object>(scheme: Option<&str>) -> Option<(usize, &'static Row<T>, Set<T>)> {
    T::rows().iter().enumerate().find_map(|(n, row)| match row.place {
        Place::Identifier { set, .. } if Some(row.key) == scheme => Some((n, row, set)),
        _ => None,
    })
}

fn too_long(value: &str) -> bool {
    value.len() > LONGEST && value.chars().nth(LONGEST).is_some()
}

fn is_reserved(name: &str) -> bool {
    name.get(..8).is_some_and(|p| p.eq_ignore_ascii_case("urn:ihe:"))
}

/// `urn:`, a namespace identifier and something specific to it (RFC 8141, section 2).
fn is_urn(name: &str) -> bool {
    let scheme = name.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("urn:"));
    let rest = name.get(4..).unwrap_or_default();
    let Some((nid, nss)) = rest.split_once(':') else { return false };
    let alphanumeric = |b: u8| b.is_ascii_alphanumeric();
    scheme
        && !too_long(name)
        && (2..=32).contains(&nid.len())
        && nid.bytes().all(|b| alphanumeric(b) || b == b'-')
        && nid.bytes().next().is_some_and(alphanumeric)
        && nid.bytes().last().is_some_and(alphanumeric)
        && !nss.is_empty()
        && nss.bytes().all(|b| (0x21..=0x7e).contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_urns_from_other_names() {
        for good in ["urn:x-kenshin:no", "URN:oid:1.2", "urn:uuid:a", "urn:ab:c"] {
            assert!(is_urn(good), "{good}");
        }
        for bad in ["", "urn:", "urn:a:b", "urn:ab:", "urn:-a:b", "comment", "urn:ab:c d", "urn:ab"]
        {
            assert!(!is_urn(bad), "{bad}");
        }
        assert!(is_reserved("urn:IHE:iti:x") && !is_reserved("urn:ihex:a"));
    }
}
