//! `renkei results`: the results of a person's checkups, years side by side.

use super::target::TargetArguments;
use crate::show;
use renkei_consumer_portal::{Wanted, YearsError, results_over_years};
use renkei_metadata::ids::PatientId;
use serde_json::json;

/// Whose results, and where they are.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The patient, as ID^^^&OID&ISO. 患者ID(CX)。
    #[arg(long, value_name = "ID",
          value_parser = |s: &str| PatientId::parse(s).map_err(|e| e.to_string()))]
    pub(crate) patient: PatientId,
    /// Which documents to read. どの文書を読むか。
    #[arg(long, alias = "view", value_enum, default_value_t = Audience::Stat)]
    pub(crate) audience: Audience,
    #[command(flatten)]
    pub(crate) target: TargetArguments,
}

/// For whom the documents were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Audience {
    /// Those with the statutory items: what an occupational doctor reads. 法定項目。
    #[value(alias = "statutory")]
    Stat,
    /// Those with everything: what the person reads. 全項目。
    Full,
}

impl From<Audience> for Wanted {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Stat => Self::Statutory,
            Audience::Full => Self::Full,
        }
    }
}

/// Asks for the documents, retrieves, verifies and shows them. Status 0 success, 2 refused.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let target = arguments.target.target()?;
    let years = super::runtime()?.block_on(async {
        let client = target.client()?;
        let connection = &target.connection;
        let (soap, patient) = (&client.soap, &arguments.patient);
        let years = results_over_years(soap, connection, patient, arguments.audience.into()).await;
        client.finish().await?;
        anyhow::Ok(years)
    })?;
    match years {
        Ok(years) if arguments.target.json => show::json_line(&json!({
            "status": "success",
            "errors": [],
            "found": years.found,
            "retrieved": years.documents.len(),
            "verified": years.documents.len(),
            "table": years.table,
        }))?,
        Ok(years) if years.documents.is_empty() => show::line(
            "該当する文書はありません。患者IDと --audience を確認してください / no documents; check the patient id and --audience",
        )?,
        Ok(years) => show::line(&years.table.to_string())?,
        Err(YearsError::Refused(errors)) => {
            if arguments.target.json {
                let errors = show::errors(&errors);
                show::json_line(&json!({ "status": "failure", "errors": errors }))?;
            } else {
                show::error_lines(&errors)?;
            }
            return Ok(2);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(0)
}
