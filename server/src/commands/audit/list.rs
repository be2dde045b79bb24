//! `renkei audit list`.

use super::super::house::HouseArguments;
use super::{Place, Times, who};
use crate::show;
use renkei_atna::record::{AuditRecord, Object, Participant};
use renkei_audit::Filter;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Whose records, and which of them.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Data directory of a house; it may be running. データディレクトリ。
    #[arg(long, value_name = "D", required_unless_present = "state_dir")]
    data_dir: Option<PathBuf>,
    /// State directory of a client. クライアントの状態ディレクトリ。
    #[arg(long, value_name = "DIR", conflicts_with = "data_dir")]
    state_dir: Option<PathBuf>,
    /// Settings that go before D/renkei.toml, as for serve. 追加の設定ファイル。
    #[arg(long, value_name = "F")]
    config: Option<PathBuf>,
    /// A setting that goes before all files, as for serve. 個別の設定。
    #[arg(long, value_name = "key=value")]
    set: Vec<String>,
    /// Only records of this type, such as ITI-41. 種別。
    #[arg(long = "type", value_name = "T")]
    event_type: Option<String>,
    #[command(flatten)]
    times: Times,
    /// One JSON object a line. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Runs the command; status 0.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let place = match (&arguments.data_dir, &arguments.state_dir) {
        (Some(dir), _) => {
            let (config, set) = (arguments.config.clone(), arguments.set.clone());
            let (settings, dir) =
                HouseArguments { data_dir: dir.clone(), config, set }.founded()?;
            Place::of_house(&settings, &dir)?
        }
        (None, Some(dir)) => Place::of_client(dir)?,
        (None, None) => anyhow::bail!("give --data-dir or --state-dir"),
    };
    let filter = Filter { event_type: arguments.event_type.clone(), ..arguments.times.filter() };
    let see = |record: &AuditRecord| match arguments.json {
        true => show::json_line(&in_full(record)),
        false => show::line(&in_short(record)),
    };
    super::super::runtime()?.block_on(place.read(filter, Vec::new(), |r| Ok(see(r)?)))?;
    Ok(0)
}

fn in_short(r: &AuditRecord) -> String {
    let kind = r.event_type.as_ref().unwrap_or(&r.event);
    let who = who(r);
    format!(
        "{}  {}  {}  {}  {who}  {}",
        r.at.to_rfc3339(),
        kind.code,
        r.action.code(),
        r.outcome.code(),
        r.outcome_description.as_deref().unwrap_or_default(),
    )
}

fn in_full(r: &AuditRecord) -> Value {
    json!({
        "id": r.id.to_string(),
        "at": r.at.to_rfc3339(),
        "event": r.event.code,
        "type": r.event_type.as_ref().map(|t| &t.code),
        "action": r.action.code(),
        "outcome": r.outcome.code(),
        "description": r.outcome_description,
        "source": r.source_id,
        "site": r.source_site,
        "participants": r.participants.iter().map(participant).collect::<Vec<_>>(),
        "objects": r.objects.iter().map(object).collect::<Vec<_>>(),
    })
}

fn participant(p: &Participant) -> Value {
    json!({
        "user_id": p.user_id,
        "alternative_user_id": p.alternative_user_id,
        "user_name": p.user_name,
        "requestor": p.requestor,
        "roles": p.roles.iter().map(|r| &r.code).collect::<Vec<_>>(),
        "network": p.network.as_ref().map(|(_, address)| address),
    })
}

fn object(o: &Object) -> Value {
    json!({
        "id": o.id,
        "type": o.type_code,
        "role": o.role,
        "life_cycle": o.life_cycle,
        "id_type": o.id_type.code,
        "name": o.name,
        "query": o.query,
        "details": o.details.iter().map(|d| (&d.name, &d.value)).collect::<Vec<_>>(),
    })
}
