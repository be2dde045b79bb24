//! What a message asks of a Document Registry (ITI TF-2: 3.8.4.1.3, 3.8.4.2.3, 3.64.4.1.3).

use super::{FeedEvent, PatientFeed};
use crate::ack::{AckCode, Location, Nak, Problem, rows};
use crate::authorities::{Authorities, Contradiction};
use crate::cx::CxField;
use renkei_metadata::ids::{Invalid, PatientId};

/// What a registry learns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// These patients exist.
    Announced(Vec<PatientId>),
    /// Nothing that a registry keeps has changed.
    Changed(Vec<PatientId>),
    /// Two identifiers are one patient.
    Merged(Merge),
    /// A local identifier belongs to another patient.
    Moved(LinkChange),
}

impl Notice {
    /// Every identifier of the affinity domain that is named, for the record.
    pub fn patients(&self) -> Vec<&PatientId> {
        match self {
            Self::Announced(ids) | Self::Changed(ids) => ids.iter().collect(),
            Self::Merged(merge) => vec![&merge.subsumed, &merge.surviving],
            Self::Moved(link) => vec![&link.previous, &link.new],
        }
    }
}

/// A merge (A40).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// MRG-1: no longer used.
    pub subsumed: PatientId,
    /// PID-3: known by this from now on.
    pub surviving: PatientId,
}

/// A move (A43).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkChange {
    /// PID-3 of the affinity domain: where the documents belong now.
    pub new: PatientId,
    /// MRG-1 of the affinity domain: where they were.
    pub previous: PatientId,
    /// PID-3 of another authority: the local identifier whose documents move.
    pub local: PatientId,
    /// MRG-1 of another authority: the local identifier that `local` takes in.
    pub subsumed: Option<PatientId>,
}

impl PatientFeed {
    /// What the message tells a registry whose authorities these are; a refusal names every problem.
    /// Identifiers of other authorities are of no concern, but for the local one that moves.
    pub fn notice(&self, authorities: &Authorities) -> Result<Notice, Nak> {
        let mut reading = Reading { authorities, problems: Vec::new() };
        let own = reading.identifiers("PID", 3, &self.identifiers);
        let notice = match self.event {
            FeedEvent::A01 | FeedEvent::A04 | FeedEvent::A05 => {
                reading.some("PID", 3, &own).map(|()| Notice::Announced(own.ours))
            }
            // Whom it is about makes no difference to a registry.
            FeedEvent::A08 => return Ok(Notice::Changed(own.ours)),
            FeedEvent::A40 => {
                let prior = reading.identifiers("MRG", 1, &self.prior);
                reading.merge(&own, &prior).map(Notice::Merged)
            }
            FeedEvent::A43 => {
                let prior = reading.identifiers("MRG", 1, &self.prior);
                reading.link(&own, &prior).map(Notice::Moved)
            }
        };
        match notice {
            Some(notice) if reading.problems.is_empty() => Ok(notice),
            _ => Err(Nak::new(AckCode::Error, Some(&self.msh), reading.problems)),
        }
    }
}

impl PatientFeed {
    /// What the message tells of patients whom it names by identifiers of other authorities alone: no concern of a
    /// registry, but of who keeps the persons (ITI TF-2: 3.8.4.1.3, PIX Manager). `None` where it names one of the
    /// affinity domain, or nobody by an identifier that can be told, or anything in it is a problem.
    pub fn elsewhere(&self, authorities: &Authorities) -> Option<Notice> {
        let mut reading = Reading { authorities, problems: Vec::new() };
        let named = reading.identifiers("PID", 3, &self.identifiers);
        let prior = reading.identifiers("MRG", 1, &self.prior);
        let is_of_others = [&named, &prior].iter().all(|ids| ids.ours.is_empty());
        if !is_of_others || named.others.is_empty() || !reading.problems.is_empty() {
            return None;
        }
        match self.event {
            FeedEvent::A01 | FeedEvent::A04 | FeedEvent::A05 => {
                Some(Notice::Announced(named.others))
            }
            FeedEvent::A08 => Some(Notice::Changed(named.others)),
            FeedEvent::A40 => merged_elsewhere(named.others, prior.others),
            FeedEvent::A43 => None,
        }
    }
}

/// A merge of two identifiers of one authority.
fn merged_elsewhere(named: Vec<PatientId>, prior: Vec<PatientId>) -> Option<Notice> {
    let ([surviving], [subsumed]) =
        (<[_; 1]>::try_from(named).ok()?, <[_; 1]>::try_from(prior).ok()?);
    let is_one = surviving.authority == subsumed.authority && surviving != subsumed;
    is_one.then_some(Notice::Merged(Merge { subsumed, surviving }))
}

/// The identifiers of one field, each once.
#[derive(Default)]
struct Identifiers {
    ours: Vec<PatientId>,
    others: Vec<PatientId>,
    /// Whether an authority was named in a way that says nothing here.
    unknown_name: bool,
    /// Whether something of it is a problem already.
    troubled: bool,
}

struct Reading<'a> {
    authorities: &'a Authorities,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn identifiers(&mut self, segment: &'static str, field: u8, all: &[CxField]) -> Identifiers {
        let mut found = Identifiers::default();
        for (n, cx) in all.iter().enumerate().filter(|(_, cx)| !cx.id.is_empty()) {
            let at = |component| Location::component(segment, field, component).repetition(n + 1);
            let mut cx = cx.clone();
            if self.authorities.complete(&mut cx) == Err(Contradiction) {
                self.problems.push(contradiction(at(4)));
                found.troubled = true;
                continue;
            }
            let ours = cx.is_of(self.authorities.own());
            match cx.patient_id() {
                Ok(id) if ours => push_new(&mut found.ours, id),
                Ok(id) => push_new(&mut found.others, id),
                Err(invalid) if ours => {
                    self.problems.push(malformed(at(1), &invalid));
                    found.troubled = true;
                }
                Err(_) => found.unknown_name |= cx.universal_id.is_none(),
            }
        }
        found
    }

    /// One identifier of the affinity domain at least.
    fn some(&mut self, segment: &'static str, field: u8, found: &Identifiers) -> Option<()> {
        if !found.ours.is_empty() {
            return Some(());
        }
        if !found.troubled {
            let row = match found.unknown_name {
                true => &rows::AUTHORITY_UNKNOWN,
                false => &rows::ID_MISSING,
            };
            let authority = self.authorities.own().to_string();
            let values = [
                ("authority", authority.as_str()),
                ("segment", segment),
                ("field", &field.to_string()),
            ];
            let place = Location::component(segment, field, 4);
            self.problems.push(Problem::of(row, place, &values));
        }
        None
    }

    /// The one identifier of the affinity domain.
    fn one(&mut self, segment: &'static str, field: u8, found: &Identifiers) -> Option<PatientId> {
        self.some(segment, field, found)?;
        if found.ours.len() > 1 {
            let place = Location::field(segment, field).repetition(2);
            self.problems.push(Problem::of(&rows::ID_TWICE, place, &[]));
            return None;
        }
        found.ours.first().cloned()
    }

    fn merge(&mut self, own: &Identifiers, prior: &Identifiers) -> Option<Merge> {
        let surviving = self.one("PID", 3, own);
        let subsumed = self.one("MRG", 1, prior);
        let merge = Merge { subsumed: subsumed?, surviving: surviving? };
        if merge.subsumed == merge.surviving {
            let place = Location::field("MRG", 1);
            self.problems.push(Problem::of(&rows::MERGED_INTO_ITSELF, place, &[]));
            return None;
        }
        Some(merge)
    }

    fn link(&mut self, own: &Identifiers, prior: &Identifiers) -> Option<LinkChange> {
        let new = self.one("PID", 3, own);
        let previous = self.one("MRG", 1, prior);
        if own.others.len() != 1 || prior.others.len() > 1 {
            let (segment, field) = if own.others.len() == 1 { ("MRG", 1) } else { ("PID", 3) };
            let place = Location::field(segment, field).repetition(2);
            let values = [("segment", segment), ("field", &field.to_string())];
            self.problems.push(Problem::of(&rows::LOCAL_ID, place, &values));
            return None;
        }
        let (local, subsumed) = (own.others.first().cloned()?, prior.others.first().cloned());
        Some(LinkChange { new: new?, previous: previous?, local, subsumed })
    }
}

fn push_new(ids: &mut Vec<PatientId>, id: PatientId) {
    if !ids.contains(&id) {
        ids.push(id);
    }
}

fn malformed(location: Location, invalid: &Invalid) -> Problem {
    let values = [("expected", invalid.expected), ("expected_ja", invalid.expected_ja)];
    Problem::of(&rows::ID_MALFORMED, location, &values)
}

fn contradiction(location: Location) -> Problem {
    Problem::of(&rows::AUTHORITY_CONTRADICTED, location, &[])
}
