use super::*;
use crate::spec::SideSpec;
use chrono::TimeZone;

pub(crate) const RETRIEVE: AuditSpec = AuditSpec {
    code: "ITI-43",
    text: "Retrieve Document Set",
    client: SideSpec { event: EventId::Import, action: Action::Create },
    server: SideSpec { event: EventId::Export, action: Action::Read },
    payload: Payload::ServerToClient,
};

pub(crate) const QUERY: AuditSpec = AuditSpec {
    code: "ITI-18",
    text: "Registry Stored Query",
    client: SideSpec { event: EventId::Query, action: Action::Execute },
    server: SideSpec { event: EventId::Query, action: Action::Execute },
    payload: Payload::ClientToServer,
};

pub(crate) fn at() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 4, 1, 1, 15, 30).unwrap() + chrono::Duration::milliseconds(125)
}

pub(crate) fn local() -> Local {
    Local {
        source_id: "repo01.example.jp".into(),
        site: Some("2.999.1".into()),
        source_type: 4,
        process_id: 4711,
    }
}

pub(crate) fn portal() -> Peer {
    Peer { user_id: "CN=portal,O=Example Clinic,C=JP".into(), address: Some("192.0.2.44".into()) }
}

fn record(spec: &AuditSpec, side: Side) -> AuditRecord {
    let url = "https://repo.example.jp:8443/xds/iti43";
    transaction(
        spec,
        side,
        Outcome::Success,
        at(),
        Uuid::nil(),
        &portal(),
        url,
        &local(),
        vec![document("2.999.1.5.77", "2.999.1.3", Some("urn:oid:2.999.10"))],
        None,
    )
}

fn with_role<'r>(record: &'r AuditRecord, role: &str) -> &'r Participant {
    let mut found = record.participants.iter().filter(|p| p.roles.iter().any(|r| r.code == role));
    let p = found.next().unwrap();
    assert!(found.next().is_none(), "role {role} twice");
    p
}

#[test]
fn whoever_sends_the_payload_is_the_source() {
    let retrieve = record(&RETRIEVE, Side::Server);
    assert_eq!(with_role(&retrieve, "110153").user_id, "https://repo.example.jp:8443/xds/iti43");
    assert_eq!(with_role(&retrieve, "110152").user_id, "CN=portal,O=Example Clinic,C=JP");
    let query = record(&QUERY, Side::Server);
    assert_eq!(with_role(&query, "110153").user_id, "CN=portal,O=Example Clinic,C=JP");
}

#[test]
fn the_caller_is_the_requestor_and_only_the_writer_has_a_process_id() {
    for spec in [&RETRIEVE, &QUERY] {
        for side in [Side::Client, Side::Server] {
            let r = record(spec, side);
            let server = r.participants.iter().find(|p| p.user_id.starts_with("https")).unwrap();
            let client = r.participants.iter().find(|p| p.user_id.starts_with("CN=")).unwrap();
            assert!(client.requestor && !server.requestor);
            let (own, other) =
                if side == Side::Client { (client, server) } else { (server, client) };
            assert_eq!(own.alternative_user_id.as_deref(), Some("4711"));
            assert_eq!(other.alternative_user_id, None);
        }
    }
}

#[test]
fn event_and_action_follow_the_side() {
    let client = record(&RETRIEVE, Side::Client);
    assert_eq!((client.event.code.as_str(), client.action), ("110107", Action::Create));
    let server = record(&RETRIEVE, Side::Server);
    assert_eq!((server.event.code.as_str(), server.action), ("110106", Action::Read));
}

#[test]
fn network_access_points_are_names_or_addresses_without_port() {
    let r = record(&QUERY, Side::Server);
    assert_eq!(with_role(&r, "110153").network, Some((2, "192.0.2.44".into())));
    assert_eq!(with_role(&r, "110152").network, Some((1, "repo.example.jp".into())));
    assert_eq!(host_of("https://[::1]:8443/x").as_deref(), Some("::1"));
    assert_eq!(host_of("mllp://feed.example.jp:2575").as_deref(), Some("feed.example.jp"));
    let inside = Peer { user_id: "CN=repository".into(), address: None };
    let p = participant(&inside, true, source_role(), &local());
    assert_eq!(p.network, Some((1, "repo01.example.jp".into())));
}

#[test]
fn a_long_query_is_cut_at_a_character_and_says_so() {
    let long = "あ".repeat(MAX_QUERY_BYTES);
    let o = stored_query("ITI-18", "Registry Stored Query", "urn:uuid:1", &long, None);
    let kept = o.query.unwrap();
    assert!(kept.len() <= MAX_QUERY_BYTES && kept.len() > MAX_QUERY_BYTES - 3);
    assert!(o.details.contains(&detail("truncated", "true")));
    let short = stored_query("ITI-18", "Registry Stored Query", "urn:uuid:1", "<q/>", None);
    assert_eq!(short.query.as_deref(), Some("<q/>"));
    assert_eq!(short.details, [detail("QueryEncoding", "UTF-8")]);
}

#[test]
fn a_feed_names_facility_and_application_and_the_message() {
    let sender = Peer { user_id: "CLINIC-A|CHECKUP".into(), address: Some("192.0.2.9".into()) };
    let receiver = Peer { user_id: "KNET|REGISTRY".into(), address: None };
    let feed = Feed {
        transaction: Identity::Feed,
        action: Action::Create,
        sender: &sender,
        receiver: &receiver,
        patients: &["A1^^^&2.999.1&ISO".to_owned(), "B2^^^&2.999.1&ISO".to_owned()],
        control_id: "MSG00001",
    };
    let r = patient_feed(&feed, Side::Server, Outcome::Success, at(), Uuid::nil(), &local(), None);
    assert_eq!(r.event.code, "110110");
    assert_eq!(with_role(&r, "110152").alternative_user_id.as_deref(), Some("4711"));
    let ids: Vec<&str> = r.objects.iter().map(|o| o.id.as_str()).collect();
    assert_eq!(ids, ["A1^^^&2.999.1&ISO", "B2^^^&2.999.1&ISO"]);
    assert!(r.objects.iter().all(|o| o.details == [detail("MSH-10", "MSG00001")]));
}

#[test]
fn a_query_for_persons_names_who_asked_whom_and_how() {
    let sender = Peer { user_id: "KNET|PORTAL".into(), address: Some("192.0.2.9".into()) };
    let receiver = Peer { user_id: "KNET|PIXMGR".into(), address: None };
    let query = PersonQuery {
        transaction: ("ITI-9", "PIX Query"),
        sender: &sender,
        receiver: &receiver,
        tag: "Q-1",
        segment: "QPD|IHE PIX Query|Q-1|7^^^&2.999&ISO",
        control_id: "MSG00010",
    };
    for side in [Side::Client, Side::Server] {
        let known = Some("7^^^&2.999&ISO");
        let (at, id) = (at(), Uuid::nil());
        let r = person_query(&query, known, side, Outcome::Success, at, id, &local(), None);
        assert_eq!((r.event.code.as_str(), r.action), ("110112", Action::Execute));
        assert_eq!(r.event_type, Some(Coded::new("ITI-9", "IHE Transactions", "PIX Query")));
        let (source, destination) = (with_role(&r, "110153"), with_role(&r, "110152"));
        assert!(source.requestor && !destination.requestor);
        assert_eq!(
            (source.user_id.as_str(), destination.user_id.as_str()),
            ("KNET|PORTAL", "KNET|PIXMGR")
        );
        let own = if side == Side::Client { source } else { destination };
        assert_eq!(own.alternative_user_id.as_deref(), Some("4711"));
        assert_eq!((r.objects[0].type_code, r.objects[0].role), (1, 1));
        let asked = &r.objects[1];
        assert_eq!((asked.id.as_str(), asked.type_code, asked.role), ("Q-1", 2, 24));
        assert_eq!(asked.id_type, Coded::new("ITI-9", "IHE Transactions", "PIX Query"));
        assert_eq!(asked.query.as_deref(), Some(query.segment));
        assert_eq!(asked.details, [detail("MSH-10", "MSG00010")]);
    }
    let unnamed = PersonQuery { tag: "", ..query };
    let (at, id) = (at(), Uuid::nil());
    let r = person_query(&unnamed, None, Side::Server, Outcome::Success, at, id, &local(), None);
    assert_eq!(r.objects.len(), 1);
    assert_eq!(r.objects[0].id, "MSG00010", "an object has an id");
}

#[test]
fn a_notification_of_identifiers_is_a_read_and_an_update() {
    let peer = Peer { user_id: "KNET|PIXMGR".into(), address: None };
    let feed = |action| Feed {
        transaction: Identity::Update,
        action,
        sender: &peer,
        receiver: &peer,
        patients: &[],
        control_id: "NTF00001",
    };
    for (side, action) in [(Side::Client, Action::Read), (Side::Server, Action::Update)] {
        let (at, id) = (at(), Uuid::nil());
        let r = patient_feed(&feed(action), side, Outcome::Success, at, id, &local(), None);
        assert_eq!((r.event.code.as_str(), r.action), ("110110", action));
        let expected = Coded::new("ITI-10", "IHE Transactions", "PIX Update Notification");
        assert_eq!(r.event_type, Some(expected));
    }
}

#[test]
fn who_reads_the_records_is_on_record() {
    let reader = Peer { user_id: "operator".into(), address: None };
    let r = audit_log_used(at(), Uuid::nil(), &reader, "file:///audit", &local());
    assert_eq!((r.event.code.as_str(), r.action), ("110101", Action::Read));
    assert!(r.participants[0].requestor);
    assert_eq!(r.objects[0].name.as_deref(), Some("Security Audit Log"));
    assert_eq!((r.objects[0].type_code, r.objects[0].role), (2, 13));
}

#[test]
fn a_mandate_tells_who_may_look_and_who_looked() {
    let of = |done| {
        let whose = ("20260401-1", "clinic-a");
        mandate(at(), Uuid::nil(), &portal(), done, whose, "5ha", "承認", &local())
    };
    let codes = [Mandated::Changed, Mandated::Used, Mandated::Erased].map(|done| {
        let record = of(done);
        assert_eq!(record.objects[1].id, "clinic-a");
        let told = record.objects[0].details.iter().map(|detail| detail.value.as_str());
        assert_eq!(told.collect::<Vec<_>>(), ["承認", "5ha"]);
        let life_cycle = record.objects[0].life_cycle;
        (record.event.code.clone(), record.event_type.unwrap().code, life_cycle)
    });
    let code = |kind: &str, life_cycle| ("110113".to_owned(), kind.to_owned(), life_cycle);
    assert_eq!(codes, [code("110135", None), code("110132", None), code("110135", Some(15))]);
}
