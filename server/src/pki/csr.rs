//! A request for a certificate (PKCS #10, RFC 2986): the node made its key itself, and keeps it.
//!
//! Of the request the public key counts and nothing else: the name, the roles, the hosts and the days are those of the
//! command, or whoever asks could name itself.

use super::{At, PkiError};
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::x509::X509Req;
use std::path::Path;

/// The least bits of an RSA key (CRYPTREC, as the Japanese TLS guideline has it).
const RSA_BITS: u32 = 2048;

/// The public key of who asks.
#[derive(Clone, Debug)]
pub(crate) struct SigningRequest {
    key: PKey<Public>,
}

impl SigningRequest {
    /// Reads a request, PEM.
    ///
    /// # Errors
    /// What cannot be read, is not signed by its own key (who asks has to have it), or has a key that is too weak.
    pub(crate) fn read(path: &Path) -> Result<Self, PkiError> {
        let wrong =
            |reason: &str| PkiError::Request { path: path.to_owned(), reason: reason.to_owned() };
        let pem = std::fs::read(path).at(path)?;
        let request = X509Req::from_pem(&pem).map_err(|_| {
            wrong("PEM形式の証明書署名要求(CSR)ではありません / is no certificate signing request in PEM")
        })?;
        let key = request.public_key().at(path)?;
        if !is_strong(&key) {
            return Err(wrong(
                "鍵はEC(P-256、P-384、P-521)、Ed25519、または2048ビット以上のRSAにしてください / the key has to be EC (P-256, P-384, P-521), Ed25519, or RSA of 2048 bits or more",
            ));
        }
        if !request.verify(&key).unwrap_or(false) {
            return Err(wrong("要求がその鍵で署名されていません / is not signed by its own key"));
        }
        Ok(Self { key })
    }

    /// Whose certificate it is to be.
    pub(super) fn key(&self) -> &PKey<Public> {
        &self.key
    }
}

fn is_strong(key: &PKey<Public>) -> bool {
    const CURVES: [Nid; 3] = [Nid::X9_62_PRIME256V1, Nid::SECP384R1, Nid::SECP521R1];
    match key.id() {
        Id::EC => {
            let curve = key.ec_key().ok().and_then(|key| key.group().curve_name());
            curve.is_some_and(|curve| CURVES.contains(&curve))
        }
        Id::RSA => key.bits() >= RSA_BITS,
        Id::ED25519 => true,
        _ => false,
    }
}
