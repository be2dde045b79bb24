//! The codes of the affinity domain, read from the form of the connectathon's `codes.xml`.
//!
//! `Codes` holds `CodeType` elements, one for each attribute, with a `Code` for each pair of code
//! and coding scheme. Only these pairs count; display names are for people.

use crate::ids::Oid;
use crate::model::{Code, LocalizedText};
use crate::normalise;
use renkei_soap::xml::{Element, Position, Reader, XmlError, XmlLimits};
use std::collections::{BTreeSet, HashMap, HashSet};

/// The code types whose name is not that of the attribute.
const RENAMED: [(&str, &str); 2] =
    [("codeList", "folderCodeList"), ("documentation", "associationDocumentation")];

/// The code type of media types.
const MIME_TYPE: &str = "mimeType";

/// What an affinity domain allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeList {
    authorities: Vec<Oid>,
    root: Option<Oid>,
    /// By name of the code type: scheme and code, in the form of comparison.
    types: HashMap<String, HashSet<(String, String)>>,
    /// By name of the code type: the codes as they are written, in their order.
    written: HashMap<String, Vec<Code>>,
    mime_types: BTreeSet<String>,
}

/// Why a file of codes cannot be used. The words are for the operator who wrote the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodesError {
    /// Not XML.
    #[error("the code list is not XML that can be read: {0}")]
    Xml(#[from] XmlError),
    /// Another document.
    #[error("the root element of a code list is Codes, not {0}")]
    RootElement(String),
    /// An attribute that has to be there, or may not be empty.
    #[error("{element} has no attribute {attribute} at {position}")]
    Missing {
        /// The element.
        element: &'static str,
        /// The attribute.
        attribute: &'static str,
        /// Where.
        position: Position,
    },
    /// An assigning authority in neither of its forms.
    #[error("AssigningAuthority/@id {0:?} is neither an OID nor of the form &OID&ISO")]
    Authority(String),
    /// An arc that is no OID, or a second one.
    #[error("OidRoot/@id {0:?} is not an OID, or there are two of them")]
    Root(String),
}

impl CodeList {
    /// Reads a list.
    pub fn read(xml: &str) -> Result<Self, CodesError> {
        let mut r = Reader::new(xml, XmlLimits::default());
        let root = r.root()?;
        if root.local != "Codes" {
            return Err(CodesError::RootElement(root.local));
        }
        let mut list = Self::default();
        while let Some(child) = r.next_child()? {
            match child.local.as_str() {
                "AssigningAuthority" => {
                    let id = required(&r, "AssigningAuthority", "id", &child)?;
                    let oid = authority(id).ok_or_else(|| CodesError::Authority(id.to_owned()))?;
                    list.authorities.push(oid);
                    r.skip()?;
                }
                "OidRoot" => {
                    let id = required(&r, "OidRoot", "id", &child)?;
                    let wrong = || CodesError::Root(id.to_owned());
                    let oid = Oid::parse(id).map_err(|_| wrong())?;
                    if list.root.replace(oid).is_some() {
                        return Err(wrong());
                    }
                    r.skip()?;
                }
                "CodeType" => {
                    let name = required(&r, "CodeType", "name", &child)?;
                    list.code_type(&mut r, name)?;
                }
                _ => r.skip()?,
            }
        }
        r.finish()?;
        Ok(list)
    }

    fn code_type(&mut self, r: &mut Reader<'_>, name: &str) -> Result<(), CodesError> {
        if name != MIME_TYPE {
            self.types.entry(name.to_owned()).or_default();
        }
        while let Some(child) = r.next_child()? {
            if child.local == "Code" {
                let code = required(r, "Code", "code", &child)?;
                if name == MIME_TYPE {
                    self.mime_types.insert(code.to_ascii_lowercase());
                } else {
                    let scheme = required(r, "Code", "codingScheme", &child)?;
                    let codes = self.types.entry(name.to_owned()).or_default();
                    codes.insert(key(code, scheme));
                    let display = child.attr("display").unwrap_or_default();
                    self.written.entry(name.to_owned()).or_default().push(Code {
                        code: code.to_owned(),
                        scheme: scheme.to_owned(),
                        display: LocalizedText::ja(display),
                    });
                }
            }
            r.skip()?;
        }
        Ok(())
    }

    /// Whether a code of a scheme may stand in an attribute (its name in ITI TF-3, such as
    /// `typeCode`). An attribute for which the domain lists nothing takes any code.
    pub fn contains(&self, attribute: &str, code: &str, scheme: &str) -> bool {
        self.types.get(code_type(attribute)).is_none_or(|codes| codes.contains(&key(code, scheme)))
    }

    /// Whether the domain lists codes for an attribute.
    pub fn lists(&self, attribute: &str) -> bool {
        self.types.contains_key(code_type(attribute))
    }

    /// The codes of an attribute that have this value, each of another scheme, as the list writes
    /// them and in its order.
    pub fn codes<'l>(&'l self, attribute: &str, code: &'l str) -> impl Iterator<Item = &'l Code> {
        let codes = self.written.get(code_type(attribute)).map_or(&[][..], Vec::as_slice);
        codes.iter().filter(move |listed| normalise(&listed.code) == normalise(code))
    }

    /// Every code of an attribute, as the list writes them and in its order.
    pub fn listed(&self, attribute: &str) -> &[Code] {
        self.written.get(code_type(attribute)).map_or(&[][..], Vec::as_slice)
    }

    /// The arc of the domain's own identifiers, if the file names it.
    pub fn oid_root(&self) -> Option<&Oid> {
        self.root.as_ref()
    }

    /// Whether a document may be of a media type; any, if the domain lists none. Media types are
    /// compared without case (RFC 2045, section 5.1).
    pub fn allows_mime_type(&self, mime_type: &str) -> bool {
        self.mime_types.is_empty() || self.mime_types.contains(&mime_type.to_ascii_lowercase())
    }

    /// The media types allowed, sorted, lower case; none means any.
    pub fn mime_types(&self) -> impl Iterator<Item = &str> {
        self.mime_types.iter().map(String::as_str)
    }

    /// The assigning authorities of patient identifiers that the file names.
    pub fn assigning_authorities(&self) -> &[Oid] {
        &self.authorities
    }
}

/// An OID, bare or as the toolkits write it: `&OID&ISO`, perhaps with a namespace ID before it.
fn authority(id: &str) -> Option<Oid> {
    let id = id.trim();
    let oid = match id.split('&').collect::<Vec<_>>().as_slice() {
        [oid] | [_, oid, "ISO"] => oid.trim(),
        _ => return None,
    };
    Oid::parse(oid).ok()
}

/// The name of the code type of an attribute.
fn code_type(attribute: &str) -> &str {
    RENAMED.iter().find(|(a, _)| *a == attribute).map_or(attribute, |(_, t)| t)
}

fn key(code: &str, scheme: &str) -> (String, String) {
    (normalise(scheme).into_owned(), normalise(code).into_owned())
}

fn required<'e>(
    r: &Reader<'_>,
    element: &'static str,
    attribute: &'static str,
    found: &'e Element,
) -> Result<&'e str, CodesError> {
    let missing =
        || CodesError::Missing { element, attribute, position: r.position_at(found.offset) };
    found.attr(attribute).filter(|v| !v.is_empty()).ok_or_else(missing)
}

/// The project's own list, for a domain that has none.
pub fn default_xml() -> &'static str {
    include_str!("../codes/codes.xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOINC: &str = "2.16.840.1.113883.6.1";

    #[test]
    fn code_and_scheme_decide_and_not_the_name() {
        let list = CodeList::read(default_xml()).unwrap();
        assert!(list.contains("typeCode", "53576-5", LOINC));
        assert!(!list.contains("typeCode", "53576-5", "2.16.840.1.113883.6.2"));
        assert!(!list.contains("typeCode", "53576-6", LOINC));
        assert!(!list.contains("classCode", "53576-5", LOINC));
    }

    #[test]
    fn an_attribute_without_list_is_open() {
        let list = CodeList::read("<Codes><CodeType name='typeCode'/></Codes>").unwrap();
        assert!(list.contains("classCode", "x", "y"));
        assert!(!list.contains("typeCode", "x", "y"));
        assert!(list.allows_mime_type("any/thing"));
    }

    #[test]
    fn every_coded_attribute_has_a_list_of_its_own() {
        use crate::ebrim::table::{Object, Place};
        fn coded<T: Object>() -> Vec<&'static str> {
            let code = |r: &&crate::ebrim::table::Row<T>| matches!(r.place, Place::Code { .. });
            T::rows().iter().filter(code).map(|r| r.attribute).collect()
        }
        let list = CodeList::read(default_xml()).unwrap();
        let mut attributes = coded::<crate::model::DocumentEntry>();
        attributes.extend(coded::<crate::model::SubmissionSet>());
        attributes.extend(coded::<crate::model::Folder>());
        attributes.extend(coded::<crate::model::Association>());
        for attribute in attributes {
            assert!(!list.contains(attribute, "no such code", "1.2.3"), "{attribute} is open");
        }
        assert!(list.allows_mime_type("application/FHIR+json"));
        assert!(!list.allows_mime_type("application/octet-stream"));
        assert_eq!(list.assigning_authorities().len(), 1);
    }

    #[test]
    fn a_code_is_found_by_its_value_with_scheme_and_name() {
        let xml = "<Codes><OidRoot id='1.2.3'/><CodeType name='folderCodeList'>\
            <Code code='A' codingScheme='1' display='甲'/><Code code='A' codingScheme='2'/></CodeType></Codes>";
        let list = CodeList::read(xml).unwrap();
        let found: Vec<(&str, &str)> =
            list.codes("codeList", "A").map(|c| (c.scheme.as_str(), c.display.text())).collect();
        assert_eq!(found, [("1", "甲"), ("2", "")]);
        assert_eq!(list.codes("codeList", "B").count(), 0);
        assert!(list.lists("codeList") && !list.lists("classCode"));
        assert_eq!(list.oid_root().map(Oid::as_str), Some("1.2.3"));
    }

    #[test]
    fn codes_are_compared_composed() {
        let xml = "<Codes><CodeType name='classCode'><Code code='ガ' codingScheme='1.2'/></CodeType></Codes>";
        assert!(CodeList::read(xml).unwrap().contains("classCode", "カ\u{3099}", "1.2"));
    }

    #[test]
    fn an_authority_may_be_written_as_the_toolkits_do() {
        for id in ["1.2.3", " 1.2.3 ", "&amp;1.2.3&amp;ISO", "NAME&amp;1.2.3&amp;ISO"] {
            let list = CodeList::read(&format!("<Codes><AssigningAuthority id='{id}'/></Codes>"));
            let list = list.unwrap();
            let found: Vec<_> = list.assigning_authorities().iter().map(Oid::as_str).collect();
            assert_eq!(found, ["1.2.3"], "{id}");
        }
        for id in ["&amp;1.2.3", "&amp;1.2.3&amp;DNS", "1.2.3&amp;ISO", "&amp;&amp;ISO", "a"] {
            let list = CodeList::read(&format!("<Codes><AssigningAuthority id='{id}'/></Codes>"));
            assert!(list.is_err(), "{id}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_file_and_where() {
        let error = |xml| CodeList::read(xml).unwrap_err().to_string();
        assert!(error("<codes/>").contains("Codes"));
        let place = error("<Codes>\n <CodeType name='a'>\n  <Code code='x'/></CodeType></Codes>");
        assert!(place.contains("codingScheme") && place.contains("line 3"), "{place}");
        assert!(error("<Codes><AssigningAuthority id='x'/></Codes>").contains("OID"));
        assert!(error("<Codes><OidRoot id='x'/></Codes>").contains("OidRoot"));
        assert!(error("<Codes><OidRoot id='1.2'/><OidRoot id='1.2'/></Codes>").contains("two"));
        assert!(error("<!DOCTYPE a><Codes/>").contains("DOCTYPE"));
    }
}
