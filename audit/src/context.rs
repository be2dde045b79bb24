//! Records made from the circumstances of an operation.

use renkei_atna::build::{self, Local, Peer, Side};
use renkei_atna::record::{AuditRecord, Object, Outcome};
use renkei_atna::spec::AuditSpec;
use renkei_context::Ctx;

/// The recording system; makes the records of its transactions.
#[derive(Clone, Debug)]
pub struct AuditContext {
    /// How it names itself.
    pub local: Local,
}

impl AuditContext {
    /// A system called `source_id` of the organization `site` (an OID), running in this process.
    /// `source_type`: 4 registry, repository, gateway; 3 portal; 9 adapter.
    pub fn new(source_id: &str, site: Option<&str>, source_type: u8) -> Self {
        let local = Local {
            source_id: source_id.to_owned(),
            site: site.map(str::to_owned),
            source_type,
            process_id: std::process::id(),
        };
        Self { local }
    }

    /// The caller of `ctx` as a participant.
    pub fn caller(ctx: &Ctx) -> Peer {
        let address = Some(ctx.caller.address.clone()).filter(|a| !a.is_empty());
        Peer { user_id: ctx.caller.subject.clone(), address }
    }

    /// The record of the one who was called: the caller and the endpoint are those of `ctx`.
    pub fn server(
        &self,
        ctx: &Ctx,
        spec: &AuditSpec,
        outcome: Outcome,
        objects: Vec<Object>,
        description: Option<String>,
    ) -> AuditRecord {
        let record = build::transaction(
            spec,
            Side::Server,
            outcome,
            ctx.now(),
            ctx.ids.new_uuid(),
            &Self::caller(ctx),
            &ctx.endpoint,
            &self.local,
            objects,
            description,
        );
        match &ctx.reply_to {
            Some(reply_to) => record.answered_at(reply_to),
            None => record,
        }
    }

    /// The record of the one who called `server_url` as `own`.
    #[expect(clippy::too_many_arguments, reason = "each is one fact of the record")]
    pub fn client(
        &self,
        ctx: &Ctx,
        own: &Peer,
        server_url: &str,
        spec: &AuditSpec,
        outcome: Outcome,
        objects: Vec<Object>,
        description: Option<String>,
    ) -> AuditRecord {
        build::transaction(
            spec,
            Side::Client,
            outcome,
            ctx.now(),
            ctx.ids.new_uuid(),
            own,
            server_url,
            &self.local,
            objects,
            description,
        )
    }
}
