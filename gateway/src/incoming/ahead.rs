//! What is read of a sender before the answer is begun: its beginning, or all of it where others are given beside it.

use super::arriving::Arriving;
use super::pace::Pace;
use super::share::Share;
use super::spool::Place;
use super::{Expecting, Incoming, Lost};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use renkei_client::{Body, ClientError, Document};
use std::time::{Duration, Instant};
use tokio::time::timeout_at;

/// Octets of one sender that are held in memory: a checkup of several years has less.
const HELD: usize = 1 << 20;

/// How long the end of a message is waited for whose documents are all here.
const END: Duration = Duration::from_secs(2);

/// Under which terms it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<'a> {
    /// When the answer begins with whatever is there.
    pub(crate) deadline: Instant,
    /// Where everything waits until it is whole; `None`: what is more than is held streams on.
    pub(crate) share: Option<&'a Share>,
}

/// What came of a sender until the answer is begun.
#[derive(Default)]
pub(crate) struct Gathered {
    /// Documents that are there.
    pub(crate) whole: Vec<(Expecting, Document)>,
    /// What else comes.
    pub(crate) rest: Option<Incoming>,
    /// Documents that do not come, and why.
    pub(crate) lost: Vec<(Expecting, Lost)>,
}

/// How far a document came.
enum Read {
    /// Its mimeType, and the pieces in which it came: put together, they would be copied once more.
    Whole(String, Vec<Bytes>),
    /// It is larger than what may be held.
    More(Box<Arriving>),
    Lost(Lost),
}

impl<'a> Terms<'a> {
    /// Until `deadline` at the latest, and no longer than what is given together is waited for.
    pub(crate) fn new(deadline: Instant, share: Option<&'a Share>) -> Self {
        let deadline = share.map_or(deadline, |share| deadline.min(share.deadline));
        Self { deadline, share }
    }

    /// What is lost that is not there at the deadline.
    pub(super) fn late(self, pace: &mut Pace) -> Lost {
        match self.share {
            Some(_) if !pace.stands_still(Instant::now()) => Lost::Large,
            _ => Lost::Silent,
        }
    }

    pub(super) fn is_over(self) -> bool {
        Instant::now() >= self.deadline
    }
}

impl Incoming {
    /// Reads until the deadline, or until all is there that the terms want there.
    pub(crate) async fn gathered(mut self, terms: Terms<'_>) -> Gathered {
        let mut gathered = Gathered::default();
        let (mut room, mut pace) = (HELD, Pace::new(Instant::now()));
        let mut place = terms.share.map(Place::new);
        while !terms.is_over() {
            if self.names.is_empty() && self.open.is_none() {
                return gathered.ended(self, terms.deadline).await;
            }
            let Ok(next) = timeout_at(terms.deadline.into(), self.next()).await else { break };
            let Some((expecting, arriving)) = next else {
                return gathered.ended(self, terms.deadline).await;
            };
            let document = match arriving.read(room, terms, &mut pace).await {
                Read::Whole(mime_type, pieces) => Ok(held(mime_type, pieces, &mut room)),
                Read::Lost(lost) => Err(lost),
                Read::More(arriving) => match &mut place {
                    Some(place) => place.keep(*arriving, terms, &mut pace).await,
                    None => {
                        self.open = Some((expecting, *arriving));
                        gathered.rest = Some(self);
                        return gathered;
                    }
                },
            };
            match document {
                Ok(document) => gathered.whole.push((expecting, document)),
                Err(lost) => gathered.lost.push((expecting, lost)),
            }
        }
        // What of a document was of no use was passed over, and says nothing of the sender's pace.
        let is_skipping = gathered.lost.iter().any(|(_, lost)| lost.is_passed_over());
        let lost = if is_skipping { Lost::Large } else { terms.late(&mut pace) };
        if lost == Lost::Silent {
            self.asked.failed();
        }
        gathered.lose(self, lost);
        gathered
    }
}

/// A document that is there, which leaves so much less room for others.
fn held(mime_type: String, pieces: Vec<Bytes>, room: &mut usize) -> Document {
    let length = pieces.iter().map(Bytes::len).sum();
    *room = room.saturating_sub(length);
    let stream = stream::iter(pieces.into_iter().map(Ok)).boxed();
    Document { mime_type, body: Body::Stream { length: Some(length as u64), stream } }
}

impl Gathered {
    /// Nothing more comes.
    async fn ended(mut self, mut incoming: Incoming, deadline: Instant) -> Self {
        let names = std::mem::take(&mut incoming.names);
        let Incoming { retrieval, asked, .. } = incoming;
        // Who has sent everything and does not end keeps nobody waiting.
        let soon = Instant::now() + END;
        let deadline = if names.is_empty() { deadline.min(soon) } else { deadline };
        let end = timeout_at(deadline.into(), retrieval.end()).await.map(|end| end.map(drop));
        match &end {
            Ok(end) => asked.ended(Some(end.as_ref().copied())),
            Err(_) if names.is_empty() => asked.ended(Some(Ok(()))),
            Err(_) => asked.ended(None),
        }
        if matches!(end, Ok(Err(ClientError::Audit(_)))) {
            // What is not on record is not given.
            let whole = std::mem::take(&mut self.whole);
            self.lost.extend(whole.into_iter().map(|(expecting, _)| (expecting, Lost::Broken)));
        }
        let lost = if matches!(end, Ok(Ok(()))) { Lost::Missing } else { Lost::Broken };
        self.lost.extend(names.into_values().map(|expecting| (expecting, lost)));
        self
    }

    fn lose(&mut self, incoming: Incoming, lost: Lost) {
        let names = incoming.names.into_values();
        self.lost.extend(names.map(|expecting| (expecting, lost)));
    }
}

impl Arriving {
    async fn read(mut self, room: usize, terms: Terms<'_>, pace: &mut Pace) -> Read {
        let mut length = 0;
        loop {
            match self.piece(terms, pace).await {
                Err(lost) => return Read::Lost(lost),
                Ok(None) => return Read::Whole(self.mime_type, self.came.pieces()),
                Ok(Some(piece)) => {
                    length += piece.len();
                    self.came.push(piece);
                    if length > room {
                        return Read::More(Box::new(self));
                    }
                }
            }
        }
    }

    /// The next octets; `None` at the end of a document that is what was expected.
    pub(super) async fn piece(
        &mut self,
        terms: Terms<'_>,
        pace: &mut Pace,
    ) -> Result<Option<Bytes>, Lost> {
        let next = timeout_at(terms.deadline.into(), self.octets.next()).await;
        match next {
            _ if terms.is_over() => Err(terms.late(pace)),
            Err(_) => Err(terms.late(pace)),
            Ok(Some(Err(_))) => Err(Lost::Broken),
            Ok(None) if self.check.ended().is_some() => Err(Lost::Differs),
            Ok(None) => Ok(None),
            Ok(Some(Ok(piece))) => {
                pace.came(piece.len(), Instant::now());
                match self.check.take(&piece) {
                    Some(_) => Err(Lost::Differs),
                    None => Ok(Some(piece)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{arriving, pieces};
    use super::*;
    use std::time::Duration;

    /// How far a document comes of which these pieces arrive.
    async fn read(came: &[&str], then: Option<&str>, size: u64) -> Result<String, Lost> {
        let arriving = arriving(pieces(came), then, size);
        let deadline = Instant::now() + Duration::from_millis(50);
        let terms = Terms { deadline, share: None };
        match arriving.read(4, terms, &mut Pace::new(Instant::now())).await {
            Read::Whole(_, pieces) => Ok(String::from_utf8(pieces.concat()).unwrap()),
            Read::More(arriving) => {
                let came = arriving.came.pieces().concat();
                Ok(format!("{} and more", String::from_utf8(came).unwrap()))
            }
            Read::Lost(lost) => Err(lost),
        }
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_small_document_is_known_before_it_leaves() {
        assert_eq!(read(&["a", "bc"], None, 3).await.unwrap(), "abc");
        assert_eq!(read(&["a", "bc"], None, 4).await, Err(Lost::Differs));
        assert_eq!(read(&["a", "bc"], None, 2).await, Err(Lost::Differs));
        assert_eq!(read(&["a"], Some("breaks"), 3).await, Err(Lost::Broken));
        assert_eq!(read(&["a"], Some("hangs"), 3).await, Err(Lost::Silent));
        assert_eq!(read(&["ab", "cd", "e", "f"], None, 6).await.unwrap(), "abcde and more");
    }
}
