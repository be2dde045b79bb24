//! The one person whom the search options mean, or why there is none: nobody is guessed.

use super::SoughtArguments;
use super::told::{json as told_json, line, refused};
use crate::commands::runtime;
use crate::commands::target::Target;
use crate::show;
use anyhow::{Context as _, bail};
use renkei_client::{FoundPerson, LookupError, Persons, SoapClient};
use renkei_metadata::ids::{Oid, PatientId};
use serde_json::{Value, json};

/// The most persons that are told where one was meant.
const TOLD: usize = 10;

/// Whoever was meant.
pub(crate) struct Whom {
    /// The id of the affinity domain.
    pub(crate) id: PatientId,
    /// Who it is.
    found: FoundPerson,
}

impl Whom {
    /// For machines.
    pub(crate) fn json(&self) -> Value {
        let mut told = told_json(&self.found);
        if let Some(told) = told.as_object_mut() {
            told.insert("id".to_owned(), json!(self.id.to_string()));
        }
        told
    }
}

/// The patient that is named, or the one whom the search options mean.
///
/// # Errors
/// When both or neither was given, or as [`found`].
pub(crate) fn patient(
    target: &Target,
    named: Option<&PatientId>,
    sought: &SoughtArguments,
    is_json: bool,
) -> anyhow::Result<(PatientId, Option<Whom>)> {
    match (named, sought.is_given()) {
        (Some(named), false) => Ok((named.clone(), None)),
        (None, true) => found(target, sought, is_json).map(|whom| (whom.id.clone(), Some(whom))),
        (Some(_), true) => bail!(
            "--patient と検索条件(--insurer など)は同時に使えません / give --patient or say whom, not both"
        ),
        (None, false) => bail!(
            "--patient、または検索条件(--insurer、--kana など)を指定してください / give --patient, or say whom (--insurer, --kana, ...)"
        ),
    }
}

/// Finds the one person who is meant; a call of its own, which is on record.
///
/// # Errors
/// When nobody fits, or several do, or the house cannot be asked.
pub(crate) fn found(
    target: &Target,
    sought: &SoughtArguments,
    is_json: bool,
) -> anyhow::Result<Whom> {
    runtime()?.block_on(async {
        let client = target.client()?;
        let whom = one(&client.soap, target, sought, is_json).await;
        client.finish().await?;
        whom
    })
}

/// Adds `patient`, whom the search options meant, to what is told to machines.
pub(crate) fn tell(told: &mut Value, whom: Option<&Whom>) {
    if let (Some(told), Some(whom)) = (told.as_object_mut(), whom) {
        told.insert("patient".to_owned(), whom.json());
    }
}

/// Why there is no one person of whom to ask: nobody is guessed.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct NotOne {
    code: &'static str,
    text: String,
    /// Who might be meant.
    candidates: Vec<FoundPerson>,
}

impl NotOne {
    fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), candidates: Vec::new() }
    }
}

/// Tells that nobody was found, that several were, or that the house refused the question: status 2. Any other error
/// stays one.
pub(crate) fn not_found(error: anyhow::Error, json: bool) -> anyhow::Result<u8> {
    let (errors, candidates) = match error.downcast::<NotOne>() {
        Ok(one) => {
            if !json {
                show::error_text(&one.text)?;
            }
            let candidates = one.candidates.iter().map(told_json).collect();
            let error = json!({ "code": one.code, "severity": "error", "context": one.text, "location": null });
            (json!([error]), Some(Value::Array(candidates)))
        }
        Err(error) => {
            let error = error.downcast::<LookupError>()?;
            if !json {
                show::error_text(&error.to_string())?;
            }
            (refused(error)?, None)
        }
    };
    if json {
        let told = json!({ "status": "failure", "errors": errors, "candidates": candidates });
        show::json_line(&told)?;
    }
    Ok(2)
}

/// Finds the one person who is meant, and says whom before anything is asked about them: for people on standard
/// error, so that standard output holds what was asked for; machines read it there.
async fn one(
    client: &SoapClient,
    target: &Target,
    sought: &SoughtArguments,
    is_json: bool,
) -> anyhow::Result<Whom> {
    if !sought.means_one() {
        let text = "対象者を一人に決められません。枝番または生年月日・氏名を加え、* は使わないでください(renkei patient find では使えます) / this does not say who is meant: add 枝番 (--branch), or the date of birth or the name, without * (renkei patient find takes it)";
        return Err(NotOne::new("person-not-said", text).into());
    }
    let connection = &target.connection;
    let query = sought.query(connection)?;
    let found = Persons::of(client, connection).find(query, TOLD).await?;
    let one = match <[FoundPerson; 1]>::try_from(found.persons) {
        Ok([one]) if found.total == 1 => one,
        Ok([one]) => return Err(several(vec![one], found.total).into()),
        Err(none) if none.is_empty() => {
            let text = "該当する方は登録されていません。番号・氏名・生年月日を確認してください / nobody is registered like this; check numbers, name and date of birth";
            return Err(NotOne::new("person-not-found", text).into());
        }
        Err(all) => return Err(several(all, found.total).into()),
    };
    if !is_json {
        show::error_text(&format!("対象者 / found: {}", line(&one)))?;
    }
    let own = connection.assigning_authority.as_deref().map(Oid::parse).transpose();
    let own =
        own.context("assigning_authority")?.context("no assigning_authority: give --connect")?;
    let ids: Vec<PatientId> =
        one.identifiers.iter().filter(|id| id.authority == own).cloned().collect();
    match <[PatientId; 1]>::try_from(ids) {
        Ok([id]) => Ok(Whom { id, found: one }),
        Err(none) if none.is_empty() => {
            let text = format!(
                "この方には、この地域の患者ID({own})がまだありません / this person has no patient id of this domain yet ({own})"
            );
            Err(NotOne { candidates: vec![one], ..NotOne::new("person-without-id", text) }.into())
        }
        Err(ids) => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let ids = ids.join(", ");
            let text = format!(
                "この方には患者IDが複数あります。--patient で指定してください / this person has several patient ids; choose one with --patient: {ids}"
            );
            Err(NotOne { candidates: vec![one], ..NotOne::new("person-with-several-ids", text) }
                .into())
        }
    }
}

fn several(all: Vec<FoundPerson>, total: usize) -> NotOne {
    let lines: Vec<String> = all.iter().map(|one| format!("  {}", line(one))).collect();
    let text = format!(
        "該当する方が{total}人います。条件を加えるか、--patient で指定してください / {total} persons fit; say more, or choose one with --patient:\n{}",
        lines.join("\n")
    );
    NotOne { candidates: all, ..NotOne::new("person-ambiguous", text) }
}
