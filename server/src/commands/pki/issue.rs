//! `renkei pki issue`: a certificate for a node, which is let in.

use super::super::house::HouseArguments;
use super::bulk::{self, Defaults};
use super::entitled::EntitledArguments;
use super::member::{MemberArguments, Owners};
use crate::members::{Member, MemberId};
use crate::pki::{Entitlement, Issue, NodeName, NotAName, Pki, SigningRequest};
use crate::settings::Settings;
use crate::site::Site;
use crate::{connect, patient_key, ready};
use anyhow::ensure;
use renkei_context::{Role, Roles, UnknownRole};
use renkei_sealing::KeyRing;
use serde::Serialize;
use std::io::{self, Write};
use std::path::PathBuf;

/// For whom, and where to.
#[derive(Debug, clap::Args)]
pub(crate) struct IssueArguments {
    #[command(flatten)]
    house: HouseArguments,
    /// Name of the node; an earlier certificate of the same name is no longer let in. ノード名。
    #[arg(long, value_name = "N", required_unless_present = "bulk",
          value_parser = |s: &str| s.parse::<NodeName>().map_err(|e: NotAName| e))]
    name: Option<NodeName>,
    #[command(flatten)]
    whose: MemberArguments,
    /// Issue for every line of a table (CSV) with the columns name, roles, scopes, source-ids, repository-ids, speaks-for,
    /// days and hosts, of which several words of one cell have ';' between them; each node has a directory of its name in --out.
    /// With a mistake anywhere, nothing is issued. 一覧(CSV)から一括で発行する。
    #[arg(long, value_name = "FILE",
          conflicts_with_all = ["name", "roles", "scope", "source_id", "repository_id", "speaks_for", "csr", "hosts", "password"])]
    bulk: Option<PathBuf>,
    /// What it may do; may be repeated: source, repository, consumer, feed, administrator, gateway,
    /// auditor. 役割。
    #[arg(long = "role", value_name = "R", required_unless_present = "bulk",
          value_parser = |s: &str| s.parse::<Role>().map_err(|e: UnknownRole| e))]
    roles: Vec<Role>,
    #[command(flatten)]
    entitled: EntitledArguments,
    /// Directory for cert.pem, key.pem, ca.pem and identity.p12, for connect.json and codes.xml, which
    /// say where the house is and which codes it takes, and for a source patient.key, the key of the
    /// patient ids that all sources of the house share. 出力先。
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Days for which it is good; two years at most are recommended. 有効日数。
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// Days for which the certificate that this one replaces is let in beside it, while the node changes over; it is let
    /// in no more at once if not given. 旧証明書を併用できる日数。
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true,
          value_parser = clap::value_parser!(u32).range(0..=90))]
    overlap_days: u32,
    /// Password of identity.p12; empty if not given. identity.p12 のパスワード。
    #[arg(long, default_value = "", hide_default_value = true)]
    password: String,
    /// Certificate signing request (PEM) of a node that made its key itself and keeps it: the certificate is for that
    /// key, and no key.pem or identity.p12 is written. Its name and extensions do not count. 証明書署名要求。
    #[arg(long, value_name = "FILE", conflicts_with = "password")]
    csr: Option<PathBuf>,
    /// Host name or address under which the node listens for replies (`renkei listen`) or, as a gateway,
    /// serves; may be repeated. A gateway's certificate is good for localhost in any case.
    /// 応答を受信する、またはゲートウェイとして待ち受けるホスト名。
    #[arg(long = "host", value_name = "HOST", value_parser = host)]
    hosts: Vec<String>,
    /// Tell what was issued as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// A name or an address, and nothing that would be read as more than one (RFC 1123: 2.1).
pub(super) fn host(text: &str) -> Result<String, String> {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'a MemberId>,
    out: &'a PathBuf,
    connect: &'a PathBuf,
    unknown: &'a [&'static str],
}

/// Status 0 when all are issued and let in.
pub(super) fn run(arguments: &IssueArguments) -> anyhow::Result<u8> {
    let mut issues = match (&arguments.bulk, &arguments.name) {
        (Some(file), _) => {
            let IssueArguments { days, overlap_days, .. } = *arguments;
            bulk::read(file, Defaults { days, overlap_days })?
        }
        (None, Some(name)) => vec![single(arguments, name)?],
        (None, None) => Vec::new(),
    };
    let settings = arguments.house.settings()?;
    let pki = Pki::open(&arguments.house.data_dir)?;
    let out = |issue: &Issue| match &arguments.bulk {
        Some(_) => arguments.out.join(issue.name.as_str()),
        None => arguments.out.clone(),
    };
    let owners = arguments.whose.hold(&arguments.house)?;
    for issue in &mut issues {
        if let Some(owners) = &owners {
            issue.entitlement = owners.entitle(&issue.name, issue.entitlement.clone())?;
        }
        member_of(owners.as_ref(), issue)?;
        Pki::may_write(issue, &out(issue))?;
    }
    for (done, issue) in issues.iter().enumerate() {
        if arguments.bulk.is_some() && !arguments.json {
            write!(io::stdout(), "{}/{}  ", done + 1, issues.len())?;
        }
        issued(arguments, (&settings, &pki, owners.as_ref()), issue, &out(issue))?;
    }
    Ok(0)
}

/// What the words of the command say of one node.
fn single(arguments: &IssueArguments, name: &NodeName) -> anyhow::Result<Issue> {
    ensure!(
        !name.is_own(),
        "{name}: such names are those of the house's own nodes; choose another / この名前は拠点自身のノード用です。別の名前を指定してください"
    );
    Ok(Issue {
        name: name.clone(),
        roles: Roles::new(arguments.roles.iter().copied()),
        entitlement: arguments.entitled.entitlement(),
        days: arguments.days,
        password: arguments.password.clone(),
        hosts: arguments.hosts.clone(),
        overlap_days: arguments.overlap_days,
        csr: arguments.csr.as_deref().map(SigningRequest::read).transpose()?,
    })
}

/// The member whose node it is to be, if it is one's.
fn member_of(owners: Option<&Owners>, issue: &Issue) -> anyhow::Result<Option<Member>> {
    match owners {
        Some(owners) => owners.member(&issue.name, &issue.roles, &issue.entitlement),
        None => Ok(None),
    }
}

/// Issues one, and tells it.
fn issued(
    arguments: &IssueArguments,
    (settings, pki, owners): (&Settings, &Pki, Option<&Owners>),
    issue: &Issue,
    out: &PathBuf,
) -> anyhow::Result<()> {
    let dir = &arguments.house.data_dir;
    let member = member_of(owners, issue)?;
    let work = || Ok(pki.issue(issue, out)?);
    let peer = match owners.zip(member.as_ref()) {
        Some((owners, member)) => owners.let_in(member, &issue.name, work)?,
        None => work()?,
    };
    let member = member.as_ref().map(|member| &member.id);
    if issue.roles.has(Role::Source) {
        let keys = KeyRing::open_or_create(&Site::keys_dir_of(dir))?;
        patient_key::write(&*patient_key::of_house(&keys)?, out)?;
    }
    let written = connect::write(out, dir, settings, &issue.roles)?;
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
            member,
            out,
            connect: &written.path,
            unknown: &written.unknown,
        })?;
    } else {
        let roles: Vec<&str> = peer.roles.iter().map(Role::name).collect();
        writeln!(
            io::stdout(),
            "{out}: {name} の証明書と接続情報を作成しました（{roles}、有効期限 {day}） / the certificate of {name} and how to connect ({roles}; good until {day})",
            out = out.display(),
            name = peer.name,
            roles = roles.join(", "),
            day = peer.expires.format("%Y-%m-%d"),
        )?;
    }
    if let Some(id) = member.filter(|_| !peer.unapproved().is_empty()) {
        writeln!(
            io::stderr(),
            "renkei: {}: {} は別の管理者の承認(`renkei member approve {id} {0}`)まで、起動のたびに知らせます / is told at every start until another administrator approves it (`renkei member approve {id} {0}`)",
            peer.name,
            peer.unapproved().join(", "),
        )?;
    }
    Ok(())
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
