//! `renkei audit`.

mod about;
mod list;
mod unreadable;

use crate::settings::Settings;
use crate::site::Site;
use anyhow::{Context as _, ensure};
use chrono::{DateTime, FixedOffset, Utc};
use renkei_atna::build::{self, Peer};
use renkei_atna::record::{AuditRecord, Object, Participant};
use renkei_audit::{Archive, AuditContext, Filter, Journal, Listed, Owner};
use renkei_database::DatabaseUrl;
use renkei_sealing::KeyRing;
use std::path::{Path, PathBuf};
use unreadable::Unreadable;
use uuid::Uuid;

/// What to do with audit records.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show the records of a house or of a client, oldest first. 監査記録を表示する。
    List(list::Arguments),
    /// Show who saw or changed what of a person, oldest first. 患者の記録を誰が見たか、変えたかを表示する。
    About(about::Arguments),
}

/// Which records.
#[derive(Debug, clap::Args)]
struct Times {
    /// Not before this time (RFC 3339). 開始日時。
    #[arg(long, value_name = "TIME")]
    from: Option<DateTime<FixedOffset>>,
    /// Before this time (RFC 3339). 終了日時。
    #[arg(long, value_name = "TIME")]
    until: Option<DateTime<FixedOffset>>,
}

impl Times {
    fn filter(&self) -> Filter {
        let utc = |time: DateTime<FixedOffset>| time.with_timezone(&Utc);
        Filter { from: self.from.map(utc), until: self.until.map(utc), ..Filter::default() }
    }
}

/// Runs the command; status 0.
pub(crate) fn run(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::List(arguments) => list::run(arguments),
        Command::About(arguments) => about::run(arguments),
    }
}

/// Where records are.
struct Place {
    keys: KeyRing,
    /// The database of their index.
    url: DatabaseUrl,
    /// Their journals.
    root: PathBuf,
}

impl Place {
    /// Those of a house.
    fn of_house(settings: &Settings, dir: &Path) -> anyhow::Result<Self> {
        Self::at(dir, DatabaseUrl::parse(&settings.audit.database, dir)?)
    }

    /// Those of a client.
    fn of_client(dir: &Path) -> anyhow::Result<Self> {
        let dir = dir.canonicalize().with_context(|| dir.display().to_string())?;
        let root = Site::audit_dir_of(&dir);
        ensure!(root.is_dir(), "{} is not there", root.display());
        Self::at(&dir, DatabaseUrl::Sqlite(root.join("index.sqlite")))
    }

    fn at(dir: &Path, url: DatabaseUrl) -> anyhow::Result<Self> {
        let keys = KeyRing::open_or_create(&dir.join("keys"))?;
        Ok(Self { keys, url, root: Site::audit_dir_of(dir) })
    }

    /// Shows each record to `see`, in the order in which they were made; that they are read, about `objects`, is
    /// an event of its own.
    async fn read(
        &self,
        mut filter: Filter,
        objects: Vec<Object>,
        mut see: impl FnMut(&AuditRecord) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let archive = Archive::open(&self.root, &self.url, &self.keys)?;
        // Reading the records is itself an event (ITI TF-2: 3.20.4.1.1.1), and the first to be kept. The
        // house's own journal has its own writer: this one is beside it.
        let journal = Journal::open(&self.root, Owner::Guest, &self.keys)?;
        archive.keep_numbers(&journal).await?;
        let mut reading = reading(&format!("file://{}", self.root.display()));
        reading.objects.extend(objects);
        journal.append(&[reading]).await?;
        let torn = archive.catch_up(Some(&journal)).await?;
        for damage in archive.damages().await?.into_iter().chain(torn) {
            eprintln!("{damage}");
        }
        let mut unreadable = Unreadable::default();
        loop {
            let page = archive.list(filter.clone()).await?;
            for line in &page.lines {
                match line {
                    Listed::Record(record) => see(record)?,
                    Listed::Erased(place) => eprintln!(
                        "監査記録{}は消去されています / the audit record {} was erased",
                        place.id, place.id
                    ),
                    Listed::Unreadable(place, error) => unreadable.add(place, error),
                }
            }
            if page.next.is_none() {
                break;
            }
            filter.after = page.next;
        }
        unreadable.tell();
        journal.close().await;
        archive.database().close().await;
        Ok(())
    }
}

fn reading(log: &str) -> AuditRecord {
    let reader = Peer { user_id: crate::host::operator(), address: None };
    let local = AuditContext::new(&crate::host::name(), None, 9).local;
    build::audit_log_used(Utc::now(), Uuid::new_v4(), &reader, log, &local)
}

/// Who did it: by its certificate, where the record is in the name of the address that is answered.
fn who(record: &AuditRecord) -> String {
    let name = |p: &Participant| p.user_name.clone().unwrap_or_else(|| p.user_id.clone());
    record.participants.iter().find(|p| p.requestor).map_or_else(|| "-".to_owned(), name)
}
