//! AES-256-GCM and HKDF, on OpenSSL.

use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::pkey::Id;
use openssl::pkey_ctx::PkeyCtx;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use zeroize::Zeroizing;

/// A 256-bit key, wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

const NONCE: usize = 12;
const TAG: usize = 16;

/// A key of random bytes.
pub(crate) fn random_key() -> Result<Key, ErrorStack> {
    let mut key = Key::default();
    openssl::rand::rand_bytes(key.as_mut())?;
    Ok(key)
}

/// Appends nonce, ciphertext and tag to `out`.
pub(crate) fn seal(
    key: &Key,
    aad: &[u8],
    plain: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), ErrorStack> {
    let mut nonce = [0; NONCE];
    openssl::rand::rand_bytes(&mut nonce)?;
    let mut tag = [0; TAG];
    let cipher = Cipher::aes_256_gcm();
    let sealed = encrypt_aead(cipher, key.as_slice(), Some(&nonce), aad, plain, &mut tag)?;
    out.reserve_exact(NONCE + sealed.len() + TAG);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    out.extend_from_slice(&tag);
    Ok(())
}

/// Opens what [`seal`] appended; `None` when it does not authenticate.
pub(crate) fn open(key: &Key, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, rest) = sealed.split_at_checked(NONCE)?;
    let (text, tag) = rest.split_at_checked(rest.len().checked_sub(TAG)?)?;
    decrypt_aead(Cipher::aes_256_gcm(), key.as_slice(), Some(nonce), aad, text, tag).ok()
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
