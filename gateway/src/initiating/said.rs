//! What became of each community, told beside the answer. The answer of the standard has a place for what went wrong
//! alone (rs:RegistryErrorList): that somebody answered, and has nothing, or was not asked because the question left
//! him out, is in a header block of ours, which nobody has to understand (SOAP 1.2 Part 1: 5.2.3).

use super::rules;
use crate::community::{Community, Known};
use renkei_metadata::finding::Rule;
use renkei_metadata::ids::HomeCommunityId;
use renkei_soap::envelope::HeaderElement;
use renkei_soap::xml::Writer;
use std::collections::BTreeSet;

/// The namespace of the block.
pub const NAMESPACE: &str = "urn:renkei:communities:1.0";

/// It answered.
pub(super) const ANSWERED: &str = "answered";
/// It answered, and not without errors or warnings.
pub(super) const ANSWERED_WITH_ERRORS: &str = "answered-with-errors";
/// It knows no such patient.
pub(super) const NO_SUCH_PATIENT: &str = "no-such-patient";
/// The question named others.
const NOT_ASKED: &str = "not-asked";

/// What became of one community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its homeCommunityId.
    pub home: String,
    /// What people call it.
    pub name: String,
    /// A word: `answered`, `answered-with-errors`, `no-such-patient`, `not-asked`, or the id of the row by which an
    /// error tells why there is nothing of it.
    pub word: &'static str,
}

impl Said {
    /// Of a community.
    pub(super) fn of(community: &Community, word: &'static str) -> Self {
        Self { home: community.home.to_string(), name: community.name.clone(), word }
    }

    /// Of one of which there is nothing, for this reason.
    pub(super) fn without(community: &Community, rule: &'static Rule) -> Self {
        let is_nobody = std::ptr::eq(rule, &rules::NOBODY);
        Self::of(community, if is_nobody { NO_SUCH_PATIENT } else { rule.id })
    }

    /// Of our own.
    pub(super) fn own(home: &HomeCommunityId, word: &'static str) -> Self {
        Self { home: home.to_string(), name: home.to_string(), word }
    }
}

/// Adds those of `own` and `known` that nobody asked.
pub(super) fn complete(said: &mut Vec<Said>, own: &HomeCommunityId, known: &Known) {
    let told: BTreeSet<String> = said.iter().map(|said| said.home.clone()).collect();
    said.extend((!told.contains(own.as_str())).then(|| Said::own(own, NOT_ASKED)));
    let broken = known.broken.iter().map(|broken| {
        let name = broken.called();
        let home = broken.home().map_or_else(|| name.clone(), |home| home.to_string());
        Said { home, name, word: rules::NOT_SET_UP.id }
    });
    said.extend(broken.filter(|broken| !told.contains(&broken.home)));
    let others = known.communities.values().filter(|c| !told.contains(c.home.as_str()));
    said.extend(others.map(|community| Said::of(community, NOT_ASKED)));
}

/// The block, for the header of the answer.
pub fn header(said: &[Said]) -> Option<HeaderElement> {
    let mut w = Writer::new();
    w.start("c:Communities").attr("xmlns:c", NAMESPACE);
    for Said { home, name, word } in said {
        w.start("c:Community").attr("home", home).attr("name", name).attr("said", word).end();
    }
    w.end();
    HeaderElement::parse(&w.finish()).ok()
}
