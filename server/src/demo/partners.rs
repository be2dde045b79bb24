//! The other communities of the demonstration: a second PHR operator and a regional network, each a house of
//! its own with its databases and its CA, which knows people by patient ids of its own.

use super::community::{Community, Ports};
use super::delivery::{self, Delivery};
use crate::communities::{self, Entry};
use crate::endpoints::{RESPONDING_GATEWAY, XCPD};
use crate::files;
use crate::settings::Settings;
use anyhow::Context as _;
use renkei_gateway::community::{By, When, Where};
use renkei_metadata::ids::HomeCommunityId;
use renkei_source_adapter::mapping::Mapping;
use renkei_source_adapter::samples;
use std::io;
use std::path::{Path, PathBuf};
use url::Url;

/// Whose checkup system the institutions of the others use as well, so that its mapping reads their exports.
const DIALECT: &str = "hamakaze";

/// Another community.
pub(super) struct About {
    /// Its folder.
    pub(super) folder: &'static str,
    /// What the doctor's community calls it.
    pub(super) name: &'static str,
    /// Its one export.
    export: &'static [u8],
    /// What the mapping says of its institution, instead of what it says of the one whose it was.
    constants: &'static [(&'static str, &'static str)],
}

/// The second PHR operator and the regional network.
pub(super) static ALL: [About; 2] = [
    About {
        folder: "nagisa-phr",
        name: "なぎさPHR（架空）",
        export: include_bytes!("exports/nagisa.csv"),
        constants: &[
            ("inst_no", "1419900731"),
            ("inst_name", "なぎさ健診センター（架空）"),
            ("inst_postal", "231-0097"),
            ("inst_addr", "神奈川県横浜市中区架空渚２－１"),
            ("inst_tel", "045-000-0731"),
        ],
    },
    About {
        folder: "moegi-region",
        name: "もえぎ地域連携ネットワーク（架空）",
        export: include_bytes!("exports/moegi.csv"),
        constants: &[
            ("inst_no", "1419900889"),
            ("inst_name", "もえぎ町診療所（架空）"),
            ("inst_postal", "231-0096"),
            ("inst_addr", "神奈川県横浜市中区架空萌木３－１"),
            ("inst_tel", "045-000-0889"),
        ],
    },
];

/// What their columns mean.
pub(super) fn mappings() -> anyhow::Result<Vec<Mapping>> {
    ALL.iter().map(About::mapping).collect()
}

/// One of them at work, or stopped.
pub(super) struct Partner {
    pub(super) about: &'static About,
    pub(super) home: HomeCommunityId,
    directory: PathBuf,
    community: Option<Community>,
}

impl Partner {
    /// Starts it, in a folder of the doctor's community.
    pub(super) async fn start(about: &'static About, data_dir: &Path) -> anyhow::Result<Self> {
        let directory = data_dir.join("demo").join(about.folder);
        let community = Community::start(&directory, Ports::Any).await?;
        let home = community.home().clone();
        Ok(Self { about, home, directory, community: Some(community) })
    }

    /// Enters it in the doctor's community, as `renkei community add` does: with the certificate that it
    /// issued, and with the address at which it is asked as whom it knows a patient (ITI-55).
    fn enter(&self, data_dir: &Path, settings: &Settings) -> anyhow::Result<()> {
        let community = self.community.as_ref().context("not running")?;
        let endpoints = &community.ready().endpoints;
        let url = |endpoint| -> anyhow::Result<Url> {
            Ok(endpoints.get(endpoint).context("no gateway")?.parse()?)
        };
        let identity = community.issue_gateway()?;
        let entry = Entry {
            home: community.home().clone(),
            name: Some(self.about.name),
            query: url(&RESPONDING_GATEWAY)?,
            retrieve: url(&RESPONDING_GATEWAY)?,
            discovery: Some(url(&XCPD)?),
            discovery_by: By::Demographics,
            discovery_answers: When::Now,
            answers: Where::Connection,
            peer: None,
            locations: None,
            ca: None,
            identity: Some(&identity),
            quirks: Vec::new(),
        };
        communities::enter(data_dir, &communities::checked(data_dir, settings, entry)?)
    }

    /// Submits its export to its own repository.
    pub(super) async fn submit(&self, silent: bool) -> anyhow::Result<Delivery> {
        let community = self.community.as_ref().context("not running")?;
        let mapping = self.about.mapping()?;
        let submitter = community.submitter(&mapping)?;
        delivery::submit(&submitter, self.about.folder, self.about.export, &mapping.into(), silent)
            .await
    }

    /// Whether it is at work.
    pub(super) fn is_running(&self) -> bool {
        self.community.is_some()
    }

    /// Ends it.
    pub(super) async fn stop(&mut self) {
        if let Some(community) = self.community.take() {
            community.stop().await;
        }
    }

    /// Starts it again, under another port.
    pub(super) async fn start_again(
        &mut self,
        data_dir: &Path,
        settings: &Settings,
    ) -> anyhow::Result<()> {
        self.community = Some(Community::start(&self.directory, Ports::Any).await?);
        self.enter(data_dir, settings)
    }
}

/// What is entered of the others in the doctor's community. When it is dropped, that is taken back: a house
/// that is served there later is not to ask communities that are gone.
pub(super) struct Entered {
    data_dir: PathBuf,
    homes: Vec<HomeCommunityId>,
}

/// Which communities are entered by a demonstration, each a line: who is killed takes nothing back, and whoever
/// opens the house next does.
fn list(data_dir: &Path) -> PathBuf {
    communities::dir(data_dir).join(".demo")
}

/// Takes back what a demonstration entered that was killed.
///
/// # Errors
/// When the folder of communities cannot be read or written.
pub(crate) fn take_back(data_dir: &Path) -> io::Result<()> {
    let list = list(data_dir);
    let listed = match std::fs::read_to_string(&list) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut left = 0;
    for home in listed.lines().filter_map(|line| HomeCommunityId::parse(line).ok()) {
        left += usize::from(communities::leave(data_dir, &home)?);
    }
    if left > 0 {
        tracing::info!(communities = left, "what a demonstration had entered is taken back");
    }
    std::fs::remove_file(list)
}

impl Entered {
    /// Enters `partners`.
    pub(super) fn all(
        data_dir: &Path,
        settings: &Settings,
        partners: &[Partner],
    ) -> anyhow::Result<Self> {
        let homes = partners.iter().map(|partner| partner.home.clone()).collect();
        let entered = Self { data_dir: data_dir.to_owned(), homes };
        // First: what is entered stands in the list, whenever the process ends.
        entered.write_down()?;
        partners.iter().try_for_each(|partner| partner.enter(data_dir, settings))?;
        Ok(entered)
    }

    fn write_down(&self) -> io::Result<()> {
        let lines: String = self.homes.iter().map(|home| format!("{home}\n")).collect();
        files::private_dir(&communities::dir(&self.data_dir))?;
        files::write_private(&list(&self.data_dir), lines.as_bytes())
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Err(error) = take_back(&self.data_dir) {
            tracing::warn!(%error, "communities of the demonstration are still entered");
        }
    }
}

impl About {
    fn mapping(&self) -> anyhow::Result<Mapping> {
        let is_map = |name: &str| name == super::institution::MAPPING;
        let sample = samples().iter().find(|s| s.institution == DIALECT && is_map(s.name));
        let text = std::str::from_utf8(sample.context("no such sample")?.bytes)?;
        let line = |line: &str| {
            let key = line.split(" = ").next().unwrap_or_default();
            let own = self.constants.iter().find(|(constant, _)| *constant == key);
            own.map_or_else(|| line.to_owned(), |(key, value)| format!("{key} = \"{value}\""))
        };
        let text: Vec<String> = text.lines().map(line).collect();
        Ok(Mapping::read(super::institution::MAPPING, &text.join("\n"))?)
    }
}
