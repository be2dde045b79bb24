//! Where answers to ITI-21 go on (ITI TF-2: 3.21.4.1.2.4): the house keeps nothing of a query that is not asked to its
//! end. A pointer is the place itself, sealed for the query and the system that asked, so that it holds after a
//! restart and in another process; only that a query was cancelled is remembered.

use chrono::{DateTime, TimeDelta, Utc};
use renkei_context::Ctx;
use renkei_hl7v2::query::{Asked, Cancel};
use renkei_sealing::{KeyError, KeyRing, SealError, Sealer};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a pointer holds.
const LASTS: TimeDelta = TimeDelta::minutes(10);
/// How many cancellations are remembered, a fixed bound; what was cancelled before ends with its time.
const CANCELLED: usize = 10_000;

/// Makes and reads pointers.
pub(super) struct Pointers {
    sealer: Sealer,
    /// Who cancelled what, and until when it could have been continued; the oldest first.
    cancelled: Mutex<VecDeque<(Key, DateTime<Utc>)>>,
}

/// A query of a system, by its certificate and the tag, which may be of any length: a digest of both.
type Key = [u8; 32];

impl Pointers {
    pub(super) fn new(keys: &KeyRing) -> Result<Self, KeyError> {
        Ok(Self { sealer: keys.sealer("pixpdq.pointer")?, cancelled: Mutex::default() })
    }

    /// The pointer to what comes after `place`, which [`Self::place`] gives back to the same system for the same
    /// query.
    pub(super) fn write(
        &self,
        ctx: &Ctx,
        asked: &Asked,
        place: &[u8],
    ) -> Result<String, SealError> {
        let until = (ctx.now() + LASTS).timestamp().to_be_bytes();
        let sealed = self.sealer.seal(&context(ctx, asked), &[&until, place].concat())?;
        Ok(hex::encode(sealed))
    }

    /// The place of a pointer; `None` if nothing can be told from there.
    pub(super) fn place(&self, ctx: &Ctx, asked: &Asked, pointer: &str) -> Option<Vec<u8>> {
        let key = key(ctx, asked.tag());
        if self.kept().iter().any(|(cancelled, until)| *cancelled == key && ctx.now() < *until) {
            return None;
        }
        let sealed = hex::decode(pointer).ok()?;
        let opened = self.sealer.open(&context(ctx, asked), &sealed).ok()?;
        let (until, place) = opened.split_first_chunk()?;
        (ctx.now().timestamp() < i64::from_be_bytes(*until)).then(|| place.to_vec())
    }

    /// Nothing of a query is told any more to the system that cancels it, until its pointers have ended.
    pub(super) fn cancel(&self, ctx: &Ctx, cancel: &Cancel) {
        let (key, now) = (key(ctx, &cancel.tag), ctx.now());
        let mut kept = self.kept();
        kept.retain(|(other, until)| now < *until && *other != key);
        if kept.len() >= CANCELLED {
            kept.pop_front();
        }
        kept.push_back((key, now + LASTS));
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<(Key, DateTime<Utc>)>> {
        self.cancelled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(ctx: &Ctx, tag: &str) -> Key {
    Sha256::new()
        .chain_update(&ctx.caller.fingerprint)
        .chain_update(b"\0")
        .chain_update(tag)
        .finalize()
        .into()
}

/// What a pointer is sealed for: the system and the whole question, tag and all.
fn context(ctx: &Ctx, asked: &Asked) -> Vec<u8> {
    [ctx.caller.fingerprint.as_bytes(), b"\0", asked.qpd.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_context::Caller;
    use renkei_hl7v2::msh::Msh;
    use renkei_hl7v2::query::Transaction;
    use std::sync::Arc;
    use std::time::Duration;

    fn asked(qpd: &str) -> Asked {
        let transaction = Transaction::Demographics;
        Asked { transaction, msh: Msh::default(), qpd: qpd.to_owned() }
    }

    fn ctx(fingerprint: &str) -> Ctx {
        let caller = Caller { fingerprint: fingerprint.to_owned(), ..Caller::internal("consumer") };
        Ctx::new(Arc::new(caller), "mllps://localhost:1", Duration::from_secs(1))
    }

    fn pointers() -> Pointers {
        let dir = tempfile::tempdir().unwrap();
        Pointers::new(&KeyRing::open_or_create(&dir.path().join("keys")).unwrap()).unwrap()
    }

    #[test]
    fn a_pointer_is_of_one_query_of_one_system() {
        let pointers = pointers();
        let (us, query) = (ctx("aa"), asked("QPD|N|T|@PID.8^F"));
        let pointer = pointers.write(&us, &query, b"here").unwrap();
        assert!(pointer.len() <= 180, "an ST of HL7 v2: {}", pointer.len());
        assert_eq!(pointers.place(&us, &query, &pointer).as_deref(), Some(&b"here"[..]));
        assert_eq!(pointers.place(&ctx("bb"), &query, &pointer), None);
        assert_eq!(pointers.place(&us, &asked("QPD|N|T|@PID.8^M"), &pointer), None);
        assert_eq!(pointers.place(&us, &query, "P0001"), None);
    }

    #[test]
    fn what_was_cancelled_does_not_go_on() {
        let pointers = pointers();
        let (us, query) = (ctx("aa"), asked("QPD|N|T|@PID.8^F"));
        let pointer = pointers.write(&us, &query, b"here").unwrap();
        let cancel = |tag: &str| {
            let (msh, qid) = (Msh::default(), format!("QID|{tag}|"));
            Cancel { msh, tag: tag.to_owned(), qid }
        };
        pointers.cancel(&us, &cancel("other"));
        pointers.cancel(&ctx("bb"), &cancel("T"));
        assert!(pointers.place(&us, &query, &pointer).is_some());
        pointers.cancel(&us, &cancel("T"));
        assert_eq!(pointers.place(&us, &query, &pointer), None);
        for n in 0..=CANCELLED {
            pointers.cancel(&us, &cancel(&n.to_string()));
        }
        assert_eq!(pointers.kept().len(), CANCELLED);
    }

    #[test]
    fn a_pointer_ends() {
        let pointers = pointers();
        let (us, query) = (ctx("aa"), asked("QPD|N|T|@PID.8^F"));
        let past = (us.now() - TimeDelta::seconds(1)).timestamp().to_be_bytes();
        let sealed = pointers.sealer.seal(&context(&us, &query), &past).unwrap();
        assert_eq!(pointers.place(&us, &query, &hex::encode(sealed)), None);
    }
}
