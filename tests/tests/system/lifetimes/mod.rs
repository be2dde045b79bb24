//! Random lives of documents over the network, from submission to removal: by one server, and by two at
//! the same moment on one database. After every step what each of them answers is what a list of
//! documents says, and the house is whole.

mod decide;
mod messages;
mod reference;
mod seen;

use crate::life::Dice;
use anyhow::{Context, Result, ensure};
use decide::decide;
use messages::{Prepared, Writer};
use reference::{House, Operation};
use renkei_metadata::ids::{PatientId, RepositoryUniqueId};
use renkei_tests::mllp::Feed;
use renkei_tests::peer::Peer;
use renkei_tests::{Form, Renkei, Start, postgres, sample, whole, wire};
use seen::Seen;
use std::path::Path;
use std::time::Duration;

/// How many patients there are.
const PATIENTS: usize = 3;
const SETTLED: Duration = Duration::from_secs(10);

/// A server and the connections to it.
struct Server {
    renkei: Renkei,
    peer: Peer,
    feed: Feed,
}

impl Server {
    fn of(renkei: Renkei, identity: &Path) -> Result<Self> {
        let peer = Peer::new(&renkei, identity)?;
        let connector = wire::connector(&renkei.ready.ca, Some(identity))?;
        let address = renkei.ready.endpoints.patient_feed.as_deref().context("no feed")?;
        let port = address.rsplit_once(':').context("no port")?.1.parse()?;
        let feed = Feed::connect(&connector, port)?;
        Ok(Self { renkei, peer, feed })
    }
}

#[test]
fn documents_live_as_they_should_in_every_form() -> Result<()> {
    for (seed, form) in Form::all().into_iter().enumerate() {
        let seed = 0x5851_f42d_4c95_7f2d ^ seed as u64;
        run(Start::new(form), false, (seed, 20)).with_context(|| format!("{form:?}"))?;
    }
    Ok(())
}

#[test]
fn documents_live_as_they_should_while_two_servers_work_at_once() -> Result<()> {
    if postgres::server().is_none() {
        eprintln!("note: no PostgreSQL here, left out");
        return Ok(());
    }
    let form = Form { postgres: true, wired: false };
    run(Start::new(form), true, (0x1405_7b7e_f767_814f, 40))
}

fn run(start: Start, two: bool, (seed, steps): (u64, usize)) -> Result<()> {
    let renkei = start.clone().go()?;
    let roles = ["source", "consumer", "administrator", "repository", "feed"];
    let identity = renkei.identities().issue("peer", &roles)?;
    let other = if two { Some(start.beside(&renkei)?) } else { None };
    let patients: Vec<PatientId> =
        (0..PATIENTS).map(|_| sample::patient(&renkei.ready.assigning_authority)).collect();
    let repository = RepositoryUniqueId::parse(&renkei.ready.repository_unique_id)?;
    let mut servers = vec![Server::of(renkei, &identity)?];
    if let Some(other) = other {
        servers.push(Server::of(other, &identity)?);
    }
    let (mut house, mut seen, mut dice) = (House::default(), Seen::default(), Dice::new(seed));
    for step in 0..steps {
        let operations: Vec<Operation> =
            servers.iter().map(|_| decide(&house, &mut dice)).collect();
        let writer = Writer {
            patients: &patients,
            repository: &repository,
            seen: &seen,
            documents: &house.documents,
        };
        let mut messages = Vec::new();
        for (operation, server) in operations.iter().zip(&mut servers) {
            messages.push(writer.prepare(operation, server)?);
        }
        let ended = at_once(&messages, &mut servers)
            .with_context(|| format!("step {step}: {operations:?}"))?;
        let number = step % servers.len();
        seen = Seen::of(&mut servers[number].peer, &patients)?;
        house = fitting(&house, &operations, &ended, (&seen, &patients))
            .with_context(|| format!("step {step}: {operations:?}: {ended:?}"))?;
        seen.is_whole().with_context(|| format!("step {step}: {operations:?}"))?;
        is_kept(&house, &mut servers[number].peer).with_context(|| format!("step {step}"))?;
        let place = &servers[0].renkei;
        let counts = whole::settled(place.place(), &place.settings(), SETTLED)?;
        ensure!(counts.faults() == [0; 4], "step {step}: {operations:?}: {counts:?}");
    }
    for server in &mut servers {
        ensure!(Seen::of(&mut server.peer, &patients)? == seen, "another server has others");
    }
    Ok(())
}

/// Sends each message to a server of its own, all at the same moment.
fn at_once(messages: &[Prepared], servers: &mut [Server]) -> Result<Vec<(bool, String)>> {
    std::thread::scope(|scope| {
        let sent: Vec<_> = messages
            .iter()
            .zip(servers)
            .map(|(message, server)| scope.spawn(|| message.send(server)))
            .collect();
        sent.into_iter()
            .map(|thread| thread.join().map_err(|_| anyhow::anyhow!("a peer failed"))?)
            .collect()
    })
}

/// What there is by one order of the operations that fits what was answered and what is seen.
fn fitting(
    house: &House,
    operations: &[Operation],
    ended: &[(bool, String)],
    (seen, patients): (&Seen, &[PatientId]),
) -> Result<House> {
    let orders: [Vec<usize>; 2] =
        [(0..operations.len()).collect(), (0..operations.len()).rev().collect()];
    let mut last = Err(anyhow::anyhow!("no order of the operations fits the answers"));
    for order in orders {
        let mut after = house.clone();
        let fits = order.iter().all(|n| match after.after(&operations[*n]) {
            Some(next) => {
                after = next;
                ended[*n].0
            }
            None => !ended[*n].0,
        });
        if fits {
            last = seen.is(&after, patients).map(|()| after);
            if last.is_ok() {
                break;
            }
        }
    }
    last
}

/// What the repository has is what was submitted and not removed.
fn is_kept(house: &House, peer: &mut Peer) -> Result<()> {
    for document in &house.documents {
        let Some(content) = &document.content else { continue };
        let found = peer.document(&document.unique_id)?;
        let expected = document.kept.then_some(content);
        ensure!(found.as_ref() == expected, "{} is kept otherwise", document.unique_id);
    }
    Ok(())
}
