use super::*;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::{X509NameBuilder, X509ReqBuilder};
use renkei_client::certificate::fingerprint;
use renkei_context::{Caller, Role};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn issue(name: &str) -> Issue {
    let roles = Roles::new([Role::Source, Role::Feed]);
    let (password, hosts) = (String::new(), Vec::new());
    let entitlement = Entitlement::default();
    let name = name.parse().unwrap();
    Issue { name, roles, entitlement, days: 10, password, hosts, overlap_days: 0, csr: None }
}

fn read(path: PathBuf) -> X509 {
    X509::from_pem(&std::fs::read(path).unwrap()).unwrap()
}

fn verifies(certificate: &X509, authority: &X509) -> bool {
    let mut store = X509StoreBuilder::new().unwrap();
    store.add_cert(authority.clone()).unwrap();
    let store = store.build();
    let chain = Stack::new().unwrap();
    let mut context = openssl::x509::X509StoreContext::new().unwrap();
    context.init(&store, certificate, &chain, |c| c.verify_cert()).unwrap()
}

#[test]
fn files_of_another_node_are_not_written_over() {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    let out = dir.path().join("out");
    pki.issue(&issue("clinic-a"), &out).unwrap();
    let kept = std::fs::read(out.join("key.pem")).unwrap();
    let refused = pki.issue(&issue("clinic-b"), &out).unwrap_err().to_string();
    assert!(refused.contains("clinic-a") && refused.contains("--out"), "{refused}");
    assert_eq!(std::fs::read(out.join("key.pem")).unwrap(), kept);
    assert!(!pki.peers_dir().join("clinic-b.toml").exists());
    pki.issue(&issue("clinic-a"), &out).unwrap();
    assert_ne!(std::fs::read(out.join("key.pem")).unwrap(), kept);
}

#[test]
fn what_is_issued_verifies_and_is_entered() {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    let out = dir.path().join("out");
    let peer = pki.issue(&issue("clinic-a"), &out).unwrap();
    let (certificate, authority) = (read(out.join("cert.pem")), read(out.join("ca.pem")));
    assert!(verifies(&certificate, &authority));
    assert_eq!(fingerprint(&certificate).unwrap(), peer.fingerprint);
    assert_eq!(peer.subject, "CN=clinic-a,O=Renkei");
    let days = (peer.expires - chrono::Utc::now()).num_days();
    assert!((9..=10).contains(&days), "{days}");

    let key = PKey::private_key_from_pem(&std::fs::read(out.join("key.pem")).unwrap()).unwrap();
    assert!(key.public_eq(&certificate.public_key().unwrap()));
    assert_eq!(
        key.ec_key().unwrap().group().curve_name(),
        Some(openssl::nid::Nid::X9_62_PRIME256V1)
    );
    let mode = |p: PathBuf| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(out.join("key.pem")), 0o600);
    assert_eq!(mode(out.join("identity.p12")), 0o600);
    assert_eq!(mode(dir.path().join("pki/ca.key")), 0o600);
    let p12 = Pkcs12::from_der(&std::fs::read(out.join("identity.p12")).unwrap()).unwrap();
    let opened = p12.parse2("").unwrap();
    assert_eq!(opened.cert.unwrap(), certificate);
    assert!(opened.pkey.unwrap().public_eq(&key));

    let table = PeerTable::open(&pki, Terms::default()).unwrap();
    assert_eq!(table.find_print(&peer.fingerprint).unwrap().peer, peer);
    let text = String::from_utf8(certificate.to_text().unwrap()).unwrap();
    assert!(text.contains("TLS Web Client Authentication"), "{text}");
    assert!(!text.contains("TLS Web Server Authentication"), "{text}");
}

#[test]
fn a_gateway_calls_and_serves() {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    let hosts = ["rg.example", "192.0.2.7", "localhost"].map(str::to_owned).to_vec();
    let issue =
        Issue { roles: Roles::new([Role::Gateway]), hosts, days: 90, ..issue("other-community") };
    pki.issue(&issue, &dir.path().join("out")).unwrap();
    let certificate = read(dir.path().join("out/cert.pem"));
    let text = String::from_utf8(certificate.to_text().unwrap()).unwrap();
    for usage in ["TLS Web Client Authentication", "TLS Web Server Authentication"] {
        assert!(text.contains(usage), "{text}");
    }
    for host in ["localhost", "127.0.0.1", "::1", "rg.example", "192.0.2.7"] {
        assert!(certificate::serves(&certificate, host), "{host}");
    }
    assert!(!certificate::serves(&certificate, "other.example"));
    assert_eq!(certificate.subject_alt_names().unwrap().len(), 5);
}

#[test]
fn names_cannot_leave_the_folder() {
    for bad in ["", "../x", "a/b", ".x", "a b", "ä", "-x", &"x".repeat(65), "a\0"] {
        assert!(bad.parse::<NodeName>().is_err(), "{bad}");
    }
    assert!("repo-1.example.jp".parse::<NodeName>().is_ok());
}

#[test]
fn the_table_learns_and_forgets_within_a_second() {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    let table = Arc::new(PeerTable::open(&pki, Terms::default()).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.spawn(Arc::clone(&table).watch());
    let within_a_second = |done: &dyn Fn() -> bool| {
        let start = Instant::now();
        while !done() {
            assert!(start.elapsed() < Duration::from_secs(1));
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let first = pki.issue(&issue("a"), &dir.path().join("a")).unwrap();
    within_a_second(&|| table.find_print(&first.fingerprint).is_some());
    // The same name again: the old certificate is forgotten.
    let second = pki.issue(&issue("a"), &dir.path().join("a")).unwrap();
    within_a_second(&|| table.find_print(&second.fingerprint).is_some());
    within_a_second(&|| table.find_print(&first.fingerprint).is_none());
    std::fs::remove_file(pki.peers_dir().join("a.toml")).unwrap();
    within_a_second(&|| table.find_print(&second.fingerprint).is_none());
}

#[test]
fn a_file_that_is_wrong_keeps_its_peer_out_and_no_other() {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    let good = pki.issue(&issue("good"), &dir.path().join("good")).unwrap();
    std::fs::write(pki.peers_dir().join("bad.toml"), "roles = 1").unwrap();
    let table = PeerTable::open(&pki, Terms::default()).unwrap();
    assert!(table.find_print(&good.fingerprint).is_some());
    let mut ended = good.clone();
    ended.expires = chrono::Utc::now() - chrono::Duration::seconds(1);
    ended.write(&pki.peers_dir()).unwrap();
    table.reload();
    assert!(
        table.find_print(&good.fingerprint).is_none(),
        "a peer whose certificate ended is let in"
    );
}

#[test]
fn the_server_certificate_follows_the_host() {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    let first = read(pki.server("localhost").unwrap().certificate);
    assert_eq!(first, read(pki.server("localhost").unwrap().certificate));
    for host in ["localhost", "127.0.0.1", "::1"] {
        assert!(certificate::serves(&first, host), "{host}");
    }
    let files = pki.server("registry.example.jp").unwrap();
    let second = read(files.certificate);
    assert_ne!(first, second);
    for host in ["registry.example.jp", "127.0.0.1", "::1"] {
        assert!(certificate::serves(&second, host), "{host}");
    }
    assert!(verifies(&second, &read(files.authority)));
}

#[test]
fn half_a_ca_is_an_error() {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    pki.server("localhost").unwrap();
    std::fs::remove_file(dir.path().join("pki/ca.key")).unwrap();
    let error = pki.server("localhost").unwrap_err().to_string();
    assert!(error.contains("ca.key"), "{error}");
}

#[test]
fn own_identities_are_kept_until_they_no_longer_fit() {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    let name: NodeName = "repository".parse().unwrap();
    let roles = || Roles::new([Role::Repository]);
    let read_own = |p: PathBuf| read(p.join("cert.pem"));
    let first = read_own(pki.own_identity(&name, roles()).unwrap());
    assert_eq!(first, read_own(pki.own_identity(&name, roles()).unwrap()));
    std::fs::remove_file(pki.peers_dir().join("own.repository.toml")).unwrap();
    assert_ne!(first, read_own(pki.own_identity(&name, roles()).unwrap()));
}

#[test]
fn a_node_listens_under_the_names_of_its_certificate() {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    let hosts =
        vec!["replies.example".to_owned(), "192.0.2.1".to_owned(), "2001:db8::1".to_owned()];
    let listener = Issue { days: 90, hosts: hosts.clone(), ..issue("listener") };
    pki.issue(&listener, &dir.path().join("out")).unwrap();
    let certificate = read(dir.path().join("out").join("cert.pem"));
    for host in &hosts {
        assert!(certificate::serves(&certificate, host), "{host}");
    }
    assert!(!certificate::serves(&certificate, "other.example"));
    let caller = Issue { days: 90, ..issue("caller") };
    pki.issue(&caller, &dir.path().join("caller")).unwrap();
    let certificate = read(dir.path().join("caller").join("cert.pem"));
    assert!(certificate.subject_alt_names().is_none(), "who only calls has no host");
}

/// A request for a certificate by `key`, signed with `signed_by`.
fn requested(key: &PKey<Private>, signed_by: &PKey<Private>, dir: &Path) -> PathBuf {
    let mut builder = X509ReqBuilder::new().unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_nid(Nid::COMMONNAME, "somebody-else").unwrap();
    builder.set_subject_name(&name.build()).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.sign(signed_by, MessageDigest::sha256()).unwrap();
    let path = dir.join("node.csr");
    std::fs::write(&path, builder.build().to_pem().unwrap()).unwrap();
    path
}

#[test]
fn a_node_keeps_the_key_that_it_made_itself() {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let csr = SigningRequest::read(&requested(&key, &key, dir.path())).unwrap();
    let issue = Issue { csr: Some(csr), ..issue("vendor") };
    let out = dir.path().join("vendor");
    let peer = pki.issue(&issue, &out).unwrap();
    let (certificate, authority) = (read(out.join("cert.pem")), read(out.join("ca.pem")));
    assert!(verifies(&certificate, &authority));
    assert!(key.public_eq(&certificate.public_key().unwrap()));
    // The name is the one that was given, whatever the request says.
    assert_eq!(peer.subject, "CN=vendor,O=Renkei");
    for none in ["key.pem", "identity.p12"] {
        assert!(!out.join(none).exists(), "{none}");
    }
    // Its own key may lie there; another one may not, nor a file with one inside.
    std::fs::write(out.join("key.pem"), key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    pki.issue(&issue, &out).unwrap();
    std::fs::write(out.join("key.pem"), "another").unwrap();
    let refused = pki.issue(&issue, &out).unwrap_err().to_string();
    assert!(refused.contains("key.pem") && refused.contains(" / "), "{refused}");
    assert_eq!(std::fs::read(out.join("key.pem")).unwrap(), b"another");
}

#[test]
fn who_asks_has_the_key_and_the_key_is_strong() {
    let dir = TempDir::new().unwrap();
    let [key, other] = [0, 1].map(|_| PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap());
    let weak = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
    let curve = EcGroup::from_curve_name(Nid::SECP224R1).unwrap();
    let curve = PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap();
    for (key, signed_by, why) in
        [(&key, &other, "signed"), (&weak, &weak, "2048"), (&curve, &curve, "P-256")]
    {
        let refused = SigningRequest::read(&requested(key, signed_by, dir.path()));
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(why) && refused.contains("node.csr"), "{refused}");
    }
    let path = dir.path().join("none.csr");
    std::fs::write(&path, "no request").unwrap();
    let refused = SigningRequest::read(&path).unwrap_err().to_string();
    assert!(refused.contains("CSR"), "{refused}");
}

#[test]
fn the_servers_own_pair_is_refused_by_name_when_it_does_not_fit() {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    let made = pki.presented("localhost", (None, None)).unwrap();
    // A stranger's pair, which nodes are given the CA of.
    let other = TempDir::new().unwrap();
    let theirs = Pki::open(other.path()).unwrap().server("registry.example.jp").unwrap();
    let chain = other.path().join("chain.pem");
    let text = |path: &Path| std::fs::read_to_string(path).unwrap();
    std::fs::write(&chain, text(&theirs.certificate) + &text(&theirs.authority)).unwrap();
    let given = (Some(chain.clone()), Some(theirs.key.clone()));
    let found = pki.presented("registry.example.jp", given).unwrap();
    assert_eq!((&found.certificate, &found.key), (&chain, &theirs.key));
    let out = dir.path().join("out");
    pki.issue(&issue("node"), &out).unwrap();
    assert_eq!(text(&out.join("ca.pem")), text(&made.authority) + &text(&theirs.authority));

    let refused = |given| pki.presented("localhost", given).unwrap_err().to_string();
    let told = refused((Some(chain.clone()), Some(made.key.clone())));
    let key = made.key.display().to_string();
    assert!(told.starts_with(&key) && told.contains("chain.pem の秘密鍵ではありません"), "{told}");
    let told = refused((Some(chain), None));
    assert!(told.contains("tls.certificate is set without tls.key"), "{told}");
    let told = refused((None, Some(made.key.clone())));
    assert!(told.contains("tls.key だけが設定されています"), "{told}");

    // Nodes forget the CA of a pair that is gone; and of the made one, somebody replaced a half.
    pki.presented("localhost", (None, None)).unwrap();
    pki.issue(&issue("node"), &out).unwrap();
    assert_eq!(text(&out.join("ca.pem")), text(&made.authority));
    std::fs::copy(&theirs.key, &made.key).unwrap();
    assert!(refused((None, None)).contains("server.key: "));
}

#[test]
fn a_name_is_that_of_the_host_or_of_its_domain() {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    let files = pki.server("*.Example.jp").unwrap();
    let certificate = read(files.certificate);
    for host in ["a.example.jp", "localhost", "127.0.0.1"] {
        assert!(certificate::names_host(&certificate, host), "{host}");
    }
    for host in ["example.jp", "a.b.example.jp", "127.0.0.2"] {
        assert!(!certificate::names_host(&certificate, host), "{host}");
    }
}

#[test]
fn on_behalf_of_a_node_is_asked_by_its_name_as_long_as_it_is_let_in() {
    let dir = TempDir::new().unwrap();
    let pki = Pki::open(dir.path()).unwrap();
    let out = |name: &str| dir.path().join("out").join(name);
    pki.issue(&issue("clinic-a"), &out("a")).unwrap();
    let again = Issue { overlap_days: 5, ..issue("clinic-a") };
    let peer = pki.issue(&again, &out("b")).unwrap();
    let own = pki.own_identity(&"repository".parse().unwrap(), Roles::new([Role::Repository]));
    own.unwrap();
    let table = PeerTable::open(&pki, Terms::default()).unwrap();
    let caller = |name: &str| Caller { name: name.to_owned(), ..Caller::internal(name) };
    let (repository, house) = (caller("repository"), caller("own.repository"));
    let named = |name: &str| table.named(name, &repository);
    // Of a node that is changing over, the present certificate counts.
    let found = named("clinic-a").unwrap();
    assert_eq!((&found.name, &found.fingerprint), (&peer.name, &peer.fingerprint));
    assert!(!found.is_house());
    assert_eq!(named("clinic-b"), None);
    // For the house itself, the house alone asks.
    assert_eq!(named("own.repository"), None);
    assert!(table.named("own.repository", &house).is_some());
    // One that was entered since is known, and one that was revoked is not.
    pki.issue(&issue("clinic-b"), &out("c")).unwrap();
    assert!(named("clinic-b").is_some());
    pki.revoke(&"clinic-a".parse().unwrap()).unwrap();
    table.reload();
    assert_eq!(named("clinic-a"), None);
    // Nor is one whose certificate has ended.
    let entry = dir.path().join("pki/peers/clinic-b.toml");
    let text = std::fs::read_to_string(&entry).unwrap();
    let ended = text.lines().map(|line| match line.starts_with("expires") {
        true => "expires = \"2020-01-01T00:00:00+00:00\"",
        false => line,
    });
    std::fs::write(&entry, ended.collect::<Vec<_>>().join("\n")).unwrap();
    table.reload();
    assert_eq!(named("clinic-b"), None);
}
