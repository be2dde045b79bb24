//! What a node is entitled to besides its roles.
//!
//! A role says which transactions a node may call; its grants say about whose objects, and under which
//! identifiers it may speak.

use crate::Scope;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The entitlements of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants {
    /// What it may know of.
    pub sees: Scope,
    /// What it may replace, add to, update and remove. Nothing of what it does not see.
    pub changes: Scope,
    /// Under which SubmissionSet.sourceId it submits.
    pub sources: Sources,
    /// Of which institutions' authors it submits documents.
    pub institutions: Institutions,
    /// Under which repositoryUniqueId it registers.
    pub repositories: Ids,
    /// Whose identifiers of persons it feeds.
    pub authorities: Authorities,
    /// On whose behalf it asks, by the names of nodes.
    pub speaks_for: Ids,
}

/// Institutions whose documents a node submits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Institutions {
    /// Any.
    Any,
    /// These (`id^^OID`), of all that have a number of these issuers.
    Listed(BTreeSet<String>, Arc<BTreeSet<String>>),
}

impl Institutions {
    /// Whether a document of an author of this institution may be submitted. What is no number of an institution says
    /// nothing of whose it is.
    pub fn permit(&self, id: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(own, issuers) => {
                let issuer = id.rsplit_once("^^").map(|(_, issuer)| issuer);
                own.contains(id) || !issuer.is_some_and(|issuer| issuers.contains(issuer))
            }
        }
    }
}

/// Authorities of identifiers of persons (`identity.source_domains`), OIDs in their canonical form. A domain of
/// identifiers has one source (ITI TF-2: 3.8.4.1.3); what nobody is named for is fed by whoever has the role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorities {
    own: BTreeSet<String>,
    of_somebody: Arc<BTreeSet<String>>,
}

impl Authorities {
    /// Those of a node, among all for which somebody is named.
    pub fn new(own: BTreeSet<String>, of_somebody: Arc<BTreeSet<String>>) -> Self {
        Self { own, of_somebody }
    }

    /// Any at all.
    pub fn any() -> Self {
        Self::new(BTreeSet::new(), Arc::default())
    }

    /// Whether it may name an identifier of this one beside others.
    pub fn may_be_named(&self, oid: &str) -> bool {
        self.own.contains(oid) || !self.of_somebody.contains(oid)
    }

    /// Whether it may announce somebody by an identifier of this one, end or move it.
    pub fn may_be_fed(&self, oid: &str) -> bool {
        self.own.contains(oid) || self.own.is_empty() && !self.of_somebody.contains(oid)
    }
}

/// Identifiers that a node may use: OIDs in their canonical form, or names of nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ids {
    /// These and no others.
    Listed(BTreeSet<String>),
    /// Any but these, which are the house's own.
    AnyBut(Arc<BTreeSet<String>>),
}

impl Ids {
    /// Any at all: those of the house itself.
    pub fn any() -> Self {
        Self::AnyBut(Arc::default())
    }

    /// None.
    pub fn none() -> Self {
        Self::Listed(BTreeSet::new())
    }

    /// Whether none may be used.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Listed(own) if own.is_empty())
    }

    /// Whether `id` may be used.
    pub fn permit(&self, id: &str) -> bool {
        match self {
            Self::Listed(own) => own.contains(id),
            Self::AnyBut(taken) => !taken.contains(id),
        }
    }
}

/// The sourceIds of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sources {
    /// Those that it was issued for.
    Of(Ids),
    /// That of its first submission, which nobody else uses from then on. Never one of these: they are
    /// the house's, or others were issued for them.
    First {
        /// Those of others.
        taken: Arc<BTreeSet<String>>,
    },
}

impl Grants {
    /// Those of the house itself.
    pub fn of_house() -> Self {
        Self {
            sees: Scope::Everything,
            changes: Scope::Everything,
            sources: Sources::Of(Ids::any()),
            institutions: Institutions::Any,
            repositories: Ids::any(),
            authorities: Authorities::any(),
            speaks_for: Ids::any(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_none_of_an_institution_is_anybody_s() {
        let set = |text: &str| BTreeSet::from([text.to_owned()]);
        let of = Institutions::Listed(set("1^^1.4"), Arc::new(set("1.4")));
        assert!(of.permit("1^^1.4") && of.permit("1^^1.5") && of.permit("Clinic"));
        assert!(!of.permit("2^^1.4") && Institutions::Any.permit("2^^1.4"));
    }

    #[test]
    fn what_is_the_houses_is_nobody_elses() {
        let own = || Arc::new(BTreeSet::from(["1.2.3".to_owned()]));
        assert!(!Ids::AnyBut(own()).permit("1.2.3") && Ids::AnyBut(own()).permit("1.2.4"));
        let listed = Ids::Listed(BTreeSet::from(["1.2.4".to_owned()]));
        assert!(listed.permit("1.2.4") && !listed.permit("1.2.3"));
        assert!(!Ids::none().permit("1.2.3") && Ids::any().permit("1.2.3"));
    }
}
