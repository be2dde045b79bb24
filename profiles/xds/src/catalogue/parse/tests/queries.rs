//! What the queries beyond FindDocuments make of their parameters.

use super::*;

const APPROVED: &str = "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')";

#[test]
fn every_query_of_a_patient_asks_for_its_own_objects() {
    let patient = format!("'{PATIENT}'");
    let approved = || status(&[AvailabilityStatus::Approved]);
    let all = [
        ("$patientId", &[patient.as_str()][..]),
        ("$XDSDocumentEntryStatus", &[APPROVED]),
        ("$XDSSubmissionSetStatus", &[APPROVED]),
        ("$XDSFolderStatus", &[APPROVED]),
        ("$XDSDocumentEntryFormatCode", &["('f^^1.2')"]),
    ];
    let q = good(&query(GET_ALL, &all));
    assert_eq!(q.subject, patients(&[PATIENT]));
    assert_eq!(
        q.filters,
        [
            of(ObjectKind::DocumentEntry, approved()),
            of(ObjectKind::SubmissionSet, approved()),
            of(ObjectKind::Folder, approved()),
            of(ObjectKind::DocumentEntry, codes(CodeAttribute::Format, &["f^^1.2"])),
            of(ObjectKind::DocumentEntry, stable()),
            of(ObjectKind::Association, approved()),
        ]
    );
    assert_eq!(bad(&query(GET_ALL, &all[..3])), one("query-param-missing", "$XDSFolderStatus"));
    let q = good(&query(
        FIND_SUBMISSION_SETS,
        &[
            ("$XDSSubmissionSetPatientId", &[&patient]),
            ("$XDSSubmissionSetStatus", &[APPROVED]),
            ("$XDSSubmissionSetSourceId", &["('1.2.3','1.2.4')"]),
            ("$XDSSubmissionSetSubmissionTimeFrom", &["2024"]),
            ("$XDSSubmissionSetAuthorPerson", &["'%佐藤%'"]),
            ("$XDSSubmissionSetContentType", &["('c^^1.2')"]),
        ],
    ));
    let sources = ["1.2.3", "1.2.4"].map(|id| Oid::parse(id).unwrap());
    let expected = [
        approved(),
        Condition::SourceId(OneOf::new(sources).unwrap()),
        times(TimeAttribute::Submission, Some("2024"), None),
        Condition::Text(TextAttribute::AuthorPerson, patterns(&["%佐藤%"]).into()),
        codes(CodeAttribute::ContentType, &["c^^1.2"]),
    ];
    assert_eq!(q.filters, expected.map(|c| of(ObjectKind::SubmissionSet, c)));
}

#[test]
fn associations_are_meant_as_approved_unless_asked_for_otherwise() {
    let uuid = format!("('{UUID}')");
    let ask = |more: &[(&str, &[&str])]| {
        good(&query(GET_ASSOCIATIONS, &[&[("$uuid", &[uuid.as_str()][..])], more].concat()))
    };
    let link = |statuses: &[_]| vec![of(ObjectKind::Association, status(statuses))];
    let Subject::EntryUuids { kinds, .. } = ask(&[]).subject else { panic!() };
    assert_eq!(kinds.len(), 4);
    assert_eq!(ask(&[]).filters, link(&[AvailabilityStatus::Approved]));
    let deprecated = format!("('{}')", AvailabilityStatus::Deprecated.urn());
    let q = ask(&[("$XDSAssociationStatus", &[&deprecated]), ("$MetadataLevel", &["2"])]);
    assert_eq!(q.filters, link(&[AvailabilityStatus::Deprecated]));
    assert_eq!(q.level, MetadataLevel::Everything);
    assert_eq!(ask(&[("$MetadataLevel", &["'1'"])]).level, MetadataLevel::Newest);
    for wrong in ["3", "'everything'", "-1"] {
        let q = query(GET_ASSOCIATIONS, &[("$uuid", &[&uuid]), ("$MetadataLevel", &[wrong])]);
        assert_eq!(bad(&q), one("query-value", "$MetadataLevel"), "{wrong}");
    }
    assert_eq!(bad(&query(GET_ASSOCIATIONS, &[])), one("query-param-missing", "$uuid"));
    let types = "$AssociationTypes";
    let q = query(GET_RELATED_DOCUMENTS, &[("$XDSDocumentEntryUniqueId", &["'1.2'"])]);
    assert_eq!(bad(&q), one("query-param-missing", types));
    let rplc = format!("('{}')", AssociationType::Rplc.urn());
    let q = [("$XDSDocumentEntryUniqueId", &["'1.2'"][..]), (types, &[rplc.as_str()])];
    let q = good(&query(GET_RELATED_DOCUMENTS, &q));
    let rplc = Condition::AssociationType(OneOf::only(AssociationType::Rplc));
    assert_eq!(q.filters[0], of(ObjectKind::Association, rplc));
}

#[test]
fn versions_are_named_by_their_logical_id() {
    let name = "$XDSDocumentEntryLogicalID";
    let q = good(&query(GET_DOCUMENTS, &[(name, &[&format!("('{UUID}')")])]));
    let ids = OneOf::only(EntryUuid::parse(UUID).unwrap());
    assert_eq!(q.subject, Subject::LogicalIds { kind: ObjectKind::DocumentEntry, ids });
    let two = [(name, &["('urn:uuid:1')"][..]), ("$XDSDocumentEntryUniqueId", &["'1.2'"])];
    let found = bad(&query(GET_FOLDERS_FOR_DOCUMENT, &two));
    assert_eq!((found[0].0, found[1].0), ("query-value", "query-choice-number"));
}

#[test]
fn what_is_excluded_is_not_asked_for_too() {
    let patient = format!("'{PATIENT}'");
    let ask = |more: &[(&str, &[&str])]| {
        let own = [
            ("$XDSDocumentEntryPatientId", &[patient.as_str()][..]),
            ("$XDSDocumentEntryStatus", &[APPROVED]),
        ];
        query(FIND_DOCUMENTS_EXCLUDE, &[&own[..], more].concat())
    };
    let events = "$XDSDocumentEntryEventCodeListExclude";
    let q = good(&ask(&[
        ("$XDSDocumentEntryClassCodeExclude", &["('a^^1.2','b^^1.2')"]),
        (events, &["('c^^1.2')"]),
        (events, &["('d^^1.2')"]),
        ("$XDSDocumentEntryTypeExclude", &[&format!("('{}')", EntryType::Stable.urn())]),
    ]));
    let excluded =
        |condition| Filter { excludes: true, ..of(ObjectKind::DocumentEntry, condition) };
    assert_eq!(
        q.filters,
        [
            excluded(codes(CodeAttribute::Class, &["a^^1.2", "b^^1.2"])),
            excluded(codes(CodeAttribute::Event, &["c^^1.2"])),
            excluded(codes(CodeAttribute::Event, &["d^^1.2"])),
            excluded(stable()),
            of(ObjectKind::DocumentEntry, status(&[AvailabilityStatus::Approved])),
        ]
    );
    assert_eq!(good(&ask(&[])).filters.last(), Some(&of(ObjectKind::DocumentEntry, stable())));
    let both: &[(&str, &[&str])] = &[
        ("$XDSDocumentEntryFormatCode", &["('a^^1.2')"]),
        ("$XDSDocumentEntryFormatCodeExclude", &["('b^^1.2')"]),
    ];
    let names = "$XDSDocumentEntryFormatCode, $XDSDocumentEntryFormatCodeExclude";
    assert_eq!(bad(&ask(both)), one("query-choice-number", names));
}

#[test]
fn several_patients_are_named_or_none() {
    let approved = ("$XDSDocumentEntryStatus", &[APPROVED][..]);
    let name = "$XDSDocumentEntryPatientId";
    let two: &[&str] = &[&format!("('{PATIENT}','7^^^&2.999.1.1&ISO')")];
    let q = good(&query(FIND_DOCUMENTS_FOR_PATIENTS, &[approved, (name, two)]));
    assert_eq!((q.patients().len(), q.def.transaction), (2, &ITI_51));
    let nothing = bad(&query(FIND_DOCUMENTS_FOR_PATIENTS, &[approved]));
    assert_eq!(nothing[0].0, "query-any-missing");
    assert!(nothing[0].1.starts_with(name) && nothing[0].1.contains("HealthcareFacilityTypeCode"));
    let event: (&str, &[&str]) = ("$XDSDocumentEntryEventCodeList", &["('e^^1.2')"]);
    let q = good(&query(FIND_DOCUMENTS_FOR_PATIENTS, &[approved, event]));
    assert_eq!((q.subject, q.filters.len()), (Subject::Anyone, 3));
    // What is not of the listed parameters does not bound it.
    let format: (&str, &[&str]) = ("$XDSDocumentEntryFormatCode", &["('e^^1.2')"]);
    assert_eq!(bad(&query(FIND_DOCUMENTS_FOR_PATIENTS, &[approved, format])).len(), 1);
    let folders = query(FIND_FOLDERS_FOR_PATIENTS, &[("$XDSFolderStatus", &[APPROVED])]);
    assert_eq!(bad(&folders), one("query-any-missing", "$XDSFolderPatientId, $XDSFolderCodeList"));
    let by_reference = ("$XDSDocumentEntryReferenceIdList", &["('a')"][..]);
    let q = query(FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS, &[approved, by_reference]);
    assert_eq!(good(&q).subject, Subject::Anyone);
}

#[test]
fn the_schemes_of_old_revisions_are_refused() {
    let name = "$XDSDocumentEntryClassCodeScheme";
    assert_eq!(bad(&find(&[(name, &["('1.2')"])])), one("query-old-scheme", name));
}
