//! When a community that answers later is asked, and which answer is taken, whatever those who keep the questions make sure of themselves.

use super::super::ask::Taken;
use super::super::later::{AnsweredLater, Ending, Fate, more_to_tell, question};
use super::super::{Asker, Discovery};
use super::{HOME, candidate, hanako, patient, shared, whom};
use crate::community::{By, Community, Known};
use crate::initiating::patients::{Correlation, NoPatients, Patients, Question, Said, Settled};
use crate::initiating::{rules, tests};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use renkei_client::ClientError;
use renkei_hl7v3::iti55::{Answer, Attribute, Candidate, Outcome, TimeToLive};
use renkei_hl7v3::transmission::{Party, Processing, Transmission};
use renkei_hl7v3::{InstanceId, Time};
use renkei_metadata::ids::{HomeCommunityId, Oid, PatientId};
use renkei_person::{Address, Birth, Person};
use renkei_soap::fault::Fault;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

const PEER: &str = "north-gateway";
const MESSAGE: Uuid = Uuid::from_u128(1);
const QUERY: Uuid = Uuid::from_u128(2);

fn now() -> DateTime<Utc> {
    "2026-12-01T00:00:00Z".parse().unwrap()
}

fn home() -> HomeCommunityId {
    HomeCommunityId::parse(&format!("urn:oid:{HOME}")).unwrap()
}

/// The one question that somebody keeps, whether it is awaited or not.
struct OneQuestion {
    asked: Question,
    person: Person,
    /// Whether it can be settled still.
    is_left: bool,
    settled: Arc<Mutex<Vec<Settled>>>,
    /// How long each was awaited that was put; `None`: it was dropped.
    noted: Arc<Mutex<Vec<Option<DateTime<Utc>>>>>,
}

impl OneQuestion {
    fn new() -> Self {
        Self::asked(&entered(By::Demographics))
    }

    fn asked(community: &Community) -> Self {
        let asked = Question {
            patient: patient("p1"),
            message_id: "urn:uuid:m".to_owned(),
            message: MESSAGE.to_string(),
            query: QUERY.to_string(),
            asked_by: whom().digest(community),
            with_more: false,
            heard: None,
            until: now() + TimeDelta::days(30),
        };
        Self {
            asked,
            person: hanako(),
            is_left: true,
            settled: Arc::default(),
            noted: Arc::default(),
        }
    }
}

type Told<'a, T> = BoxFuture<'a, Result<T, NoPatients>>;

fn told<'a, T: Send + 'a>(value: T) -> Told<'a, T> {
    future::ready(Ok(value)).boxed()
}

impl Patients for OneQuestion {
    fn person<'a>(&'a self, _: &'a PatientId) -> Told<'a, Option<Person>> {
        told(Some(self.person.clone()))
    }

    fn correlation<'a>(
        &'a self,
        _: &'a PatientId,
        _: &'a HomeCommunityId,
    ) -> Told<'a, Option<Correlation>> {
        told(None)
    }

    fn keep<'a>(
        &'a self,
        _: &'a PatientId,
        _: &'a HomeCommunityId,
        _: Correlation,
    ) -> Told<'a, ()> {
        told(())
    }

    fn forget<'a>(&'a self, _: &'a PatientId, _: &'a HomeCommunityId) -> Told<'a, ()> {
        told(())
    }

    fn question<'a>(
        &'a self,
        _: &'a PatientId,
        _: &'a HomeCommunityId,
    ) -> Told<'a, Option<Question>> {
        told(Some(self.asked.clone()))
    }

    fn question_of<'a>(
        &'a self,
        message_id: &'a str,
    ) -> Told<'a, Option<(HomeCommunityId, Question)>> {
        let is_it = message_id == self.asked.message_id;
        told(is_it.then(|| (home(), self.asked.clone())))
    }

    fn ask<'a>(&'a self, _: &'a HomeCommunityId, _: Question) -> Told<'a, bool> {
        told(false)
    }

    fn await_answer<'a>(&'a self, _: &'a str, until: DateTime<Utc>) -> Told<'a, ()> {
        self.noted.lock().unwrap().push(Some(until));
        told(())
    }

    fn withdraw<'a>(&'a self, _: &'a str) -> Told<'a, ()> {
        self.noted.lock().unwrap().push(None);
        told(())
    }

    fn settle<'a>(&'a self, _: &'a str, settled: Settled) -> Told<'a, bool> {
        self.settled.lock().unwrap().push(settled);
        told(self.is_left)
    }
}

fn discovery(kept: OneQuestion) -> Discovery {
    Discovery {
        patients: Arc::new(kept),
        asker: Asker::new(home(), Oid::parse("1.2.9.1").unwrap(), shared(), 30),
        time: Duration::from_secs(1),
        answers: None,
    }
}

/// The community that was asked, which connects as [`PEER`].
fn entered(by: By) -> Community {
    let community = tests::community(home().as_str(), &[]);
    let peer = Some(PEER.to_owned());
    Community { peer, discovery_by: by, ..community }
}

fn known(by: By) -> Known {
    let community = Arc::new(entered(by));
    Known { communities: [(home(), community)].into(), broken: Vec::new() }
}

/// An answer, as it comes.
struct Came {
    from: &'static str,
    relates_to: Option<&'static str>,
    target: Uuid,
    query: Uuid,
    found: Candidate,
}

/// What is otherwise.
type Change = fn(&mut OneQuestion, &mut Came);

/// What becomes of the answer that is awaited when it, or the question, is changed; and what it leaves.
async fn taken(by: By, change: impl FnOnce(&mut OneQuestion, &mut Came)) -> (Ending, Vec<Settled>) {
    let mut kept = OneQuestion::asked(&entered(by));
    let mut came = Came {
        from: PEER,
        relates_to: Some("urn:uuid:m"),
        target: MESSAGE,
        query: QUERY,
        found: candidate(|_| {}),
    };
    change(&mut kept, &mut came);
    let (settled, is_left) = (Arc::clone(&kept.settled), kept.is_left);
    let discovery = discovery(kept);
    let Came { from, relates_to, target, query, found } = came;
    let party = || Party { device: Oid::parse("1.2.3").unwrap(), community: None };
    let transmission = Transmission {
        id: InstanceId::new(Uuid::from_u128(3)),
        created: Time::at(now().fixed_offset()),
        processing: Processing::Production,
        receiver: party(),
        respond_to: None,
        sender: party(),
    };
    let answer = Answer {
        transmission,
        target: InstanceId::new(target),
        details: Vec::new(),
        outcome: Outcome::Found(vec![found]),
        query_id: InstanceId::new(query),
        query: None,
    };
    let keeps = Some(TimeToLive::days(7));
    let came = AnsweredLater { from, relates_to, answer: &answer, keeps };
    let judged = discovery.judge(&known(by), now(), &came).await.unwrap();
    assert!(settled.lock().unwrap().is_empty(), "it is on record before anything comes of it");
    let is_kept = discovery.take(&judged).await.unwrap();
    let settled = settled.lock().unwrap().clone();
    assert_eq!(is_kept, is_left && !settled.is_empty());
    (judged.ending().clone(), settled)
}

#[tokio::test]
async fn what_is_not_the_answer_that_is_awaited_is_not_looked_at() {
    let (ending, settled) = taken(By::Demographics, |_, _| {}).await;
    assert_eq!(ending, Ending::Taken(home(), None));
    assert!(matches!(settled[..], [Settled::Known(_)]), "{settled:?}");
    let changes: [(&str, Change); 7] = [
        ("of another node", |_, came| came.from = "south-gateway"),
        ("to nothing", |_, came| came.relates_to = None),
        ("to an unknown message", |_, came| came.relates_to = Some("urn:uuid:n")),
        ("to another message", |_, came| came.target = QUERY),
        ("to another query", |_, came| came.query = MESSAGE),
        ("too late", |kept, _| kept.asked.until = now()),
        ("again", |kept, _| {
            let row = "discovery-several".to_owned();
            kept.asked.heard = Some(Said { row, detail: String::new() });
        }),
    ];
    for (what, change) in changes {
        let (ending, settled) = taken(By::Demographics, change).await;
        assert_eq!(ending, Ending::NotAwaited, "{what}");
        assert!(settled.is_empty(), "{what}: {settled:?}");
    }
}

#[tokio::test]
async fn an_answer_about_somebody_who_is_another_since_leaves_nothing() {
    for by in [By::Demographics, By::Identifier] {
        let changed = |kept: &mut OneQuestion, _: &mut Came| {
            kept.person.birth = Birth::parse("19750413");
        };
        let (ending, settled) = taken(by, changed).await;
        assert_eq!((ending, settled), (Ending::NotAwaited, vec![Settled::Void]));
        let unknown = |kept: &mut OneQuestion, _: &mut Came| kept.person = Person::default();
        let (ending, settled) = taken(by, unknown).await;
        assert_eq!((ending, settled), (Ending::NotAwaited, vec![Settled::Void]));
    }
}

#[tokio::test]
async fn an_answer_of_a_community_that_is_entered_otherwise_since_leaves_nothing() {
    let other = |kept: &mut OneQuestion, _: &mut Came| {
        let authorities = Some("another CA".to_owned());
        let before = Community { authorities, ..entered(By::Demographics) };
        kept.asked.asked_by = whom().digest(&before);
    };
    let (ending, settled) = taken(By::Demographics, other).await;
    assert_eq!((ending, settled), (Ending::NotAwaited, vec![Settled::Void]));
}

#[tokio::test]
async fn an_answer_that_another_process_took_meanwhile_is_not_kept() {
    let (ending, _) = taken(By::Demographics, |kept, _| kept.is_left = false).await;
    assert_eq!(ending, Ending::Taken(home(), None), "it was awaited when it came");
}

#[tokio::test]
async fn what_comes_later_is_judged_by_the_way_in_which_was_asked() {
    let untold = |_: &mut OneQuestion, came: &mut Came| {
        let identifiers = vec![PatientId::parse("7^^^&1.2.9.4&ISO").unwrap().into()];
        came.found.person = Person { identifiers, ..Person::default() };
    };
    let (ending, _) = taken(By::Identifier, untold).await;
    assert_eq!(ending, Ending::Taken(home(), None));
    let (ending, settled) = taken(By::Demographics, untold).await;
    assert_eq!(ending, Ending::Taken(home(), Some(&rules::UNLIKE)));
    let [Settled::Told(said, until)] = &settled[..] else { panic!("{settled:?}") };
    assert_eq!((said.row.as_str(), *until), ("discovery-unlike", now() + TimeDelta::days(1)));
    // A namesake with another number of an authority that communities share.
    let namesake = |_: &mut OneQuestion, came: &mut Came| {
        let other = PatientId::parse("8^^^&1.2.9.4&ISO").unwrap();
        came.found.person.identifiers = vec![other.into()];
    };
    let (ending, _) = taken(By::Identifier, namesake).await;
    assert_eq!(ending, Ending::Taken(home(), Some(&rules::UNLIKE)));
}

/// What more is told after this question, or the row that is told instead.
fn after(change: impl FnOnce(&mut Question)) -> Result<Vec<Attribute>, &'static str> {
    let mut whom = whom();
    let city = Address { city: Some("架空町".to_owned()), ..Address::default() };
    whom.person.addresses = vec![city];
    let digest = whom.digest(&entered(By::Demographics));
    let mut last = Question { asked_by: digest, ..OneQuestion::new().asked };
    change(&mut last);
    more_to_tell(Some(last), (&whom, digest), now()).map_err(|unfound| unfound.rule.id)
}

fn said(row: &str, detail: &str) -> Option<Said> {
    Some(Said { row: row.to_owned(), detail: detail.to_owned() })
}

#[test]
fn who_is_asked_for_is_not_asked_for_again_until_that_is_over() {
    let first = || Ok(Vec::new());
    assert_eq!(more_to_tell(None, (&whom(), [7; 32]), now()).ok(), Some(Vec::new()));
    assert_eq!(after(|_| {}), Err("discovery-asked"));
    assert_eq!(after(|last| last.until = now()), first(), "nobody answers any more");
    assert_eq!(after(|last| last.asked_by = [7; 32]), first(), "is described otherwise");
    let several = |last: &mut Question| last.heard = said("discovery-several", "");
    assert_eq!(after(several), Err("discovery-several"));
    let yesterday = |last: &mut Question| {
        several(last);
        last.until = now();
    };
    assert_eq!(after(yesterday), first());
}

#[test]
fn what_was_asked_for_is_told_once_and_if_it_is_known() {
    let asked_for = |codes: &'static str, with_more| {
        after(move |last| {
            last.heard = said("discovery-more-asked", codes);
            last.with_more = with_more;
        })
    };
    let address = || vec![Attribute::Address];
    assert_eq!(asked_for("PatientAddressRequested", false), Ok(address()));
    assert_eq!(asked_for("PatientAddressRequested", true), Err("discovery-more-asked"));
    assert_eq!(asked_for("PatientTelecomRequested", false), Err("discovery-more-asked"));
    let (_, first) = question((&whom(), [7; 32]), &[], now());
    let (_, second) = question((&whom(), [7; 32]), &address(), now());
    assert!(!first.with_more && second.with_more);
}

#[tokio::test]
async fn a_question_is_awaited_ten_minutes_and_thirty_days_when_it_was_taken() {
    let (called, asked) = question((&whom(), [7; 32]), &[], now());
    assert_eq!(asked.until, now() + TimeDelta::minutes(10));
    assert_eq!((asked.patient, asked.asked_by, asked.heard), (patient("p1"), [7; 32], None));
    assert_eq!(asked.message_id, called.message_id);
    assert_eq!(asked.message, called.message.to_string());
    assert_eq!(asked.query, called.query.to_string());
    let kept = OneQuestion::new();
    let noted = Arc::clone(&kept.noted);
    let discovery = discovery(kept);
    for fate in [Fate::Taken, Fate::NotTaken, Fate::Unknown] {
        discovery.note("urn:uuid:m", fate, now()).await.unwrap();
    }
    assert_eq!(*noted.lock().unwrap(), [Some(now() + TimeDelta::days(30)), None]);
}

#[test]
fn a_question_that_may_have_been_taken_is_not_withdrawn() {
    let fates = |errors: Vec<ClientError>| -> Vec<Fate> {
        errors.into_iter().map(|error| Fate::of(&Err(error))).collect()
    };
    assert_eq!(Fate::of(&Ok(Taken::Yes)), Fate::Taken);
    assert_eq!(Fate::of(&Ok(Taken::NotLater)), Fate::NotTaken);
    assert_eq!(Fate::of(&Ok(Taken::Refused)), Fate::NotTaken);
    let refused = vec![
        ClientError::Connect(String::new()),
        ClientError::Tls(String::new()),
        ClientError::Fault(Fault::endpoint_unavailable()),
        ClientError::Http(403),
        ClientError::Http(404),
    ];
    assert_eq!(fates(refused), [Fate::NotTaken; 5]);
    let open = vec![
        ClientError::Broken(String::new()),
        ClientError::Timeout,
        ClientError::Http(408),
        ClientError::Http(200),
        ClientError::Http(504),
        ClientError::Malformed(String::new()),
        ClientError::TooLarge("limits.root_bytes"),
    ];
    assert_eq!(fates(open), [Fate::Unknown; 7]);
}
