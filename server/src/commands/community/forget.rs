//! `renkei community forget`: what a community told of patients is asked anew.

use super::HouseArguments;
use crate::site::Site;
use crate::{host, persons, show};
use chrono::Utc;
use renkei_atna::build::{self, Peer};
use renkei_atna::record::{AuditRecord, Outcome};
use renkei_atna::sink::Sink;
use renkei_audit::{AuditContext, Journal, Owner};
use renkei_database::Options;
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use renkei_sealing::KeyRing;
use serde_json::json;
use uuid::Uuid;

/// What to forget.
#[derive(Debug, clap::Args)]
pub(crate) struct ForgetArguments {
    #[command(flatten)]
    house: HouseArguments,
    /// The community; it need not be entered any more. 相手のhomeCommunityId。
    #[arg(long, value_name = "urn:oid:OID", value_parser = super::home)]
    home: HomeCommunityId,
    /// The patient of this community, as ID^^^&OID&ISO; without it, all. 患者ID(CX)。省略時は全員。
    #[arg(long, value_name = "ID",
          value_parser = |s: &str| PatientId::parse(s).map_err(|e| e.to_string()))]
    patient: Option<PatientId>,
    /// Report as JSON on standard output. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0, whether there was something to forget or not.
pub(super) fn run(arguments: &ForgetArguments) -> anyhow::Result<u8> {
    let settings = arguments.house.settings()?;
    let dir = arguments.house.data_dir.canonicalize()?;
    let (home, patient) = (&arguments.home, arguments.patient.as_ref());
    let keys = KeyRing::open_or_create(&Site::keys_dir_of(&dir))?;
    let identity = persons::open(&dir, &settings, &keys, Options::default())?;
    let journal = Journal::open(&Site::audit_dir_of(&dir), Owner::Guest, &keys)?;
    let own = settings.ids.home_community.oid();
    let local = AuditContext::new(&settings.house.public_host, Some(own), 4).local;
    let count = super::super::runtime()?.block_on(async {
        let operator = Peer { user_id: host::operator(), address: None };
        let name = patient.map(ToString::to_string);
        let (at, id) = (Utc::now(), Uuid::new_v4());
        let name = name.as_deref();
        let record = build::correlations_forgotten(at, id, &operator, home.as_str(), name, &local);
        let forget = identity.forget_correlations(home, patient);
        let count = on_record(&journal, record, forget).await;
        journal.close().await;
        identity.database().close().await;
        count
    })?;
    if arguments.json {
        show::json_line(&json!({ "home": home.as_str(), "forgotten": count }))?;
    } else {
        show::line(&format!(
            "{home}  患者の照合結果{count}件を消去しました。次の検索で照会し直します / forgot {count} correlations; the next query asks anew"
        ))?;
    }
    Ok(0)
}

/// Does what is on record already; that it failed is on record, too. The other way round, something could be
/// done that no record tells of.
async fn on_record<T, E: Into<anyhow::Error>>(
    sink: &dyn Sink,
    record: AuditRecord,
    deed: impl Future<Output = Result<T, E>>,
) -> anyhow::Result<T> {
    sink.record(record.clone()).await?;
    match deed.await {
        Ok(done) => Ok(done),
        Err(error) => {
            let (id, at, outcome) = (Uuid::new_v4(), Utc::now(), Outcome::SeriousFailure);
            sink.record(AuditRecord { id, at, outcome, ..record }).await?;
            Err(error.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_atna::build::Local;
    use renkei_atna::sink::{BoxFuture, NotRecorded};
    use std::sync::Mutex;

    /// Keeps as many records as there is space for.
    struct Trail(Mutex<Vec<AuditRecord>>, usize);

    impl Sink for Trail {
        fn record<'a>(&'a self, record: AuditRecord) -> BoxFuture<'a, Result<(), NotRecorded>> {
            Box::pin(async move {
                let mut records = self.0.lock().unwrap();
                if records.len() == self.1 {
                    return Err(NotRecorded::Full);
                }
                records.push(record);
                Ok(())
            })
        }
    }

    async fn outcomes(space: usize, deed: Result<(), &'static str>) -> (bool, Vec<Outcome>) {
        let operator = Peer { user_id: "root".to_owned(), address: None };
        let source_id = "test".to_owned();
        let local = Local { source_id, site: None, source_type: 4, process_id: 1 };
        let (at, id) = (Utc::now(), Uuid::new_v4());
        let home = "urn:oid:2.999.1";
        let record = build::correlations_forgotten(at, id, &operator, home, None, &local);
        let (trail, mut done) = (Trail(Mutex::default(), space), false);
        let deed = async {
            done = true;
            deed.map_err(anyhow::Error::msg)
        };
        let result = on_record(&trail, record, deed).await;
        let records = trail.0.into_inner().unwrap();
        assert!(result.is_err() || done);
        (done, records.iter().map(|r| r.outcome).collect())
    }

    #[tokio::test]
    async fn nothing_is_forgotten_that_is_not_on_record() {
        assert_eq!(outcomes(2, Ok(())).await, (true, vec![Outcome::Success]));
        assert_eq!(outcomes(0, Ok(())).await, (false, vec![]));
        let both = vec![Outcome::Success, Outcome::SeriousFailure];
        assert_eq!(outcomes(2, Err("away")).await, (true, both));
    }
}
