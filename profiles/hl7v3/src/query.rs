//! The query by parameters for a person (PRPA_MT201306UV02; ITI TF-2: 3.55.4.1.2, Table 3.55.4.1.2-1).

use crate::datatypes::{
    InstanceId, code, count, instance_id, oid, patient, write_code, write_coded, write_identifier,
    write_root,
};
use crate::person::{is_pattern, name, sex, write_name, write_pattern, write_sex};
use crate::places::{address, contact, write_address, write_contact};
use crate::problem::{Notes, Problem, rules};
use crate::tree::{Node, limits};
use crate::{HL7, XSI};
use renkei_metadata::ids::Oid;
use renkei_person::{Address, Birth, Contact, Identifier, Name, Sex};
use renkei_soap::xml::Writer;

/// When the answer is wanted (`responsePriorityCode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// `I`: with the answer to the message.
    #[default]
    Immediate,
    /// `D`: later, as a message of its own.
    Deferred,
}

/// When the person is said to have been born.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BirthTime {
    /// Then.
    At(Birth),
    /// From the first to the second; one of the two at least.
    Between(Option<Birth>, Option<Birth>),
}

/// A query: whom it looks for. Names, addresses and numbers are alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The query; its answer says the same.
    pub id: InstanceId,
    /// When the answer is wanted.
    pub priority: Priority,
    /// How candidates should be compared; responders may ignore it.
    pub match_algorithm: Option<String>,
    /// How sure a candidate has to be, in percent; responders may ignore it.
    pub minimum_degree: Option<u8>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Where the person was born.
    pub birth_place_address: Option<Address>,
    /// What that place is called.
    pub birth_place_name: Option<String>,
    /// When the person was born.
    pub birth: Option<BirthTime>,
    /// Identifiers of the initiating community, or shared ones.
    pub identifiers: Vec<Identifier>,
    /// Names.
    pub names: Vec<Name>,
    /// The name of the mother before she married.
    pub mothers_maiden_name: Option<Name>,
    /// Addresses.
    pub addresses: Vec<Address>,
    /// Telephone numbers and the like.
    pub contacts: Vec<Contact>,
    /// Who cares for the person.
    pub care_providers: Vec<Identifier>,
    /// Whether the names are patterns to search by (`use="SRCH"`; ITI TF-2: 3.47.4.1.2.1).
    pub is_pattern: bool,
    /// The domains of which identifiers are wanted; none: of all (ITI TF-2: 3.47.4.1.2.1).
    pub domains: Vec<Domain>,
    /// How many persons the first answer may hold; the others are asked for (ITI TF-2: 3.47.4.1.2.1).
    pub initial_quantity: Option<u32>,
}

/// A domain of identifiers of which a query speaks, and where it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Whose identifiers.
    pub id: Oid,
    /// Where it stands below parameterList: `dataSource[2]/value`.
    pub place: String,
}

impl Domain {
    /// The `n`-th domain that a parameter names, from 0, each in an element of its own.
    pub(crate) fn nth(parameter: &str, n: usize, id: Oid) -> Self {
        Self { id, place: format!("{parameter}[{}]/value", n + 1) }
    }

    /// Reads the domains that a parameter names. An extension, which must not be there, is left out.
    pub(crate) fn read(cx: &mut Notes, list: &mut Node, parameter: &str) -> Vec<Self> {
        let mut found = Vec::new();
        for (n, mut element) in cx.some(list, parameter, limits::ENTRIES).into_iter().enumerate() {
            let values = element.take_all("value");
            element.take_all("semanticsText");
            cx.done(&element);
            let are_several = values.len() > 1;
            for (m, value) in values.into_iter().enumerate().filter(|(_, v)| !v.is_null()) {
                let Some(id) = oid(cx, parameter, &value) else { continue };
                let mut domain = Self::nth(parameter, n, id);
                if are_several {
                    domain.place.push_str(&format!("[{}]", m + 1));
                }
                found.push(domain);
            }
        }
        cx.at_most(&found, limits::ENTRIES, parameter, list.offset);
        found.truncate(limits::ENTRIES);
        found
    }

    pub(crate) fn write(&self, w: &mut Writer, parameter_name: &'static str, semantics: &str) {
        parameter(w, parameter_name, semantics, |w| write_root(w, "value", &self.id));
    }
}

/// What a query calls the domains that are wanted in its answer.
pub(crate) const SCOPE: &str = "otherIDsScopingOrganization";

/// The element `queryByParameter` as it came, for the answer and the audit record: XML that needs nothing
/// around it.
#[derive(Clone, PartialEq, Eq)]
pub struct QueryCopy(String);

impl QueryCopy {
    pub(crate) fn of(node: &Node) -> Self {
        Self(node.to_xml())
    }

    /// Of a message that names a query and does not hold it.
    pub(crate) fn none() -> Self {
        Self(String::new())
    }

    /// What was just written.
    pub(crate) fn of_text(xml: String) -> Self {
        Self(xml)
    }

    /// The element.
    pub fn as_xml(&self) -> &str {
        &self.0
    }
}

// It says who somebody is.
impl std::fmt::Debug for QueryCopy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("QueryCopy")
    }
}

impl Query {
    /// A query that names nobody yet.
    pub fn new(id: InstanceId) -> Self {
        Self {
            id,
            priority: Priority::Immediate,
            match_algorithm: None,
            minimum_degree: None,
            sex: None,
            birth_place_address: None,
            birth_place_name: None,
            birth: None,
            identifiers: Vec::new(),
            names: Vec::new(),
            mothers_maiden_name: None,
            addresses: Vec::new(),
            contacts: Vec::new(),
            care_providers: Vec::new(),
            is_pattern: false,
            domains: Vec::new(),
            initial_quantity: None,
        }
    }

    /// The same, whose answer is to name the identifiers of these domains.
    #[must_use]
    pub fn in_domains(mut self, domains: impl IntoIterator<Item = Oid>) -> Self {
        let domains = domains.into_iter().enumerate();
        self.domains = domains.map(|(n, id)| Domain::nth(SCOPE, n, id)).collect();
        self
    }

    /// The query as it is written.
    pub fn to_copy(&self) -> QueryCopy {
        let mut w = Writer::new();
        w.start("queryByParameter").attr("xmlns", HL7).attr("xmlns:xsi", XSI);
        self.id.write(&mut w, "queryId");
        write_code(&mut w, "statusCode", "new");
        write_code(&mut w, "responseModalityCode", "R");
        let priority = match self.priority {
            Priority::Immediate => "I",
            Priority::Deferred => "D",
        };
        write_code(&mut w, "responsePriorityCode", priority);
        if let Some(quantity) = self.initial_quantity {
            w.start("initialQuantity").attr("value", &quantity.to_string()).end();
            write_coded(&mut w, "initialQuantityCode", "RD", QUANTITY_UNITS);
        }
        self.write_criteria(&mut w);
        self.write_parameters(&mut w);
        w.end();
        QueryCopy(w.finish())
    }

    fn write_criteria(&self, w: &mut Writer) {
        if self.match_algorithm.is_none() && self.minimum_degree.is_none() {
            return;
        }
        w.start("matchCriterionList");
        if let Some(algorithm) = &self.match_algorithm {
            parameter(w, "matchAlgorithm", "MatchAlgorithm", |w| {
                w.start("value").attr("xsi:type", "ST").text(algorithm).end();
            });
        }
        if let Some(degree) = self.minimum_degree {
            parameter(w, "minimumDegreeMatch", "MinimumDegreeMatch", |w| {
                w.start("value").attr("xsi:type", "INT").attr("value", &degree.to_string()).end();
            });
        }
        w.end();
    }

    /// In the order of the schema.
    fn write_parameters(&self, w: &mut Writer) {
        w.start("parameterList");
        if let Some(sex) = self.sex {
            let text = "LivingSubject.administrativeGender";
            parameter(w, "livingSubjectAdministrativeGender", text, |w| write_sex(w, "value", sex));
        }
        if let Some(place) = &self.birth_place_address {
            let text = "LivingSubject.BirthPlace.Addr";
            parameter(w, "livingSubjectBirthPlaceAddress", text, |w| {
                write_address(w, "value", place)
            });
        }
        if let Some(place) = &self.birth_place_name {
            let text = "LivingSubject.BirthPlace.Place.Name";
            parameter(w, "livingSubjectBirthPlaceName", text, |w| {
                w.leaf("value", place);
            });
        }
        if let Some(birth) = &self.birth {
            parameter(w, "livingSubjectBirthTime", "LivingSubject.birthTime", |w| birth.write(w));
        }
        for id in &self.identifiers {
            parameter(w, "livingSubjectId", "LivingSubject.id", |w| {
                write_identifier(w, "value", id)
            });
        }
        for name in &self.names {
            parameter(w, "livingSubjectName", "LivingSubject.name", |w| {
                if self.is_pattern {
                    write_pattern(w, "value", name);
                } else {
                    write_name(w, "value", name);
                }
            });
        }
        if let Some(name) = &self.mothers_maiden_name {
            let text = "Person.MothersMaidenName";
            parameter(w, "mothersMaidenName", text, |w| write_name(w, "value", name));
        }
        for domain in &self.domains {
            domain.write(w, SCOPE, "OtherIDs.scopingOrganization.id");
        }
        if !self.addresses.is_empty() {
            parameter(w, "patientAddress", "Patient.addr", |w| {
                self.addresses.iter().for_each(|address| write_address(w, "value", address));
            });
        }
        if !self.contacts.is_empty() {
            parameter(w, "patientTelecom", "Patient.telecom", |w| {
                self.contacts.iter().for_each(|contact| write_contact(w, "value", contact));
            });
        }
        for id in &self.care_providers {
            let text = "AssignedProvider.id";
            parameter(w, "principalCareProviderId", text, |w| write_identifier(w, "value", id));
        }
        w.end();
    }

    /// Reads a queryByParameter.
    pub(crate) fn read(cx: &mut Notes, mut node: Node) -> Option<Self> {
        let id = cx.one(&mut node, "queryId");
        let id = id.and_then(|n| instance_id(cx, "queryByParameter", &n));
        node.take_all("statusCode");
        node.take_all("responseModalityCode");
        let priority = node.take("responsePriorityCode");
        let is_deferred = priority.is_some_and(|n| code(cx, &n) == Some("D"));
        let quantity = cx.at_most_one(&mut node, "initialQuantity");
        let quantity = quantity.and_then(|n| count(cx, "queryByParameter", &n));
        node.take_all("initialQuantityCode");
        let criteria = cx.at_most_one(&mut node, "matchCriterionList");
        let list = cx.one(&mut node, "parameterList");
        cx.done(&node);
        let mut query = Self::new(id?);
        if is_deferred {
            query.priority = Priority::Deferred;
        }
        if let Some(criteria) = criteria {
            query.read_criteria(cx, criteria);
        }
        query.initial_quantity = quantity;
        query.read_parameters(cx, list?);
        Some(query)
    }

    fn read_criteria(&mut self, cx: &mut Notes, mut list: Node) {
        let algorithm = single(cx, &mut list, "matchAlgorithm");
        self.match_algorithm = algorithm.and_then(|n| cx.text("matchAlgorithm", &n));
        if let Some(degree) = single(cx, &mut list, "minimumDegreeMatch") {
            let percent = degree.attr("value").and_then(|v| v.parse().ok());
            self.minimum_degree = percent.filter(|percent| *percent <= 100);
            if self.minimum_degree.is_none() {
                cx.unreadable("minimumDegreeMatch", &degree);
            }
        }
        cx.done(&list);
    }

    fn read_parameters(&mut self, cx: &mut Notes, mut list: Node) {
        if let Some(gender) = at_most_one(cx, &mut list, "livingSubjectAdministrativeGender") {
            self.sex = sex(&gender);
            if self.sex.is_none() {
                cx.unreadable("livingSubjectAdministrativeGender", &gender);
            }
        }
        let place = "livingSubjectBirthPlaceAddress";
        self.birth_place_address = single(cx, &mut list, place).and_then(|n| address(cx, place, n));
        let place = "livingSubjectBirthPlaceName";
        self.birth_place_name = single(cx, &mut list, place).and_then(|n| cx.text(place, &n));
        if let Some(time) = single(cx, &mut list, "livingSubjectBirthTime") {
            self.birth = BirthTime::read(cx, time);
        }
        for id in values(cx, &mut list, "livingSubjectId") {
            self.identifiers.extend(patient(cx, "livingSubjectId", &id));
        }
        for value in values(cx, &mut list, "livingSubjectName") {
            self.is_pattern |= is_pattern(&value);
            self.names.extend(name(cx, "livingSubjectName", value));
        }
        let mother = "mothersMaidenName";
        self.mothers_maiden_name = single(cx, &mut list, mother).and_then(|n| name(cx, mother, n));
        self.domains = Domain::read(cx, &mut list, SCOPE);
        for value in values(cx, &mut list, "patientAddress") {
            self.addresses.extend(address(cx, "patientAddress", value));
        }
        for value in values(cx, &mut list, "patientTelecom") {
            self.contacts.extend(contact(cx, "patientTelecom", value));
        }
        for id in values(cx, &mut list, "principalCareProviderId") {
            self.care_providers.extend(patient(cx, "principalCareProviderId", &id));
        }
        // The list has an identifier of its own, which says nothing.
        list.take_all("id");
        cx.done(&list);
    }
}

impl BirthTime {
    fn write(&self, w: &mut Writer) {
        w.start("value");
        match self {
            Self::At(birth) => {
                w.attr("value", &birth.to_string());
            }
            Self::Between(low, high) => {
                for (end, birth) in [("low", low), ("high", high)] {
                    if let Some(birth) = birth {
                        w.start(end).attr("value", &birth.to_string()).end();
                    }
                }
            }
        }
        w.end();
    }

    /// Reads an interval of times. One that is given by its width is nothing that a date of birth is known by.
    fn read(cx: &mut Notes, mut node: Node) -> Option<Self> {
        let ends = ["low", "high"].map(|end| node.take(end).filter(|n| !n.is_null()));
        let read = |n: &Node| n.attr("value").and_then(Birth::parse);
        let found = match (node.attr("value"), &ends) {
            (Some(value), _) => Birth::parse(value).map(Self::At),
            (None, [None, None]) => None,
            (None, [low, high]) => {
                let (first, last) = (low.as_ref().map(read), high.as_ref().map(read));
                let unreadable = first == Some(None) || last == Some(None);
                (!unreadable).then(|| Self::Between(first.flatten(), last.flatten()))
            }
        };
        if found.is_none() {
            cx.unreadable("livingSubjectBirthTime", &node);
        }
        cx.done(&node);
        found
    }
}

/// The code system of what quantities count (QueryQuantityUnit; ITI TF-2: 3.47.4.1.2.1).
const QUANTITY_UNITS: &str = "2.16.840.1.113883.5.1112";

/// A parameter with its values.
pub(crate) fn parameter(
    w: &mut Writer,
    name: &'static str,
    semantics: &str,
    values: impl FnOnce(&mut Writer),
) {
    w.start(name);
    values(w);
    w.leaf("semanticsText", semantics).end();
}

/// All values of all elements of that name. What they mean, the name says; semanticsText says it again, in
/// words that differ among those who send.
pub(crate) fn all_values(cx: &mut Notes, list: &mut Node, parameter: &str) -> Vec<Node> {
    let mut found = Vec::new();
    for mut element in cx.some(list, parameter, limits::ENTRIES) {
        found.extend(element.take_all("value"));
        element.take_all("semanticsText");
        cx.done(&element);
    }
    cx.at_most(&found, limits::ENTRIES, parameter, list.offset);
    found.truncate(limits::ENTRIES);
    found
}

/// Those that say something.
pub(crate) fn values(cx: &mut Notes, list: &mut Node, parameter: &str) -> Vec<Node> {
    let mut found = all_values(cx, list, parameter);
    found.retain(|value| !value.is_null());
    found
}

/// The value of a parameter that has one.
fn at_most_one(cx: &mut Notes, list: &mut Node, parameter: &str) -> Option<Node> {
    let mut found = all_values(cx, list, parameter).into_iter();
    let first = found.next();
    if let Some(second) = found.next() {
        let element = format!("{parameter}/value");
        cx.wrong(Problem::new(&rules::SEVERAL, element, second.offset));
    }
    first
}

/// The same, if it says something.
fn single(cx: &mut Notes, list: &mut Node, parameter: &str) -> Option<Node> {
    at_most_one(cx, list, parameter).filter(|value| !value.is_null())
}
