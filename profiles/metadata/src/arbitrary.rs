//! Generators of valid metadata for property tests: texts with every script and every character
//! that needs escaping, submissions that keep every rule.

use crate::ids::{
    Dtm, EntryUuid, HomeCommunityId, LanguageCode, MimeType, ObjectId, Oid, PatientId,
    RepositoryUniqueId, Sha1Hash, UniqueId,
};
use crate::model::{
    Association, AssociationType, Author, AvailabilityStatus, Code, DocumentAvailability,
    DocumentEntry, EntryType, ExtraSlot, Folder, LocalizedString, LocalizedText, RegistryObject,
    Submission, SubmissionSet, SubmissionSetStatus,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use std::collections::HashSet;
use uuid::Uuid;

/// A text of 1 to 40 characters: kanji, kana of both widths, composed and decomposed, markup.
pub fn text() -> impl Strategy<Value = String> {
    "[ -~ぁ-んァ-ヶｱ-ﾝ一-龥\u{3099}\u{309a}\u{20000}-\u{2000f}é\\n\\t\\r]{1,40}"
}

/// A name: as a text, without HL7 separators, control characters and blanks around it.
pub fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9'\"<>.ぁ-んァ-ヶｱ-ﾝ一-龥]([a-zA-Z0-9 '\"<>.ぁ-んァ-ヶｱ-ﾝ一-龥]{0,10}[a-zA-Z0-9'\"<>.ぁ-んァ-ヶｱ-ﾝ一-龥])?"
}

/// An OID.
pub fn oid() -> impl Strategy<Value = Oid> {
    any::<u128>().prop_map(|n| Oid::from_uuid(Uuid::from_u128(n)))
}

/// An entryUUID.
pub fn entry_uuid() -> impl Strategy<Value = EntryUuid> {
    any::<u128>().prop_map(|n| EntryUuid(Uuid::from_u128(n)))
}

/// A time of any precision.
pub fn dtm() -> impl Strategy<Value = Dtm> {
    let fields = (1900..2100, 1..13, 1..29, 0..24, 0..60, 0..60);
    (fields, 0..6usize).prop_filter_map("a time", |((y, mo, d, h, mi, s), precision)| {
        let full = format!("{y:04}{mo:02}{d:02}{h:02}{mi:02}{s:02}");
        let text: String = full.chars().take(4 + 2 * precision).collect();
        Dtm::parse(&text).ok()
    })
}

/// A patient identifier.
pub fn patient_id() -> impl Strategy<Value = PatientId> {
    ("[a-zA-Z0-9ァ-ヶ'\"<>&^|~\\\\-]{1,12}", oid())
        .prop_map(|(id, authority)| PatientId { id, authority })
}

/// A home community.
pub fn home() -> impl Strategy<Value = HomeCommunityId> {
    oid().prop_filter_map("an OID", |o| HomeCommunityId::parse(&format!("urn:oid:{o}")).ok())
}

/// Either status.
pub fn status() -> impl Strategy<Value = AvailabilityStatus> {
    prop_oneof![Just(AvailabilityStatus::Approved), Just(AvailabilityStatus::Deprecated)]
}

/// A text in one to four languages, one of which may be unsaid.
pub fn localized() -> impl Strategy<Value = LocalizedText> {
    let languages = [None, Some("ja-JP"), Some("en"), Some("zh-Hant-TW")];
    vec((text(), any::<bool>()), 1..5).prop_filter_map("a text", move |texts| {
        LocalizedText::of(texts.into_iter().zip(languages).map(|((value, charset), lang)| {
            let charset = charset.then(|| "UTF-8".to_owned());
            LocalizedString { value, lang: lang.map(str::to_owned), charset }
        }))
    })
}

/// A coded value.
pub fn code() -> impl Strategy<Value = Code> {
    ("[!-~]{1,16}", oid(), localized()).prop_map(|(code, scheme, display)| Code {
        code,
        scheme: scheme.to_string(),
        display,
    })
}

/// An author with at least an institution.
pub fn author() -> impl Strategy<Value = Author> {
    let person = of((name(), name()).prop_map(|(f, g)| format!("^{f}^{g}")));
    let institution =
        (name(), oid(), "[0-9]{10}").prop_map(|(n, o, id)| format!("{n}^^^^^&{o}&ISO^^^^{id}"));
    let telecommunication = "[a-z]{1,8}".prop_map(|n| format!("^NET^Internet^{n}@example.jp"));
    (
        person,
        vec(institution, 1..3),
        vec(name(), 0..2),
        vec(name(), 0..2),
        vec(telecommunication, 0..2),
    )
        .prop_map(|(person, institutions, roles, specialties, telecommunications)| Author {
            person,
            institutions,
            roles,
            specialties,
            telecommunications,
        })
}

/// Slots that are not of the standard, each name once.
pub fn extra() -> impl Strategy<Value = Vec<ExtraSlot>> {
    vec(("[a-z0-9:/.]{1,12}", vec(text(), 0..3)), 0..3).prop_map(|slots| {
        let mut seen = HashSet::new();
        slots
            .into_iter()
            .map(|(name, values)| ExtraSlot { name: format!("urn:x-kenshin:{name}"), values })
            .filter(|s| seen.insert(s.name.clone()))
            .collect()
    })
}

fn hash() -> impl Strategy<Value = Sha1Hash> {
    any::<[u8; 20]>().prop_map(Sha1Hash::from_digest)
}

fn mime_type() -> impl Strategy<Value = MimeType> {
    prop_oneof![Just("text/xml"), Just("application/fhir+json"), Just("application/pdf")]
        .prop_filter_map("a media type", |m| MimeType::parse(m).ok())
}

fn cx() -> impl Strategy<Value = String> {
    patient_id().prop_map(|p| p.to_string())
}

/// A DocumentEntry with a final id; every attribute that may be absent sometimes is.
pub fn entry() -> impl Strategy<Value = DocumentEntry> {
    let header = (entry_uuid(), of(entry_uuid()), of(any::<u32>()), of(home()), of(status()));
    let texts = (of(localized()), of(localized()), extra());
    let codes = (
        (of(code()), of(code()), of(code()), of(code()), of(code())),
        (vec(code(), 0..3), vec(code(), 0..3), vec(author(), 0..3)),
    );
    let document =
        (mime_type(), of(hash()), of(any::<u64>()), of(oid()), of("[a-z]{1,8}"), any::<bool>());
    let times = (of(dtm()), dtm(), any::<bool>());
    let person = (
        of(cx()),
        vec(name().prop_map(|n| format!("PID-5|{n}")), 0..3),
        of(patient_id()),
        vec(cx().prop_map(|c| format!("{c}^urn:ihe:iti:xds:2013:accession")), 0..3),
        of((name(), name()).prop_map(|(f, g)| format!("^{f}^{g}"))),
    );
    (header, texts, codes, document, times, person, oid(), 0..3u8).prop_map(
        |(header, texts, codes, document, times, person, unique_id, availability)| {
            let mut e = DocumentEntry::blank(ObjectId::Uuid(header.0));
            (e.lid, e.version, e.home, e.status) = (header.1, header.2, header.3, header.4);
            (e.title, e.comments, e.extra) = texts;
            let (single, (events, confidentiality, authors)) = codes;
            (e.class_code, e.format_code, e.facility_type_code) = (single.0, single.1, single.2);
            (e.practice_setting_code, e.type_code) = (single.3, single.4);
            (e.event_codes, e.confidentiality_codes, e.authors) =
                (events, confidentiality, authors);
            (e.mime_type, e.hash, e.size) = (document.0, document.1, document.2);
            e.repository = document.3.map(RepositoryUniqueId);
            e.uri = document.4;
            e.language = document.5.then(|| LanguageCode::parse("ja-JP").ok()).flatten();
            e.creation_time = times.0;
            e.service_start = times.2.then(|| times.1.clone());
            e.service_stop = e.service_start.clone();
            (e.source_patient_id, e.source_patient_info) = (person.0, person.1);
            (e.patient_id, e.reference_ids) = (person.2, person.3);
            e.legal_authenticator = person.4;
            e.unique_id = UniqueId::from(unique_id);
            e.object_type = EntryType::Stable;
            e.availability = match availability {
                0 => None,
                1 => Some(DocumentAvailability::Online),
                _ => Some(DocumentAvailability::Offline),
            };
            e
        },
    )
}

/// A SubmissionSet with a final id.
pub fn submission_set() -> impl Strategy<Value = SubmissionSet> {
    let header =
        (entry_uuid(), of(home()), of(status()), of(localized()), of(localized()), extra());
    let version = (of(entry_uuid()), of(any::<u32>()));
    let rest = (vec(author(), 0..3), of(code()), of(patient_id()), oid(), dtm(), oid());
    let recipient = name().prop_map(|n| format!("{n}||^NET^Internet^{n}"));
    (header, version, rest, vec(recipient, 0..2)).prop_map(
        |(h, (lid, version), r, intended_recipients)| SubmissionSet {
            id: ObjectId::Uuid(h.0),
            lid,
            version,
            home: h.1,
            status: h.2,
            title: h.3,
            comments: h.4,
            authors: r.0,
            content_type_code: r.1,
            intended_recipients,
            patient_id: r.2,
            source_id: r.3,
            submission_time: r.4,
            unique_id: r.5,
            extra: h.5,
        },
    )
}

/// A Folder with a final id.
pub fn folder() -> impl Strategy<Value = Folder> {
    let header =
        (entry_uuid(), of(home()), of(status()), of(localized()), of(localized()), extra());
    let version = (of(entry_uuid()), of(any::<u32>()));
    let rest = (vec(code(), 0..3), of(dtm()), of(patient_id()), oid());
    (header, version, rest).prop_map(|(h, (lid, version), r)| Folder {
        id: ObjectId::Uuid(h.0),
        lid,
        version,
        home: h.1,
        status: h.2,
        title: h.3,
        comments: h.4,
        codes: r.0,
        last_update_time: r.1,
        patient_id: r.2,
        unique_id: r.3,
        extra: h.5,
    })
}

/// An Association with a final id.
pub fn association() -> impl Strategy<Value = Association> {
    let header = (entry_uuid(), of(home()), of(status()), extra());
    let version = (of(entry_uuid()), of(any::<u32>()));
    let ends = (0..AssociationType::ALL.len(), entry_uuid(), entry_uuid());
    let member =
        of(prop_oneof![Just(SubmissionSetStatus::Original), Just(SubmissionSetStatus::Reference)]);
    (header, version, ends, member, (of(any::<u32>()), of(code()))).prop_map(
        |(h, (lid, version), (kind, source, target), submission_set_status, rest)| {
            let (previous_version, documentation) = rest;
            Association {
                id: ObjectId::Uuid(h.0),
                lid,
                version,
                home: h.1,
                status: h.2,
                association_type: *AssociationType::ALL
                    .get(kind)
                    .unwrap_or(&AssociationType::HasMember),
                source: ObjectId::Uuid(source),
                target: ObjectId::Uuid(target),
                submission_set_status,
                previous_version,
                documentation,
                extra: h.3,
            }
        },
    )
}

/// Any object with a final id.
pub fn object() -> impl Strategy<Value = RegistryObject> {
    prop_oneof![
        entry().prop_map(|e| RegistryObject::Entry(Box::new(e))),
        submission_set().prop_map(|s| RegistryObject::SubmissionSet(Box::new(s))),
        folder().prop_map(|f| RegistryObject::Folder(Box::new(f))),
        association().prop_map(|a| RegistryObject::Association(Box::new(a))),
    ]
}

/// A submission whose objects are well formed each, whatever they mean together.
pub fn loose_submission() -> impl Strategy<Value = Submission> {
    (submission_set(), vec(entry(), 0..3), vec(folder(), 0..2), vec(association(), 0..3)).prop_map(
        |(submission_set, entries, folders, associations)| Submission {
            submission_set,
            entries,
            folders,
            associations,
        },
    )
}

/// A submission that a registry without a code list accepts: one patient, one to three new
/// documents with symbolic or final ids, some of which replace a registered one.
pub fn submission() -> impl Strategy<Value = Submission> {
    let documents = vec((entry(), any::<bool>(), of(entry_uuid())), 1..4);
    (submission_set(), documents, patient_id(), code(), dtm(), entry_uuid()).prop_map(
        |(mut set, documents, patient, code, time, association)| {
            set.patient_id = Some(patient.clone());
            (set.lid, set.version) = (None, None);
            set.content_type_code.get_or_insert_with(|| code.clone());
            let mut s = Submission {
                submission_set: set,
                entries: Vec::new(),
                folders: Vec::new(),
                associations: Vec::new(),
            };
            for (n, (mut entry, symbolic, replaces)) in documents.into_iter().enumerate() {
                if symbolic {
                    entry.id = ObjectId::Symbol(format!("Document{n}"));
                }
                complete(&mut entry, &patient, &code, &time);
                let member = AssociationType::HasMember;
                let id = association.0.as_u128().wrapping_add(2 * n as u128);
                let set = s.submission_set.id.clone();
                s.associations.push(between(id, member, &set, entry.id.clone()));
                if let Some(old) = replaces {
                    let (id, old) = (id.wrapping_add(1), ObjectId::Uuid(old));
                    s.associations.push(between(id, AssociationType::Rplc, &entry.id, old));
                }
                s.entries.push(entry);
            }
            s
        },
    )
}

fn complete(e: &mut DocumentEntry, patient: &PatientId, code: &Code, time: &Dtm) {
    e.patient_id = Some(patient.clone());
    (e.lid, e.version) = (None, None);
    for missing in [
        &mut e.class_code,
        &mut e.format_code,
        &mut e.facility_type_code,
        &mut e.practice_setting_code,
        &mut e.type_code,
    ] {
        missing.get_or_insert_with(|| code.clone());
    }
    if e.confidentiality_codes.is_empty() {
        e.confidentiality_codes.push(code.clone());
    }
    e.creation_time.get_or_insert_with(|| time.clone());
    e.hash.get_or_insert_with(|| Sha1Hash::from_digest([7; 20]));
    e.size.get_or_insert(7);
    e.language = LanguageCode::parse("ja-JP").ok();
    e.source_patient_id.get_or_insert_with(|| patient.to_string());
    e.repository.get_or_insert_with(|| RepositoryUniqueId(Oid::from_uuid(Uuid::nil())));
}

fn between(id: u128, kind: AssociationType, source: &ObjectId, target: ObjectId) -> Association {
    let id = ObjectId::Uuid(EntryUuid(Uuid::from_u128(id)));
    let a = Association::joining(id, kind, source, &target);
    if kind == AssociationType::HasMember { a.original() } else { a }
}
