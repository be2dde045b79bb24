//! `renkei query`.

use super::target::TargetArguments;
use clap::ValueEnum;

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
    let _target = arguments.target.target()?;
    anyhow::bail!("query: not part of this build")
}
