//! What a RegistryObject element says, before anything is judged.
//!
//! Elements and attributes that ebRIM does not define are passed over: peers add their own.

use crate::model::LocalizedText;
use renkei_soap::xml::{Element, Reader, XmlError, ns};

/// A rim:Slot.
pub(super) struct RawSlot {
    pub(super) name: String,
    pub(super) values: Vec<String>,
}

/// A rim:Classification.
pub(super) struct RawClassification {
    /// classificationScheme, classificationNode, nodeRepresentation, classifiedObject.
    pub(super) element: Element,
    pub(super) slots: Vec<RawSlot>,
    pub(super) name: Option<LocalizedText>,
}

/// A rim:ExtrinsicObject, RegistryPackage or Association.
pub(super) struct Raw {
    pub(super) element: Element,
    pub(super) slots: Vec<RawSlot>,
    pub(super) name: Option<LocalizedText>,
    pub(super) description: Option<LocalizedText>,
    pub(super) version: Option<String>,
    pub(super) classifications: Vec<RawClassification>,
    /// rim:ExternalIdentifier: identificationScheme, value.
    pub(super) identifiers: Vec<Element>,
}

impl Raw {
    /// Reads the rest of the element.
    pub(super) fn read(r: &mut Reader<'_>, element: Element) -> Result<Self, XmlError> {
        let mut raw = Self {
            element,
            slots: Vec::new(),
            name: None,
            description: None,
            version: None,
            classifications: Vec::new(),
            identifiers: Vec::new(),
        };
        while let Some(child) = r.next_child()? {
            match rim(&child) {
                Some("Slot") => raw.slots.push(slot(r, &child)?),
                Some("Name") => raw.name = localized(r)?,
                Some("Description") => raw.description = localized(r)?,
                Some("VersionInfo") => {
                    raw.version = child.attr("versionName").map(str::to_owned);
                    r.skip()?;
                }
                Some("Classification") => {
                    raw.classifications.push(RawClassification::read(r, child)?);
                }
                Some("ExternalIdentifier") => {
                    raw.identifiers.push(child);
                    r.skip()?;
                }
                _ => r.skip()?,
            }
        }
        Ok(raw)
    }
}

impl RawClassification {
    /// Reads the rest of the element.
    pub(super) fn read(r: &mut Reader<'_>, element: Element) -> Result<Self, XmlError> {
        let mut raw = Self { element, slots: Vec::new(), name: None };
        while let Some(child) = r.next_child()? {
            match rim(&child) {
                Some("Slot") => raw.slots.push(slot(r, &child)?),
                Some("Name") => raw.name = localized(r)?,
                _ => r.skip()?,
            }
        }
        Ok(raw)
    }

    /// `@classificationNode`, what labels an object.
    pub(super) fn node(&self) -> Option<&str> {
        self.element.attr("classificationNode")
    }

    /// `@classificationScheme`, which attribute this is.
    pub(super) fn scheme(&self) -> Option<&str> {
        self.element.attr("classificationScheme")
    }
}

/// The local name of an element of ebRIM.
pub(super) fn rim(element: &Element) -> Option<&str> {
    (element.namespace == ns::RIM).then_some(element.local.as_str())
}

fn slot(r: &mut Reader<'_>, element: &Element) -> Result<RawSlot, XmlError> {
    let mut values = Vec::new();
    while let Some(list) = r.next_child()? {
        if rim(&list) != Some("ValueList") {
            r.skip()?;
            continue;
        }
        while let Some(value) = r.next_child()? {
            if rim(&value) == Some("Value") {
                values.push(r.text()?);
            } else {
                r.skip()?;
            }
        }
    }
    Ok(RawSlot { name: element.attr("name").unwrap_or_default().to_owned(), values })
}

/// The first text of a rim:Name or rim:Description; an empty one counts as none.
fn localized(r: &mut Reader<'_>) -> Result<Option<LocalizedText>, XmlError> {
    let mut first = None;
    while let Some(child) = r.next_child()? {
        let value = child.attr("value").filter(|v| !v.is_empty());
        if let (None, Some("LocalizedString"), Some(value)) = (&first, rim(&child), value) {
            first = Some(LocalizedText {
                value: value.to_owned(),
                lang: child.attr_ns(ns::XML, "lang").map(str::to_owned),
            });
        }
        r.skip()?;
    }
    Ok(first)
}
