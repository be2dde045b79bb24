//! The picture: the doctor's community, and two others that it asks.

use super::community::{Community, Ports};
use super::partners::{self, Entered, Partner};
use crate::settings::{Settings, Sources};
use crate::site::Site;
use futures_util::future::join_all;
use renkei_client::SoapClient;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What the demonstration calls the community of the doctor.
pub(super) const OWN_NAME: &str = "みなとPHR（架空）";

/// Three communities at work.
pub(super) struct Picture {
    pub(super) community: Community,
    pub(super) partners: Vec<Partner>,
    data_dir: PathBuf,
    settings: Settings,
    _entered: Entered,
}

impl Picture {
    /// Starts the others, enters them, and starts the doctor's community, which asks them from the first.
    pub(super) async fn start(data_dir: &Path) -> anyhow::Result<Self> {
        let site = Site::open(data_dir)?;
        let data_dir = site.dir().to_owned();
        let settings =
            Settings::load(&Sources { data_dir: data_dir.clone(), config: None, set: Vec::new() })?;
        // While nobody else can have entered any.
        partners::take_back(&data_dir)?;
        // Given back for the community itself.
        drop(site);
        let mut partners = Vec::new();
        for about in &partners::ALL {
            partners.push(Partner::start(about, &data_dir).await?);
        }
        let entered = Entered::all(&data_dir, &settings, &partners)?;
        let community = Community::start(&data_dir, Ports::Usual).await?;
        Ok(Self { community, partners, data_dir, settings, _entered: entered })
    }

    /// The system of the occupational doctor of one company, both of whose sites are in the exports.
    pub(super) fn doctor(&self) -> anyhow::Result<SoapClient> {
        self.community.doctor("demo-doctor", &["Y0031", "KK-CHIBA"])
    }

    /// What people call each community, by its homeCommunityId.
    pub(super) fn names(&self) -> BTreeMap<String, String> {
        let others = self.partners.iter().map(|p| (p.home.to_string(), p.about.name.to_owned()));
        others.chain([(self.community.home().to_string(), OWN_NAME.to_owned())]).collect()
    }

    /// Starts what was stopped.
    pub(super) async fn complete(&mut self) -> anyhow::Result<()> {
        for partner in self.partners.iter_mut().filter(|partner| !partner.is_running()) {
            partner.start_again(&self.data_dir, &self.settings).await?;
        }
        Ok(())
    }

    /// Ends everything in order.
    pub(super) async fn stop(mut self) {
        self.community.stop().await;
        join_all(self.partners.iter_mut().map(Partner::stop)).await;
    }
}
