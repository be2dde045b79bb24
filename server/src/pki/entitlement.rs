//! What a node is entitled to, as it is issued and as its file says it.

/// Words stand in files as they are typed.
macro_rules! as_text {
    ($of:ty, $error:ty) => {
        impl TryFrom<String> for $of {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$of> for String {
            fn from(value: $of) -> Self {
                value.to_string()
            }
        }
    };
}

mod id;
mod node;
mod sight;
mod terms;
#[cfg(test)]
mod tests;

pub(crate) use id::{Id, NotAnId};
pub(crate) use node::{Node, NotANode};
#[cfg(test)]
pub(crate) use sight::SIGHTS;
pub(crate) use sight::{NotASight, OfInstitution, Sight};
pub(crate) use terms::Terms;

use id::oids;
use renkei_context::{GrantedIds, Grants, Institutions, Labels, Scope, Sources};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use terms::INSTITUTIONS;

/// What a node is entitled to. What is empty is the least: what it submitted, under the sourceId of its
/// first submission, and no repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entitlement {
    /// `--scope`
    #[serde(default)]
    pub(crate) scope: BTreeSet<Sight>,
    /// `--source-id`
    #[serde(default)]
    pub(crate) source_id: BTreeSet<Id>,
    /// `--repository-id`
    #[serde(default)]
    pub(crate) repository_id: BTreeSet<Id>,
    /// The institution that its member is, of whose authors alone it brings documents. No word says so: it comes from
    /// `--member`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) institution: Option<OfInstitution>,
    /// `--speaks-for`
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) speaks_for: BTreeSet<Node>,
}

impl Entitlement {
    /// That of a part of the house, which connects to it as others do.
    pub(crate) fn of_house() -> Self {
        let any = || BTreeSet::from([Id::Any]);
        Self {
            scope: BTreeSet::from([Sight::Domain]),
            source_id: any(),
            repository_id: any(),
            institution: None,
            speaks_for: BTreeSet::from([Node::Any]),
        }
    }

    /// The words for everything among it, which are told at every start.
    pub(crate) fn wide(&self) -> Vec<&'static str> {
        let any = |ids: &BTreeSet<Id>| ids.contains(&Id::Any);
        let words = [
            (self.scope.contains(&Sight::Domain), "scope domain"),
            (any(&self.source_id), "source-id any"),
            (any(&self.repository_id), "repository-id any"),
            (self.speaks_for.contains(&Node::Any), "speaks-for any"),
        ];
        words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect()
    }

    /// The same for a node of a member that is this institution, if it is one. Who is entitled to everything is bound
    /// to none.
    pub(crate) fn of_member(self, institution: Option<OfInstitution>) -> Self {
        let institution = institution.filter(|_| !self.scope.contains(&Sight::Domain));
        Self { institution, ..self }
    }

    /// The OIDs of the sources that it is issued for.
    pub(super) fn sources(&self) -> impl Iterator<Item = &str> {
        oids(&self.source_id)
    }

    /// What it comes to in this house, for the node `name`; `taken` are the sourceIds of others.
    pub(super) fn grants(
        &self,
        name: &str,
        terms: &Terms,
        taken: &Arc<BTreeSet<String>>,
    ) -> Grants {
        let openings = |which: fn(&Sight) -> bool| {
            let own = Labels { submitters: set([name.to_owned()]), ..Labels::default() };
            let chosen = self.scope.iter().filter(|sight| which(sight));
            let openings = chosen.filter_map(|sight| terms.opening(sight));
            std::iter::once(own).chain(openings).collect::<Vec<Labels>>()
        };
        // A repository sees the entries of what it keeps, whoever registered them: by these it knows what not to erase.
        let kept: BTreeSet<String> = oids(&self.repository_id).map(str::to_owned).collect();
        let kept = Labels { repositories: kept, ..Labels::default() };
        let (sees, changes) = match self.scope.contains(&Sight::Domain) {
            true => (Scope::Everything, Scope::Everything),
            false => {
                let mut sees = openings(|_| true);
                sees.extend((!kept.is_empty()).then_some(kept));
                let changes = openings(|s| matches!(s, Sight::Institution(_)));
                (Scope::of_openings(sees), Scope::of_openings(changes))
            }
        };
        let ids = |ids: &BTreeSet<Id>, own: &BTreeSet<String>| {
            let listed: BTreeSet<String> = oids(ids).map(str::to_owned).collect();
            match ids.contains(&Id::Any) {
                // One of the house's own has to be named: its repository may be on another machine.
                true => GrantedIds::AnyBut(Arc::new(own - &listed)),
                false => GrantedIds::Listed(listed),
            }
        };
        Grants {
            sees,
            changes,
            sources: match self.source_id.is_empty() {
                true => Sources::First { taken: Arc::clone(taken) },
                false => Sources::Of(ids(&self.source_id, &BTreeSet::new())),
            },
            institutions: self.institutions(),
            repositories: ids(&self.repository_id, &terms.repositories),
            authorities: terms.authorities(name),
            speaks_for: node::ids(&self.speaks_for),
        }
    }

    /// Those that it is issued for by number, and the one that its member is; a node of everything, or of none, is bound
    /// to none.
    fn institutions(&self) -> Institutions {
        let of = |sight: &Sight| match sight {
            Sight::Institution(number) => Terms::of_institution(number),
            Sight::Domain | Sight::Own | Sight::Insurer(_) | Sight::Employer(_) => BTreeSet::new(),
        };
        let of_member = self.institution.iter().flat_map(|of| Terms::of_institution(of.number()));
        let own: BTreeSet<String> = self.scope.iter().flat_map(of).chain(of_member).collect();
        match own.is_empty() || self.scope.contains(&Sight::Domain) {
            true => Institutions::Any,
            false => Institutions::Listed(own, Arc::new(set(INSTITUTIONS.map(str::to_owned)))),
        }
    }
}

impl fmt::Display for Entitlement {
    /// As it was typed; what is empty is said in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn words<T: fmt::Display>(words: &BTreeSet<T>, without: &str) -> String {
            match words.is_empty() {
                true => without.to_owned(),
                false => words.iter().map(T::to_string).collect::<Vec<_>>().join(","),
            }
        }
        write!(
            f,
            "scope={} source-id={} repository-id={} speaks-for={}",
            words(&self.scope, "own"),
            words(&self.source_id, "first"),
            words(&self.repository_id, "none"),
            words(&self.speaks_for, "none"),
        )?;
        match &self.institution {
            Some(number) => write!(f, " institution={number}"),
            None => Ok(()),
        }
    }
}

fn set<const N: usize>(texts: [String; N]) -> BTreeSet<String> {
    BTreeSet::from(texts)
}
