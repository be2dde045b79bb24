//! From what an element says to an object of the model, with a finding for every fault on the way.

use super::author::AUTHOR;
use super::raw::{Raw, RawClassification, RawSlot};
use super::table::{Count, Object, Place, Row, TextElement};
use super::value::Set;
use super::{comparable_id, is_urn_uuid};
use crate::finding::{Finding, Findings, Rule};
use crate::ids::{Invalid, ObjectId};
use crate::model::{Author, Code, DocumentEntry, ExtraSlot, Folder, LocalizedText, SubmissionSet};
use crate::rules;
use renkei_soap::xml::Element;
use std::collections::HashSet;

/// The longest value of a slot or identifier, in characters (ebRIM LongName).
pub(super) const LONGEST: usize = 256;

/// Builds the object; `number` counts the elements of its kind from 1 and names it if it has no id.
/// The second value says whether the model got everything it cannot do without.
pub(super) fn build<T: Object>(raw: Raw, number: usize, findings: &mut Findings) -> (T, bool) {
    let given = raw.element.attr("id").map(comparable_id);
    let given = given.as_deref();
    let id = given.map(ObjectId::parse);
    let kind = T::KIND;
    let mut b = Builder {
        object: match given {
            Some(id) => format!("{kind} {id}"),
            None => format!("{kind} no. {number}"),
        },
        location: given.map_or_else(|| format!("{kind}[{number}]"), str::to_owned),
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
    let mut counts = Counts::of(T::rows());
    for numbered in T::rows().iter().enumerate() {
        b.header(&mut object, &raw, numbered, &mut counts);
    }
    b.slots(&mut object, raw.slots, &mut counts);
    for c in &raw.classifications {
        b.classification(&mut object, c, &mut counts);
    }
    for i in &raw.identifiers {
        b.identifier(&mut object, i, &mut counts);
    }
    b.missing(T::rows(), &counts);
    let complete = b.complete;
    (object, complete)
}

/// How many values each row has had.
struct Counts(Vec<usize>);

impl Counts {
    fn of<T>(rows: &[Row<T>]) -> Self {
        Self(vec![0; rows.len()])
    }

    /// Counts one more of row no. `n`, and says how many there are.
    fn add(&mut self, n: usize) -> usize {
        let Some(count) = self.0.get_mut(n) else { return 0 };
        *count += 1;
        *count
    }
}

/// A row with its number.
type Numbered<T> = (usize, &'static Row<T>);

struct Builder<'f> {
    object: String,
    location: String,
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

    /// A finding on a slot or scheme whose name is the sender's own.
    fn on_name(&mut self, rule: &'static Rule, name: &str) {
        let name: String = name.chars().take(LONGEST).collect();
        let finding = Finding::new(rule, &self.object).attribute(name).location(&self.location);
        self.findings.push(finding);
    }

    /// What belongs to no attribute is told, never dropped in silence.
    fn not_saved(&mut self, name: Option<&str>) {
        self.on_name(&rules::EXTRA_NOT_SAVED, name.unwrap_or_default());
    }

    /// What the element itself and its names and version say.
    fn header<T: Object>(
        &mut self,
        object: &mut T,
        raw: &Raw,
        row: Numbered<T>,
        counts: &mut Counts,
    ) {
        let (key, attribute) = (row.1.key, row.1.attribute);
        match &row.1.place {
            Place::Xml(values) => {
                let said = |value: &&str| row.1.count == Count::One || !value.trim().is_empty();
                if let Some(value) = raw.element.attr(key).filter(said) {
                    self.value(object, row, values.set, value, counts);
                }
            }
            Place::Version(values) => {
                let version = self.first(attribute, &raw.versions);
                if let Some(value) = version.and_then(|v| v.attr(key)) {
                    self.value(object, row, values.set, value, counts);
                }
            }
            Place::Text(element, texts) => {
                let found = match element {
                    TextElement::Name => &raw.names,
                    TextElement::Description => &raw.descriptions,
                };
                if let Some(text) = self.first(attribute, found) {
                    (texts.set)(object, text.clone());
                }
            }
            Place::Id
            | Place::Fixed(_)
            | Place::Slot(_)
            | Place::Label
            | Place::Marker
            | Place::Code { .. }
            | Place::Author { .. }
            | Place::Identifier(_) => {}
        }
    }

    /// The one element of its kind; a second one is told.
    fn first<'r, V>(&mut self, attribute: &'static str, found: &'r [V]) -> Option<&'r V> {
        if found.len() > 1 {
            self.report(&rules::VALUE_REPEATED, attribute);
        }
        found.first()
    }

    fn slots<T: Object>(&mut self, object: &mut T, slots: Vec<RawSlot>, counts: &mut Counts) {
        let mut names = HashSet::new();
        for slot in slots {
            if !names.insert(slot.name.clone()) {
                self.on_name(&rules::SLOT_REPEATED, &slot.name);
            } else if let Some((row, set)) = slot_row(T::rows(), &slot.name) {
                self.values(object, row, set, &slot.values, counts);
            } else if T::OTHER_SLOTS.contains(&slot.name.as_str()) {
                self.lengths(&slot);
                object.extra_mut().push(ExtraSlot { name: slot.name, values: slot.values });
            } else if is_reserved(&slot.name) {
                self.on_name(&rules::SLOT_NAME_RESERVED, &slot.name);
            } else if !is_urn(&slot.name) {
                self.on_name(&rules::SLOT_NAME_MALFORMED, &slot.name);
            } else {
                self.lengths(&slot);
                object.extra_mut().push(ExtraSlot { name: slot.name, values: slot.values });
            }
        }
    }

    fn lengths(&mut self, slot: &RawSlot) {
        if slot.values.iter().any(|v| too_long(v)) {
            self.on_name(&rules::VALUE_TOO_LONG, &slot.name);
        }
    }

    /// The values of a slot; an empty one says nothing.
    fn values<T>(
        &mut self,
        object: &mut T,
        row: Numbered<T>,
        set: Set<T>,
        values: &[String],
        counts: &mut Counts,
    ) {
        for value in values.iter().filter(|v| !v.trim().is_empty()) {
            self.value(object, row, set, value, counts);
        }
    }

    fn classification<T: Object>(
        &mut self,
        object: &mut T,
        c: &RawClassification,
        counts: &mut Counts,
    ) {
        match c.node() {
            Some(node) if is_marker(node) => {
                return self.report(&rules::LIMITED_METADATA, "limitedMetadata");
            }
            Some(node) if T::is_label(node) => return,
            Some(_) | None => {}
        }
        let of_scheme = |row: &Row<T>| {
            c.scheme().is_some_and(|scheme| is_urn_uuid(row.key, scheme))
                && matches!(row.place, Place::Code { .. } | Place::Author { .. })
        };
        let row = T::rows().iter().enumerate().find(|(_, row)| of_scheme(row));
        let Some(row) = row else { return self.not_saved(c.scheme().or(c.node())) };
        if !self.room(row, counts) {
            return;
        }
        match row.1.place {
            Place::Code { add, .. } => {
                if let Some(code) = self.code(row.1.attribute, c) {
                    add(object, code);
                }
            }
            Place::Author { add, .. } => add(object, self.author(&c.slots)),
            Place::Id
            | Place::Fixed(_)
            | Place::Xml(_)
            | Place::Slot(_)
            | Place::Text(..)
            | Place::Version(_)
            | Place::Label
            | Place::Marker
            | Place::Identifier(_) => {}
        }
    }

    fn identifier<T: Object>(&mut self, object: &mut T, i: &Element, counts: &mut Counts) {
        let scheme = i.attr("identificationScheme");
        let row = T::rows().iter().enumerate().find_map(|(n, row)| match &row.place {
            Place::Identifier(values) if scheme.is_some_and(|s| is_urn_uuid(row.key, s)) => {
                Some(((n, row), values.set))
            }
            _ => None,
        });
        match row {
            Some((row, set)) => {
                self.value(object, row, set, i.attr("value").unwrap_or_default(), counts);
            }
            None => self.not_saved(scheme),
        }
    }

    /// ITI TF-3: 4.2.3.1.2. A code without scheme or name is kept, so that nothing else is said of
    /// the attribute than what it lacks.
    fn code(&mut self, attribute: &'static str, c: &RawClassification) -> Option<Code> {
        let (of_scheme, others): (Vec<_>, Vec<_>) =
            c.slots.iter().partition(|s| s.name == "codingScheme");
        for slot in others {
            self.not_saved(Some(&slot.name));
        }
        let values = of_scheme.into_iter().flat_map(|s| &s.values);
        let schemes: Vec<&str> = values.map(|s| s.trim()).filter(|s| !s.is_empty()).collect();
        let code = c.element.attr("nodeRepresentation").map(str::trim).filter(|c| !c.is_empty());
        let (scheme, one_scheme) = match schemes.as_slice() {
            [scheme] => (*scheme, true),
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
        } else if let Err(e) = one_line(code).and_then(|()| one_line(scheme)) {
            self.malformed(attribute, true, "", e);
        }
        Some(Code {
            code: code.to_owned(),
            scheme: scheme.to_owned(),
            display: name.cloned().unwrap_or(LocalizedText::unknown()),
        })
    }

    /// ITI TF-3: 4.2.3.1.4.
    fn author(&mut self, slots: &[RawSlot]) -> Author {
        let mut author = Author::default();
        let (mut names, mut counts) = (HashSet::new(), Counts::of(AUTHOR));
        for slot in slots {
            match slot_row(AUTHOR, &slot.name) {
                None => self.not_saved(Some(&slot.name)),
                Some(((_, row), _)) if !names.insert(row.key) => {
                    self.report(&rules::SLOT_REPEATED, row.key);
                }
                Some((row, set)) => self.values(&mut author, row, set, &slot.values, &mut counts),
            }
        }
        author
    }

    /// Counts a value of a row; whether there is room for it.
    fn room<T>(&mut self, (n, row): Numbered<T>, counts: &mut Counts) -> bool {
        let count = counts.add(n);
        if row.count != Count::Many && count == 2 {
            self.report(&rules::VALUE_REPEATED, row.attribute);
        }
        row.count == Count::Many || count == 1
    }

    fn value<T>(
        &mut self,
        object: &mut T,
        row: Numbered<T>,
        set: Set<T>,
        value: &str,
        counts: &mut Counts,
    ) {
        if !self.room(row, counts) {
            return;
        }
        let (row, value) = (row.1, value.trim());
        let read = if too_long(value) {
            None
        } else {
            Some(one_line(value).and_then(|()| set(object, value)))
        };
        match read {
            Some(Ok(())) => return,
            Some(Err(_)) if row.set_by_registry => {}
            Some(Err(e)) => self.malformed(row.attribute, row.personal, value, e),
            None => {
                let (en, ja) =
                    (format!("at most {LONGEST} characters"), format!("{LONGEST}文字以内"));
                let finding = self.finding(&rules::VALUE_TOO_LONG, row.attribute).expected(en, ja);
                self.findings.push(finding);
            }
        }
        self.complete &= row.count != Count::One;
    }

    fn missing<T>(&mut self, rows: &'static [Row<T>], counts: &Counts) {
        for (row, count) in rows.iter().zip(&counts.0) {
            let counted =
                matches!(row.place, Place::Xml(_) | Place::Slot(_) | Place::Identifier(_));
            if counted && row.count == Count::One && *count == 0 {
                self.report(&rules::ATTRIBUTE_MISSING, row.attribute);
                self.complete = false;
            }
        }
    }
}

fn slot_row<T>(rows: &'static [Row<T>], name: &str) -> Option<(Numbered<T>, Set<T>)> {
    rows.iter().enumerate().find_map(|(n, row)| match &row.place {
        Place::Slot(values) if row.key == name => Some(((n, row), values.set)),
        _ => None,
    })
}

/// Whether a classificationNode marks limited metadata of any kind of object.
pub(super) fn is_marker(node: &str) -> bool {
    DocumentEntry::is_marker(node) || SubmissionSet::is_marker(node) || Folder::is_marker(node)
}

/// No value of the standard has line breaks. Those around it are not part of it, as blanks are not: a
/// query by the value would never find them.
fn one_line(value: &str) -> Result<(), Invalid> {
    if value.contains(char::is_control) {
        return Err(Invalid {
            expected: "a value without line breaks and other control characters",
            expected_ja: "改行などの制御文字を含まない値",
        });
    }
    Ok(())
}

fn too_long(value: &str) -> bool {
    value.len() > LONGEST && value.chars().nth(LONGEST).is_some()
}

/// Whether a slot that is not of the standard may have this name (ITI TF-3: 4.2.3.1.6).
pub fn own_slot_name(name: &str) -> Result<(), Invalid> {
    if is_urn(name) && !is_reserved(name) {
        return Ok(());
    }
    Err(Invalid {
        expected: "a URN of your own, which does not begin with urn:ihe:",
        expected_ja: "urn:ihe: で始まらない独自のURN",
    })
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
