//! Who is counted for a connection that was let in, or not.

use super::*;
use crate::pki::{Kept, Row};

pub(super) fn kept(place: &Place) -> Kept {
    place.peers.sightings().write();
    Kept::read(&place.pki).unwrap()
}

fn row(place: &Place, name: &str) -> Row {
    kept(place).nodes[name].clone()
}

/// Knocks, and asks as whoever was let in.
pub(super) async fn ask(place: &Place, own: &Path) -> bool {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gate = place.gate.clone();
    let server = tokio::spawn(async move {
        let (tcp, from) = listener.accept().await.unwrap();
        let (_stream, visitor) = gate.enter(tcp, Some(from)).await?;
        // Twice on one connection: what is refused is counted once.
        gate.caller(&visitor);
        gate.caller(&visitor)
    });
    drop(connect(address, &place.trusted(), pair(own), SslVersion::TLS1_3).await);
    server.await.unwrap().is_some()
}

/// Keeps the files of a node that are going to be replaced.
fn aside(place: &Place, from: &Path, name: &str) -> PathBuf {
    let to = place.dir.path().join(name);
    std::fs::create_dir_all(&to).unwrap();
    for file in ["cert.pem", "key.pem"] {
        std::fs::copy(from.join(file), to.join(file)).unwrap();
    }
    to
}

#[tokio::test]
async fn a_node_is_seen_when_it_is_let_in_and_counted_when_its_certificate_has_ended() {
    let place = Place::new(TlsVersion::V1_3);
    let (_, good) = place.issue("good", 1);
    let (_, brief) = place.issue("brief", 0);
    assert!(ask(&place, &good).await);
    assert!(row(&place, "good").seen.is_some() && row(&place, "good").refused == 0);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    place.peers.reload();
    assert!(!ask(&place, &brief).await);
    assert_eq!((row(&place, "brief").refused, row(&place, "brief").seen), (1, None));
    assert!(kept(&place).strangers.unwrap().last.is_none());
}

#[tokio::test]
async fn a_revoked_or_replaced_certificate_counts_for_its_node() {
    let place = Place::new(TlsVersion::V1_3);
    let (_, first) = place.issue("node", 1);
    let first = aside(&place, &first, "first");
    let (_, second) = place.issue("node", 1);
    assert!(ask(&place, &second).await && !ask(&place, &first).await);
    assert_eq!(row(&place, "node").refused, 1);
    place.pki.revoke(&"node".parse().unwrap()).unwrap();
    place.peers.reload();
    assert!(!ask(&place, &second).await);
    assert_eq!(row(&place, "node").refused, 2);
    // Of the first one nothing is known any more.
    assert!(!ask(&place, &first).await);
    assert_eq!(kept(&place).strangers.unwrap().refused, 1);
}

#[tokio::test]
async fn whoever_takes_the_name_of_a_node_is_a_stranger() {
    let place = Place::new(TlsVersion::V1_3);
    let (node, _) = place.issue("node", 1);
    let other = Place::new(TlsVersion::V1_3);
    let (alike, out) = other.issue("node", 1);
    assert_eq!(node.subject, alike.subject);
    assert!(!ask(&place, &out).await);
    let last = kept(&place).strangers.unwrap().last.unwrap();
    assert_eq!((last.subject, last.fingerprint), (alike.subject, alike.fingerprint));
    assert_eq!(row(&place, "node").refused, 0);
}
