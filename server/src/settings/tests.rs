use super::*;
use tempfile::TempDir;

fn sources(dir: &TempDir) -> Sources {
    Sources { data_dir: dir.path().to_owned(), config: None, set: Vec::new() }
}

fn refused(sources: &Sources) -> String {
    Settings::load(sources).expect_err("refused").to_string()
}

#[test]
fn the_first_start_writes_every_setting_with_its_default_and_comments() {
    let dir = TempDir::new().unwrap();
    let first = Settings::load(&sources(&dir)).unwrap();
    let text = std::fs::read_to_string(dir.path().join(FILE)).unwrap();
    let table: toml::Table = text.parse().unwrap();
    for row in definitions() {
        let value = match row.key.split_once('.') {
            Some((section, name)) => table[section].get(name),
            None => table.get(row.key),
        };
        assert!(value.is_some(), "{} is missing", row.key);
        assert!(text.contains(row.en) && text.contains(row.ja), "{} has no comment", row.key);
    }
    let again = Settings::load(&sources(&dir)).unwrap();
    assert_eq!(again.ids.repository, first.ids.repository);
    assert_eq!(again.ids.home_community, first.ids.home_community);
    assert!(first.ids.home_community.as_str().starts_with("urn:oid:2.25."));
    assert_eq!(again.limits.parts, 1000);
    assert_eq!(again.house.actors.len(), 9);
    assert_eq!(again.listen.people, None);
}

#[test]
fn the_command_line_goes_before_the_given_file_before_the_own_file() {
    let dir = TempDir::new().unwrap();
    Settings::load(&sources(&dir)).unwrap();
    let own = dir.path().join(FILE);
    let text = std::fs::read_to_string(&own).unwrap();
    std::fs::write(&own, text.replace("\nparts = 1000", "\nparts = 1")).unwrap();
    let config = dir.path().join("other.toml");
    std::fs::write(&config, "[limits]\nparts = 2\nroot_bytes = 2_048\n").unwrap();

    let mut s = sources(&dir);
    assert_eq!(Settings::load(&s).unwrap().limits.parts, 1);
    s.config = Some(config);
    assert_eq!(Settings::load(&s).unwrap().limits.parts, 2);
    s.set = vec!["limits.parts=3".into(), "listen.systems=127.0.0.1:0".into()];
    let settings = Settings::load(&s).unwrap();
    assert_eq!((settings.limits.parts, settings.limits.root_bytes), (3, 2048));
    assert_eq!(settings.listen.systems.unwrap().port(), 0);
}

#[test]
fn all_problems_are_told_at_once_and_nothing_is_written() {
    let dir = TempDir::new().unwrap();
    let mut s = sources(&dir);
    s.set = [
        "limits.partz=1",
        "limits.parts=0",
        "listen.admin=0.0.0.0:1",
        "actors=registry,kitchen",
        "registry.url=http://a/",
        "tls.min_version=1.1",
        "nonsense",
        "registry.database=mysql://u:secret@h/d",
    ]
    .map(str::to_owned)
    .to_vec();
    let error = refused(&s);
    for part in [
        "unknown setting limits.partz (--set)",
        "limits.parts \"0\" (--set): not a value; expected a whole number from 1 to 100000",
        "listen.admin",
        "actors \"registry,kitchen\"",
        "registry.url",
        "tls.min_version",
        "--set nonsense",
        "registry.database (--set)",
        "設定 limits.partz はありません",
    ] {
        assert!(error.contains(part), "{part} in {error}");
    }
    assert!(!error.contains("secret"));
    assert!(!dir.path().join(FILE).exists());
}

#[test]
fn no_two_actors_have_one_database() {
    let dir = TempDir::new().unwrap();
    let mut s = sources(&dir);
    let set = |name: &str, url: &str| format!("{name}.database={url}");
    s.set =
        vec![set("registry", "postgres://u:secret@h/d"), set("audit", "postgres://u:secret@h/d")];
    let error = refused(&s);
    assert!(error.contains("registry.database, audit.database name the same"), "{error}");
    assert!(!error.contains("repository.database") && !error.contains("secret"), "{error}");
    // One file by two names, and that of another actor.
    s.set = vec![set("repository", "sqlite:///x/r.sqlite"), set("registry", "sqlite:/x/r.sqlite")];
    assert!(refused(&s).contains("registry.database, repository.database name"));
    s.set = vec![set("registry", "sqlite:databases/audit.sqlite")];
    assert!(refused(&s).contains("registry.database、audit.database が同じ"));
    s.set = vec![set("registry", "postgres://h/d"), set("audit", "postgres://h/e")];
    Settings::load(&s).unwrap();
}

#[test]
fn a_file_that_is_not_toml_is_refused_with_its_line() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join(FILE), "public_host = \"a\"\nlimits = [\n").unwrap();
    let error = refused(&sources(&dir));
    assert!(error.contains("renkei.toml, line "), "{error}");
    let mut s = sources(&dir);
    s.config = Some(dir.path().join("absent.toml"));
    assert!(refused(&s).contains("absent.toml"));
}

#[test]
fn ids_are_added_to_a_file_that_lacks_them_and_other_lines_stay() {
    let dir = TempDir::new().unwrap();
    let own = dir.path().join(FILE);
    std::fs::write(
        &own,
        "# mine\n[ids]\nsource = \"\"\n# why\nrepository = \"1.2.3\"\n[limits]\nparts = 5\n",
    )
    .unwrap();
    let first = Settings::load(&sources(&dir)).unwrap();
    let text = std::fs::read_to_string(&own).unwrap();
    assert!(text.starts_with("# mine\n") && text.contains("# why\nrepository = \"1.2.3\"\n"));
    let second = Settings::load(&sources(&dir)).unwrap();
    assert_eq!(first.ids.source, second.ids.source);
    assert_eq!(first.ids.assigning_authority, second.ids.assigning_authority);
    assert_eq!(second.ids.repository.as_str(), "1.2.3");
    assert_eq!(second.limits.parts, 5);
}

#[test]
fn ids_given_at_the_first_start_are_kept() {
    let dir = TempDir::new().unwrap();
    let mut s = sources(&dir);
    s.set = vec!["ids.repository=1.2.840".into(), "ids.home_community=1.2.3".into()];
    Settings::load(&s).unwrap();
    let later = Settings::load(&sources(&dir)).unwrap();
    assert_eq!(later.ids.repository.as_str(), "1.2.840");
    assert_eq!(later.ids.home_community.as_str(), "urn:oid:1.2.3");
}

#[test]
fn the_configuration_for_connectathons_is_one() {
    let dir = TempDir::new().unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/connectathon.toml");
    let s = Sources { config: Some(file.into()), ..sources(&dir) };
    let tls = Settings::load(&s).unwrap().tls;
    assert_eq!((tls.min_version, tls.profile), (TlsVersion::V1_2, TlsProfile::Bcp195));
}

#[test]
fn every_default_is_a_value_of_its_kind() {
    let dir = TempDir::new().unwrap();
    let settings = Settings::load(&sources(&dir)).unwrap();
    assert_eq!(settings.tls.min_version, TlsVersion::V1_3);
    assert_eq!(settings.patient.policy, PatientPolicy::KnownOnly);
    assert_eq!(settings.log.format, LogFormat::Text);
    assert!(settings.house.actors.contains(&Actor::Audit));
}

#[test]
fn a_list_may_be_written_as_in_toml_on_the_command_line() {
    let dir = TempDir::new().unwrap();
    let mut s = sources(&dir);
    s.set = vec!["actors=[\"registry\", \"audit\"]".into()];
    assert_eq!(Settings::load(&s).unwrap().house.actors, [Actor::Registry, Actor::Audit]);
    s.set = vec!["actors=registry,registry".into()];
    assert_eq!(Settings::load(&s).unwrap().house.actors, [Actor::Registry]);
}

#[test]
fn authorities_have_names_each_once() {
    let dir = TempDir::new().unwrap();
    let mut s = sources(&dir);
    s.set = vec!["ids.namespaces=HOUSE, K-NET=2.999.9".into()];
    let named = Settings::load(&s).unwrap().ids.namespaces;
    assert_eq!(named.iter().map(|n| n.name.as_str()).collect::<Vec<_>>(), ["HOUSE", "K-NET"]);
    assert_eq!(named[1].authority.as_ref().unwrap().as_str(), "2.999.9");
    // The next start finds them in the file of the house.
    assert_eq!(Settings::load(&sources(&dir)).unwrap().ids.namespaces, named);
    for bad in ["A,A", "A=x", "=2.999", "A^B"] {
        s.set = vec![format!("ids.namespaces={bad}")];
        assert!(refused(&s).contains("a list of NAME or NAME=OID"), "{bad}");
    }
}

#[test]
fn consumers_have_an_address_and_domains() {
    let dir = TempDir::new().unwrap();
    let mut s = sources(&dir);
    s.set = vec![
        "identity.notify=mllps://h:2576/PORTAL/INSURER#2.999.1+2.999.2, mllps://i:1#2.999.1, https://h/pix?a=1#2.999.7/2.999.1+2.999.2".into(),
    ];
    let told = Settings::load(&s).unwrap().identity.notify;
    let [first, second, third] = &told[..] else { panic!("{told:?}") };
    assert_eq!((first.application(), first.facility()), ("PORTAL", "INSURER"));
    assert_eq!((first.address().as_str(), first.domains.len()), ("h:2576", 2));
    assert_eq!((second.application(), second.facility()), ("CONSUMER", "RENKEI"));
    assert_eq!((first.device.as_ref(), third.address().as_str()), (None, "h:443"));
    assert_eq!(third.device.as_ref().map(|d| d.as_str()), Some("2.999.7"));
    assert_eq!((third.url.as_str(), third.domains.len()), ("https://h/pix?a=1", 2));
    for bad in [
        "mllps://h:1",
        "mllps://h:1#x",
        "mllps://h#2.999",
        "https://h:1#2.999",
        "https://h:1#2.999/",
        "https://h:1#x/2.999",
        "http://h:1#2.999/2.999.1",
        "mllps://h:1/A%5EB#2.999",
        "mllps://user:word@h:1#2.999",
        "mllps://h:1#2.999,mllps://h:1#2.999.1",
    ] {
        s.set = vec![format!("identity.notify={bad}")];
        assert!(refused(&s).contains("mllps://HOST:PORT"), "{bad}");
    }
}

#[test]
fn every_mistake_names_its_row() {
    let dir = TempDir::new().unwrap();
    let rows = |s: &Sources| -> Vec<Option<&str>> {
        let SettingsError(problems) = Settings::load(s).expect_err("refused");
        problems.iter().map(Problem::row).collect()
    };
    let set = |word: &str| Sources { set: vec![word.to_owned()], ..sources(&dir) };
    assert_eq!(rows(&set("nonsense")), [Some("settings-not-a-pair")]);
    assert_eq!(rows(&set("limits.partz=1")), [Some("settings-unknown")]);
    assert_eq!(rows(&set("limits.parts=0")), [Some("settings-value")]);
    assert_eq!(rows(&set("registry.database=mysql://h/d")), [Some("settings-value")]);
    assert_eq!(
        rows(&set("registry.database=sqlite:databases/audit.sqlite")),
        [Some("settings-shared-database")]
    );
    let absent = Sources { config: Some(dir.path().join("absent.toml")), ..sources(&dir) };
    assert_eq!(rows(&absent), [Some("settings-file")]);
    std::fs::write(dir.path().join(FILE), "limits = [\n").unwrap();
    assert_eq!(rows(&sources(&dir)), [Some("settings-not-toml")]);
}

#[test]
fn an_address_for_replies_may_be_one_nodes() {
    let dir = TempDir::new().unwrap();
    let mut s = sources(&dir);
    let set = |value: &str| vec![format!("async.allowed_reply_to={value}")];
    s.set = set("https://a.example/replies?x=y, north=https://b.example/");
    let listed = Settings::load(&s).unwrap().asynchronous.allowed_reply_to;
    let told = listed.iter().map(|address| {
        let peer = address.peer.as_ref().map(|peer| peer.as_str());
        (peer, address.url.as_str())
    });
    let expected = [(None, "https://a.example/replies?x=y"), (Some("north"), "https://b.example/")];
    assert!(told.eq(expected));
    for bad in ["http://a.example/", "a b=https://a.example/", "=https://a.example/", "north="] {
        s.set = set(bad);
        assert!(refused(&s).contains("NAME=https://..."), "{bad}");
    }
}
