//! `renkei query`.

use super::target::TargetArguments;
use crate::show;
use anyhow::{Context as _, bail};
use clap::ValueEnum;
use renkei_metadata::model::AvailabilityStatus;
use renkei_xds::catalogue::{self, ParamKind};
use renkei_xds::iti18::{AdhocQuery, QueryBuilder, ReturnType};
use serde_json::json;
use std::collections::BTreeMap;

/// What to ask, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The patient, as ID^^^&OID&ISO. 患者ID(CX)。
    #[arg(long, value_name = "ID")]
    pub(crate) patient: Option<String>,
    /// The name of a stored query, such as FindDocuments. 検索の名前。
    #[arg(long, value_name = "NAME", default_value = "FindDocuments")]
    pub(crate) query: String,
    /// A parameter of the query; may be repeated. 検索パラメータ。
    #[arg(long = "param", value_name = "N=V", value_parser = parameter)]
    pub(crate) params: Vec<(String, String)>,
    /// Whole objects or references only. 応答の種類。
    #[arg(long = "return", value_enum, default_value_t = Return::Leaf)]
    pub(crate) returns: Return,
    #[command(flatten)]
    pub(crate) target: TargetArguments,
}

/// What the answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Return {
    /// LeafClass.
    Leaf,
    /// ObjectRef.
    Ref,
}

fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

/// Asks. Status 0 success, 3 partial, 2 failure.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let target = arguments.target.target()?;
    let query = adhoc_query(arguments)?;
    let registry = target.connection.registry.clone();
    let registry = registry.context("no registry: give --connect or --registry")?;
    let answer = super::runtime()?.block_on(async {
        let client = target.client()?;
        let answer = client.soap.query(&registry, &query).await;
        client.finish().await?;
        anyhow::Ok(answer?)
    })?;
    if arguments.target.json {
        show::json_line(&json!({
            "status": show::word(answer.status),
            "errors": show::errors(&answer.errors),
            "objects": answer.objects.iter().map(show::object).collect::<Vec<_>>(),
        }))?;
    } else {
        show::error_lines(&answer.errors)?;
        for object in &answer.objects {
            show::line(&show::summary(object))?;
        }
    }
    Ok(show::exit(answer.status))
}

/// The query as the options say it; a status may be written without its URN, and is Approved where
/// the query wants one and none is given.
fn adhoc_query(arguments: &Arguments) -> anyhow::Result<AdhocQuery> {
    let names = || catalogue::QUERIES.iter().map(|q| q.name).collect::<Vec<_>>().join(", ");
    let Some(definition) = catalogue::by_name(&arguments.query) else {
        bail!(
            "{:?} は検索の名前ではありません。次のいずれかを指定してください / is not a query; use one of: {}",
            arguments.query,
            names()
        );
    };
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &arguments.params {
        let name = if name.starts_with('$') { name.clone() } else { format!("${name}") };
        let value = AvailabilityStatus::ALL
            .into_iter()
            .find(|s| name.ends_with("Status") && format!("{s:?}") == *value)
            .map_or_else(|| value.clone(), |s| s.urn().to_owned());
        values.entry(name).or_default().push(value);
    }
    for parameter in definition.params {
        let given = values.contains_key(parameter.name);
        match (&arguments.patient, parameter.kind) {
            (Some(patient), ParamKind::PatientId) if !given => {
                values.insert(parameter.name.to_owned(), vec![patient.clone()]);
            }
            (_, ParamKind::Status) if !given => {
                let approved = AvailabilityStatus::Approved.urn().to_owned();
                values.insert(parameter.name.to_owned(), vec![approved]);
            }
            _ => {}
        }
    }
    let returns = match arguments.returns {
        Return::Leaf => ReturnType::LeafClass,
        Return::Ref => ReturnType::ObjectRef,
    };
    let mut builder = QueryBuilder::new(definition.id).returning(returns);
    for (name, values) in &values {
        builder = builder.set(name, values);
    }
    Ok(builder.build())
}
