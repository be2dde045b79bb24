//! Messages of HL7 v2: what one is says who answers it (ITI TF-2: C.2.2, MSH-9).

use super::feed::Feed;
use super::pixpdq::Queries;
use crate::listen::FrameHandler;
#[cfg(test)]
use crate::pipeline::access::{CROSS_REFERENCED, Decided, FED, SOUGHT};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use renkei_context::Caller;
use renkei_hl7v2::query;
#[cfg(test)]
use renkei_xds::transaction::CallerRole;
use std::sync::Arc;

/// Those who answer here.
pub(crate) enum Inbox {
    /// The patient feed alone: queries are refused as no message of the feed.
    Feed(Feed),
    /// Queries for persons alone: the feed is refused as no query.
    Queries(Box<Queries>),
    /// Both.
    Both(Feed, Box<Queries>),
}

impl Inbox {
    /// Those that are served; `None` if there are none.
    pub(super) fn new(feed: Option<Feed>, queries: Option<Queries>) -> Option<Self> {
        Some(match (feed, queries.map(Box::new)) {
            (Some(feed), Some(queries)) => Self::Both(feed, queries),
            (Some(feed), None) => Self::Feed(feed),
            (None, Some(queries)) => Self::Queries(queries),
            (None, None) => return None,
        })
    }

    async fn answer(&self, caller: Arc<Caller>, frame: &[u8]) -> Vec<u8> {
        match self {
            Self::Both(_, queries) if query::is_query(frame) => queries.answer(caller, frame).await,
            Self::Feed(feed) | Self::Both(feed, _) => feed.answer(caller, frame).await,
            Self::Queries(queries) => queries.answer(caller, frame).await,
        }
    }
}

impl FrameHandler for Inbox {
    fn handle(&self, caller: Arc<Caller>, frame: Bytes) -> BoxFuture<'_, Vec<u8>> {
        Box::pin(async move { self.answer(caller, &frame).await })
    }
}

/// What is decided of messages of HL7 v2; the feed has the events of ITI-8, but for that of ITI-64.
#[cfg(test)]
pub(crate) fn decided() -> Vec<Decided> {
    use crate::endpoints::{PATIENT_FEED, PIXPDQ_V2};
    use query::Transaction::{CrossReference, Demographics};
    const FEEDS: &[CallerRole] = &[CallerRole::Feed];
    const ASKS: &[CallerRole] = &[CallerRole::Consumer, CallerRole::Source];
    let fed = ["ITI-8", "ITI-64"].map(|transaction| (&PATIENT_FEED, transaction, FEEDS, FED));
    let asked = [CrossReference, Demographics].map(|asked| {
        let access = match asked {
            CrossReference => CROSS_REFERENCED,
            Demographics => SOUGHT,
        };
        (&PIXPDQ_V2, asked.code(), ASKS, access)
    });
    let all = fed.into_iter().chain(asked);
    let decided = all.map(|(endpoint, transaction, roles, access)| {
        let transaction = transaction.to_owned();
        Decided { endpoint, transaction, roles, access }
    });
    decided.collect()
}
