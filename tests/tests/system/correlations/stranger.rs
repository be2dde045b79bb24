//! A house that looks for its patient at a stranger, and the stranger.

use anyhow::{Context, Result, ensure};
use renkei_metadata::ebrim;
use renkei_metadata::ids::{HomeCommunityId, ObjectId, PatientId, RepositoryUniqueId};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, RegistryObject};
use renkei_soap::envelope;
use renkei_soap::multipart::simple_content_type;
use renkei_tests::elsewhere::{Asked, Elsewhere, Stream, http, simple};
use renkei_tests::forge::Forged;
use renkei_tests::{Form, INSURED, Start, World, community, sample};
use renkei_xds::iti18;
use renkei_xds::response::Status;
use renkei_xds::transaction::{ITI_38, ITI_55, ITI_55_DEFERRED};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Its homeCommunityId.
pub(super) const STRANGER: &str = "urn:oid:1.2.392.200119.9.1";

/// How it answers the question for a patient.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mode {
    Found {
        keeps: Option<&'static str>,
    },
    Several,
    Unlike,
    StrangeHome,
    Nobody,
    Error(Option<&'static str>),
    Requested,
    /// Wants the address, and finds whoever has one.
    RequestedAddress,
    Silent,
    /// Hangs up when it has the question.
    Closed,
    Garbage,
    /// Acknowledges a deferred question by this code, with the code of a detail.
    Acknowledged(&'static str, Option<&'static str>),
    /// Says no more of who was found than identifiers, a card among them.
    Nameless(&'static str),
}

/// What it does, and what it was asked.
struct State {
    mode: Mode,
    does_not_know: bool,
    sends_of: PatientId,
    looked: Vec<String>,
    asked: Vec<String>,
}

/// A person as the feed tells of one.
#[derive(Default)]
pub(crate) struct Hanako {
    pub(crate) address: Option<&'static str>,
    /// Of the insurance.
    pub(crate) card: Option<&'static str>,
}

/// A house with a document of a patient, and the stranger.
pub(super) struct Meeting {
    pub(super) house: World,
    pub(super) patient: PatientId,
    /// As whom the stranger knows them.
    pub(super) theirs: PatientId,
    state: Arc<Mutex<State>>,
    gateway: Elsewhere,
}

impl Meeting {
    pub(super) fn new(form: Form, settings: &[&str]) -> Result<Self> {
        Self::entered(form, settings, &[])
    }

    /// The same with further options of its entry.
    pub(super) fn entered(form: Form, settings: &[&str], more: &[&str]) -> Result<Self> {
        let start = Start::new(form).set("gateway.query_seconds=20");
        let house = World::start(settings.iter().fold(start, |start, s| start.set(s)))?;
        let (patient, theirs) = (house.patient(), sample::patient("1.2.392.200119.9.1.5"));
        let state = Arc::new(Mutex::new(State {
            mode: Mode::Found { keeps: Some("P7D") },
            does_not_know: false,
            sends_of: theirs.clone(),
            looked: Vec::new(),
            asked: Vec::new(),
        }));
        let ca = Forged::authority("stranger-ca")?;
        let peers = Forged::authority_of(&house.renkei.place().data_dir())?;
        let (answering, known) = (Arc::clone(&state), theirs.clone());
        let gateway = Elsewhere::serve(&ca.server("localhost")?, &peers, move |asked, stream| {
            answer(&answering, &known, asked, stream)
        })?;
        let meeting = Self { house, patient, theirs, state, gateway };
        meeting.told_of(&Hanako::default())?;
        meeting.house.submitted(&sample::one(&meeting.patient, b"ours"), &[b"ours"])?;
        meeting.enter(&ca, more)?;
        Ok(meeting)
    }

    fn enter(&self, ca: &Forged, more: &[&str]) -> Result<()> {
        let place = self.house.renkei.place();
        let path = place.client_dir().join("stranger.pem");
        std::fs::write(&path, ca.certificate.to_pem()?)?;
        let (path, url) = (path.display().to_string(), self.url());
        let usual = ["--name", "見知らぬ町", "--discovery", &url, "--ca", &path];
        community::enter(&self.house.renkei, STRANGER, &url, &[&usual, more].concat())?;
        community::noticed(&self.house.renkei)?;
        Ok(())
    }

    /// Where the stranger is.
    pub(super) fn url(&self) -> String {
        self.gateway.url()
    }

    /// Has the feed tell who the patient is.
    pub(super) fn told_of(&self, hanako: &Hanako) -> Result<()> {
        let mut feed = self.house.feed_as(&self.house.feed)?;
        let answer = feed.send(adt(&self.patient, hanako).as_bytes())?;
        ensure!(answer.contains("MSA|AA|"), "{answer}");
        // What was acknowledged reaches the persons a moment later.
        std::thread::sleep(Duration::from_millis(1_000));
        Ok(())
    }

    pub(super) fn answers(&self, mode: Mode) {
        self.state.lock().expect("state").mode = mode;
    }

    pub(super) fn does_not_know(&self, does_not_know: bool) {
        self.state.lock().expect("state").does_not_know = does_not_know;
    }

    pub(super) fn sends_of(&self, patient: &PatientId) {
        self.state.lock().expect("state").sends_of = patient.clone();
    }

    /// What it was asked by ITI-55, and by ITI-38.
    pub(super) fn asked(&self) -> (Vec<String>, Vec<String>) {
        let state = self.state.lock().expect("state");
        (state.looked.clone(), state.asked.clone())
    }
}

/// ADT^A04 in UTF-8 (ITI TF-2: 3.8.4.1).
pub(super) fn adt(patient: &PatientId, hanako: &Hanako) -> String {
    let now = chrono::Utc::now().format("%Y%m%d%H%M%S+0000");
    let id = uuid::Uuid::new_v4().simple().to_string();
    let control: String = id.chars().take(20).collect();
    let card = hanako.card.map(|card| format!("~{card}^^^&{INSURED}&ISO")).unwrap_or_default();
    let address = hanako
        .address
        .map(|a| format!("|||{a}^^千代田区^東京都^100-0000^JPN^H"))
        .unwrap_or_default();
    [
        &*format!("MSH|^~\\&|SOURCE|TEST|REGISTRY|RENKEI|{now}||ADT^A04^ADT_A01|{control}|P|2.3.1||||||UNICODE UTF-8"),
        &*format!("EVN|A04|{now}"),
        &*format!("PID|||{patient}{card}||健診^花子^^^^^L^I~ケンシン^ハナコ^^^^^L^P||19750412|F{address}"),
        "PV1||O",
        "",
    ]
    .join("\r")
}

fn answer(
    state: &Mutex<State>,
    theirs: &PatientId,
    asked: &Asked,
    stream: &mut Stream,
) -> Result<()> {
    let (mode, sends_of, does_not_know) = {
        let mut state = state.lock().expect("state");
        let envelope = asked.envelope.clone();
        match asked.envelope.contains("CrossGatewayPatientDiscovery") {
            true => state.looked.push(envelope),
            false => state.asked.push(envelope),
        }
        (state.mode, state.sends_of.clone(), state.does_not_know)
    };
    if !asked.envelope.contains("CrossGatewayPatientDiscovery") {
        // Whoever checks asks for nobody, of whom there is nothing.
        let is_checked = asked.envelope.contains("'check");
        let answer = match does_not_know {
            true => unknown(asked),
            false if is_checked => entries(asked, &[]),
            false => entries(asked, &[entry(&sends_of)?]),
        };
        return Ok(stream.write_all(&answer)?);
    }
    let one = |home: &str, day: &str| subject(theirs, home, day);
    let (home, day) = (STRANGER.trim_start_matches("urn:oid:"), "19750412");
    let (acts, codes, keeps) = match mode {
        Mode::Found { keeps } => (one(home, day), ("AA", "OK"), keeps),
        Mode::Several => (one(home, day).repeat(2), ("AA", "OK"), Some("P7D")),
        Mode::Unlike => (one(home, "19750413"), ("AA", "OK"), Some("P7D")),
        Mode::StrangeHome => (one("1.2.3.4", day), ("AA", "OK"), Some("P7D")),
        Mode::Nobody => (String::new(), ("AA", "NF"), Some("P7D")),
        Mode::Error(reason) => (reason.map(failed).unwrap_or_default(), ("AE", "AE"), None),
        Mode::Requested => (requested("MothersMaidenNameRequested"), ("AA", "OK"), None),
        Mode::RequestedAddress if asked.envelope.contains("patientAddress") => {
            (one(home, day), ("AA", "OK"), None)
        }
        Mode::RequestedAddress => (requested("PatientAddressRequested"), ("AA", "OK"), None),
        Mode::Silent => {
            std::thread::sleep(Duration::from_secs(4));
            (String::new(), ("AA", "NF"), None)
        }
        Mode::Nameless(card) => (nameless(&one(home, day), card)?, ("AA", "OK"), Some("P7D")),
        Mode::Acknowledged(code, detail) => {
            return Ok(stream.write_all(&acknowledged(asked, code, detail)?)?);
        }
        Mode::Closed => return Ok(()),
        Mode::Garbage => return Ok(stream.write_all(&http("text/html", b"<p>no</p>"))?),
    };
    Ok(stream.write_all(&discovered(asked, &acts, codes, keeps)?)?)
}

/// A message of HL7 v3, by hand: what is written here is not what Renkei writes.
fn discovered(
    asked: &Asked,
    acts: &str,
    (ack, response): (&str, &str),
    keeps: Option<&str>,
) -> Result<Vec<u8>> {
    let text = &asked.envelope;
    let message = between(text, "<id root=\"", "\"")?;
    let parameters = between(text, "<queryByParameter", "</queryByParameter>")?;
    let query = between(parameters, "<queryId root=\"", "\"")?;
    let status = if ack == "AA" { "deliveredResponse" } else { "aborted" };
    let id = uuid::Uuid::new_v4();
    let body = format!(
        "<PRPA_IN201306UV02 xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' ITSVersion='XML_1.0'>\
         <id root='{id}'/><creationTime value='20260601101501+0900'/><interactionId root='2.16.840.1.113883.1.6' extension='PRPA_IN201306UV02'/>\
         <processingCode code='P'/><processingModeCode code='T'/><acceptAckCode code='NE'/>\
         <receiver typeCode='RCV'><device classCode='DEV' determinerCode='INSTANCE'><id root='2.999.1'/></device></receiver>\
         <sender typeCode='SND'><device classCode='DEV' determinerCode='INSTANCE'><id root='2.999.2'/></device></sender>\
         <acknowledgement><typeCode code='{ack}'/><targetMessage><id root='{message}'/></targetMessage></acknowledgement>\
         <controlActProcess classCode='CACT' moodCode='EVN'><code code='PRPA_TE201306UV02' codeSystem='2.16.840.1.113883.1.6'/>{acts}\
         <queryAck><queryId root='{query}'/><statusCode code='{status}'/><queryResponseCode code='{response}'/></queryAck>\
         <queryByParameter{parameters}</queryByParameter></controlActProcess></PRPA_IN201306UV02>"
    );
    let action = ITI_55.response_action;
    let mut envelope = envelope::write_response(action, Some(&asked.message_id), |w| {
        w.raw(&body);
    });
    if let Some(keeps) = keeps {
        let block = format!(
            "<x:CorrelationTimeToLive xmlns:x='urn:ihe:iti:xcpd:2009'>{keeps}</x:CorrelationTimeToLive>"
        );
        let end = envelope.find(":Header>").context("no header")?;
        let end =
            envelope.get(end + 1..).and_then(|rest| rest.find(":Header>")).map(|at| at + end + 1);
        let end = envelope.get(..end.context("no end")?).and_then(|before| before.rfind("</"));
        envelope.insert_str(end.context("no end")?, &block);
    }
    Ok(http(&simple_content_type(None), envelope.as_bytes()))
}

fn acknowledged(asked: &Asked, code: &str, detail: Option<&str>) -> Result<Vec<u8>> {
    let message = between(&asked.envelope, "<id root=\"", "\"")?;
    let detail = detail.map(|code| {
        format!("<acknowledgementDetail typeCode='E'><code code='{code}'/></acknowledgementDetail>")
    });
    let (detail, id) = (detail.unwrap_or_default(), uuid::Uuid::new_v4());
    let body = format!(
        "<MCCI_IN000002UV01 xmlns='urn:hl7-org:v3' ITSVersion='XML_1.0'><id root='{id}'/><creationTime value='20260601101501+0900'/>\
         <interactionId root='2.16.840.1.113883.1.6' extension='MCCI_IN000002UV01'/>\
         <processingCode code='P'/><processingModeCode code='T'/><acceptAckCode code='NE'/>\
         <receiver typeCode='RCV'><device classCode='DEV' determinerCode='INSTANCE'><id root='2.999.1'/></device></receiver>\
         <sender typeCode='SND'><device classCode='DEV' determinerCode='INSTANCE'><id root='2.999.2'/></device></sender>\
         <acknowledgement><typeCode code='{code}'/><targetMessage><id root='{message}'/></targetMessage>{detail}</acknowledgement>\
         </MCCI_IN000002UV01>"
    );
    Ok(simple(asked, &ITI_55_DEFERRED, |w| {
        w.raw(&body);
    }))
}

fn subject(theirs: &PatientId, home: &str, day: &str) -> String {
    format!(
        "<subject typeCode='SUBJ' contextConductionInd='false'><registrationEvent classCode='REG' moodCode='EVN'><id nullFlavor='NA'/>\
         <statusCode code='active'/><subject1 typeCode='SBJ'><patient classCode='PAT'><id root='{}' extension='{}'/><statusCode code='active'/>\
         <patientPerson classCode='PSN' determinerCode='INSTANCE'><name use='SYL'><family>ケンシン</family><given>ハナコ</given></name>\
         <administrativeGenderCode code='F' codeSystem='2.16.840.1.113883.5.1'/><birthTime value='{day}'/></patientPerson>\
         <subjectOf1 typeCode='SBJ'><queryMatchObservation classCode='COND' moodCode='EVN'><code code='IHE_PDQ'/><value xsi:type='INT' value='98'/>\
         </queryMatchObservation></subjectOf1></patient></subject1><custodian typeCode='CST'><assignedEntity classCode='ASSIGNED'>\
         <id root='{home}'/><code code='NotHealthDataLocator' codeSystem='1.3.6.1.4.1.19376.1.2.27.2'/></assignedEntity></custodian>\
         </registrationEvent></subject>",
        theirs.authority, theirs.id
    )
}

/// Of whom no name is told (ITI TF-2: 3.55.4.2.2.4).
fn nameless(subject: &str, card: &str) -> Result<String> {
    let told = between(subject, "determinerCode='INSTANCE'>", "</patientPerson>")?;
    let instead = format!(
        "<name nullFlavor='NA'/><asOtherIDs classCode='PAT'><id root='{INSURED}' extension='{card}'/>\
         <scopingOrganization classCode='ORG' determinerCode='INSTANCE'><id root='{INSURED}'/></scopingOrganization></asOtherIDs>"
    );
    Ok(subject.replace(told, &instead))
}

fn issue(what: &str) -> String {
    format!(
        "<reasonOf typeCode='RSON'><detectedIssueEvent classCode='ALRT' moodCode='EVN'>\
         <code code='_ActAdministrativeDetectedIssueManagementCode' codeSystem='2.16.840.1.113883.5.4'/>{what}</detectedIssueEvent></reasonOf>"
    )
}

fn requested(code: &str) -> String {
    issue(&format!(
        "<triggerFor typeCode='TRIG'><actOrderRequired classCode='ACT' moodCode='RQO'>\
         <code code='{code}' codeSystem='1.3.6.1.4.1.19376.1.2.27.1'/></actOrderRequired></triggerFor>"
    ))
}

fn failed(code: &str) -> String {
    issue(&format!(
        "<mitigatedBy typeCode='MITGT'><detectedIssueManagement classCode='ACT' moodCode='EVN'>\
         <code code='{code}' codeSystem='1.3.6.1.4.1.19376.1.2.27.3'/></detectedIssueManagement></mitigatedBy>"
    ))
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> Result<&'t str> {
    let (_, behind) = text.split_once(from).with_context(|| format!("no {from} in {text}"))?;
    Ok(behind.split_once(to).context("no end")?.0)
}

fn entry(patient: &PatientId) -> Result<DocumentEntry> {
    let mut entry = sample::entry(patient, b"theirs");
    entry.id = ObjectId::parse(&format!("urn:uuid:{}", uuid::Uuid::new_v4()))?;
    entry.status = Some(AvailabilityStatus::Approved);
    entry.repository = Some(RepositoryUniqueId::parse("1.2.392.200119.9.1.1")?);
    entry.home = Some(HomeCommunityId::parse(STRANGER)?);
    Ok(entry)
}

fn entries(asked: &Asked, entries: &[DocumentEntry]) -> Vec<u8> {
    let (head, tail) = iti18::response_frame(Status::Success, &[]);
    simple(asked, &ITI_38, |w| {
        w.raw(&head);
        for entry in entries {
            ebrim::write_object(w, &RegistryObject::Entry(Box::new(entry.clone())));
        }
        w.raw(&tail);
    })
}

fn unknown(asked: &Asked) -> Vec<u8> {
    let error = renkei_xds::response::RegistryError {
        code: "XDSUnknownPatientId".to_owned(),
        context: "nobody".to_owned(),
        severity: renkei_metadata::finding::Severity::Error,
        location: STRANGER.to_owned(),
    };
    let (head, tail) = iti18::response_frame(Status::Failure, &[error]);
    simple(asked, &ITI_38, |w| {
        w.raw(&head).raw(&tail);
    })
}
