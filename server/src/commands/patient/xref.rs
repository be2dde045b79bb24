//! `renkei patient xref`: by which other identifiers somebody is known (ITI-45).

use crate::commands::runtime;
use crate::commands::sought;
use crate::commands::target::TargetArguments;
use crate::show;
use renkei_client::{CrossReferenced, LookupError, Persons};
use renkei_metadata::ids::{Oid, PatientId};
use serde_json::json;

/// Whose, and of which domains.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// An identifier of any domain, as ID^^^&OID&ISO. 患者ID(CX)。
    #[arg(value_name = "ID", value_parser = super::cx)]
    id: PatientId,
    /// Identifiers of this domain (OID) only; may be repeated. 発行者のOID。
    #[arg(long = "domain", value_name = "OID",
          value_parser = |s: &str| Oid::parse(s).map_err(|e| format!("expected {} / {}", e.expected, e.expected_ja)))]
    domains: Vec<Oid>,
    #[command(flatten)]
    target: TargetArguments,
}

/// Status 0; 2 when nobody has the identifier, or the question was refused.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let target = arguments.target.target()?;
    let found = runtime()?.block_on(async {
        let client = target.client()?;
        let persons = Persons::of(&client.soap, &target.connection);
        let found = persons.cross_references(&arguments.id, &arguments.domains).await;
        client.finish().await?;
        anyhow::Ok(found)
    })?;
    let ids = match found {
        Ok(CrossReferenced::Known(ids)) => ids,
        Ok(CrossReferenced::NoneThere) => Vec::new(),
        Err(error @ LookupError::Refused(_)) => {
            return sought::not_found(error.into(), arguments.target.json);
        }
        Err(error) => return Err(error.into()),
    };
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    if arguments.target.json {
        let id = arguments.id.to_string();
        show::json_line(&json!({ "status": "success", "id": id, "identifiers": ids }))?;
    } else if ids.is_empty() {
        show::error_text("他のIDはありません / no other identifier")?;
    } else {
        show::line(&ids.join("\n"))?;
    }
    Ok(0)
}
