//! Hits as the content of rim:RegistryObjectList, in pieces.

use super::hits::{Hit, Hits, HitsBroken};
use crate::store::search::SearchError;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use renkei_sealing::Room;

/// A piece of an answer is sent when it has reached this size.
const PIECE: usize = 64 * 1024;

/// The answer broke off: what was sent must not be taken for the whole. Close the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer could not be completed")]
pub struct AnswerBroken;

impl From<HitsBroken> for AnswerBroken {
    fn from(_: HitsBroken) -> Self {
        Self
    }
}

/// Reads on while the peer takes what it gets.
struct Pieces {
    hits: Hits,
    page: std::vec::IntoIter<Hit>,
    room: Room,
}

/// The ebRIM of all hits. Its first piece is made before anything is sent, so that a failure there is
/// still an answer.
pub(super) async fn stream(
    hits: Hits,
) -> Result<BoxStream<'static, Result<Bytes, AnswerBroken>>, SearchError> {
    let mut pieces = Pieces { hits, page: Vec::new().into_iter(), room: Room::default() };
    let first = pieces.next().await?;
    let rest = stream::unfold(Some(pieces), |pieces| async move {
        let mut pieces = pieces?;
        match pieces.next().await {
            Ok(Some(bytes)) => Some((Ok(bytes), Some(pieces))),
            Ok(None) => None,
            Err(error) => {
                tracing::error!(%error, "the answer to a query broke off");
                Some((Err(AnswerBroken), None))
            }
        }
    });
    Ok(stream::iter(first.map(Ok)).chain(rest).boxed())
}

impl Pieces {
    /// The next piece; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, SearchError> {
        let mut out = String::with_capacity(PIECE);
        loop {
            for hit in self.page.by_ref() {
                hit.render(&mut out, &mut self.room)?;
                if out.len() >= PIECE {
                    return Ok(Some(Bytes::from(out)));
                }
            }
            self.page = self.hits.read_page().await?.into_iter();
            if self.page.len() == 0 {
                return Ok((!out.is_empty()).then(|| Bytes::from(out)));
            }
        }
    }
}
