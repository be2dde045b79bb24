//! Acknowledgements: inside an answer, or as a message of its own, MCCI_IN000002UV01 (ITI TF-2: O.1.2).

use crate::datatypes::{InstanceId, Time, code, instance_id, write_code};
use crate::interaction::Interaction;
use crate::problem::{Notes, Problem, Read, Refusal, rules};
use crate::transmission::{Transmission, close, open};
use crate::tree::{Node, limits};
use renkei_soap::xml::{Element, Reader, Writer};

/// `acknowledgement/typeCode`. Answers say the first three, acknowledgements of receipt the others; deployed
/// senders mix them, so that only what they mean counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckCode {
    /// `AA`: the application accepts.
    ApplicationAccept,
    /// `AE`: the application found a mistake.
    ApplicationError,
    /// `AR`: the application rejects.
    ApplicationReject,
    /// `CA`: the message was received.
    CommitAccept,
    /// `CE`: it was received and is wrong.
    CommitError,
    /// `CR`: it was rejected.
    CommitReject,
}

impl AckCode {
    const ALL: [Self; 6] = [
        Self::ApplicationAccept,
        Self::ApplicationError,
        Self::ApplicationReject,
        Self::CommitAccept,
        Self::CommitError,
        Self::CommitReject,
    ];

    /// As it stands in messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ApplicationAccept => "AA",
            Self::ApplicationError => "AE",
            Self::ApplicationReject => "AR",
            Self::CommitAccept => "CA",
            Self::CommitError => "CE",
            Self::CommitReject => "CR",
        }
    }

    /// Whether all is well.
    pub const fn is_accepting(self) -> bool {
        matches!(self, Self::ApplicationAccept | Self::CommitAccept)
    }
}

/// `acknowledgementDetail/@typeCode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// `E`.
    Error,
    /// `W`.
    Warning,
    /// `I`.
    Information,
}

impl Gravity {
    const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Information];

    const fn code(self) -> &'static str {
        match self {
            Self::Error => "E",
            Self::Warning => "W",
            Self::Information => "I",
        }
    }
}

/// What exactly is to be said about the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// How grave it is.
    pub gravity: Gravity,
    /// A code such as `NS250`.
    pub code: Option<String>,
    /// In words.
    pub text: Option<String>,
    /// Where.
    pub locations: Vec<String>,
}

impl Detail {
    fn write(&self, w: &mut Writer) {
        w.start("acknowledgementDetail").attr("typeCode", self.gravity.code());
        if let Some(code) = &self.code {
            write_code(w, "code", code);
        }
        if let Some(text) = &self.text {
            w.leaf("text", text);
        }
        for location in &self.locations {
            w.leaf("location", location);
        }
        w.end();
    }

    fn read(cx: &mut Notes, mut node: Node) -> Self {
        let outer = node.local.clone();
        let gravity = node.attr("typeCode").unwrap_or_default();
        // A detail that does not say how grave it is has been found worth telling.
        let gravity =
            Gravity::ALL.into_iter().find(|g| g.code() == gravity).unwrap_or(Gravity::Error);
        let code = node.take("code").and_then(|n| code(cx, &n).map(str::to_owned));
        let text = node.take("text").and_then(|n| cx.text(&outer, &n));
        let locations = cx.some(&mut node, "location", limits::ENTRIES);
        let locations = locations.iter().filter_map(|n| cx.text(&outer, n)).collect();
        cx.done(&node);
        Self { gravity, code, text, locations }
    }
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// In short.
    pub code: AckCode,
    /// Of which message.
    pub target: InstanceId,
    /// At length.
    pub details: Vec<Detail>,
}

impl Acknowledgement {
    pub(crate) fn write(&self, w: &mut Writer) {
        w.start("acknowledgement");
        write_code(w, "typeCode", self.code.code());
        w.start("targetMessage");
        self.target.write(w, "id");
        w.end();
        for detail in &self.details {
            detail.write(w);
        }
        w.end();
    }

    pub(crate) fn read(cx: &mut Notes, message: &mut Node) -> Option<Self> {
        let mut node = cx.one(message, "acknowledgement")?;
        let ack = cx.one(&mut node, "typeCode").and_then(|n| {
            let given = code(cx, &n).unwrap_or_default();
            let known = AckCode::ALL.into_iter().find(|c| c.code() == given);
            if known.is_none() {
                let problem = Problem::new(&rules::VALUE, "acknowledgement/typeCode", n.offset);
                cx.wrong(problem.value(given));
            }
            known
        });
        let target = cx.one(&mut node, "targetMessage").and_then(|mut n| {
            let id = cx.one(&mut n, "id")?;
            cx.done(&n);
            instance_id(cx, "targetMessage", &id)
        });
        let details = cx.some(&mut node, "acknowledgementDetail", limits::ENTRIES);
        let details = details.into_iter().map(|n| Detail::read(cx, n)).collect();
        cx.done(&node);
        Some(Self { code: ack?, target: target?, details })
    }
}

/// An acknowledgement as a message of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptAcknowledgement {
    /// Its wrapper.
    pub transmission: Transmission,
    /// What became of the message.
    pub acknowledgement: Acknowledgement,
}

impl AcceptAcknowledgement {
    /// Acknowledges a message.
    pub fn of(
        received: &Transmission,
        code: AckCode,
        details: Vec<Detail>,
        id: InstanceId,
        created: Time,
    ) -> Self {
        let acknowledgement = Acknowledgement { code, target: received.id.clone(), details };
        Self { transmission: received.answer(id, created), acknowledgement }
    }

    /// Reads one; the reader is inside `body` and at its end afterwards.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(r: &mut Reader<'_>, body: &Element) -> Result<Read<Self>, Refusal> {
        let opened = open(r, body, Interaction::AcceptAcknowledgement)?;
        let (mut cx, mut node) = (opened.cx, opened.node);
        let acknowledgement = Acknowledgement::read(&mut cx, &mut node);
        cx.done(&node);
        close(r, cx, opened.transmission, None, |transmission, _| {
            Some(Self { transmission, acknowledgement: acknowledgement? })
        })
    }

    /// Writes it.
    pub fn write(&self, w: &mut Writer) {
        self.transmission.write(w, Interaction::AcceptAcknowledgement);
        self.acknowledgement.write(w);
        w.end();
    }
}
