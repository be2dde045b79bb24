//! What is on record of a question, on each side, field by field.

use crate::fields::{self, is_asked, is_document, is_end, is_query, of, stopped};
use anyhow::{Context, Result, ensure};
use renkei_tests::World;
use renkei_tests::audit::Record;
use renkei_tests::world::INITIATING_GATEWAY as INITIATING;

/// Questions for a patient, each of them to all.
pub(super) struct Questions {
    pub(super) patient: String,
    /// Whom they went to, as often as they did.
    pub(super) ends: Vec<End>,
    /// How the records of what came in end, in their order: one for what was found, and one for what was not.
    pub(super) found: Vec<(u8, &'static str)>,
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

/// A house that asks others: its process, its Initiating Gateway, and its records.
struct Asking {
    own: String,
    gateway: String,
    records: Vec<Record>,
}

impl Asking {
    fn stopped(world: World) -> Result<Self> {
        let own = world.renkei.ready.pid.to_string();
        let gateway = format!("https://localhost:{}{INITIATING}", world.renkei.port());
        Ok(Self { own, gateway, records: stopped(world)? })
    }
}

/// What a house that asks and retrieves has on record of both.
pub(super) fn of_a_house(
    world: World,
    asked: &Questions,
    retrievals: &[Retrieval],
    outcome: &Outcome<'_>,
) -> Result<()> {
    let asking = Asking::stopped(world)?;
    asks(&asking, asked)?;
    retrieves(&asking, retrievals, outcome)
}

/// Of one that retrieves.
pub(super) fn of_the_one_who_retrieves(
    world: World,
    retrievals: &[Retrieval],
    outcome: &Outcome<'_>,
) -> Result<()> {
    retrieves(&Asking::stopped(world)?, retrievals, outcome)
}

/// As the consumer that it is of each other community (ITI-39; ITI TF-2: 3.39.6.1), and as the repository that it
/// is for the consumer (ITI-43; ITI TF-2: 3.43.6.1).
fn retrieves(asking: &Asking, retrievals: &[Retrieval], outcome: &Outcome<'_>) -> Result<()> {
    let Asking { own, gateway, records } = asking;
    let sent = of(records, "ITI-39");
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
        is_end(destination, "110152", asked.end.name, Some(own), "localhost");
        ensure!(destination.requestor && !source.requestor, "{record:?}");
        record.objects.iter().try_for_each(|object| is_document(object, &asked.home))?;
    }
    for (key, objects, why) in [
        ("110106 ITI-43 R 0", &outcome.given, ""),
        ("110106 ITI-43 R 8", &outcome.missing, outcome.why),
    ] {
        let found: Vec<&Record> = records.iter().filter(|r| r.key() == key).collect();
        if objects.is_empty() {
            ensure!(found.is_empty(), "{found:?}");
            continue;
        }
        let [record] = found[..] else { anyhow::bail!("not one {key}") };
        assert_eq!(record.description.as_deref().unwrap_or_default(), why);
        let [source, destination] = &record.participants[..] else { anyhow::bail!("{record:?}") };
        is_end(source, "110153", gateway, Some(own), "localhost");
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

/// Of one that asks.
pub(super) fn of_the_one_who_asks(world: World, asked: &Questions) -> Result<()> {
    asks(&Asking::stopped(world)?, asked)
}

/// As the registry that it is for the consumer (ITI-18), and as the consumer that it is of each other (ITI-38;
/// ITI TF-2: 3.38.5.1).
fn asks(asking: &Asking, asked: &Questions) -> Result<()> {
    let Asking { own, gateway, records } = asking;
    let sent: Vec<&Record> = of(records, "ITI-38");
    let ending = |record: &Record| {
        let why = record.description.clone().unwrap_or_default();
        let to = record.participant("110152").map_or("", |end| end.user_id.as_str());
        (to.to_owned(), record.outcome, why)
    };
    let expected = |end: &End| (end.url.clone(), end.recorded.0, end.recorded.1.to_owned());
    let mut found: Vec<_> = sent.iter().map(|record| ending(record)).collect();
    let mut all: Vec<_> = asked.ends.iter().map(expected).collect();
    found.sort();
    all.sort();
    assert_eq!(found, all, "a record for each that was asked");
    for record in sent {
        let end = asked.ends.iter().find(|end| expected(end) == ending(record)).context("none")?;
        is_query(record, "ITI-38", &asked.patient, end.recorded)?;
        is_asked(
            record,
            fields::End::new(end.name, Some(own), "localhost"),
            fields::End::new(&end.url, None, "localhost"),
        )?;
    }
    // What was found, and that it is not all.
    let is_ours = |r: &&Record| r.participants.iter().any(|p| p.user_id == *gateway);
    let taken: Vec<&Record> = of(records, "ITI-18").into_iter().filter(is_ours).collect();
    assert_eq!(taken.len(), asked.found.len(), "{taken:?}");
    for (record, outcome) in taken.into_iter().zip(&asked.found) {
        is_query(record, "ITI-18", &asked.patient, *outcome)?;
        is_asked(
            record,
            fields::End::new("CN=test-consumer,O=Renkei", None, "127.0.0.1"),
            fields::End::new(gateway, Some(own), "localhost"),
        )?;
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
