//! Certificates that the program did not issue.

use anyhow::Result;
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A certificate with its key.
pub struct Forged {
    /// The certificate.
    pub certificate: X509,
    /// Its key.
    pub key: PKey<Private>,
}

impl Forged {
    /// The CA of a data directory.
    pub fn authority_of(data_dir: &Path) -> Result<Self> {
        let read = |name: &str| std::fs::read(data_dir.join("pki").join(name));
        Ok(Self {
            certificate: X509::from_pem(&read("ca.pem")?)?,
            key: PKey::private_key_from_pem(&read("ca.key")?)?,
        })
    }

    /// A new self-signed CA.
    pub fn authority(name: &str) -> Result<Self> {
        Self::make(name, None, false, day(-1), day(30))
    }

    /// A node's certificate signed by this CA, good from and until so many days from now.
    pub fn node(&self, name: &str, from: i64, until: i64) -> Result<Self> {
        Self::make(name, Some(self), false, day(from), day(until))
    }

    /// A certificate signed by this CA for a server of this host name.
    pub fn server(&self, host: &str) -> Result<Self> {
        Self::make(host, Some(self), true, day(-1), day(30))
    }

    /// The same, good until so many seconds from now.
    pub fn server_until(&self, host: &str, seconds: i64) -> Result<Self> {
        Self::make(host, Some(self), true, day(-2), day(0) + seconds)
    }

    fn make(name: &str, by: Option<&Self>, serves: bool, from: i64, until: i64) -> Result<Self> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
        let mut subject = X509NameBuilder::new()?;
        subject.append_entry_by_nid(Nid::COMMONNAME, name)?;
        let subject = subject.build();
        let mut serial = BigNum::new()?;
        serial.rand(120, MsbOption::ONE, false)?;
        let mut builder = X509Builder::new()?;
        builder.set_version(2)?;
        builder.set_serial_number(serial.to_asn1_integer()?.as_ref())?;
        builder.set_subject_name(&subject)?;
        builder.set_issuer_name(by.map_or(&*subject, |b| b.certificate.subject_name()))?;
        builder.set_not_before(Asn1Time::from_unix(from)?.as_ref())?;
        builder.set_not_after(Asn1Time::from_unix(until)?.as_ref())?;
        builder.set_pubkey(&key)?;
        match by {
            None => {
                builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
            }
            Some(ca) if serves => {
                let usage = ExtendedKeyUsage::new().server_auth().build()?;
                builder.append_extension(usage)?;
                let context = builder.x509v3_context(Some(&ca.certificate), None);
                let names = SubjectAlternativeName::new().dns(name).build(&context)?;
                builder.append_extension(names)?;
            }
            Some(_) => {
                builder.append_extension(ExtendedKeyUsage::new().client_auth().build()?)?;
            }
        }
        builder.sign(by.map_or(&key, |b| &b.key), MessageDigest::sha256())?;
        Ok(Self { certificate: builder.build(), key })
    }

    /// Writes `cert.pem` and `key.pem` into a directory, as identities are.
    pub fn write(&self, directory: &Path) -> Result<()> {
        std::fs::create_dir_all(directory)?;
        std::fs::write(directory.join("cert.pem"), self.certificate.to_pem()?)?;
        std::fs::write(directory.join("key.pem"), self.key.private_key_to_pem_pkcs8()?)?;
        Ok(())
    }
}

/// The second that is so many days from now.
fn day(days: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    i64::try_from(now).unwrap_or(0) + days * 86_400
}
