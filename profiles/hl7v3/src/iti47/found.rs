//! One person that was found (MFMI_MT700711UV01 registrationEvent, PRPA_MT201310UV02; ITI TF-2: 3.47.4.2.2).

use crate::datatypes::{oid_of, patient, write_code, write_identifier};
use crate::person::write_person_without;
use crate::problem::Notes;
use crate::registration::{
    Registration, observation, person_of, provider, write_observation, write_provider,
    write_registration,
};
use crate::tree::{Node, limits};
use renkei_metadata::ids::Oid;
use renkei_person::{Identifier, Person};
use renkei_soap::xml::Writer;

/// Somebody who was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The identifiers of the domain that provides the record; one at least.
    pub ids: Vec<Identifier>,
    /// Who it is; the identifiers are those of other domains.
    pub person: Person,
    /// The domain that provides the record.
    pub provider: Option<Oid>,
    /// Domains that were asked for, and in which the person has no identifier.
    pub without: Vec<Oid>,
    /// How sure the supplier is, in percent.
    pub degree: Option<u8>,
}

impl Found {
    /// Whoever has these identifiers, of which the first one's domain provides the record; those of `person` do not
    /// count. `None` without any.
    pub fn new(
        identifiers: Vec<Identifier>,
        person: Person,
        without: Vec<Oid>,
        degree: Option<u8>,
    ) -> Option<Self> {
        let provider = identifiers.first()?.id.authority.clone();
        let (ids, others) = identifiers.into_iter().partition(|of| of.id.authority == provider);
        let person = Person { identifiers: others, ..person };
        Some(Self { ids, person, provider: Some(provider), without, degree })
    }

    /// Every identifier that is told.
    pub fn identifiers(&self) -> impl Iterator<Item = &Identifier> {
        self.ids.iter().chain(&self.person.identifiers)
    }

    pub(super) fn write(&self, w: &mut Writer, custodian: &Oid) {
        let patient = |w: &mut Writer| {
            self.ids.iter().for_each(|id| write_identifier(w, "id", id));
            write_code(w, "statusCode", "active");
            write_person_without(w, &self.person, &self.without);
            write_provider(w, self.provider.as_ref());
            write_observation(w, self.degree);
        };
        write_registration(w, custodian, patient, |_| {});
    }

    /// Reads a subject of the control act.
    pub(super) fn read(cx: &mut Notes, subject: Node) -> Option<Self> {
        let Registration { mut event, patient } = Registration::read(cx, subject)?;
        for passed in ["statusCode", "effectiveTime", "custodian"] {
            event.take_all(passed);
        }
        cx.done(&event);
        let mut role = patient?;
        let ids = cx.some(&mut role, "id", limits::ENTRIES);
        if ids.is_empty() {
            cx.missing(&role, "id");
        }
        let read = ids.iter().map(|id| self::patient(cx, "patient", id)).collect::<Option<_>>();
        let without = without(&role);
        let person = person_of(cx, &mut role);
        let provider = provider(cx, &mut role);
        let degree = role.take("subjectOf1").and_then(|n| observation(cx, n));
        for passed in ["statusCode", "effectiveTime"] {
            role.take_all(passed);
        }
        cx.done(&role);
        Some(Self { ids: read?, person: person?, provider, without, degree })
    }
}

/// The domains that are named with a null flavour for an identifier.
fn without(role: &Node) -> Vec<Oid> {
    let others = role.children("patientPerson").flat_map(|p| p.children("asOtherIDs"));
    let empty = others.filter(|other| other.children("id").all(Node::is_null));
    let scopes = empty.flat_map(|other| other.children("scopingOrganization"));
    let roots = scopes.flat_map(|scope| scope.children("id")).filter_map(|id| id.attr("root"));
    roots.filter_map(oid_of).take(limits::ENTRIES).collect()
}
