//! `renkei pki import`: a node is let in with a certificate that it has already.

use super::super::house::HouseArguments;
use super::entitled::EntitledArguments;
use super::member::MemberArguments;
use super::record;
use crate::pki::{self, NodeName, NotAName, Pinned, Pki};
use crate::show;
use anyhow::{Context, ensure};
use chrono::Utc;
use renkei_context::{Role, Roles, UnknownRole};
use serde_json::json;
use std::path::PathBuf;

/// Whose certificate, and what it may do.
#[derive(Debug, clap::Args)]
pub(crate) struct ImportArguments {
    /// Its certificate: PEM, DER or PKCS #12; self-signed or of any CA. 証明書のファイル。
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Name of the node; an earlier certificate of the same name is no longer let in. ノード名。
    #[arg(long, value_name = "N", value_parser = |s: &str| s.parse::<NodeName>().map_err(|e: NotAName| e))]
    name: NodeName,
    #[command(flatten)]
    whose: MemberArguments,
    /// What it may do, as for `pki issue`; may be repeated. 役割。
    #[arg(long = "role", value_name = "R", required = true,
          value_parser = |s: &str| s.parse::<Role>().map_err(|e: UnknownRole| e))]
    roles: Vec<Role>,
    #[command(flatten)]
    entitled: EntitledArguments,
    /// File with the password of a PKCS #12 file. PKCS #12 のパスワードのファイル。
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Days for which the certificate that this one replaces is let in beside it. 旧証明書を併用できる日数。
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true,
          value_parser = clap::value_parser!(u32).range(0..=90))]
    overlap_days: u32,
    #[command(flatten)]
    house: HouseArguments,
    /// Tell what was entered as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0 when it is let in; it is on record before it is done.
pub(crate) fn run(arguments: &ImportArguments) -> anyhow::Result<u8> {
    let ImportArguments { name, house, .. } = arguments;
    ensure!(
        !name.is_own(),
        "{name}: such names are those of the house's own nodes; choose another / この名前は拠点自身のノード用です。別の名前を指定してください"
    );
    let certificate = pki::read_foreign(&arguments.file, &password(arguments)?, Utc::now())?;
    house.settings()?;
    let owners = arguments.whose.hold(house)?;
    let entitlement = arguments.entitled.entitlement();
    let entitlement = match &owners {
        Some(owners) => owners.entitle(name, entitlement)?,
        None => entitlement,
    };
    let pinned = Pinned {
        name: name.clone(),
        roles: Roles::new(arguments.roles.iter().copied()),
        entitlement,
        overlap_days: arguments.overlap_days,
    };
    let pki = Pki::open(&house.data_dir)?;
    let told = pki.pinned(&pinned, &certificate)?;
    let words = format!("登録 / entered: {} {}", told.known_by(), told.entitlement);
    let who = (name, &pinned.roles, &pinned.entitlement);
    record::let_in(house, owners.as_ref(), who, &words, || Ok(pki.pin(&pinned, &certificate)?))?;
    if arguments.json {
        show::json_line(&json!({
            "name": told.name,
            "subject": told.subject,
            "fingerprint": told.fingerprint,
            "expires": told.expires.to_rfc3339(),
        }))?;
    } else {
        show::line(&format!(
            "{name}  {} を登録しました(SHA-256 {}、有効期限 {day}) / entered (good until {day})",
            told.subject,
            told.fingerprint,
            day = told.expires.format("%Y-%m-%d"),
        ))?;
    }
    Ok(0)
}

/// That of the file, without the end of its line.
fn password(arguments: &ImportArguments) -> anyhow::Result<String> {
    let Some(file) = &arguments.password_file else { return Ok(String::new()) };
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
