//! Nodes that are known by their subject under a CA of others (ITI TF-2: 3.19.6.1.1).

use super::agreed::{named, p256, write};
use super::seen::{ask, kept};
use super::*;
use crate::pki::{Presented, Under, read_authority};
use chrono::Utc;
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage};
use openssl::x509::{X509, X509Builder};

/// What a certificate is made for.
#[derive(Clone, Copy)]
pub(super) enum For {
    Authority,
    /// One that says so only in its keyUsage.
    Halfway,
    /// A CA whose keyUsage forbids it to sign.
    Mute,
    /// A CA whose keyUsage forbids it to tell what it revoked.
    Silent,
    Client,
    Server,
}

/// A certificate with its key.
pub(super) struct Made {
    pub(super) certificate: X509,
    pub(super) key: PKey<Private>,
}

pub(super) fn made(name: &str, purpose: For, by: Option<&Made>, seconds: i64) -> Made {
    with_key(name, purpose, by, seconds, p256())
}

fn with_key(name: &str, purpose: For, by: Option<&Made>, secs: i64, key: PKey<Private>) -> Made {
    let subject = named(name);
    let mut serial = BigNum::new().unwrap();
    serial.rand(100, MsbOption::ONE, false).unwrap();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(by.map_or(&*subject, |by| by.certificate.subject_name())).unwrap();
    let now = Utc::now().timestamp();
    builder.set_not_before(&Asn1Time::from_unix(now - 60).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(now + secs).unwrap()).unwrap();
    builder.set_pubkey(&key).unwrap();
    let ca = || BasicConstraints::new().critical().ca().build().unwrap();
    let usage = |eku: &mut ExtendedKeyUsage| eku.build().unwrap();
    match purpose {
        For::Authority => {
            builder.append_extension(ca()).unwrap();
            let signs = KeyUsage::new().critical().key_cert_sign().crl_sign().build().unwrap();
            builder.append_extension(signs).unwrap();
        }
        For::Mute => {
            builder.append_extension(ca()).unwrap();
            builder.append_extension(KeyUsage::new().crl_sign().build().unwrap()).unwrap();
        }
        For::Silent => {
            builder.append_extension(ca()).unwrap();
            builder.append_extension(KeyUsage::new().key_cert_sign().build().unwrap()).unwrap();
        }
        For::Halfway => {
            builder.append_extension(KeyUsage::new().key_cert_sign().build().unwrap()).unwrap();
        }
        For::Client => {
            builder.append_extension(usage(ExtendedKeyUsage::new().client_auth())).unwrap();
        }
        For::Server => {
            builder.append_extension(usage(ExtendedKeyUsage::new().server_auth())).unwrap();
        }
    }
    builder.sign(by.map_or(&key, |by| &by.key), MessageDigest::sha256()).unwrap();
    Made { certificate: builder.build(), key }
}

impl Made {
    fn at(&self, place: &Place, name: &str) -> PathBuf {
        let dir = place.dir.path().join(name);
        write(&dir, &self.certificate, &self.key);
        dir
    }
}

pub(super) const LONG: i64 = 86_400;

fn trust(place: &Place, name: &str, ca: &Made) {
    let ca = place.pki.trusting(&name.parse().unwrap(), ca.certificate.clone(), None).unwrap();
    place.pki.trust(&ca).unwrap();
    place.peers.reload();
}

fn enter(place: &Place, name: &str, ca: &str, subject: &str) {
    let authority = place.pki.authority(&ca.parse().unwrap()).unwrap();
    let under = under(name, subject);
    place.pki.enter(&under, &authority).unwrap();
    place.peers.reload();
}

fn under(name: &str, subject: &str) -> Under {
    Under {
        name: name.parse().unwrap(),
        subject: subject.to_owned(),
        roles: Roles::new([Role::Consumer]),
        entitlement: Entitlement::default(),
    }
}

#[tokio::test]
async fn a_trusted_ca_lets_nobody_in_but_those_who_are_entered_by_subject() {
    let mut place = Place::new(TlsVersion::V1_3);
    let ca = made("CA", For::Authority, None, LONG);
    let first = made("node", For::Client, Some(&ca), LONG).at(&place, "first");
    assert!(!ask(&place, &first).await);
    assert!(place.failure().await.reason.contains("issuer"));
    trust(&place, "partner", &ca);
    assert!(!ask(&place, &first).await);
    assert_eq!(place.failure().await.reason, "certificate is not in the peer table");
    enter(&place, "node", "partner", "CN=node");
    assert!(ask(&place, &first).await);
    // A renewed one goes on; another subject, and the same one of another CA, do not come in.
    let second = made("node", For::Client, Some(&ca), LONG).at(&place, "second");
    assert!(ask(&place, &second).await && ask(&place, &first).await);
    let other = made("other", For::Client, Some(&ca), LONG).at(&place, "other");
    assert!(!ask(&place, &other).await);
    let lookalike = made("CA", For::Authority, None, LONG);
    let alike = made("node", For::Client, Some(&lookalike), LONG).at(&place, "alike");
    assert!(!ask(&place, &alike).await);
    trust(&place, "second", &lookalike);
    assert!(!ask(&place, &alike).await, "let in under a CA under which it is not entered");
    assert!(ask(&place, &first).await);
    // Nodes of the house come in as before.
    let (_, own) = place.issue("own", 1);
    assert!(ask(&place, &own).await);
}

#[tokio::test]
async fn what_is_no_clients_or_has_ended_or_is_of_a_ca_below_does_not_come_in() {
    let mut place = Place::new(TlsVersion::V1_3);
    let ca = made("CA", For::Authority, None, LONG);
    trust(&place, "partner", &ca);
    enter(&place, "node", "partner", "CN=node");
    let server = made("node", For::Server, Some(&ca), LONG).at(&place, "server");
    assert!(!ask(&place, &server).await);
    assert!(place.failure().await.reason.contains("purpose"));
    let ended = made("node", For::Client, Some(&ca), -1).at(&place, "ended");
    assert!(!ask(&place, &ended).await);
    assert_eq!(place.failure().await.reason, "certificate has expired");
    // Both are told of the node whose subject and CA they have.
    assert_eq!(kept(&place).nodes["node"].refused, 2);

    let below = made("below", For::Authority, Some(&ca), LONG);
    let leaf = made("node", For::Client, Some(&below), LONG);
    let dir = leaf.at(&place, "leaf");
    let chain = [leaf.certificate.to_pem().unwrap(), below.certificate.to_pem().unwrap()].concat();
    std::fs::write(dir.join("cert.pem"), chain).unwrap();
    assert!(!ask(&place, &dir).await);
    assert_eq!(place.failure().await.reason, "certificate is not in the peer table");
    // The CA below is one to trust, although nobody trusts that above it.
    place.pki.distrust(&place.pki.authority(&"partner".parse().unwrap()).unwrap()).unwrap();
    trust(&place, "partner", &below);
    assert!(ask(&place, &dir).await);
}

#[tokio::test]
async fn connections_end_when_the_ca_is_trusted_no_more_and_when_the_node_is_revoked() {
    let place = Place::new(TlsVersion::V1_3);
    let ca = made("CA", For::Authority, None, LONG);
    let leaf = made("node", For::Client, Some(&ca), LONG);
    trust(&place, "partner", &ca);
    enter(&place, "node", "partner", "CN=node");
    let presented = Presented::of(&leaf.certificate).unwrap();
    let connected = |place: &Place| match place.peers.admit(&presented) {
        crate::pki::Verdict::Vouched(vouched) => vouched,
        other => panic!("{other:?}"),
    };
    let is_open = |vouched: &crate::pki::Vouched| {
        place.peers.gone(&presented, Some(vouched)).is_some_and(|gone| !gone.is_cancelled())
    };
    let first = connected(&place);
    assert!(is_open(&first));
    // Entered anew with other roles, or another node beside it: nothing ends.
    enter(&place, "node", "partner", "CN=node");
    enter(&place, "beside", "partner", "CN=beside");
    assert!(is_open(&first));
    place.pki.revoke(&"node".parse().unwrap()).unwrap();
    place.peers.reload();
    assert!(!is_open(&first));
    enter(&place, "node", "partner", "CN=node");
    let second = connected(&place);
    let gone = place.peers.gone(&presented, Some(&second)).unwrap();
    place.pki.distrust(&place.pki.authority(&"partner".parse().unwrap()).unwrap()).unwrap();
    place.peers.reload();
    assert!(gone.is_cancelled() && place.peers.find(&presented, Some(&second)).is_none());
}

#[test]
fn what_cannot_vouch_for_anybody_is_refused_by_what_is_wrong() {
    let place = Place::new(TlsVersion::V1_3);
    let path = place.dir.path().join("ca.pem");
    let refused = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let told = read_authority(&path, Utc::now()).map(|_| ()).unwrap_err().to_string();
        assert!(told.contains("ca.pem: ") && told.contains(" / "), "{told}");
        told
    };
    let pem = |made: &Made| made.certificate.to_pem().unwrap();
    let ca = made("CA", For::Authority, None, LONG);
    for bytes in [pem(&ca), ca.certificate.to_der().unwrap()] {
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(read_authority(&path, Utc::now()).unwrap(), ca.certificate);
    }
    assert!(refused(b"x").contains("is no certificate in PEM or DER"));
    assert!(refused(&[pem(&ca), pem(&ca)].concat()).contains("holds several certificates"));
    let leaf = pem(&made("node", For::Client, Some(&ca), LONG));
    assert!(refused(&leaf).contains("basicConstraints does not say so"));
    let halfway = pem(&made("CA", For::Halfway, None, LONG));
    assert!(refused(&halfway).contains("basicConstraints does not say so"));
    let mute = pem(&made("CA", For::Mute, None, LONG));
    assert!(refused(&mute).contains("keyUsage has no keyCertSign"));
    assert!(refused(&pem(&made("CA", For::Authority, None, -1))).contains("has ended"));
    let weak = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
    let weak = pem(&with_key("CA", For::Authority, None, LONG, weak));
    assert!(refused(&weak).contains("has a weak key or signature"));
}

#[test]
fn one_ca_has_one_name_and_one_subject_one_node() {
    let place = Place::new(TlsVersion::V1_3);
    let ca = made("CA", For::Authority, None, LONG);
    trust(&place, "partner", &ca);
    trust(&place, "partner", &ca);
    let again = place.pki.trusting(&"twin".parse().unwrap(), ca.certificate.clone(), None);
    let told = again.map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("partner という名前で登録済み") && told.contains("already"), "{told}");
    enter(&place, "node", "partner", "CN=node");
    let authority = place.pki.authority(&"partner".parse().unwrap()).unwrap();
    let told = place.pki.enter(&under("twin", "CN=node"), &authority).unwrap_err().to_string();
    assert!(told.contains("node のものとして登録済みです"), "{told}");
    let told = place.pki.authority(&"nobody".parse().unwrap()).map(|_| ()).unwrap_err();
    assert!(told.to_string().contains("nobody: 信頼している認証局にありません"), "{told}");
    assert_eq!(place.peers.ends().iter().filter(|(name, _)| name == "CA partner").count(), 1);
    assert!(place.peers.ends().iter().all(|(name, _)| name != "node"));
}

#[tokio::test]
async fn a_node_of_a_trusted_ca_is_asked_for_by_others_as_long_as_the_ca_is() {
    let place = Place::new(TlsVersion::V1_3);
    let ca = made("CA", For::Authority, None, LONG);
    trust(&place, "partner", &ca);
    enter(&place, "node", "partner", "CN=node");
    let by = renkei_context::Caller::internal("repository");
    let named = || place.peers.named("node", &by);
    // It has no certificate of its own here, and is not taken for the house for that.
    assert!(named().is_some_and(|node| !node.is_house()));
    place.pki.distrust(&place.pki.authority(&"partner".parse().unwrap()).unwrap()).unwrap();
    place.peers.reload();
    assert_eq!(named(), None);
}
