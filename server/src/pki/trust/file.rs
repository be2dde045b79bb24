//! The file of a CA as an administrator brings it.

use super::super::foreign::is_strong;
use super::super::{At, PkiError};
use chrono::{DateTime, Utc};
use openssl::x509::{X509, X509KeyUsage};
use renkei_client::pair;
use std::path::Path;

/// The longest file that is read.
const LONGEST: u64 = 1024 * 1024;
/// id-ce-basicConstraints, DER.
const BASIC_CONSTRAINTS: [u8; 5] = [0x06, 0x03, 0x55, 0x1d, 0x13];

/// Reads the certificate of a CA, PEM or DER.
///
/// # Errors
/// What holds none or several, and one that cannot vouch for anybody: no CA (RFC 5280: 4.2.1.9), not for signing
/// certificates (4.2.1.3), ended, or of a weak key or signature.
pub(crate) fn read_authority(path: &Path, now: DateTime<Utc>) -> Result<X509, PkiError> {
    let wrong = |reason: &str| PkiError::Peer { path: path.to_owned(), reason: reason.to_owned() };
    if std::fs::metadata(path).at(path)?.len() > LONGEST {
        return Err(wrong("大きすぎます(1 MiB まで) / is longer than 1 MiB"));
    }
    let bytes = std::fs::read(path).at(path)?;
    let mut found = X509::stack_from_pem(&bytes).unwrap_or_default();
    if found.is_empty() {
        found.extend(X509::from_der(&bytes).ok());
    }
    let certificate = match (found.pop(), found.is_empty()) {
        (Some(certificate), true) => certificate,
        (Some(_), false) => {
            return Err(wrong(
                "証明書が複数あります。ノードの証明書に署名する認証局だけを、1つずつ登録してください / holds several certificates; give the CA that signs those of nodes, one at a time",
            ));
        }
        (None, _) => {
            return Err(wrong("証明書(PEM、DER)ではありません / is no certificate in PEM or DER"));
        }
    };
    is_authority(&certificate).map_err(wrong)?;
    pair::good(path, &certificate, now)?;
    is_strong(&certificate).map_err(wrong)?;
    Ok(certificate)
}

/// Whether it may sign certificates.
fn is_authority(certificate: &X509) -> Result<(), &'static str> {
    let der = certificate.to_der().unwrap_or_default();
    if !says_ca(&der) {
        return Err(
            "認証局の証明書ではありません(basicConstraints に CA がない)。ノードの証明書は renkei pki import で登録できます / is not the certificate of a CA (basicConstraints does not say so); renkei pki import enters that of a node",
        );
    }
    let may_sign = certificate.key_usage().is_none_or(|u| u.contains(X509KeyUsage::KEY_CERT_SIGN));
    match may_sign {
        true => Ok(()),
        false => Err(
            "証明書に署名できる認証局ではありません(keyUsage に keyCertSign がない) / may not sign certificates (keyUsage has no keyCertSign)",
        ),
    }
}

/// Whether an extension basicConstraints has cA TRUE: OID, critical or not, OCTET STRING of a SEQUENCE that begins with
/// TRUE. OpenSSL has no call for it, and takes more for a CA at a handshake.
fn says_ca(der: &[u8]) -> bool {
    let mut extensions = der.windows(BASIC_CONSTRAINTS.len()).enumerate();
    let value = extensions.find(|(_, window)| *window == BASIC_CONSTRAINTS);
    let value = value.and_then(|(at, _)| der.get(at + BASIC_CONSTRAINTS.len()..));
    let value = value.map(|value| value.strip_prefix(&[0x01, 0x01, 0xff]).unwrap_or(value));
    match value {
        Some([0x04, _, 0x30, _, 0x01, 0x01, is_ca, ..]) => *is_ca != 0,
        _ => false,
    }
}
