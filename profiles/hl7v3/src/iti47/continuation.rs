//! More of an answer, or no more of it: QUQI_IN000003UV01 and QUQI_IN000003UV01_Cancel (MCCI_MT000300UV01,
//! QUQI_MT000001UV01; ITI TF-2: 3.47.4.3).

use crate::acknowledgement::{AckCode, Acknowledgement};
use crate::datatypes::{
    InstanceId, code, count, instance_id, write_code, write_coded, write_count,
};
use crate::interaction::{INTERACTIONS, Interaction};
use crate::problem::{Notes, Read, Refusal};
use crate::query::{Query, QueryCopy};
use crate::transmission::{Transmission, close, open};
use crate::tree::Node;
use renkei_soap::xml::{Element, Reader, Writer};

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The next persons.
    More {
        /// The number of the first one, from 1; `None`: where the last answer ended.
        start: Option<u32>,
        /// How many; `None`: as many as before.
        quantity: Option<u32>,
    },
    /// None: the supplier may forget the query.
    NoMore,
}

/// The message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Continuation {
    /// Its wrapper.
    pub transmission: Transmission,
    /// The answer that it follows on, where that is named.
    pub target: Option<InstanceId>,
    /// The query.
    pub query_id: InstanceId,
    /// What is wanted.
    pub wish: Wish,
}

impl Continuation {
    /// Writes it.
    pub fn write(&self, w: &mut Writer) {
        let (interaction, start, quantity, status) = match self.wish {
            Wish::More { start, quantity } => {
                (Interaction::Continue, start, quantity, "waitContinuedQueryResponse")
            }
            Wish::NoMore => (Interaction::Cancel, None, Some(0), "aborted"),
        };
        self.transmission.write(w, interaction);
        if let Some(target) = &self.target {
            let target = target.clone();
            let details = Vec::new();
            Acknowledgement { code: AckCode::ApplicationAccept, target, details }.write(w);
        }
        w.start("controlActProcess").attr("classCode", "CACT").attr("moodCode", "EVN");
        write_coded(w, "code", interaction.trigger(), INTERACTIONS);
        w.start("queryContinuation");
        self.query_id.write(w, "queryId");
        if let Some(start) = start {
            write_count(w, "startResultNumber", start);
        }
        if let Some(quantity) = quantity {
            write_count(w, "continuationQuantity", quantity);
        }
        write_code(w, "statusCode", status);
        w.end().end().end();
    }

    /// Reads either; the reader is inside `body` and at its end afterwards.
    ///
    /// # Errors
    /// When it is neither.
    pub fn read(r: &mut Reader<'_>, body: &Element) -> Result<Read<Self>, Refusal> {
        let is_cancel = body.local == Interaction::Cancel.name();
        let what = if is_cancel { Interaction::Cancel } else { Interaction::Continue };
        let opened = open(r, body, what)?;
        let (mut cx, mut node) = (opened.cx, opened.node);
        let has_ack = node.children("acknowledgement").any(|n| !n.is_null());
        let target = has_ack.then(|| Acknowledgement::read(&mut cx, &mut node)).flatten();
        let asked = cx.one(&mut node, "controlActProcess").and_then(|mut act| {
            for passed in ["id", "code", "effectiveTime", "authorOrPerformer"] {
                act.take_all(passed);
            }
            let asked = cx.one(&mut act, "queryContinuation");
            cx.done(&act);
            read(&mut cx, asked?, is_cancel)
        });
        cx.done(&node);
        // A continuation has no query to repeat: its name is enough for an answer.
        let named = asked.as_ref().map(|(id, _)| (Query::new(id.clone()), QueryCopy::none()));
        close(r, cx, opened.transmission, named, |transmission, _| {
            let (query_id, wish) = asked?;
            Some(Self { transmission, target: target.map(|ack| ack.target), query_id, wish })
        })
    }
}

fn read(cx: &mut Notes, mut node: Node, is_cancel: bool) -> Option<(InstanceId, Wish)> {
    let outer = "queryContinuation";
    let id = cx.one(&mut node, "queryId").and_then(|n| instance_id(cx, outer, &n));
    let start = cx.at_most_one(&mut node, "startResultNumber");
    let start = start.and_then(|n| count(cx, outer, &n));
    let quantity = cx.at_most_one(&mut node, "continuationQuantity");
    let quantity = quantity.and_then(|n| count(cx, outer, &n));
    let status = node.take("statusCode");
    let is_aborted = status.is_some_and(|n| code(cx, &n) == Some("aborted"));
    cx.done(&node);
    let wish = match is_cancel || is_aborted {
        true => Wish::NoMore,
        false => Wish::More { start, quantity: quantity.filter(|n| *n > 0) },
    };
    Some((id?, wish))
}
