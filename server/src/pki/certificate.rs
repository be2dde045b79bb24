//! X.509 certificates (RFC 5280) for the three uses of the house.

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, PKey, PKeyRef, Private};
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
    SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Name};
use std::net::IpAddr;

/// What a certificate is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Usage<'a> {
    /// Signs others.
    Authority,
    /// Serves under a host name or address.
    Server { host: &'a str },
    /// Connects, and listens for replies or serves under these host names or addresses.
    Client { hosts: &'a [String] },
}

/// A certificate to make.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    pub(super) name: &'a str,
    pub(super) usage: Usage<'a>,
    pub(super) days: u32,
}

/// A certificate with its key, made for it.
pub(super) struct Issued {
    pub(super) certificate: X509,
    pub(super) key: PKey<Private>,
    pub(super) certificate_pem: Vec<u8>,
    pub(super) key_pem: Vec<u8>,
}

/// Days before its end from which a certificate of the house is renewed.
const RENEW_DAYS: u32 = 30;

/// Makes a key (P-256) and a certificate, signed by `signer` or, without one, by itself.
pub(super) fn make(
    request: &Request<'_>,
    signer: Option<(&X509, &PKey<Private>)>,
) -> Result<Issued, ErrorStack> {
    let key = PKey::from_ec_key(EcKey::generate(
        EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?.as_ref(),
    )?)?;
    let (issuer, signing) = match signer {
        Some((issuer, signing)) => (Some(issuer), signing),
        None => (None, &key),
    };
    let certificate = of_key(request, &key, issuer, signing)?;
    let certificate_pem = certificate.to_pem()?;
    let key_pem = key.private_key_to_pem_pkcs8()?;
    Ok(Issued { certificate, key, certificate_pem, key_pem })
}

/// The certificate of `key`, signed with the key of `issuer` or, without one, of itself.
pub(super) fn of_key<K: HasPublic>(
    request: &Request<'_>,
    key: &PKeyRef<K>,
    issuer: Option<&X509>,
    signing: &PKey<Private>,
) -> Result<X509, ErrorStack> {
    let subject = subject(request.name)?;
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(serial()?.as_ref())?;
    builder.set_subject_name(&subject)?;
    builder.set_issuer_name(issuer.map_or(subject.as_ref(), |c| c.subject_name()))?;
    builder.set_pubkey(key)?;
    // A peer's clock may be a little behind (ITI TF-2: 3.1 allows a second; be generous).
    let start = chrono::Utc::now().timestamp() - 300;
    builder.set_not_before(Asn1Time::from_unix(start)?.as_ref())?;
    builder.set_not_after(Asn1Time::days_from_now(request.days)?.as_ref())?;
    extend(&mut builder, request.usage, issuer.map(|c| &**c))?;
    builder.sign(signing, MessageDigest::sha256())?;
    Ok(builder.build())
}

fn subject(name: &str) -> Result<X509Name, ErrorStack> {
    let mut subject = X509Name::builder()?;
    subject.append_entry_by_nid(Nid::ORGANIZATIONNAME, "Renkei")?;
    // RFC 5280: a common name has at most 64 characters; a longer host stands in the alternative
    // names alone.
    let name: String = name.chars().take(64).collect();
    subject.append_entry_by_nid(Nid::COMMONNAME, &name)?;
    Ok(subject.build())
}

/// The common name of a certificate.
pub(super) fn common_name(certificate: &X509) -> Option<String> {
    let name = certificate.subject_name().entries_by_nid(Nid::COMMONNAME).next()?;
    String::from_utf8(name.data().as_slice().to_vec()).ok()
}

fn serial() -> Result<Asn1Integer, ErrorStack> {
    let mut number = BigNum::new()?;
    number.rand(127, MsbOption::MAYBE_ZERO, false)?;
    number.add_word(1)?;
    number.to_asn1_integer()
}

fn extend(
    builder: &mut openssl::x509::X509Builder,
    usage: Usage<'_>,
    issuer: Option<&openssl::x509::X509Ref>,
) -> Result<(), ErrorStack> {
    let mut constraints = BasicConstraints::new();
    constraints.critical();
    let mut key_usage = KeyUsage::new();
    key_usage.critical();
    match usage {
        Usage::Authority => {
            constraints.ca().pathlen(0);
            key_usage.key_cert_sign().crl_sign();
        }
        Usage::Server { .. } | Usage::Client { .. } => {
            key_usage.digital_signature();
        }
    }
    builder.append_extension(constraints.build()?)?;
    builder.append_extension(key_usage.build()?)?;
    let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(issuer, None))?;
    builder.append_extension(identifier)?;
    if issuer.is_some() {
        let identifier = AuthorityKeyIdentifier::new()
            .keyid(true)
            .build(&builder.x509v3_context(issuer, None))?;
        builder.append_extension(identifier)?;
    }
    match usage {
        Usage::Authority => {}
        Usage::Client { hosts: [] } => {
            builder.append_extension(ExtendedKeyUsage::new().client_auth().build()?)?;
        }
        Usage::Client { hosts } => {
            let usage = ExtendedKeyUsage::new().client_auth().server_auth().build()?;
            builder.append_extension(usage)?;
            let mut own = SubjectAlternativeName::new();
            let names = names(&mut own, hosts).build(&builder.x509v3_context(issuer, None))?;
            builder.append_extension(names)?;
        }
        Usage::Server { host } => {
            builder.append_extension(ExtendedKeyUsage::new().server_auth().build()?)?;
            let mut own = SubjectAlternativeName::new();
            own.dns("localhost").ip("127.0.0.1").ip("::1");
            let is_own = host == "localhost" || address(host).is_some_and(|ip| ip.is_loopback());
            let more: &[String] = if is_own { &[] } else { &[host.to_owned()] };
            let names = names(&mut own, more).build(&builder.x509v3_context(issuer, None))?;
            builder.append_extension(names)?;
        }
    }
    Ok(())
}

/// Adds hosts to the names of a certificate.
fn names<'n>(
    names: &'n mut SubjectAlternativeName,
    hosts: &[String],
) -> &'n mut SubjectAlternativeName {
    hosts.iter().fold(names, |names, host| match address(host) {
        Some(ip) => names.ip(&ip.to_string()),
        None => names.dns(host),
    })
}

/// The address of a host written as one; IPv6 in brackets or without.
fn address(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Whether a certificate holds for `host` and does not end soon.
pub(super) fn serves(certificate: &X509, host: &str) -> bool {
    names_host(certificate, host) && !ends_soon(certificate)
}

/// Whether a certificate holds for `host`.
pub(super) fn names_host(certificate: &X509, host: &str) -> bool {
    let wanted = address(host);
    certificate.subject_alt_names().is_some_and(|names| {
        names.iter().any(|name| match (wanted, name.ipaddress(), name.dnsname()) {
            (Some(IpAddr::V4(ip)), Some(bytes), _) => bytes == ip.octets(),
            (Some(IpAddr::V6(ip)), Some(bytes), _) => bytes == ip.octets(),
            (None, _, Some(dns)) => dns_names(dns, host),
            _ => false,
        })
    })
}

/// A wildcard stands for the left-most label (RFC 6125: 6.4.3).
fn dns_names(name: &str, host: &str) -> bool {
    let under = |name: &str| name.strip_prefix("*.").map(str::to_ascii_lowercase);
    let rest = host.split_once('.').map(|(_, rest)| rest.to_ascii_lowercase());
    name.eq_ignore_ascii_case(host) || under(name).is_some_and(|name| rest == Some(name))
}

/// Whether a certificate has ended or will within [`RENEW_DAYS`].
pub(super) fn ends_soon(certificate: &X509) -> bool {
    Asn1Time::days_from_now(RENEW_DAYS).map_or(true, |limit| certificate.not_after() < limit)
}
