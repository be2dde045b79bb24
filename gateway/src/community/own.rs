//! What is our own, so that nobody enters it as another community: a question that went there would come
//! back to us.

use super::Community;
use renkei_metadata::ids::HomeCommunityId;
use url::{Host, Url};

/// Our community, and where it listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Its homeCommunityId.
    pub home: HomeCommunityId,
    /// The name under which it is reached.
    pub host: String,
    /// The ports that it listens on, as far as they are known.
    pub ports: Vec<u16>,
}

/// Why a community is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Loop {
    /// It has our homeCommunityId.
    #[error(
        "{0} はこのコミュニティ自身のhomeCommunityIdです。相手のものを指定してください / is the \
         homeCommunityId of this community; give that of the other one"
    )]
    Home(HomeCommunityId),
    /// One of its addresses is ours.
    #[error(
        "{0} はこのサーバー自身のアドレスです。相手のゲートウェイのURLを指定してください / is an address of \
         this server; give the URL of the other community's gateway"
    )]
    Address(Url),
}

impl Own {
    /// Whether a question to `community` would come back here.
    ///
    /// # Errors
    /// With what is ours of it.
    pub fn check(&self, community: &Community) -> Result<(), Loop> {
        if community.home == self.home {
            return Err(Loop::Home(self.home.clone()));
        }
        let addresses = [&community.query, &community.retrieve].into_iter();
        match addresses
            .chain(&community.discovery)
            .chain(&community.locations)
            .find(|url| self.is_here(url))
        {
            Some(url) => Err(Loop::Address(url.clone())),
            None => Ok(()),
        }
    }

    fn is_here(&self, url: &Url) -> bool {
        let here = url.port_or_known_default().is_some_and(|port| self.ports.contains(&port));
        let bare = |host: &str| host.trim_matches(['[', ']']).to_ascii_lowercase();
        here && match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.to_string() == bare(&self.host),
            Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.to_string() == bare(&self.host),
            Some(Host::Domain(name)) => name == "localhost" || bare(name) == bare(&self.host),
            None => false,
        }
    }
}
