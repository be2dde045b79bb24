//! New versions of documents and folders.

use super::super::world::{code, dtm, hash};
use super::*;
use renkei_metadata::ids::{LanguageCode, MimeType};
use renkei_metadata::model::{
    Author, DocumentAvailability, ExtraSlot, LocalizedText, SubmissionSetStatus,
};

#[tokio::test]
async fn a_new_version_takes_the_place_of_the_one_before() {
    for w in World::each() {
        let p = patient("1");
        let first = registered(&w, &p).await;
        let mut changed = first.clone();
        changed.title = Some(LocalizedText::ja("訂正"));
        let before = w.outbox().await;
        let update = of(&p, changed.clone()).build();
        let set = update.submission_set.unique_id.clone();
        accept(&w, update).await;
        assert_eq!(w.outbox().await, before + 1);
        let found = documents(&w, &p).await;
        let expected = [
            DocumentEntry { status: Some(DEPRECATED), ..first.clone() },
            DocumentEntry { id: found[1].id.clone(), version: Some(2), ..changed },
        ];
        assert_eq!(found, expected);
        assert_ne!(found[1].id, found[0].id);
        // The SubmissionSet of the update holds the new version, and says what it follows.
        assert!(w.registry.took(&set, None, &[found[1].unique_id.clone()]).await.unwrap());
        let all = associations(&w, &p).await;
        let member = all.iter().find(|a| a.target == found[1].id).unwrap();
        assert_eq!(member.previous_version, Some(1));
        assert_eq!(member.submission_set_status, Some(SubmissionSetStatus::Original));
        // And again.
        accept(&w, of(&p, found[1].clone())).await;
        let versions: Vec<_> =
            documents(&w, &p).await.into_iter().map(|e| (e.version, e.status)).collect();
        let expected = [(Some(1), DEPRECATED), (Some(2), DEPRECATED), (Some(3), APPROVED)]
            .map(|(v, s)| (v, Some(s)));
        assert_eq!(versions, expected);
    }
}

type Change = (&'static str, fn(&mut DocumentEntry));

/// Every attribute that may change, one by one (NIST test 15801).
const CHANGES: &[Change] = &[
    ("author", |e| {
        e.authors =
            vec![Author { institutions: vec!["乙^^^^^^^^^1.2.3.9".into()], ..Author::default() }];
    }),
    ("extra metadata", |e| {
        e.extra = vec![ExtraSlot { name: "urn:x-kenshin:a".into(), values: vec!["甲".into()] }];
    }),
    ("classCode", |e| e.class_code = Some(code("class2"))),
    ("comments", |e| e.comments = Some(LocalizedText::ja("備考"))),
    ("confidentialityCode", |e| e.confidentiality_codes = vec![code("R"), code("FULL")]),
    ("creationTime", |e| e.creation_time = Some(dtm("20260301"))),
    ("eventCodeList", |e| e.event_codes = vec![code("event")]),
    ("formatCode", |e| e.format_code = Some(code("format2"))),
    ("hash", |e| e.hash = Some(hash(9))),
    ("healthcareFacilityTypeCode", |e| e.facility_type_code = Some(code("facility2"))),
    ("languageCode", |e| e.language = LanguageCode::parse("en").ok()),
    ("legalAuthenticator", |e| e.legal_authenticator = Some("D2^佐藤^花子".into())),
    ("mimeType", |e| e.mime_type = MimeType::parse("text/plain").unwrap()),
    ("practiceSettingCode", |e| e.practice_setting_code = Some(code("practice2"))),
    ("serviceStartTime", |e| e.service_start = Some(dtm("20260101"))),
    ("serviceStopTime", |e| e.service_stop = Some(dtm("20260402"))),
    ("size", |e| e.size = Some(7)),
    ("sourcePatientInfo", |e| e.source_patient_info = vec!["PID-8|F".into()]),
    ("sourcePatientId", |e| e.source_patient_id = Some("10^^^&1.2.3.9&ISO".into())),
    ("title", |e| e.title = None),
    ("typeCode", |e| e.type_code = Some(code("type2"))),
    ("URI", |e| e.uri = Some("a.csv".into())),
    ("referenceIdList", |e| {
        e.reference_ids = vec!["7^^^&1.2.3.8&ISO^urn:ihe:iti:xds:2013:accession".into()];
    }),
    ("documentAvailability", |e| e.availability = Some(DocumentAvailability::Offline)),
];

#[tokio::test]
async fn every_attribute_can_change() {
    for w in World::each() {
        for (n, (attribute, change)) in CHANGES.iter().enumerate() {
            let p = patient(&format!("change{n}"));
            let mut expected = registered(&w, &p).await;
            change(&mut expected);
            accept(&w, of(&p, expected.clone())).await;
            let found = documents(&w, &p).await.pop().unwrap();
            (expected.id, expected.version) = (found.id.clone(), Some(2));
            assert_eq!(found, expected, "{attribute}");
        }
    }
}

#[tokio::test]
async fn what_is_left_out_is_gone_and_a_document_is_online_again() {
    for w in World::each() {
        let p = patient("1");
        let mut e = registered(&w, &p).await;
        e.availability = Some(DocumentAvailability::Offline);
        accept(&w, of(&p, e.clone())).await;
        let mut e = newest(&w, &p, e.lid.unwrap()).await;
        assert_eq!(e.availability, Some(DocumentAvailability::Offline));
        (e.availability, e.title, e.authors) = (None, None, Vec::new());
        accept(&w, of(&p, e.clone())).await;
        let e = newest(&w, &p, e.lid.unwrap()).await;
        assert_eq!(e.availability, Some(DocumentAvailability::Online));
        assert_eq!((e.title, e.authors), (None, Vec::new()));
    }
}

#[tokio::test]
async fn a_changed_hash_is_what_a_repeat_is_compared_with() {
    for w in World::each() {
        let p = patient("1");
        let first = registered(&w, &p).await;
        let changed = DocumentEntry { hash: Some(hash(9)), ..first.clone() };
        accept(&w, of(&p, changed)).await;
        let repeat = |n| {
            let (mut e, _) = with_uuid(entry(&p));
            (e.unique_id, e.hash) = (first.unique_id.clone(), Some(hash(n)));
            submission(&p, vec![e])
        };
        assert_eq!(w.refuse(repeat(1)).await, ["XDSNonIdenticalHash"]);
        w.accept(repeat(9)).await;
    }
}

#[tokio::test]
async fn folders_have_versions_too() {
    for w in World::each() {
        let p = patient("1");
        let (first, _) = filed(&w, &p).await;
        let mut changed = first.clone();
        (changed.title, changed.codes) = (Some(LocalizedText::ja("新")), vec![code("folder2")]);
        changed.extra =
            vec![ExtraSlot { name: "urn:x-kenshin:a".into(), values: vec!["甲".into()] }];
        accept(&w, by(&p).folder(changed.clone(), Propagation::Yes).unwrap()).await;
        let found = folders(&w, &p).await;
        let expected = [
            Folder { status: Some(DEPRECATED), ..first },
            Folder { id: found[1].id.clone(), version: Some(2), ..changed },
        ];
        assert_eq!(found, expected);
    }
}

/// As those of a document are.
#[tokio::test]
async fn all_versions_of_a_folder_are_found_by_its_unique_id() {
    use renkei_xds::catalogue::{GET_FOLDER_AND_CONTENTS, GET_FOLDERS};
    use renkei_xds::iti18::QueryBuilder;
    for w in World::each() {
        let p = patient("1");
        let (folder, _) = filed(&w, &p).await;
        accept(&w, by(&p).folder(folder.clone(), Propagation::Yes).unwrap()).await;
        for query in [GET_FOLDERS, GET_FOLDER_AND_CONTENTS] {
            let asked = QueryBuilder::new(query).unique_ids([folder.unique_id.as_str()]);
            for (asked, expected) in [(asked.clone(), vec![2]), (asked.everything(), vec![1, 2])] {
                let found = w.query(&asked.build()).await.objects.into_iter();
                let mut versions: Vec<u32> = found
                    .filter_map(|o| match o {
                        RegistryObject::Folder(f) => f.version,
                        _ => None,
                    })
                    .collect();
                versions.sort_unstable();
                assert_eq!(versions, expected, "{query}");
            }
        }
    }
}
