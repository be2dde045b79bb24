//! `renkei results`: the results of a person's checkups, years side by side.

use super::sought::{self, SoughtArguments};
use super::target::TargetArguments;
use crate::show;
use renkei_consumer_portal::{Wanted, Years, YearsError, results_over_years};
use renkei_metadata::ids::PatientId;
use serde_json::{Value, json};

/// Whose results, and where they are.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The patient, as ID^^^&OID&ISO. 患者ID(CX)。
    #[arg(long, value_name = "ID",
          value_parser = |s: &str| PatientId::parse(s).map_err(|e| e.to_string()))]
    pub(crate) patient: Option<PatientId>,
    #[command(flatten)]
    pub(crate) sought: SoughtArguments,
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

/// Asks for the documents, retrieves, verifies and shows them. Status 0 success, 3 when a document
/// could not be shown, 2 refused or when none could.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let target = arguments.target.target()?;
    let (patient, whom) = match sought::patient(
        &target,
        arguments.patient.as_ref(),
        &arguments.sought,
        arguments.target.json,
    ) {
        Ok(found) => found,
        Err(error) => return sought::not_found(error, arguments.target.json),
    };
    let years = super::runtime()?.block_on(async {
        let client = target.client()?;
        let connection = &target.connection;
        let (soap, patient) = (&client.soap, &patient);
        let years = results_over_years(soap, connection, patient, arguments.audience.into()).await;
        client.finish().await?;
        anyhow::Ok(years)
    })?;
    match years {
        Ok(years) => {
            if arguments.target.json {
                let mut told = json(&years);
                sought::tell(&mut told, whom.as_ref());
                show::json_line(&told)?;
            } else {
                people(&years)?;
            }
            Ok(show::exit(years.status()))
        }
        Err(YearsError::Refused(errors)) if arguments.target.json => {
            let errors = show::errors(&errors);
            show::json_line(&json!({ "status": "failure", "errors": errors }))?;
            Ok(2)
        }
        Err(YearsError::Refused(errors)) => {
            show::error_lines(&errors)?;
            Ok(2)
        }
        Err(error) => Err(error.into()),
    }
}

/// Every document that is not shown is an error too, whose location is its uniqueId.
fn json(years: &Years) -> Value {
    let mut errors = show::errors(&years.errors);
    if let Value::Array(errors) = &mut errors {
        errors.extend(years.not_shown.iter().map(|document| {
            json!({
                "code": document.code,
                "severity": "error",
                "context": format!("{} / {}", document.ja, document.en),
                "location": document.about.document,
            })
        }));
    }
    json!({
        "status": show::word(years.status()),
        "errors": errors,
        "found": years.found,
        "retrieved": years.retrieved,
        "verified": years.verified,
        "table": years.table,
        "others": years.others,
        "not_shown": years.not_shown,
        "remarks": years.remarks,
    })
}

fn people(years: &Years) -> std::io::Result<()> {
    show::error_lines(&years.errors)?;
    if years.found == 0 {
        return show::line(
            "該当する文書はありません。患者IDと --audience を確認してください / no documents; check the patient id and --audience",
        );
    }
    show::line(years.to_string().trim_end())
}
