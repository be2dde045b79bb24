//! ITI-9 (ITI TF-2: 3.9.4.1.3, 3.9.4.2.2.6).

use super::{Queries, Told, failed};
use renkei_context::Ctx;
use renkei_hl7v2::msh::Stamp;
use renkei_hl7v2::query::answer;
use renkei_hl7v2::query::{CrossReferenceQuery, Refusal};
use renkei_identity::CrossReference;
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::Identifier;

impl Queries {
    /// The identifiers that are asked for, or all that is not known at once.
    pub(super) async fn cross_reference(
        &self,
        ctx: &Ctx,
        query: &CrossReferenceQuery,
        stamp: &Stamp,
    ) -> Result<Told, Refusal> {
        let asked = &query.asked;
        let reach = self.reach(ctx, asked)?;
        let resolved = query.resolve(&self.authorities)?;
        reach.allows(std::iter::once(&resolved.id), asked)?;
        let domains = resolved.domains.oids();
        let found = self.persons.cross_reference(ctx, &resolved.id, &domains).await;
        let found = found.map_err(|error| failed(asked, &error))?;
        let (ids, mut problems): (Vec<PatientId>, _) = match found.of {
            CrossReference::Known(ids) => (ids, Vec::new()),
            CrossReference::UnknownId => (Vec::new(), vec![resolved.id_unknown()]),
            CrossReference::UnknownDomain => (Vec::new(), vec![resolved.domain_unknown()]),
        };
        problems.extend(resolved.domains.unknown(&at(&domains, &found.unknown)));
        if !problems.is_empty() {
            return Err(Refusal::error(asked, problems));
        }
        let mut ids = ids;
        reach.narrow(&mut ids, None, self.authorities.own());
        let ids: Vec<Identifier> = ids.into_iter().map(Identifier::from).collect();
        let octets = answer::cross_references(asked, &ids, &self.authorities, stamp);
        Ok(Told { octets, patients: vec![resolved.id.to_string()] })
    }
}

/// The domains in these places.
pub(super) fn at(domains: &[Oid], places: &[usize]) -> Vec<Oid> {
    places.iter().filter_map(|place| domains.get(*place).cloned()).collect()
}
