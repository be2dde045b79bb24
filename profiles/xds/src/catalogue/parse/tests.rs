use super::super::{
    CodeAttribute, FIND_DOCUMENTS, FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS,
    FIND_DOCUMENTS_EXCLUDE, FIND_DOCUMENTS_FOR_PATIENTS, FIND_FOLDERS_FOR_PATIENTS,
    FIND_SUBMISSION_SETS, GET_ALL, GET_ASSOCIATIONS, GET_DOCUMENTS, GET_FOLDERS_FOR_DOCUMENT,
    GET_RELATED_DOCUMENTS, GET_SUBMISSION_SET_AND_CONTENTS, QUERIES, TextAttribute,
};
use super::*;
use crate::iti18::QueryBuilder;
use crate::transaction::ITI_51;
use proptest::prelude::*;
use renkei_arbitrary::arbitrary;
use renkei_metadata::finding::{IheCode, Reporter};
use renkei_metadata::model::ObjectKind;

mod queries;

const PATIENT: &str = "100234^^^&2.999.1.1&ISO";
const UUID: &str = "urn:uuid:5d7e2f3a-1c0b-4f6d-8a9e-2b3c4d5e6f01";

fn query(id: &str, params: &[(&str, &[&str])]) -> AdhocQuery {
    let params = params.iter().map(|(name, values)| {
        ((*name).to_owned(), values.iter().map(|v| (*v).to_owned()).collect())
    });
    let mut query = QueryBuilder::new(id).build();
    query.params = params.collect();
    query
}

/// FindDocuments with what it requires, and more.
fn find(more: &[(&str, &[&str])]) -> AdhocQuery {
    let status = format!("('{}')", AvailabilityStatus::Approved.urn());
    let patient = format!("'{PATIENT}'");
    let (status, patient) = ([status.as_str()], [patient.as_str()]);
    let mut params: Vec<(&str, &[&str])> =
        vec![("$XDSDocumentEntryPatientId", &patient), ("$XDSDocumentEntryStatus", &status)];
    params.extend(more);
    query(FIND_DOCUMENTS, &params)
}

fn good(query: &AdhocQuery) -> StoredQuery {
    let checked = parse(query);
    assert_eq!(checked.findings, [], "{query:?}");
    checked.value.unwrap()
}

/// The rule and parameter of each finding.
fn bad(query: &AdhocQuery) -> Vec<(&'static str, String)> {
    let checked = parse(query);
    assert_eq!(checked.value, None, "{query:?}");
    assert!(!checked.findings.is_empty());
    for f in &checked.findings {
        assert!(f.is_error() && !f.english().is_empty() && !f.japanese().is_ascii(), "{f:?}");
    }
    checked.findings.iter().map(|f| (f.rule.id, f.attribute.to_string())).collect()
}

fn one(rule: &'static str, param: &str) -> Vec<(&'static str, String)> {
    vec![(rule, param.to_owned())]
}

/// Conditions on DocumentEntries as filters.
fn entries(conditions: impl IntoIterator<Item = Condition>) -> Vec<Filter> {
    let filter = |condition| Filter { kind: ObjectKind::DocumentEntry, condition, excludes: false };
    conditions.into_iter().map(filter).collect()
}

fn status(statuses: &[AvailabilityStatus]) -> Condition {
    Condition::Status(OneOf::new(statuses.iter().copied()).unwrap())
}

fn stable() -> Condition {
    Condition::EntryType(OneOf::only(EntryType::Stable))
}

fn keys(codes: &[&str]) -> OneOf<CodeKey> {
    OneOf::new(codes.iter().map(|c| CodeKey::parse(c).unwrap())).unwrap()
}

fn codes(attribute: CodeAttribute, codes: &[&str]) -> Condition {
    Condition::Code(attribute, keys(codes).into())
}

fn times(attribute: TimeAttribute, from: Option<&str>, to: Option<&str>) -> Condition {
    let instant = |t: Option<&str>| t.map(|t| Instant::of(&Dtm::parse(t).unwrap()));
    Condition::Time(attribute, TimeRange { from: instant(from), to: instant(to) })
}

fn patterns(texts: &[&str]) -> OneOf<Pattern> {
    OneOf::new(texts.iter().map(|t| Pattern::parse(t).unwrap())).unwrap()
}

fn patients(texts: &[&str]) -> Subject {
    Subject::Patients(OneOf::new(texts.iter().map(|t| PatientId::parse(t).unwrap())).unwrap())
}

fn unique_ids(kind: ObjectKind, texts: &[&str]) -> Subject {
    let ids = OneOf::new(texts.iter().map(|t| UniqueId::parse(t).unwrap())).unwrap();
    Subject::UniqueIds { kind, ids }
}

#[test]
fn finds_with_the_required_parameters_alone() {
    let q = good(&find(&[]));
    assert_eq!((q.def.name, q.return_type), ("FindDocuments", ReturnType::LeafClass));
    assert_eq!(q.subject, patients(&[PATIENT]));
    assert_eq!(q.patients().len(), 1);
    assert_eq!(q.filters, entries([status(&[AvailabilityStatus::Approved]), stable()]));
}

#[test]
fn every_parameter_of_find_documents_becomes_a_condition() {
    let q = good(&find(&[
        ("$XDSDocumentEntryClassCode", &["('REPORT^^2.999.30.1', 'B^^2.999.30.1')"]),
        ("$XDSDocumentEntryTypeCode", &["('a^^1.2')", "('b^^1.2')"]),
        ("$XDSDocumentEntryPracticeSettingCode", &["('p^^1.2')"]),
        ("$XDSDocumentEntryHealthcareFacilityTypeCode", &["'f^^1.2'"]),
        ("$XDSDocumentEntryFormatCode", &["('urn:ihe:iti:xds:2017:mimeTypeSufficient^^1.3.6.1')"]),
        ("$XDSDocumentEntryEventCodeList", &["('a^^1.2','b^^1.2')"]),
        ("$XDSDocumentEntryEventCodeList", &["('c^^1.2')"]),
        ("$XDSDocumentEntryConfidentialityCode", &["('N^^2.16.840.1.113883.5.25')"]),
        ("$XDSDocumentEntryCreationTimeFrom", &["2024"]),
        ("$XDSDocumentEntryCreationTimeTo", &["'20250401'"]),
        ("$XDSDocumentEntryServiceStartTimeTo", &[" 202504011230 "]),
        ("$XDSDocumentEntryServiceStopTimeFrom", &["20240401123059"]),
        ("$XDSDocumentEntryAuthorPerson", &["('%^佐藤^%','カ\u{3099}_')"]),
        ("$XDSDocumentEntryType", &[&format!("('{}')", EntryType::OnDemand.urn())]),
        ("$XDSDocumentEntryTypo", &["anything 'at all"]),
    ]));
    let events = AllOf::new(vec![keys(&["a^^1.2", "b^^1.2"]), keys(&["c^^1.2"])]).unwrap();
    use CodeAttribute as C;
    assert_eq!(
        q.filters,
        entries([
            status(&[AvailabilityStatus::Approved]),
            codes(C::Class, &["B^^2.999.30.1", "REPORT^^2.999.30.1"]),
            codes(C::Type, &["a^^1.2", "b^^1.2"]),
            codes(C::PracticeSetting, &["p^^1.2"]),
            codes(C::FacilityType, &["f^^1.2"]),
            codes(C::Format, &["urn:ihe:iti:xds:2017:mimeTypeSufficient^^1.3.6.1"]),
            Condition::Code(C::Event, events),
            codes(C::Confidentiality, &["N^^2.16.840.1.113883.5.25"]),
            times(TimeAttribute::Creation, Some("20240101000000"), Some("20250401000000")),
            times(TimeAttribute::ServiceStart, None, Some("20250401123000")),
            times(TimeAttribute::ServiceStop, Some("20240401123059"), None),
            Condition::Text(TextAttribute::AuthorPerson, patterns(&["%^佐藤^%", "ガ_"]).into()),
            Condition::EntryType(OneOf::only(EntryType::OnDemand)),
        ])
    );
    assert_eq!(q.unknown_params, ["$XDSDocumentEntryTypo"]);
}

#[test]
fn documents_are_named_by_uuid_or_by_unique_id() {
    let upper = format!("('{}')", UUID.to_uppercase().replace("URN:UUID", "urn:uuid"));
    let q = good(&query(GET_DOCUMENTS, &[("$XDSDocumentEntryEntryUUID", &[&upper, &upper])]));
    let ids = OneOf::only(EntryUuid::parse(UUID).unwrap());
    let kinds = &[ObjectKind::DocumentEntry];
    assert_eq!(q.subject, Subject::EntryUuids { kinds, ids });
    assert_eq!((q.filters.len(), q.patients().len(), q.def.single_patient), (0, 0, true));
    let q =
        good(&query(GET_DOCUMENTS, &[("$XDSDocumentEntryUniqueId", &["('2.999.1','2.999.2')"])]));
    assert_eq!(q.subject, unique_ids(ObjectKind::DocumentEntry, &["2.999.1", "2.999.2"]));
}

#[test]
fn contents_of_a_submission_set_can_be_filtered() {
    let q = good(&query(
        GET_SUBMISSION_SET_AND_CONTENTS,
        &[
            ("$XDSSubmissionSetUniqueId", &["'2.999.20.2.9001'"]),
            ("$XDSDocumentEntryFormatCode", &["('a^^1.2')"]),
            ("$XDSDocumentEntryConfidentialityCode", &["('N^^1.2')"]),
            ("$XDSDocumentEntryConfidentialityCode", &["('X^^1.2')"]),
        ],
    ));
    let both = AllOf::new(vec![keys(&["N^^1.2"]), keys(&["X^^1.2"])]).unwrap();
    assert_eq!(q.subject, unique_ids(ObjectKind::SubmissionSet, &["2.999.20.2.9001"]));
    assert_eq!(
        q.filters,
        with_links([
            codes(CodeAttribute::Format, &["a^^1.2"]),
            Condition::Code(CodeAttribute::Confidentiality, both),
            stable(),
        ])
    );
    let uuid = format!("'{UUID}'");
    let q = query(GET_SUBMISSION_SET_AND_CONTENTS, &[("$XDSSubmissionSetEntryUUID", &[&uuid])]);
    let q = good(&q);
    let ids = OneOf::only(EntryUuid::parse(UUID).unwrap());
    assert_eq!(q.subject, Subject::EntryUuids { kinds: &[ObjectKind::SubmissionSet], ids });
    assert_eq!(q.filters, with_links([stable()]));
}

/// A SubmissionSet's contents with associations that are Approved.
fn with_links(conditions: impl IntoIterator<Item = Condition>) -> Vec<Filter> {
    let mut filters = entries(conditions);
    filters.push(of(ObjectKind::Association, status(&[AvailabilityStatus::Approved])));
    filters
}

fn of(kind: ObjectKind, condition: Condition) -> Filter {
    Filter { kind, condition, excludes: false }
}

#[test]
fn required_parameters_are_required_and_not_empty() {
    let missing = |params: &[(&str, &[&str])]| bad(&query(FIND_DOCUMENTS, params));
    let both = [
        ("query-param-missing", "$XDSDocumentEntryPatientId".to_owned()),
        ("query-param-missing", "$XDSDocumentEntryStatus".to_owned()),
    ];
    assert_eq!(missing(&[]), both);
    assert_eq!(
        missing(&[("$XDSDocumentEntryPatientId", &["''"]), ("$XDSDocumentEntryStatus", &["()"])]),
        both
    );
    let code = parse(&query(FIND_DOCUMENTS, &[])).findings[0].rule.code.name(Reporter::Registry);
    assert_eq!(code, "XDSStoredQueryMissingParam");
}

#[test]
fn unknown_statuses_are_passed_over_until_none_is_left() {
    let ask = |value: &str| {
        let patient = format!("'{PATIENT}'");
        query(
            FIND_DOCUMENTS,
            &[("$XDSDocumentEntryPatientId", &[&patient]), ("$XDSDocumentEntryStatus", &[value])],
        )
    };
    let deprecated = AvailabilityStatus::Deprecated.urn();
    let q = good(&ask(&format!("('urn:x','{deprecated}')")));
    assert_eq!(q.filters[0].condition, status(&[AvailabilityStatus::Deprecated]));
    assert_eq!(
        bad(&ask("('urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Approved')")),
        one("query-param-missing", "$XDSDocumentEntryStatus")
    );
}

#[test]
fn exactly_one_of_the_ids_is_given() {
    let both = "$XDSDocumentEntryEntryUUID, $XDSDocumentEntryUniqueId, $XDSDocumentEntryLogicalID";
    assert_eq!(bad(&query(GET_DOCUMENTS, &[])), one("query-choice-missing", both));
    let empty = query(GET_DOCUMENTS, &[("$XDSDocumentEntryUniqueId", &["()"])]);
    assert_eq!(bad(&empty), one("query-choice-missing", both));
    let uuid = format!("('{UUID}')");
    let two = query(
        GET_DOCUMENTS,
        &[("$XDSDocumentEntryEntryUUID", &[&uuid]), ("$XDSDocumentEntryUniqueId", &["('1.2')"])],
    );
    assert_eq!(bad(&two), one("query-choice-number", both));
    assert_eq!(parse(&two).findings[0].rule.code, IheCode::StoredQueryParamNumber);
}

#[test]
fn single_values_are_single() {
    let number = |q: &AdhocQuery, name: &str| {
        assert_eq!(bad(q), one("query-param-number", name));
        assert_eq!(parse(q).findings[0].rule.code, IheCode::StoredQueryParamNumber);
    };
    let name = "$XDSSubmissionSetUniqueId";
    number(&query(GET_SUBMISSION_SET_AND_CONTENTS, &[(name, &["('1.2','1.3')"])]), name);
    number(&query(GET_SUBMISSION_SET_AND_CONTENTS, &[(name, &["'1.2'", "'1.3'"])]), name);
    number(
        &query(GET_SUBMISSION_SET_AND_CONTENTS, &[(name, &["'1.2'"]), (name, &["'1.3'"])]),
        name,
    );
    let name = "$XDSDocumentEntryCreationTimeTo";
    number(&find(&[(name, &["2024", "2025"])]), name);
    let name = "$XDSDocumentEntryPatientId";
    number(&find(&[(name, &["'a^^^&1.2&ISO'"])]), name);
}

#[test]
fn a_slot_repeats_only_where_and_is_defined() {
    let name = "$XDSDocumentEntryClassCode";
    let q = find(&[(name, &["('a^^1.2')"]), (name, &["('b^^1.2')"])]);
    assert_eq!(bad(&q), one("query-param-repeated", name));
}

#[test]
fn values_are_spelled_as_the_standard_says() {
    let long = format!("('{}')", "x".repeat(257));
    let cases: &[(&str, &[&str])] = &[
        (
            "$XDSDocumentEntryClassCode",
            &[
                "('a')",
                "('a^^')",
                "('^^1.2')",
                "('a^b^1.2')",
                "('a^^1^^2')",
                "(a^^1.2)",
                "('a^^1.2'",
                "'",
                "('')",
            ],
        ),
        (
            "$XDSDocumentEntryCreationTimeFrom",
            &["20241301", "2024-01-01", "20240101+0900", "'2024", "''"],
        ),
        ("$XDSDocumentEntryAuthorPerson", &["('')", "%name%", &long]),
        ("$XDSDocumentEntryType", &["('urn:uuid:00000000-0000-0000-0000-000000000000')"]),
    ];
    for (name, values) in cases {
        for value in *values {
            let q = find(&[(name, &[value])]);
            assert_eq!(bad(&q), one("query-value", name), "{value}");
            assert_eq!(parse(&q).findings[0].rule.code, IheCode::GeneralError);
        }
    }
    let id = |v: &str| bad(&query(GET_DOCUMENTS, &[("$XDSDocumentEntryEntryUUID", &[v])]));
    for value in
        ["('Document01')", "(\"urn:uuid:5d7e2f3a-1c0b-4f6d-8a9e-2b3c4d5e6f01\")", "urn:uuid:1"]
    {
        assert_eq!(id(value), one("query-value", "$XDSDocumentEntryEntryUUID"), "{value}");
    }
}

#[test]
fn everything_wrong_is_told_at_once_with_value_and_expectation() {
    let mut q = query(
        FIND_DOCUMENTS,
        &[
            ("$XDSDocumentEntryPatientId", &["'100234'"]),
            ("$XDSDocumentEntryClassCode", &["('a')", "('b^^')"]),
            ("$XDSDocumentEntryCreationTimeFrom", &["yesterday"]),
        ],
    );
    q.return_type = "RegistryObject".into();
    q.home = Some("2.999".into());
    let rules: Vec<_> = bad(&q).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(
        rules,
        [
            "query-return-type",
            "query-home",
            "query-value",
            "query-param-missing",
            "query-value",
            "query-value",
            "query-value"
        ]
    );
    let findings = parse(&q).findings;
    let told = &findings[4];
    assert_eq!((told.object.as_str(), told.value.as_str()), ("FindDocuments", "a"));
    assert!(told.context().contains("$XDSDocumentEntryClassCode"), "{}", told.context());
    assert!(told.context().contains("('code^^scheme')"), "{}", told.context());
}

#[test]
fn an_unknown_query_is_refused_with_those_that_exist() {
    let q = query("urn:uuid:f26abbcb-0000-4422-8a30-edb644bbc1a9", &[]);
    assert_eq!(bad(&q), one("query-unknown", "id"));
    let finding = &parse(&q).findings[0];
    assert_eq!(finding.rule.code.name(Reporter::Registry), "XDSUnknownStoredQuery");
    assert!(finding.context().contains("f26abbcb-0000-4422-8a30-edb644bbc1a9"));
    for def in asked_by(&ITI_18) {
        assert!(finding.english().contains(def.id) && finding.japanese().contains(def.name));
    }
    // Each transaction knows its own queries (ITI TF-2: 3.51.4.1.2).
    for (transaction, id) in [(&ITI_51, FIND_DOCUMENTS), (&ITI_18, FIND_DOCUMENTS_FOR_PATIENTS)] {
        let found = parse_within(transaction, &query(id, &[]), 9).findings;
        assert_eq!(found[0].rule.code, IheCode::UnknownStoredQuery);
        assert!(asked_by(transaction).all(|def| found[0].english().contains(def.id)));
    }
    assert_eq!(bad(&query("", &[])), one("query-unknown", "id"));
}

#[test]
fn return_type_and_home_are_read() {
    let mut q = find(&[]);
    q.return_type = "ObjectRef".into();
    q.home = Some(" urn:oid:2.999.5 ".into());
    q.id = format!(" {FIND_DOCUMENTS}\n");
    let parsed = good(&q);
    assert_eq!(parsed.return_type, ReturnType::ObjectRef);
    assert_eq!(parsed.home, HomeCommunityId::parse("urn:oid:2.999.5").ok());
    for other in ["LeafClassWithRepositoryItem", "RegistryObject", "leafclass", ""] {
        q.return_type = other.into();
        assert_eq!(bad(&q), one("query-return-type", "returnType"));
    }
}

#[test]
fn too_many_values_are_refused_by_the_name_of_the_limit() {
    let refused = |q: &AdhocQuery, max| {
        let checked = parse_within(&ITI_18, q, max);
        assert_eq!(checked.value, None);
        let last = checked.findings.last().unwrap();
        assert_eq!(last.rule.id, "query-too-many-values");
        let text = last.english();
        assert!(text.contains(&format!("at most {max} values (limits.query_values)")), "{text}");
    };
    let ids: Vec<String> = (0..=QUERY_VALUES).map(|i| format!("2.999.{i}")).collect();
    let many = |n: usize| {
        let ids = ids[..n].iter().map(|s| UniqueId::parse(s).unwrap()).collect::<Vec<_>>();
        QueryBuilder::get_documents_by_unique_id(&ids).build()
    };
    let Subject::UniqueIds { ids, .. } = good(&many(QUERY_VALUES)).subject else { panic!() };
    assert_eq!(ids.iter().count(), QUERY_VALUES);
    refused(&many(QUERY_VALUES + 1), QUERY_VALUES);
    refused(&many(5), 4);
    refused(&query(GET_DOCUMENTS, &[("$XDSDocumentEntryUniqueId", &["", "", ""])]), 2);
    refused(&query(GET_DOCUMENTS, &[("$a", &[]), ("$b", &[]), ("$c", &[])]), 2);
    refused(&query(GET_DOCUMENTS, &[("$XDSDocumentEntryUniqueId", &["'", "'", "'"])]), 2);
}

#[test]
fn names_of_people_are_not_repeated() {
    let q = find(&[("$XDSDocumentEntryAuthorPerson", &["山田太郎", "('山田太郎"])]);
    for finding in parse(&q).findings {
        assert!(!finding.context().contains("山田"), "{}", finding.context());
    }
}

proptest! {
    #[test]
    fn what_a_client_builds_is_read(
        patient in arbitrary::patient_id(),
        codes in prop::collection::vec("[^^]{0,14}[a-z][^^]{0,14}", 1..40),
        patterns in prop::collection::vec("[^\0]{1,60}", 1..20),
        from in arbitrary::dtm(),
    ) {
        let keys: Vec<String> = codes.iter().map(|c| format!("{c}^^2.999")).collect();
        let q = QueryBuilder::find_documents(&patient, &[AvailabilityStatus::Approved])
            .set("$XDSDocumentEntryTypeCode", &keys)
            .set("$XDSDocumentEntryEventCodeList", &keys)
            .set("$XDSDocumentEntryEventCodeList", &keys)
            .set("$XDSDocumentEntryAuthorPerson", &patterns)
            .time("$XDSDocumentEntryServiceStartTimeFrom", &from)
            .build();
        let q = good(&q);
        prop_assert_eq!(q.patients(), [patient]);
        let keys = OneOf::new(keys.iter().filter_map(|k| CodeKey::parse(k))).unwrap();
        let patterns = OneOf::new(patterns.iter().filter_map(|p| Pattern::parse(p))).unwrap();
        let both = AllOf::new(vec![keys.clone(), keys.clone()]).unwrap();
        prop_assert_eq!(q.level, MetadataLevel::Newest);
        let expected = entries([
            Condition::Code(CodeAttribute::Type, keys.into()),
            Condition::Code(CodeAttribute::Event, both),
            times(TimeAttribute::ServiceStart, Some(from.as_str()), None),
            Condition::Text(TextAttribute::AuthorPerson, patterns.into()),
            stable(),
        ]);
        prop_assert_eq!(&q.filters[1..], &expected[..]);
    }

    #[test]
    fn any_query_is_read_or_refused(
        id in prop::sample::select(QUERIES.iter().map(|q| q.id).chain(["x"]).collect::<Vec<_>>()),
        params in prop::collection::vec(
            (
                prop::sample::select(
                    QUERIES.iter().flat_map(|q| q.params).map(|p| p.name).collect::<Vec<_>>()
                ),
                prop::collection::vec(".{0,20}|\\('[^']{0,9}'\\)|[0-9]{1,14}", 0..3),
            ),
            0..6,
        ),
        return_type in ".{0,5}|LeafClass",
        home in prop::option::of(".{0,9}"),
    ) {
        let params = params.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        let checked = parse(&AdhocQuery { id: id.to_owned(), return_type, home, params });
        prop_assert_eq!(checked.value.is_none(), !checked.findings.is_empty());
    }
}
