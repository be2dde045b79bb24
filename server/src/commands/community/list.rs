//! `renkei community list`.

use super::super::house::HouseArguments;
use crate::settings::Settings;
use crate::site::Site;
use crate::{communities, persons, show};
use chrono::{SecondsFormat, Utc};
use renkei_client::certificate;
use renkei_database::{DatabaseUrl, Options};
use renkei_gateway::community::{Broken, By, Community, Known, Quirk, When, Where};
use renkei_identity::correlation::Count;
use renkei_identity::forgiven::Forgiven;
use renkei_sealing::KeyRing;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// How.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    house: HouseArguments,
    /// List as JSON on standard output. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0, or 3 when a file had to be left out.
pub(super) fn run(arguments: &ListArguments) -> anyhow::Result<u8> {
    let settings = arguments.house.settings()?;
    let own = communities::own(&settings, &[]);
    let known = Known::read(&communities::dir(&arguments.house.data_dir), &own)?;
    let kept = Kept::read(&arguments.house.data_dir, &settings)?;
    if arguments.json {
        let broken =
            |Broken { path, reason }: &Broken| json!({"file": path, "reason": reason.to_string()});
        show::json_line(&json!({
            "communities": known.communities.values().map(|c| as_json(c, &kept)).collect::<Vec<_>>(),
            "broken": known.broken.iter().map(broken).collect::<Vec<_>>(),
        }))?;
    } else {
        for community in known.communities.values() {
            show::line(&line(community))?;
            if community.answers == Where::Elsewhere {
                show::line("    応答は別の接続で届く / answers come in messages of their own")?;
            }
            if let Some(manner) = manner(community) {
                show::line(&manner)?;
            }
            if let Some(Count { known, nobody, asked }) = kept.counts.get(community.home.as_str()) {
                show::line(&format!(
                    "    照合済みの患者{known}名、該当なし{nobody}名、回答待ち等{asked}名 / knows {known} patients, does not know {nobody}, was asked about {asked}"
                ))?;
            }
            for quirk in &community.quirks {
                show::line(&forgiven(quirk, kept.forgiven(community, quirk)))?;
            }
        }
        for Broken { path, reason } in &known.broken {
            show::error_text(&format!("{}: {reason}", path.display()))?;
        }
    }
    Ok(if known.broken.is_empty() { 0 } else { 3 })
}

/// What the house keeps of its communities; one that never ran keeps nothing.
#[derive(Default)]
struct Kept {
    /// How many correlations each has.
    counts: BTreeMap<String, Count>,
    /// How often each was forgiven what.
    forgiven: BTreeMap<(String, String), Forgiven>,
}

impl Kept {
    fn read(dir: &Path, settings: &Settings) -> anyhow::Result<Self> {
        let url = DatabaseUrl::parse(&settings.identity.database, dir)?;
        if matches!(&url, DatabaseUrl::Sqlite(path) if !path.is_file()) {
            return Ok(Self::default());
        }
        let keys = KeyRing::open_or_create(&Site::keys_dir_of(dir))?;
        let identity = persons::open(dir, settings, &keys, Options::default())?;
        super::super::runtime()?.block_on(async {
            let counts = identity.correlations(Utc::now()).await?;
            let forgiven = identity.forgiven().await?;
            identity.database().close().await;
            Ok(Self { counts, forgiven })
        })
    }

    fn forgiven(&self, community: &Community, quirk: &Quirk) -> Option<Forgiven> {
        self.forgiven.get(&(community.home.to_string(), quirk.kind.name().to_owned())).copied()
    }
}

fn line(community: &Community) -> String {
    let Community { home, name, query, .. } = community;
    let vouched = match authorities(community) {
        Some(subjects) => subjects.join("; "),
        None => "自拠点の認証局 / our own CA".to_owned(),
    };
    format!("{home}  {name}  {query}  ({vouched})")
}

/// How it is asked for patients, if it is.
fn manner(community: &Community) -> Option<String> {
    let url = community.discovery.as_ref()?;
    let by = match community.discovery_by {
        By::Demographics => "氏名・生年月日・性別で / by name, birth date and sex",
        By::Identifier => "共有IDで / by shared identifiers",
    };
    let answers = match (community.discovery_answers, &community.peer) {
        (When::Later, Some(peer)) => {
            format!("回答は後からノード {peer} から届く / answers come later, from node {peer}")
        }
        (When::Later, None) => "回答は後から届く / answers come later".to_owned(),
        (When::Now, _) => "その場で回答 / answers at once".to_owned(),
    };
    Some(format!("    患者照会 / discovery: {url}  {by}; {answers}"))
}

fn forgiven(quirk: &Quirk, used: Option<Forgiven>) -> String {
    let (en, ja) = quirk.kind.meaning();
    let ended = if is_in_force(quirk) { "" } else { "【期限切れ / has ended】" };
    let Quirk { kind, reason, until } = quirk;
    let used = match used {
        Some(Forgiven { times, last }) => {
            let last = last.to_rfc3339_opts(SecondsFormat::Secs, true);
            format!("{times}回適用(最終 {last}) / used {times} times, last {last}")
        }
        None => "適用なし / not used yet".to_owned(),
    };
    format!("    {ended}{}  ～{until}  {ja} / {en}  ({reason})  {used}", kind.name())
}

fn as_json(community: &Community, kept: &Kept) -> Value {
    let count = kept.counts.get(community.home.as_str()).copied().unwrap_or_default();
    let quirk = |quirk: &Quirk| {
        let used = kept.forgiven(community, quirk);
        let last = used.map(|used| used.last.to_rfc3339_opts(SecondsFormat::Secs, true));
        json!({
            "name": quirk.kind.name(),
            "reason": quirk.reason,
            "until": quirk.until.to_string(),
            "inForce": is_in_force(quirk),
            "used": used.map_or(0, |used| used.times),
            "lastUsed": last,
        })
    };
    json!({
        "home": community.home.as_str(),
        "name": community.name,
        "query": community.query.as_str(),
        "retrieve": community.retrieve.as_str(),
        "discovery": community.discovery.as_ref().map(|url| url.as_str()),
        "discoveryBy": community.discovery_by.name(),
        "discoveryAnswers": community.discovery_answers.name(),
        "answers": community.answers.name(),
        "peer": community.peer,
        "locations": community.locations.as_ref().map(|url| url.as_str()),
        "ca": authorities(community),
        "identity": community.presented.is_some(),
        "correlations": {"known": count.known, "nobody": count.nobody, "asked": count.asked},
        "quirks": community.quirks.iter().map(quirk).collect::<Vec<_>>(),
    })
}

/// The subjects of the CAs that vouch for it, if they are its own.
fn authorities(community: &Community) -> Option<Vec<String>> {
    // The text was read, so that it holds certificates.
    community
        .authorities
        .as_ref()
        .map(|pem| certificate::subjects(pem.as_bytes()).unwrap_or_default())
}

fn is_in_force(quirk: &Quirk) -> bool {
    quirk.is_in_force(Utc::now())
}
