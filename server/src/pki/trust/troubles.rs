//! Lists of revoked certificates that are missing, past their time, or cannot be renewed: for `/health/ready` and `/metrics`.

use super::super::PeerTable;
use super::Trust;
use super::crl::second;
use chrono::Utc;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError};

impl Trust {
    /// What is wrong with the lists of CAs, by their names.
    pub(crate) fn troubles(&self) -> BTreeMap<String, String> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let now = Utc::now();
        let trouble = |of: super::authority::Publishing| {
            let state = match &of.list {
                None => Some("失効リストがありません / there is no CRL".to_owned()),
                Some(list) if list.is_stale(now) => {
                    let next = list.next_update.map(second).unwrap_or_default();
                    Some(format!(
                        "失効リストの期限切れ({next}) / the CRL is past its nextUpdate ({next})"
                    ))
                }
                Some(_) => None,
            };
            let told = [state, failures.get(&of.name).cloned()];
            let told: Vec<String> = told.into_iter().flatten().collect();
            (!told.is_empty()).then(|| (of.name, told.join("; ")))
        };
        self.published().into_iter().filter_map(trouble).collect()
    }
}

/// Measures the lists at the moment when it is asked.
#[derive(Debug)]
pub(crate) struct Lists(pub(crate) Arc<PeerTable>);

impl Collector for Lists {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let (trust, now) = (self.0.trust(), Utc::now());
        let (published, troubles) = (trust.published(), trust.troubles());
        let kind = || ConstGauge::new(0_i64).metric_type();
        let help = "Seconds until the CRL of a trusted CA is to be followed by another; negative when it should have been";
        let mut family = encoder.encode_descriptor("renkei_crl_seconds", help, None, kind())?;
        for of in &published {
            if let Some(next) = of.list.as_ref().and_then(|list| list.next_update) {
                let label = [("ca", of.name.as_str())];
                ConstGauge::new((next - now).num_seconds())
                    .encode(family.encode_family(&label)?)?;
            }
        }
        let help =
            "Whether the CRL of a trusted CA is missing, past its time, or cannot be renewed";
        let mut family = encoder.encode_descriptor("renkei_crl_failing", help, None, kind())?;
        for of in &published {
            let label = [("ca", of.name.as_str())];
            let failing = i64::from(troubles.contains_key(&of.name));
            ConstGauge::new(failing).encode(family.encode_family(&label)?)?;
        }
        Ok(())
    }
}
