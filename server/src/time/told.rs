//! What health and metrics say of the clock.

use super::clock::{Clock, Server, State};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
use serde_json::{Map, Value, json};
use std::fmt;
use std::time::Instant;

impl Clock {
    /// Whether health says `degraded`.
    pub(crate) fn is_alarming(&self) -> bool {
        self.standing().state.is_alarming()
    }

    /// `time`, a word, and, where servers are asked, `clock`.
    pub(crate) fn health(&self) -> Map<String, Value> {
        let standing = self.standing();
        let mut told = Map::new();
        told.insert("time".to_owned(), standing.state.word().into());
        if standing.state == State::Unchecked {
            return told;
        }
        let servers: Vec<Value> = standing.servers.iter().map(server).collect();
        let clock = json!({
            "offset_ms": standing.offset.map(milliseconds),
            "limit_ms": self.settings().limit_ms,
            "stops_submissions": self.settings().stop_submissions,
            "servers": servers,
        });
        told.insert("clock".to_owned(), clock);
        told
    }
}

fn server(server: &Server) -> Value {
    json!({
        "server": server.server.to_string(),
        "offset_ms": server.offset.map(milliseconds),
        "stratum": server.stratum,
        "dispersion_ms": server.dispersion.map(milliseconds),
        "answer_age_seconds": server.answered.map(|at| at.elapsed().as_secs()),
        "agrees": server.agrees,
        "problem": server.trouble.map(|trouble| trouble.to_string()),
    })
}

fn milliseconds(nanos: i64) -> f64 {
    (nanos / 1000) as f64 / 1000.0
}

fn seconds(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}

/// A number that a server has, or has not.
type Measure = fn(&Server, Instant) -> Option<f64>;

static MEASURES: [(&str, &str, Measure); 4] = [
    (
        "renkei_time_server_offset_seconds",
        "What has to be added to the clock by a time server",
        |s, _| s.offset.map(seconds),
    ),
    (
        "renkei_time_server_stratum",
        "Servers between a time server and a reference clock",
        |s, _| s.stratum.map(f64::from),
    ),
    (
        "renkei_time_server_dispersion_seconds",
        "By how much a time server may be off its reference clock",
        |s, _| s.dispersion.map(seconds),
    ),
    (
        "renkei_time_server_answer_age_seconds",
        "How long ago a time server last gave a time",
        |s, now| s.answered.map(|at| now.saturating_duration_since(at).as_secs_f64()),
    ),
];

impl Collector for Clock {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let standing = self.standing();
        if let Some(offset) = standing.offset {
            let help = "What has to be added to the clock by most time servers";
            gauge(&mut encoder, "renkei_clock_offset_seconds", help, &[(None, seconds(offset))])?;
        }
        let alarming = f64::from(u8::from(standing.state.is_alarming()));
        let help = "Whether the clock is known to be wrong, or was not checked for an hour";
        gauge(&mut encoder, "renkei_clock_alarm", help, &[(None, alarming)])?;
        let now = Instant::now();
        for (name, help, measure) in MEASURES {
            let values: Vec<(Option<String>, f64)> = standing
                .servers
                .iter()
                .filter_map(|s| Some((Some(s.server.to_string()), measure(s, now)?)))
                .collect();
            gauge(&mut encoder, name, help, &values)?;
        }
        Ok(())
    }
}

fn gauge(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: &[(Option<String>, f64)],
) -> fmt::Result {
    let kind = ConstGauge::new(0.0).metric_type();
    let mut family = encoder.encode_descriptor(name, help, None, kind)?;
    for (server, value) in values {
        match server {
            Some(server) => {
                let label = [("server", server.as_str())];
                ConstGauge::new(*value).encode(family.encode_family(&label)?)?;
            }
            // One value without a label stands alone.
            None => return ConstGauge::new(*value).encode(family),
        }
    }
    Ok(())
}
