//! The certificate that somebody presents.

use openssl::x509::{X509, X509Ref};
use renkei_client::certificate;

/// A certificate as it was presented, with what it is called by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Presented {
    /// It.
    pub(crate) certificate: X509,
    /// SHA-256 of it, lower-case hexadecimal.
    pub(crate) fingerprint: String,
    /// Its subject.
    pub(crate) subject: String,
}

impl Presented {
    /// `None` when OpenSSL cannot compute the fingerprint.
    pub(crate) fn of(certificate: &X509Ref) -> Option<Self> {
        Some(Self {
            certificate: certificate.to_owned(),
            fingerprint: certificate::fingerprint(certificate).ok()?,
            subject: certificate::subject(certificate),
        })
    }
}
