//! An object of another community, copied as it came: what we do not know of it goes to whoever asked all
//! the same. Only what has to be checked is looked at.

use renkei_metadata::ids::{PatientId, Sha1Hash};
use renkei_soap::xml::{Element, Node, Reader, XmlError, escape_attribute, ns};

/// The schemes of the patient ids of entries, SubmissionSets and Folders (ITI TF-3: 4.2.5.2).
const PATIENTS: [&str; 3] = [
    "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427",
    "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446",
    "urn:uuid:f64ffdf0-4b97-4e06-b79f-a52b38ec2f8a",
];
/// The scheme of the uniqueId of an entry.
const UNIQUE_ID: &str = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab";

/// How much longer a copy may be than what it was copied from, since each part declares its namespaces where it stands.
const GROWTH: usize = 8;
/// What a short one may grow by in any case, octets.
const SLACK: usize = 4096;

/// What an entry says of its document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    /// repositoryUniqueId.
    pub(super) repository: String,
    /// uniqueId.
    pub(super) unique_id: String,
    /// Octets.
    pub(super) size: Option<u64>,
    /// SHA-1 of them.
    pub(super) hash: Option<Sha1Hash>,
}

/// An object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// Its id.
    pub(super) id: String,
    /// Of which community it says to be.
    pub(super) home: Option<String>,
    /// Whether it has to say so (ITI TF-2: 3.38.4.1.3); an Association need not.
    pub(super) needs_home: bool,
    /// Whether it has to name one (ITI TF-3: 4.2.3.2.16, 4.2.3.3.8, 4.2.3.4.6).
    pub(super) names_patient: bool,
    /// The patients that it names.
    pub(super) patients: Vec<String>,
    /// Of which document it is, if it is an entry.
    pub(super) content: Content,
    /// Its name with the bracket before it, then what follows; the community stands between.
    xml: (String, String),
}

impl Object {
    /// Copies the child of a RegistryObjectList that the reader has just opened. The prefix `rim` is declared
    /// around it; whatever else it has of namespaces is declared where it stands. `None` for one whose copy would be
    /// out of all proportion: namespaces of strangers are not made longer here than they came.
    pub(super) fn read(r: &mut Reader<'_>, element: &Element) -> Result<Option<Self>, XmlError> {
        let is = |local| element.is(ns::RIM, local);
        let attr = |name| element.attr(name).map(str::trim).filter(|v| !v.is_empty());
        let mut object = Self {
            id: attr("id").unwrap_or_default().to_owned(),
            home: attr("home").map(str::to_owned),
            names_patient: is("ExtrinsicObject") || is("RegistryPackage"),
            needs_home: is("ExtrinsicObject") || is("RegistryPackage") || is("ObjectRef"),
            patients: Vec::new(),
            content: Content::default(),
            xml: (String::new(), String::new()),
        };
        Name::of(element).begin(&mut object.xml.0, element);
        attributes(&mut object.xml.1, element, |a| a != "home");
        object.xml.1.push('>');
        let open = vec![Name::of(element)];
        let mut copy = Copy { out: std::mem::take(&mut object.xml.1), open, slot: None };
        let depth = r.depth();
        while !copy.open.is_empty() {
            let came = r.end().saturating_sub(element.offset);
            if copy.out.len() > came.saturating_mul(GROWTH).saturating_add(SLACK) {
                while r.depth() >= depth {
                    r.next_node()?;
                }
                return Ok(None);
            }
            match r.next_node()? {
                Node::Element(child) => copy.enter(&child, &mut object),
                Node::Text(text) => copy.text(&text),
                Node::End => copy.leave(&mut object),
            }
        }
        object.xml.1 = copy.out;
        Ok(Some(object))
    }

    /// Whether it names another patient than `asked`, or none where it has to name one.
    pub(super) fn is_of_another(&self, asked: &[PatientId]) -> bool {
        let is_asked = |found: &String| {
            let found = PatientId::parse(found.trim());
            found.is_ok_and(|found| asked.contains(&found))
        };
        let is_nobodys = self.names_patient && self.patients.is_empty();
        !asked.is_empty() && (is_nobodys || !self.patients.iter().all(is_asked))
    }

    /// Writes it as one of `home`; as it came without.
    pub(super) fn write(&self, out: &mut String, home: Option<&str>) {
        out.push_str(&self.xml.0);
        if let Some(home) = home.or(self.home.as_deref()) {
            out.push_str(" home=\"");
            escape_attribute(out, home);
            out.push('"');
        }
        out.push_str(&self.xml.1);
    }

    /// Writes a reference to it, as one of `home`.
    pub(super) fn refer(&self, out: &mut String, home: &str) {
        for (before, value) in [("<rim:ObjectRef id=\"", &*self.id), ("\" home=\"", home)] {
            out.push_str(before);
            escape_attribute(out, value);
        }
        out.push_str("\"/>");
    }

    fn slot(&mut self, name: &str, value: String) {
        match name {
            "repositoryUniqueId" => self.content.repository = value,
            "size" => self.content.size = value.parse().ok(),
            "hash" => self.content.hash = Sha1Hash::parse(&value.to_ascii_lowercase()).ok(),
            _ => {}
        }
    }
}

/// A copy that is being made.
struct Copy {
    out: String,
    /// The elements that are open.
    open: Vec<Name>,
    /// The slot of the object itself that is open, and what its values were so far.
    slot: Option<(String, String)>,
}

impl Copy {
    fn enter(&mut self, element: &Element, object: &mut Object) {
        if self.open.len() == 1 {
            self.look(element, object);
        }
        let name = Name::of(element);
        name.begin(&mut self.out, element);
        attributes(&mut self.out, element, |_| true);
        self.out.push('>');
        self.open.push(name);
    }

    /// Sees what a part of the object itself says.
    fn look(&mut self, element: &Element, object: &mut Object) {
        if element.is(ns::RIM, "Slot") {
            self.slot = Some((element.attr("name").unwrap_or_default().to_owned(), String::new()));
        } else if element.is(ns::RIM, "ExternalIdentifier") {
            let value = element.attr("value").unwrap_or_default().trim().to_owned();
            let scheme = element.attr("identificationScheme").unwrap_or_default();
            // A UUID is the same in whichever letters (RFC 9562: 4).
            match &*scheme.trim().to_ascii_lowercase() {
                scheme if PATIENTS.contains(&scheme) => object.patients.push(value),
                UNIQUE_ID => object.content.unique_id = value,
                _ => {}
            }
        }
    }

    fn text(&mut self, text: &str) {
        escape_attribute(&mut self.out, text);
        if let Some((_, value)) = &mut self.slot {
            value.push_str(text.trim());
        }
    }

    fn leave(&mut self, object: &mut Object) {
        if let Some(name) = self.open.pop() {
            self.out.push_str("</");
            name.write(&mut self.out);
            self.out.push('>');
        }
        if self.open.len() == 1
            && let Some((name, value)) = self.slot.take()
        {
            object.slot(&name, value);
        }
    }
}

/// The name of an element in the copy.
struct Name {
    is_rim: bool,
    local: String,
}

impl Name {
    fn of(element: &Element) -> Self {
        Self { is_rim: element.namespace == ns::RIM, local: element.local.clone() }
    }

    fn write(&self, out: &mut String) {
        if self.is_rim {
            out.push_str("rim:");
        }
        out.push_str(&self.local);
    }

    /// The bracket, the name, and the declaration that it needs.
    fn begin(&self, out: &mut String, element: &Element) {
        out.push('<');
        self.write(out);
        if !self.is_rim {
            out.push_str(" xmlns=\"");
            escape_attribute(out, &element.namespace);
            out.push('"');
        }
    }
}

fn attributes(out: &mut String, element: &Element, keep: impl Fn(&str) -> bool) {
    for (n, attribute) in element.attributes.iter().enumerate() {
        let (namespace, local) = (&*attribute.namespace, attribute.local.as_str());
        if namespace.is_empty() && !keep(local) {
            continue;
        }
        out.push(' ');
        // Attributes have no default namespace; `xml` is declared everywhere.
        if namespace == ns::XML {
            out.push_str("xml:");
        } else if !namespace.is_empty() {
            out.push_str(&format!("xmlns:a{n}=\""));
            escape_attribute(out, namespace);
            out.push_str(&format!("\" a{n}:"));
        }
        out.push_str(local);
        out.push_str("=\"");
        escape_attribute(out, &attribute.value);
        out.push('"');
    }
}
