//! `renkei query`.

mod ask;
mod since;
#[cfg(test)]
mod tests;

use super::domain;
use super::elsewhere::{self, ElsewhereArguments};
use super::sought::{self, SoughtArguments, Whom};
use super::target::{Target, TargetArguments};
use crate::show;
use anyhow::{Context as _, ensure};
use clap::ValueEnum;
use renkei_metadata::ids::{Dtm, EntryUuid, HomeCommunityId};
use renkei_metadata::model::{AssociationType, AvailabilityStatus, EntryType};
use renkei_xds::catalogue;
use renkei_xds::transaction::ITI_18;
use serde_json::json;

/// What to ask, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The patient, as ID^^^&OID&ISO; several for the queries of several patients. 患者ID(CX)。
    #[arg(long = "patient", value_name = "ID")]
    patients: Vec<String>,
    #[command(flatten)]
    sought: SoughtArguments,
    /// The name of a stored query; docs/QUERIES.md has them all. 検索の名前。
    #[arg(long, value_name = "NAME", default_value = "FindDocuments")]
    query: String,
    /// The entryUUID to begin with; may be repeated. entryUUID。
    #[arg(long = "id", value_name = "UUID", value_parser = uuid)]
    ids: Vec<EntryUuid>,
    /// The uniqueId to begin with; may be repeated. uniqueId。
    #[arg(long = "unique-id", value_name = "ID")]
    unique_ids: Vec<String>,
    /// The logicalID to begin with; may be repeated. logicalID。
    #[arg(long = "logical-id", value_name = "UUID", value_parser = uuid)]
    logical_ids: Vec<EntryUuid>,
    /// availabilityStatus; Approved where the query wants one and none is given. ステータス。
    #[arg(long = "status", value_enum, value_name = "STATUS")]
    statuses: Vec<Status>,
    /// Documents that are stable, made on demand, or (given twice) both; stable if not given. 文書の種別。
    #[arg(long = "type", value_enum, value_name = "TYPE")]
    types: Vec<Type>,
    /// RPLC, XFRM, APND, XFRM_RPLC, signs or IsSnapshotOf; all of them if not given. 関連の種別。
    #[arg(long = "association", value_name = "TYPE", value_parser = association)]
    associations: Vec<AssociationType>,
    /// A reference id, % and _ are wildcards; may be repeated. 参照ID。
    #[arg(long = "reference-id", value_name = "ID")]
    reference_ids: Vec<String>,
    /// Old versions, Offline documents, Deprecated folders and associations, too. 旧版・無効分を含める。
    #[arg(long)]
    everything: bool,
    /// What was submitted on or after a day in Japan (2026-04-01) or a moment (2026-04-01T09:00:00+09:00).
    /// この日(日本時間)または日時以降に登録されたもの。
    #[arg(long, value_name = "DAY|MOMENT", value_parser = since::moment)]
    since: Option<Dtm>,
    /// Of everybody, as far as the node sees: what was registered since --since. 自分が見られる全員について、--since 以降に登録された文書。
    #[arg(long, requires = "since", conflicts_with_all = ["patients", "query", "ids", "unique_ids", "logical_ids"])]
    mine: bool,
    /// A parameter of the query; repeated, its values are alternatives. 検索パラメータ。
    #[arg(long = "param", value_name = "N=V", value_parser = parameter)]
    params: Vec<(String, String)>,
    /// A further value of a parameter, which has to hold, too. かつ(AND)の値。
    #[arg(long = "and", value_name = "N=V", value_parser = parameter)]
    ands: Vec<(String, String)>,
    /// Whole objects or references only. 応答の種類。
    #[arg(long = "return", value_enum, default_value_t = Return::Leaf)]
    returns: Return,
    /// homeCommunityId (urn:oid:...) from which the ids came. コミュニティのID。
    #[arg(long, value_name = "URN", value_parser = home)]
    home: Option<HomeCommunityId>,
    #[command(flatten)]
    elsewhere: ElsewhereArguments,
    #[command(flatten)]
    target: TargetArguments,
}

/// What the answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Return {
    /// LeafClass.
    Leaf,
    /// ObjectRef.
    Ref,
}

/// availabilityStatus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Status {
    Approved,
    Deprecated,
}

impl From<Status> for AvailabilityStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Approved => Self::Approved,
            Status::Deprecated => Self::Deprecated,
        }
    }
}

/// objectType.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Type {
    Stable,
    OnDemand,
}

impl From<Type> for EntryType {
    fn from(entry_type: Type) -> Self {
        match entry_type {
            Type::Stable => Self::Stable,
            Type::OnDemand => Self::OnDemand,
        }
    }
}

fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            let dollar = if name.starts_with('$') { "" } else { "$" };
            Ok((format!("{dollar}{name}"), value.to_owned()))
        }
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn uuid(text: &str) -> Result<EntryUuid, String> {
    EntryUuid::parse(text).map_err(|e| format!("expected {}", e.expected))
}

fn home(text: &str) -> Result<HomeCommunityId, String> {
    HomeCommunityId::parse(text).map_err(|e| format!("expected {}", e.expected))
}

/// An association type by the last part of its URN, or by its URN.
pub(super) fn association(text: &str) -> Result<AssociationType, String> {
    let short = |t: AssociationType| t.urn().rsplit(':').next().unwrap_or_default();
    AssociationType::ALL
        .into_iter()
        .find(|t| t.urn() == text || short(*t).eq_ignore_ascii_case(text))
        .ok_or_else(|| format!("expected one of {}", AssociationType::ALL.map(short).join(", ")))
}

/// Whom the search options mean, if there are any.
fn whom(arguments: &Arguments, target: &Target) -> anyhow::Result<Option<Whom>> {
    if !arguments.sought.is_given() {
        return Ok(None);
    }
    ensure!(
        !arguments.mine,
        "--mine と検索条件(--insurer など)は同時に使えません / give --mine or say whom, not both"
    );
    ensure!(
        arguments.patients.is_empty(),
        "--patient と検索条件(--insurer など)は同時に使えません / give --patient or say whom, not both"
    );
    sought::found(target, &arguments.sought, arguments.target.json).map(Some)
}

/// Asks. Status 0 success, 3 partial, 2 failure.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    // What is wrong with the question is told before anybody is asked about the person.
    ask::definition(arguments)?;
    let target = arguments.target.target()?;
    let whom = match whom(arguments, &target) {
        Ok(whom) => whom,
        Err(error) => return sought::not_found(error, arguments.target.json),
    };
    let classes = match arguments.mine {
        true => domain::list(None, &target.connection)?.listed("classCode").to_vec(),
        false => Vec::new(),
    };
    let question = ask::question(arguments, whom.as_ref().map(|whom| &whom.id), &classes)?;
    let registry = target.connection.registry.clone();
    let registry = registry.context("no registry: give --connect or --registry")?;
    if let Some(to) = arguments.elsewhere.addresses() {
        ensure!(
            question.since.is_none(),
            "文書の --since は複数の検索になるため、--reply-to と同時に使えません / --since of documents takes several queries, which --reply-to does not"
        );
        let transaction =
            catalogue::any_by_id(&question.query.id).map_or(&ITI_18, |d| d.transaction);
        super::runtime()?.block_on(async {
            let client = target.client()?;
            let send = client.soap.query_elsewhere(&registry, &question.query, &to);
            let sent =
                elsewhere::sent(&target.state_dir, transaction.id, &registry, &to, send).await;
            client.finish().await?;
            sent
        })?;
        return elsewhere::told(&to, arguments.target.json);
    }
    let answer = super::runtime()?.block_on(async {
        let client = target.client()?;
        let answer = question.put(&client.soap, &registry).await;
        client.finish().await?;
        anyhow::Ok(answer?)
    })?;
    if arguments.target.json {
        let mut told = json!({
            "status": show::word(answer.status),
            "errors": show::errors(&answer.errors),
            "objects": answer.objects.iter().map(show::object).collect::<Vec<_>>(),
        });
        sought::tell(&mut told, whom.as_ref());
        show::json_line(&told)?;
    } else {
        show::error_lines(&answer.errors)?;
        for object in &answer.objects {
            show::line(&show::summary(object))?;
        }
    }
    Ok(show::exit(answer.status))
}
