//! Patient Location Query (ITI-56; XCPD supplement, Health Data Locator option): which communities hold
//! data of a person.

use crate::XCPD;
use crate::datatypes::{patient, write_identifier};
use crate::problem::{Notes, Problem, Read, faulty, rules, unreadable};
use crate::tree::{Node, limits};
use renkei_metadata::ids::HomeCommunityId;
use renkei_person::Identifier;
use renkei_soap::fault::Fault;
use renkei_soap::xml::{Element, Reader, Writer};

const REQUEST: &str = "PatientLocationQueryRequest";
const RESPONSE: &str = "PatientLocationQueryResponse";

/// One community that holds data of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The community.
    pub home: HomeCommunityId,
    /// What it calls the person.
    pub patient: Identifier,
    /// What the responder calls them.
    pub requested: Identifier,
}

/// Writes a request.
pub fn write_request(w: &mut Writer, patient: &Identifier) {
    w.start(REQUEST).attr("xmlns", XCPD);
    write_identifier(w, "RequestedPatientId", patient);
    w.end();
}

/// Reads a request; the reader is inside `body` and at its end afterwards.
///
/// # Errors
/// When it is none.
pub fn read_request(r: &mut Reader<'_>, body: &Element) -> Result<Read<Identifier>, Fault> {
    let (mut node, mut cx) = open(r, body, REQUEST)?;
    let id = cx.one(&mut node, "RequestedPatientId");
    let id = id.and_then(|n| patient(&mut cx, REQUEST, &n));
    cx.done(&node);
    cx.close(r, id).map_err(|problems| faulty(&problems))
}

/// Writes an answer.
pub fn write_response(w: &mut Writer, locations: &[Location]) {
    w.start(RESPONSE).attr("xmlns", XCPD);
    for location in locations {
        w.start("PatientLocationResponse").leaf("HomeCommunityId", location.home.as_str());
        write_identifier(w, "CorrespondingPatientId", &location.patient);
        write_identifier(w, "RequestedPatientId", &location.requested);
        w.end();
    }
    w.end();
}

/// Reads an answer; the reader is inside `body` and at its end afterwards. The schema wants one location at
/// least; an answer without any says that there is none.
///
/// # Errors
/// When it is none.
pub fn read_response(r: &mut Reader<'_>, body: &Element) -> Result<Read<Vec<Location>>, Fault> {
    let (mut node, mut cx) = open(r, body, RESPONSE)?;
    let found = cx.some(&mut node, "PatientLocationResponse", limits::CANDIDATES);
    let locations = found.into_iter().map(|n| location(&mut cx, n)).collect::<Vec<_>>();
    cx.done(&node);
    cx.close(r, locations.into_iter().collect()).map_err(|problems| faulty(&problems))
}

fn location(cx: &mut Notes, mut node: Node) -> Option<Location> {
    let outer = node.local.clone();
    let home = cx.one(&mut node, "HomeCommunityId").and_then(|n| {
        let text = n.text();
        let home = HomeCommunityId::parse(&text).ok();
        if home.is_none() {
            let element = format!("{outer}/HomeCommunityId");
            cx.wrong(Problem::new(&rules::VALUE, element, n.offset).value(text));
        }
        home
    });
    let mut id = |name: &str| {
        let node = cx.one(&mut node, name)?;
        patient(cx, &outer, &node)
    };
    let (there, requested) = (id("CorrespondingPatientId"), id("RequestedPatientId"));
    cx.done(&node);
    Some(Location { home: home?, patient: there?, requested: requested? })
}

fn open(r: &mut Reader<'_>, body: &Element, name: &str) -> Result<(Node, Notes), Fault> {
    if !body.is(XCPD, name) {
        let problem = Problem::new(&rules::MESSAGE, body.local.clone(), body.offset);
        return Err(faulty(&[problem.value(format!("{name} {XCPD}"))]));
    }
    let (node, passed_over) = Node::read(r, body, XCPD).map_err(|why| unreadable(r, why))?;
    Ok((node, Notes::after(passed_over)))
}

#[cfg(test)]
mod tests;
