//! Chunks as they are stored, and what can happen to them.

use super::*;

/// What happens to a stored chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// One bit is another.
    Flipped,
    /// It is that of chunk 0 of another document.
    TakenFrom(&'static str),
    /// It and all behind it are missing.
    CutOff,
}

#[derive(Debug, QueryableByName)]
pub struct Kept {
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
    #[diesel(sql_type = Nullable<Binary>)]
    segment: Option<Vec<u8>>,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = BigInt)]
    pub sealed_size: i64,
    #[diesel(sql_type = Integer)]
    stride: i32,
    #[diesel(sql_type = Binary)]
    pub key_bytes: Vec<u8>,
}

#[derive(QueryableByName)]
struct Octets {
    #[diesel(sql_type = Binary)]
    bytes: Vec<u8>,
}

impl House {
    /// After a sweep there are this many chunks and nothing is on its way. (Rows can be counted.)
    pub async fn swept_to(&self, chunks: i64) {
        self.repository.sweep(&ctx()).await;
        if self.home == Home::Rows {
            assert_eq!(self.rows("chunk").await, chunks);
            assert_eq!(self.rows("arriving").await, 0);
        }
    }

    /// The row of a document.
    pub async fn kept(&self, unique_id: &str) -> Kept {
        let sql = format!(
            "SELECT id, segment, position, sealed_size, stride, key_bytes FROM content \
             WHERE unique_id = '{unique_id}'"
        );
        let found = self
            .repository
            .database()
            .read(move |c| Ok::<Kept, DatabaseError>(diesel::sql_query(&sql).get_result(c)?));
        found.await.unwrap()
    }

    fn segment(&self, kept: &Kept) -> std::path::PathBuf {
        let name = hex::encode(kept.segment.as_ref().unwrap());
        self.dir.path().join("content/segments").join(&name[30..]).join(&name)
    }

    /// A chunk of a document as it is stored.
    pub async fn sealed_chunk(&self, unique_id: &str, number: usize) -> Vec<u8> {
        let kept = self.kept(unique_id).await;
        if self.home == Home::Segments {
            let bytes = std::fs::read(self.segment(&kept)).unwrap();
            let whole = &bytes[kept.position as usize..][..kept.sealed_size as usize];
            return whole.chunks(kept.stride as usize).nth(number).unwrap().to_vec();
        }
        let id = literal(self.repository.database(), &kept.id);
        let sql = format!("SELECT bytes FROM chunk WHERE content_id = {id} AND number = {number}");
        let found = self
            .repository
            .database()
            .read(move |c| Ok::<Octets, DatabaseError>(diesel::sql_query(&sql).get_result(c)?));
        found.await.unwrap().bytes
    }

    /// Damages a chunk of a document.
    pub async fn damage(&self, unique_id: &str, number: usize, damage: Damage) {
        let kept = self.kept(unique_id).await;
        let bytes = match damage {
            Damage::Flipped => {
                let mut bytes = self.sealed_chunk(unique_id, number).await;
                bytes[20] ^= 1;
                bytes
            }
            Damage::TakenFrom(other) => self.sealed_chunk(other, 0).await,
            Damage::CutOff => Vec::new(),
        };
        if self.home == Home::Segments {
            let at = kept.position as u64 + number as u64 * kept.stride as u64;
            let file = std::fs::OpenOptions::new().write(true).open(self.segment(&kept)).unwrap();
            if damage == Damage::CutOff {
                file.set_len(at).unwrap();
            } else {
                std::os::unix::fs::FileExt::write_all_at(&file, &bytes, at).unwrap();
            }
            return;
        }
        let database = self.repository.database();
        let id = literal(database, &kept.id);
        let sql = if damage == Damage::CutOff {
            format!("DELETE FROM chunk WHERE content_id = {id} AND number >= {number}")
        } else {
            let value = literal(database, &bytes);
            format!(
                "UPDATE chunk SET bytes = {value} WHERE content_id = {id} AND number = {number}"
            )
        };
        change(database, sql).await;
    }
}
