//! `renkei community forget`: what a community told of patients is asked anew.

use super::super::house::HouseArguments;
use super::super::trail::Trail;
use crate::site::Site;
use crate::{persons, show};
use renkei_atna::build::{self, Local, Peer};
use renkei_database::Options;
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use renkei_sealing::KeyRing;
use serde_json::json;

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
    let trail = Trail::open(&dir, &settings, &keys)?;
    let count = super::super::runtime()?.block_on(async {
        let name = patient.map(ToString::to_string);
        let record = |at, id, operator: &Peer, local: &Local| {
            let name = name.as_deref();
            build::correlations_forgotten(at, id, operator, home.as_str(), name, local)
        };
        let forget = identity.forget_correlations(home, patient);
        let count = trail.on_record(record, forget).await;
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
