//! What is kept of a patient is asked for anew before it ends, beside the answer for which it serves still: nobody
//! waits for that, and nobody goes without the documents of that community.

use super::Chain;
use super::whom::Whom;
use crate::community::When;
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// How many are asked for anew at the same time. What is left out is asked for with the next query.
const AT_ONCE: usize = 64;

/// Of whom, and where.
type Row = (PatientId, HomeCommunityId);

/// Those that are asked for anew now.
#[derive(Debug, Default)]
pub(in crate::initiating) struct Renewing(Arc<Mutex<HashSet<Row>>>);

/// One of them, until this is dropped.
#[derive(Debug)]
struct UnderWay {
    row: Row,
    all: Arc<Mutex<HashSet<Row>>>,
}

impl Renewing {
    /// Begins one; `None` when it is under way, or too many are.
    fn begin(&self, row: Row) -> Option<UnderWay> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = all.len() < AT_ONCE && all.insert(row.clone());
        begins.then(|| UnderWay { row, all: Arc::clone(&self.0) })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.row);
    }
}

impl Chain<'_> {
    /// Asks anew beside the answer. What comes of it is kept, and else what is kept serves until its end.
    pub(super) fn renew(&self, whom: Whom, asked_by: [u8; 32]) {
        let row = (whom.patient.clone(), self.community.home.clone());
        let Some(under_way) = self.gateway.inner.renewing.begin(row) else { return };
        let (gateway, ctx) = (self.gateway.clone(), self.ctx.clone());
        let community = Arc::clone(self.community);
        tokio::spawn(async move {
            let discovery = gateway.inner.config.discovery.as_ref();
            if let (Some(discovery), Some(url)) = (discovery, &community.discovery) {
                let (gateway, ctx, community) = (&gateway, &ctx, &community);
                let deadline = Instant::now() + discovery.time;
                let chain = Chain { gateway, ctx, discovery, community, url, deadline };
                match community.discovery_answers {
                    When::Now => drop(chain.look(&whom, asked_by).await),
                    When::Later => drop(chain.look_later(&whom, asked_by).await),
                }
            }
            drop(under_way);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: usize) -> Row {
        let patient = PatientId::parse(&format!("{id}^^^&1.2.9.1&ISO")).unwrap();
        (patient, HomeCommunityId::parse("urn:oid:1.2.3").unwrap())
    }

    #[test]
    fn one_is_asked_for_anew_once_at_a_time_and_not_too_many() {
        let renewing = Renewing::default();
        let first = renewing.begin(row(0)).unwrap();
        assert!(renewing.begin(row(0)).is_none(), "is under way");
        let others: Vec<UnderWay> = (1..AT_ONCE).filter_map(|id| renewing.begin(row(id))).collect();
        assert_eq!(others.len(), AT_ONCE - 1);
        assert!(renewing.begin(row(AT_ONCE)).is_none(), "too many");
        drop(first);
        assert!(renewing.begin(row(0)).is_some());
    }
}
