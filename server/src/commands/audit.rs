//! `renkei audit`.

mod unreadable;

use crate::settings::{self, Settings, Sources};
use crate::show;
use crate::site::Site;
use anyhow::{Context as _, ensure};
use chrono::{DateTime, FixedOffset, Utc};
use renkei_atna::build::{self, Peer};
use renkei_atna::record::{AuditRecord, Object, Participant};
use renkei_audit::{Archive, AuditContext, Filter, Journal, Listed, Owner};
use renkei_database::DatabaseUrl;
use renkei_sealing::KeyRing;
use serde_json::{Value, json};
use std::path::PathBuf;
use unreadable::Unreadable;
use uuid::Uuid;

/// What to do with audit records.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show the records of a house or of a client, oldest first. 監査記録を表示する。
    List(ListArguments),
}

/// Whose records, and which of them.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArguments {
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
    /// Not before this time (RFC 3339). 開始日時。
    #[arg(long, value_name = "TIME")]
    from: Option<DateTime<FixedOffset>>,
    /// Before this time (RFC 3339). 終了日時。
    #[arg(long, value_name = "TIME")]
    until: Option<DateTime<FixedOffset>>,
    /// One JSON object a line. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Runs the command; status 0.
pub(crate) fn run(command: &Command) -> anyhow::Result<u8> {
    let Command::List(arguments) = command;
    let (keys, url, root) = place(arguments)?;
    let archive = Archive::open(&root, &url, &keys)?;
    super::runtime()?.block_on(async {
        // Reading the records is itself an event (ITI TF-2: 3.20.4.1.1.1), and the first to be kept. The
        // house's own journal has its own writer: this one is beside it.
        let journal = Journal::open(&root, Owner::Guest, &keys)?;
        archive.keep_numbers(&journal).await?;
        journal.append(&[reading(&format!("file://{}", root.display()))]).await?;
        let torn = archive.catch_up(Some(&journal)).await?;
        for damage in archive.damages().await?.into_iter().chain(torn) {
            eprintln!("{damage}");
        }
        let mut filter = Filter {
            event_type: arguments.event_type.clone(),
            from: arguments.from.map(|t| t.with_timezone(&Utc)),
            until: arguments.until.map(|t| t.with_timezone(&Utc)),
            ..Filter::default()
        };
        let mut unreadable = Unreadable::default();
        loop {
            let page = archive.list(filter.clone()).await?;
            for line in &page.lines {
                show(line, arguments.json, &mut unreadable)?;
            }
            if page.next.is_none() {
                break;
            }
            filter.after = page.next;
        }
        unreadable.tell();
        journal.close().await;
        archive.database().close().await;
        Ok(0)
    })
}

fn show(line: &Listed, json: bool, unreadable: &mut Unreadable) -> anyhow::Result<()> {
    match line {
        Listed::Record(record) if json => show::json_line(&in_full(record))?,
        Listed::Record(record) => show::line(&in_short(record))?,
        Listed::Erased(place) => eprintln!(
            "監査記録{}は消去されています / the audit record {} was erased",
            place.id, place.id
        ),
        Listed::Unreadable(place, error) => unreadable.add(place, error),
    }
    Ok(())
}

/// The keys, the database of the index, and where the journals are.
fn place(arguments: &ListArguments) -> anyhow::Result<(KeyRing, DatabaseUrl, PathBuf)> {
    let (dir, url) = match (&arguments.data_dir, &arguments.state_dir) {
        (Some(dir), _) => {
            let dir = dir.canonicalize().with_context(|| dir.display().to_string())?;
            // A house that was never started has no records, and looking must not found one.
            let founded = dir.join(settings::FILE);
            ensure!(founded.is_file(), "{} is not there", founded.display());
            let settings = Settings::load(&Sources {
                data_dir: dir.clone(),
                config: arguments.config.clone(),
                set: arguments.set.clone(),
            })?;
            let url = DatabaseUrl::parse(&settings.audit.database, &dir)?;
            (dir, url)
        }
        (None, Some(dir)) => {
            let dir = dir.canonicalize().with_context(|| dir.display().to_string())?;
            let root = Site::audit_dir_of(&dir);
            ensure!(root.is_dir(), "{} is not there", root.display());
            (dir, DatabaseUrl::Sqlite(root.join("index.sqlite")))
        }
        (None, None) => anyhow::bail!("give --data-dir or --state-dir"),
    };
    let keys = KeyRing::open_or_create(&dir.join("keys"))?;
    Ok((keys, url, Site::audit_dir_of(&dir)))
}

fn reading(log: &str) -> AuditRecord {
    let reader = Peer { user_id: crate::host::operator(), address: None };
    let local = AuditContext::new(&crate::host::name(), None, 9).local;
    build::audit_log_used(Utc::now(), Uuid::new_v4(), &reader, log, &local)
}

fn in_short(r: &AuditRecord) -> String {
    let kind = r.event_type.as_ref().unwrap_or(&r.event);
    // By its certificate, where the record is in the name of the address that is answered.
    let name = |p: &Participant| p.user_name.clone().unwrap_or_else(|| p.user_id.clone());
    let who = r.participants.iter().find(|p| p.requestor).map_or_else(|| "-".to_owned(), name);
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
