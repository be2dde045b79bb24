//! How long every certificate is good, for `/metrics`: whoever watches decides himself when it is soon.

use super::PeerTable;
use chrono::Utc;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
use std::fmt;
use std::sync::Arc;

/// Measures the certificates of a table at the moment when it is asked.
#[derive(Debug)]
pub(crate) struct Days(pub(crate) Arc<PeerTable>);

impl Collector for Days {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let help = "Whole days until a certificate ends; negative when it has";
        let kind = ConstGauge::new(0_i64).metric_type();
        let mut family = encoder.encode_descriptor("renkei_certificate_days", help, None, kind)?;
        let now = Utc::now();
        for (name, expires) in self.0.ends() {
            let days = (expires - now).num_seconds().div_euclid(86_400);
            let label = [("node", name.as_str())];
            ConstGauge::new(days).encode(family.encode_family(&label)?)?;
        }
        Ok(())
    }
}
