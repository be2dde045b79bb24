use super::*;
use crate::build::tests::{QUERY, RETRIEVE, at, local, portal};
use crate::build::{self, Peer, Side};
use crate::record::{Action, AuditRecord, Coded, Detail, Object, Outcome, Participant};
use chrono::{DateTime, Utc};
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use std::path::Path;
use std::process::Command;
use uuid::Uuid;

/// Another community.
const HOME: &str = "urn:oid:2.999.10";

fn query_record() -> AuditRecord {
    let query = "<query:AdhocQueryRequest/>";
    let id = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d";
    let objects = vec![
        build::patient("KN0001234^^^&2.999.1.1&ISO"),
        build::stored_query("ITI-18", "Registry Stored Query", id, query, Some("urn:oid:2.999.10")),
    ];
    build::transaction(
        &QUERY,
        Side::Server,
        Outcome::Success,
        at(),
        Uuid::nil(),
        &portal(),
        "https://registry.example.jp/xds/iti18",
        &local(),
        objects,
        None,
    )
}

fn every_kind() -> Vec<AuditRecord> {
    let (local, id) = (local(), Uuid::nil());
    let mut failed = build::transaction(
        &RETRIEVE,
        Side::Client,
        Outcome::SeriousFailure,
        at(),
        id,
        &portal(),
        "https://[::1]:8443/xds/iti43",
        &local,
        vec![
            build::document("2.999.1.5.77", "2.999.1.3", None),
            build::submission_set("2.999.1.4"),
        ],
        Some("XDSUnknownRepositoryId: \u{202e}".into()),
    );
    failed.purposes.push(Coded::new("TREATMENT", "urn:oasis:names:tc:xspa:1.0", "Treatment"));
    failed.objects[0].life_cycle = Some(6);
    let peer = Peer { user_id: "CN=unknown\r\n<85>1".into(), address: Some("198.51.100.7".into()) };
    let feed = build::Feed {
        transaction: build::Identity::Feed,
        action: Action::Update,
        sender: &peer,
        receiver: &portal(),
        patients: &["A1^^^&2.999.1&ISO".to_owned()],
        control_id: "MSG00001",
    };
    let url = "https://repo.example.jp/xds/iti41";
    let mandate = |done| {
        let of = ("20260401-1", "clinic-a");
        build::mandate(at(), id, &portal(), done, of, &"0".repeat(64), "取り出し / opened", &local)
    };
    vec![
        query_record(),
        failed,
        build::patient_feed(&feed, Side::Client, Outcome::MajorFailure, at(), id, &local, None),
        build::node_authentication_failure(at(), id, &peer, url, &local, "certificate expired"),
        build::application_start(at(), id, &local, "renkei"),
        build::application_stop(at(), id, &local, "renkei"),
        build::clock_alarm(at(), id, &local, Outcome::MinorFailure, "300 s off"),
        build::node_changed(at(), id, &portal(), "clinic-a", "失効 / revoked", &local),
        build::member_changed(
            at(),
            id,
            &portal(),
            ("kenpo-1", &["kenpo-a".into()]),
            "利用不可",
            &local,
        ),
        mandate(build::Mandated::Used),
        mandate(build::Mandated::Erased),
        build::community_changed(at(), id, &portal(), HOME, "登録 / entered", &local),
        build::correlations_forgotten(at(), id, &portal(), HOME, Some("1^^^&2.999.1&ISO"), &local),
    ]
}

#[test]
fn a_query_is_written_in_the_order_of_the_schema() {
    let expected = concat!(
        r#"<?xml version="1.0" encoding="UTF-8"?><AuditMessage>"#,
        r#"<EventIdentification EventActionCode="E" EventDateTime="2026-04-01T01:15:30.125Z" EventOutcomeIndicator="0">"#,
        r#"<EventID csd-code="110112" codeSystemName="DCM" originalText="Query"/>"#,
        r#"<EventTypeCode csd-code="ITI-18" codeSystemName="IHE Transactions" originalText="Registry Stored Query"/>"#,
        r#"</EventIdentification>"#,
        r#"<ActiveParticipant UserID="CN=portal,O=Example Clinic,C=JP" UserIsRequestor="true" NetworkAccessPointID="192.0.2.44" NetworkAccessPointTypeCode="2">"#,
        r#"<RoleIDCode csd-code="110153" codeSystemName="DCM" originalText="Source Role ID"/></ActiveParticipant>"#,
        r#"<ActiveParticipant UserID="https://registry.example.jp/xds/iti18" AlternativeUserID="4711" UserIsRequestor="false" NetworkAccessPointID="registry.example.jp" NetworkAccessPointTypeCode="1">"#,
        r#"<RoleIDCode csd-code="110152" codeSystemName="DCM" originalText="Destination Role ID"/></ActiveParticipant>"#,
        r#"<AuditSourceIdentification AuditEnterpriseSiteID="2.999.1" AuditSourceID="repo01.example.jp">"#,
        r#"<AuditSourceTypeCode csd-code="4" codeSystemName="DCM" originalText="Application Server process or thread"/></AuditSourceIdentification>"#,
        r#"<ParticipantObjectIdentification ParticipantObjectID="KN0001234^^^&amp;2.999.1.1&amp;ISO" ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1">"#,
        r#"<ParticipantObjectIDTypeCode csd-code="2" codeSystemName="RFC-3881" originalText="Patient Number"/></ParticipantObjectIdentification>"#,
        r#"<ParticipantObjectIdentification ParticipantObjectID="urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="24">"#,
        r#"<ParticipantObjectIDTypeCode csd-code="ITI-18" codeSystemName="IHE Transactions" originalText="Registry Stored Query"/>"#,
        r#"<ParticipantObjectQuery>PHF1ZXJ5OkFkaG9jUXVlcnlSZXF1ZXN0Lz4=</ParticipantObjectQuery>"#,
        r#"<ParticipantObjectDetail type="QueryEncoding" value="VVRGLTg="/>"#,
        r#"<ParticipantObjectDetail type="urn:ihe:iti:xca:2010:homeCommunityId" value="dXJuOm9pZDoyLjk5OS4xMA=="/>"#,
        r#"</ParticipantObjectIdentification></AuditMessage>"#,
    );
    assert_eq!(write(&query_record()), expected);
}

#[test]
fn every_kind_of_record_is_valid_by_the_schema() {
    let schema =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/schemas/audit/dicom2017c.xsd");
    let xmllint = Command::new("xmllint").arg("--version").output();
    if !Path::new(schema).exists() || xmllint.is_err() {
        eprintln!("not checked: the schema or xmllint is not here");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for (n, record) in every_kind().iter().enumerate() {
        let file = dir.path().join(format!("{n}.xml"));
        std::fs::write(&file, write(record)).unwrap();
        let run = Command::new("xmllint").args(["--noout", "--schema", schema]).arg(&file).output();
        let run = run.unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    }
}

#[test]
fn no_text_of_a_stranger_can_forge_a_line_or_turn_the_writing() {
    for record in every_kind() {
        let xml = write(&record);
        assert!(!xml.contains(['\r', '\n', '\u{202e}']) && !xml.contains("&#1"), "{xml}");
    }
    let forged = write(&every_kind()[3]);
    assert!(forged.contains("CN=unknown\\u{000D}\\u{000A}&lt;85&gt;1"), "{forged}");
}

#[test]
fn older_editions_are_read() {
    let xml = r#"<AuditMessage>
      <EventIdentification EventDateTime="2026-04-01T10:15:30+09:00" EventOutcomeIndicator="12">
        <EventID code="110112" codeSystemName="DCM" displayName="Query"/></EventIdentification>
      <ActiveParticipant UserID="u"/>
      <AuditSourceIdentification AuditSourceID="s"><AuditSourceTypeCode>4</AuditSourceTypeCode></AuditSourceIdentification>
    </AuditMessage>"#;
    let r = read(xml, Uuid::nil()).unwrap();
    assert_eq!(r.event, Coded::new("110112", "DCM", "Query"));
    assert_eq!(r.at.to_rfc3339(), "2026-04-01T01:15:30+00:00");
    assert_eq!((r.outcome, r.source_type), (Outcome::MajorFailure, 4));
    assert!(!r.participants[0].requestor);
}

#[test]
fn what_is_no_audit_message_is_refused_by_what_is_wrong() {
    let refusal = |xml: &str| read(xml, Uuid::nil()).unwrap_err();
    assert_eq!(refusal("<Audit/>"), ReadError::Root("Audit".into()));
    assert_eq!(refusal("<AuditMessage/>"), ReadError::Missing("EventIdentification"));
    assert!(matches!(refusal("<AuditMessage>"), ReadError::Xml(_)));
    let broken = write(&query_record()).replace("VVRGLTg=", "?");
    assert_eq!(refusal(&broken), ReadError::Value("value"));
}

fn token() -> impl Strategy<Value = String> {
    "[!-~あ-ん漢&<>\"' ]{0,20}"
}

fn coded() -> impl Strategy<Value = Coded> {
    (token(), token(), token()).prop_map(|(code, system, text)| Coded { code, system, text })
}

fn participant() -> impl Strategy<Value = Participant> {
    (
        token(),
        option::of(token()),
        option::of(token()),
        any::<bool>(),
        collection::vec(coded(), 0..3),
        option::of((1..6_u8, token())),
    )
        .prop_map(|(user_id, alternative_user_id, user_name, requestor, roles, network)| {
            Participant { user_id, alternative_user_id, user_name, requestor, roles, network }
        })
}

fn object() -> impl Strategy<Value = Object> {
    let text = "\\PC{0,30}|[\\r\\n\\t\u{202e}]{1,3}";
    let name_or_query = prop_oneof![
        token().prop_map(|n| (Some(n), None)),
        text.prop_map(|q| (None, Some(q))),
        Just((None, None)),
    ];
    let detail = (token(), text).prop_map(|(name, value)| Detail { name, value });
    (
        token(),
        1..5_u8,
        1..27_u8,
        option::of(1..16_u8),
        coded(),
        name_or_query,
        collection::vec(detail, 0..3),
    )
        .prop_map(|(id, type_code, role, life_cycle, id_type, (name, query), details)| {
            Object { id, type_code, role, life_cycle, id_type, name, query, details }
        })
}

fn record() -> impl Strategy<Value = AuditRecord> {
    let event = (
        0..4_102_444_800_000_i64,
        coded(),
        option::of(coded()),
        0..5_usize,
        0..4_usize,
        option::of(token()),
        collection::vec(coded(), 0..3),
    );
    let source = (token(), option::of(token()), 1..10_u8);
    let parts = (collection::vec(participant(), 1..4), collection::vec(object(), 0..4));
    (event, source, parts).prop_map(|(event, source, (participants, objects))| {
        let (ms, event, event_type, action, outcome, outcome_description, purposes) = event;
        AuditRecord {
            id: Uuid::nil(),
            at: DateTime::<Utc>::from_timestamp_millis(ms).unwrap(),
            event,
            event_type,
            action: Action::from_code(["C", "R", "U", "D", "E"][action]).unwrap(),
            outcome: Outcome::from_code([0, 4, 8, 12][outcome]).unwrap(),
            outcome_description,
            purposes,
            participants,
            source_id: source.0,
            source_site: source.1,
            source_type: source.2,
            objects,
        }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(record in record()) {
        assert_eq!(read(&write(&record), Uuid::nil()).unwrap(), record);
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,200}") {
        let _outcome = read(&text, Uuid::nil());
    }
}
