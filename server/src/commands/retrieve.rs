//! `renkei retrieve`.

use super::elsewhere::{self, ElsewhereArguments};
use super::received::Files;
use super::sought::{self, SoughtArguments, Whom};
use super::target::{Target, TargetArguments};
use crate::show;
use anyhow::{Context as _, ensure};
use renkei_metadata::finding::Severity;
use renkei_metadata::ids::{HomeCommunityId, PatientId, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::{AvailabilityStatus, RegistryObject};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::{RegistryError, Status};
use renkei_xds::transaction::ITI_43;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What to fetch, from where, and where to put it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// uniqueId of a document; without any, all Approved documents of the person whom the options say.
    /// 文書のuniqueId。省略した場合は、指定した方の有効な文書すべて。
    #[arg(value_name = "UNIQUE_ID")]
    pub(crate) documents: Vec<String>,
    /// The patient, as ID^^^&OID&ISO. 患者ID(CX)。
    #[arg(long, value_name = "ID", conflicts_with = "documents",
          value_parser = |s: &str| PatientId::parse(s).map_err(|e| e.to_string()))]
    pub(crate) patient: Option<PatientId>,
    #[command(flatten)]
    pub(crate) sought: SoughtArguments,
    /// repositoryUniqueId (OID); that of --connect if not given. リポジトリのID。
    #[arg(long, value_name = "OID", requires = "documents")]
    pub(crate) repository_id: Option<String>,
    /// homeCommunityId (urn:oid:...); that of --connect if not given. コミュニティのID。
    #[arg(long, value_name = "URN", requires = "documents")]
    pub(crate) home: Option<String>,
    /// Directory for the documents; made if needed. 出力先。
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) elsewhere: ElsewhereArguments,
    #[command(flatten)]
    pub(crate) target: TargetArguments,
}

/// What is fetched from one repository.
struct Wanted {
    repository: RepositoryUniqueId,
    requests: Vec<DocumentRequest>,
}

/// Fetches. Status 0 success, 3 partial, 2 failure.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let target = arguments.target.target()?;
    if arguments.documents.is_empty() {
        return of_person(arguments, &target);
    }
    ensure!(
        !arguments.sought.is_given(),
        "文書のuniqueIdと検索条件(--insurer など)は同時に使えません / name documents or say whom, not both"
    );
    let id = repository_id(arguments, &target)?;
    let repository = target.connection.holder(&id)?.clone();
    let requests = requests(arguments, &target, &id)?;
    if let Some(to) = arguments.elsewhere.addresses() {
        super::runtime()?.block_on(async {
            let client = target.client()?;
            let send = client.soap.retrieve_elsewhere(&repository, &requests, &to);
            let sent = elsewhere::sent(&target.state_dir, ITI_43.id, &repository, &to, send).await;
            client.finish().await?;
            sent
        })?;
        return elsewhere::told(&to, arguments.target.json);
    }
    fetch(arguments, &target, vec![Wanted { repository: id, requests }], None, Default::default())
}

/// Every document of a person, whichever repository has it.
fn of_person(arguments: &Arguments, target: &Target) -> anyhow::Result<u8> {
    ensure!(
        arguments.elsewhere.addresses().is_none(),
        "--reply-to には文書のuniqueIdを指定してください / --reply-to needs the uniqueIds of documents"
    );
    let (patient, whom) = match sought::patient(
        target,
        arguments.patient.as_ref(),
        &arguments.sought,
        arguments.target.json,
    ) {
        Ok(found) => found,
        Err(error) => return sought::not_found(error, arguments.target.json),
    };
    let registry = target.connection.registry.clone();
    let registry = registry.context("no registry: give --connect or --registry")?;
    let query = QueryBuilder::find_documents(&patient, &[AvailabilityStatus::Approved]).build();
    let found = super::runtime()?.block_on(async {
        let client = target.client()?;
        let found = client.soap.query(&registry, &query).await;
        client.finish().await?;
        anyhow::Ok(found?)
    })?;
    let (mut errors, mut nowhere) = (found.errors, 0_usize);
    let mut all: BTreeMap<RepositoryUniqueId, Vec<DocumentRequest>> = BTreeMap::new();
    for object in &found.objects {
        let RegistryObject::Entry(entry) = object else { continue };
        let Some(repository) = &entry.repository else {
            nowhere += 1;
            continue;
        };
        let (home, unique_id) = (entry.home.clone(), entry.unique_id.clone());
        let request = DocumentRequest { home, repository: repository.clone(), unique_id };
        all.entry(repository.clone()).or_default().push(request);
    }
    let mut statuses = vec![found.status];
    if nowhere > 0 {
        statuses.push(Status::PartialSuccess);
        errors.push(RegistryError {
            code: "XDSRegistryMetadataError".to_owned(),
            context: format!(
                "{nowhere}件の文書は、どのリポジトリにあるか分かりません / of {nowhere} documents nobody says which repository has them"
            ),
            severity: Severity::Error,
            location: String::new(),
        });
    }
    if all.is_empty() {
        let status = together(&statuses, false);
        if !arguments.target.json {
            show::error_lines(&errors)?;
        }
        let told = &mut json!({
            "status": show::word(status),
            "errors": show::errors(&errors),
            "documents": [],
        });
        sought::tell(told, whom.as_ref());
        match arguments.target.json {
            true => show::json_line(told)?,
            false => show::error_text("文書はありません / no documents")?,
        }
        return Ok(show::exit(status));
    }
    let wanted = all.into_iter().map(|(repository, requests)| Wanted { repository, requests });
    fetch(arguments, target, wanted.collect(), whom.as_ref(), (statuses, errors))
}

/// Fetches from one repository after the other; statuses and errors are those of what was asked before.
fn fetch(
    arguments: &Arguments,
    target: &Target,
    all: Vec<Wanted>,
    whom: Option<&Whom>,
    (mut statuses, mut errors): (Vec<Status>, Vec<RegistryError>),
) -> anyhow::Result<u8> {
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from("."));
    std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    let received = super::runtime()?.block_on(async {
        let client = target.client()?;
        let mut received = Vec::new();
        let fetching = async {
            for Wanted { repository, requests } in &all {
                let url = target.connection.holder(repository)?;
                let mut files = Files::new(&out);
                let retrieved = client.soap.retrieve(url, requests, &mut files).await?;
                received.extend(files.keep(&retrieved.documents).await?);
                statuses.push(retrieved.response.status);
                errors.extend(retrieved.response.errors);
            }
            anyhow::Ok(())
        };
        let fetched = fetching.await;
        client.finish().await?;
        fetched?;
        anyhow::Ok(received)
    })?;
    let status = together(&statuses, !received.is_empty());
    if arguments.target.json {
        let mut told = json!({
            "status": show::word(status),
            "errors": show::errors(&errors),
            "documents": received,
        });
        sought::tell(&mut told, whom);
        show::json_line(&told)?;
    } else {
        show::error_lines(&errors)?;
        for document in &received {
            show::line(&document.line())?;
        }
    }
    Ok(show::exit(status))
}

/// What several answers are together (ITI TF-3: 4.2.4.2).
fn together(statuses: &[Status], has_some: bool) -> Status {
    match statuses {
        [one] => *one,
        all if all.iter().all(|status| *status == Status::Success) => Status::Success,
        _ if has_some => Status::PartialSuccess,
        _ => Status::Failure,
    }
}

/// The repository that is named, else that of the house.
fn repository_id(arguments: &Arguments, target: &Target) -> anyhow::Result<RepositoryUniqueId> {
    let named = arguments.repository_id.clone();
    let repository = named.or_else(|| target.connection.repository_unique_id.clone());
    let repository = repository.context("no repositoryUniqueId: give --repository-id")?;
    RepositoryUniqueId::parse(&repository).context("--repository-id")
}

fn requests(
    arguments: &Arguments,
    target: &Target,
    repository: &RepositoryUniqueId,
) -> anyhow::Result<Vec<DocumentRequest>> {
    // Whoever learnt of a document with its community has to name it (ITI TF-2: 3.43.4.1.2).
    let home = arguments.home.clone().or_else(|| target.connection.home_community_id.clone());
    let home = home.as_deref().map(HomeCommunityId::parse).transpose();
    let home = home.context("--home")?;
    let one = |id: &String| {
        let unique_id = UniqueId::parse(id).with_context(|| format!("{id:?}"))?;
        Ok(DocumentRequest { home: home.clone(), repository: repository.clone(), unique_id })
    };
    arguments.documents.iter().map(one).collect()
}
