//! The beginning of what a community sends, read before the answer is begun: what goes wrong in it costs
//! nobody but this community its documents, and is told. What goes wrong later breaks the answer off, since
//! its list has left by then.

use super::document::{Arriving, CommunityDocuments, Expecting};
use super::rules;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use renkei_client::{Body, Document};
use renkei_metadata::finding::Rule;
use std::time::Instant;
use tokio::time::timeout_at;

/// Octets of one community that are held: a checkup of several years has less.
const HELD: usize = 1 << 20;

/// What came of a community until the answer is begun.
#[derive(Default)]
pub(super) struct Ahead {
    /// Documents that are there, under their names.
    pub(super) whole: Vec<(String, Document)>,
    /// What else comes.
    pub(super) rest: Option<CommunityDocuments>,
    /// Documents that do not come, and why.
    pub(super) lost: Vec<(Expecting, &'static Rule)>,
}

/// How far a document came.
enum Read {
    /// In the pieces in which it came: put together, it would be copied once more.
    Whole(Vec<Bytes>),
    /// There is no room for the rest.
    More(Box<Arriving>),
    Lost(&'static Rule),
}

impl CommunityDocuments {
    /// Reads until [`HELD`] octets are there, or all.
    pub(super) async fn ahead(mut self, deadline: Instant) -> Ahead {
        let mut ahead = Ahead::default();
        let mut room = HELD;
        while let Ok(next) = timeout_at(deadline.into(), self.next()).await {
            let Some((expecting, document)) = next else {
                return ahead.ended(self, deadline).await;
            };
            let arriving = Arriving::new(document, expecting.clone());
            let mime_type = arriving.mime_type.clone();
            match arriving.read(room, deadline).await {
                Read::Whole(pieces) => {
                    let length = pieces.iter().map(Bytes::len).sum();
                    room = room.saturating_sub(length);
                    let stream = stream::iter(pieces.into_iter().map(Ok)).boxed();
                    let body = Body::Stream { length: Some(length as u64), stream };
                    ahead.whole.push((expecting.name, Document { mime_type, body }));
                }
                Read::More(arriving) => {
                    self.open = Some((expecting.name, *arriving));
                    ahead.rest = Some(self);
                    return ahead;
                }
                Read::Lost(rule) => ahead.lost.push((expecting, rule)),
            }
        }
        ahead.lose(self, &rules::SILENT);
        ahead
    }
}

impl Ahead {
    /// Nothing more comes.
    async fn ended(mut self, mut incoming: CommunityDocuments, deadline: Instant) -> Self {
        let names = std::mem::take(&mut incoming.names);
        let end = timeout_at(deadline.into(), incoming.retrieval.end()).await;
        let rule = match end {
            Ok(Ok(_)) => &rules::DOCUMENT_UNANSWERED,
            _ => &rules::DOCUMENT_BROKEN,
        };
        self.lost.extend(names.into_values().map(|expecting| (expecting, rule)));
        self
    }

    fn lose(&mut self, incoming: CommunityDocuments, rule: &'static Rule) {
        let names = incoming.names.into_values();
        self.lost.extend(names.map(|expecting| (expecting, rule)));
    }
}

impl Arriving {
    async fn read(mut self, room: usize, deadline: Instant) -> Read {
        let mut length = 0;
        loop {
            match timeout_at(deadline.into(), self.octets.next()).await {
                Err(_) => return Read::Lost(&rules::SILENT),
                Ok(Some(Err(_))) => return Read::Lost(&rules::DOCUMENT_BROKEN),
                Ok(None) if self.check.ended().is_some() => {
                    return Read::Lost(&rules::DOCUMENT_DIFFERS);
                }
                Ok(None) => return Read::Whole(self.came.pieces()),
                Ok(Some(Ok(piece))) => {
                    if self.check.take(&piece).is_some() {
                        return Read::Lost(&rules::DOCUMENT_DIFFERS);
                    }
                    length += piece.len();
                    self.came.push(piece);
                    if length > room {
                        return Read::More(Box::new(self));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::initiating::seen::Expected;
    use futures_util::stream;
    use renkei_metadata::ids::{RepositoryUniqueId, UniqueId};
    use renkei_xds::iti43::DocumentRequest;
    use std::time::Duration;

    /// How far a document comes of which these pieces arrive, an error after them if it breaks, and nothing
    /// ever if it hangs.
    async fn read(
        pieces: &[&'static str],
        then: Option<&str>,
        size: u64,
    ) -> Result<String, &'static str> {
        let came = pieces.iter().map(|p| Ok(Bytes::from_static(p.as_bytes()))).collect::<Vec<_>>();
        let came = stream::iter(came);
        let stream = match then {
            None => came.boxed(),
            Some("breaks") => {
                came.chain(stream::iter([Err(std::io::Error::other("broken"))])).boxed()
            }
            Some(_) => came.chain(stream::pending()).boxed(),
        };
        let document = Document {
            mime_type: "text/plain".to_owned(),
            body: Body::Stream { length: None, stream },
        };
        let expecting = Expecting {
            name: "d@here".to_owned(),
            request: DocumentRequest {
                home: None,
                repository: RepositoryUniqueId::parse("1.2.3.4").unwrap(),
                unique_id: UniqueId::parse("1.2.3.5").unwrap(),
            },
            expected: Expected { size: Some(size), hash: None },
        };
        let deadline = Instant::now() + Duration::from_millis(50);
        match Arriving::new(document, expecting).read(4, deadline).await {
            Read::Whole(pieces) => Ok(String::from_utf8(pieces.concat()).unwrap()),
            Read::More(arriving) => {
                let came = arriving.came.pieces().concat();
                Ok(format!("{} and more", String::from_utf8(came).unwrap()))
            }
            Read::Lost(rule) => Err(rule.id),
        }
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_small_document_is_known_before_it_leaves() {
        assert_eq!(read(&["a", "bc"], None, 3).await.unwrap(), "abc");
        assert_eq!(read(&["a", "bc"], None, 4).await, Err("community-document-differs"));
        assert_eq!(read(&["a", "bc"], None, 2).await, Err("community-document-differs"));
        assert_eq!(read(&["a"], Some("breaks"), 3).await, Err("community-document-broken"));
        assert_eq!(read(&["a"], Some("hangs"), 3).await, Err("community-silent"));
        assert_eq!(read(&["ab", "cd", "e", "f"], None, 6).await.unwrap(), "abcde and more");
    }
}
