//! ITI-8 and ITI-64 at the Document Registry: one HL7 v2 message in, one acknowledgement out.

use super::{Persons, not_authorized as reason};
use crate::house::SharedHouse;
use renkei_atna::build::{self, Peer, Side};
use renkei_atna::record::{Action, Outcome};
use renkei_audit::AuditContext;
use renkei_context::{self as context, Caller, Ctx, Object, Role, may};
use renkei_hl7v2::ack::{self, AckCode, Location, Nak, Problem, rows};
use renkei_hl7v2::adt;
use renkei_hl7v2::msh::{Msh, Stamp};
use renkei_registry::Registry;
use std::sync::Arc;
use std::time::Instant;

/// Answers the patient feed.
pub(crate) struct Feed {
    registry: Registry,
    persons: Option<Persons>,
    house: SharedHouse,
    address: String,
}

impl Feed {
    /// A feed of `registry` that is reached under `address`, and of those who keep the persons.
    pub(crate) fn new(
        registry: Registry,
        persons: Option<Persons>,
        house: SharedHouse,
        address: &str,
    ) -> Self {
        Self { registry, persons, house, address: address.to_owned() }
    }

    /// The acknowledgement of a message.
    pub(super) async fn answer(&self, caller: Arc<Caller>, frame: &[u8]) -> Vec<u8> {
        let started = Instant::now();
        let ctx = Ctx::new(caller, &self.address, self.house.request_time);
        let stamp = Stamp::new(ctx.now(), ctx.ids.new_uuid());
        let (result, answer) = match self.take(&ctx, frame).await {
            Ok(header) => ("success", ack::accept(&header, &stamp)),
            Err(nak) => ("failure", nak.write(&stamp)),
        };
        self.house.metrics.answered("ITI-8", result, started.elapsed());
        answer
    }

    async fn take(&self, ctx: &Ctx, frame: &[u8]) -> Result<Msh, Nak> {
        let feed = match adt::read(frame) {
            Ok(feed) => feed,
            Err(nak) => {
                self.audit_unread(ctx, &nak).await;
                return Err(nak);
            }
        };
        if may(ctx, context::Action::Call, Object::As(Role::Feed)).is_err() {
            // The peer is known, but its certificate was not issued for the feed.
            self.house.sightings.refused(&ctx.caller.name);
            self.registry.feed_refused(ctx, &feed, reason(&ctx.caller)).await;
            return Err(not_authorized(&feed.msh));
        }
        let ctx = Ctx { role: Some(Role::Feed), ..ctx.clone() };
        if let Err(nak) = self.house.feeders.allow(&ctx, &feed) {
            self.registry.feed_refused(&ctx, &feed, reason(&ctx.caller)).await;
            return Err(nak);
        }
        let Some(persons) = &self.persons else {
            self.registry.feed(&ctx, &feed).await?;
            return Ok(feed.msh);
        };
        let is_told = match persons.take(&feed).await {
            Ok(is_told) => is_told,
            Err(nak) => {
                self.registry.feed_refused(&ctx, &feed, nak.kinds()).await;
                return Err(nak);
            }
        };
        if !is_told {
            self.registry.feed(&ctx, &feed).await?;
            return Ok(feed.msh);
        }
        self.registry.feed_and_tell(&ctx, &feed, frame).await?;
        persons.are_told();
        Ok(feed.msh)
    }

    /// A message that could not be read, but says between whom it went.
    async fn audit_unread(&self, ctx: &Ctx, nak: &Nak) {
        let Some(msh) = &nak.to else { return };
        let address = AuditContext::caller(ctx).address;
        let transaction = match msh.event.as_str() {
            "A43" => build::Identity::LinkChange,
            _ => build::Identity::Feed,
        };
        let event = build::Feed {
            transaction,
            action: Action::Create,
            sender: &Peer { user_id: msh.sender(), address },
            receiver: &Peer { user_id: msh.receiver(), address: None },
            patients: &[],
            control_id: &msh.control_id,
        };
        let (at, id) = (ctx.now(), ctx.ids.new_uuid());
        let why = Some(nak.kinds());
        let outcome = Outcome::SeriousFailure;
        let local = &self.house.local;
        let record = build::patient_feed(&event, Side::Server, outcome, at, id, local, why);
        if let Err(error) = self.house.audit.record(record).await {
            tracing::error!(%error, "a refused feed message was not recorded");
        }
    }
}

fn not_authorized(to: &Msh) -> Nak {
    let problem = Problem::of(&rows::NOT_A_SOURCE, Location::field("MSH", 4), &[]);
    Nak::new(AckCode::Reject, Some(to), vec![problem])
}
