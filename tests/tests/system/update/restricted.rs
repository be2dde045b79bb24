//! ITI-92.

use super::*;
use renkei_tests::world::RESPONDING_GATEWAY;

/// What a message is told that has what no restricted update has.
const NOT_RESTRICTED: &str = "XDSInvalidRequestException";

on_every_database! {
    nist_40000_a_restricted_update
    nist_40001_what_a_restricted_update_changes_and_what_not
    nist_40007_two_restricted_updates_of_one_logical_object
    nist_12319_12320_a_deprecated_document
    nist_40030_40037_the_gateway_takes_what_the_registry_takes
}

fn restricted(patient: &PatientId, entry: &DocumentEntry) -> Result<Submission> {
    Ok(of(patient, entry)?.build().message())
}

fn nist_40000_a_restricted_update(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, mut entry) = admin.document()?;
    entry.title = None;
    let response = admin.restricted(&restricted(&patient, &entry)?)?;
    ensure!(response.status == Status::Success, "{response:#?}");
    let found = admin.newest(&patient)?;
    let expected = DocumentEntry { id: found.id.clone(), version: Some(2), ..entry.clone() };
    assert_eq!(found, expected);

    let breaches: [Breach; 6] = [
        (VERSION, |m| m.entries[0].lid = Some(EntryUuid(Uuid::new_v4()))),
        ("XDSInvalidRequestException", |m| m.entries[0].lid = None),
        (METADATA, |m| m.entries[0].type_code = None),
        (VERSION, |m| m.associations[0].previous_version = Some(1)),
        ("XDSMissingHomeCommunityId", |m| m.entries[0].home = None),
        ("XDSUnknownCommunity", |m| {
            m.entries[0].home = renkei_metadata::ids::HomeCommunityId::parse("urn:oid:1.2.3").ok();
        }),
    ];
    for (code, breach) in breaches {
        let mut m = restricted(&patient, &found)?;
        breach(&mut m);
        refused(&admin.restricted(&m)?, code)?;
    }
    // A gateway may do the same.
    let name = format!("gateway-{}", Uuid::new_v4().simple());
    let gateway = w.caller(&name, &["gateway"])?;
    let message = message::restricted_message(&restricted(&patient, &found)?);
    let response = gateway.post(REGISTRY, &message)?.registry()?;
    ensure!(response.status == Status::Success, "{response:#?}");
    Ok(())
}

fn nist_40001_what_a_restricted_update_changes_and_what_not(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, mut entry) = admin.document()?;
    for (attribute, change) in CHANGES.iter().filter(|(a, _)| *a != "documentAvailability") {
        change(&mut entry);
        let response = admin.restricted(&restricted(&patient, &entry)?)?;
        ensure!(response.status == Status::Success, "{attribute}: {response:#?}");
        let found = admin.newest(&patient)?;
        (entry.id, entry.version) = (found.id.clone(), found.version);
        assert_eq!(found, entry, "{attribute}");
    }
    // 40001b.
    let unmodifiable = "UnmodifiableMetadataError";
    let breaches: [Change; 6] = [
        (unmodifiable, |e| e.repository = Some(RepositoryUniqueId(sample::new_oid()))),
        (unmodifiable, |e| {
            (e.object_type, e.creation_time) = (EntryType::OnDemand, None);
            (e.hash, e.size) = (None, None);
        }),
        (unmodifiable, |e| e.source_patient_id = Some("9^^^&1.2.3&ISO".into())),
        (unmodifiable, |e| e.availability = Some(DocumentAvailability::Offline)),
        (unmodifiable, |e| e.status = Some(DEPRECATED)),
        ("XDSMetadataIdentifierError", |e| e.unique_id = sample::new_unique_id()),
    ];
    for (code, breach) in breaches {
        let mut m = restricted(&patient, &entry)?;
        breach(&mut m.entries[0]);
        refused(&admin.restricted(&m)?, code)?;
    }
    let (other, _) = admin.document()?;
    let moved = DocumentEntry { patient_id: Some(other.clone()), ..entry };
    refused(&admin.restricted(&restricted(&other, &moved)?)?, PATIENT)
}

fn nist_40007_two_restricted_updates_of_one_logical_object(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, entry) = admin.document()?;
    let twice = of(&patient, &entry)?.entry(entry, Propagation::Yes)?.build().message();
    refused(&admin.restricted(&twice)?, OPERATION)
}

fn nist_12319_12320_a_deprecated_document(w: &World) -> Result<()> {
    let admin = Admin::of(w);
    let (patient, first) = admin.document()?;
    admin.done(by(&patient).status(id_of(&first.id)?, APPROVED, DEPRECATED))?;
    let update = restricted(&patient, &first)?;
    ensure!(admin.restricted(&update)?.status == Status::Success);
    let found = admin.newest(&patient)?;
    ensure!((found.version, found.status) == (Some(2), Some(DEPRECATED)), "{found:?}");
    refused(&admin.restricted(&restricted(&patient, &first)?)?, VERSION)
}

/// ITI-92 at either door: as the registry answers, and as the Responding Gateway does, which says of each error
/// that it is of this community.
struct Doors<'w> {
    w: &'w World,
    gateway: Caller,
}

impl<'w> Doors<'w> {
    fn of(w: &'w World) -> Result<Self> {
        let name = format!("gateway-{}", Uuid::new_v4().simple());
        Ok(Self { w, gateway: w.caller(&name, &["gateway"])? })
    }

    fn across(&self, update: &Submission) -> Result<RegistryResponse> {
        let message = message::restricted_message(update);
        self.gateway.post(RESPONDING_GATEWAY, &message)?.registry()
    }

    /// Fails unless both refuse the message with this code.
    fn refuse(&self, update: &Submission, code: &str) -> Result<()> {
        let message = message::restricted_message(update);
        refused(&self.gateway.post(REGISTRY, &message)?.registry()?, code)?;
        let across = self.across(update)?;
        refused(&across, code)?;
        let home = self.w.home()?;
        ensure!(across.errors.iter().all(|e| e.location == home.as_str()), "{across:?}");
        Ok(())
    }
}

/// New versions of documents, as many as a message names, and nothing else: no folder, no status, no relationship
/// (ITI TF-2: 3.92.4.1.2).
fn nist_40030_40037_the_gateway_takes_what_the_registry_takes(w: &World) -> Result<()> {
    let (admin, doors) = (Admin::of(w), Doors::of(w)?);
    let (patient, first) = admin.document()?;
    let second = admin.document_of(&patient)?;
    let titled = |entry: &DocumentEntry, title: &str| DocumentEntry {
        title: Some(LocalizedText::ja(title)),
        ..entry.clone()
    };
    let both = of(&patient, &titled(&first, "一"))?;
    let both = both.entry(titled(&second, "二"), Propagation::Yes)?.build().message();
    let response = doors.across(&both)?;
    ensure!(response.status == Status::Success, "{response:#?}");
    let mut newest = admin.versions(&patient)?;
    newest.retain(|entry| entry.version == Some(2));
    let mut titles: Vec<&str> =
        newest.iter().filter_map(|e| e.title.as_ref()).map(LocalizedText::text).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["一", "二"]);

    let [current, beside] = &newest[..] else { anyhow::bail!("{newest:?}") };
    let breaches: [Breach; 6] = [
        (VERSION, |m| m.entries[0].lid = Some(EntryUuid(Uuid::new_v4()))),
        ("XDSInvalidRequestException", |m| m.entries[0].lid = None),
        (METADATA, |m| m.entries[0].type_code = None),
        (VERSION, |m| m.associations[0].previous_version = Some(1)),
        ("XDSMissingHomeCommunityId", |m| m.entries[0].home = None),
        ("UnmodifiableMetadataError", |m| {
            m.entries[0].repository = Some(RepositoryUniqueId(sample::new_oid()));
        }),
    ];
    for (code, breach) in breaches {
        let mut message = restricted(&patient, current)?;
        breach(&mut message);
        doors.refuse(&message, code)?;
    }
    let twice = of(&patient, current)?.entry(current.clone(), Propagation::Yes)?;
    doors.refuse(&twice.build().message(), OPERATION)?;
    let status = by(&patient).status(id_of(&current.id)?, APPROVED, DEPRECATED);
    doors.refuse(&status.build().message(), NOT_RESTRICTED)?;
    let apnd = by(&patient).association(link(AssociationType::Apnd, &current.id, &beside.id));
    doors.refuse(&apnd.build().message(), NOT_RESTRICTED)?;
    let filed = admin.filed(&patient)?;
    let folder = by(&patient).folder(filed.folder, Propagation::Yes)?;
    doors.refuse(&folder.build().message(), NOT_RESTRICTED)
}
