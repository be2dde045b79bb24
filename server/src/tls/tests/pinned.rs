//! Certificates that are let in as they are (ITI TF-2: 3.19.6.1.2).

use super::agreed::{certificate, named, p256, write};
use super::*;
use crate::pki::{Entitlement, Pinned, read_foreign};
use chrono::Utc;
use openssl::hash::MessageDigest;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::X509;

/// A certificate that its own key signed.
fn self_signed(dir: &Path, key: &PKey<Private>, digest: MessageDigest) -> X509 {
    let made = certificate(key, &named("weak"), key, digest);
    write(dir, &made, key);
    made
}

fn pinned(name: &str) -> Pinned {
    let roles = Roles::new([Role::Consumer]);
    let entitlement = Entitlement::default();
    Pinned { name: name.parse().unwrap(), roles, entitlement, overlap_days: 0 }
}

/// Whether it shakes hands and is a caller.
async fn comes_in(place: &Place, own: &Path) -> bool {
    knock(place, pair(own), SslVersion::TLS1_3).await
}

#[tokio::test]
async fn a_pinned_certificate_comes_in_and_no_other_one_of_its_name() {
    let mut place = Place::new(TlsVersion::V1_3);
    let at = |name: &str| place.dir.path().join(name);
    let (own, other) = (at("own"), at("other"));
    let known = self_signed(&own, &p256(), MessageDigest::sha256());
    self_signed(&other, &p256(), MessageDigest::sha256());
    assert!(!comes_in(&place, &own).await);
    assert_eq!(place.failure().await.reason, "self-signed certificate");

    place.pki.pin(&pinned("peer"), &known).unwrap();
    assert!(comes_in(&place, &own).await);
    assert!(!comes_in(&place, &other).await);
    // Certificates of the house come in as before, and it is let in no more when it is revoked.
    let (_, issued) = place.issue("issued", 1);
    assert!(comes_in(&place, &issued).await);
    place.pki.revoke(&"peer".parse().unwrap()).unwrap();
    place.peers.reload();
    assert!(!comes_in(&place, &own).await);
}

#[tokio::test]
async fn what_has_ended_does_not_come_in_although_it_is_pinned() {
    let mut place = Place::new(TlsVersion::V1_3);
    let stranger = Place::new(TlsVersion::V1_3);
    let (_, brief) = stranger.issue("brief", 0);
    let (_, lasting) = stranger.issue("lasting", 1);
    let read = |dir: &Path| X509::from_pem(&std::fs::read(dir.join("cert.pem")).unwrap()).unwrap();
    place.pki.pin(&pinned("lasting"), &read(&lasting)).unwrap();
    place.pki.pin(&pinned("brief"), &read(&brief)).unwrap();
    assert!(comes_in(&place, &lasting).await);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert!(!comes_in(&place, &brief).await);
    let reason = place.failure().await.reason;
    assert!(reason == "certificate has expired" || reason.contains("issuer"), "{reason}");
}

#[tokio::test]
async fn a_replaced_one_is_let_in_while_its_node_changes_over() {
    let place = Place::new(TlsVersion::V1_3);
    let (first, second) = (place.dir.path().join("1"), place.dir.path().join("2"));
    let old = self_signed(&first, &p256(), MessageDigest::sha256());
    let new = self_signed(&second, &p256(), MessageDigest::sha256());
    place.pki.pin(&pinned("peer"), &old).unwrap();
    place.pki.pin(&Pinned { overlap_days: 7, ..pinned("peer") }, &new).unwrap();
    assert!(comes_in(&place, &first).await);
    assert!(comes_in(&place, &second).await);
    // Again the same one, which is not its own predecessor; and one certificate is of one node.
    let again = place.pki.pin(&Pinned { overlap_days: 7, ..pinned("peer") }, &new).unwrap();
    assert!(again.earlier.is_none());
    let told = place.pki.pin(&pinned("twin"), &new).unwrap_err().to_string();
    assert!(told.contains("peer のものとして登録済みです") && told.contains("node peer"), "{told}");
}

#[test]
fn a_certificate_is_read_from_pem_der_and_pkcs_12_and_has_to_be_strong() {
    let dir = TempDir::new().unwrap();
    let key = p256();
    let made = self_signed(dir.path(), &key, MessageDigest::sha256());
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let der = file("a.der", &made.to_der().unwrap());
    let p12 = Pkcs12::builder().pkey(&key).cert(&made).build2("geheim").unwrap();
    let p12 = file("a.p12", &p12.to_der().unwrap());
    let now = Utc::now();
    for (path, password) in [(&dir.path().join("cert.pem"), ""), (&der, ""), (&p12, "geheim")] {
        let read = read_foreign(path, password, now).unwrap();
        assert_eq!(read.to_der().unwrap(), made.to_der().unwrap());
    }
    let refused = |path: &Path| read_foreign(path, "", now).unwrap_err().to_string();
    assert!(refused(&p12).contains("a.p12: パスワードが違います(--password-file) / cannot be"));
    assert!(refused(&file("x", b"x")).contains("is no certificate in PEM, DER or PKCS #12"));
    assert!(refused(&file("y", &vec![0; 1 << 21])).contains("1 MiB"));
    let weak = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
    for (key, digest) in [(weak, MessageDigest::sha256()), (key, MessageDigest::sha1())] {
        self_signed(dir.path(), &key, digest);
        assert!(refused(&dir.path().join("cert.pem")).contains("has a weak key or signature"));
    }
    let late = read_foreign(&der, "", now + chrono::TimeDelta::days(2)).unwrap_err().to_string();
    assert!(late.contains("は期限切れです"), "{late}");
}
