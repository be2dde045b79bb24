//! `renkei patient merge`: one patient id for two. Nothing leads back from that, so that one person proposes it and
//! another one confirms it; then it is carried out at the registry like any merge of the patient feed (ITI-8 A40).

use super::desk::Desk;
use crate::commands::house::HouseArguments;
use crate::pki::{DESK, NodeName, Pki};
use crate::{show, site::Site};
use anyhow::Context;
use chrono::Utc;
use renkei_atna::record::Action;
use renkei_atna::sink::Sink;
use renkei_audit::{AuditContext, Journal, Owner};
use renkei_client::Identity;
use renkei_client::mllp::MllpClient;
use renkei_context::{Role, Roles};
use renkei_hl7v2::adt::{A40, Parties, PersonName, Representation};
use renkei_hl7v2::msh::Stamp;
use renkei_metadata::ids::PatientId;
use renkei_person::{Merge, Name, Writing};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

/// Which, and where the registry takes the patient feed.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    house: HouseArguments,
    /// The patient id that is given up, as ID^^^&OID&ISO. 統合される患者ID(CX)。
    #[arg(value_name = "SUBSUMED", value_parser = super::cx)]
    subsumed: PatientId,
    /// The patient id that stays. 残る患者ID(CX)。
    #[arg(value_name = "SURVIVOR", value_parser = super::cx)]
    survivor: PatientId,
    /// Confirm what somebody else proposed, and carry it out. 別の人の提案を確認し、実行する。
    #[arg(long)]
    confirm: bool,
    /// host:port of the patient feed of the registry (patient_feed of the ready line); without it, listen.mllp of
    /// the settings. 患者フィードの接続先。
    #[arg(long, value_name = "HOST:PORT", requires = "confirm")]
    patient_feed: Option<String>,
    /// Report as JSON on standard output. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0; 2 when the registry refused.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let desk = Desk::open(&arguments.house)?;
    let merge =
        Merge { survivor: arguments.survivor.clone(), subsumed: arguments.subsumed.clone() };
    let names = vec![merge.subsumed.to_string(), merge.survivor.to_string()];
    let by = Desk::operator();
    let answer = crate::commands::runtime()?.block_on(async {
        let done = async {
            if !arguments.confirm {
                let deed = (Action::Update, "患者IDの統合を提案 / merge of patient ids proposed");
                let work = desk.identity.propose_merge(&merge, &by, Utc::now());
                desk.on_record(deed, &names, work).await?;
                return anyhow::Ok(None);
            }
            let deed = (Action::Update, "患者IDの統合を確認 / merge of patient ids confirmed");
            let work = desk.identity.confirm_merge(&merge, &by, Utc::now());
            desk.on_record(deed, &names, work).await?;
            carry_out(&desk, &merge, arguments.patient_feed.as_deref()).await.map(Some)
        };
        let done = done.await;
        desk.close().await;
        done
    })?;
    tell(arguments, &by, answer.as_ref())
}

/// What the registry said: nothing that it refused, or the codes of why.
struct Answer {
    codes: Vec<String>,
    text: String,
}

/// Sends the merge as a node of this house. What was merged already is merged.
async fn carry_out(desk: &Desk, merge: &Merge, feed: Option<&str>) -> anyhow::Result<Answer> {
    let settings = &desk.settings;
    let listening = settings.listen.mllp.filter(|address| address.port() != 0);
    let address = match (feed, listening) {
        (Some(feed), _) => feed.to_owned(),
        (None, Some(address)) => format!("{}:{}", settings.house.public_host, address.port()),
        (None, None) => anyhow::bail!(
            "患者フィードの接続先がありません。--patient-feed を指定してください / no patient feed is known; give --patient-feed"
        ),
    };
    let name: NodeName = DESK.parse()?;
    let directory = Pki::open(&desk.dir)?.own_identity(&name, Roles::new([Role::Feed]))?;
    let identity = Identity::load(&directory).context("matching")?;
    let journal = Journal::open(&Site::audit_dir_of(&desk.dir), Owner::Guest, &desk.keys)?;
    let sink: Arc<dyn Sink> = Arc::new(journal.clone());
    let home = settings.ids.home_community.oid();
    let local = AuditContext::new(&settings.house.public_host, Some(home), 4).local;
    let client = MllpClient::new(&identity, &address, sink, local)?;
    let message = A40 {
        stamp: Stamp::new(Utc::now(), Uuid::new_v4()),
        parties: Parties {
            sending_application: "RENKEI".to_owned(),
            sending_facility: "MATCHING".to_owned(),
            receiving_application: "RENKEI".to_owned(),
            receiving_facility: "REGISTRY".to_owned(),
        },
        surviving: merge.survivor.clone(),
        subsumed: merge.subsumed.clone(),
        names: names(desk, &merge.survivor).await?,
    };
    let answer = client.merge(&message).await;
    journal.close().await;
    let answer = answer.with_context(|| {
        format!(
            "{address}: 確認は記録しましたが、実行できませんでした。もう一度実行してください / confirmed, but not carried out; run it again"
        )
    })?;
    let mut codes = Vec::new();
    if !answer.is_accepted() {
        codes.extend(answer.reports.iter().map(|report| report.code.clone()));
        codes.push(answer.code.code().to_owned());
    }
    Ok(Answer { codes, text: answer.text() })
}

/// The names of the one that stays, as PID-5 needs one; a blank for whose name nobody told.
async fn names(desk: &Desk, of: &PatientId) -> anyhow::Result<Vec<PersonName>> {
    let known = desk.identity.person(of).await?;
    let known = known.map(|found| found.person.names).unwrap_or_default();
    let written = |writing| match writing {
        Writing::Ideographic => Representation::Ideographic,
        Writing::Syllabic => Representation::Phonetic,
        Writing::Alphabetic => Representation::Alphabetic,
    };
    let name = |name: Name| PersonName {
        given: name.given.join(" "),
        family: name.family,
        representation: name.writing.map(written),
    };
    let blank = PersonName { family: " ".to_owned(), given: String::new(), representation: None };
    let mut names: Vec<PersonName> = known.into_iter().map(name).collect();
    if names.is_empty() {
        names.push(blank);
    }
    Ok(names)
}

fn tell(arguments: &Arguments, by: &str, answer: Option<&Answer>) -> anyhow::Result<u8> {
    let (subsumed, survivor) = (&arguments.subsumed, &arguments.survivor);
    let (did, words) = match answer {
        None => ("proposed", "統合を提案しました。別の人が --confirm で確認してください / proposed; somebody else has to confirm it with --confirm".to_owned()),
        Some(Answer { codes, .. }) if codes.is_empty() => {
            ("merged", "統合しました / merged".to_owned())
        }
        Some(Answer { codes, text }) => (
            "refused",
            format!("レジストリが拒否しました / the registry refused: {} {text}", codes.join(" ")),
        ),
    };
    match arguments.json {
        true => show::json_line(&json!({
            "did": did,
            "subsumed": subsumed.to_string(),
            "survivor": survivor.to_string(),
            "by": by,
            "errors": answer.map(|answer| &answer.codes),
        }))?,
        false => show::line(&format!("{subsumed} → {survivor}  {words}"))?,
    }
    Ok(if did == "refused" { 2 } else { 0 })
}
