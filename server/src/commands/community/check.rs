//! `renkei community check`: what keeps a community from being asked, a sentence each.

use super::super::house::HouseArguments;
use crate::pki::Pki;
use crate::settings::Settings;
use crate::site::Site;
use crate::{communities, show};
use anyhow::{Context, ensure};
use chrono::Utc;
use renkei_atna::sink::Sink;
use renkei_audit::{AuditContext, Journal, Owner};
use renkei_client::{ClientOptions, Identity, SoapClient, time_of};
use renkei_gateway::community::{Broken, Community, Known, When, file_name};
use renkei_gateway::initiating::{discovery_trial, trial};
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use renkei_sealing::KeyRing;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Which community.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    house: HouseArguments,
    /// Its homeCommunityId. 相手のhomeCommunityId。
    #[arg(long, value_name = "urn:oid:OID", value_parser = super::home)]
    home: HomeCommunityId,
    /// Report as JSON on standard output. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Seconds that clocks may be apart: more than the Date of an answer and its way account for.
const APART: i64 = 5;

/// Status 0, or 2 when something is wrong.
pub(super) fn run(arguments: &CheckArguments) -> anyhow::Result<u8> {
    let settings = arguments.house.settings()?;
    let mut unasked = false;
    let Looked { problems, untold } = match found(arguments, &settings)? {
        Ok(community) => {
            unasked = community.discovery_answers == When::Later;
            super::super::runtime()?.block_on(looked(arguments, &settings, &community))?
        }
        Err(broken) => Looked { problems: vec![broken], ..Looked::default() },
    };
    if arguments.json {
        show::json_line(&json!({
            "home": arguments.home.as_str(),
            "ok": problems.is_empty(),
            "discoveryAsked": !unasked,
            "clockUntold": untold.iter().map(Url::as_str).collect::<Vec<_>>(),
            "problems": problems,
        }))?;
    } else {
        for problem in &problems {
            show::line(problem)?;
        }
        if problems.is_empty() {
            let home = &arguments.home;
            show::line(&format!("{home}  照会できます / can be asked"))?;
        }
        for url in &untold {
            show::line(&format!(
                "    {url}: 応答に時刻(Dateヘッダー)がないため、時計は確認していません / tells no time (Date), so that its clock was not looked at"
            ))?;
        }
        if unasked {
            show::line(
                "    患者照会(ITI-55)は後から回答される登録のため、到達性だけを確認しました / patient discovery (ITI-55) is answered later, so that its reach alone was looked at",
            )?;
        }
    }
    Ok(if problems.is_empty() { 0 } else { 2 })
}

/// What is entered of it, or what is wrong with its file.
fn found(
    arguments: &CheckArguments,
    settings: &Settings,
) -> anyhow::Result<Result<Arc<Community>, String>> {
    let own = communities::own(settings, &[]);
    let known = Known::read(&communities::dir(&arguments.house.data_dir), &own)?;
    if let Some(community) = known.communities.get(&arguments.home) {
        return Ok(Ok(Arc::clone(community)));
    }
    let name = file_name(&arguments.home);
    let broken = known.broken.iter().find(|b| b.path.ends_with(&name));
    ensure!(
        broken.is_some(),
        "{}: 登録されていません。renkei community list で確認してください / is not entered; see renkei community list",
        arguments.home
    );
    let told = |Broken { path, reason }: &Broken| format!("{}: {reason}", path.display());
    Ok(Err(broken.map(told).unwrap_or_default()))
}

/// What was seen of a community.
#[derive(Default)]
struct Looked {
    /// What is wrong, a sentence each.
    problems: Vec<String>,
    /// Addresses that were reached and told no time.
    untold: Vec<Url>,
}

async fn looked(
    arguments: &CheckArguments,
    settings: &Settings,
    community: &Community,
) -> anyhow::Result<Looked> {
    let dir = &arguments.house.data_dir;
    let path = communities::dir(dir).join(file_name(&community.home));
    let identity = community.identity(&communities::identity(&Pki::open(dir)?)?, &path)?;
    let options = ClientOptions {
        connect_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(settings.gateway.query_seconds),
        ..ClientOptions::default()
    };
    let mut looked = reached(&identity, &options, community).await;
    if looked.problems.is_empty() {
        looked.problems = asked(arguments, settings, community, &identity, options).await?;
    }
    Ok(looked)
}

/// Whether its addresses are reached, and its clock is right.
async fn reached(identity: &Identity, options: &ClientOptions, community: &Community) -> Looked {
    let Looked { mut problems, mut untold } = Looked::default();
    let urls: BTreeSet<&Url> = [&community.query, &community.retrieve]
        .into_iter()
        .chain(&community.discovery)
        .chain(&community.locations)
        .collect();
    for url in urls {
        let before = Utc::now();
        match time_of(identity, options, url).await {
            Err(error) => problems.push(format!("{url}: {error}")),
            Ok(Some(theirs)) => {
                // The date has no fractions, and stands for any moment of the call.
                let (early, late) = (theirs - Utc::now(), before - theirs);
                let apart = early.num_seconds().max(late.num_seconds());
                if apart > APART {
                    problems.push(format!(
                        "{url}: 相手の時計と{apart}秒ずれています。双方の時刻同期を確認してください / its clock is {apart} seconds off ours; check the time synchronization of both sides"
                    ));
                }
            }
            // A server with no clock to trust sends none (RFC 9110, 6.6.1): no fault, and nothing to go by.
            Ok(None) => untold.push(url.clone()),
        }
    }
    Looked { problems, untold }
}

/// Whether it answers a question, which goes on record.
async fn asked(
    arguments: &CheckArguments,
    settings: &Settings,
    community: &Community,
    identity: &Identity,
    options: ClientOptions,
) -> anyhow::Result<Vec<String>> {
    let dir = &arguments.house.data_dir;
    let keys = KeyRing::open_or_create(&Site::keys_dir_of(dir))?;
    let journal = Journal::open(&Site::audit_dir_of(dir), Owner::Guest, &keys)?;
    let sink: Arc<dyn Sink> = Arc::new(journal.clone());
    let own = settings.ids.home_community.oid();
    let local = AuditContext::new(&settings.house.public_host, Some(own), 4).local;
    let nobody = format!(
        "check{}^^^&{}&ISO",
        uuid::Uuid::new_v4().simple(),
        settings.ids.assigning_authority
    );
    let nobody = PatientId::parse(&nobody).ok().context("ids.assigning_authority")?;
    let client = SoapClient::new(identity, options, sink, local)?;
    let answer = trial(&client, community, &nobody).await;
    let found = match &community.discovery {
        // One that answers later would answer the house, which did not ask.
        Some(url) if community.discovery_answers == When::Now => {
            discovered(&client, settings, community, url, &nobody).await
        }
        Some(_) | None => None,
    };
    journal.close().await;
    let url = &community.query;
    let mut problems: Vec<String> = match answer {
        Ok(errors) => errors
            .iter()
            .map(|e| {
                format!(
                    "{url}: 照会がエラーになります。相手の管理者に確認してください / answers with an error; ask its operator: {} {}",
                    e.code, e.context
                )
            })
            .collect(),
        Err(error) => vec![format!("{url}: {error}")],
    };
    problems.extend(found);
    Ok(problems)
}

/// What is wrong with its answer to the question for a patient whom nobody knows (ITI-55).
async fn discovered(
    client: &SoapClient,
    settings: &Settings,
    community: &Community,
    url: &Url,
    nobody: &PatientId,
) -> Option<String> {
    match discovery_trial(client, &communities::asker(settings), community, url, nobody).await {
        Ok(None) => None,
        Ok(Some(code)) => Some(format!(
            "{url}: 患者照会(ITI-55)の応答に問題があります。相手の管理者に確認してください / does not answer the question for an unknown patient (ITI-55) as it should; ask its operator: {code}"
        )),
        Err(error) => Some(format!("{url}: {error}")),
    }
}
