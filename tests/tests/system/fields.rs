//! Audit records, field by field (ITI TF-2: 3.18.5.1, 3.38.5, 3.39.6, 3.43.6.1, 3.55.5.1; DICOM PS3.15 A.5).

use anyhow::{Context, Result, ensure};
use renkei_tests::World;
use renkei_tests::audit::{self, Object, Participant, Record};
use renkei_xds::catalogue::FIND_DOCUMENTS;

/// The records of a house, once it has ended.
pub(crate) fn stopped(world: World) -> Result<Vec<Record>> {
    let settings = world.renkei.settings();
    let (status, place) = world.renkei.stop()?;
    ensure!(status.success(), "{status}");
    audit::list(&place.data_dir(), &settings)
}

/// Those of a transaction.
pub(crate) fn of<'r>(records: &'r [Record], transaction: &str) -> Vec<&'r Record> {
    records.iter().filter(|r| r.event_type.as_deref() == Some(transaction)).collect()
}

/// One end of a transaction, as its record has to name it.
#[derive(Clone, Copy)]
pub(crate) struct End<'a> {
    /// UserID.
    pub(crate) name: &'a str,
    /// UserName: who it is by its certificate, where the UserID is the address that is answered.
    pub(crate) by_certificate: Option<&'a str>,
    /// The process, in the record that it wrote itself.
    pub(crate) own: Option<&'a str>,
    /// NetworkAccessPointID.
    pub(crate) network: &'a str,
}

impl<'a> End<'a> {
    pub(crate) fn new(name: &'a str, own: Option<&'a str>, network: &'a str) -> Self {
        Self { name, by_certificate: None, own, network }
    }

    /// Fails unless the end is this one, in `role`.
    pub(crate) fn is(&self, end: &Participant, role: &str) {
        assert_eq!(end.roles, [role]);
        assert_eq!(
            (end.user_id.as_str(), end.alternative_user_id.as_deref()),
            (self.name, self.own)
        );
        assert_eq!(end.user_name.as_deref(), self.by_certificate, "{end:?}");
        assert_eq!(end.network.as_deref(), Some(self.network), "{end:?}");
    }
}

/// Fails unless the one asked, who is the requestor, and the other was asked: source and destination.
pub(crate) fn is_asked(record: &Record, client: End<'_>, server: End<'_>) -> Result<()> {
    let [source, destination] = &record.participants[..] else { anyhow::bail!("{record:?}") };
    client.is(source, "110153");
    server.is(destination, "110152");
    ensure!(source.requestor && !destination.requestor, "{record:?}");
    Ok(())
}

/// The same where documents go the other way: whoever asked is the destination.
pub(crate) fn is_given(record: &Record, client: End<'_>, server: End<'_>) -> Result<()> {
    let [source, destination] = &record.participants[..] else { anyhow::bail!("{record:?}") };
    server.is(source, "110153");
    client.is(destination, "110152");
    ensure!(destination.requestor && !source.requestor, "{record:?}");
    Ok(())
}

/// Source (who asked) or destination; the process that wrote the record names itself.
pub(crate) fn is_end(end: &Participant, role: &str, name: &str, own: Option<&str>, network: &str) {
    End::new(name, own, network).is(end, role);
}

/// Event, patient and query of a FindDocuments.
pub(crate) fn is_query(
    record: &Record,
    code: &str,
    patient: &str,
    recorded: (u8, &str),
) -> Result<()> {
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

/// The query of ITI-55 that a record is about, which was put to the community `home`.
pub(crate) fn is_discovery<'r>(record: &'r Record, home: &str) -> Result<&'r Object> {
    assert_eq!((record.key(), &record.description), ("110112 ITI-55 E 0".to_owned(), &None));
    let query = record.objects.iter().find(|o| o.role == 24).context("no query")?;
    is_object(query, (2, 24), "ITI-55", &query.id);
    let text = query.query.as_deref().context("no query")?;
    ensure!(text.starts_with("<queryByParameter") && text.contains(&query.id), "{text}");
    let details = [("QueryEncoding", "UTF-8"), ("ihe:homeCommunityID", home)];
    assert_eq!(query.details, details.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Ok(query)
}

/// A document of the community `home`.
pub(crate) fn is_document(object: &Object, home: &str) -> Result<()> {
    is_object(object, (2, 3), "9", &object.id);
    let value = |name: &str| {
        object.details.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    };
    ensure!(value("Repository Unique Id").is_some(), "{object:?}");
    assert_eq!(value("ihe:homeCommunityID"), Some(home), "{object:?}");
    Ok(())
}

pub(crate) fn is_object(object: &Object, kind: (u8, u8), id_type: &str, id: &str) {
    let found = (object.type_code, object.role);
    assert_eq!((found, object.life_cycle), (kind, None), "{object:?}");
    assert_eq!((object.id_type.as_str(), object.id.as_str()), (id_type, id));
}
