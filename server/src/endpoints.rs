//! The endpoints of a house, a row each: how the ready line and `connect.json` call it, which actors
//! have to be served for it, and where it is reached. Everything that speaks of an endpoint reads
//! this table.

use crate::settings::{Actor, Settings};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::collections::BTreeMap;

/// What a process listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listener {
    /// HTTPS for systems.
    Systems,
    /// MLLP over TLS.
    Mllp,
    /// HTTP on loopback for the administrator.
    Admin,
}

/// One row.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// Its key in the ready line and in `connect.json`.
    pub(crate) name: &'static str,
    /// The actors without any of which it is not served.
    pub(crate) actors: &'static [Actor],
    /// Where it is; `None` when this version does not serve it, which is told as null.
    listener: Option<Listener>,
    /// What follows the address of the listener.
    pub(crate) path: &'static str,
}

/// ITI-18, ITI-42, ITI-51, ITI-57, ITI-61, ITI-62, ITI-92.
pub(crate) static REGISTRY: Endpoint = Endpoint {
    name: "registry",
    actors: &[Actor::Registry],
    listener: Some(Listener::Systems),
    path: "/xds/registry",
};

/// ITI-41, ITI-43, ITI-86.
pub(crate) static REPOSITORY: Endpoint = Endpoint {
    name: "repository",
    actors: &[Actor::Repository],
    listener: Some(Listener::Systems),
    path: "/xds/repository",
};

/// ITI-8 and ITI-64, which the registry takes.
pub(crate) static PATIENT_FEED: Endpoint = Endpoint {
    name: "patient_feed",
    actors: &[Actor::PatientFeed, Actor::Registry],
    listener: Some(Listener::Mllp),
    path: "",
};

/// ITI-9 and ITI-21, where the feed is: what a message is tells where it belongs.
pub(crate) static PIXPDQ_V2: Endpoint = Endpoint {
    name: "pixpdq_v2",
    actors: &[Actor::PixPdq, Actor::Registry],
    listener: Some(Listener::Mllp),
    path: "",
};

/// ITI-44, which says the same as ITI-8.
pub(crate) static PATIENT_FEED_V3: Endpoint = Endpoint {
    name: "patient_feed_v3",
    actors: &[Actor::PatientFeed, Actor::Registry],
    listener: Some(Listener::Systems),
    path: "/patients/feed",
};

/// ITI-45.
pub(crate) static PIX_V3: Endpoint = Endpoint {
    name: "pix_v3",
    actors: &[Actor::PixPdq, Actor::Registry],
    listener: Some(Listener::Systems),
    path: "/patients/pix",
};

/// ITI-47.
pub(crate) static PDQ_V3: Endpoint = Endpoint {
    name: "pdq_v3",
    actors: &[Actor::PixPdq, Actor::Registry],
    listener: Some(Listener::Systems),
    path: "/patients/pdq",
};

/// ITI-18 and ITI-43, over our own community and all others.
pub(crate) static INITIATING_GATEWAY: Endpoint = Endpoint {
    name: "initiating_gateway",
    actors: &[Actor::InitiatingGateway, Actor::Registry, Actor::Repository],
    listener: Some(Listener::Systems),
    path: "/xca/initiating",
};

/// Liveness, readiness and metrics.
pub(crate) static ADMIN: Endpoint =
    Endpoint { name: "admin", actors: &[], listener: Some(Listener::Admin), path: "" };

/// ITI-38, ITI-39, ITI-92, from other communities.
pub(crate) static RESPONDING_GATEWAY: Endpoint = Endpoint {
    name: "responding_gateway",
    actors: &[Actor::RespondingGateway, Actor::Registry],
    listener: Some(Listener::Systems),
    path: "/xca/responding",
};

/// ITI-55 and ITI-56, from other communities.
pub(crate) static XCPD: Endpoint = Endpoint {
    name: "xcpd",
    actors: &[Actor::Xcpd, Actor::Registry],
    listener: Some(Listener::Systems),
    path: "/xcpd",
};

/// What other communities answer to ITI-38, ITI-39 and ITI-55 in messages of their own.
pub(crate) static COMMUNITY_ANSWERS: Endpoint = Endpoint {
    name: "community_answers",
    actors: &[Actor::InitiatingGateway, Actor::Registry, Actor::Repository],
    listener: Some(Listener::Systems),
    path: "/xca/answers",
};

/// What other communities answer later to ITI-55.
pub(crate) static XCPD_INITIATING: Endpoint = Endpoint {
    name: "xcpd_initiating",
    actors: &[Actor::InitiatingGateway, Actor::Registry, Actor::Repository],
    listener: Some(Listener::Systems),
    path: "/xcpd/initiating",
};

const fn later(name: &'static str) -> Endpoint {
    Endpoint { name, actors: &[], listener: None, path: "" }
}

static XDR_RECIPIENT: Endpoint = later("xdr_recipient");
static FHIR: Endpoint = later("fhir");
static PORTAL: Endpoint = later("portal");
static AUDIT: Endpoint = later("audit");

/// Every row, in the order in which they are told.
static ALL: [&Endpoint; 17] = [
    &REGISTRY,
    &REPOSITORY,
    &PATIENT_FEED,
    &PATIENT_FEED_V3,
    &PIXPDQ_V2,
    &PIX_V3,
    &PDQ_V3,
    &RESPONDING_GATEWAY,
    &INITIATING_GATEWAY,
    &COMMUNITY_ANSWERS,
    &XCPD,
    &XCPD_INITIATING,
    &XDR_RECIPIENT,
    &FHIR,
    &PORTAL,
    &AUDIT,
    &ADMIN,
];

/// Those that this version serves.
#[cfg(test)]
pub(crate) fn served() -> impl Iterator<Item = &'static Endpoint> {
    ALL.into_iter().filter(|endpoint| endpoint.listener.is_some())
}

impl Endpoint {
    /// Whether it is spoken to in HL7 v2.
    #[cfg(test)]
    pub(crate) fn is_mllp(&self) -> bool {
        self.listener == Some(Listener::Mllp)
    }

    /// Whether a process with these settings serves it.
    fn is_served(&self, settings: &Settings) -> bool {
        self.listener.is_some()
            && self.actors.iter().all(|actor| settings.house.actors.contains(actor))
    }
}

/// Whether anything is served behind `listener`: a port is taken only then, since another process may
/// have the rest.
pub(crate) fn listens(settings: &Settings, listener: Listener) -> bool {
    ALL.iter().any(|e| e.listener == Some(listener) && e.is_served(settings))
}

/// Under which addresses the listeners are reached, without a slash at the end. `None`: not listened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    /// `https://host:port`.
    pub(crate) systems: Option<String>,
    /// `mllps://host:port`.
    pub(crate) mllp: Option<String>,
    /// `http://127.0.0.1:port`.
    pub(crate) admin: Option<String>,
}

impl Addresses {
    fn of(&self, listener: Listener) -> Option<&str> {
        match listener {
            Listener::Systems => self.systems.as_deref(),
            Listener::Mllp => self.mllp.as_deref(),
            Listener::Admin => self.admin.as_deref(),
        }
    }

    /// Where an endpoint is reached by those who may.
    pub(crate) fn url(&self, endpoint: &Endpoint) -> Option<String> {
        let base = self.of(endpoint.listener?)?;
        Some(format!("{base}{}", endpoint.path))
    }
}

/// Where the endpoints of a house are; an object with a key for each row, null for what is not served.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints([Option<String>; ALL.len()]);

impl Endpoints {
    /// Those that a process with these settings serves under these addresses.
    pub(crate) fn new(settings: &Settings, addresses: &Addresses) -> Self {
        Self(ALL.map(|e| addresses.url(e).filter(|_| e.is_served(settings))))
    }

    /// The URL of one, if it is served.
    pub(crate) fn get(&self, endpoint: &Endpoint) -> Option<&str> {
        self.iter().find(|(name, _)| *name == endpoint.name).and_then(|(_, url)| url)
    }

    /// Where each repository of the community is, by its id; empty when there is but this one.
    pub(crate) fn repositories(&self, settings: &Settings) -> BTreeMap<String, String> {
        let others = &settings.others.repositories;
        let others = others.iter().map(|(id, url)| (id.to_string(), url.to_string()));
        let mut all: BTreeMap<String, String> = others.collect();
        if let Some(own) = self.get(&REPOSITORY).filter(|_| !all.is_empty()) {
            all.insert(settings.ids.repository.to_string(), own.to_owned());
        }
        all
    }

    fn iter(&self) -> impl Iterator<Item = (&'static str, Option<&str>)> {
        ALL.iter().map(|e| e.name).zip(self.0.iter().map(Option::as_deref))
    }
}

impl Serialize for Endpoints {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(ALL.len()))?;
        for (name, url) in self.iter() {
            map.serialize_entry(name, &url)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Sources;
    use std::collections::HashSet;

    fn settings(actors: &str) -> Settings {
        let dir = tempfile::TempDir::new().unwrap();
        let set = vec![format!("actors={actors}")];
        Settings::load(&Sources { data_dir: dir.path().to_owned(), config: None, set }).unwrap()
    }

    #[test]
    fn every_row_has_a_name_and_a_path_of_its_own() {
        let mut names = HashSet::new();
        let mut places = HashSet::new();
        for endpoint in ALL {
            assert!(names.insert(endpoint.name), "{} twice", endpoint.name);
            // Messages of HL7 v2 say themselves where they belong.
            if let Some(listener) = endpoint.listener.filter(|l| *l != Listener::Mllp) {
                let place = (format!("{listener:?}"), endpoint.path);
                assert!(places.insert(place), "{} hides another", endpoint.name);
            }
        }
    }

    #[test]
    fn what_is_not_served_is_told_as_null() {
        let addresses = Addresses {
            systems: Some("https://h:1".to_owned()),
            mllp: Some("mllps://h:2".to_owned()),
            admin: None,
        };
        let all = Endpoints::new(&settings("registry,repository,patient_feed"), &addresses);
        assert_eq!(all.get(&REGISTRY), Some("https://h:1/xds/registry"));
        assert_eq!(all.get(&PATIENT_FEED), Some("mllps://h:2"));
        let told = serde_json::to_value(&all).unwrap();
        assert_eq!(told.as_object().unwrap().len(), ALL.len());
        assert_eq!(told["repository"], "https://h:1/xds/repository");
        assert!(told["admin"].is_null() && told["fhir"].is_null());
        let some = Endpoints::new(&settings("repository,patient_feed"), &addresses);
        assert_eq!((some.get(&REGISTRY), some.get(&PATIENT_FEED)), (None, None));
        assert!(!listens(&settings("repository,patient_feed"), Listener::Mllp));
    }
}
