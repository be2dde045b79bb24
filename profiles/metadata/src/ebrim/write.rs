//! Writing objects in the order of the schema: slots, names, version, classifications, identifiers.

use super::table::{Hole, Object, Place, Row};
use crate::ids::ObjectId;
use crate::model::{Author, Code, LocalizedText, RegistryObject, Submission};
use renkei_soap::xml::Writer;
use uuid::Uuid;

const CLASSIFICATION: &str =
    "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Classification";
const EXTERNAL_IDENTIFIER: &str =
    "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:ExternalIdentifier";

/// The marks that a stored fragment has where a value may change: a character that no XML has, and
/// a letter. `HOME` stands for a whole attribute; `LAST_UPDATE` and `AVAILABILITY` for whole slots.
pub(crate) mod mark {
    pub(crate) const SIGN: char = '\u{1}';
    pub(crate) const STATUS: char = 's';
    pub(crate) const HOME: char = 'h';
    pub(crate) const LID: char = 'l';
    pub(crate) const VERSION: char = 'v';
    pub(crate) const PATIENT: char = 'p';
    pub(crate) const LAST_UPDATE: char = 't';
    pub(crate) const AVAILABILITY: char = 'a';
}

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
    let header = o.header();
    let mut parts = Parts::of(o.id());
    w.start(T::ELEMENT).attr("id", &o.id().to_string());
    match style {
        Style::Filled => {
            w.attr_opt("home", header.home.map(|h| h.as_str()));
            w.attr_opt("lid", header.lid.map(|l| l.to_string()).as_deref());
            w.attr_opt("status", header.status.map(|s| s.urn()));
        }
        Style::Open => {
            w.raw_attr(&open(mark::HOME));
            w.raw_attr(&format!(" lid=\"{}\"", open(mark::LID)));
            w.raw_attr(&format!(" status=\"{}\"", open(mark::STATUS)));
        }
    }
    w.attr_opt("objectType", T::OBJECT_TYPE);
    for row in T::rows() {
        if let Place::Attribute { get, .. } = row.place {
            w.attr_opt(row.key, get(o).first().map(String::as_str));
        }
    }
    slots(w, o, style);
    header.extra.iter().for_each(|e| slot(w, &e.name, &e.values));
    localized(w, "rim:Name", header.title);
    localized(w, "rim:Description", header.comments);
    version(w, header.version, style);
    if let Some(label) = T::LABEL {
        parts.start(w, "rim:Classification", CLASSIFICATION);
        w.attr("classifiedObject", &parts.owner).attr("classificationNode", label).end();
    }
    for row in T::rows() {
        classifications(w, o, row, &mut parts);
    }
    for row in T::rows() {
        identifier(w, o, row, &mut parts, style);
    }
    w.end();
}

fn open(letter: char) -> String {
    [mark::SIGN, letter].iter().collect()
}

fn slots<T: Object>(w: &mut Writer, o: &T, style: Style) {
    for row in T::rows() {
        let Place::Slot { get, .. } = row.place else { continue };
        match (style, row.hole) {
            (Style::Open, Some(Hole::LastUpdateTime)) => _ = w.raw(&open(mark::LAST_UPDATE)),
            (Style::Open, Some(Hole::Availability)) => _ = w.raw(&open(mark::AVAILABILITY)),
            _ => {
                let values = get(o);
                if !values.is_empty() {
                    slot(w, row.key, &values);
                }
            }
        }
    }
}

/// Writes a slot.
pub(crate) fn slot(w: &mut Writer, name: &str, values: &[String]) {
    w.start("rim:Slot").attr("name", name).start("rim:ValueList");
    values.iter().for_each(|v| _ = w.leaf("rim:Value", v));
    w.end().end();
}

fn localized(w: &mut Writer, element: &'static str, text: Option<&LocalizedText>) {
    let Some(text) = text.filter(|t| !t.strings().is_empty()) else { return };
    w.start(element);
    for string in text.strings() {
        w.start("rim:LocalizedString").attr_opt("xml:lang", string.lang.as_deref());
        w.attr_opt("charset", string.charset.as_deref()).attr("value", &string.value).end();
    }
    w.end();
}

fn version(w: &mut Writer, version: Option<u32>, style: Style) {
    match (style, version) {
        (Style::Open, _) => {
            w.start("rim:VersionInfo");
            w.raw_attr(&format!(" versionName=\"{}\"", open(mark::VERSION))).end();
        }
        (Style::Filled, Some(v)) => {
            w.start("rim:VersionInfo").attr("versionName", &v.to_string()).end();
        }
        (Style::Filled, None) => {}
    }
}

fn classifications<T: Object>(w: &mut Writer, o: &T, row: &Row<T>, parts: &mut Parts) {
    match row.place {
        Place::Code { get, .. } => get(o).iter().for_each(|c| code(w, row.key, c, parts)),
        Place::Author { get, .. } => get(o).iter().for_each(|a| author(w, row.key, a, parts)),
        Place::Attribute { .. } | Place::Slot { .. } | Place::Identifier { .. } => {}
    }
}

fn code(w: &mut Writer, scheme: &str, code: &Code, parts: &mut Parts) {
    parts.start(w, "rim:Classification", CLASSIFICATION);
    w.attr("classifiedObject", &parts.owner).attr("classificationScheme", scheme);
    w.attr("nodeRepresentation", &code.code);
    slot(w, "codingScheme", std::slice::from_ref(&code.scheme));
    localized(w, "rim:Name", Some(&code.display));
    w.end();
}

fn author(w: &mut Writer, scheme: &str, author: &Author, parts: &mut Parts) {
    parts.start(w, "rim:Classification", CLASSIFICATION);
    w.attr("classifiedObject", &parts.owner).attr("classificationScheme", scheme);
    w.attr("nodeRepresentation", "");
    for (name, values) in [
        ("authorPerson", author.person.as_slice()),
        ("authorInstitution", &author.institutions),
        ("authorRole", &author.roles),
        ("authorSpecialty", &author.specialties),
        ("authorTelecommunication", &author.telecommunications),
    ] {
        if !values.is_empty() {
            slot(w, name, values);
        }
    }
    w.end();
}

fn identifier<T: Object>(w: &mut Writer, o: &T, row: &Row<T>, parts: &mut Parts, style: Style) {
    let Place::Identifier { get, .. } = row.place else { return };
    let values = get(o);
    let Some(value) = values.first() else { return };
    parts.start(w, "rim:ExternalIdentifier", EXTERNAL_IDENTIFIER);
    w.attr("registryObject", &parts.owner).attr("identificationScheme", row.key);
    match (style, row.hole) {
        (Style::Open, Some(Hole::PatientId)) => {
            w.raw_attr(&format!(" value=\"{}\"", open(mark::PATIENT)));
        }
        _ => _ = w.attr("value", value),
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
