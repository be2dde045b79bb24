//! `renkei pki trust add-node`: a node is let in by its subject under a trusted CA.

use super::super::super::house::HouseArguments;
use super::super::entitled::EntitledArguments;
use super::super::member::MemberArguments;
use super::super::record;
use crate::pki::{self, NodeName, NotAName, Pki, Under};
use crate::show;
use anyhow::ensure;
use chrono::Utc;
use renkei_client::certificate;
use renkei_context::{Role, Roles, UnknownRole};
use serde_json::json;
use std::path::PathBuf;

/// Which, and what it may do.
#[derive(Debug, clap::Args)]
pub(crate) struct AddNodeArguments {
    /// Name of the node; an earlier certificate of the same name is no longer let in. ノード名。
    #[arg(value_name = "NAME", value_parser = |s: &str| s.parse::<NodeName>().map_err(|e: NotAName| e))]
    name: NodeName,
    /// The trusted CA, by its name. 認証局の名前(pki trust add-ca --name)。
    #[arg(long, value_name = "N", value_parser = |s: &str| s.parse::<NodeName>().map_err(|e: NotAName| e))]
    ca: NodeName,
    /// Subject of its certificates (RFC 4514), as a refusal tells it: CN=...,O=...,C=JP. 証明書の主体名。
    #[arg(long, value_name = "DN", required_unless_present = "certificate")]
    subject: Option<String>,
    /// One of its certificates, of which the subject is taken: PEM or DER. 証明書のファイル(主体名を読み取る)。
    #[arg(long, value_name = "FILE", conflicts_with = "subject")]
    certificate: Option<PathBuf>,
    #[command(flatten)]
    whose: MemberArguments,
    /// What it may do, as for `pki issue`; may be repeated. 役割。
    #[arg(long = "role", value_name = "R", required = true,
          value_parser = |s: &str| s.parse::<Role>().map_err(|e: UnknownRole| e))]
    roles: Vec<Role>,
    #[command(flatten)]
    entitled: EntitledArguments,
    #[command(flatten)]
    house: HouseArguments,
    /// Tell what was entered as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0 when it is let in; it is on record before it is done.
pub(super) fn run(arguments: &AddNodeArguments) -> anyhow::Result<u8> {
    let AddNodeArguments { name, ca, house, .. } = arguments;
    ensure!(
        !name.is_own(),
        "{name}: such names are those of the house's own nodes; choose another / この名前は拠点自身のノード用です。別の名前を指定してください"
    );
    house.settings()?;
    let owners = arguments.whose.hold(house)?;
    let entitlement = arguments.entitled.entitlement();
    let entitlement = match &owners {
        Some(owners) => owners.entitle(name, entitlement)?,
        None => entitlement,
    };
    let under = Under {
        name: name.clone(),
        subject: subject(arguments)?,
        roles: Roles::new(arguments.roles.iter().copied()),
        entitlement,
    };
    let pki = Pki::open(&house.data_dir)?;
    let authority = pki.authority(ca)?;
    let told = pki.under(&under, &authority)?;
    let words = format!("登録 / entered: {} {}", told.known_by(), told.entitlement);
    let who = (name, &under.roles, &under.entitlement);
    let enter = || Ok(pki.enter(&under, &authority)?);
    record::let_in(house, owners.as_ref(), who, &words, enter)?;
    if arguments.json {
        show::json_line(&json!({
            "name": told.name,
            "ca": ca.as_str(),
            "subject": told.subject,
        }))?;
    } else {
        show::line(&format!(
            "{name}  {} を登録しました。更新後の証明書もそのまま使えます / entered; renewed certificates go on",
            told.known_by(),
        ))?;
    }
    Ok(0)
}

/// That of the word, or of the certificate.
fn subject(arguments: &AddNodeArguments) -> anyhow::Result<String> {
    let subject = match (&arguments.subject, &arguments.certificate) {
        (None, Some(file)) => certificate::subject(&*pki::read_foreign(file, "", Utc::now())?),
        (subject, _) => subject.clone().unwrap_or_default(),
    };
    let is_one = subject.split_once('=').is_some_and(|(kind, _)| {
        !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
    });
    ensure!(
        is_one && !subject.contains("=?"),
        "{subject:?}: 主体名(RFC 4514 の形、例 CN=a,O=b,C=JP)ではありません / is no subject as RFC 4514 has it, such as CN=a,O=b,C=JP"
    );
    Ok(subject)
}
