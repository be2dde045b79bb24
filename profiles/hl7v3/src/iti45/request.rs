//! The query, PRPA_IN201309UV02 (QUQI_MT021001UV01, PRPA_MT201307UV02; ITI TF-2: 3.45.4.1).

use crate::datatypes::{
    InstanceId, instance_id, patient, write_code, write_coded, write_identifier,
};
use crate::interaction::{INTERACTIONS, Interaction};
use crate::problem::{Notes, Problem, Read, Refusal, rules};
use crate::query::{Domain, Query, QueryCopy, parameter, values};
use crate::transmission::{Transmission, close, open};
use crate::tree::Node;
use crate::{HL7, XSI};
use renkei_metadata::ids::Oid;
use renkei_person::Identifier;
use renkei_soap::xml::{Element, Reader, Writer};

/// What a consumer asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its wrapper.
    pub transmission: Transmission,
    /// The query; its answer says the same.
    pub query_id: InstanceId,
    /// The identifier that is known.
    pub patient: Identifier,
    /// The domains of which identifiers are wanted; none: of all.
    pub domains: Vec<Domain>,
    /// The query as it came.
    pub copy: QueryCopy,
}

/// What the query calls the domains.
const SOURCE: &str = "dataSource";
const PATIENT: &str = "patientIdentifier";

impl Request {
    /// A query for the identifiers that these domains have for a person; none: all domains.
    pub fn new(
        transmission: Transmission,
        query_id: InstanceId,
        patient: Identifier,
        domains: impl IntoIterator<Item = Oid>,
    ) -> Self {
        let domains = domains.into_iter().enumerate();
        let domains: Vec<Domain> = domains.map(|(n, id)| Domain::nth(SOURCE, n, id)).collect();
        let copy = copy(&query_id, &patient, &domains);
        Self { transmission, query_id, patient, domains, copy }
    }

    /// Where the identifier stands, as XPath (ITI TF-2: 3.45.4.2.3, case 4).
    pub fn patient_place() -> String {
        format!("{LIST}/{PATIENT}/value")
    }

    /// Where a domain stands (case 5).
    pub fn domain_place(domain: &Domain) -> String {
        format!("{LIST}/{}", domain.place)
    }

    /// Writes it.
    pub fn write(&self, w: &mut Writer) {
        self.transmission.write(w, Interaction::GetIdentifiers);
        // CP-ITI-455: EVN, as the schema fixes it.
        w.start("controlActProcess").attr("classCode", "CACT").attr("moodCode", "EVN");
        write_coded(w, "code", Interaction::GetIdentifiers.trigger(), INTERACTIONS);
        w.raw(self.copy.as_xml()).end().end();
    }

    /// Reads one; the reader is inside `body` and at its end afterwards.
    ///
    /// # Errors
    /// When it is none, or when it breaks a rule of the transaction.
    pub fn read(r: &mut Reader<'_>, body: &Element) -> Result<Read<Self>, Refusal> {
        let opened = open(r, body, Interaction::GetIdentifiers)?;
        let (mut cx, mut node) = (opened.cx, opened.node);
        let asked = cx.one(&mut node, "controlActProcess").and_then(|mut act| {
            for passed in ["id", "code", "effectiveTime", "authorOrPerformer"] {
                act.take_all(passed);
            }
            let query = cx.one(&mut act, "queryByParameter");
            cx.done(&act);
            Asked::read(&mut cx, query?)
        });
        cx.done(&node);
        let named = asked.as_ref().map(|a| (Query::new(a.query_id.clone()), a.copy.clone()));
        close(r, cx, opened.transmission, named, |transmission, _| {
            let Asked { query_id, copy, patient, domains } = asked?;
            Some(Self { transmission, query_id, patient: patient?, domains, copy })
        })
    }
}

/// The list of parameters.
const LIST: &str = "/PRPA_IN201309UV02/controlActProcess/queryByParameter/parameterList";

/// The query, by its meaning.
struct Asked {
    query_id: InstanceId,
    copy: QueryCopy,
    patient: Option<Identifier>,
    domains: Vec<Domain>,
}

impl Asked {
    fn read(cx: &mut Notes, mut node: Node) -> Option<Self> {
        let copy = QueryCopy::of(&node);
        let id = cx.one(&mut node, "queryId");
        let id = id.and_then(|n| instance_id(cx, "queryByParameter", &n));
        for passed in ["statusCode", "responseModalityCode", "responsePriorityCode"] {
            node.take_all(passed);
        }
        let list = cx.one(&mut node, "parameterList");
        cx.done(&node);
        let (mut found, mut domains) = (None, Vec::new());
        if let Some(mut list) = list {
            list.take_all("id");
            domains = Domain::read(cx, &mut list, SOURCE);
            found = known(cx, &mut list);
            cx.done(&list);
        }
        Some(Self { query_id: id?, copy, patient: found, domains })
    }
}

/// The one identifier that is asked about.
fn known(cx: &mut Notes, list: &mut Node) -> Option<Identifier> {
    let mut values = values(cx, list, PATIENT).into_iter();
    let first = values.next();
    if let Some(second) = values.next() {
        let element = format!("{PATIENT}/value");
        cx.wrong(Problem::new(&rules::SEVERAL, element, second.offset));
    }
    match first {
        Some(value) => patient(cx, PATIENT, &value),
        None => {
            cx.missing(list, "patientIdentifier/value");
            None
        }
    }
}

fn copy(query_id: &InstanceId, patient: &Identifier, domains: &[Domain]) -> QueryCopy {
    let mut w = Writer::new();
    w.start("queryByParameter").attr("xmlns", HL7).attr("xmlns:xsi", XSI);
    query_id.write(&mut w, "queryId");
    write_code(&mut w, "statusCode", "new");
    write_code(&mut w, "responsePriorityCode", "I");
    w.start("parameterList");
    for domain in domains {
        domain.write(&mut w, SOURCE, "DataSource.id");
    }
    parameter(&mut w, PATIENT, "Patient.id", |w| write_identifier(w, "value", patient));
    w.end().end();
    QueryCopy::of_text(w.finish())
}
