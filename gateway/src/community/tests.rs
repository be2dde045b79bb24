use super::*;
use std::sync::Arc;
use std::time::{Duration, Instant};

const HOME: &str = "urn:oid:1.2.3";

fn own() -> Own {
    let home = HomeCommunityId::parse("urn:oid:1.2.9").unwrap();
    Own { home, host: "gateway.example".to_owned(), ports: vec![8443] }
}

fn community() -> Community {
    Community {
        home: HomeCommunityId::parse(HOME).unwrap(),
        name: "北の \"PHR\"".to_owned(),
        query: Url::parse("https://north.example:8443/xca/responding").unwrap(),
        retrieve: Url::parse("https://north.example/xca/responding").unwrap(),
        discovery: None,
        discovery_by: By::Demographics,
        discovery_answers: When::Now,
        answers: Where::Connection,
        peer: None,
        locations: None,
        authorities: None,
        presented: None,
        quirks: vec!["home-missing=2027-03-31:they: mend it in spring".parse().unwrap()],
    }
}

fn read_with(change: impl Fn(&str) -> String) -> String {
    let text = change(&community().to_text().unwrap());
    Community::of_text(&text).map(|c| c.name).unwrap_or_else(|e| e.to_string())
}

#[test]
fn what_is_written_is_read() {
    let mut community = community();
    assert_eq!(Community::of_text(&community.to_text().unwrap()).unwrap(), community);
    community.discovery = Some(Url::parse("https://north.example/xcpd").unwrap());
    community.locations = Some(Url::parse("https://north.example/where").unwrap());
    assert_eq!(Community::of_text(&community.to_text().unwrap()).unwrap(), community);
    let discovery = Some(community.query.clone());
    let (discovery_by, discovery_answers) = (By::Identifier, When::Later);
    let peer = Some("north-gateway".to_owned());
    let answers = Where::Elsewhere;
    let other =
        Community { discovery, discovery_by, discovery_answers, answers, peer, ..community };
    assert_eq!(Community::of_text(&other.to_text().unwrap()).unwrap(), other);
}

#[test]
fn what_is_wrong_is_told_in_both_languages() {
    let told = read_with(|text| text.replace("urn:oid:1.2.3", "1.2.3"));
    assert!(told.contains("expected urn:oid:") && told.contains("指定してください"), "{told}");
    let told = read_with(|text| text.replace("https://north.example/", "http://north.example/"));
    assert!(told.contains("retrieve") && told.contains("expected an https URL"), "{told}");
    assert!(read_with(|text| format!("colour = 1\n{text}")).contains("colour"));
    let told = read_with(|text| text.replace("home-missing", "home-mising"));
    assert!(told.contains("use one of home-missing"), "{told}");
    assert!(read_with(|text| text.replace("2027-03-31", "spring")).contains("YYYY-MM-DD"));
    assert!(read_with(|text| format!("ca = \"x\"\n{text}")).contains("ca: no certificate"));
    assert!(read_with(|text| format!("key = \"x\"\n{text}")).contains("certificate needs key"));
    let told = read_with(|text| format!("discovery_by = \"name\"\n{text}"));
    assert!(told.contains("use one of demographics, identifier"), "{told}");
    let told = read_with(|text| format!("discovery_answers = \"soon\"\n{text}"));
    assert!(told.contains("use one of now, later"), "{told}");
    let told = read_with(|text| format!("answers = \"there\"\n{text}"));
    assert!(told.contains("use one of connection, elsewhere"), "{told}");
    assert!(read_with(|text| format!("answers = \"elsewhere\"\n{text}")).contains("needs peer"));
    let told = read_with(|text| format!("discovery_answers = \"later\"\npeer = \"n\"\n{text}"));
    assert!(told.contains("needs discovery and peer"), "{told}");
}

#[test]
fn what_is_forgiven_ends_with_its_day_in_japan() {
    let at = |text: &str| text.parse().unwrap();
    let community = community();
    assert!(community.is_forgiven(QuirkKind::HomeMissing, at("2027-03-30T20:00:00Z")));
    assert!(community.is_forgiven(QuirkKind::HomeMissing, at("2027-03-31T14:59:59Z")));
    assert!(!community.is_forgiven(QuirkKind::HomeMissing, at("2027-03-31T15:00:00Z")));
    assert!(!community.is_forgiven(QuirkKind::HomeMissing, at("2027-03-31T20:00:00Z")));
    assert!(!community.is_forgiven(QuirkKind::HomeDiffers, at("2027-03-30T20:00:00Z")));
}

#[test]
fn nothing_of_our_own_is_another_community() {
    let own = own();
    let mut there = community();
    assert_eq!(own.check(&there), Ok(()));
    for ours in ["https://GATEWAY.example:8443/x", "https://127.0.0.1:8443", "https://[::1]:8443"] {
        let ours = Some(Url::parse(ours).unwrap());
        for there in [
            Community { discovery: ours.clone(), ..there.clone() },
            Community { locations: ours.clone(), ..there.clone() },
        ] {
            assert!(matches!(own.check(&there), Err(Loop::Address(_))), "{there:?}");
        }
    }
    for theirs in ["https://localhost:9443", "https://gateway.example/"] {
        there.discovery = Some(Url::parse(theirs).unwrap());
        assert_eq!(own.check(&there), Ok(()), "{theirs}");
    }
    there.home = own.home.clone();
    assert!(matches!(own.check(&there), Err(Loop::Home(_))));
}

#[test]
fn a_broken_file_leaves_out_its_community_alone() {
    let dir = tempfile::TempDir::new().unwrap();
    let table = Communities::open(dir.path().join("communities"), own(), "a test").unwrap();
    assert!(table.known().communities.is_empty(), "there is no folder yet");
    std::fs::create_dir(dir.path().join("communities")).unwrap();
    let put = |name: &str, text: &str| {
        std::fs::write(dir.path().join("communities").join(name), text).unwrap();
        table.reload();
    };
    put("1.2.3.toml", &community().to_text().unwrap());
    assert_eq!(table.known().communities.len(), 1);
    put("1.2.4.toml", "home = ");
    put(".1.2.5.toml", "a file that is being written");
    let known: Arc<Known> = table.known();
    assert_eq!((known.communities.len(), known.broken.len()), (1, 1));
    assert!(known.is_broken(&HomeCommunityId::parse("urn:oid:1.2.4").unwrap()));
    assert!(!known.is_broken(&HomeCommunityId::parse("urn:oid:1.2.3").unwrap()));
    put("1.2.4.toml", &community().to_text().unwrap());
    let told = table.known().broken.first().map(|b| b.reason.to_string()).unwrap();
    assert!(told.contains("1.2.3.toml"), "{told}");
    std::fs::remove_file(dir.path().join("communities/1.2.3.toml")).unwrap();
    table.reload();
    assert!(table.known().communities.is_empty());
}

#[test]
fn the_table_learns_and_forgets_within_a_second() {
    let dir = tempfile::TempDir::new().unwrap();
    let table = Arc::new(Communities::open(dir.path().to_owned(), own(), "a test").unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.spawn(Arc::clone(&table).watch());
    let named = |name: &str| {
        let known = table.known();
        known.communities.values().any(|c| c.name == name)
    };
    let within_a_second = |done: &dyn Fn() -> bool| {
        let start = Instant::now();
        while !done() {
            assert!(start.elapsed() < Duration::from_secs(1));
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let path = dir.path().join(file_name(&community().home));
    let enter = |name: &str| {
        let community = Community { name: name.to_owned(), ..community() };
        // As the command does it: whole, under the name of the file.
        let written = dir.path().join(".written");
        std::fs::write(&written, community.to_text().unwrap()).unwrap();
        std::fs::rename(written, &path).unwrap();
    };
    enter("北");
    within_a_second(&|| named("北"));
    // Entered again: what it was is forgotten.
    enter("南");
    within_a_second(&|| named("南") && !named("北"));
    std::fs::remove_file(&path).unwrap();
    within_a_second(&|| table.known().communities.is_empty());
}
