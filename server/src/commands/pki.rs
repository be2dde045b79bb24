//! `renkei pki`.

mod revoke;

use crate::pki::{
    self, Ending, Entitlement, Id, Issue, NodeName, NotAName, NotASight, NotAnId, Peer, Pki, Sight,
};
use crate::settings::{Settings, Sources};
use crate::site::Site;
use crate::{connect, files, patient_key, ready};
use anyhow::{Context, ensure};
use chrono::Utc;
use renkei_context::{Role, Roles, UnknownRole};
use renkei_sealing::KeyRing;
use serde::Serialize;
use std::io::{self, Write};
use std::path::PathBuf;

/// What to do with the PKI of a house.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Issue a certificate for a node and let it in. 証明書を発行し、接続を許可する。
    Issue(Box<IssueArguments>),
    /// List the nodes that may connect, and what they are entitled to. 登録済みのノードの一覧。
    List(ListArguments),
    /// Let a node in no more; its connections end within a second. 証明書を失効させ、接続を切断する。
    Revoke(revoke::RevokeArguments),
}

/// Of which house.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArguments {
    /// Data directory of the house. データディレクトリ。
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
    /// Tell it as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// For whom, and where to.
#[derive(Debug, clap::Args)]
pub(crate) struct IssueArguments {
    /// Data directory of the house; it need not have been started yet. データディレクトリ。
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
    /// Name of the node; an earlier certificate of the same name is no longer let in. ノード名。
    #[arg(long, value_name = "N", value_parser = |s: &str| s.parse::<NodeName>().map_err(|e: NotAName| e))]
    name: NodeName,
    /// What it may do; may be repeated: source, repository, consumer, feed, administrator, gateway,
    /// auditor. 役割。
    #[arg(long = "role", value_name = "R", required = true,
          value_parser = |s: &str| s.parse::<Role>().map_err(|e: UnknownRole| e))]
    roles: Vec<Role>,
    /// Whose documents it sees; may be repeated: domain, own, institution=NO, insurer=NO, employer=CODE.
    /// Without it, what it submitted itself. 参照できる範囲。
    #[arg(long = "scope", value_name = "S",
          value_parser = |s: &str| s.parse::<Sight>().map_err(|e: NotASight| e))]
    scope: Vec<Sight>,
    /// SubmissionSet.sourceId under which a source submits, or any; may be repeated. Without it, that of
    /// its first submission, which nobody else may then use. 登録に使う sourceId。
    #[arg(long = "source-id", value_name = "OID",
          value_parser = |s: &str| s.parse::<Id>().map_err(|e: NotAnId| e))]
    source_id: Vec<Id>,
    /// repositoryUniqueId under which a repository registers, or any; may be repeated. Without it, none.
    /// 登録に使う repositoryUniqueId。
    #[arg(long = "repository-id", value_name = "OID",
          value_parser = |s: &str| s.parse::<Id>().map_err(|e: NotAnId| e))]
    repository_id: Vec<Id>,
    /// Directory for cert.pem, key.pem, ca.pem and identity.p12, for connect.json and codes.xml, which
    /// say where the house is and which codes it takes, and for a source patient.key, the key of the
    /// patient ids that all sources of the house share. 出力先。
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Days for which it is good; two years at most are recommended. 有効日数。
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// Password of identity.p12; empty if not given. identity.p12 のパスワード。
    #[arg(long, default_value = "", hide_default_value = true)]
    password: String,
    /// Host name or address under which the node listens for replies (`renkei listen`) or, as a gateway,
    /// serves; may be repeated. A gateway's certificate is good for localhost in any case.
    /// 応答を受信する、またはゲートウェイとして待ち受けるホスト名。
    #[arg(long = "host", value_name = "HOST", value_parser = host)]
    hosts: Vec<String>,
    /// Settings that go before D/renkei.toml, as for serve. 追加の設定ファイル。
    #[arg(long, value_name = "F")]
    config: Option<PathBuf>,
    /// A setting that goes before all files, as for serve. 個別の設定。
    #[arg(long, value_name = "key=value")]
    set: Vec<String>,
    /// Tell what was issued as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// A name or an address, and nothing that would be read as more than one (RFC 1123: 2.1).
fn host(text: &str) -> Result<String, String> {
    let named = (1..=253).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:".contains(&b));
    let is_address = text.parse::<std::net::IpAddr>().is_ok();
    if named && (is_address || !text.contains(':')) {
        Ok(text.to_owned())
    } else {
        Err("expected a host name or an IP address, without port / ポートを除いたホスト名かIPアドレスを指定してください".to_owned())
    }
}

#[derive(Serialize)]
struct Issued<'a> {
    name: &'a str,
    subject: &'a str,
    fingerprint: &'a str,
    roles: Vec<&'static str>,
    #[serde(flatten)]
    entitlement: &'a Entitlement,
    expires: String,
    out: &'a PathBuf,
    connect: &'a PathBuf,
    unknown: &'a [&'static str],
}

/// Runs the command; status 0.
pub(crate) fn run(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::Issue(arguments) => issue(arguments),
        Command::List(arguments) => list(arguments),
        Command::Revoke(arguments) => revoke::run(arguments),
    }
}

fn issue(arguments: &IssueArguments) -> anyhow::Result<u8> {
    let dir = &arguments.data_dir;
    ensure!(
        !arguments.name.is_own(),
        "{}: such names are those of the house's own nodes; choose another / この名前は拠点自身のノード用です。別の名前を指定してください",
        arguments.name
    );
    files::private_dir(dir).with_context(|| dir.display().to_string())?;
    // The ids of a house that never ran are made here and stay.
    let settings = Settings::load(&Sources {
        data_dir: dir.clone(),
        config: arguments.config.clone(),
        set: arguments.set.clone(),
    })?;
    let issue = Issue {
        name: arguments.name.clone(),
        roles: Roles::new(arguments.roles.iter().copied()),
        entitlement: Entitlement {
            scope: arguments.scope.iter().cloned().collect(),
            source_id: arguments.source_id.iter().cloned().collect(),
            repository_id: arguments.repository_id.iter().cloned().collect(),
        },
        days: arguments.days,
        password: arguments.password.clone(),
        hosts: arguments.hosts.clone(),
    };
    let peer = Pki::open(dir)?.issue(&issue, &arguments.out)?;
    if issue.roles.has(Role::Source) {
        let keys = KeyRing::open_or_create(&Site::keys_dir_of(dir))?;
        patient_key::write(&*patient_key::of_house(&keys)?, &arguments.out)?;
    }
    let written = connect::write(&arguments.out, dir, &settings, &issue.roles)?;
    if let Some(advice) = written.advice() {
        // Standard output is for what was issued.
        writeln!(io::stderr(), "renkei: {advice}")?;
    }
    if arguments.json {
        ready::print(&Issued {
            name: &peer.name,
            subject: &peer.subject,
            fingerprint: &peer.fingerprint,
            roles: peer.roles.iter().map(Role::name).collect(),
            entitlement: &peer.entitlement,
            expires: peer.expires.to_rfc3339(),
            out: &arguments.out,
            connect: &written.path,
            unknown: &written.unknown,
        })?;
    } else {
        let roles: Vec<&str> = peer.roles.iter().map(Role::name).collect();
        writeln!(
            io::stdout(),
            "{out}: {name} の証明書と接続情報を作成しました（{roles}、有効期限 {day}） / the certificate of {name} and how to connect ({roles}; good until {day})",
            out = arguments.out.display(),
            name = peer.name,
            roles = roles.join(", "),
            day = peer.expires.format("%Y-%m-%d"),
        )?;
    }
    Ok(0)
}

/// A node that may connect.
#[derive(Serialize)]
struct Listed {
    name: String,
    subject: String,
    fingerprint: String,
    roles: Vec<&'static str>,
    #[serde(flatten)]
    entitlement: Entitlement,
    expires: String,
    /// Whole days until that, where they are few.
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<i64>,
    /// Whether it is a part of the house itself.
    own: bool,
}

impl Listed {
    fn new(peer: Peer) -> Self {
        Self {
            own: peer.is_own(),
            days: Ending::of(&peer.name, peer.expires, Utc::now()).map(|ending| ending.days),
            roles: peer.roles.iter().map(Role::name).collect(),
            expires: peer.expires.to_rfc3339(),
            name: peer.name,
            subject: peer.subject,
            fingerprint: peer.fingerprint,
            entitlement: peer.entitlement,
        }
    }
}

fn list(arguments: &ListArguments) -> anyhow::Result<u8> {
    let pki = Pki::open(&arguments.data_dir)?;
    let nodes: Vec<Listed> = pki::list(&pki.peers_dir())?.into_iter().map(Listed::new).collect();
    if arguments.json {
        ready::print(&serde_json::json!({ "nodes": nodes }))?;
        return Ok(0);
    }
    let mut out = io::stdout();
    for node in nodes {
        let Listed { name, roles, entitlement, expires, .. } = &node;
        let (roles, day) = (roles.join(", "), expires.get(..10).unwrap_or(expires));
        let left = node.days.map(|days| format!("（残り{days}日 / {days} days left）"));
        let left = left.unwrap_or_default();
        writeln!(out, "{name}  {roles}  ～{day}{left}  {entitlement}")?;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_host_is_a_name_or_an_address() {
        for good in ["localhost", "replies.example", "192.0.2.1", "2001:db8::1"] {
            assert!(host(good).is_ok(), "{good}");
        }
        for wrong in ["", "a b", "a.example:8446", "https://a.example", "a,DNS:b", "例え.jp"] {
            assert!(host(wrong).is_err(), "{wrong}");
        }
    }
}
