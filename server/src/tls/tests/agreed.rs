//! Which suites, versions and certificates a handshake ends with.

use super::*;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::ExtendedKeyUsage;
use openssl::x509::{X509, X509Name, X509NameRef};

/// Those that 高セキュリティ型 leaves.
const ECDSA: [&str; 3] = [
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
];
const RSA: [&str; 3] =
    ["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-RSA-AES128-GCM-SHA256"];
/// Finite-field groups, which the IHE option wants.
const DHE: [&str; 2] = ["DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-GCM-SHA384"];
/// RSA key exchange, CBC, CCM: no peer comes in with one.
const NEVER: [&str; 9] = [
    "AES128-SHA",
    "AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-CCM",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-RSA-AES256-SHA",
    "DHE-RSA-AES256-SHA256",
    "DHE-RSA-CHACHA20-POLY1305",
];

pub(super) fn p256() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

fn rsa(bits: u32) -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap()
}

pub(super) fn named(name: &str) -> X509Name {
    let mut subject = X509Name::builder().unwrap();
    subject.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
    subject.build()
}

/// A certificate of `key`, signed by `by`.
pub(super) fn certificate(
    key: &PKey<Private>,
    issuer: &X509NameRef,
    by: &PKey<Private>,
    digest: MessageDigest,
) -> X509 {
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let serial = BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap();
    builder.set_serial_number(&serial).unwrap();
    builder.set_subject_name(&named("weak")).unwrap();
    builder.set_issuer_name(issuer).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.append_extension(ExtendedKeyUsage::new().client_auth().build().unwrap()).unwrap();
    builder.sign(by, digest).unwrap();
    builder.build()
}

pub(super) fn write(dir: &Path, certificate: &X509, key: &PKey<Private>) {
    std::fs::create_dir_all(dir).unwrap();
    std::fs::write(dir.join("cert.pem"), certificate.to_pem().unwrap()).unwrap();
    std::fs::write(dir.join("key.pem"), key.private_key_to_pem_pkcs8().unwrap()).unwrap();
}

/// A house with an RSA certificate of its own, if so wished.
fn house(is_rsa: bool, suites: Suites) -> Place {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    let mut files = pki.server("localhost").unwrap();
    if is_rsa {
        let (own, key) = (dir.path().join("own"), rsa(2048));
        let certificate = certificate(&key, &named("weak"), &key, MessageDigest::sha256());
        write(&own, &certificate, &key);
        (files.certificate, files.key) = (own.join("cert.pem"), own.join("key.pem"));
    }
    Place::with(dir, pki, &files, suites)
}

/// What a peer that takes whatever `list` says agrees upon by TLS 1.2, if it comes in.
async fn agreed(place: &Place, own: &Path, list: &str) -> Option<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gate = place.gate.clone();
    let server = tokio::spawn(async move {
        let (tcp, from) = listener.accept().await.unwrap();
        gate.enter(tcp, Some(from)).await.map(|(stream, _)| stream)
    });
    let mut context = SslContextBuilder::new(SslMethod::tls_client()).unwrap();
    context.set_security_level(0);
    context.set_verify(SslVerifyMode::NONE);
    context.set_max_proto_version(Some(SslVersion::TLS1_2)).unwrap();
    context.set_cipher_list(list).unwrap();
    context.set_certificate_chain_file(own.join("cert.pem")).unwrap();
    context.set_private_key_file(own.join("key.pem"), SslFiletype::PEM).unwrap();
    let tcp = TcpStream::connect(address).await.unwrap();
    let mut stream = SslStream::new(Ssl::new(&context.build()).unwrap(), tcp).unwrap();
    let shaken = Pin::new(&mut stream).connect().await;
    let entered = server.await.unwrap()?;
    shaken.unwrap();
    entered.ssl().current_cipher().map(|cipher| cipher.name().to_owned())
}

/// Those of all suites by which a peer comes in.
async fn open(place: &Place) -> Vec<&'static str> {
    let (_, own) = place.issue("a", 1);
    let mut open = Vec::new();
    for suite in ECDSA.into_iter().chain(RSA).chain(DHE).chain(NEVER) {
        if let Some(agreed) = agreed(place, &own, suite).await {
            assert_eq!(agreed, suite);
            open.push(suite);
        }
    }
    open
}

#[tokio::test]
async fn tls_1_2_has_the_suites_of_its_type_and_no_others() {
    let high = Suites { lowest: TlsVersion::V1_2, profile: TlsProfile::HighSecurity };
    assert_eq!(open(&house(false, high)).await, ECDSA);
    assert_eq!(open(&house(true, high)).await, RSA);
    let bcp = Suites { profile: TlsProfile::Bcp195, ..high };
    assert_eq!(open(&house(false, bcp)).await, [ECDSA[0], ECDSA[2]]);
    assert_eq!(open(&house(true, bcp)).await, [RSA[0], RSA[2], DHE[0], DHE[1]]);
}

#[tokio::test]
async fn the_order_is_the_servers() {
    let place = house(false, Suites { lowest: TlsVersion::V1_2, ..Suites::SAFEST });
    let (_, own) = place.issue("a", 1);
    let reversed = format!("{}:{}:{}", ECDSA[2], ECDSA[1], ECDSA[0]);
    assert_eq!(agreed(&place, &own, &reversed).await.as_deref(), Some(ECDSA[0]));
}

#[tokio::test]
async fn a_weak_certificate_does_not_come_in() {
    let mut place = Place::new(TlsVersion::V1_3);
    let pem = std::fs::read(place.trusted()).unwrap();
    let authority = X509::from_pem(&pem).unwrap();
    let pem = std::fs::read(place.trusted().with_extension("key")).unwrap();
    let signing = PKey::private_key_from_pem(&pem).unwrap();
    let issuer = authority.subject_name();
    let out = place.dir.path().join("weak");
    let cases = [
        (p256(), MessageDigest::sha256(), None),
        (rsa(1024), MessageDigest::sha256(), Some("EE certificate key too weak")),
        (p256(), MessageDigest::sha1(), Some("CA signature digest algorithm too weak")),
    ];
    for (key, digest, refused) in cases {
        write(&out, &certificate(&key, issuer, &signing, digest), &key);
        assert_eq!(knock_weakly(&place, &out).await, refused.is_none(), "{refused:?}");
        if let Some(why) = refused {
            assert_eq!(place.failure().await.reason, why);
        }
    }
}

/// Whether a peer that has no scruples shakes hands with TLS 1.3.
async fn knock_weakly(place: &Place, own: &Path) -> bool {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gate = place.gate.clone();
    let server = tokio::spawn(async move {
        let (tcp, from) = listener.accept().await.unwrap();
        gate.enter(tcp, Some(from)).await.is_some()
    });
    let mut context = SslContextBuilder::new(SslMethod::tls_client()).unwrap();
    context.set_security_level(0);
    context.set_certificate_chain_file(own.join("cert.pem")).unwrap();
    context.set_private_key_file(own.join("key.pem"), SslFiletype::PEM).unwrap();
    let tcp = TcpStream::connect(address).await.unwrap();
    let mut stream = SslStream::new(Ssl::new(&context.build()).unwrap(), tcp).unwrap();
    drop(Pin::new(&mut stream).connect().await);
    server.await.unwrap()
}
