//! The request, PRPA_IN201305UV02 (QUQI_MT021001UV01; ITI TF-2: 3.55.4.1).

use crate::datatypes::{oid, write_coded, write_root};
use crate::interaction::{INTERACTIONS, Interaction};
use crate::person::is_pattern;
use crate::problem::{Notes, Problem, Read, Refusal, rules};
use crate::query::{Priority, Query, QueryCopy};
use crate::transmission::{Transmission, close, open};
use crate::tree::Node;
use renkei_metadata::ids::Oid;
use renkei_soap::xml::{Element, Reader, Writer};

/// What one gateway asks another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its wrapper; the sender's community is that of the initiating gateway.
    pub transmission: Transmission,
    /// Whose identifiers the responding community has to use when it asks back (authorOrPerformer).
    pub authority: Option<Oid>,
    /// Whom it looks for.
    pub query: Query,
    /// The query as it came.
    pub copy: QueryCopy,
}

/// Parameters that would narrow the answer, so that they cannot be passed over.
const NOT_ALLOWED: [&str; 4] = [
    "livingSubjectDeceasedTime",
    "otherIDsScopingOrganization",
    "patientStatusCode",
    "principalCareProvisionId",
];

impl Request {
    /// A request for `query`.
    pub fn new(transmission: Transmission, authority: Option<Oid>, query: Query) -> Self {
        let copy = query.to_copy();
        Self { transmission, authority, query, copy }
    }

    /// Writes it.
    pub fn write(&self, w: &mut Writer) {
        self.transmission.write(w, Interaction::FindCandidates);
        // CP-ITI-455: EVN, as the schema fixes it.
        w.start("controlActProcess").attr("classCode", "CACT").attr("moodCode", "EVN");
        write_coded(w, "code", Interaction::FindCandidates.trigger(), INTERACTIONS);
        if let Some(authority) = &self.authority {
            w.start("authorOrPerformer").attr("typeCode", "AUT");
            w.start("assignedDevice").attr("classCode", "ASSIGNED");
            write_root(w, "id", authority);
            w.end().end();
        }
        w.raw(self.copy.as_xml()).end().end();
    }

    /// Reads one; the reader is inside `body` and at its end afterwards.
    ///
    /// # Errors
    /// When it is none, or when it breaks a rule of the transaction.
    pub fn read(r: &mut Reader<'_>, body: &Element) -> Result<Read<Self>, Refusal> {
        let opened = open(r, body, Interaction::FindCandidates)?;
        let (mut cx, mut node) = (opened.cx, opened.node);
        let (mut authority, mut query) = (None, None);
        if let Some(mut act) = cx.one(&mut node, "controlActProcess") {
            act.take_all("code");
            authority = author(&mut cx, &mut act);
            if let Some(parameters) = cx.one(&mut act, "queryByParameter") {
                let copy = QueryCopy::of(&parameters);
                check(&mut cx, &parameters);
                let offset = parameters.offset;
                query = Query::read(&mut cx, parameters).map(|query| (query, copy));
                if let Some((query, _)) = &query {
                    names_somebody(&mut cx, query, offset);
                }
            }
            cx.done(&act);
        }
        let is_deferred = query.as_ref().is_some_and(|(q, _)| q.priority == Priority::Deferred);
        if is_deferred && opened.transmission.respond_to.is_none() {
            cx.missing(&node, "respondTo/telecom");
        }
        cx.done(&node);
        close(r, cx, opened.transmission, query, |transmission, query| {
            let (query, copy) = query?;
            Some(Self { transmission, authority, query, copy })
        })
    }
}

/// The authority in authorOrPerformer. A person there has nothing to say here.
fn author(cx: &mut Notes, act: &mut Node) -> Option<Oid> {
    let mut author = cx.at_most_one(act, "authorOrPerformer")?;
    let device = author.take("assignedDevice").filter(|n| !n.is_null());
    cx.done(&author);
    let mut device = device?;
    let id = cx.at_most_one(&mut device, "id")?;
    cx.done(&device);
    oid(cx, "assignedDevice", &id)
}

/// What Cross Gateway Patient Discovery does not allow in a query (ITI TF-2: 3.55.4.1.2.1).
fn check(cx: &mut Notes, query: &Node) {
    for parameter in query.children("parameterList").flat_map(Node::elements) {
        if NOT_ALLOWED.contains(&parameter.local.as_str()) {
            cx.wrong(Problem::new(&rules::NOT_ALLOWED, parameter.local.clone(), parameter.offset));
        }
        for pattern in parameter.children("value").filter(|value| is_pattern(value)) {
            let element = format!("{}/value/@use", parameter.local);
            cx.wrong(Problem::new(&rules::NOT_ALLOWED, element, pattern.offset).value("SRCH"));
        }
    }
}

/// An identifier, or a name and a date of birth.
fn names_somebody(cx: &mut Notes, query: &Query, offset: usize) {
    let has_demographics = !query.names.is_empty() && query.birth.is_some();
    if query.identifiers.is_empty() && !has_demographics {
        cx.wrong(Problem::new(&rules::DEMOGRAPHICS, "parameterList", offset));
    }
}
