//! Who is asked (ITI TF-2: 3.18.4.1.2.3.8, 3.18.4.1.3; ITI TF-1: 18.2.6).

use super::rules;
use crate::community::{Community, Known};
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use renkei_xds::catalogue;
use renkei_xds::iti18::AdhocQuery;
use renkei_xds::transaction::ITI_18;
use std::collections::HashSet;
use std::sync::Arc;

/// The parameter that says which communities are meant.
const LIST: &str = "$targetCommunityIdList";

/// The most communities that one query may list.
const MOST: usize = 1_000;

/// A query, and who is asked it.
#[derive(Debug)]
pub(super) struct Targets {
    /// As it goes out.
    pub(super) query: AdhocQuery,
    /// The patients that it is about, if it names any.
    pub(super) patients: Vec<PatientId>,
    /// Whether our own community is.
    pub(super) own: bool,
    /// Which others are.
    pub(super) others: Vec<Arc<Community>>,
    /// What is wrong with the rest.
    pub(super) findings: Vec<Finding>,
}

impl Targets {
    /// Those of a query.
    pub(super) fn of(query: &AdhocQuery, known: &Known, own: &HomeCommunityId) -> Self {
        let listed = listed(query);
        let mut sent = query.clone();
        sent.params.retain(|(name, _)| name != LIST);
        let def = catalogue::by_id(&ITI_18, &query.id);
        let is_find = def.is_some_and(|def| def.names_patients());
        if is_find {
            // It says who is asked, and no more: a query for a patient goes out without.
            sent.home = None;
        }
        let patients = patients(&sent);
        // Our own registry knows best what is wrong with a query. Nobody else hears of one of whose patient we
        // know nothing: an answer could not be told from one about somebody else.
        let is_unclear = def.is_none() || is_find && patients.is_empty();
        let mut targets = Self {
            query: sent,
            patients,
            own: is_unclear,
            others: Vec::new(),
            findings: Vec::new(),
        };
        match &query.home {
            _ if is_unclear => {}
            Some(home) => targets.add(home, known, own),
            None if !is_find => {
                let name = def.map_or("AdhocQuery", |def| def.name);
                let finding = Finding::new(&rules::HOME_NEEDED, name).attribute("home");
                targets.findings.push(finding);
            }
            None if listed.len() > MOST => {
                let finding = Finding::new(&rules::LIST_TOO_LONG, LIST)
                    .value(listed.len().to_string())
                    .expected(format!("at most {MOST}"), format!("{MOST}件以内"));
                targets.findings.push(finding);
            }
            None if !listed.is_empty() => {
                for home in &listed {
                    targets.add(home, known, own);
                }
            }
            None => {
                targets.own = true;
                targets.others = known.communities.values().cloned().collect();
                // Entered, and left out: whoever asked has to hear that something is missing.
                targets.findings.extend(known.broken.iter().map(|broken| {
                    let called = broken.called();
                    Finding::new(&rules::NOT_SET_UP, &*called).location(&*called)
                }));
            }
        }
        targets
    }

    fn add(&mut self, home: &str, known: &Known, own: &HomeCommunityId) {
        let parsed = HomeCommunityId::parse(home.trim());
        let found = parsed.as_ref().ok().and_then(|home| known.communities.get(home));
        match (parsed, found) {
            (Ok(home), _) if home == *own => self.own = true,
            (_, Some(community)) if self.others.iter().any(|c| c.home == community.home) => {}
            (_, Some(community)) => self.others.push(Arc::clone(community)),
            (parsed, None) => {
                let is_broken = parsed.is_ok_and(|home| known.is_broken(&home));
                let rule = if is_broken { &rules::NOT_SET_UP } else { &rules::UNKNOWN };
                let finding = Finding::new(rule, home).location(home);
                self.findings.push(finding);
            }
        }
    }
}

/// The patients that a query names, if it can be read. How much it may hold is for whoever answers it.
fn patients(query: &AdhocQuery) -> Vec<PatientId> {
    let read = catalogue::parse_within(&ITI_18, query, usize::MAX).value;
    read.map(|query| query.patients().to_vec()).unwrap_or_default()
}

/// The communities that a query lists: `('urn:oid:1.2.3','urn:oid:1.2.4')`. An empty list is none.
fn listed(query: &AdhocQuery) -> Vec<String> {
    let slots = query.params.iter().filter(|(name, _)| name == LIST);
    let (mut found, mut known): (Vec<String>, HashSet<String>) = (Vec::new(), HashSet::new());
    for value in slots.flat_map(|(_, values)| values) {
        let inner = value.trim().trim_start_matches('(').trim_end_matches(')');
        for home in inner.split(',').map(|home| home.trim().trim_matches('\'').trim()) {
            if !home.is_empty() && known.insert(home.to_owned()) {
                found.push(home.to_owned());
            }
        }
    }
    found
}
