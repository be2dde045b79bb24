//! Where a client command connects, and as whom.

use crate::site::Site;
use anyhow::Context;
use renkei_atna::build::Local;
use renkei_atna::sink::Sink;
use renkei_audit::{AuditContext, Journal, Owner};
use renkei_client::{ClientOptions, Connection, Identity, SoapClient};
use renkei_sealing::KeyRing;
use std::path::PathBuf;
use std::sync::Arc;
use url::Url;

/// The options that `submit`, `query` and `retrieve` share.
#[derive(Debug, clap::Args)]
pub(crate) struct TargetArguments {
    /// connect.json as `pki issue` writes it, or a saved ready line of `renkei serve`. 接続先ファイル。
    #[arg(long, value_name = "FILE")]
    connect: Option<PathBuf>,
    /// URL of the Document Registry; goes before --connect. レジストリのURL。
    #[arg(long, value_name = "URL")]
    registry: Option<Url>,
    /// URL of the Document Repository; goes before --connect. リポジトリのURL。
    #[arg(long, value_name = "URL")]
    repository: Option<Url>,
    /// host:port of the patient feed; goes before --connect. 患者情報の送信先。
    #[arg(long, value_name = "HOST:PORT")]
    patient_feed: Option<String>,
    /// Directory with cert.pem, key.pem and ca.pem. 証明書のディレクトリ。
    #[arg(long, value_name = "DIR")]
    identity: PathBuf,
    /// Directory for the audit records of this client; made if needed. 監査記録の保存先。
    #[arg(long, value_name = "DIR")]
    state_dir: PathBuf,
    /// Report as JSON on standard output. JSONで出力する。
    #[arg(long)]
    pub(crate) json: bool,
}

/// What the options say.
pub(crate) struct Target {
    /// Addresses and identifiers; an option goes before the file.
    pub(crate) connection: Connection,
    /// Who we are.
    pub(crate) identity: Identity,
    /// Where that came from.
    pub(crate) identity_dir: PathBuf,
    /// Where the client keeps its audit records.
    pub(crate) state_dir: PathBuf,
}

impl TargetArguments {
    /// Reads where to connect, and the identity.
    pub(crate) fn target(&self) -> anyhow::Result<Target> {
        let mut connection = match &self.connect {
            Some(path) => Connection::read(path)?,
            None => Connection::default(),
        };
        connection.registry = self.registry.clone().or(connection.registry);
        if let Some(repository) = &self.repository {
            connection.ask_only(repository.clone());
        }
        connection.patient_feed = self.patient_feed.clone().or(connection.patient_feed);
        let identity = Identity::load(&self.identity)?;
        crate::files::private_dir(&self.state_dir)
            .with_context(|| self.state_dir.display().to_string())?;
        Ok(Target {
            connection,
            identity,
            identity_dir: self.identity.clone(),
            state_dir: self.state_dir.clone(),
        })
    }
}

/// What a client command works with.
pub(crate) struct Client {
    /// SOAP, audited into a journal of the state directory.
    pub(crate) soap: Arc<SoapClient>,
    /// The journal.
    pub(crate) sink: Arc<dyn Sink>,
    /// How this client names itself in audit records.
    pub(crate) local: Local,
    journal: Journal,
}

impl Client {
    /// Ends the journal of this run in order.
    pub(crate) async fn finish(self) -> anyhow::Result<()> {
        self.journal.close().await;
        Ok(())
    }
}

impl Target {
    /// Opens a journal and the client.
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        let keys = KeyRing::open_or_create(&self.state_dir.join("keys"))?;
        let journal = Journal::open(&Site::audit_dir_of(&self.state_dir), Owner::Guest, &keys)?;
        let sink: Arc<dyn Sink> = Arc::new(journal.clone());
        // 9: other, which is what the audit schema has for an adapter.
        let local = AuditContext::new(&crate::host::name(), None, 9).local;
        let options = ClientOptions::default();
        let soap = SoapClient::new(&self.identity, options, Arc::clone(&sink), local.clone())?;
        Ok(Client { soap: Arc::new(soap), sink, local, journal })
    }
}
