//! A document of another community: from its repository through its Responding Gateway and our Initiating Gateway
//! to the consumer, in flat memory at both.

use crate::{ALONE_HERE, GROWTH, MEGABYTE};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{HomeCommunityId, UniqueId};
use renkei_tests::peer::Peer;
use renkei_tests::stream::{self, Pattern, Speed};
use renkei_tests::world::{Caller, INITIATING_GATEWAY};
use renkei_tests::{Form, Renkei, Start, community, message, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn a_gigabyte_over_two_hops() {
    over_two_hops(1_000 * MEGABYTE, Given::Alone).unwrap();
}

#[test]
fn what_waits_on_disk_until_it_is_whole() {
    over_two_hops(300 * MEGABYTE, Given::Beside).unwrap();
}

/// Whether documents of somebody else are asked for in the same question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given {
    Alone,
    Beside,
}

/// Two communities, of which the near one asks the far one.
struct Hops {
    near: Renkei,
    far: Renkei,
    consumer: Caller,
    reader: Peer,
    source: Peer,
    home: HomeCommunityId,
}

impl Hops {
    fn start() -> Result<Self> {
        let (near, far) = (Start::new(Form::PLAIN).go()?, Start::new(Form::PLAIN).go()?);
        let home = HomeCommunityId::parse(&far.ready.home_community_id)?;
        let url = far.ready.endpoints.responding_gateway.clone().context("no gateway")?;
        let identity = far.identities().issue("near", &["gateway"])?.display().to_string();
        community::enter(&near, home.as_str(), &url, &["--identity", &identity])?;
        community::noticed(&near)?;
        let reads = near.identities().issue("reader", &["consumer"])?;
        let gives = far.identities().issue("source", &["source"])?;
        let (reader, source) = (Peer::new(&near, &reads)?, Peer::new(&far, &gives)?);
        let consumer = Caller::new(&near, "reader", reads)?;
        Ok(Self { near, far, consumer, reader, source, home })
    }

    /// Has the near gateway see the entry, so that it compares the document with it.
    fn sees(&self, unique_id: &UniqueId) -> Result<()> {
        let query = QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(unique_id));
        let query = message::query(&query.home(&self.home).build());
        let found = self.consumer.post(INITIATING_GATEWAY, &query)?.query()?;
        ensure!(found.objects.len() == 1, "{found:?}");
        Ok(())
    }

    /// There by ITI-41, and back through both.
    fn pass(&self, document: &Pattern, given: Given) -> Result<Duration> {
        let authority = &self.far.ready.assigning_authority;
        let unique_id = stream::submit(&self.source, authority, document, Speed::Full)?;
        self.sees(&unique_id)?;
        let request =
            DocumentRequest { home: Some(self.home.clone()), ..self.source.request(&unique_id) };
        let mut requests = vec![request];
        if given == Given::Beside {
            // Nobody has it, which is not known until our own repository has said so.
            requests.push(self.reader.request(&sample::new_unique_id()));
        }
        let started = Instant::now();
        stream::retrieve_through(&self.reader, &requests, document, Speed::Full)?;
        Ok(started.elapsed())
    }

    fn resident(&self) -> Result<[u64; 2]> {
        Ok([self.near.resident_bytes()?, self.far.resident_bytes()?])
    }
}

fn over_two_hops(octets: u64, given: Given) -> Result<()> {
    let _alone = ALONE_HERE.lock();
    let hops = Hops::start()?;
    // What connections and buffers take once.
    hops.pass(&Pattern::new(16 * MEGABYTE)?, given)?;
    let before = hops.resident()?;
    let document = Pattern::new(octets)?;
    let done = AtomicBool::new(false);
    let (took, most) = thread::scope(|scope| -> Result<_> {
        let watch = scope.spawn(|| -> Result<[u64; 2]> {
            let mut most = before;
            while !done.load(Ordering::Relaxed) {
                for (most, now) in most.iter_mut().zip(hops.resident()?) {
                    *most = now.max(*most);
                }
                thread::sleep(Duration::from_millis(50));
            }
            Ok(most)
        });
        let took = hops.pass(&document, given);
        done.store(true, Ordering::Relaxed);
        let most = watch.join().map_err(|_| anyhow::anyhow!("the watch"))??;
        Ok((took?, most))
    })?;
    for ((gateway, before), most) in ["initiating", "responding"].iter().zip(before).zip(most) {
        let growth = most.saturating_sub(before);
        eprintln!(
            "{octets} octets over two hops ({given:?}) in {:.1} s: {gateway} gateway {} MB, growth {} MB",
            took.as_secs_f64(),
            most >> 20,
            growth >> 20
        );
        ensure!(growth < GROWTH, "the {gateway} gateway grew by {growth} octets");
    }
    Ok(())
}
