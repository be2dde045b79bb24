//! What a RegistryObject element says, before anything is judged.
//!
//! Elements and attributes that ebRIM does not define are passed over: peers add their own.

use crate::model::{LocalizedString, LocalizedText};
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
    /// Each rim:Name; the schema knows one.
    pub(super) names: Vec<LocalizedText>,
}

/// A rim:ExtrinsicObject, RegistryPackage or Association.
pub(super) struct Raw {
    pub(super) element: Element,
    pub(super) slots: Vec<RawSlot>,
    /// Each rim:Name, rim:Description and rim:VersionInfo; the schema knows one of each.
    pub(super) names: Vec<LocalizedText>,
    pub(super) descriptions: Vec<LocalizedText>,
    pub(super) versions: Vec<Element>,
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
            names: Vec::new(),
            descriptions: Vec::new(),
            versions: Vec::new(),
            classifications: Vec::new(),
            identifiers: Vec::new(),
        };
        while let Some(child) = r.next_child()? {
            match rim(&child) {
                Some("Slot") => raw.slots.push(slot(r, &child)?),
                Some("Name") => raw.names.extend(localized(r)?),
                Some("Description") => raw.descriptions.extend(localized(r)?),
                Some("VersionInfo") => {
                    raw.versions.push(child);
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
        let mut raw = Self { element, slots: Vec::new(), names: Vec::new() };
        while let Some(child) = r.next_child()? {
            match rim(&child) {
                Some("Slot") => raw.slots.push(slot(r, &child)?),
                Some("Name") => raw.names.extend(localized(r)?),
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
                values.push(r.value()?);
            } else {
                r.skip()?;
            }
        }
    }
    Ok(RawSlot { name: element.attr("name").unwrap_or_default().to_owned(), values })
}

/// Every text of a rim:Name or rim:Description; `None` when none says anything.
fn localized(r: &mut Reader<'_>) -> Result<Option<LocalizedText>, XmlError> {
    let mut strings = Vec::new();
    while let Some(child) = r.next_child()? {
        if rim(&child) == Some("LocalizedString") {
            strings.push(LocalizedString {
                value: child.attr("value").unwrap_or_default().to_owned(),
                // An empty one takes a language away (XML 1.0, 2.12).
                lang: child
                    .attr_ns(ns::XML, "lang")
                    .map(|l| l.trim().to_owned())
                    .filter(|l| !l.is_empty()),
                charset: child.attr("charset").map(str::to_owned),
            });
        }
        r.skip()?;
    }
    Ok(LocalizedText::of(strings))
}
