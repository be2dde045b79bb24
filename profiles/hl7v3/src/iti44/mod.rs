//! Patient Identity Feed HL7 V3 (ITI-44, ITI TF-2: 3.44): a record was added, was revised, or is another's
//! duplicate. The message of a revised record, sent to a consumer, is the PIXV3 Update Notification
//! (ITI-46, ITI TF-2: 3.46).

use crate::datatypes::{oid_of, write_code, write_coded};
use crate::interaction::{INTERACTIONS, Interaction};
use crate::person::write_person;
use crate::problem::{Notes, Problem, Read, Refusal, rules};
use crate::registration::{
    Registration, person_of, provider, status, write_provider, write_registration,
};
use crate::transmission::{Transmission, close, open};
use crate::tree::{Node, limits};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::Person;
use renkei_soap::xml::{Element, Reader, Writer};

#[cfg(test)]
mod tests;

/// What happened to the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// It was added.
    Added,
    /// It was revised: the message is all that is known of the person now.
    Revised,
    /// Another one turned out to be its duplicate, and is no more.
    Merged,
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Added, Self::Revised, Self::Merged];

    /// The message that tells it.
    pub const fn interaction(self) -> Interaction {
        match self {
            Self::Added => Interaction::RecordAdded,
            Self::Revised => Interaction::RecordRevised,
            Self::Merged => Interaction::DuplicatesResolved,
        }
    }
}

/// An identifier of a patient as a feed names it: its authority may be told by a name alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleId {
    /// The authority; `None` where only its name is told.
    pub root: Option<Oid>,
    /// The identifier below it.
    pub extension: String,
    /// `assigningAuthorityName`.
    pub authority_name: Option<String>,
}

impl From<PatientId> for RoleId {
    fn from(id: PatientId) -> Self {
        Self { root: Some(id.authority), extension: id.id, authority_name: None }
    }
}

/// A message of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Its wrapper.
    pub transmission: Transmission,
    /// What happened.
    pub event: Event,
    /// The identifiers of the record; one at least.
    pub ids: Vec<RoleId>,
    /// Who it is about. Its identifiers are those that others have for the person (`asOtherIDs`).
    pub person: Person,
    /// Who keeps the record.
    pub provider: Option<Oid>,
    /// Of a merge, the identifiers of the record that is no more; one at least.
    pub prior: Vec<RoleId>,
}

/// Where the identifiers of a message stand in it, as XPath.
pub mod place {
    use super::Event;

    const EVENT: &str = "controlActProcess/subject/registrationEvent";

    /// The `n`-th identifier of the record, from 1; `None`: the record.
    pub fn id(event: Event, n: Option<usize>) -> String {
        let of = n.map(|n| format!("/id[{n}]")).unwrap_or_default();
        format!("/{}/{EVENT}/subject1/patient{of}", event.interaction().name())
    }

    /// The same of the record that is no more.
    pub fn prior(event: Event, n: Option<usize>) -> String {
        let of = n.map(|n| format!("/id[{n}]")).unwrap_or_default();
        let prior = "replacementOf/priorRegistration/subject1/priorRegisteredRole";
        format!("/{}/{EVENT}/{prior}{of}", event.interaction().name())
    }
}

impl Feed {
    /// Writes it.
    pub fn write(&self, w: &mut Writer) {
        let interaction = self.event.interaction();
        self.transmission.write(w, interaction);
        w.start("controlActProcess").attr("classCode", "CACT").attr("moodCode", "EVN");
        write_coded(w, "code", interaction.trigger(), INTERACTIONS);
        let keeper = self.provider.as_ref().unwrap_or(&self.transmission.sender.device);
        let patient = |w: &mut Writer| {
            self.ids.iter().for_each(|id| id.write(w));
            write_code(w, "statusCode", "active");
            write_person(w, &self.person);
            write_provider(w, self.provider.as_ref());
        };
        write_registration(w, keeper, patient, |w| self.write_prior(w));
        w.end().end();
    }

    fn write_prior(&self, w: &mut Writer) {
        match self.event {
            Event::Added | Event::Revised => return,
            Event::Merged => {}
        }
        w.start("replacementOf").attr("typeCode", "RPLC");
        w.start("priorRegistration").attr("classCode", "REG").attr("moodCode", "EVN");
        write_code(w, "statusCode", "obsolete");
        w.start("subject1").attr("typeCode", "SBJ");
        w.start("priorRegisteredRole").attr("classCode", "PAT");
        self.prior.iter().for_each(|id| id.write(w));
        w.end().end().end().end();
    }

    /// Reads one of the three; the reader is inside `body` and at its end afterwards.
    ///
    /// # Errors
    /// When it is none, or when it breaks a rule of the transaction.
    pub fn read(r: &mut Reader<'_>, body: &Element) -> Result<Read<Self>, Refusal> {
        let event = Event::ALL.into_iter().find(|e| e.interaction().name() == body.local);
        let event = event.unwrap_or(Event::Added);
        let opened = open(r, body, event.interaction())?;
        let (mut cx, mut node) = (opened.cx, opened.node);
        let act = cx.one(&mut node, "controlActProcess");
        let told = act.and_then(|act| Told::read(&mut cx, act, event));
        cx.done(&node);
        close(r, cx, opened.transmission, None, |transmission, _| {
            let Told { ids, person, provider, prior } = told?;
            Some(Self { transmission, event, ids, person, provider, prior })
        })
    }
}

/// What the control act tells.
struct Told {
    ids: Vec<RoleId>,
    person: Person,
    provider: Option<Oid>,
    prior: Vec<RoleId>,
}

impl Told {
    fn read(cx: &mut Notes, mut act: Node, event: Event) -> Option<Self> {
        for passed in ["id", "code", "text", "effectiveTime", "authorOrPerformer"] {
            act.take_all(passed);
        }
        // One record a message (ITI TF-2: 3.44.4.1.2.1): of two, one would be acknowledged unheard.
        let subject = cx.one(&mut act, "subject");
        cx.done(&act);
        let Registration { event: mut registration, patient } = Registration::read(cx, subject?)?;
        status(cx, &mut registration, "active");
        for passed in ["effectiveTime", "author", "custodian"] {
            registration.take_all(passed);
        }
        let prior = prior(cx, &mut registration, event);
        cx.done(&registration);
        let mut patient = patient?;
        let ids = ids(cx, &mut patient);
        let person = person_of(cx, &mut patient);
        let provider = provider(cx, &mut patient);
        for passed in ["statusCode", "effectiveTime"] {
            patient.take_all(passed);
        }
        cx.done(&patient);
        Some(Self { ids, person: person?, provider, prior: prior? })
    }
}

/// What the record replaces, which a merge has to say, and nothing else may (ITI TF-2: 3.44.4.1.2.2, 3.44.4.2.2.2).
fn prior(cx: &mut Notes, registration: &mut Node, event: Event) -> Option<Vec<RoleId>> {
    let is_merge = match event {
        Event::Merged => true,
        Event::Added | Event::Revised => false,
    };
    if !is_merge {
        for replaced in registration.take_all("replacementOf") {
            cx.wrong(Problem::new(&rules::NOT_ALLOWED, "replacementOf", replaced.offset));
        }
        return Some(Vec::new());
    }
    let mut replaced = cx.one(registration, "replacementOf")?;
    let mut before = cx.one(&mut replaced, "priorRegistration")?;
    cx.done(&replaced);
    status(cx, &mut before, "obsolete");
    before.take_all("id");
    let mut subject = cx.one(&mut before, "subject1")?;
    cx.done(&before);
    let mut role = cx.one(&mut subject, "priorRegisteredRole")?;
    cx.done(&subject);
    let found = ids(cx, &mut role);
    cx.done(&role);
    Some(found)
}

/// The identifiers of a role; a problem when there is none.
fn ids(cx: &mut Notes, role: &mut Node) -> Vec<RoleId> {
    let nodes = cx.some(role, "id", limits::ENTRIES);
    if nodes.is_empty() {
        cx.missing(role, "id");
    }
    nodes.iter().filter_map(|node| RoleId::read(cx, &role.local, node)).collect()
}

impl RoleId {
    fn write(&self, w: &mut Writer) {
        w.start("id").attr_opt("root", self.root.as_ref().map(Oid::as_str));
        w.attr("extension", &self.extension);
        w.attr_opt("assigningAuthorityName", self.authority_name.as_deref()).end();
    }

    /// The authority has to be told somehow: whose an identifier is cannot be guessed.
    fn read(cx: &mut Notes, outer: &str, node: &Node) -> Option<Self> {
        cx.done(node);
        let extension = node.attr("extension").filter(|e| e.len() <= limits::LETTERS);
        let name = node.attr("assigningAuthorityName").filter(|n| n.len() <= limits::LETTERS);
        let root = node.attr("root").map(oid_of);
        let (Some(extension), false, true) =
            (extension, root == Some(None), root.is_some() || name.is_some())
        else {
            cx.unreadable(outer, node);
            return None;
        };
        let authority_name = name.map(str::to_owned);
        Some(Self { root: root.flatten(), extension: extension.to_owned(), authority_name })
    }
}
