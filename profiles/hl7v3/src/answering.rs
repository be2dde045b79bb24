//! What answers to queries have in common, and how they say what became of the query (MCCI_MT000300UV01,
//! MFMI_MT700711UV01 queryAck; ITI TF-2: O.2.4).

use crate::acknowledgement::{AckCode, Acknowledgement, Detail};
use crate::datatypes::{
    InstanceId, code, count, instance_id, write_code, write_coded, write_count,
};
use crate::interaction::{INTERACTIONS, Interaction};
use crate::problem::{Notes, Read, Refusal};
use crate::query::QueryCopy;
use crate::transmission::{Transmission, close, open};
use crate::tree::Node;
use renkei_soap::xml::{Element, Reader, Writer};

/// What stands around an answer.
pub(crate) struct Around<'a> {
    pub(crate) interaction: Interaction,
    pub(crate) transmission: &'a Transmission,
    pub(crate) code: AckCode,
    pub(crate) target: &'a InstanceId,
    pub(crate) details: &'a [Detail],
    pub(crate) query: Option<&'a QueryCopy>,
}

/// Writes an answer; `inside` writes its control act from behind the code to before the copy of the query.
pub(crate) fn write(w: &mut Writer, around: &Around<'_>, inside: impl FnOnce(&mut Writer)) {
    around.transmission.write(w, around.interaction);
    let (target, details) = (around.target.clone(), around.details.to_vec());
    Acknowledgement { code: around.code, target, details }.write(w);
    w.start("controlActProcess").attr("classCode", "CACT").attr("moodCode", "EVN");
    write_coded(w, "code", around.interaction.trigger(), INTERACTIONS);
    inside(w);
    if let Some(query) = around.query {
        w.raw(query.as_xml());
    }
    w.end().end();
}

/// Reads an answer: `act` its control act, which is told how the message was acknowledged; `made` puts the parts
/// together. The reader is inside `body` and at its end afterwards.
pub(crate) fn read<T, A>(
    r: &mut Reader<'_>,
    body: &Element,
    interaction: Interaction,
    act: impl FnOnce(&mut Notes, Node, Option<AckCode>) -> Option<A>,
    made: impl FnOnce(Transmission, Acknowledgement, A) -> T,
) -> Result<Read<T>, Refusal> {
    let opened = open(r, body, interaction)?;
    let (mut cx, mut node) = (opened.cx, opened.node);
    let ack = Acknowledgement::read(&mut cx, &mut node);
    let process = cx.one(&mut node, "controlActProcess");
    cx.done(&node);
    let code = ack.as_ref().map(|ack| ack.code);
    let act = process.and_then(|process| act(&mut cx, process, code));
    close(r, cx, opened.transmission, None, |transmission, _| Some(made(transmission, ack?, act?)))
}

/// `queryResponseCode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Response {
    /// `OK`: something was found.
    Found,
    /// `NF`: nothing was.
    NotFound,
    /// `AE`, `QE`: the query was not answered.
    Error,
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Found by the query.
    pub total: u32,
    /// In this answer.
    pub current: u32,
    /// Neither in this answer nor in those before it.
    pub remaining: u32,
}

/// A queryAck.
pub(crate) struct QueryAck {
    pub(crate) id: InstanceId,
    pub(crate) response: Response,
    pub(crate) counts: Option<Counts>,
}

impl Response {
    /// What the acknowledgement of the message says beside it.
    pub(crate) const fn ack(self) -> AckCode {
        match self {
            Self::Found | Self::NotFound => AckCode::ApplicationAccept,
            Self::Error => AckCode::ApplicationError,
        }
    }
}

impl QueryAck {
    pub(crate) fn write(&self, w: &mut Writer) {
        let (status, response) = match self.response {
            Response::Found => ("deliveredResponse", "OK"),
            Response::NotFound => ("deliveredResponse", "NF"),
            Response::Error => ("aborted", "AE"),
        };
        w.start("queryAck");
        self.id.write(w, "queryId");
        write_code(w, "statusCode", status);
        write_code(w, "queryResponseCode", response);
        if let Some(Counts { total, current, remaining }) = self.counts {
            write_count(w, "resultTotalQuantity", total);
            write_count(w, "resultCurrentQuantity", current);
            write_count(w, "resultRemainingQuantity", remaining);
        }
        w.end();
    }

    /// Reads the one of a control act. An answer is an error, whichever part says so; what is neither that nor said
    /// to be none is found, if there is anything.
    pub(crate) fn read(cx: &mut Notes, act: &mut Node, ack: Option<AckCode>) -> Option<Self> {
        let mut node = cx.one(act, "queryAck")?;
        let id = cx.one(&mut node, "queryId").and_then(|n| instance_id(cx, "queryAck", &n));
        node.take_all("statusCode");
        let response = node.take("queryResponseCode");
        let response = response.and_then(|n| code(cx, &n).map(str::to_owned)).unwrap_or_default();
        let mut quantity = |name: &str| {
            let node = cx.at_most_one(&mut node, name)?;
            count(cx, "queryAck", &node)
        };
        let total = quantity("resultTotalQuantity");
        let current = quantity("resultCurrentQuantity");
        let remaining = quantity("resultRemainingQuantity");
        cx.done(&node);
        let counts = match (total, current, remaining) {
            (Some(total), Some(current), Some(remaining)) => {
                Some(Counts { total, current, remaining })
            }
            _ => None,
        };
        let response = match response.as_str() {
            "AE" | "QE" => Response::Error,
            _ if !ack?.is_accepting() => Response::Error,
            "NF" => Response::NotFound,
            _ => Response::Found,
        };
        Some(Self { id: id?, response, counts })
    }
}
