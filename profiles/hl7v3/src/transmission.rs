//! The transmission wrapper: which message it is, from whom, to whom (MCCI_MT000100UV01, MCCI_MT000200UV01,
//! MCCI_MT000300UV01; ITI TF-2: O.1).

use crate::datatypes::{InstanceId, Time, code, instance_id, oid, write_code, write_root};
use crate::interaction::{INTERACTIONS, Interaction};
use crate::person::write_organization;
use crate::places;
use crate::problem::{Answerable, Notes, Problem, Read, Refusal, faulty, rules, unreadable};
use crate::query::{Query, QueryCopy};
use crate::tree::Node;
use crate::{HL7, XSI};
use renkei_metadata::ids::Oid;
use renkei_soap::xml::{Element, Reader, Writer};

/// What a message is for (`processingCode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Processing {
    /// `P`: it counts.
    #[default]
    Production,
    /// `T`: somebody learns.
    Training,
    /// `D`: somebody looks for a mistake.
    Debugging,
}

impl Processing {
    const ALL: [Self; 3] = [Self::Production, Self::Training, Self::Debugging];

    const fn code(self) -> &'static str {
        match self {
            Self::Production => "P",
            Self::Training => "T",
            Self::Debugging => "D",
        }
    }
}

/// Who sends or receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The OID of the device.
    pub device: Oid,
    /// Whom it works for: of a gateway, the homeCommunityId of its community (ITI TF-2: 3.55.4.1.2.4).
    pub community: Option<Oid>,
}

/// What goes around every message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmission {
    /// The message.
    pub id: InstanceId,
    /// When it was made.
    pub created: Time,
    /// What it is for.
    pub processing: Processing,
    /// To whom it goes.
    pub receiver: Party,
    /// Where a deferred answer is to be sent: a URL (ITI TF-2: 3.55.6.2).
    pub respond_to: Option<String>,
    /// From whom it comes.
    pub sender: Party,
}

impl Transmission {
    /// The wrapper of an answer.
    #[must_use]
    pub fn answer(&self, id: InstanceId, created: Time) -> Self {
        Self {
            id,
            created,
            processing: self.processing,
            receiver: self.sender.clone(),
            respond_to: None,
            sender: self.receiver.clone(),
        }
    }

    /// Opens the message; whoever calls writes the rest and closes it.
    pub(crate) fn write(&self, w: &mut Writer, interaction: Interaction) {
        w.start(interaction.name()).attr("xmlns", HL7).attr("xmlns:xsi", XSI);
        w.attr("ITSVersion", "XML_1.0");
        self.id.write(w, "id");
        w.start("creationTime").attr("value", self.created.as_str()).end();
        w.start("interactionId")
            .attr("root", INTERACTIONS)
            .attr("extension", interaction.id())
            .end();
        write_code(w, "processingCode", self.processing.code());
        // T: current processing, for deferred queries too (ITI TF-2: O.1.1).
        write_code(w, "processingModeCode", "T");
        write_code(w, "acceptAckCode", interaction.accept_code());
        self.receiver.write(w, "receiver", "RCV");
        if let Some(url) = &self.respond_to {
            w.start("respondTo").attr("typeCode", "RSP");
            w.start("telecom").attr("value", &places::url(url)).end();
            w.start("entityRsp").attr("classCode", "ENT").attr("determinerCode", "INSTANCE");
            w.attr("xsi:nil", "true").end().end();
        }
        self.sender.write(w, "sender", "SND");
    }

    fn read(cx: &mut Notes, node: &mut Node, interaction: Interaction) -> Option<Self> {
        let outer = node.local.clone();
        let id = cx.one(node, "id").and_then(|n| instance_id(cx, &outer, &n));
        let created = cx.one(node, "creationTime").and_then(|n| {
            let time = n.attr("value").and_then(Time::parse);
            if time.is_none() {
                cx.unreadable(&outer, &n);
            }
            time
        });
        if let Some(named) = cx.one(node, "interactionId")
            && ![interaction.id(), interaction.name()]
                .contains(&named.attr("extension").unwrap_or_default())
        {
            let element = format!("{outer}/interactionId/@extension");
            let problem = Problem::new(&rules::VALUE, element, named.offset);
            cx.wrong(problem.value(named.attr("extension").unwrap_or_default()));
        }
        // What an unknown code means nobody can say; that it is no test is the careful guess.
        let processing = node.take("processingCode").and_then(|n| {
            let code = code(cx, &n)?;
            Processing::ALL.into_iter().find(|p| p.code() == code)
        });
        for passed in ["processingModeCode", "acceptAckCode", "versionCode"] {
            node.take_all(passed);
        }
        let receiver = Party::read(cx, node, "receiver");
        let respond_to = cx.at_most_one(node, "respondTo").and_then(|mut n| {
            n.take("entityRsp");
            let telecom = cx.one(&mut n, "telecom")?;
            cx.done(&n);
            telecom.attr("value").map(places::url)
        });
        let sender = Party::read(cx, node, "sender");
        Some(Self {
            id: id?,
            created: created?,
            processing: processing.unwrap_or_default(),
            receiver: receiver?,
            respond_to,
            sender: sender?,
        })
    }
}

impl Party {
    fn write(&self, w: &mut Writer, element: &'static str, code: &'static str) {
        w.start(element).attr("typeCode", code);
        w.start("device").attr("classCode", "DEV").attr("determinerCode", "INSTANCE");
        write_root(w, "id", &self.device);
        if let Some(community) = &self.community {
            w.start("asAgent").attr("classCode", "AGNT");
            write_organization(w, "representedOrganization", |w| write_root(w, "id", community));
            w.end();
        }
        w.end().end();
    }

    fn read(cx: &mut Notes, node: &mut Node, element: &str) -> Option<Self> {
        let mut party = cx.one(node, element)?;
        let mut device = cx.one(&mut party, "device")?;
        cx.done(&party);
        // A device may have several ids; the first names it as well as the others.
        let ids = device.take_all("id").into_iter().find(|id| !id.is_null());
        let id = match ids {
            Some(id) => oid(cx, &format!("{element}/device"), &id),
            None => {
                cx.missing(&device, "id");
                None
            }
        };
        let community = cx.at_most_one(&mut device, "asAgent").and_then(|mut agent| {
            let mut organization = cx.at_most_one(&mut agent, "representedOrganization")?;
            cx.done(&agent);
            let id = cx.at_most_one(&mut organization, "id")?;
            cx.done(&organization);
            oid(cx, "representedOrganization", &id)
        });
        cx.done(&device);
        Some(Self { device: id?, community })
    }
}

/// A message whose wrapper was read.
pub(crate) struct Opened {
    pub(crate) cx: Notes,
    /// The rest of it.
    pub(crate) node: Node,
    pub(crate) transmission: Transmission,
}

/// Reads the message that the reader is in to its end, and its wrapper.
pub(crate) fn open(
    r: &mut Reader<'_>,
    body: &Element,
    what: Interaction,
) -> Result<Opened, Refusal> {
    if !body.is(HL7, what.name()) {
        let problem = Problem::new(&rules::MESSAGE, body.local.clone(), body.offset);
        return Err(faulty(&[problem.value(format!("{} {HL7}", what.name()))]).into());
    }
    let (mut node, foreign) = Node::read(r, body, HL7).map_err(|why| unreadable(r, why))?;
    let mut cx = Notes::after(foreign);
    match Transmission::read(&mut cx, &mut node, what) {
        Some(transmission) => Ok(Opened { cx, node, transmission }),
        None => match cx.close(r, None::<()>) {
            Err(problems) => Err(faulty(&problems).into()),
            Ok(_) => Err(faulty(&[]).into()),
        },
    }
}

/// What became of a message: itself, or everything that is wrong with it.
pub(crate) fn close<T>(
    r: &Reader<'_>,
    cx: Notes,
    transmission: Transmission,
    query: Option<(Query, QueryCopy)>,
    message: impl FnOnce(Transmission, Option<(Query, QueryCopy)>) -> Option<T>,
) -> Result<Read<T>, Refusal> {
    let message = message(transmission.clone(), query.clone());
    cx.close(r, message).map_err(|problems| {
        Refusal::Answerable(Box::new(Answerable { problems, transmission, query }))
    })
}
