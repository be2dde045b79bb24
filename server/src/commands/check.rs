//! `renkei check`: is everything that is registered there, and everything that is there registered?

use crate::endpoints;
use crate::progress::Meter;
use crate::settings::{self, Actor, Settings, Sources};
use crate::show;
use anyhow::{Context as _, ensure};
use renkei_database::DatabaseUrl;
use renkei_registry::inspect::{self as registered, Entered};
use renkei_repository::inspect::{self as kept, Condition, InspectedContent, Kept};
use renkei_sealing::KeyRing;
use renkei_source_adapter::submit::Progress;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Whose registry and repository.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Data directory of a house; it may be running. データディレクトリ(稼働中でもよい)。
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
    /// Settings that go before D/renkei.toml, as for serve. 追加の設定ファイル。
    #[arg(long, value_name = "F")]
    config: Option<PathBuf>,
    /// A setting that goes before all files, as for serve. 個別の設定。
    #[arg(long, value_name = "key=value")]
    set: Vec<String>,
    /// One JSON object with the counts. 件数をJSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Something is wrong with what is kept.
const NOT_WHOLE: u8 = 2;

/// What was counted. `None` where it cannot be told from here.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    documents: Option<u64>,
    unsettled: Option<u64>,
    missing: Option<u64>,
    orphaned: Option<u64>,
    mismatched: Option<u64>,
    unreadable: u64,
    /// What administrators left, which is no fault: entries whose document was removed (ITI-86), and
    /// documents whose metadata was (ITI-62).
    without_document: u64,
    without_metadata: u64,
}

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Missing,
    Orphaned,
    Mismatched,
    Unreadable,
}

impl Fault {
    const fn words(self) -> &'static str {
        match self {
            Self::Missing => "本文がない / content is missing",
            Self::Orphaned => "登録がない / content is not registered",
            Self::Mismatched => "内容が一致しない / content differs",
            Self::Unreadable => "読めない / does not open",
        }
    }
}

impl Counts {
    fn add(&mut self, fault: Fault) {
        let place = match fault {
            Fault::Missing => self.missing.get_or_insert(0),
            Fault::Orphaned => self.orphaned.get_or_insert(0),
            Fault::Mismatched => self.mismatched.get_or_insert(0),
            Fault::Unreadable => &mut self.unreadable,
        };
        *place += 1;
    }

    fn is_whole(&self) -> bool {
        let faults = [self.missing, self.orphaned, self.mismatched, Some(self.unreadable)];
        faults.into_iter().flatten().all(|count| count == 0)
    }

    fn json(&self) -> Value {
        json!({
            "documents": self.documents,
            "unsettled": self.unsettled,
            "missing": self.missing,
            "orphaned": self.orphaned,
            "mismatched": self.mismatched,
            "unreadable": self.unreadable,
        })
    }

    fn lines(&self) -> Vec<String> {
        let count = |count: Option<u64>| count.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let verdict = match self.is_whole() {
            true => "異常はありません / nothing is wrong",
            false => "異常があります / something is wrong",
        };
        let mut lines = vec![
            format!("登録文書 / documents: {}", count(self.documents)),
            format!("処理中の提出 / unsettled: {}", count(self.unsettled)),
            format!("本文なし / missing: {}", count(self.missing)),
            format!("登録なし / orphaned: {}", count(self.orphaned)),
            format!("内容不一致 / mismatched: {}", count(self.mismatched)),
            format!("読取不能 / unreadable: {}", self.unreadable),
        ];
        if self.without_document > 0 {
            let words = "文書を削除済みの登録 / entries whose document was removed";
            lines.push(format!("{words}: {}", self.without_document));
        }
        if self.without_metadata > 0 {
            let words = "登録を削除済みの文書 / documents whose metadata was removed";
            lines.push(format!("{words}: {}", self.without_metadata));
        }
        lines.push(verdict.to_owned());
        lines
    }
}

/// Runs the command; status 0 when nothing is wrong.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let dir = &arguments.data_dir;
    let dir = dir.canonicalize().with_context(|| dir.display().to_string())?;
    // Looking must not found a house.
    let founded = dir.join(settings::FILE);
    ensure!(founded.is_file(), "{} is not there", founded.display());
    let settings = Settings::load(&Sources {
        data_dir: dir.clone(),
        config: arguments.config.clone(),
        set: arguments.set.clone(),
    })?;
    let check = Check::open(&dir, &settings, arguments.json)?;
    let counts = super::runtime()?.block_on(check.run())?;
    match arguments.json {
        true => show::json_line(&counts.json())?,
        false => counts.lines().iter().try_for_each(|line| show::line(line))?,
    }
    Ok(if counts.is_whole() { 0 } else { NOT_WHOLE })
}

/// A check under way.
struct Check {
    registry: Option<registered::Inspection>,
    repository: Option<kept::Inspection>,
    counts: Counts,
    meter: Meter,
    looked_at: u64,
    /// Faults are counted, and not named.
    quiet: bool,
}

impl Check {
    fn open(dir: &Path, settings: &Settings, quiet: bool) -> anyhow::Result<Self> {
        let keys = KeyRing::open_or_create(&dir.join("keys"))?;
        let serves = |actor| settings.house.actors.contains(&actor);
        let here = serves(Actor::Registry) && is_own(settings);
        let registry = here
            .then(|| {
                let url = existing(&settings.registry.database, dir)?;
                registered::Inspection::open(&url, &keys, &settings.ids.repository)
                    .context("registry.database")
            })
            .transpose()?;
        let repository = serves(Actor::Repository)
            .then(|| {
                let url = existing(&settings.repository.database, dir)?;
                kept::Inspection::open(&url, &dir.join("content"), &keys)
                    .context("repository.database")
            })
            .transpose()?;
        if registry.is_none() {
            tell(
                "レジストリは別のプロセスにあるため、登録との対応(missing, orphaned)は確認できません / the \
                 registry is not of this process: what is registered cannot be compared",
            )?;
        }
        if repository.is_none() {
            tell(
                "リポジトリは別のプロセスにあるため、本文は確認できません / the repository is not of this \
                 process: content cannot be looked at",
            )?;
        }
        Ok(Self {
            registry,
            repository,
            counts: Counts::default(),
            meter: Meter::new("check"),
            looked_at: 0,
            quiet,
        })
    }

    async fn run(mut self) -> anyhow::Result<Counts> {
        let (registry, repository) = (self.registry.take(), self.repository.take());
        if registry.is_some() && repository.is_some() {
            (self.counts.missing, self.counts.orphaned) = (Some(0), Some(0));
        }
        if let Some(registry) = &registry {
            self.entries(registry, repository.as_ref()).await?;
        }
        if let Some(repository) = &repository {
            self.counts.mismatched.get_or_insert(0);
            self.contents(repository, registry.as_ref()).await?;
            let submissions = repository.submissions().await?;
            self.counts.unsettled = Some(submissions.unsettled);
            for name in submissions.unreadable {
                self.found(Fault::Unreadable, &name)?;
            }
            repository.close().await;
        }
        if let Some(registry) = &registry {
            registry.close().await;
        }
        self.meter.finish();
        Ok(self.counts)
    }

    /// Every entry has its content, of its hash and size; every row opens. Content is older than its
    /// entry, so that what is registered meanwhile is no fault.
    async fn entries(
        &mut self,
        registry: &registered::Inspection,
        repository: Option<&kept::Inspection>,
    ) -> anyhow::Result<()> {
        let mut position = Some(registered::Position::default());
        self.counts.documents = Some(0);
        while let Some(at) = position {
            let (page, next) = registry.page(at).await?;
            position = next;
            self.looked_at(page.rows);
            for name in &page.unreadable {
                self.found(Fault::Unreadable, name)?;
            }
            for (id, what) in &page.contradictions {
                self.found(Fault::Mismatched, &format!("{id}: {}", what.words()))?;
            }
            *self.counts.documents.get_or_insert(0) += page.entries.len() as u64;
            let Some(repository) = repository else { continue };
            let ids = page.entries.iter().map(|entry| entry.unique_id.clone()).collect();
            let kept = repository.kept(ids).await?;
            for (entry, kept) in page.entries.iter().zip(kept) {
                let name = || format!("{} ({})", entry.unique_id, entry.id);
                match kept {
                    Kept::Nothing => self.found(Fault::Missing, &name())?,
                    Kept::Document(measures) if !is_same(entry, &measures) => {
                        self.found(Fault::Mismatched, &name())?;
                    }
                    Kept::Document(_) => {}
                    Kept::Removed => self.counts.without_document += 1,
                }
            }
        }
        Ok(())
    }

    /// Every document opens to what it was, and is registered when its submission is settled.
    async fn contents(
        &mut self,
        repository: &kept::Inspection,
        registry: Option<&registered::Inspection>,
    ) -> anyhow::Result<()> {
        let mut after = None;
        loop {
            let (page, next) = repository.contents(after).await?;
            self.page_of_contents(&page, registry).await?;
            if next.is_none() {
                return Ok(());
            }
            after = next;
        }
    }

    async fn page_of_contents(
        &mut self,
        page: &[InspectedContent],
        registry: Option<&registered::Inspection>,
    ) -> anyhow::Result<()> {
        self.looked_at(page.len() as u64);
        for content in page {
            match content.condition {
                Condition::Whole => {}
                Condition::Missing => self.found(Fault::Missing, &content.name)?,
                Condition::Mismatched => self.found(Fault::Mismatched, &content.name)?,
                Condition::Unreadable => self.found(Fault::Unreadable, &content.name)?,
            }
        }
        let Some(registry) = registry else { return Ok(()) };
        let settled: Vec<String> =
            page.iter().filter(|c| c.settled).map(|c| c.name.clone()).collect();
        let entered = registry.are_entered(settled.clone()).await?;
        for (name, entered) in settled.iter().zip(entered) {
            match entered {
                Entered::Yes => {}
                Entered::Removed => self.counts.without_metadata += 1,
                Entered::No => self.found(Fault::Orphaned, name)?,
            }
        }
        Ok(())
    }

    fn looked_at(&mut self, rows: u64) {
        self.looked_at += rows;
        self.meter.show(Progress { finished: self.looked_at, expected: None });
    }

    /// Counts a fault and names it. Names are ids, never what a document says.
    fn found(&mut self, fault: Fault, name: &str) -> anyhow::Result<()> {
        self.counts.add(fault);
        if !self.quiet {
            show::line(&format!("{}: {name}", fault.words()))?;
        }
        Ok(())
    }
}

/// What an entry gives is what is kept.
fn is_same(entry: &registered::InspectedEntry, kept: &kept::Measures) -> bool {
    let hash = entry.hash.as_ref().is_none_or(|hash| *hash == kept.hash);
    hash && entry.size.is_none_or(|size| size == kept.size)
}

/// Whether the repository registers at the registry of these settings.
fn is_own(settings: &Settings) -> bool {
    let Some(url) = &settings.registry.url else { return true };
    let host = url.host_str().unwrap_or_default();
    let own = [settings.house.public_host.as_str(), "localhost", "127.0.0.1"].contains(&host);
    let port = settings.listen.systems.map(|address| address.port());
    own && url.port_or_known_default() == port && url.path() == endpoints::REGISTRY.path
}

/// The URL of a database that is there.
fn existing(setting: &str, dir: &Path) -> anyhow::Result<DatabaseUrl> {
    let url = DatabaseUrl::parse(setting, dir)?;
    if let DatabaseUrl::Sqlite(file) = &url {
        ensure!(file.is_file(), "{} is not there", file.display());
    }
    Ok(url)
}

fn tell(text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    Ok(writeln!(std::io::stderr(), "{text}")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_told_is_null_and_no_fault() {
        let mut counts = Counts { documents: Some(3), ..Counts::default() };
        assert!(counts.is_whole());
        let text = counts.json().to_string();
        assert_eq!(
            text,
            r#"{"documents":3,"unsettled":null,"missing":null,"orphaned":null,"mismatched":null,"unreadable":0}"#
        );
        counts.add(Fault::Orphaned);
        assert!(!counts.is_whole());
        assert_eq!(counts.orphaned, Some(1));
    }

    #[test]
    fn a_registry_url_may_be_that_of_the_house_itself() {
        let dir = tempfile::TempDir::new().unwrap();
        let own = |url: &str| {
            let set =
                vec!["listen.systems=127.0.0.1:8443".to_owned(), format!("registry.url={url}")];
            let sources = Sources { data_dir: dir.path().to_owned(), config: None, set };
            is_own(&Settings::load(&sources).unwrap())
        };
        assert!(own("https://localhost:8443/xds/registry"));
        assert!(!own("https://localhost:9443/xds/registry"));
        assert!(!own("https://registry.example:8443/xds/registry"));
    }
}
