//! What is on record of a question, on each side, field by field.

use anyhow::{Context, Result, ensure};
use renkei_tests::World;
use renkei_tests::audit::{self, Object, Participant, Record};
use renkei_tests::world::INITIATING_GATEWAY as INITIATING;
use renkei_xds::catalogue::FIND_DOCUMENTS;

/// A question to all.
pub(super) struct Questions {
    pub(super) patient: String,
    pub(super) ends: Vec<End>,
}

/// One that was asked.
pub(super) struct End {
    /// As whom: the subject of the certificate.
    name: &'static str,
    url: String,
    /// EventOutcomeIndicator and its description.
    recorded: (u8, &'static str),
}

impl End {
    pub(super) fn new(name: &'static str, url: String, recorded: (u8, &'static str)) -> Self {
        Self { name, url, recorded }
    }
}

/// What was asked of a community, and what came of it.
pub(super) struct Retrieval {
    pub(super) home: String,
    /// As whom, and where.
    pub(super) end: End,
    /// The documents that it is about.
    pub(super) documents: Vec<String>,
}

/// What the consumer was given and what not, by the communities that they are of, each with the reasons.
pub(super) struct Outcome<'a> {
    pub(super) given: Vec<(&'a str, &'a str)>,
    pub(super) missing: Vec<(&'a str, &'a str)>,
    pub(super) why: &'a str,
}

/// As the consumer that it is of each other community (ITI-39; ITI TF-2: 3.39.6.1), and as the repository that it
/// is for the consumer (ITI-43; ITI TF-2: 3.43.6.1).
pub(super) fn of_the_one_who_retrieves(
    world: World,
    retrievals: &[Retrieval],
    outcome: &Outcome<'_>,
) -> Result<()> {
    let own = world.renkei.ready.pid.to_string();
    let gateway = format!("https://localhost:{}{INITIATING}", world.renkei.port());
    let records = stopped(world)?;
    let sent = of(&records, "ITI-39");
    let told = |record: &&Record| {
        let from = record.participant("110153").map_or("", |end| end.user_id.as_str());
        let why = record.description.clone().unwrap_or_default();
        let documents: Vec<String> = record.objects.iter().map(|o| o.id.clone()).collect();
        (from.to_owned(), record.key(), why, documents)
    };
    let expected = |retrieval: &Retrieval| {
        let (outcome, why) = retrieval.end.recorded;
        let key = format!("110107 ITI-39 C {outcome}");
        (retrieval.end.url.clone(), key, why.to_owned(), retrieval.documents.clone())
    };
    let mut found: Vec<_> = sent.iter().map(told).collect();
    let mut all: Vec<_> = retrievals.iter().map(expected).collect();
    found.sort();
    all.sort();
    assert_eq!(found, all, "a record for each that was asked");
    for record in sent {
        let [source, destination] = &record.participants[..] else { anyhow::bail!("{record:?}") };
        let is_its = |r: &&Retrieval| r.end.url == source.user_id;
        let asked = retrievals.iter().find(is_its).context("not asked")?;
        is_end(source, "110153", &asked.end.url, None, "localhost");
        is_end(destination, "110152", asked.end.name, Some(&own), "localhost");
        ensure!(destination.requestor && !source.requestor, "{record:?}");
        record.objects.iter().try_for_each(|object| is_document(object, &asked.home))?;
    }
    for (key, objects, why) in [
        ("110106 ITI-43 R 0", &outcome.given, ""),
        ("110106 ITI-43 R 8", &outcome.missing, outcome.why),
    ] {
        let [record] = records.iter().filter(|r| r.key() == key).collect::<Vec<_>>()[..] else {
            anyhow::bail!("not one {key}")
        };
        assert_eq!(record.description.as_deref().unwrap_or_default(), why);
        let [source, destination] = &record.participants[..] else { anyhow::bail!("{record:?}") };
        is_end(source, "110153", &gateway, Some(&own), "localhost");
        is_end(destination, "110152", "CN=test-consumer,O=Renkei", None, "127.0.0.1");
        ensure!(destination.requestor && !source.requestor, "{record:?}");
        let mut about = Vec::new();
        for object in &record.objects {
            let (home, _) = objects
                .iter()
                .find(|(_, id)| *id == object.id)
                .with_context(|| format!("{key}: {object:?}"))?;
            is_document(object, home)?;
            about.push((*home, object.id.as_str()));
        }
        about.sort_unstable();
        let mut objects = objects.clone();
        objects.sort_unstable();
        assert_eq!(about, objects, "{key}");
    }
    Ok(())
}

/// As the repository that it is for the gateway.
pub(super) fn of_one_that_gives(world: World, document: &str, url: &str) -> Result<()> {
    let own = world.renkei.ready.pid.to_string();
    let home = world.renkei.ready.home_community_id.clone();
    let records = stopped(world)?;
    let [record] = of(&records, "ITI-39")[..] else { anyhow::bail!("not one retrieval") };
    assert_eq!((record.key(), record.description.as_deref()), ("110106 ITI-39 R 0".into(), None));
    let [source, destination] = &record.participants[..] else { anyhow::bail!("{record:?}") };
    is_end(source, "110153", url, Some(&own), "localhost");
    is_end(destination, "110152", "CN=a-gateway,O=Renkei", None, "127.0.0.1");
    ensure!(destination.requestor && !source.requestor, "{record:?}");
    let [given] = &record.objects[..] else { anyhow::bail!("{record:?}") };
    assert_eq!(given.id, document);
    is_document(given, &home)
}

/// A document of this community.
fn is_document(object: &Object, home: &str) -> Result<()> {
    is_object(object, (2, 3), "9", &object.id);
    let value = |name: &str| {
        object.details.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    };
    ensure!(value("Repository Unique Id").is_some(), "{object:?}");
    assert_eq!(value("ihe:homeCommunityID"), Some(home), "{object:?}");
    Ok(())
}

fn stopped(world: World) -> Result<Vec<Record>> {
    let settings = world.renkei.settings();
    let (status, place) = world.renkei.stop()?;
    ensure!(status.success(), "{status}");
    audit::list(&place.data_dir(), &settings)
}

/// As the registry that it is for the consumer (ITI-18), and as the consumer that it is of each other (ITI-38;
/// ITI TF-2: 3.38.5.1).
pub(super) fn of_the_one_who_asks(world: World, asked: &Questions) -> Result<()> {
    let own = world.renkei.ready.pid.to_string();
    let port = world.renkei.port();
    let records = stopped(world)?;
    let sent: Vec<&Record> = of(&records, "ITI-38");
    assert_eq!(sent.len(), asked.ends.len(), "a record for each that was asked");
    for end in &asked.ends {
        let is_there = |r: &&&Record| r.participants.iter().any(|p| p.user_id == end.url);
        let record = sent.iter().find(is_there).with_context(|| end.url.clone())?;
        is_query(record, "ITI-38", &asked.patient, end.recorded)?;
        let [source, destination] = &record.participants[..] else { anyhow::bail!("{record:?}") };
        is_end(source, "110153", end.name, Some(&own), "localhost");
        is_end(destination, "110152", &end.url, None, "localhost");
        ensure!(source.requestor && !destination.requestor, "{record:?}");
    }
    // What was found, and that it is not all.
    let gateway = format!("https://localhost:{port}{INITIATING}");
    let is_ours = |r: &&&Record| r.participants.iter().any(|p| p.user_id == gateway);
    let taken = of(&records, "ITI-18");
    let taken: Vec<&&Record> = taken.iter().filter(is_ours).collect();
    let why = "XDSMissingHomeCommunityId XDSRegistryBusy XDSResultNotSinglePatient XDSTooManyResults \
               XDSUnavailableCommunity XDSUnknownCommunity";
    let [found, missing] = taken[..] else { anyhow::bail!("{taken:?}") };
    for (record, outcome) in [(found, (0, "")), (missing, (8, why))] {
        is_query(record, "ITI-18", &asked.patient, outcome)?;
        let [source, destination] = &record.participants[..] else { anyhow::bail!("{record:?}") };
        is_end(source, "110153", "CN=test-consumer,O=Renkei", None, "127.0.0.1");
        is_end(destination, "110152", &gateway, Some(&own), "localhost");
        ensure!(source.requestor && !destination.requestor, "{record:?}");
    }
    Ok(())
}

/// As the registry that it is for the gateway.
pub(super) fn of_one_that_is_asked(world: World, patient: &str, url: &str) -> Result<()> {
    let own = world.renkei.ready.pid.to_string();
    let home = world.renkei.ready.home_community_id.clone();
    let records = stopped(world)?;
    let [record] = of(&records, "ITI-38")[..] else { anyhow::bail!("not one question") };
    is_query(record, "ITI-38", patient, (0, ""))?;
    let [source, destination] = &record.participants[..] else { anyhow::bail!("{record:?}") };
    is_end(source, "110153", "CN=a-gateway,O=Renkei", None, "127.0.0.1");
    is_end(destination, "110152", url, Some(&own), "localhost");
    ensure!(source.requestor && !destination.requestor, "{record:?}");
    let detail = ("urn:ihe:iti:xca:2010:homeCommunityId".to_owned(), home);
    ensure!(record.objects.iter().any(|o| o.details.contains(&detail)), "{record:?}");
    Ok(())
}

fn of<'r>(records: &'r [Record], transaction: &str) -> Vec<&'r Record> {
    records.iter().filter(|r| r.event_type.as_deref() == Some(transaction)).collect()
}

/// Event, patient and query of a FindDocuments.
fn is_query(record: &Record, code: &str, patient: &str, recorded: (u8, &str)) -> Result<()> {
    let (outcome, why) = recorded;
    assert_eq!(
        (record.key(), record.description.as_deref().unwrap_or_default()),
        (format!("110112 {code} E {outcome}"), why)
    );
    let [of_patient, query] = &record.objects[..] else { anyhow::bail!("{record:?}") };
    is_object(of_patient, (1, 1), "2", patient);
    is_object(query, (2, 24), code, FIND_DOCUMENTS);
    ensure!(of_patient.query.is_none() && of_patient.details.is_empty(), "{of_patient:?}");
    let text = query.query.as_deref().context("no query")?;
    ensure!(text.starts_with("<query:AdhocQueryRequest "), "{text}");
    ensure!(text.contains(&patient.replace('&', "&amp;")), "{text}");
    let encoding = ("QueryEncoding".to_owned(), "UTF-8".to_owned());
    assert_eq!(query.details.first(), Some(&encoding));
    Ok(())
}

fn is_object(object: &Object, kind: (u8, u8), id_type: &str, id: &str) {
    let found = (object.type_code, object.role);
    assert_eq!((found, object.life_cycle), (kind, None), "{object:?}");
    assert_eq!((object.id_type.as_str(), object.id.as_str()), (id_type, id));
}

/// Source (who asked) or destination; the process that wrote the record names itself.
fn is_end(end: &Participant, role: &str, name: &str, own: Option<&str>, network: &str) {
    assert_eq!(end.roles, [role]);
    assert_eq!((end.user_id.as_str(), end.alternative_user_id.as_deref()), (name, own));
    assert_eq!(end.network.as_deref(), Some(network), "{end:?}");
}
