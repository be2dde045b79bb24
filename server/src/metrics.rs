//! Counters for the administrator; no label holds a value of a patient.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use renkei_soap::tolerance::Tolerances;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    transaction: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Transaction {
    transaction: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Tolerated {
    peer: String,
    tolerance: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    community: String,
    transaction: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Forgiven {
    community: String,
    quirk: &'static str,
}

/// The counters of one process; a clone counts into the same.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    answers: Family<Answer, Counter>,
    seconds: Family<Transaction, Histogram>,
    tolerances: Family<Tolerated, Counter>,
    communities: Family<Asked, Counter>,
    quirks: Family<Forgiven, Counter>,
    refused: Counter,
    news_failing: Gauge,
    started: Gauge,
}

impl Metrics {
    /// New counters, entered in `registry`.
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            answers: Family::default(),
            // 1 ms to about 65 s.
            seconds: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.001, 2.0, 17))
            }),
            tolerances: Family::default(),
            communities: Family::default(),
            quirks: Family::default(),
            refused: Counter::default(),
            news_failing: Gauge::default(),
            started: Gauge::default(),
        };
        registry.register("renkei_answers", "Answers by result", metrics.answers.clone());
        registry.register(
            "renkei_answer_seconds",
            "Seconds from the first byte of a request to the head of its answer",
            metrics.seconds.clone(),
        );
        registry.register(
            "renkei_tolerances",
            "Deviations from the standard that were tolerated, by peer",
            metrics.tolerances.clone(),
        );
        registry.register(
            "renkei_community_answers",
            "What became of questions to other communities",
            metrics.communities.clone(),
        );
        registry.register(
            "renkei_community_quirks",
            "Deviations of other communities that were forgiven",
            metrics.quirks.clone(),
        );
        registry.register(
            "renkei_nodes_refused",
            "Connections of nodes that could not be authenticated",
            metrics.refused.clone(),
        );
        registry.register(
            "renkei_identity_news_failing",
            "Messages of the patient feed that were acknowledged and cannot be taken by who keeps the persons",
            metrics.news_failing.clone(),
        );
        registry.register(
            "renkei_start_time_seconds",
            "When the process started, seconds since 1970",
            metrics.started.clone(),
        );
        metrics.started.set(chrono::Utc::now().timestamp());
        metrics
    }

    /// Counts an answer: `result` is success, partial or failure.
    pub(crate) fn answered(&self, transaction: &'static str, result: &'static str, took: Duration) {
        self.answers.get_or_create(&Answer { transaction, result }).inc();
        self.seconds.get_or_create(&Transaction { transaction }).observe(took.as_secs_f64());
    }

    /// Counts what was tolerated in a message of `peer`, a name of the peer table.
    pub(crate) fn tolerated(&self, peer: &str, tolerances: &Tolerances) {
        for tolerance in tolerances.iter() {
            let label = Tolerated { peer: peer.to_owned(), tolerance: tolerance.name() };
            self.tolerances.get_or_create(&label).inc();
        }
    }

    /// Counts what became of a question to `community`.
    pub(crate) fn asked(&self, community: &str, transaction: &'static str, result: &'static str) {
        let label = Asked { community: community.to_owned(), transaction, result };
        self.communities.get_or_create(&label).inc();
    }

    /// Counts the objects of an answer of `community` that were forgiven `quirk`.
    pub(crate) fn forgave(&self, community: &str, quirk: &'static str, times: u64) {
        let label = Forgiven { community: community.to_owned(), quirk };
        self.quirks.get_or_create(&label).inc_by(times);
    }

    /// How many messages of the feed the persons lack.
    pub(crate) fn news_failing(&self, count: i64) {
        self.news_failing.set(count);
    }

    /// Counts a node that was not let in.
    pub(crate) fn refused(&self) {
        self.refused.inc();
    }
}
