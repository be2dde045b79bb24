//! Documents too large to hold: made while they are sent, checked while they arrive.

use crate::message::{self, Message};
use crate::peer::Peer;
use crate::sample;
use crate::wire;
use crate::world::{INITIATING_GATEWAY, REPOSITORY, RESPONDING_GATEWAY};
use anyhow::{Context, Result, ensure};
use openssl::sha::Sha1;
use renkei_metadata::ids::{Sha1Hash, UniqueId};
use renkei_soap::limits::MessageLimits;
use renkei_soap::message::{Event, MessageReader};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::transaction::ITI_39;
use std::time::{Duration, Instant};

/// Octets made, sent and checked at a time.
const BLOCK: usize = 256 * 1024;

/// A document whose octets follow from its size: a random block again and again, with its place
/// written into each, so that no two are the same.
#[derive(Clone, Debug)]
pub struct Pattern {
    size: u64,
    block: Vec<u8>,
    hash: Sha1Hash,
}

impl Pattern {
    /// A document of `size` octets.
    pub fn new(size: u64) -> Result<Self> {
        let block: Vec<u8> =
            uuid::Uuid::new_v4().into_bytes().into_iter().cycle().take(BLOCK).collect();
        let mut pattern = Self { size, block, hash: Sha1Hash::from_digest([0; 20]) };
        let mut hash = Sha1::new();
        pattern.each(|octets| {
            hash.update(octets);
            Ok(())
        })?;
        pattern.hash = Sha1Hash::from_digest(hash.finish());
        Ok(pattern)
    }

    /// Its size, octets.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Hands its octets out in order.
    pub fn each(&self, mut sink: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut block = self.block.clone();
        let mut at = 0;
        while at < self.size {
            for (place, octet) in block.iter_mut().zip(at.to_be_bytes()) {
                *place = octet;
            }
            let left = usize::try_from(self.size - at).unwrap_or(BLOCK).min(BLOCK);
            sink(block.get(..left).context("no block")?)?;
            at += left as u64;
        }
        Ok(())
    }
}

/// How fast octets go over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// As fast as they can.
    Full,
    /// So many octets a second, evenly.
    Limited(u64),
}

/// Keeps to a speed.
struct Pace {
    speed: Speed,
    started: Instant,
    done: u64,
}

impl Pace {
    fn new(speed: Speed) -> Self {
        Self { speed, started: Instant::now(), done: 0 }
    }

    /// Says that `octets` went, and waits until the next may go.
    fn went(&mut self, octets: usize) {
        self.done += octets as u64;
        if let Speed::Limited(each_second) = self.speed {
            let due = Duration::from_secs_f64(self.done as f64 / each_second as f64);
            std::thread::sleep(due.saturating_sub(self.started.elapsed()));
        }
    }
}

/// Octets sent or taken before the pace is looked at.
const STEP: usize = 32 * 1024;

/// Submits the document for a new patient (ITI-41); gives its uniqueId when that succeeded.
pub fn submit(peer: &Peer, authority: &str, document: &Pattern, speed: Speed) -> Result<UniqueId> {
    let mut entry = sample::entry(&sample::patient(authority), b"");
    entry.size = Some(document.size());
    entry.hash = Some(document.hash.clone());
    let unique_id = entry.unique_id.clone();
    let patient = entry.patient_id.clone().context("no patient")?;
    let message = message::provide_and_register(&sample::submission(&patient, vec![entry]), &[b""]);
    // The empty content stands between the header of its part and the closing boundary.
    let text = String::from_utf8_lossy(&message.body);
    let at = text.rfind("\r\n\r\n\r\n--").context("no part")? + 4;
    let (head, tail) = message.body.split_at_checked(at).context("no part")?;
    let mut wire = peer.connect()?;
    let length = message.body.len() as u64 + document.size();
    wire.send_head(REPOSITORY, &message.content_type, length)?;
    wire.send(head)?;
    let mut pace = Pace::new(speed);
    document.each(|octets| {
        for some in octets.chunks(STEP) {
            wire.send(some)?;
            pace.went(some.len());
        }
        Ok(())
    })?;
    wire.send(tail)?;
    let answer = wire.answer()?;
    ensure!(answer.text().contains("ResponseStatusType:Success"), "{}", answer.text());
    Ok(unique_id)
}

/// Retrieves the document (ITI-43) and compares every octet with what it has to be.
pub fn retrieve(peer: &Peer, unique_id: &UniqueId, wanted: &Pattern, speed: Speed) -> Result<()> {
    arrives(peer, REPOSITORY, &message::retrieve(&[peer.request(unique_id)]), wanted, speed)
}

/// The same as another community does (ITI-39).
pub fn retrieve_across(
    peer: &Peer,
    request: &DocumentRequest,
    wanted: &Pattern,
    speed: Speed,
) -> Result<()> {
    let message = message::retrieve_by(&ITI_39, std::slice::from_ref(request));
    arrives(peer, RESPONDING_GATEWAY, &message, wanted, speed)
}

/// Retrieves it through the gateway of a community (ITI-43), which asks another one for it.
pub fn retrieve_through(
    peer: &Peer,
    requests: &[DocumentRequest],
    wanted: &Pattern,
    speed: Speed,
) -> Result<()> {
    let message = message::retrieve(requests);
    arrives(peer, INITIATING_GATEWAY, &message, wanted, speed)
}

fn arrives(
    peer: &Peer,
    path: &str,
    message: &Message,
    wanted: &Pattern,
    speed: Speed,
) -> Result<()> {
    let mut wire = peer.connect()?;
    wire.send_post(path, &message.content_type, &message.body)?;
    let mut pace = Pace::new(speed);
    let mut reader = None;
    let mut hash = Sha1::new();
    let mut size = 0u64;
    wire.answer_to(|head, bytes| {
        if reader.is_none() {
            let content_type = wire::header(head, "content-type").unwrap_or_default();
            reader = Some(MessageReader::new(content_type, &MessageLimits::default())?);
        }
        let reader = reader.as_mut().context("no reader")?;
        reader.push(bytes.to_vec().into());
        loop {
            match reader.next()? {
                Event::Data(octets) => {
                    hash.update(&octets);
                    size += octets.len() as u64;
                }
                Event::NeedMore | Event::End => break,
                Event::Root(_) | Event::PartStart(_) | Event::PartEnd => {}
            }
        }
        pace.went(bytes.len());
        Ok(())
    })?;
    ensure!(size == wanted.size(), "{size} octets of {}", wanted.size());
    let found = Sha1Hash::from_digest(hash.finish());
    ensure!(found == wanted.hash, "other octets: {found}");
    Ok(())
}
