//! The house of the examples. Its ids are of the arc for examples (2.999, ITU-T X.660 | ISO/IEC 9834-1),
//! so that what it answers can be compared.

use anyhow::{Context, Result};
use renkei_metadata::ids::{EntryUuid, HomeCommunityId, ObjectId, PatientId, RepositoryUniqueId};
use renkei_tests::mllp::Feed;
use renkei_tests::world::Caller;
use renkei_tests::{Form, Renkei, Start, sample};
use uuid::Uuid;

const HOME: &str = "urn:oid:2.999.1";
const REPOSITORY: &str = "2.999.1.1";
const AUTHORITY: &str = "2.999.1.2";
const SOURCE: &str = "2.999.1.3";

/// The settings that make a house this one.
pub(crate) fn settings() -> Vec<String> {
    vec![
        format!("ids.home_community={HOME}"),
        format!("ids.repository={REPOSITORY}"),
        format!("ids.assigning_authority={AUTHORITY}"),
        format!("ids.source={SOURCE}"),
        // ITI-56 is off by default.
        "gateway.tells_locations=true".to_owned(),
    ]
}

/// The roles of the one identity that sends every example.
pub(crate) const ROLES: [&str; 6] =
    ["source", "consumer", "repository", "administrator", "feed", "gateway"];

/// A running house, and who talks to it.
pub(crate) struct House {
    pub(crate) renkei: Renkei,
    pub(crate) me: Caller,
}

impl House {
    /// Starts one where only announced patients have documents.
    pub(crate) fn start() -> Result<Self> {
        Self::start_with(settings())
    }

    /// One that tells consumers of changed identifiers, too.
    pub(crate) fn start_telling(consumers: String) -> Result<Self> {
        Self::start_with(settings().into_iter().chain([consumers]).collect())
    }

    fn start_with(settings: Vec<String>) -> Result<Self> {
        let start = Start::new(Form::PLAIN).set("patient.policy=known-only");
        let renkei = settings.iter().fold(start, |start, setting| start.set(setting)).go()?;
        let me = Caller::new(&renkei, "me", renkei.identities().issue("me", &ROLES)?)?;
        Ok(Self { renkei, me })
    }

    /// The port of the patient feed.
    pub(crate) fn feed_port(&self) -> Result<u16> {
        let address = self.renkei.ready.endpoints.patient_feed.as_deref().context("no feed")?;
        Ok(address.rsplit_once(':').context("no port")?.1.parse()?)
    }

    /// A connection to the patient feed.
    pub(crate) fn feed(&self) -> Result<Feed> {
        Feed::connect(self.me.connector(), self.feed_port()?)
    }
}

/// The community.
pub(crate) fn home() -> Option<HomeCommunityId> {
    HomeCommunityId::parse(HOME).ok()
}

/// The repository of the house.
pub(crate) fn repository() -> RepositoryUniqueId {
    RepositoryUniqueId(sample::oid(REPOSITORY))
}

/// A patient of the examples by number.
pub(crate) fn patient(number: u32) -> PatientId {
    PatientId { id: format!("P-{number}"), authority: sample::oid(AUTHORITY) }
}

/// An id that an example gives, by number.
pub(crate) fn uuid(number: u32) -> EntryUuid {
    EntryUuid(Uuid::from_u128(0xa000_0000_0000_4000_8000_0000_0000_0000 | u128::from(number)))
}

/// The same as the id of an object.
pub(crate) fn id(number: u32) -> ObjectId {
    ObjectId::Uuid(uuid(number))
}
