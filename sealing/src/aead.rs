//! AES-256-GCM and HKDF, on OpenSSL.

use crate::error::SealError;
use crate::nonce::{self, NONCE};
use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::pkey::Id;
use openssl::pkey_ctx::PkeyCtx;
use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};
use zeroize::Zeroizing;

/// A 256-bit key, wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

const TAG: usize = 16;

/// What sealing adds to a text.
pub(crate) const OVERHEAD: usize = NONCE + TAG;

/// Contexts that one key keeps for later, in each direction: as many as threads use it at once.
const KEPT: usize = 16;

/// The longest text; OpenSSL counts in a C `int`.
const LONGEST: usize = i32::MAX as usize - OVERHEAD;

/// A key of random bytes.
pub(crate) fn random_key() -> Result<Key, ErrorStack> {
    let mut key = Key::default();
    openssl::rand::rand_priv_bytes(key.as_mut())?;
    Ok(key)
}

/// AES-256-GCM under one key. The key is expanded once for every thread that uses it at the same
/// time; OpenSSL wipes what it expanded when this is dropped.
pub(crate) struct Gcm {
    key: Key,
    sealing: Mutex<Vec<CipherCtx>>,
    opening: Mutex<Vec<CipherCtx>>,
}

#[derive(Clone, Copy)]
enum Direction {
    Seal,
    Open,
}

impl Gcm {
    pub(crate) fn new(key: Key) -> Self {
        Self { key, sealing: Mutex::default(), opening: Mutex::default() }
    }

    /// The key itself, to be wrapped.
    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// Appends nonce, ciphertext and tag to `out`; the parts of `aad` are authenticated one behind
    /// the other.
    pub(crate) fn seal(
        &self,
        aad: &[&[u8]],
        plain: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        if plain.len() > LONGEST {
            return Err(SealError::TooLong(LONGEST));
        }
        let nonce = nonce::fresh()?;
        out.reserve(plain.len() + OVERHEAD);
        out.extend_from_slice(&nonce);
        let start = out.len();
        out.extend_from_slice(plain);
        let mut tag = [0; TAG];
        self.with(Direction::Seal, |c| {
            c.encrypt_init(None, None, Some(&nonce))?;
            aad.iter().try_for_each(|part| c.cipher_update(part, None).map(drop))?;
            let text = out.get_mut(start..).unwrap_or_default();
            c.cipher_update_inplace(text, plain.len())?;
            c.cipher_final(&mut [])?;
            c.tag(&mut tag)
        })?;
        out.extend_from_slice(&tag);
        Ok(())
    }

    /// Opens what [`Self::seal`] appended where it lies; the text is then at the range that comes
    /// back. When it does not authenticate the octets are worth nothing.
    pub(crate) fn open(&self, aad: &[&[u8]], sealed: &mut [u8]) -> Result<Range<usize>, SealError> {
        let end = sealed.len().checked_sub(TAG).ok_or(SealError::NotAuthentic)?;
        let (body, tag) = sealed.split_at_mut_checked(end).ok_or(SealError::NotAuthentic)?;
        let (nonce, text) = body.split_at_mut_checked(NONCE).ok_or(SealError::NotAuthentic)?;
        if text.len() > LONGEST {
            return Err(SealError::NotAuthentic);
        }
        let opened = self.with(Direction::Open, |c| {
            c.decrypt_init(None, None, Some(nonce))?;
            aad.iter().try_for_each(|part| c.cipher_update(part, None).map(drop))?;
            let length = text.len();
            c.cipher_update_inplace(text, length)?;
            c.set_tag(tag)?;
            c.cipher_final(&mut []).map(drop)
        });
        // What OpenSSL says of a wrong tag says nothing more.
        opened.map_err(|_| SealError::NotAuthentic)?;
        Ok(NONCE..end)
    }

    fn with<T>(
        &self,
        direction: Direction,
        work: impl FnOnce(&mut CipherCtx) -> Result<T, ErrorStack>,
    ) -> Result<T, ErrorStack> {
        let kept = match direction {
            Direction::Seal => &self.sealing,
            Direction::Open => &self.opening,
        };
        let mine = kept.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut context = match mine {
            Some(context) => context,
            None => self.expand(direction)?,
        };
        // A context that failed is not used again.
        let result = work(&mut context)?;
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(context);
        }
        Ok(result)
    }

    fn expand(&self, direction: Direction) -> Result<CipherCtx, ErrorStack> {
        let mut context = CipherCtx::new()?;
        let (cipher, key) = (Some(&**cipher()?), Some(self.key.as_slice()));
        match direction {
            Direction::Seal => context.encrypt_init(cipher, key, None)?,
            Direction::Open => context.decrypt_init(cipher, key, None)?,
        }
        Ok(context)
    }
}

/// The cipher, looked up among OpenSSL's providers once.
fn cipher() -> Result<&'static Cipher, ErrorStack> {
    static CIPHER: OnceLock<Cipher> = OnceLock::new();
    match CIPHER.get() {
        Some(cipher) => Ok(cipher),
        None => {
            let fetched = Cipher::fetch(None, "AES-256-GCM", None)?;
            Ok(CIPHER.get_or_init(|| fetched))
        }
    }
}

/// HKDF-SHA-256 with `info` telling the derived keys apart (RFC 5869).
pub(crate) fn derive(secret: &Key, info: &[&str]) -> Result<Key, ErrorStack> {
    let mut ctx = PkeyCtx::new_id(Id::HKDF)?;
    ctx.derive_init()?;
    ctx.set_hkdf_md(Md::sha256())?;
    ctx.set_hkdf_key(secret.as_slice())?;
    ctx.set_hkdf_salt(b"renkei")?;
    for part in info {
        ctx.add_hkdf_info(part.as_bytes())?;
        ctx.add_hkdf_info(&[0])?;
    }
    let mut key = Key::default();
    ctx.derive(Some(key.as_mut()))?;
    Ok(key)
}
