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
    /// Under which repositoryUniqueId it registers.
    pub repositories: Ids,
}

/// Identifiers that a node may use; OIDs in their canonical form.
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
            repositories: Ids::any(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_houses_is_nobody_elses() {
        let own = || Arc::new(BTreeSet::from(["1.2.3".to_owned()]));
        assert!(!Ids::AnyBut(own()).permit("1.2.3") && Ids::AnyBut(own()).permit("1.2.4"));
        let listed = Ids::Listed(BTreeSet::from(["1.2.4".to_owned()]));
        assert!(listed.permit("1.2.4") && !listed.permit("1.2.3"));
        assert!(!Ids::none().permit("1.2.3") && Ids::any().permit("1.2.3"));
    }
}
