//! The bytes of an answer in few pieces: what is there already goes out together, what has to be waited
//! for is waited for when its turn comes.

use super::answer::BrokenOff;
use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;
use bytes::Bytes;
use futures_util::stream::{self, LocalBoxStream};
use futures_util::{FutureExt, StreamExt};

/// Octets that come one piece after the other.
pub(super) type Octets = LocalBoxStream<'static, Result<Bytes, BrokenOff>>;

/// How much of the streams of an answer is taken before its first byte leaves: a small answer is one
/// buffer, and a large one holds no more than this.
const AHEAD: usize = 64 * 1024;

/// Octets from which on a piece is handed over as it is: copying it costs more than a buffer of its own.
const APART: usize = 32 * 1024;

/// An answer under construction.
pub(super) struct Buffers {
    pieces: Vec<Octets>,
    /// What goes out next.
    open: Vec<u8>,
    /// Octets taken from streams.
    taken: usize,
    /// The octets of everything, if they are known.
    length: Option<u64>,
}

impl Buffers {
    /// Begins with a text.
    pub(super) fn new(text: String) -> Self {
        let length = Some(text.len() as u64);
        Self { pieces: Vec::new(), open: text.into_bytes(), taken: 0, length }
    }

    /// Adds octets that are there.
    pub(super) fn octets(&mut self, octets: &[u8]) {
        self.count(Some(octets.len() as u64));
        self.open.extend_from_slice(octets);
    }

    /// Adds what streams; `size` as far as it is known. What is ready is taken at once.
    pub(super) fn stream(&mut self, size: Option<u64>, mut octets: Octets) {
        let mut ready = 0u64;
        while self.taken < AHEAD {
            match octets.next().now_or_never() {
                Some(Some(Ok(piece))) => {
                    ready += piece.len() as u64;
                    self.taken += piece.len();
                    self.add(piece);
                }
                Some(Some(Err(error))) => return self.break_off(size, error),
                Some(None) if size.is_some_and(|size| size != ready) => {
                    return self.break_off(size, BrokenOff("another size".to_owned()));
                }
                Some(None) => return self.count(Some(ready)),
                None => break,
            }
        }
        self.count(size);
        self.push(octets);
    }

    fn break_off(&mut self, size: Option<u64>, error: BrokenOff) {
        self.count(size);
        self.push(stream::iter([Err(error)]).boxed_local());
    }

    fn add(&mut self, piece: Bytes) {
        if piece.len() < APART {
            self.open.extend_from_slice(&piece);
        } else {
            self.push(stream::iter([Ok(piece)]).boxed_local());
        }
    }

    fn count(&mut self, octets: Option<u64>) {
        self.length = self.length.zip(octets).and_then(|(all, more)| all.checked_add(more));
    }

    fn push(&mut self, octets: Octets) {
        self.flush();
        self.pieces.push(octets);
    }

    fn flush(&mut self) {
        let open = std::mem::take(&mut self.open);
        if !open.is_empty() {
            self.pieces.push(stream::iter([Ok(Bytes::from(open))]).boxed_local());
        }
    }

    /// Everything, if nothing of it has to be waited for.
    pub(super) fn whole(&self) -> Option<&[u8]> {
        self.pieces.is_empty().then_some(self.open.as_slice())
    }

    /// Everything, when it has come; `None` when it is more than `most` octets or breaks off.
    pub(super) async fn collect(mut self, most: usize) -> Option<Vec<u8>> {
        self.flush();
        let mut pieces = stream::iter(self.pieces).flatten();
        let mut all = Vec::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece.ok()?;
            if all.len().saturating_add(piece.len()) > most {
                return None;
            }
            all.extend_from_slice(&piece);
        }
        Some(all)
    }

    /// The response. It has a Content-Length where the octets are known, so that a peer can tell a
    /// broken answer from a whole one.
    pub(super) fn respond(mut self, content_type: String) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response.insert_header((CONTENT_TYPE, content_type));
        if self.pieces.is_empty() {
            return response.body(self.open);
        }
        self.flush();
        if let Some(length) = self.length {
            response.no_chunking(length);
        }
        response.streaming(stream::iter(self.pieces).flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::{BodySize, MessageBody, to_bytes};
    use std::time::Duration;

    fn pieces(pieces: &[&'static str]) -> Octets {
        let pieces: Vec<_> = pieces.iter().map(|p| Ok(Bytes::from_static(p.as_bytes()))).collect();
        stream::iter(pieces).boxed_local()
    }

    async fn sent(buffers: Buffers) -> (BodySize, usize, Vec<u8>) {
        let count = buffers.pieces.len();
        let body = buffers.respond("text/plain".to_owned()).into_body();
        (body.size(), count, to_bytes(body).await.unwrap().to_vec())
    }

    #[actix_web::test]
    async fn what_is_ready_is_one_buffer() {
        let mut buffers = Buffers::new("a".to_owned());
        buffers.stream(None, pieces(&["b", "c"]));
        buffers.octets(b"d");
        assert_eq!(sent(buffers).await, (BodySize::Sized(4), 0, b"abcd".to_vec()));
    }

    #[actix_web::test]
    async fn is_collected_up_to_a_bound() {
        let buffers = || {
            let mut buffers = Buffers::new("a".to_owned());
            buffers.stream(None, pieces(&["b", "c"]));
            buffers
        };
        assert_eq!(buffers().whole(), Some(&b"abc"[..]));
        assert_eq!(buffers().collect(3).await, Some(b"abc".to_vec()));
        assert_eq!(buffers().collect(2).await, None);
        let mut broken = Buffers::new(String::new());
        broken.stream(Some(9), pieces(&["b"]));
        assert_eq!(broken.whole(), None);
        assert_eq!(broken.collect(99).await, None);
    }

    #[actix_web::test]
    async fn what_is_not_ready_is_waited_for_in_its_turn() {
        let late = || {
            let late = async {
                tokio::time::sleep(Duration::from_millis(10)).await;
                Ok(Bytes::from_static(b"late"))
            };
            stream::once(late).boxed_local()
        };
        let mut buffers = Buffers::new("a".to_owned());
        buffers.stream(Some(5), pieces(&["b"]).chain(late()).boxed_local());
        buffers.octets(b"c");
        assert_eq!(sent(buffers).await.2, b"ablatec");
        let mut unknown = Buffers::new("a".to_owned());
        unknown.stream(None, late());
        let (size, _, octets) = sent(unknown).await;
        assert_eq!((size, octets), (BodySize::Stream, b"alate".to_vec()));
    }

    #[actix_web::test]
    async fn large_pieces_are_not_copied_and_little_is_taken_ahead() {
        let large = Bytes::from(vec![7; APART]);
        let endless = stream::repeat_with({
            let large = large.clone();
            move || Ok(large.slice(..1000))
        });
        let mut buffers = Buffers::new(String::new());
        let own = large.clone();
        buffers.stream(Some(APART as u64), stream::iter([Ok(own)]).boxed_local());
        assert_eq!(buffers.pieces.len(), 1);
        buffers.stream(None, endless.boxed_local());
        buffers.stream(None, stream::repeat_with(move || Ok(large.clone())).boxed_local());
        assert!(buffers.taken < AHEAD + 1000, "{}", buffers.taken);
        assert_eq!(
            buffers.pieces.len(),
            4,
            "the large one, some of the small ones, the rest of each"
        );
    }

    #[actix_web::test]
    async fn what_breaks_off_is_broken_off() {
        let broken = stream::iter([Ok(Bytes::from_static(b"b")), Err(BrokenOff("x".to_owned()))]);
        for broken in [broken.boxed_local(), pieces(&["b"])] {
            let mut buffers = Buffers::new("a".to_owned());
            buffers.stream(Some(9), broken);
            let body = buffers.respond("text/plain".to_owned()).into_body();
            assert_eq!(body.size(), BodySize::Sized(10));
            assert!(to_bytes(body).await.is_err());
        }
    }
}
