//! The query, PRPA_IN201305UV02 (QUQI_MT021001UV01, PRPA_MT201306UV02; ITI TF-2: 3.47.4.1).

use crate::datatypes::write_coded;
use crate::interaction::{INTERACTIONS, Interaction};
use crate::problem::{Notes, Problem, Read, Refusal, rules};
use crate::query::{Domain, Query, QueryCopy};
use crate::transmission::{Transmission, close, open};
use crate::tree::Node;
use renkei_metadata::ids::Oid;
use renkei_soap::xml::{Element, Reader, Writer};

/// What a consumer asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its wrapper; the receiver's device names the source of demographics that is asked.
    pub transmission: Transmission,
    /// Whom it looks for.
    pub query: Query,
    /// The query as it came.
    pub copy: QueryCopy,
}

/// Parameters that would narrow the answer and are none of the transaction (ITI TF-2: Table 3.47.4.1.2-1), so that
/// they cannot be passed over.
const NOT_ALLOWED: [&str; 6] = [
    "livingSubjectBirthPlaceAddress",
    "livingSubjectBirthPlaceName",
    "livingSubjectDeceasedTime",
    "patientStatusCode",
    "principalCareProviderId",
    "principalCareProvisionId",
];

impl Request {
    /// A request for `query`.
    pub fn new(transmission: Transmission, query: Query) -> Self {
        let copy = query.to_copy();
        Self { transmission, query, copy }
    }

    /// Where identifiers stand, as XPath.
    pub fn identifiers_place() -> String {
        format!("{LIST}/livingSubjectId/value")
    }

    /// Where the identifiers of one authority stand.
    pub fn authority_place(authority: &Oid) -> String {
        format!("{LIST}/livingSubjectId/value[@root='{}']", authority.as_str())
    }

    /// Where a domain stands, as XPath (ITI TF-2: 3.47.4.2.3, case 3).
    pub fn domain_place(domain: &Domain) -> String {
        format!("{LIST}/{}", domain.place)
    }

    /// Writes it.
    pub fn write(&self, w: &mut Writer) {
        self.transmission.write(w, Interaction::FindCandidates);
        // CP-ITI-455: EVN, as the schema fixes it.
        w.start("controlActProcess").attr("classCode", "CACT").attr("moodCode", "EVN");
        write_coded(w, "code", Interaction::FindCandidates.trigger(), INTERACTIONS);
        w.raw(self.copy.as_xml()).end().end();
    }

    /// Reads one; the reader is inside `body` and at its end afterwards.
    ///
    /// # Errors
    /// When it is none, or when it breaks a rule of the transaction.
    pub fn read(r: &mut Reader<'_>, body: &Element) -> Result<Read<Self>, Refusal> {
        let opened = open(r, body, Interaction::FindCandidates)?;
        let (mut cx, mut node) = (opened.cx, opened.node);
        let query = cx.one(&mut node, "controlActProcess").and_then(|mut act| {
            for passed in ["id", "code", "effectiveTime", "authorOrPerformer"] {
                act.take_all(passed);
            }
            let parameters = cx.one(&mut act, "queryByParameter");
            cx.done(&act);
            let parameters = parameters?;
            let copy = QueryCopy::of(&parameters);
            check(&mut cx, &parameters);
            let offset = parameters.offset;
            let query = Query::read(&mut cx, parameters)?;
            names_something(&mut cx, &query, offset);
            Some((query, copy))
        });
        cx.done(&node);
        close(r, cx, opened.transmission, query, |transmission, query| {
            let (query, copy) = query?;
            Some(Self { transmission, query, copy })
        })
    }
}

/// The list of parameters.
const LIST: &str = "/PRPA_IN201305UV02/controlActProcess/queryByParameter/parameterList";

fn check(cx: &mut Notes, query: &Node) {
    for parameter in query.children("parameterList").flat_map(Node::elements) {
        if NOT_ALLOWED.contains(&parameter.local.as_str()) {
            cx.wrong(Problem::new(&rules::NOT_ALLOWED, parameter.local.clone(), parameter.offset));
        }
    }
}

/// One parameter at least that somebody could be found by; the sex of a person is none.
fn names_something(cx: &mut Notes, query: &Query, offset: usize) {
    let nothing = query.names.is_empty()
        && query.birth.is_none()
        && query.identifiers.is_empty()
        && query.addresses.is_empty()
        && query.contacts.is_empty()
        && query.mothers_maiden_name.is_none();
    if nothing {
        cx.wrong(Problem::new(&rules::NOTHING_ASKED, "parameterList", offset));
    }
}
