//! Of whom a caller may know (ITI-9, 21, 45, 47, 55, 56): of everybody, if its scope is everything; else of those of
//! whom its scope opens a document, and of those who have an identifier of its own authorities
//! (`identity.source_domains`). Whoever else there is, is nobody.

use super::Persons;
use renkei_context::{Action, Ctx, Scope, within};
use renkei_database::DatabaseError;
use renkei_identity::{CrossReference, Sought};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_registry::Registry;
use std::collections::HashSet;

/// Of whom a caller may know whose scope is not everything.
pub(super) struct Whom {
    scope: Scope,
    own: Vec<Oid>,
}

impl Persons {
    /// Of whom the caller may know; `None`: of everybody.
    pub(super) fn whom(&self, ctx: &Ctx) -> Option<Whom> {
        match within(ctx, Action::See) {
            Scope::Everything => None,
            scope @ (Scope::Nothing | Scope::Labelled(_)) => {
                let own = self.domains.get(&ctx.origin.name).cloned().unwrap_or_default();
                Some(Whom { scope, own })
            }
        }
    }

    /// Whether the caller may know of the person whom `id` names.
    pub(super) async fn is_known_to(&self, ctx: &Ctx, id: &PatientId) -> anyhow::Result<bool> {
        let Some(whom) = self.whom(ctx) else { return Ok(true) };
        Ok(!self.known(&whom, vec![id.clone()]).await?.is_empty())
    }

    /// Of those whom these identifiers name the ones of whom the caller may know.
    pub(super) async fn known(
        &self,
        whom: &Whom,
        ids: Vec<PatientId>,
    ) -> anyhow::Result<HashSet<PatientId>> {
        let mut known = HashSet::new();
        for id in ids {
            let found = self.identity.cross_reference(&id, &[]).await?;
            let CrossReference::Known(mut all) = found.of else { continue };
            all.push(id.clone());
            let opened = self.registry.opens_of(&whom.scope, &all).await?;
            if !opened.is_empty() || whom.owns_one(&all) {
                known.insert(id);
            }
        }
        Ok(known)
    }
}

impl Whom {
    /// Of these the ones of whom the caller may know, in their order.
    pub(super) async fn of(
        &self,
        registry: &Registry,
        persons: Vec<Sought>,
    ) -> Result<Vec<Sought>, DatabaseError> {
        let all = |of: &Sought| of.identifiers.iter().chain(&of.others).cloned().collect();
        let ids: Vec<Vec<PatientId>> = persons.iter().map(all).collect();
        let opened = registry.opens_of(&self.scope, &ids.concat()).await?;
        let known = persons
            .into_iter()
            .zip(ids)
            .filter(|(_, ids)| self.owns_one(ids) || ids.iter().any(|id| opened.contains(id)));
        Ok(known.map(|(person, _)| person).collect())
    }

    fn owns_one(&self, ids: &[PatientId]) -> bool {
        ids.iter().any(|id| self.own.contains(&id.authority))
    }
}
