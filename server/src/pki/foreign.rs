//! The certificate of a node that another CA, or the node itself, has signed.
//!
//! It is entered as it is (ITI TF-2: 3.19.6.1.2, direct comparison): whoever else its CA signs is let in no more for that.

use super::PkiError;
use chrono::{DateTime, Utc};
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{Id, PKey, Public};
use openssl::x509::X509;
use renkei_client::pair;
use std::path::Path;

/// The longest file that is read.
const LONGEST: u64 = 1024 * 1024;
/// The least bits of an RSA key, as of those that the house certifies.
const RSA_BITS: u32 = 2048;
/// The least bits of a key on an elliptic curve.
const EC_BITS: u32 = 256;

/// Reads the certificate of a node: the first of a PEM text, DER, or that of a PKCS #12 file.
///
/// # Errors
/// What holds none, and one that nobody may be let in with: ended, or of a weak key or signature.
pub(crate) fn read(path: &Path, password: &str, now: DateTime<Utc>) -> Result<X509, PkiError> {
    let wrong = |reason: &str| PkiError::Peer { path: path.to_owned(), reason: reason.to_owned() };
    let io = |error| PkiError::Io { path: path.to_owned(), error };
    if std::fs::metadata(path).map_err(io)?.len() > LONGEST {
        return Err(wrong("大きすぎます(1 MiB まで) / is longer than 1 MiB"));
    }
    let bytes = std::fs::read(path).map_err(io)?;
    let certificate = match X509::from_pem(&bytes).or_else(|_| X509::from_der(&bytes)) {
        Ok(certificate) => certificate,
        Err(_) => of_pkcs12(&bytes, password).map_err(wrong)?,
    };
    pair::good(path, &certificate, now)?;
    is_strong(&certificate).map_err(wrong)?;
    Ok(certificate)
}

fn of_pkcs12(bytes: &[u8], password: &str) -> Result<X509, &'static str> {
    let file = Pkcs12::from_der(bytes).map_err(
        |_| "証明書(PEM、DER、PKCS #12)ではありません / is no certificate in PEM, DER or PKCS #12",
    )?;
    let read = file.parse2(password).map_err(
        |_| "パスワードが違います(--password-file) / cannot be opened with this password (--password-file)",
    )?;
    read.cert.ok_or("証明書がありません / holds no certificate of a key")
}

pub(super) fn is_strong(certificate: &X509) -> Result<(), &'static str> {
    let key: PKey<Public> = certificate.public_key().map_err(|_| WEAK)?;
    let is_strong = match key.id() {
        Id::RSA | Id::RSA_PSS => key.bits() >= RSA_BITS,
        Id::EC => key.bits() >= EC_BITS,
        Id::ED25519 => true,
        _ => false,
    };
    let digest = certificate.signature_algorithm().object().nid();
    let is_old = digest
        .signature_algorithms()
        .is_some_and(|of| [Nid::SHA1, Nid::MD5, Nid::MD4].contains(&of.digest));
    if is_strong && !is_old { Ok(()) } else { Err(WEAK) }
}

const WEAK: &str = "鍵または署名が弱すぎます。2048ビット以上のRSA、P-256以上のEC、またはEd25519の鍵と、SHA-256以上の署名の証明書を使ってください / has a weak key or signature; use RSA of 2048 bits or more, EC of P-256 or more, or Ed25519, signed with SHA-256 or better";
