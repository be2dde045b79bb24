//! Writing objects: the rows of their tables, which are in the order of the schema.

use super::author::AUTHOR;
use super::table::{Object, Place, Row, TextElement};
use super::value::Values;
use crate::fragment::Hole;
use crate::ids::ObjectId;
use crate::model::{Author, Code, LocalizedText, RegistryObject, Submission};
use renkei_soap::xml::Writer;
use std::borrow::Cow;
use uuid::Uuid;

const CLASSIFICATION: &str =
    "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Classification";
const EXTERNAL_IDENTIFIER: &str =
    "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:ExternalIdentifier";

/// Whether values are written as they are or left open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Filled,
    Open,
}

/// Writes the rim:RegistryObjectList of a submission; the caller has declared the prefix `rim`.
pub fn write_submission(w: &mut Writer, s: &Submission) {
    w.start("rim:RegistryObjectList");
    s.entries.iter().for_each(|e| object(w, e, Style::Filled));
    object(w, &s.submission_set, Style::Filled);
    s.folders.iter().for_each(|f| object(w, f, Style::Filled));
    s.associations.iter().for_each(|a| object(w, a, Style::Filled));
    w.end();
}

/// Writes one object; the caller has declared the prefix `rim`.
pub fn write_object(w: &mut Writer, object: &RegistryObject) {
    write_styled(w, object, Style::Filled);
}

pub(crate) fn write_styled(w: &mut Writer, o: &RegistryObject, style: Style) {
    match o {
        RegistryObject::Entry(e) => object(w, e.as_ref(), style),
        RegistryObject::SubmissionSet(s) => object(w, s.as_ref(), style),
        RegistryObject::Folder(f) => object(w, f.as_ref(), style),
        RegistryObject::Association(a) => object(w, a.as_ref(), style),
        RegistryObject::Ref(id, home) => {
            w.start("rim:ObjectRef").attr("id", &id.to_string());
            w.attr_opt("home", home.as_ref().map(|h| h.as_str())).end();
        }
    }
}

fn object<T: Object>(w: &mut Writer, o: &T, style: Style) {
    let mut parts = Parts::of(o.id());
    w.start(T::ELEMENT);
    for row in T::rows() {
        xml_attribute(w, o, row, style);
    }
    for row in T::rows() {
        if let Place::Slot(values) = &row.place {
            slot_of(w, o, row, values, style);
        }
    }
    o.extra().iter().for_each(|e| slot(w, &e.name, &e.values));
    for row in T::rows() {
        child(w, o, row, &mut parts, style);
    }
    w.end();
}

/// What a row leaves open in this style.
fn left_open<T>(row: &Row<T>, style: Style) -> Option<Hole> {
    row.hole.filter(|_| style == Style::Open)
}

fn xml_attribute<T: Object>(w: &mut Writer, o: &T, row: &Row<T>, style: Style) {
    match (&row.place, left_open(row, style)) {
        (Place::Id, _) => _ = w.attr(row.key, &o.id().to_string()),
        (Place::Fixed(value), _) => _ = w.attr(row.key, value),
        (Place::Xml(_), Some(hole)) if hole.is_whole() => _ = w.raw_attr(&hole.mark()),
        (Place::Xml(_), Some(hole)) => open_attribute(w, row.key, hole),
        (Place::Xml(values), None) => {
            _ = w.attr_opt(row.key, (values.get)(o).first().map(|v| &**v))
        }
        (
            Place::Slot(_)
            | Place::Text(..)
            | Place::Version(_)
            | Place::Label
            | Place::Marker
            | Place::Code { .. }
            | Place::Author { .. }
            | Place::Identifier(_),
            _,
        ) => {}
    }
}

fn open_attribute(w: &mut Writer, name: &str, hole: Hole) {
    w.raw_attr(&format!(" {name}=\"{}\"", hole.mark()));
}

fn slot_of<T>(w: &mut Writer, o: &T, row: &Row<T>, values: &Values<T>, style: Style) {
    if let Some(hole) = left_open(row, style) {
        w.raw(&hole.mark());
        return;
    }
    let values = (values.get)(o);
    if !values.is_empty() {
        slot(w, row.key, &values);
    }
}

/// Writes a slot.
pub(crate) fn slot(w: &mut Writer, name: &str, values: &[impl AsRef<str>]) {
    w.start("rim:Slot").attr("name", name).start("rim:ValueList");
    values.iter().for_each(|v| _ = w.leaf("rim:Value", v.as_ref()));
    w.end().end();
}

/// What stands behind the slots.
fn child<T: Object>(w: &mut Writer, o: &T, row: &Row<T>, parts: &mut Parts, style: Style) {
    let hole = left_open(row, style);
    match &row.place {
        Place::Text(element, texts) => localized(w, *element, (texts.get)(o)),
        Place::Version(values) => version(w, row.key, (values.get)(o).first(), hole),
        Place::Label => label(w, row.key, parts),
        Place::Code { get, .. } => get(o).iter().for_each(|c| code(w, row.key, c, parts)),
        Place::Author { get, .. } => get(o).iter().for_each(|a| author(w, row.key, a, parts)),
        Place::Identifier(values) => {
            if let Some(value) = (values.get)(o).first() {
                identifier::<T>(w, row, value, parts, hole);
            }
        }
        Place::Id | Place::Fixed(_) | Place::Xml(_) | Place::Slot(_) | Place::Marker => {}
    }
}

fn localized(w: &mut Writer, element: TextElement, text: Option<&LocalizedText>) {
    let Some(text) = text.filter(|t| !t.strings().is_empty()) else { return };
    w.start(match element {
        TextElement::Name => "rim:Name",
        TextElement::Description => "rim:Description",
    });
    for string in text.strings() {
        w.start("rim:LocalizedString").attr_opt("xml:lang", string.lang.as_deref());
        w.attr_opt("charset", string.charset.as_deref()).attr("value", &string.value).end();
    }
    w.end();
}

fn version(w: &mut Writer, name: &str, value: Option<&Cow<'_, str>>, hole: Option<Hole>) {
    match (hole, value) {
        (Some(hole), _) => open_attribute(w.start("rim:VersionInfo"), name, hole),
        (None, Some(value)) => _ = w.start("rim:VersionInfo").attr(name, value),
        (None, None) => return,
    }
    w.end();
}

fn label(w: &mut Writer, node: &str, parts: &mut Parts) {
    parts.start(w, "rim:Classification", CLASSIFICATION);
    w.attr("classifiedObject", &parts.owner).attr("classificationNode", node).end();
}

fn code(w: &mut Writer, scheme: &str, code: &Code, parts: &mut Parts) {
    parts.start(w, "rim:Classification", CLASSIFICATION);
    w.attr("classifiedObject", &parts.owner).attr("classificationScheme", scheme);
    w.attr("nodeRepresentation", &code.code);
    slot(w, "codingScheme", std::slice::from_ref(&code.scheme));
    localized(w, TextElement::Name, Some(&code.display));
    w.end();
}

fn author(w: &mut Writer, scheme: &str, author: &Author, parts: &mut Parts) {
    parts.start(w, "rim:Classification", CLASSIFICATION);
    w.attr("classifiedObject", &parts.owner).attr("classificationScheme", scheme);
    w.attr("nodeRepresentation", "");
    for row in AUTHOR {
        if let Place::Slot(values) = &row.place {
            slot_of(w, author, row, values, Style::Filled);
        }
    }
    w.end();
}

fn identifier<T: Object>(
    w: &mut Writer,
    row: &Row<T>,
    value: &str,
    parts: &mut Parts,
    hole: Option<Hole>,
) {
    parts.start(w, "rim:ExternalIdentifier", EXTERNAL_IDENTIFIER);
    w.attr("registryObject", &parts.owner).attr("identificationScheme", row.key);
    match hole {
        Some(hole) => open_attribute(w, "value", hole),
        None => _ = w.attr("value", value),
    }
    w.start("rim:Name").start("rim:LocalizedString");
    w.attr("value", &format!("{}.{}", T::PREFIX, row.attribute)).end().end();
    w.end();
}

/// The ids of the parts of an object. The schema demands them and nobody refers to them; they
/// follow from the owner, so that the same object is always written the same.
struct Parts {
    owner: String,
    namespace: Option<Uuid>,
    count: u32,
}

impl Parts {
    fn of(owner: &ObjectId) -> Self {
        Self { owner: owner.to_string(), namespace: owner.uuid().map(|u| u.0), count: 0 }
    }

    /// Opens a part with its id and objectType.
    fn start(&mut self, w: &mut Writer, element: &'static str, object_type: &str) {
        self.count += 1;
        let number = self.count.to_string();
        let id = match &self.namespace {
            Some(namespace) => Uuid::new_v5(namespace, number.as_bytes()).urn().to_string(),
            None => format!("{}.{number}", self.owner),
        };
        w.start(element).attr("id", &id).attr("objectType", object_type);
    }
}
