//! Registry Stored Query (ITI TF-2: 3.18) and Multi-Patient Stored Query (ITI TF-2: 3.51), which differ
//! in their actions and in the queries that they know: the messages. What the queries mean is in
//! [`crate::catalogue`].

mod builder;

pub use builder::QueryBuilder;

use crate::catalogue::QUERY_VALUES;
use crate::refusal::{expect_request, expect_response, unreadable};
use crate::response::{RegistryError, Status, read_errors, write_errors};
use crate::transaction::{ITI_18, Transaction};
use renkei_metadata::ebrim;
use renkei_metadata::finding::Finding;
use renkei_metadata::model::RegistryObject;
use renkei_soap::fault::{Fault, rows};
use renkei_soap::xml::{Element, Reader, Writer, ns};

/// How objects are returned (ITI TF-2: 3.18.4.1.2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReturnType {
    /// Ids only.
    ObjectRef,
    /// Whole objects.
    LeafClass,
}

impl ReturnType {
    /// The value of `@returnType`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ObjectRef => "ObjectRef",
            Self::LeafClass => "LeafClass",
        }
    }

    /// Reads `@returnType`; `None` for any other.
    pub fn parse(s: &str) -> Option<Self> {
        [Self::ObjectRef, Self::LeafClass].into_iter().find(|t| t.name() == s)
    }
}

/// A query as it stands in the message; [`crate::catalogue::parse`] checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdhocQuery {
    /// `AdhocQuery/@id`; empty when there is none.
    pub id: String,
    /// `ResponseOption/@returnType`.
    pub return_type: String,
    /// `AdhocQuery/@home`.
    pub home: Option<String>,
    /// The slots in message order: name and Values, repeats kept.
    pub params: Vec<(String, Vec<String>)>,
}

impl AdhocQuery {
    /// The request as XML, which is what the audit record of a query holds (ITI TF-2: 3.18.5.1).
    pub fn xml(&self) -> String {
        let mut w = Writer::new();
        write_request(&mut w, self);
        w.finish()
    }
}

/// What a client got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryResponse {
    /// How the query ended.
    pub status: Status,
    /// Errors and warnings.
    pub errors: Vec<RegistryError>,
    /// The objects that could be read.
    pub objects: Vec<RegistryObject>,
    /// What was wrong with the objects.
    pub findings: Vec<Finding>,
}

/// Reads a request of ITI-18; the reader is inside `body` and at its end afterwards. Slots and Values
/// are kept as far as the default of `limits.query_values` reaches.
pub fn read_request(r: &mut Reader<'_>, body: &Element) -> Result<AdhocQuery, Fault> {
    read_request_within(&ITI_18, r, body, QUERY_VALUES)
}

/// Reads a request of `transaction`; `max_values` is the setting `limits.query_values`. One slot and one Value more
/// than that are kept, so that [`crate::catalogue::parse_within`] sees the excess and refuses it.
pub fn read_request_within(
    transaction: &Transaction,
    r: &mut Reader<'_>,
    body: &Element,
    max_values: usize,
) -> Result<AdhocQuery, Fault> {
    expect_request(body, ns::QUERY, "AdhocQueryRequest", transaction)?;
    let mut return_type = None;
    let mut query = None;
    while let Some(child) = r.next_child().map_err(unreadable)? {
        if child.is(ns::QUERY, "ResponseOption") && return_type.is_none() {
            return_type = Some(child.attr("returnType").unwrap_or(DEFAULT_RETURN_TYPE).to_owned());
            r.skip().map_err(unreadable)?;
        } else if child.is(ns::RIM, "AdhocQuery") && query.is_none() {
            query = Some(AdhocQuery {
                id: ebrim::comparable_id(child.attr("id").unwrap_or_default()),
                home: said(child.attr("home")),
                return_type: String::new(),
                params: read_slots(r, max_values)?,
            });
        } else if child.namespace == ns::RS {
            // rs:RequestSlotList has no meaning here.
            r.skip().map_err(unreadable)?;
        } else {
            return Err(malformed());
        }
    }
    let mut query = query.ok_or_else(malformed)?;
    query.return_type = return_type.unwrap_or_else(|| DEFAULT_RETURN_TYPE.to_owned());
    Ok(query)
}

/// An id that is not empty; an empty one counts as absent.
fn said(id: Option<&str>) -> Option<String> {
    id.map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned)
}

/// What the schema says of a request without `@returnType`; stored queries do not know it.
const DEFAULT_RETURN_TYPE: &str = "RegistryObject";

fn malformed() -> Fault {
    Fault::of(&rows::QUERY_MALFORMED, &[])
}

fn read_slots(r: &mut Reader<'_>, max: usize) -> Result<Vec<(String, Vec<String>)>, Fault> {
    let mut slots = Vec::new();
    let mut values_left = max.saturating_add(1);
    while let Some(child) = r.next_child().map_err(unreadable)? {
        if child.is(ns::RIM, "Slot") && slots.len() <= max {
            let name = child.attr("name").unwrap_or_default().to_owned();
            slots.push((name, read_values(r, &mut values_left)?));
        } else {
            r.skip().map_err(unreadable)?;
        }
    }
    Ok(slots)
}

fn read_values(r: &mut Reader<'_>, left: &mut usize) -> Result<Vec<String>, Fault> {
    let mut values = Vec::new();
    while let Some(list) = r.next_child().map_err(unreadable)? {
        if !list.is(ns::RIM, "ValueList") {
            r.skip().map_err(unreadable)?;
            continue;
        }
        while let Some(value) = r.next_child().map_err(unreadable)? {
            if value.is(ns::RIM, "Value") && *left > 0 {
                *left -= 1;
                values.push(r.value().map_err(unreadable)?);
            } else {
                r.skip().map_err(unreadable)?;
            }
        }
    }
    Ok(values)
}

/// Writes a request with its namespaces.
pub fn write_request(w: &mut Writer, query: &AdhocQuery) {
    w.start("query:AdhocQueryRequest").attr("xmlns:query", ns::QUERY).attr("xmlns:rim", ns::RIM);
    w.start("query:ResponseOption")
        .attr("returnType", &query.return_type)
        .attr("returnComposedObjects", "true")
        .end();
    w.start("rim:AdhocQuery").attr("id", &query.id).attr_opt("home", query.home.as_deref());
    for (name, values) in &query.params {
        w.start("rim:Slot").attr("name", name).start("rim:ValueList");
        for value in values {
            w.leaf("rim:Value", value);
        }
        w.end().end();
    }
    w.end().end();
}

/// The element of an answer in two pieces: up to and with the start tag of rim:RegistryObjectList,
/// and from its end tag on. Between them go the objects, with the prefix `rim`.
pub fn response_frame(status: Status, errors: &[RegistryError]) -> (String, String) {
    const TAIL: &str = "</rim:RegistryObjectList></query:AdhocQueryResponse>";
    let mut w = Writer::new();
    w.start("query:AdhocQueryResponse")
        .attr("xmlns:query", ns::QUERY)
        .attr("xmlns:rim", ns::RIM)
        .attr("xmlns:rs", ns::RS)
        .attr("status", status.urn());
    write_errors(&mut w, errors);
    w.start("rim:RegistryObjectList").raw("");
    let whole = w.finish();
    let head = whole.strip_suffix(TAIL).unwrap_or(&whole).to_owned();
    (head, TAIL.to_owned())
}

/// Reads an answer; the reader is inside `body` and at its end afterwards.
pub fn read_response(r: &mut Reader<'_>, body: &Element) -> Result<QueryResponse, Fault> {
    expect_response(body, ns::QUERY, "AdhocQueryResponse")?;
    let mut response = QueryResponse {
        status: Status::read(body)?,
        errors: Vec::new(),
        objects: Vec::new(),
        findings: Vec::new(),
    };
    while let Some(child) = r.next_child().map_err(unreadable)? {
        if child.is(ns::RS, "RegistryErrorList") {
            read_errors(r, &mut response.errors)?;
        } else if child.is(ns::RIM, "RegistryObjectList") {
            let objects = ebrim::read_objects(r, &child).map_err(unreadable)?;
            response.objects.extend(objects.value.unwrap_or_default());
            response.findings.extend(objects.findings);
        } else {
            r.skip().map_err(unreadable)?;
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests;
