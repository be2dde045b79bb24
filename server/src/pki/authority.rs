//! The development CA.

use super::certificate::{self, Issued, Request, Usage};
use super::{At, PkiError};
use crate::files;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private, Public};
use openssl::x509::X509;
use std::path::Path;

/// Days for which the CA is good.
const DAYS: u32 = 3650;

/// A CA with its key.
pub(crate) struct Authority {
    certificate: X509,
    key: PKey<Private>,
}

impl Authority {
    /// Reads `ca.pem` and `ca.key` in `dir`, or makes them the first time.
    ///
    /// A CA of which one half is missing is an error: a new one would cut every peer off.
    pub(super) fn open_or_create(dir: &Path) -> Result<Self, PkiError> {
        let (certificate_file, key_file) = (dir.join("ca.pem"), dir.join("ca.key"));
        if !certificate_file.exists() && !key_file.exists() {
            let name = format!("Renkei development CA {}", short_id());
            let request = Request { name: &name, usage: Usage::Authority, days: DAYS };
            let made = certificate::make(&request, None).at(&certificate_file)?;
            files::write_private(&key_file, &made.key_pem).at(&key_file)?;
            files::write_public(&certificate_file, &made.certificate_pem).at(&certificate_file)?;
            return Ok(Self { certificate: made.certificate, key: made.key });
        }
        let pem = std::fs::read(&certificate_file).at(&certificate_file)?;
        let certificate = X509::from_pem(&pem).at(&certificate_file)?;
        let pem = std::fs::read(&key_file).at(&key_file)?;
        let key = PKey::private_key_from_pem(&pem).at(&key_file)?;
        Ok(Self { certificate, key })
    }

    /// Signs a new certificate with a new key.
    pub(super) fn issue(&self, request: &Request<'_>) -> Result<Issued, ErrorStack> {
        certificate::make(request, Some((&self.certificate, &self.key)))
    }

    /// Signs a new certificate of a key that somebody else has.
    pub(super) fn certify(
        &self,
        request: &Request<'_>,
        key: &PKey<Public>,
    ) -> Result<X509, ErrorStack> {
        certificate::of_key(request, key, Some(&self.certificate), &self.key)
    }

    /// Whether this CA signed `certificate`.
    pub(super) fn signed(&self, certificate: &X509) -> bool {
        certificate.verify(&self.key).unwrap_or(false)
    }

    /// Its certificate.
    pub(super) fn certificate(&self) -> &X509 {
        &self.certificate
    }
}

/// Tells the CAs of different houses apart in lists of certificates.
fn short_id() -> String {
    uuid::Uuid::new_v4().simple().to_string().chars().take(8).collect()
}
