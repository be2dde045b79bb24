//! Other communities through the Initiating Gateway: a query over three of them beside one to the slowest alone,
//! beside each other and as far apart as communities are; a document that takes two hops beside one that takes
//! one, and how many queries one core puts together.

use crate::Plan;
use crate::distance;
use crate::load::{Load, Request};
use crate::report::{self, Figure, Goal, Pairs};
use crate::scene::{Scene, pin, processor_time};
use anyhow::{Context, Result, ensure};
use openssl::ssl::SslConnector;
use renkei_metadata::ids::{HomeCommunityId, PatientId, RepositoryUniqueId};
use renkei_metadata::model::AvailabilityStatus;
use renkei_tests::message::Message;
use renkei_tests::process::{Form, Renkei, Start};
use renkei_tests::world::{INITIATING_GATEWAY, REPOSITORY, RESPONDING_GATEWAY};
use renkei_tests::{community, message, sample, wire};
use renkei_xds::iti18::{AdhocQuery, QueryBuilder};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::transaction::ITI_38;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Octets of the document.
const SIZE: usize = 1_000_000;
/// How long a message is under way to a community in the same country: there and back are 20 ms.
const ONE_WAY: Duration = Duration::from_millis(10);
/// Connections of the rows that say how much goes through.
const CONNECTIONS: usize = 8;

/// A community that the scene's asks, on the core of the load.
struct Other {
    renkei: Renkei,
    home: HomeCommunityId,
    connector: SslConnector,
    /// What it gave the scene's program to show.
    identity: PathBuf,
    /// Where it is reached.
    port: u16,
}

impl Other {
    fn start(scene: &Scene) -> Result<Self> {
        let authority = &scene.renkei.ready.assigning_authority;
        let renkei = Start::new(Form::PLAIN)
            .set("limits.workers=1")
            .set(&format!("ids.assigning_authority={authority}"))
            .go()?;
        pin(renkei.ready.pid, "1");
        let roles = ["source", "consumer", "gateway"];
        let identity = renkei.identities().issue("load", &roles)?;
        let connector = wire::connector(&renkei.ready.ca, Some(&identity))?;
        let home = HomeCommunityId::parse(&renkei.ready.home_community_id)?;
        let mut other = Self { port: renkei.port(), renkei, home, connector, identity };
        other.enter(scene, other.port)?;
        Ok(other)
    }

    /// Has the scene's program and the load reach it at `port`.
    fn enter(&mut self, scene: &Scene, port: u16) -> Result<()> {
        let url = self.renkei.ready.endpoints.responding_gateway.as_deref();
        let mut url = Url::parse(url.context("no gateway")?)?;
        url.set_port(Some(port)).map_err(|()| anyhow::anyhow!("no port in {url}"))?;
        let identity = self.identity.display().to_string();
        self.port = port;
        community::enter(
            &scene.renkei,
            self.home.as_str(),
            url.as_str(),
            &["--identity", &identity],
        )
    }

    /// Moves it away.
    fn go_far(&mut self, scene: &Scene) -> Result<()> {
        let port = distance::away(self.renkei.port(), ONE_WAY)?;
        self.enter(scene, port)
    }

    /// One run against it alone.
    fn alone(&self, load: &Load<'_>) -> Result<Figure> {
        let before = processor_time(self.renkei.ready.pid)?;
        let stats = load.run(self.port)?;
        Ok(Figure::new(&stats, processor_time(self.renkei.ready.pid)? - before))
    }

    fn load<'l>(
        &'l self,
        scene_load: &Load<'l>,
        next: &'l (dyn Fn() -> Request + Sync),
    ) -> Load<'l> {
        Load { connector: &self.connector, next, ..*scene_load }
    }
}

/// Ten documents of a patient.
fn ten(connector: &SslConnector, port: u16, patient: &PatientId) -> Result<()> {
    let mut wire = wire::Wire::connect(connector, port)?;
    for n in 0..10u8 {
        let message = message::provide_and_register(&sample::one(patient, &[n]), &[&[n]]);
        let answer = wire.post(REPOSITORY, &message.content_type, &message.body)?;
        ensure!(answer.text().contains("ResponseStatusType:Success"), "{}", answer.text());
    }
    Ok(())
}

fn entries(body: &[u8]) -> usize {
    memchr::memmem::find_iter(body, b"</rim:ExtrinsicObject>").count()
}

/// All rows.
pub(crate) fn run(scene: &Scene, plan: Plan) -> Result<()> {
    let mut others = [Other::start(scene)?, Other::start(scene)?];
    // What is entered holds within a second.
    community::noticed(&scene.renkei)?;
    let patient = sample::patient(&scene.renkei.ready.assigning_authority);
    ten(&scene.connector, scene.renkei.port(), &patient)?;
    for other in &others {
        ten(&other.connector, other.renkei.port(), &patient)?;
    }
    let [first, _] = &others;
    let near = "ITI-18 over three communities of one machine, one after the other";
    beside_the_slowest(scene, plan, &patient, first, (near, None))?;
    two_hops(scene, plan, &patient, first)?;
    over_two(scene, plan, &patient, first)?;
    for other in &mut others {
        other.go_far(scene)?;
    }
    community::noticed(&scene.renkei)?;
    let [first, _] = &others;
    let goal = Goal { must: 1.0 / 1.3, aim: 1.0 };
    let far = "ITI-18 over three communities, two of them 20 ms away, one after the other";
    beside_the_slowest(scene, plan, &patient, first, (far, Some(goal)))
}

fn find(patient: &PatientId) -> AdhocQuery {
    QueryBuilder::find_documents(patient, &[AvailabilityStatus::Approved]).build()
}

fn post(path: &'static str, message: impl Fn() -> Message + Sync) -> impl Fn() -> Request + Sync {
    move || Request::Post(path, message())
}

/// The others are alike: either is the slowest.
fn beside_the_slowest(
    scene: &Scene,
    plan: Plan,
    patient: &PatientId,
    other: &Other,
    (what, goal): (&str, Option<Goal>),
) -> Result<()> {
    let (to_all, to_one) = (
        post(INITIATING_GATEWAY, || message::query(&find(patient))),
        post(RESPONDING_GATEWAY, || message::query_by(&ITI_38, &find(patient))),
    );
    let all = Load {
        connector: &scene.connector,
        connections: 1,
        each: plan.each,
        next: &to_all,
        right: &|body| entries(body) >= 30,
    };
    let one = Load { right: &|body| entries(body) >= 10, ..other.load(&all, &to_one) };
    let mut pairs = Pairs::default();
    scene.ours(&all)?;
    other.alone(&one)?;
    for _ in 0..plan.pairs {
        let (ours, _) = scene.ours(&all)?;
        pairs.push(ours, other.alone(&one)?);
    }
    report::ratio(what, "ITI-38 to one, there", goal, &pairs);
    Ok(())
}

fn two_hops(scene: &Scene, plan: Plan, patient: &PatientId, other: &Other) -> Result<()> {
    let content = vec![0x41; SIZE];
    let entry = sample::entry(patient, &content);
    let here = DocumentRequest {
        home: None,
        repository: RepositoryUniqueId::parse(&other.renkei.ready.repository_unique_id)?,
        unique_id: entry.unique_id.clone(),
    };
    let there = DocumentRequest { home: Some(other.home.clone()), ..here.clone() };
    let submission = sample::submission(patient, vec![entry]);
    let message = message::provide_and_register(&submission, &[&content]);
    let mut wire = wire::Wire::connect(&other.connector, other.renkei.port())?;
    let answer = wire.post(REPOSITORY, &message.content_type, &message.body)?;
    ensure!(answer.text().contains("ResponseStatusType:Success"), "{}", answer.text());
    let through = post(INITIATING_GATEWAY, || message::retrieve(std::slice::from_ref(&there)));
    let direct = post(REPOSITORY, || message::retrieve(std::slice::from_ref(&here)));
    let gateway = Load {
        connector: &scene.connector,
        connections: CONNECTIONS,
        each: plan.each,
        next: &through,
        right: &|body| body.len() > SIZE,
    };
    let alone = other.load(&gateway, &direct);
    let mut pairs = Pairs::default();
    scene.ours(&gateway)?;
    other.alone(&alone)?;
    for _ in 0..plan.pairs {
        let (ours, _) = scene.ours(&gateway)?;
        pairs.push(ours, other.alone(&alone)?);
    }
    let what = format!("ITI-43, 1 MB of another community, {CONNECTIONS} connections");
    report::ratio(&what, "ITI-43 there", Some(Goal { must: 0.5, aim: 0.8 }), &pairs);
    Ok(())
}

fn over_two(scene: &Scene, plan: Plan, patient: &PatientId, other: &Other) -> Result<()> {
    let own = &scene.renkei.ready.home_community_id;
    let list = format!("('{own}','{}')", other.home);
    let listing = || {
        let mut query = find(patient);
        query.params.push(("$targetCommunityIdList".to_owned(), vec![list.clone()]));
        message::query(&query)
    };
    let to_two = post(INITIATING_GATEWAY, listing);
    let to_one = post(RESPONDING_GATEWAY, || message::query_by(&ITI_38, &find(patient)));
    let two = Load {
        connector: &scene.connector,
        connections: CONNECTIONS,
        each: plan.each,
        next: &to_two,
        right: &|body| entries(body) >= 20,
    };
    let one = Load { right: &|body| entries(body) >= 10, ..other.load(&two, &to_one) };
    let mut pairs = Pairs::default();
    scene.ours(&two)?;
    for _ in 0..plan.pairs {
        let (ours, _) = scene.ours(&two)?;
        pairs.push(ours, other.alone(&one)?);
    }
    let what = format!("ITI-18 over two communities, {CONNECTIONS} connections, one core");
    report::ratio(&what, "ITI-38 to one", None, &pairs);
    report::least(200.0, "queries/s", &pairs);
    Ok(())
}
