//! One question, several communities: real houses with a CA and a database each, and gateways of strangers
//! that do everything wrong that a gateway can.

use anyhow::{Context, Result, bail, ensure};
use renkei_metadata::ebrim;
use renkei_metadata::ids::{HomeCommunityId, ObjectId, PatientId, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, RegistryObject};
use renkei_tests::elsewhere::{
    Asked, Elsewhere, Stream, http_head, multipart, multipart_ends, simple,
};
use renkei_tests::forge::Forged;
use renkei_tests::reply::Retrieved;
use renkei_tests::stream::Pattern;
use renkei_tests::{Form, Start, World, audit, message, metrics, program, sample};
use renkei_xds::iti18::{self, AdhocQuery, QueryBuilder, QueryResponse};
use renkei_xds::iti43::{self, DocumentPart, DocumentRequest};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::{ITI_38, ITI_39};
use std::io::Write;
use std::time::{Duration, Instant};

/// The path of the Initiating Gateway.
const INITIATING: &str = "/xca/initiating";
/// What the houses here share: they know patients by the same ids.
const AUTHORITY: &str = "ids.assigning_authority=1.2.392.200119.9.77";
/// The community of a stranger.
const STRANGER: &str = "urn:oid:1.2.392.200119.9.1";

fn house(more: &[&str]) -> Result<World> {
    let start = Start::new(Form::PLAIN).set(AUTHORITY).set("gateway.query_seconds=3");
    World::start(more.iter().fold(start, |start, setting| start.set(setting)))
}

fn home(world: &World) -> Result<HomeCommunityId> {
    Ok(HomeCommunityId::parse(&world.renkei.ready.home_community_id)?)
}

/// Has `world` ask a community from now on.
fn enter(world: &World, home: &str, url: &str, more: &[&str]) -> Result<()> {
    let data = world.renkei.place().data_dir().display().to_string();
    let words = ["community", "add", "--data-dir", &data, "--home", home];
    let words = [&words[..], &["--query", url, "--retrieve", url], more].concat();
    let output = program::run(&words)?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Within a second; the folder is looked at twice in one.
    std::thread::sleep(Duration::from_millis(1_100));
    Ok(())
}

/// Has `world` ask `other`, which issues it a certificate.
fn join(world: &World, other: &World, name: &str) -> Result<()> {
    let identity = other.renkei.identities().issue("a-gateway", &["gateway"])?;
    let url = format!("https://localhost:{}/xca/responding", other.renkei.port());
    let identity = identity.display().to_string();
    let more = ["--name", name, "--identity", &identity];
    enter(world, &other.renkei.ready.home_community_id, &url, &more)
}

/// What the consumer of `world` is answered by its gateway.
fn query(world: &World, query: &AdhocQuery) -> Result<QueryResponse> {
    let reply = world.consumer.post(INITIATING, &message::query(query))?;
    reply.valid_by("ebRS30/query.xsd")?;
    reply.query()
}

fn find(world: &World, patient: &PatientId) -> Result<QueryResponse> {
    query(world, &QueryBuilder::find_documents(patient, &[AvailabilityStatus::Approved]).build())
}

fn retrieve(world: &World, requests: &[DocumentRequest]) -> Result<Retrieved> {
    world.consumer.post(INITIATING, &message::retrieve(requests))?.retrieved()
}

fn entries(response: &QueryResponse) -> Vec<&DocumentEntry> {
    let objects = response.objects.iter();
    let entries = objects.filter_map(|object| match object {
        RegistryObject::Entry(entry) => Some(&**entry),
        _ => None,
    });
    entries.collect()
}

fn request(entry: &DocumentEntry) -> Result<DocumentRequest> {
    Ok(DocumentRequest {
        home: entry.home.clone(),
        repository: entry.repository.clone().context("no repository")?,
        unique_id: entry.unique_id.clone(),
    })
}

/// The codes of the errors, and all that they say.
fn told(response: &QueryResponse) -> (Vec<&str>, String) {
    let codes = response.errors.iter().map(|e| e.code.as_str()).collect();
    let said =
        response.errors.iter().map(|e| format!("{} [{}]\n", e.context, e.location)).collect();
    (codes, said)
}

#[test]
fn all_answer_as_one_and_one_that_is_killed_is_named_spared_and_noticed_again() -> Result<()> {
    let (north, south, east) = (house(&[])?, house(&[])?, house(&[])?);
    join(&north, &south, "南のPHR")?;
    join(&north, &east, "東の地域連携")?;
    let patient = north.patient();
    for (world, content) in [(&north, b"north"), (&south, b"south"), (&east, b"easty")] {
        world.submitted(&sample::one(&patient, content), &[content])?;
    }
    let found = find(&north, &patient)?;
    ensure!(found.status == Status::Success && found.errors.is_empty(), "{found:?}");
    let all = entries(&found);
    ensure!(all.len() == 3, "{all:?}");
    for (world, content) in [(&north, b"north"), (&south, b"south"), (&east, b"easty")] {
        let is_there = |e: &&&DocumentEntry| e.home.as_ref() == home(world).ok().as_ref();
        let entry = all.iter().find(is_there).context("nothing of it")?;
        let got = retrieve(&north, &[request(entry)?])?;
        ensure!(got.response.status == Status::Success, "{:?}", got.response);
        ensure!(got.documents.first().is_some_and(|d| d.content == content), "{got:?}");
        let by_id =
            QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(&entry.unique_id))
                .build();
        let known = AdhocQuery { home: entry.home.as_ref().map(|h| h.to_string()), ..by_id };
        ensure!(entries(&query(&north, &known)?).len() == 1, "not found by its id");
    }
    let requests: Vec<DocumentRequest> = all.iter().map(|e| request(e)).collect::<Result<_>>()?;
    let got = retrieve(&north, &requests)?;
    ensure!(got.documents.len() == 3 && got.response.status == Status::Success, "{got:?}");
    for kind in ["ITI-18", "ITI-38"] {
        audit::wait_for(&north.renkei, |r| r.event_type.as_deref() == Some(kind))?;
    }
    for (kind, event) in [("ITI-43", "110106"), ("ITI-39", "110107")] {
        audit::wait_for(&north.renkei, |r| {
            r.event_type.as_deref() == Some(kind) && r.event == event && r.outcome == 0
        })?;
    }
    audit::wait_for(&south.renkei, |r| r.event_type.as_deref() == Some("ITI-39"))?;

    let World { renkei, .. } = east;
    let settings = ["gateway.query_seconds=3", AUTHORITY];
    let place = renkei.kill()?;
    for n in 0..6 {
        let found = find(&north, &patient)?;
        ensure!(found.status == Status::PartialSuccess && entries(&found).len() == 2, "{found:?}");
        let (codes, said) = told(&found);
        ensure!(codes == ["XDSUnavailableCommunity"] && said.contains("東の地域連携"), "{said}");
        let what = if n < 5 { "cannot be reached" } else { "was not asked because" };
        ensure!(said.contains(what) && said.contains("この結果に含まれていません"), "{n}: {said}");
    }
    let counted = metrics::counters(&north.renkei, "renkei_community_answers")?;
    ensure!(counted.keys().any(|l| l.contains("community-resting")), "{counted:?}");
    let start = settings.iter().fold(Start::new(Form::PLAIN), |start, s| start.set(s));
    let _again = start.go_in(place)?;
    let until = Instant::now() + Duration::from_secs(45);
    while entries(&find(&north, &patient)?).len() != 3 {
        ensure!(Instant::now() < until, "its return was not noticed");
        std::thread::sleep(Duration::from_millis(500));
    }
    Ok(())
}

/// A house, and the gateway of a stranger that answers it.
struct Meeting {
    house: World,
    patient: PatientId,
    _gateway: Elsewhere,
}

/// Has a house that has a document of a patient meet a stranger.
fn meet(
    until: i64,
    more: &[&str],
    answer: impl Fn(&PatientId, &Asked, &mut Stream) -> Result<()> + Send + Sync + 'static,
) -> Result<Meeting> {
    let house = house(&[])?;
    let ca = Forged::authority("stranger-ca")?;
    let peers = Forged::authority_of(&house.renkei.place().data_dir())?;
    let patient = house.patient();
    house.submitted(&sample::one(&patient, b"ours"), &[b"ours"])?;
    let asked_about = patient.clone();
    let own = ca.server_until("localhost", until)?;
    let gateway =
        Elsewhere::serve(&own, &peers, move |asked, stream| answer(&asked_about, asked, stream))?;
    let path = house.renkei.place().client_dir().join("stranger.pem");
    std::fs::write(&path, ca.certificate.to_pem()?)?;
    let path = path.display().to_string();
    let more = [&["--name", "見知らぬ町", "--ca", &path], more].concat();
    enter(&house, STRANGER, &gateway.url(), &more)?;
    Ok(Meeting { house, patient, _gateway: gateway })
}

/// An entry as a registry would give it.
fn entry(patient: &PatientId, content: &[u8], home: Option<&str>) -> Result<DocumentEntry> {
    let mut entry = sample::entry(patient, content);
    entry.id = ObjectId::parse(&format!("urn:uuid:{}", uuid::Uuid::new_v4()))?;
    entry.lid = None;
    entry.status = Some(AvailabilityStatus::Approved);
    entry.repository = Some(RepositoryUniqueId::parse("1.2.392.200119.9.1.1")?);
    entry.home = home.map(HomeCommunityId::parse).transpose()?;
    Ok(entry)
}

/// Answers a query with entries.
fn answer_with(asked: &Asked, entries: &[DocumentEntry]) -> Vec<u8> {
    let (head, tail) = iti18::response_frame(Status::Success, &[]);
    simple(asked, &ITI_38, |w| {
        w.raw(&head);
        for entry in entries {
            ebrim::write_object(w, &RegistryObject::Entry(Box::new(entry.clone())));
        }
        w.raw(&tail);
    })
}

/// Our own document is there, and of the stranger nothing but this error.
fn only_ours(meeting: &Meeting, code: &str, what: &str) -> Result<()> {
    let found = find(&meeting.house, &meeting.patient)?;
    ensure!(found.status == Status::PartialSuccess && entries(&found).len() == 1, "{found:?}");
    let (codes, said) = told(&found);
    ensure!(codes.iter().all(|c| *c == code) && !codes.is_empty(), "{codes:?} {said}");
    ensure!(said.contains(what) && said.contains("見知らぬ町"), "{what}: {said}");
    ensure!(said.contains(STRANGER), "{said}");
    Ok(())
}

#[test]
fn a_byte_a_second_holds_nobody_up() -> Result<()> {
    let meeting = meet(30, &[], |_, asked, stream| {
        for byte in answer_with(asked, &[]) {
            stream.write_all(&[byte])?;
            std::thread::sleep(Duration::from_secs(1));
        }
        Ok(())
    })?;
    let started = Instant::now();
    only_ours(&meeting, "XDSUnavailableCommunity", "did not answer in time")?;
    ensure!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    Ok(())
}

#[test]
fn an_answer_that_ends_in_its_middle_is_told() -> Result<()> {
    let meeting = meet(30, &[], |patient, asked, stream| {
        let answer = answer_with(asked, &[entry(patient, b"theirs", Some(STRANGER))?]);
        let half = answer.get(..answer.len() / 2).context("no half")?;
        Ok(stream.write_all(half)?)
    })?;
    only_ours(&meeting, "XDSUnavailableCommunity", "cannot be read")
}

#[test]
fn a_certificate_that_expired_is_not_trusted() -> Result<()> {
    let meeting =
        meet(-1, &[], |_, asked, stream| Ok(stream.write_all(&answer_with(asked, &[]))?))?;
    only_ours(&meeting, "XDSUnavailableCommunity", "could not be connected to safely")
}

#[test]
fn what_is_of_somebody_else_is_left_out() -> Result<()> {
    for (home, of_another, code, what) in [
        (Some("urn:oid:1.2.3.4"), false, "XDSUnknownCommunity", "somebody else"),
        (None, false, "XDSMissingHomeCommunityId", "without homeCommunityId"),
        (Some(STRANGER), true, "XDSResultNotSinglePatient", "another patient"),
    ] {
        let meeting = meet(30, &[], move |patient, asked, stream| {
            let other = PatientId { id: "somebody".to_owned(), ..patient.clone() };
            let patient = if of_another { &other } else { patient };
            let answer = answer_with(asked, &[entry(patient, b"theirs", home)?]);
            Ok(stream.write_all(&answer)?)
        })?;
        only_ours(&meeting, code, what)?;
    }
    Ok(())
}

#[test]
fn a_quirk_is_forgiven_and_counted() -> Result<()> {
    let quirk = ["--quirk", "home-missing=2099-03-31:they mend it"];
    let meeting = meet(30, &quirk, |patient, asked, stream| {
        Ok(stream.write_all(&answer_with(asked, &[entry(patient, b"theirs", None)?]))?)
    })?;
    let found = find(&meeting.house, &meeting.patient)?;
    ensure!(found.status == Status::Success && entries(&found).len() == 2, "{found:?}");
    let homes = entries(&found)
        .iter()
        .filter(|e| e.home.as_ref().is_some_and(|h| h.as_str() == STRANGER))
        .count();
    ensure!(homes == 1, "{found:?}");
    let counted = metrics::counters(&meeting.house.renkei, "renkei_community_quirks")?;
    ensure!(counted.iter().any(|(l, n)| l.contains("home-missing") && *n == 1.0), "{counted:?}");
    Ok(())
}

#[test]
fn too_many_results_are_told() -> Result<()> {
    let meeting = meet(30, &[], |patient, asked, stream| {
        let one = entry(patient, b"theirs", Some(STRANGER))?;
        let text = String::from_utf8(answer_with(asked, &[one]))?;
        // The length is that of an answer with one.
        let (_, body) = text.split_once("\r\n\r\n").context("no body")?;
        let start = body.find("<rim:ExtrinsicObject").context("no entry")?;
        let end = body.find("</rim:RegistryObjectList>").context("no end")?;
        let (entry, tail) =
            (body.get(start..end).context("no entry")?, body.get(end..).context("no tail")?);
        let many = 40_000_000 / entry.len();
        let head = body.get(..start).context("no head")?;
        let length = head.len() + entry.len() * many + tail.len();
        stream.write_all(&http_head("application/soap+xml; charset=UTF-8", length as u64))?;
        stream.write_all(head.as_bytes())?;
        for _ in 0..many {
            stream.write_all(entry.as_bytes())?;
        }
        Ok(stream.write_all(tail.as_bytes())?)
    })?;
    only_ours(&meeting, "XDSTooManyResults", "more results than can be shown")
}

#[test]
fn what_nobody_has_is_told_by_its_own_code() -> Result<()> {
    let house = house(&[])?;
    let id = sample::new_unique_id();
    let by_id = QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(&id)).build();
    let (missing, strange) =
        (by_id.clone(), AdhocQuery { home: Some(STRANGER.to_owned()), ..by_id });
    for (asked, code) in [(missing, "XDSMissingHomeCommunityId"), (strange, "XDSUnknownCommunity")]
    {
        let found = query(&house, &asked)?;
        ensure!(found.status == Status::Failure && told(&found).0 == [code], "{found:?}");
    }
    let repository = RepositoryUniqueId::parse("1.2.3.4")?;
    let request =
        |home| DocumentRequest { home, repository: repository.clone(), unique_id: id.clone() };
    let strange = Some(HomeCommunityId::parse(STRANGER)?);
    for (home, code) in [(None, "XDSMissingHomeCommunityId"), (strange, "XDSUnknownCommunity")] {
        let got = retrieve(&house, &[request(home)])?;
        let codes: Vec<&str> = got.response.errors.iter().map(|e| e.code.as_str()).collect();
        ensure!(codes == [code] && got.response.status == Status::Failure, "{got:?}");
    }
    let reply = house.source.post(INITIATING, &message::retrieve(&[request(None)]))?;
    ensure!(reply.fault().is_ok(), "a source retrieved");
    Ok(())
}

/// A document of the stranger.
fn theirs(unique_id: &UniqueId) -> Result<DocumentRequest> {
    Ok(DocumentRequest {
        home: Some(HomeCommunityId::parse(STRANGER)?),
        repository: RepositoryUniqueId::parse("1.2.392.200119.9.1.1")?,
        unique_id: unique_id.clone(),
    })
}

fn part(request: DocumentRequest, content_id: &str) -> DocumentPart {
    let (mime_type, content_id) = ("text/csv".to_owned(), content_id.to_owned());
    DocumentPart { request, made: None, mime_type, content_id }
}

fn success() -> RegistryResponse {
    RegistryResponse { status: Status::Success, errors: Vec::new() }
}

#[test]
fn a_document_that_is_not_what_its_entry_says_is_broken_off_and_recorded() -> Result<()> {
    let unique_id = sample::new_unique_id();
    let asked_for = unique_id.clone();
    let meeting = meet(30, &[], move |patient, asked, stream| {
        if asked.envelope.contains("CrossGatewayQuery") {
            let mut entry = entry(patient, b"true", Some(STRANGER))?;
            entry.unique_id = asked_for.clone();
            return Ok(stream.write_all(&answer_with(asked, &[entry]))?);
        }
        let parts: [(&str, &[u8]); 1] = [("d@stranger", b"lies")];
        let listed = [part(theirs(&asked_for)?, "d@stranger")];
        Ok(stream.write_all(&multipart(asked, &ITI_39, &parts, |w| {
            iti43::write_response(w, &success(), &listed);
        }))?)
    })?;
    let request = theirs(&unique_id)?;
    let unknown = retrieve(&meeting.house, std::slice::from_ref(&request))?;
    ensure!(unknown.documents.len() == 1, "nothing is known of it yet: {unknown:?}");
    ensure!(entries(&find(&meeting.house, &meeting.patient)?).len() == 2, "no entries");
    if let Ok(got) = retrieve(&meeting.house, &[request]) {
        bail!("{got:?}");
    }
    let record = audit::wait_for(&meeting.house.renkei, |r| {
        r.description.as_deref() == Some("XDSNonIdenticalHash")
    })?;
    ensure!(record.event_type.as_deref() == Some("ITI-43"), "{record:?}");
    ensure!(record.objects_of(3) == [unique_id.as_str()], "{record:?}");
    Ok(())
}

#[test]
fn a_document_that_nobody_asked_for_is_left_out() -> Result<()> {
    let (wanted, other) = (sample::new_unique_id(), sample::new_unique_id());
    let (mine, unasked) = (wanted.clone(), other.clone());
    let meeting = meet(30, &[], move |_, asked, stream| {
        let parts: [(&str, &[u8]); 2] = [("a@stranger", b"another"), ("d@stranger", b"this")];
        let listed = [part(theirs(&unasked)?, "a@stranger"), part(theirs(&mine)?, "d@stranger")];
        Ok(stream.write_all(&multipart(asked, &ITI_39, &parts, |w| {
            iti43::write_response(w, &success(), &listed);
        }))?)
    })?;
    let got = retrieve(&meeting.house, &[theirs(&wanted)?])?;
    ensure!(got.response.status == Status::PartialSuccess, "{got:?}");
    let [document] = &got.documents[..] else { bail!("{got:?}") };
    ensure!(document.content == b"this" && document.unique_id == wanted.as_str(), "{got:?}");
    ensure!(document.home.as_deref() == Some(STRANGER), "{got:?}");
    let said = &got.response.errors.first().context("no error")?.context;
    ensure!(said.contains("was not asked for") && said.contains(other.as_str()), "{said}");
    Ok(())
}

/// Octets of the large document.
const LARGE: u64 = 100_000_000;
/// What the house may grow while it passes through.
const GROWTH: u64 = 32 << 20;

#[test]
fn a_large_document_streams_through_in_flat_memory() -> Result<()> {
    let pattern = Pattern::new(LARGE)?;
    let (unique_id, sent) = (sample::new_unique_id(), pattern.clone());
    let asked_for = unique_id.clone();
    let meeting = meet(30, &[], move |_, asked, stream| {
        let listed = [part(theirs(&asked_for)?, "d@stranger")];
        let (kind, before, after) = multipart_ends(asked, &ITI_39, "d@stranger", |w| {
            iti43::write_response(w, &success(), &listed);
        });
        let length = before.len() as u64 + sent.size() + after.len() as u64;
        stream.write_all(&http_head(&kind, length))?;
        stream.write_all(&before)?;
        sent.each(|octets| Ok(stream.write_all(octets)?))?;
        Ok(stream.write_all(&after)?)
    })?;
    let renkei = &meeting.house.renkei;
    let before = renkei.resident_bytes()?;
    let mut wire = meeting.house.consumer.connect()?;
    let asked = message::retrieve(&[theirs(&unique_id)?]);
    wire.send_post(INITIATING, &asked.content_type, &asked.body)?;
    let (mut octets, mut most) = (0u64, before);
    wire.answer_to(|_, bytes| {
        octets += bytes.len() as u64;
        if octets % (8 << 20) < bytes.len() as u64 {
            most = most.max(renkei.resident_bytes()?);
        }
        Ok(())
    })?;
    ensure!(octets > LARGE, "{octets} octets");
    ensure!(most < before + GROWTH, "grew by {} MB", (most - before) >> 20);
    Ok(())
}
