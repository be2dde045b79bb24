//! Values as HL7 v3 writes them: II, TS, CS and CE (HL7 V3 NE2008, XML Implementation Technology
//! Specification: Data Types).

use crate::problem::{Notes, Problem, rules};
use crate::tree::Node;
use chrono::{DateTime, FixedOffset};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::Identifier;
use renkei_soap::xml::Writer;
use uuid::Uuid;

/// II: what a message, a query or a device is called.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InstanceId {
    root: String,
    extension: Option<String>,
}

impl InstanceId {
    /// The identifier of something new: a UUID alone.
    pub fn new(uuid: Uuid) -> Self {
        Self { root: uuid.as_hyphenated().to_string(), extension: None }
    }

    /// An identifier below an OID.
    pub fn of(root: &Oid, extension: &str) -> Self {
        let extension = Some(extension.trim().to_owned()).filter(|e| !e.is_empty());
        Self { root: root.as_str().to_owned(), extension }
    }

    /// The OID or UUID.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// What is below it.
    pub fn extension(&self) -> Option<&str> {
        self.extension.as_deref()
    }

    /// `uid` of the schema: an OID or a UUID. Its third form, a name that HL7 reserves, is no identifier of
    /// anything that is sent.
    fn parse(root: &str, extension: Option<&str>) -> Option<Self> {
        let is_uuid = || root.len() == 36 && Uuid::try_parse(root).is_ok();
        (is_oid(root) || is_uuid())
            .then(|| Self { root: root.to_owned(), extension: extension.map(str::to_owned) })
    }

    pub(crate) fn write(&self, w: &mut Writer, name: &'static str) {
        w.start(name).attr("root", &self.root).attr_opt("extension", self.extension()).end();
    }
}

/// Roots of messages may be longer than the OIDs of the house; the schema knows no length.
fn is_oid(root: &str) -> bool {
    let arc = |arc: &str| {
        !arc.is_empty()
            && arc.bytes().all(|b| b.is_ascii_digit())
            && (arc == "0" || !arc.starts_with('0'))
    };
    let mut arcs = root.split('.');
    root.len() <= 128 && matches!(arcs.next(), Some("0" | "1" | "2")) && arcs.all(arc)
}

/// TS: when a message was made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Time(String);

impl Time {
    /// That second.
    pub fn at(time: DateTime<FixedOffset>) -> Self {
        Self(time.format("%Y%m%d%H%M%S%z").to_string())
    }

    /// Reads what the schema takes for a time, of any precision.
    pub fn parse(text: &str) -> Option<Self> {
        let (time, zone) = match text.find(['+', '-']) {
            Some(at) => text.split_at_checked(at)?,
            None => (text, ""),
        };
        let (seconds, fraction) = time.split_once('.').map_or((time, None), |(s, f)| (s, Some(f)));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let zone_is_right = zone.is_empty() || zone.len() <= 5 && zone.get(1..).is_some_and(digits);
        let length_is_right = match (fraction, zone) {
            (Some(fraction), _) => seconds.len() == 14 && digits(fraction),
            (None, "") => seconds.len() <= 14,
            (None, _) => (9..=14).contains(&seconds.len()),
        };
        let right = digits(seconds) && zone_is_right && length_is_right && text.len() <= 64;
        right.then(|| Self(text.to_owned()))
    }

    /// As it stands in messages.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The identifier in a node of `outer`. A problem when it is none.
pub(crate) fn instance_id(cx: &mut Notes, outer: &str, node: &Node) -> Option<InstanceId> {
    cx.done(node);
    let id = InstanceId::parse(node.attr("root").unwrap_or_default(), node.attr("extension"));
    if id.is_none() {
        cx.unreadable(outer, node);
    }
    id
}

/// The root of an identifier of an organisation or device, which has to be an OID. An extension, which must
/// not be there (ITI TF-2: E.2), is left out.
pub(crate) fn oid(cx: &mut Notes, outer: &str, node: &Node) -> Option<Oid> {
    cx.done(node);
    let root = node.attr("root").unwrap_or_default();
    let found = oid_of(root);
    if found.is_none() {
        let problem =
            Problem::new(&rules::VALUE, format!("{outer}/{}/@root", node.local), node.offset);
        cx.wrong(problem.value(root));
    }
    found
}

/// An OID of the house.
pub(crate) fn oid_of(root: &str) -> Option<Oid> {
    Oid::parse(root).ok().filter(|_| is_oid(root))
}

/// The identifier of a person. A problem when root or extension are none.
pub(crate) fn patient(cx: &mut Notes, outer: &str, node: &Node) -> Option<Identifier> {
    let id = identifier(node);
    match id {
        Some(_) => cx.done(node),
        None => cx.unreadable(outer, node),
    }
    id
}

/// The identifier in a node, if it is one that the house can hold: root an OID, and an extension.
pub(crate) fn identifier(node: &Node) -> Option<Identifier> {
    let root = node.attr("root").filter(|root| is_oid(root))?;
    let id = PatientId::new(node.attr("extension")?, Oid::parse(root).ok()?).ok()?;
    let authority_name = node.attr("assigningAuthorityName").map(str::to_owned);
    Some(Identifier { id, authority_name })
}

pub(crate) fn write_identifier(w: &mut Writer, name: &'static str, identifier: &Identifier) {
    write_patient(w, name, &identifier.id, identifier.authority_name.as_deref());
}

pub(crate) fn write_patient(w: &mut Writer, name: &'static str, id: &PatientId, of: Option<&str>) {
    w.start(name).attr("root", id.authority.as_str()).attr("extension", &id.id);
    w.attr_opt("assigningAuthorityName", of.filter(|name| !name.is_empty())).end();
}

pub(crate) fn write_root(w: &mut Writer, name: &'static str, root: &Oid) {
    w.start(name).attr("root", root.as_str()).end();
}

/// CS: a code of a list that the element itself names.
pub(crate) fn write_code(w: &mut Writer, name: &'static str, code: &str) {
    w.start(name).attr("code", code).end();
}

/// CE or CD: a code with its code system.
pub(crate) fn write_coded(w: &mut Writer, name: &'static str, code: &str, system: &str) {
    w.start(name).attr("code", code).attr("codeSystem", system).end();
}

/// The code of a node that is nothing else.
pub(crate) fn code<'a>(cx: &mut Notes, node: &'a Node) -> Option<&'a str> {
    cx.done(node);
    node.attr("code")
}

/// INT that counts something. A problem when it is none.
pub(crate) fn count(cx: &mut Notes, outer: &str, node: &Node) -> Option<u32> {
    cx.done(node);
    let count = node.attr("value").and_then(|v| v.parse().ok());
    if count.is_none() {
        cx.unreadable(outer, node);
    }
    count
}

pub(crate) fn write_count(w: &mut Writer, name: &'static str, count: u32) {
    w.start(name).attr("value", &count.to_string()).end();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_schema() {
        for good in [
            "2025",
            "20250601101500+0900",
            "20090417150301",
            "20090417150301.25-05",
            "202506011015+0900",
        ] {
            assert_eq!(Time::parse(good).map(|t| t.0), Some(good.to_owned()));
        }
        for bad in [
            "",
            "2025-06-01",
            "20250601+0900",
            "20250601101500+09000",
            "2025060110150012",
            "20250601.5",
            "x",
        ] {
            assert_eq!(Time::parse(bad), None, "{bad}");
        }
        let time = DateTime::parse_from_rfc3339("2025-06-01T10:15:00+09:00").unwrap();
        assert_eq!(Time::at(time).as_str(), "20250601101500+0900");
    }

    #[test]
    fn an_instance_is_an_oid_or_a_uuid() {
        let uuid = "6B0F2D1A-4c1e-4f55-8a58-9ad0b2f15502";
        for good in ["1.2.840.114350.1.13.0.1.7.1.1", uuid] {
            assert!(InstanceId::parse(good, None).is_some(), "{good}");
        }
        for bad in ["", "3.1", "1.02", "1..2", "urn:oid:1.2", "x", &uuid.replace('-', "")] {
            assert_eq!(InstanceId::parse(bad, None), None, "{bad}");
        }
    }
}
