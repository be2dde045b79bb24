//! PIX Manager and Patient Demographics Supplier over HL7 v2: ITI-9 and ITI-21, one query in, one answer out.

mod cross_reference;
mod demographics;
mod pointers;
mod record;

use super::{Persons, source_domains};
use crate::house::SharedHouse;
use crate::settings::Settings;
use pointers::Pointers;
use renkei_context::{Action, Caller, Ctx, Object, Role, may};
use renkei_hl7v2::ack::{self, AckCode, Location, Nak, Problem, rows};
use renkei_hl7v2::authorities::Authorities;
use renkei_hl7v2::msh::Stamp;
use renkei_hl7v2::query::{self, Asked, Cancel, Query, Refusal, Transaction};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::Person;
use renkei_sealing::{KeyError, KeyRing};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// Answers queries for persons.
pub(crate) struct Queries {
    persons: Persons,
    authorities: Authorities,
    /// By whose identifiers a source may ask, by the name of its node.
    sources: BTreeMap<String, Vec<Oid>>,
    pointers: Pointers,
    house: SharedHouse,
    address: String,
}

/// An answer that finds somebody or nobody, and whom.
struct Told {
    octets: Vec<u8>,
    /// By CX, for the record.
    patients: Vec<String>,
}

/// By which identifiers a caller may look for persons.
enum Reach<'a> {
    /// Any.
    Everybody,
    /// Those of these authorities.
    Domains(&'a [Oid]),
}

impl Queries {
    /// Queries for `persons` that are reached under `address`.
    ///
    /// # Errors
    /// When the keys give none for what continues a query.
    pub(super) fn new(
        settings: &Settings,
        persons: Persons,
        keys: &KeyRing,
        house: SharedHouse,
        address: &str,
    ) -> Result<Self, KeyError> {
        let own = settings.ids.assigning_authority.clone();
        let sources = source_domains(settings);
        let authorities = Authorities::new(own).named(settings.ids.namespaces.clone());
        let (pointers, address) = (Pointers::new(keys)?, address.to_owned());
        Ok(Self { persons, authorities, sources, pointers, house, address })
    }

    /// The answer to a query.
    pub(super) async fn answer(&self, caller: Arc<Caller>, frame: &[u8]) -> Vec<u8> {
        let started = Instant::now();
        let ctx = Ctx::new(caller, &self.address, self.house.request_time);
        let stamp = Stamp::new(ctx.now(), ctx.ids.new_uuid());
        let (transaction, answered) = match query::read(frame) {
            Ok(Query::Cancel(cancel)) => {
                (Transaction::Demographics, self.cancelled(&ctx, &cancel, &stamp).await)
            }
            Ok(Query::CrossReference(query)) => {
                let told = self.cross_reference(&ctx, &query, &stamp).await;
                (query.asked.transaction, self.recorded(&ctx, &query.asked, told).await)
            }
            Ok(Query::Demographics(query)) => {
                let told = self.demographics(&ctx, &query, &stamp).await;
                (query.asked.transaction, self.recorded(&ctx, &query.asked, told).await)
            }
            Err(refusal) => {
                let transaction = record::transaction(&refusal);
                (transaction, Err(self.record_unread(&ctx, refusal).await))
            }
        };
        let (result, octets) = match answered {
            Ok(octets) => ("success", octets),
            Err(refusal) => ("failure", refusal.write(&stamp)),
        };
        self.house.metrics.answered(transaction.code(), result, started.elapsed());
        octets
    }

    /// Has nothing told any more of a query, and puts it on record.
    async fn cancelled(
        &self,
        ctx: &Ctx,
        cancel: &Cancel,
        stamp: &Stamp,
    ) -> Result<Vec<u8>, Refusal> {
        let done = self.may_ask(ctx).map(|_| self.pointers.cancel(ctx, cancel));
        let refused = |problem| Nak::new(AckCode::Reject, Some(&cancel.msh), vec![problem]);
        self.recorded_cancel(ctx, cancel, done.map_err(refused)).await?;
        Ok(ack::accept(&cancel.msh, stamp))
    }

    /// By which identifiers the caller may ask; a refusal of the query if by none.
    fn reach(&self, ctx: &Ctx, asked: &Asked) -> Result<Reach<'_>, Refusal> {
        self.may_ask(ctx).map_err(|problem| Refusal::reject(asked, vec![problem]))
    }

    fn may_ask(&self, ctx: &Ctx) -> Result<Reach<'_>, Problem> {
        let place = Location::field("MSH", 4);
        let may_ask = |role| may(ctx, Action::Call, Object::As(role)).is_ok();
        if may_ask(Role::Consumer) {
            return Ok(Reach::Everybody);
        }
        let own = self.sources.get(&ctx.caller.name).filter(|_| may_ask(Role::Source));
        match own {
            Some(own) => Ok(Reach::Domains(own)),
            None if may_ask(Role::Source) => Err(Problem::of(&rows::NOT_ITS_DOMAIN, place, &[])),
            None => {
                self.house.sightings.refused(&ctx.caller.name);
                Err(Problem::of(&rows::NOT_A_CONSUMER, place, &[]))
            }
        }
    }
}

impl Reach<'_> {
    /// Refuses a query by none of the caller's own identifiers.
    fn allows<'i>(
        &self,
        mut ids: impl Iterator<Item = &'i PatientId>,
        asked: &Asked,
    ) -> Result<(), Refusal> {
        match self {
            Self::Everybody => Ok(()),
            Self::Domains(own) if ids.any(|id| own.contains(&id.authority)) => Ok(()),
            Self::Domains(_) => Err(not_its_domain(asked)),
        }
    }
}

impl Reach<'_> {
    /// Leaves of what is told of somebody what the caller may know; `home` is the affinity domain.
    fn narrow(&self, ids: &mut Vec<PatientId>, person: Option<&mut Person>, home: &Oid) {
        if let Self::Domains(own) = self {
            crate::persons::narrow(ids, person, own, home);
        }
    }
}

fn not_its_domain(asked: &Asked) -> Refusal {
    let problem = Problem::of(&rows::NOT_ITS_DOMAIN, Location::field("QPD", 3), &[]);
    Refusal::reject(asked, vec![problem])
}

/// A failure of this house: told in the log, and as little of it as possible to the caller.
fn failed(asked: &Asked, error: &dyn std::fmt::Display) -> Refusal {
    said(asked.transaction, error);
    Refusal::internal(asked)
}

fn said(transaction: Transaction, error: &dyn std::fmt::Display) {
    tracing::error!(%error, transaction = transaction.code(), "a query for persons was not answered");
}
