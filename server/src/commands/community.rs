//! `renkei community`: the other communities that this one asks (IHE XCA).

mod check;
mod forget;
mod list;
mod locate;

use super::house::HouseArguments;
use super::trail::Trail;
use crate::communities::{self, Entry};
use crate::pki::{NodeName, NotAName};
use crate::settings::Settings;
use crate::show;
use crate::site::Site;
use anyhow::{Context, ensure};
use check::CheckArguments;
use forget::ForgetArguments;
use list::ListArguments;
use locate::LocateArguments;
use openssl::x509::X509;
use renkei_atna::build::{self, Local, Peer};
use renkei_client::certificate;
use renkei_gateway::community::{By, Community, NotAManner, Quirk, When, Where, file_name};
use renkei_metadata::ids::HomeCommunityId;
use renkei_sealing::KeyRing;
use std::path::{Path, PathBuf};
use url::Url;

/// What to do with the communities that are known.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Enter a community, or change what is entered of it. コミュニティを登録・変更する。
    Add(Box<AddArguments>),
    /// List the communities, and what is forgiven each. 一覧を表示する。
    List(ListArguments),
    /// See whether a community can be asked: reach, certificates, time, a query. 接続を確認する。
    Check(CheckArguments),
    /// Forget as whom a community knows patients, so that it is asked anew. 患者の照合結果を消去する。
    Forget(ForgetArguments),
    /// Ask which communities hold data of a patient. 患者のデータを持つコミュニティを確認する。
    Locate(LocateArguments),
    /// Ask a community no longer. 登録を取り消す。
    Remove(RemoveArguments),
}

/// A community.
#[derive(Debug, clap::Args)]
pub(crate) struct AddArguments {
    #[command(flatten)]
    house: HouseArguments,
    /// Its homeCommunityId. 相手のhomeCommunityId。
    #[arg(long, value_name = "urn:oid:OID", value_parser = home)]
    home: HomeCommunityId,
    /// Where its Responding Gateway takes queries (ITI-38). 検索のURL。
    #[arg(long, value_name = "URL", value_parser = https)]
    query: Url,
    /// Where its Responding Gateway takes retrievals (ITI-39). 文書取得のURL。
    #[arg(long, value_name = "URL", value_parser = https)]
    retrieve: Url,
    /// Where it is asked for patients (ITI-55). Without it, it is asked with the patient ids of this
    /// community. 患者照会のURL。
    #[arg(long, value_name = "URL", value_parser = https)]
    discovery: Option<Url>,
    /// By what it is asked for patients: demographics (name, birth date and sex, with identifiers), or
    /// identifier (identifiers that communities share, and nothing else). 患者照会に使う項目。
    #[arg(long, value_name = "BY", default_value = By::Demographics.name(), requires_if("identifier", "discovery"),
          value_parser = |s: &str| s.parse::<By>().map_err(|e: NotAManner| e))]
    discovery_by: By,
    /// When it answers that: now, or later, in a message of its own to xcpd_initiating of the ready line
    /// (ITI-55 deferred), which needs --peer. 患者照会の回答の時期。
    #[arg(long, value_name = "WHEN", default_value = When::Now.name(), requires_ifs([("later", "discovery"), ("later", "peer")]),
          value_parser = |s: &str| s.parse::<When>().map_err(|e: NotAManner| e))]
    discovery_answers: When,
    /// Where it answers ITI-38, ITI-39 and ITI-55: connection, or elsewhere, in messages of their own to
    /// community_answers of the ready line (asynchronous), which needs --peer. 応答の経路。
    #[arg(long, value_name = "WHERE", default_value = Where::Connection.name(), requires_if("elsewhere", "peer"),
          value_parser = |s: &str| s.parse::<Where>().map_err(|e: NotAManner| e))]
    answers: Where,
    /// Name of the node as which its gateway connects here (renkei pki issue --name): what it answers later or
    /// elsewhere is taken from no other. 相手がこちらへ接続する際のノード名。
    #[arg(long, value_name = "N", value_parser = |s: &str| s.parse::<NodeName>().map_err(|e: NotAName| e))]
    peer: Option<NodeName>,
    /// Where it is asked which communities hold data of a patient (ITI-56), if elsewhere than for patients.
    /// 患者の所在照会のURL(患者照会のURLと異なる場合)。
    #[arg(long, value_name = "URL", value_parser = https, requires = "discovery")]
    locations: Option<Url>,
    /// What people call it; stands in answers. 表示名。
    #[arg(long, value_name = "N")]
    name: Option<String>,
    /// The CAs that vouch for it, and nobody else; without them, that of this house. 相手の認証局(PEM)。
    #[arg(long, value_name = "PEM")]
    ca: Option<PathBuf>,
    /// Directory with the cert.pem, key.pem and ca.pem that the community issued for this one; without it,
    /// a certificate of the own CA is presented. 相手が発行した証明書のディレクトリ。
    #[arg(long, value_name = "DIR")]
    identity: Option<PathBuf>,
    /// A rule that its answers may break until a day, and why; may be repeated. 許容する逸脱。
    #[arg(long = "quirk", value_name = "NAME=YYYY-MM-DD:REASON")]
    quirks: Vec<Quirk>,
}

/// Which community.
#[derive(Debug, clap::Args)]
pub(crate) struct RemoveArguments {
    #[command(flatten)]
    house: HouseArguments,
    /// Its homeCommunityId. 相手のhomeCommunityId。
    #[arg(long, value_name = "urn:oid:OID", value_parser = home)]
    home: HomeCommunityId,
}

fn home(text: &str) -> Result<HomeCommunityId, String> {
    HomeCommunityId::parse(text).map_err(|wrong| {
        format!("expected {} / {}を指定してください", wrong.expected, wrong.expected_ja)
    })
}

fn https(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" && url.has_host() => Ok(url),
        Ok(_) | Err(_) => {
            Err("expected an https URL / https:// で始まるURLを指定してください".to_owned())
        }
    }
}

/// Runs the command.
pub(crate) fn run(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::Add(arguments) => add(arguments),
        Command::List(arguments) => list::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Forget(arguments) => forget::run(arguments),
        Command::Locate(arguments) => locate::run(arguments),
        Command::Remove(arguments) => remove(arguments),
    }
}

fn add(arguments: &AddArguments) -> anyhow::Result<u8> {
    let settings = arguments.house.settings()?;
    let entry = Entry {
        home: arguments.home.clone(),
        name: arguments.name.as_deref(),
        query: arguments.query.clone(),
        retrieve: arguments.retrieve.clone(),
        discovery: arguments.discovery.clone(),
        discovery_by: arguments.discovery_by,
        discovery_answers: arguments.discovery_answers,
        answers: arguments.answers,
        peer: arguments.peer.clone(),
        locations: arguments.locations.clone(),
        ca: arguments.ca.as_deref(),
        identity: arguments.identity.as_deref(),
        quirks: arguments.quirks.clone(),
    };
    let dir = &arguments.house.data_dir;
    let community = communities::checked(dir, &settings, entry)?;
    let told = entered(&community)?;
    on_record(dir, &settings, (&community.home, &told), || communities::enter(dir, &community))?;
    show::line(&format!(
        "{home}  {name}  登録しました / is asked from now on",
        home = community.home,
        name = community.name,
    ))?;
    Ok(0)
}

/// What an auditor reads of it: where patients are named, who vouches for that, and the rest as the command line
/// has it, since it says who may answer and how that is believed; certificates by the SHA-256 of their DER form.
fn entered(community: &Community) -> anyhow::Result<String> {
    let Community { name, query, retrieve, discovery, answers, .. } = community;
    let patients = discovery.as_ref().map(|url| format!(" ITI-55 {url}")).unwrap_or_default();
    let vouched = if community.authorities.is_some() {
        "相手の認証局 / its CA"
    } else {
        "自拠点の認証局 / our CA"
    };
    let mut told = format!(
        "登録 / entered: {name} ITI-38 {query} ITI-39 {retrieve}{patients} ({vouched}) --answers {}",
        answers.name()
    );
    let mut tell = |option: &str, value: &str| told.extend([" --", option, " ", value]);
    if discovery.is_some() {
        tell("discovery-by", community.discovery_by.name());
        tell("discovery-answers", community.discovery_answers.name());
    }
    if let Some(url) = &community.locations {
        tell("locations", url.as_str());
    }
    if let Some(peer) = &community.peer {
        tell("peer", peer);
    }
    if let Some(pem) = &community.authorities {
        tell("ca", &fingerprints(pem)?);
    }
    if let Some(presented) = &community.presented {
        tell("identity", &fingerprints(&presented.certificate)?);
    }
    for quirk in &community.quirks {
        tell("quirk", &format!("{:?}", quirk.to_string()));
    }
    Ok(told)
}

/// Of all certificates of a text.
fn fingerprints(pem: &str) -> anyhow::Result<String> {
    let certificates = X509::stack_from_pem(pem.as_bytes())?;
    let found: Result<Vec<_>, _> =
        certificates.iter().map(|found| certificate::fingerprint(found)).collect();
    Ok(format!("sha256:{}", found?.join(",")))
}

fn remove(arguments: &RemoveArguments) -> anyhow::Result<u8> {
    let (dir, home) = (&arguments.house.data_dir, &arguments.home);
    ensure!(
        communities::dir(dir).join(file_name(home)).is_file(),
        "{home}: 登録されていません。renkei community list で確認してください / is not entered; see renkei community list",
    );
    let settings = arguments.house.settings()?;
    on_record(dir, &settings, (home, "登録の取り消し / removed"), || {
        communities::leave(dir, home).with_context(|| communities::dir(dir).display().to_string())
    })?;
    show::line(&format!("{home}  取り消しました / is asked no longer"))?;
    Ok(0)
}

/// Changes what is entered of the community `home` once it is on record what is changed.
fn on_record<T>(
    dir: &Path,
    settings: &Settings,
    (home, told): (&HomeCommunityId, &str),
    change: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let keys = KeyRing::open_or_create(&Site::keys_dir_of(dir))?;
    let trail = Trail::open(dir, settings, &keys)?;
    let record = |at, id, operator: &Peer, local: &Local| {
        build::community_changed(at, id, operator, home.as_str(), told, local)
    };
    super::runtime()?.block_on(trail.on_record(record, async { change() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::Pki;
    use renkei_gateway::community::Presented;

    #[test]
    fn the_record_of_an_entry_says_who_may_answer_and_how_it_is_believed() {
        let dir = tempfile::tempdir().unwrap();
        let name: NodeName = "gateway".parse().unwrap();
        let roles = renkei_context::Roles::new([renkei_context::Role::Gateway]);
        let identity = Pki::open(dir.path()).unwrap().own_identity(&name, roles).unwrap();
        let read = |name: &str| std::fs::read_to_string(identity.join(name)).unwrap();
        let sha256 =
            |pem: &str| certificate::fingerprint(&X509::from_pem(pem.as_bytes()).unwrap()).unwrap();
        let (ca, shown) = (read("ca.pem"), read("cert.pem"));
        let (of_ca, of_shown) = (sha256(&ca), sha256(&shown));
        let url = Url::parse("https://north.example/").unwrap();
        let community = Community {
            home: HomeCommunityId::parse("urn:oid:1.2.3").unwrap(),
            name: "北".to_owned(),
            query: url.clone(),
            retrieve: url.clone(),
            discovery: Some(url),
            discovery_by: By::Identifier,
            discovery_answers: When::Later,
            answers: Where::Elsewhere,
            peer: Some("north-gateway".to_owned()),
            locations: Some(Url::parse("https://north.example/where").unwrap()),
            authorities: Some(ca),
            presented: Some(Presented { certificate: shown, key: "secret".to_owned() }),
            quirks: vec!["home-missing=2099-03-31:they mend it".parse().unwrap()],
        };
        let told = entered(&community).unwrap();
        for part in [
            "ITI-55 https://north.example/ (相手の認証局 / its CA) --answers elsewhere",
            "--discovery-by identifier --discovery-answers later --locations https://north.example/where --peer north-gateway",
            &format!("--ca sha256:{of_ca} --identity sha256:{of_shown}"),
            "--quirk \"home-missing=2099-03-31:they mend it\"",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert_ne!(of_ca, of_shown);
        assert!(!told.contains("secret"), "{told}");
        let plain = Community {
            discovery: None,
            peer: None,
            locations: None,
            authorities: None,
            presented: None,
            ..community
        };
        let told = entered(&plain).unwrap();
        assert!(told.contains("(自拠点の認証局 / our CA) --answers elsewhere --quirk"), "{told}");
    }
}
