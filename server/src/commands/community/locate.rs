//! `renkei community locate`: which communities hold data of a patient (ITI-56; XCPD supplement, Health Data
//! Locator option). Each that is entered with an address for discovery is asked as whom it knows the patient, and,
//! if it says that it tells, where else they are known.

use super::super::house::HouseArguments;
use crate::pki::Pki;
use crate::settings::Settings;
use crate::site::Site;
use crate::{communities, persons, show};
use anyhow::{Context, ensure};
use futures_util::future::join_all;
use renkei_atna::sink::Sink;
use renkei_audit::{AuditContext, Journal, Owner};
use renkei_client::{ClientOptions, Identity, SoapClient};
use renkei_database::Options;
use renkei_gateway::community::{Broken, Community, Known, file_name};
use renkei_gateway::initiating::{Silent, Whereabouts, locate};
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use renkei_person::Person;
use renkei_sealing::KeyRing;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Of whom.
#[derive(Debug, clap::Args)]
pub(crate) struct LocateArguments {
    #[command(flatten)]
    house: HouseArguments,
    /// The patient of this community, as ID^^^&OID&ISO. 患者ID(CX)。
    #[arg(long, value_name = "ID",
          value_parser = |s: &str| PatientId::parse(s).map_err(|e| e.to_string()))]
    patient: PatientId,
    /// Report as JSON on standard output. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// What became of the question to one community.
struct Asked {
    community: Arc<Community>,
    answer: anyhow::Result<Result<Whereabouts, Silent>>,
}

/// A community that holds data of the patient, with as whom it knows them, and by whom that was told.
#[derive(Default)]
struct Holder {
    patients: BTreeSet<String>,
    told_by: BTreeSet<String>,
}

/// Status 0, or 2 when a community could not be asked or did not say.
pub(super) fn run(arguments: &LocateArguments) -> anyhow::Result<u8> {
    let settings = arguments.house.settings()?;
    let dir = arguments.house.data_dir.canonicalize()?;
    let own = communities::own(&settings, &[]);
    let known = Known::read(&communities::dir(&dir), &own)?;
    for Broken { path, reason } in &known.broken {
        show::error_text(&format!("{}: {reason}", path.display()))?;
    }
    let asked = super::super::runtime()?.block_on(ask(&dir, &settings, &known, arguments))?;
    let holders = holders(&asked, &own.home);
    match arguments.json {
        true => show::json_line(&as_json(&arguments.patient, &asked, &holders, &known))?,
        false => tell(&asked, &holders, &known)?,
    }
    let is_whole = known.broken.is_empty() && asked.iter().all(|asked| asked.problem().is_none());
    Ok(if is_whole { 0 } else { 2 })
}

/// Asks all communities side by side; each question and its answer is on record.
async fn ask(
    dir: &Path,
    settings: &Settings,
    known: &Known,
    arguments: &LocateArguments,
) -> anyhow::Result<Vec<Asked>> {
    let keys = KeyRing::open_or_create(&Site::keys_dir_of(dir))?;
    let persons = persons::open(dir, settings, &keys, Options::default())?;
    let found = persons.person(&arguments.patient).await;
    persons.database().close().await;
    let found = found?.with_context(|| {
        format!(
            "{}: 患者フィードで登録されていない患者です / the patient feed did not bring this patient",
            arguments.patient
        )
    })?;
    let journal = Journal::open(&Site::audit_dir_of(dir), Owner::Guest, &keys)?;
    let question = Question {
        dir,
        settings,
        own: communities::identity(&Pki::open(dir)?)?,
        sink: Arc::new(journal.clone()),
        patient: &found.id,
        person: &found.person,
    };
    let with_discovery = known.communities.values().filter(|c| c.discovery.is_some());
    let asked = join_all(with_discovery.map(async |community| Asked {
        community: Arc::clone(community),
        answer: question.put(community).await,
    }))
    .await;
    journal.close().await;
    ensure!(
        !asked.is_empty(),
        "患者照会のURL(--discovery)が登録されたコミュニティがありません / no community is entered with --discovery"
    );
    Ok(asked)
}

/// What is asked of each.
struct Question<'a> {
    dir: &'a Path,
    settings: &'a Settings,
    own: Identity,
    sink: Arc<dyn Sink>,
    patient: &'a PatientId,
    person: &'a Person,
}

impl Question<'_> {
    async fn put(&self, community: &Community) -> anyhow::Result<Result<Whereabouts, Silent>> {
        let url = community.discovery.as_ref().context("discovery")?;
        let path = communities::dir(self.dir).join(file_name(&community.home));
        let identity = community.identity(&self.own, &path)?;
        let options = ClientOptions {
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(self.settings.gateway.discovery_seconds),
            ..ClientOptions::default()
        };
        let home = self.settings.ids.home_community.oid();
        let local = AuditContext::new(&self.settings.house.public_host, Some(home), 4).local;
        let client = SoapClient::new(&identity, options, Arc::clone(&self.sink), local)?;
        let asker = communities::asker(self.settings);
        let whom = (self.patient, self.person.clone());
        Ok(locate(&client, &asker, (community, url), whom).await)
    }
}

impl Asked {
    /// What keeps the community from saying whether, and where, it knows the patient. That it knows nobody, or
    /// tells nobody, is no problem.
    fn problem(&self) -> Option<String> {
        match &self.answer {
            Ok(Ok(_)) => None,
            Ok(Err(silent)) if silent.is_nobody() => None,
            Ok(Err(Silent::Unfound(rule, detail))) => {
                let name = &self.community.name;
                let words = format!("{name}{} / {name} {}", rule.ja, rule.en);
                Some(if detail.is_empty() { words } else { format!("{words}: {detail}") })
            }
            Ok(Err(Silent::Failed(error))) => Some(error.to_string()),
            Err(error) => Some(format!("{error:#}")),
        }
    }

    /// What it says of itself: whether it knows the patient, and whether it tells where else they are known.
    fn word(&self) -> &'static str {
        match &self.answer {
            Ok(Ok(Whereabouts { told: Some(_), .. })) => "tells",
            Ok(Ok(Whereabouts { told: None, .. })) => "knows",
            Ok(Err(silent)) if silent.is_nobody() => "nobody",
            Ok(Err(_)) | Err(_) => "problem",
        }
    }
}

/// All that was told put together, but for what is told of ourselves.
fn holders(asked: &[Asked], own: &HomeCommunityId) -> BTreeMap<String, Holder> {
    let mut holders: BTreeMap<String, Holder> = BTreeMap::new();
    let mut add = |home: &HomeCommunityId, patient: &PatientId, by: &HomeCommunityId| {
        let holder = holders.entry(home.to_string()).or_default();
        holder.patients.insert(patient.to_string());
        holder.told_by.insert(by.to_string());
    };
    for Asked { community, answer } in asked {
        let Ok(Ok(Whereabouts { theirs, told })) = answer else { continue };
        add(&community.home, theirs, &community.home);
        for location in told.iter().flatten().filter(|location| location.home != *own) {
            add(&location.home, &location.patient.id, &community.home);
        }
    }
    holders
}

fn entered<'a>(known: &'a Known, home: &str) -> Option<&'a Community> {
    known.communities.values().map(AsRef::as_ref).find(|c| c.home.as_str() == home)
}

fn as_json(
    patient: &PatientId,
    asked: &[Asked],
    holders: &BTreeMap<String, Holder>,
    known: &Known,
) -> Value {
    let holder = |(home, Holder { patients, told_by }): (&String, &Holder)| {
        let community = entered(known, home);
        json!({
            "home": home,
            "name": community.map(|community| &community.name),
            "entered": community.is_some(),
            "patients": patients,
            "toldBy": told_by,
        })
    };
    let question = |asked: &Asked| {
        json!({
            "home": asked.community.home.as_str(),
            "name": asked.community.name,
            "answer": asked.word(),
            "problem": asked.problem(),
        })
    };
    json!({
        "patient": patient.to_string(),
        "holders": holders.iter().map(holder).collect::<Vec<_>>(),
        "asked": asked.iter().map(question).collect::<Vec<_>>(),
    })
}

fn tell(asked: &[Asked], holders: &BTreeMap<String, Holder>, known: &Known) -> anyhow::Result<()> {
    for (home, Holder { told_by, .. }) in holders {
        let by = told_by.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        match entered(known, home) {
            Some(Community { name, .. }) => show::line(&format!(
                "{home}  {name}  データがあります(回答: {by}) / holds data (told by {by})"
            ))?,
            None => show::line(&format!(
                "{home}  データがありますが、登録されていません(回答: {by})。照会するには community add で登録してください / holds data and is not entered here (told by {by}); enter it by community add to ask it"
            ))?,
        }
    }
    for asked in asked {
        let Community { home, name, .. } = &*asked.community;
        match asked.word() {
            "nobody" => show::line(&format!("{home}  {name}  該当者なし / knows nobody"))?,
            "knows" => show::line(&format!(
                "{home}  {name}  他の所在は回答しません / does not tell where else"
            ))?,
            _ => {}
        }
        if let Some(problem) = asked.problem() {
            show::line(&format!("{home}  {name}  {problem}"))?;
        }
    }
    Ok(())
}
