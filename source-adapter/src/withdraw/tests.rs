use super::key::{Key, Keys, Selection};
use super::reasons::{Reason, Trouble};
use super::removal::removal;
use super::report::{Withdrawal, WithdrawalOutcome};
use super::surroundings::Surroundings;
use super::{Found, Stays, Withdrawn};
use crate::submit::{Domain, a_registered_entry};
use renkei_client::{ClientError, UnknownRepository};
use renkei_metadata::finding::Severity;
use renkei_metadata::ids::{EntryUuid, ObjectId, Oid, PatientId, RepositoryUniqueId};
use renkei_metadata::model::{
    Association, AssociationType, AvailabilityStatus, DocumentEntry, RegistryObject, SubmissionSet,
};
use renkei_xds::response::RegistryError;
use std::collections::BTreeSet;
use uuid::Uuid;

fn id(number: u128) -> ObjectId {
    ObjectId::Uuid(EntryUuid(Uuid::from_u128(number)))
}

fn source() -> Oid {
    Oid::parse("2.999.7").unwrap()
}

fn entry(number: u128) -> DocumentEntry {
    DocumentEntry { id: id(number), ..a_registered_entry() }
}

/// What a registry holds, by small numbers.
#[derive(Default)]
struct World(Surroundings);

impl World {
    fn set(mut self, number: u128, source: &str) -> Self {
        let set = SubmissionSet {
            id: id(number),
            lid: None,
            version: None,
            home: None,
            status: None,
            title: None,
            comments: None,
            authors: Vec::new(),
            content_type_code: None,
            intended_recipients: Vec::new(),
            patient_id: None,
            source_id: Oid::parse(source).unwrap(),
            submission_time: renkei_metadata::ids::Dtm::parse("2025").unwrap(),
            unique_id: Oid::parse("2.999.1").unwrap(),
            extra: Vec::new(),
        };
        self.0.add(vec![RegistryObject::SubmissionSet(Box::new(set))]);
        self
    }

    fn link(mut self, number: u128, kind: AssociationType, source: u128, target: u128) -> Self {
        let link = Association::joining(id(number), kind, &id(source), &id(target));
        self.0.add(vec![RegistryObject::Association(Box::new(link))]);
        self
    }

    fn member(self, number: u128, holder: u128, member: u128) -> Self {
        self.link(number, AssociationType::HasMember, holder, member)
    }

    /// Submission 1 of the source brings document 10 and puts it into Folder 30, which it brings.
    fn usual() -> Self {
        Self::default()
            .set(1, "2.999.7")
            .member(20, 1, 10)
            .member(21, 1, 30)
            .member(22, 30, 10)
            .member(23, 1, 22)
    }

    fn going(&self, entries: &[u128]) -> Result<BTreeSet<u128>, Reason> {
        let entries: Vec<DocumentEntry> = entries.iter().map(|n| entry(*n)).collect();
        let ids = removal(&entries, &self.0, &source())?;
        Ok(ids.iter().map(|id| id.0.as_u128()).collect())
    }
}

#[test]
fn all_that_a_submission_brought_goes() {
    assert_eq!(World::usual().going(&[10]), Ok([1, 10, 20, 21, 22, 23, 30].into()));
}

#[test]
fn a_folder_with_other_documents_stays_with_the_submission_that_brought_it() {
    let second = |world: World| {
        world.set(2, "2.999.7").member(24, 30, 11).member(25, 2, 11).member(26, 2, 24)
    };
    assert_eq!(second(World::usual()).going(&[10]), Ok([10, 20, 22, 23].into()));
    // and goes with the last of them
    let left = World::default().set(1, "2.999.7").member(21, 1, 30);
    assert_eq!(second(left).going(&[11]), Ok([1, 2, 11, 21, 24, 25, 26, 30].into()));
}

#[test]
fn a_folder_of_another_source_stays_when_it_is_empty() {
    let world = World::default()
        .set(1, "2.999.7")
        .set(2, "2.999.8")
        .member(20, 1, 10)
        .member(21, 2, 30)
        .member(22, 30, 10)
        .member(23, 1, 22);
    assert_eq!(world.going(&[10]), Ok([1, 10, 20, 22, 23].into()));
}

#[test]
fn versions_go_together_with_what_relates_them() {
    let world = World::usual()
        .set(2, "2.999.7")
        .member(40, 2, 11)
        .link(41, AssociationType::Rplc, 11, 10)
        .link(42, AssociationType::Xfrm, 12, 11)
        .member(43, 2, 12);
    let everything = [1, 2, 10, 11, 12, 20, 21, 22, 23, 30, 40, 41, 42, 43];
    assert_eq!(world.going(&[10, 11, 12]), Ok(everything.into()));
}

#[test]
fn an_addendum_of_somebody_else_keeps_what_it_is_to() {
    let world = World::usual().link(50, AssociationType::Apnd, 99, 10);
    assert_eq!(world.going(&[10]), Err(Reason::Related));
}

#[test]
fn what_another_source_holds_stays() {
    let world = World::usual().set(3, "2.999.8").member(50, 3, 10);
    assert_eq!(world.going(&[10]).map_err(|reason| reason.name()), Err("held-by-others"));
    // a membership that somebody filed by hand
    let world = World::usual().member(51, 31, 10).member(52, 3, 51);
    assert_eq!(world.going(&[10]), Err(Reason::HeldByOthers));
}

#[test]
fn notes_of_earlier_attempts_go_too() {
    let world = World::usual().set(4, "2.999.7");
    assert!(world.going(&[10]).unwrap().contains(&4));
}

#[test]
fn documents_of_another_source_are_none_of_ours() {
    let world = World::default().set(1, "2.999.7").set(2, "2.999.8");
    let world = world.member(20, 1, 10).member(21, 2, 11);
    let own = super::found::own(vec![entry(10), entry(11), entry(12)], &world.0, &source());
    let own: Vec<ObjectId> = own.into_iter().map(|e| e.id).collect();
    assert_eq!(own, [id(10)]);
}

#[test]
fn a_key_names_the_checkup_that_was_submitted() {
    let (entry, key) = (a_registered_entry(), Key::default());
    let domain = Domain::of_project().unwrap();
    let institution = "1419900011".to_owned();
    let other = Key { institution, report_no: "R1".to_owned(), ..key.clone() };
    assert!(!key.is_whole() && other.is_whole());
    let source = domain.default_source_id("1").unwrap();
    assert!(!other.checkup(&source, &domain).is_version(&entry));
    let by_number = other.checkup(&source, &domain);
    let ids: Vec<String> = by_number.reference_ids().collect();
    let numbered = DocumentEntry { reference_ids: ids, ..entry };
    // with the day or without: the number says which checkup it is
    let with_day = Key { day: "2025-05-19".to_owned(), ..other.clone() };
    assert!(with_day.checkup(&source, &domain).is_version(&numbered));
    let of_another = domain.default_source_id("2").unwrap();
    assert!(!other.checkup(&of_another, &domain).is_version(&numbered));
}

/// A checkup without a number, and a document of it with this name and birth date.
fn by_day(info: &[&str]) -> (Key, Found) {
    let domain = Domain::of_project().unwrap();
    let key = Key {
        institution: "1419900011".into(),
        person: "Z1".into(),
        day: "2025-05-12".into(),
        programme: "030".into(),
        known_by: vec!["PID-5|アオイ^ナギ^^^^^L^P".into(), "PID-7|19810401".into()],
        ..Key::default()
    };
    let entry = DocumentEntry {
        reference_ids: key.checkup(&source(), &domain).reference_ids().collect(),
        source_patient_info: info.iter().map(|line| (*line).to_owned()).collect(),
        ..entry(10)
    };
    let patient = PatientId { id: "p".into(), authority: Oid::parse("2.999.1").unwrap() };
    (key, Found { patient, entries: vec![entry] })
}

#[test]
fn a_persons_number_alone_is_not_enough() {
    let domain = Domain::of_project().unwrap();
    let reason = |info: &[&str]| {
        let (key, found) = by_day(info);
        let (certain, left) = key.certain(&key.checkup(&source(), &domain), vec![found]);
        assert_eq!(certain.len() + left.len(), 1);
        left.first().map(|withdrawal| withdrawal.reason)
    };
    assert_eq!(reason(&["PID-5|アオイ^ナギ^^^^^L^P", "PID-7|19810411"]), None);
    assert_eq!(reason(&["PID-5|ソラ^ハル^^^^^L^P", "PID-7|19810401"]), None);
    assert_eq!(reason(&["PID-5|ソラ^ハル^^^^^L^P", "PID-7|19900101"]), Some("other-person"));
    // the number of a checkup is
    let (key, mut found) = by_day(&["PID-7|19900101"]);
    let key = Key { report_no: "R1".into(), ..key };
    let checkup = key.checkup(&source(), &domain);
    found.entries[0].reference_ids = checkup.reference_ids().collect();
    assert_eq!(key.certain(&checkup, vec![found]).0.len(), 1);
}

#[test]
fn without_a_row_two_people_of_one_number_are_not_decided_upon() {
    let domain = Domain::of_project().unwrap();
    let (key, found) = by_day(&[]);
    let key = Key { known_by: Vec::new(), ..key };
    let checkup = key.checkup(&source(), &domain);
    assert_eq!(key.certain(&checkup, vec![found.clone()]).0.len(), 1);
    let (certain, left) = key.certain(&checkup, vec![found.clone(), found]);
    assert!(certain.is_empty() && left.iter().all(|w| w.reason == "several-patients"));
}

#[test]
fn who_has_no_number_is_not_known_again_elsewhere() {
    let domain = Domain::of_project().unwrap();
    let (key, _) = by_day(&[]);
    let nobody = Key { person: String::new(), ..key };
    let checkup = nobody.checkup(&source(), &domain);
    let entry = DocumentEntry { reference_ids: checkup.reference_ids().collect(), ..entry(10) };
    assert!(checkup.is_version(&entry) && !checkup.is_version_of_anybody(&entry));
}

#[test]
fn rows_are_selected_by_all_that_is_said() {
    let keys = Keys {
        selection: Selection { person: Some("Z1".into()), ..Selection::default() },
        ..Keys::default()
    };
    let key = |person: &str| Key { person: person.to_owned(), ..Key::default() };
    assert!(keys.selection.has(&key("Z1")) && !keys.selection.has(&key("Z2")));
}

#[test]
fn what_stays_is_told_with_the_reason_in_both_languages() {
    let patient = PatientId { id: "p".into(), authority: Oid::parse("2.999.1").unwrap() };
    let entry = DocumentEntry { status: Some(AvailabilityStatus::Approved), ..entry(10) };
    let found = Found { patient, entries: vec![entry] };
    for reason in Reason::ALL {
        let texts = reason.texts();
        assert!(texts.en.is_ascii() && texts.fix_en.is_ascii() && !texts.ja.is_ascii());
        let stays = Some(Stays { reason, detail: "XDSRegistryError: x".to_owned() });
        let done = Withdrawn { deprecated: 1, removed: 0, stays };
        let told = Withdrawal::of(("1", "Z1"), &found, &done);
        assert_eq!((told.outcome, told.reason), (WithdrawalOutcome::Deprecated, texts.name));
        assert!(told.ja.contains(texts.fix_ja) && told.en.contains("[XDSRegistryError: x]"));
        let done = Withdrawn { deprecated: 0, ..done };
        let told = Withdrawal::of(("1", "Z1"), &found, &done);
        assert_eq!(told.outcome, WithdrawalOutcome::Left);
    }
    let names: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.name()).collect();
    assert_eq!(names.len(), Reason::ALL.len());
    let told = Withdrawal::of(("1", "Z1"), &found, &Withdrawn::default());
    assert_eq!((told.outcome, told.reason), (WithdrawalOutcome::Removed, ""));
}

#[test]
fn what_does_not_work_is_the_reason_for_what_stays() {
    let unknown = UnknownRepository(RepositoryUniqueId::parse("2.999.9").unwrap());
    let refused = |severity, code: &str| RegistryError {
        code: code.to_owned(),
        context: "why".to_owned(),
        severity,
        location: String::new(),
    };
    let both = vec![
        refused(Severity::Warning, "XDSExtraMetadataNotSaved"),
        refused(Severity::Error, "XDSRegistryError"),
    ];
    let cases = [
        (Trouble::from(unknown), "unknown-repository", "2.999.9"),
        (Trouble::Refused(both), "refused", "XDSRegistryError: why"),
        (Trouble::from(ClientError::Connect("closed".to_owned())), "not-reached", "closed"),
        (Trouble::NoAddress("registry"), "not-reached", "registry"),
    ];
    for (trouble, name, detail) in cases {
        let stays = Stays::from(trouble);
        assert_eq!(stays.reason.name(), name);
        assert!(stays.detail.contains(detail), "{stays:?}");
        assert!(!stays.detail.contains("XDSExtraMetadataNotSaved"), "{stays:?}");
    }
}
