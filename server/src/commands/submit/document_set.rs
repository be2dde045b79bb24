//! `renkei submit --set`: a document set as a file describes it (docs/SUBMIT-SETS.md).

use super::Arguments;
use crate::commands::target::Target;
use crate::commands::{domain, elsewhere};
use crate::show;
use anyhow::Context as _;
use futures_util::StreamExt as _;
use renkei_client::{Attachment, Body};
use renkei_context::Ctx;
use renkei_metadata::codes::CodeList;
use renkei_metadata::model::Submission;
use renkei_soap::xml::Writer;
use renkei_source_adapter::MappingError;
use renkei_source_adapter::set::{self, File, Set};
use renkei_xds::iti42;
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::ITI_41;
use serde_json::{Value, json};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;
use tokio_util::io::ReaderStream;

/// The longest file that describes a set.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Sends it, or shows what would be sent. Status 0 success, 2 refused, here or there.
pub(super) fn run(path: &Path, arguments: &Arguments, target: &Target) -> anyhow::Result<u8> {
    let json = arguments.target.json;
    let codes = codes(arguments, target)?;
    let ctx = Ctx::internal("source", Duration::from_secs(3600));
    let set = match set::read(&ctx, path, &text(path)?, codes.as_ref()) {
        Ok(set) => set,
        Err(mistakes) => {
            let errors: Vec<Value> =
                mistakes.errors.iter().map(|m| told(path, m, "error")).collect();
            if json {
                show::json_line(&json!({"status": show::word(Status::Failure), "errors": errors}))?;
            } else {
                show::error_text(&mistakes.to_string())?;
            }
            return Ok(show::exit(Status::Failure));
        }
    };
    if arguments.check {
        return shown(path, &set, json);
    }
    let repository = target.connection.repository.clone();
    let repository = repository.context("no repository: give --connect or --repository")?;
    if let Some(to) = arguments.elsewhere.addresses() {
        crate::commands::runtime()?.block_on(async {
            let client = target.client()?;
            let sent = async {
                let documents = attachments(&set.files).await?;
                let (soap, submission) = (&client.soap, &set.submission);
                let send =
                    soap.provide_and_register_elsewhere(&repository, submission, documents, &to);
                elsewhere::sent(&target.state_dir, ITI_41.id, &repository, &to, send).await
            };
            let sent = sent.await;
            client.finish().await?;
            sent
        })?;
        return elsewhere::told(&to, json);
    }
    let answer = crate::commands::runtime()?.block_on(async {
        let client = target.client()?;
        let sent = async {
            let documents = attachments(&set.files).await?;
            let soap = &client.soap;
            anyhow::Ok(soap.provide_and_register(&repository, &set.submission, documents).await?)
        };
        let sent = sent.await;
        client.finish().await?;
        sent
    })?;
    report(path, &set, &answer, json)?;
    Ok(show::exit(answer.status))
}

fn text(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    file.take(LONGEST).read_to_string(&mut text).with_context(|| path.display().to_string())?;
    Ok(text)
}

/// The domain's codes, where somebody says which they are: those of this project are not a stranger's.
fn codes(arguments: &Arguments, target: &Target) -> anyhow::Result<Option<CodeList>> {
    let given = arguments.codes.as_deref();
    let known = given.is_some() || target.connection.codes.is_some();
    known.then(|| domain::list(given, &target.connection)).transpose()
}

/// The documents, each read while it is sent.
async fn attachments(files: &[File]) -> anyhow::Result<Vec<Attachment>> {
    let mut attachments = Vec::new();
    for file in files {
        let open = tokio::fs::File::open(&file.path).await;
        let open = open.with_context(|| file.path.display().to_string())?;
        let stream = ReaderStream::new(open).boxed();
        attachments.push(Attachment {
            entry_id: file.entry.to_string(),
            mime_type: file.mime_type.to_string(),
            body: Body::Stream { length: Some(file.size), stream },
        });
    }
    Ok(attachments)
}

/// A mistake as the JSON output has errors.
fn told(path: &Path, mistake: &MappingError, severity: &str) -> Value {
    let MappingError { line, key, en, ja } = mistake;
    json!({
        "code": "set",
        "severity": severity,
        "context": format!("{key}: {ja} / {en}"),
        "location": format!("{}:{line}", path.display()),
    })
}

/// What the set says, without sending it.
fn shown(path: &Path, set: &Set, json: bool) -> anyhow::Result<u8> {
    let warnings: Vec<Value> = set.warnings.iter().map(|w| told(path, w, "warning")).collect();
    if json {
        let mut report = named(set);
        report.insert("status".to_owned(), json!(show::word(Status::Success)));
        report.insert("errors".to_owned(), json!(warnings));
        report.insert("metadata".to_owned(), json!(xml(&set.submission)));
        show::json_line(&Value::Object(report))?;
    } else {
        warn(path, set)?;
        show::line(&show::indented(&xml(&set.submission)))?;
    }
    Ok(show::exit(Status::Success))
}

fn xml(submission: &Submission) -> String {
    let mut writer = Writer::new();
    iti42::write_request(&mut writer, submission);
    writer.finish()
}

fn warn(path: &Path, set: &Set) -> io::Result<()> {
    let warning = |w: &MappingError| {
        show::error_text(&format!("{}:{}: {}: {} / {}", path.display(), w.line, w.key, w.ja, w.en))
    };
    set.warnings.iter().try_for_each(warning)
}

fn report(path: &Path, set: &Set, answer: &RegistryResponse, json: bool) -> anyhow::Result<()> {
    if json {
        let mut report = named(set);
        report.insert("status".to_owned(), json!(show::word(answer.status)));
        let warnings = set.warnings.iter().map(|w| told(path, w, "warning"));
        let mut errors: Vec<Value> = warnings.collect();
        if let Value::Array(more) = show::errors(&answer.errors) {
            errors.extend(more);
        }
        report.insert("errors".to_owned(), json!(errors));
        show::json_line(&Value::Object(report))?;
        return Ok(());
    }
    warn(path, set)?;
    show::error_lines(&answer.errors)?;
    if answer.status == Status::Failure {
        return Ok(());
    }
    let submission = &set.submission;
    let submission_set = &submission.submission_set;
    show::line(&format!("SubmissionSet  {}  {}", submission_set.unique_id, submission_set.id))?;
    for entry in &submission.entries {
        show::line(&format!("DocumentEntry  {}  {}", entry.unique_id, entry.id))?;
    }
    for folder in &submission.folders {
        show::line(&format!("Folder  {}  {}", folder.unique_id, folder.id))?;
    }
    Ok(())
}

/// What was made, by the names that the file has for it.
fn named(set: &Set) -> serde_json::Map<String, Value> {
    let submission = &set.submission;
    let name = |id: &str| {
        let found = set.names.iter().find(|(_, known)| known.to_string() == id);
        found.map(|(name, _)| name.as_str())
    };
    let object =
        |id: String, unique_id: &str| json!({"name": name(&id), "id": id, "uniqueId": unique_id});
    let of_set = &submission.submission_set;
    let mut report = serde_json::Map::new();
    report.insert(
        "submissionSet".to_owned(),
        json!({"id": of_set.id.to_string(), "uniqueId": of_set.unique_id.as_str()}),
    );
    let entries = submission.entries.iter();
    let entries: Vec<Value> =
        entries.map(|e| object(e.id.to_string(), e.unique_id.as_str())).collect();
    report.insert("documents".to_owned(), json!(entries));
    let folders = submission.folders.iter();
    let folders: Vec<Value> =
        folders.map(|f| object(f.id.to_string(), f.unique_id.as_str())).collect();
    report.insert("folders".to_owned(), json!(folders));
    report
}
