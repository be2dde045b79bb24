//! What trusted CAs say that they revoked (RFC 5280: 5).

use super::trusted::{For, LONG, Made, made};
use super::*;
use crate::pki::{CrlSource, Presented, Verdict, take_crl};
use crate::settings::StaleCrl;
use chrono::Utc;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::x509::extension::AuthorityKeyIdentifier;
use openssl::x509::{CrlNumber, X509, X509Crl, X509CrlBuilder, X509RevokedBuilder};

/// A list of `ca` that was made and ends so many seconds from now.
fn list(ca: &Made, from: i64, until: i64, revoked: &[&Made]) -> X509Crl {
    let now = Utc::now().timestamp();
    let at = |seconds: i64| Asn1Time::from_unix(now + seconds).unwrap();
    let mut builder = X509CrlBuilder::new().unwrap();
    builder.set_issuer_name(ca.certificate.subject_name()).unwrap();
    builder.set_last_update(&at(from)).unwrap();
    builder.set_next_update(&at(until)).unwrap();
    let blank = X509::builder().unwrap();
    let context = blank.x509v3_context(Some(&ca.certificate), None);
    let issuer = AuthorityKeyIdentifier::new().issuer(true).build(&context).unwrap();
    builder.append_extension(issuer).unwrap();
    let number = CrlNumber::new(BigNum::from_u32(7).unwrap()).unwrap().build().unwrap();
    builder.append_extension(number).unwrap();
    for made in revoked {
        let mut entry = X509RevokedBuilder::new().unwrap();
        entry.set_serial_number(made.certificate.serial_number()).unwrap();
        entry.set_revocation_date(&at(from)).unwrap();
        builder.add_revoked(entry.build()).unwrap();
    }
    builder.sign(&ca.key, MessageDigest::sha256()).unwrap();
    builder.build().unwrap()
}

fn pem(crl: &X509Crl) -> Vec<u8> {
    crl.to_pem().unwrap()
}

/// A place that trusts `ca`, which publishes lists, under the name partner.
fn trusting(ca: &Made) -> Place {
    let place = Place::new(TlsVersion::V1_3);
    let source: CrlSource = "http://localhost/list.crl".parse().unwrap();
    let certificate = ca.certificate.clone();
    let trusted = place.pki.trusting(&"partner".parse().unwrap(), certificate, Some(source));
    place.pki.trust(&trusted.unwrap()).unwrap();
    place
}

fn take(place: &Place, ca: &Made, crl: &[u8]) -> Result<bool, String> {
    take_crl(&place.pki, "partner", &ca.certificate, crl).map_err(|e| e.to_string())
}

/// What is said of a certificate: `None` where it is vouched for.
fn said(place: &Place, stale: StaleCrl, leaf: &Made) -> Option<String> {
    let table = PeerTable::open(&place.pki, Terms::default()).unwrap().with_stale(stale);
    match table.admit(&Presented::of(&leaf.certificate).unwrap()) {
        Verdict::Vouched(_) => None,
        Verdict::Refused(reason) => Some(reason),
        Verdict::Unknown => panic!("nobody signed it"),
    }
}

#[test]
fn a_source_is_a_file_or_a_url() {
    for text in ["/a/list.crl", "list.crl", "http://a.example/x.crl", "https://a.example:8/x"] {
        assert_eq!(text.parse::<CrlSource>().unwrap().to_string(), text);
    }
    for wrong in ["", "ldap://a.example/cn=x", "http://", "ftp://a.example/x"] {
        let told = wrong.parse::<CrlSource>().unwrap_err().to_string();
        assert!(told.contains(" / ") && told.contains("http://"), "{told}");
    }
}

#[test]
fn a_list_is_taken_that_its_ca_signed_and_that_is_newer() {
    let ca = made("CA", For::Authority, None, LONG);
    let place = trusting(&ca);
    let first = list(&ca, -60, 600, &[]);
    assert_eq!(take(&place, &ca, &pem(&first)), Ok(true));
    assert_eq!(take(&place, &ca, &first.to_der().unwrap()), Ok(false));
    let newer = list(&ca, -30, 600, &[]);
    assert_eq!(take(&place, &ca, &pem(&newer)), Ok(true));
    let refused = |crl: &[u8]| {
        let told = take(&place, &ca, crl).unwrap_err();
        assert!(told.contains("crls/partner.pem: ") && told.contains(" / "), "{told}");
        told
    };
    assert!(refused(b"-----BEGIN X509 CRL-----").contains("is no CRL in PEM or DER"));
    assert!(refused(&pem(&first)).contains("before that of the one in use"));
    assert!(refused(&pem(&list(&ca, 3_600, 7_200, &[]))).contains("is to come"));
    let alike = made("CA", For::Authority, None, LONG);
    assert!(refused(&pem(&list(&alike, -10, 600, &[]))).contains("is not signed by this CA"));
    let other = made("Other", For::Authority, None, LONG);
    assert!(
        refused(&pem(&list(&other, -10, 600, &[]))).contains("the CRL of another CA, CN=Other")
    );
    let signer = made("CA", For::Silent, None, LONG);
    let told = take(&place, &signer, &pem(&list(&signer, -10, 600, &[]))).unwrap_err();
    assert!(told.contains("may not sign CRLs"), "{told}");
}

#[test]
fn who_is_on_the_list_is_out_and_without_a_good_list_everybody_unless_they_are_admitted() {
    let ca = made("CA", For::Authority, None, LONG);
    let place = trusting(&ca);
    let good = made("good", For::Client, Some(&ca), LONG);
    let gone = made("gone", For::Client, Some(&ca), LONG);
    let no_list = said(&place, StaleCrl::Refuse, &good);
    assert_eq!(no_list.as_deref(), Some("unable to get certificate CRL"));
    assert_eq!(said(&place, StaleCrl::Admit, &good), None);

    take(&place, &ca, &pem(&list(&ca, -60, 600, &[&gone]))).unwrap();
    for stale in [StaleCrl::Refuse, StaleCrl::Admit] {
        assert_eq!(said(&place, stale, &good), None);
        assert_eq!(said(&place, stale, &gone).as_deref(), Some("certificate revoked"));
    }
    take(&place, &ca, &pem(&list(&ca, -50, -1, &[&gone]))).unwrap();
    assert_eq!(said(&place, StaleCrl::Refuse, &good).as_deref(), Some("CRL has expired"));
    assert_eq!(said(&place, StaleCrl::Admit, &good), None);
    let revoked = said(&place, StaleCrl::Admit, &gone);
    assert_eq!(revoked.as_deref(), Some("certificate revoked"));
    // Trusted no more, nothing of it is kept.
    place.pki.distrust(&place.pki.authority(&"partner".parse().unwrap()).unwrap()).unwrap();
    assert!(std::fs::read_dir(place.dir.path().join("pki/crls")).unwrap().next().is_none());
}
