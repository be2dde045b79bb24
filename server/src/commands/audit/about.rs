//! `renkei audit about`: who saw or changed what of a person.

mod deed;

use super::super::house::HouseArguments;
use super::{Place, Times, who};
use crate::settings::{Actor, Settings};
use crate::show;
use anyhow::{Context as _, anyhow};
use renkei_atna::build;
use renkei_atna::record::{AuditRecord, Object, Outcome};
use renkei_context::in_japan;
use renkei_database::DatabaseUrl;
use renkei_metadata::ids::PatientId;
use renkei_registry::inspect::{Inspection, Names};
use renkei_sealing::KeyRing;
use serde_json::{Value, json};
use std::path::Path;

/// Whose records, and about whom.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    house: HouseArguments,
    /// The patient, id^^^&OID&ISO. 患者ID。
    #[arg(long, value_name = "ID", value_parser = patient)]
    patient: PatientId,
    #[command(flatten)]
    times: Times,
    /// One JSON object a line. JSONで出力する。
    #[arg(long)]
    json: bool,
}

fn patient(text: &str) -> Result<PatientId, String> {
    PatientId::parse(text).map_err(|e| format!("{} / expected {}", e.expected_ja, e.expected))
}

/// Runs the command; status 0. That somebody looked, and at whom, is on record before anything is shown.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let (settings, dir) = arguments.house.founded()?;
    let place = Place::of_house(&settings, &dir)?;
    let looked = vec![build::patient(&arguments.patient.to_string())];
    super::super::runtime()?.block_on(async {
        let names = names(&settings, &dir, &place.keys, &arguments.patient).await?;
        let about = About { names };
        let see = |record: &AuditRecord| {
            let Some(documents) = about.named_in(record) else { return Ok(()) };
            match arguments.json {
                true => show::json_line(&in_full(record, &documents)),
                false => show::line(&in_short(record, &documents)),
            }
        };
        place.read(arguments.times.filter(), looked, |r| Ok(see(r)?)).await
    })?;
    Ok(0)
}

/// What names the person, as far as this house knows.
async fn names(
    settings: &Settings,
    dir: &Path,
    keys: &KeyRing,
    patient: &PatientId,
) -> anyhow::Result<Names> {
    if !settings.house.actors.contains(&Actor::Registry) {
        eprintln!(
            "レジストリは別のプロセスにあるため、患者IDを含む記録だけを表示します / the registry is not of this process: only \
             records that name the patient are shown",
        );
        return Ok(Names { patients: [patient.clone()].into(), ..Names::default() });
    }
    let url = DatabaseUrl::parse(&settings.registry.database, dir)?;
    let registry =
        Inspection::open(&url, keys, &settings.ids.repository).context("registry.database")?;
    let names = registry.names(patient).await;
    registry.close().await;
    names.map_err(|error| anyhow!(error).context("registry.database"))
}

/// Whom records are to be about.
struct About {
    names: Names,
}

impl About {
    /// The documents of the person that a record names; `None` where it names neither them nor the person.
    fn named_in(&self, record: &AuditRecord) -> Option<Vec<String>> {
        let mut is_named = false;
        let mut documents = Vec::new();
        for object in &record.objects {
            is_named |= self.is_the_person(object) || self.names.others.contains(&object.id);
            for id in std::iter::once(object.id.as_str()).chain(asked_for(object)) {
                is_named |= self.names.others.contains(id);
                if self.names.documents.contains(id) && !documents.iter().any(|known| known == id) {
                    documents.push(id.to_owned());
                }
            }
        }
        (is_named || !documents.is_empty()).then_some(documents)
    }

    fn is_the_person(&self, object: &Object) -> bool {
        // Person, patient (DICOM PS3.15 A.5.2).
        (object.type_code, object.role) == (1, 1)
            && PatientId::parse(&object.id).is_ok_and(|id| self.names.patients.contains(&id))
    }
}

/// What a stored query asks for by its id: the values in quotes (ITI TF-2: 3.18.4.1.2.3.5).
fn asked_for(object: &Object) -> impl Iterator<Item = &str> {
    object.query.as_deref().unwrap_or_default().split(['\'', '>', '<', ',']).skip(1)
}

/// Who did it, as people call it: of the name in a certificate the common name.
fn name(record: &AuditRecord) -> String {
    let who = who(record);
    let common = who.split(',').find_map(|part| part.trim().strip_prefix("CN="));
    common.unwrap_or(&who).to_owned()
}

fn outcome(record: &AuditRecord) -> [&'static str; 2] {
    match record.outcome {
        Outcome::Success => ["成功", "succeeded"],
        Outcome::MinorFailure | Outcome::SeriousFailure | Outcome::MajorFailure => {
            ["失敗", "failed"]
        }
    }
}

fn in_short(record: &AuditRecord, documents: &[String]) -> String {
    let (deed, [ja, en]) = (deed::of(record), outcome(record));
    let at = in_japan(record.at).format("%Y-%m-%d %H:%M:%S");
    let mut line = format!("{at}  {}  {} ({ja}) / {} ({en})", name(record), deed.ja, deed.en);
    if !documents.is_empty() {
        line.push_str("  ");
        line.push_str(&documents.join(" "));
    }
    line
}

fn in_full(record: &AuditRecord, documents: &[String]) -> Value {
    let deed = deed::of(record);
    json!({
        "id": record.id.to_string(),
        "at": record.at.to_rfc3339(),
        "who": name(record),
        "did": {"ja": deed.ja, "en": deed.en},
        "type": record.event_type.as_ref().map(|kind| &kind.code),
        "succeeded": record.outcome == Outcome::Success,
        "documents": documents,
    })
}
