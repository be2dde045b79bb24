//! What a caller may know of.

use crate::{Ctx, Role};
use std::collections::BTreeSet;

/// Which objects of the registry a caller may know of. A search leaves out all others, as if they
/// were not there: neither their number nor their ids are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every object.
    Everything,
    /// None.
    Nothing,
    /// Those that carry one of these labels.
    Labelled(Labels),
}

/// The labels of an object, or those that open objects to a caller: organizations by their id
/// (`id^^OID`, or the name of one without an id) and codes as `code^^scheme`.
///
/// A document carries the recipients of its SubmissionSet, the institutions of its authors, and the
/// confidentialityCodes that say for whom it is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// Organizations that it was sent to.
    pub recipients: BTreeSet<String>,
    /// Organizations of its authors.
    pub institutions: BTreeSet<String>,
    /// Audiences that it is meant for.
    pub audiences: BTreeSet<String>,
}

impl Labels {
    /// Whether there is no label at all.
    pub fn is_empty(&self) -> bool {
        self.recipients.is_empty() && self.institutions.is_empty() && self.audiences.is_empty()
    }

    fn meet(&self, other: &Self) -> bool {
        !self.recipients.is_disjoint(&other.recipients)
            || !self.institutions.is_disjoint(&other.institutions)
            || !self.audiences.is_disjoint(&other.audiences)
    }
}

impl Scope {
    /// What the role opens in which the caller acts, or any of its roles where none is decided:
    /// whoever may query at all may know of everything.
    pub fn of(ctx: &Ctx) -> Self {
        let may_query = match ctx.role {
            Some(role) => may_query(role),
            None => ctx.caller.roles.iter().any(may_query),
        };
        if may_query { Self::Everything } else { Self::Nothing }
    }

    /// Whether a caller may know of an object that carries these labels.
    pub fn permits(&self, labels: &Labels) -> bool {
        match self {
            Self::Everything => true,
            Self::Nothing => false,
            Self::Labelled(own) => own.meet(labels),
        }
    }
}

const fn may_query(role: Role) -> bool {
    match role {
        Role::Source | Role::Repository | Role::Consumer | Role::Administrator | Role::Gateway => {
            true
        }
        Role::Feed | Role::Auditor => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Caller, Roles};
    use std::sync::Arc;
    use std::time::Duration;

    fn labels(recipient: &str, audience: &str) -> Labels {
        let set = |text: &str| BTreeSet::from([text.to_owned()]);
        Labels { recipients: set(recipient), audiences: set(audience), ..Labels::default() }
    }

    #[test]
    fn one_label_in_common_is_enough_and_none_is_not() {
        let scope = Scope::Labelled(labels("a", "x"));
        assert!(scope.permits(&labels("a", "y")) && scope.permits(&labels("b", "x")));
        // A recipient is no audience, though it be written alike.
        assert!(!scope.permits(&labels("x", "a")));
        assert!(!scope.permits(&Labels::default()));
        assert!(!Scope::Labelled(Labels::default()).permits(&labels("a", "x")));
        assert!(Scope::Everything.permits(&Labels::default()));
        assert!(!Scope::Nothing.permits(&labels("a", "x")));
    }

    #[test]
    fn a_role_that_may_not_query_opens_nothing() {
        let scope = |role: Option<Role>, roles: &[Role]| {
            let roles = Roles::new(roles.iter().copied());
            let caller = Arc::new(Caller { roles, ..Caller::internal("x") });
            let ctx = Ctx { role, ..Ctx::new(caller, "", Duration::from_secs(1)) };
            Scope::of(&ctx)
        };
        assert_eq!(scope(None, &[Role::Feed, Role::Auditor]), Scope::Nothing);
        assert_eq!(scope(None, &[]), Scope::Nothing);
        assert_eq!(scope(None, &[Role::Auditor, Role::Consumer]), Scope::Everything);
        // A node that acts as an auditor is not opened what it might see as a consumer.
        assert_eq!(scope(Some(Role::Auditor), &[Role::Auditor, Role::Consumer]), Scope::Nothing);
    }
}
