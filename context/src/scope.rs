//! What a caller may know of.

use std::collections::BTreeSet;
use std::sync::Arc;

/// Which objects of the registry a caller may know of. A search leaves out all others, as if they
/// were not there: neither their number nor their ids are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every object.
    Everything,
    /// None.
    Nothing,
    /// Those that one of these opens.
    Labelled(Arc<[Labels]>),
}

/// The labels of an object, or those by which it is opened to a caller: organizations by their id
/// (`id^^OID`, or the name of one without an id), codes as `code^^scheme`, nodes by their names.
///
/// A document carries the recipients of its SubmissionSet, the institutions of its authors, the
/// confidentialityCodes that say for whom it is meant, the node that submitted it, and the repository that keeps it.
///
/// What opens has to be met in every kind that it names, by one label of that kind: a recipient and an
/// audience are the documents that were sent to the one and are meant for the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// Organizations that it was sent to.
    pub recipients: BTreeSet<String>,
    /// Organizations of its authors.
    pub institutions: BTreeSet<String>,
    /// Audiences that it is meant for.
    pub audiences: BTreeSet<String>,
    /// The node that submitted it.
    pub submitters: BTreeSet<String>,
    /// The repository that keeps it. A SubmissionSet is kept by none.
    pub repositories: BTreeSet<String>,
}

impl Labels {
    /// The labels by kind, always in the same order.
    pub fn kinds(&self) -> [&BTreeSet<String>; 5] {
        let Self { recipients, institutions, audiences, submitters, repositories } = self;
        [recipients, institutions, audiences, submitters, repositories]
    }

    /// Whether there is no label at all. What is empty opens nothing.
    pub fn is_empty(&self) -> bool {
        self.kinds().iter().all(|labels| labels.is_empty())
    }

    /// Whether these open an object that carries `carried`.
    fn open(&self, carried: &Self) -> bool {
        let met = |(own, carried): (&BTreeSet<String>, &BTreeSet<String>)| {
            own.is_empty() || !own.is_disjoint(carried)
        };
        !self.is_empty() && self.kinds().into_iter().zip(carried.kinds()).all(met)
    }
}

impl Scope {
    /// What one of these opens.
    pub fn of_openings(openings: impl IntoIterator<Item = Labels>) -> Self {
        Self::Labelled(openings.into_iter().collect())
    }

    /// Whether it opens what others wrote, or were sent: more than what the caller submitted or keeps itself.
    pub fn is_of_others(&self) -> bool {
        let is_of_others = |opening: &Labels| {
            let Labels { recipients, institutions, audiences, .. } = opening;
            [recipients, institutions, audiences].iter().any(|labels| !labels.is_empty())
        };
        match self {
            Self::Everything => true,
            Self::Nothing => false,
            Self::Labelled(openings) => openings.iter().any(is_of_others),
        }
    }

    /// Whether a caller may know of an object that carries these labels.
    pub fn permits(&self, labels: &Labels) -> bool {
        match self {
            Self::Everything => true,
            Self::Nothing => false,
            Self::Labelled(openings) => openings.iter().any(|opening| opening.open(labels)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(recipient: &str, audience: &str) -> Labels {
        let set = |text: &str| match text {
            "" => BTreeSet::new(),
            text => BTreeSet::from([text.to_owned()]),
        };
        Labels { recipients: set(recipient), audiences: set(audience), ..Labels::default() }
    }

    #[test]
    fn one_opening_is_enough_and_all_of_it_has_to_be_met() {
        let scope = Scope::of_openings([labels("a", "x"), labels("b", "")]);
        assert!(scope.permits(&labels("a", "x")) && scope.permits(&labels("b", "y")));
        assert!(!scope.permits(&labels("a", "y")) && !scope.permits(&labels("c", "x")));
        // A recipient is no audience, though it be written alike.
        assert!(!scope.permits(&labels("x", "a")));
        assert!(!scope.permits(&Labels::default()));
        assert!(!Scope::of_openings([Labels::default()]).permits(&labels("a", "x")));
        assert!(!Scope::of_openings([]).permits(&labels("a", "x")));
        assert!(Scope::Everything.permits(&Labels::default()));
        assert!(!Scope::Nothing.permits(&labels("a", "x")));
    }

    #[test]
    fn what_a_node_submitted_or_keeps_is_nothing_of_others() {
        let set = || BTreeSet::from(["a".to_owned()]);
        let own = Labels { submitters: set(), ..Labels::default() };
        let kept = Labels { repositories: set(), ..Labels::default() };
        assert!(!Scope::of_openings([own.clone(), kept]).is_of_others());
        assert!(Scope::of_openings([own, labels("a", "")]).is_of_others());
        assert!(Scope::Everything.is_of_others() && !Scope::Nothing.is_of_others());
    }
}
