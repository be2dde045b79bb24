//! Questions whose answers come later, as messages of their own (Deferred Response, ITI TF-2: 3.55.6.2): whoever
//! asks for documents meanwhile is told that the answer is to come, and nobody is asked the same twice.

use super::super::link::Way;
use super::ask::{Called, Taken};
use super::verdict::{Unfound, judge};
use super::whom::Whom;
use super::{Chain, Discovery, is_nobody, until};
use crate::community::Known;
use crate::initiating::patients::{Correlation, Counterpart, NoPatients, Question, Said, Settled};
use crate::initiating::{Gateway, rules};
use crate::logged::logged;
use chrono::{DateTime, TimeDelta, Utc};
use renkei_client::ClientError;
use renkei_context::Ctx;
use renkei_hl7v3::iti55::{Answer, Attribute, TimeToLive};
use renkei_metadata::finding::Rule;
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use renkei_xds::transaction::ITI_55;
use std::time::Instant;
use uuid::Uuid;

/// How long an answer is awaited.
const AWAITED: TimeDelta = TimeDelta::days(30);
/// How long a question is awaited of which nobody knows whether the community took it: this process may end
/// before it hears so, or hears nothing in time.
const UNSURE: TimeDelta = TimeDelta::minutes(10);
/// How long an answer serves that may not be kept, or names nobody: the use at hand (ITI TF-2: 3.55.4.1.2.3) is
/// that whoever asked for documents asks again.
const AT_HAND: TimeDelta = TimeDelta::hours(24);

impl Chain<'_> {
    /// Asks, unless an answer is awaited or was heard; why there is no identifier yet. What is told without asking
    /// is not counted: nothing became of a question.
    pub(super) async fn look_later(&self, whom: &Whom, asked_by: [u8; 32]) -> Unfound {
        let (patients, home) = (&self.discovery.patients, &self.community.home);
        let last = patients.question(&whom.patient, home).await;
        let more = match last.map_err(|error| self.unready(&error)) {
            Ok(last) => more_to_tell(last, (whom, asked_by), self.ctx.now()),
            Err(unready) => return self.counted(unready),
        };
        match more {
            Ok(more) => match self.put_question(whom, asked_by, &more).await {
                Ok(Some(rule)) | Err(rule) => self.counted(rule),
                Ok(None) => Unfound::from(&rules::ASKED),
            },
            Err(told) => told,
        }
    }

    fn counted(&self, rule: &'static Rule) -> Unfound {
        self.count(rule.id);
        Unfound::from(rule)
    }

    /// What became of the question; `None` if somebody else put the same at this moment. It is kept before it
    /// goes out: its answer may be quicker than its acknowledgement.
    async fn put_question(
        &self,
        whom: &Whom,
        asked_by: [u8; 32],
        more: &[Attribute],
    ) -> Result<Option<&'static Rule>, &'static Rule> {
        let (patients, home) = (&self.discovery.patients, &self.community.home);
        // An answer that may not be kept at all would be asked for for ever.
        let answers =
            self.discovery.answers.as_ref().filter(|_| self.discovery.asker.keeps.is_some());
        let answers = answers.ok_or(&rules::NOT_SET_UP)?;
        let deadline = self.deadline.min(Instant::now() + self.discovery.time);
        let link = self.gateway.link(self.community);
        let way = link.question(Way::Discovery, deadline).await?;
        let (called, question) = question((whom, asked_by), more, self.ctx.now());
        let is_first = patients.ask(home, question).await;
        if !is_first.map_err(|error| self.unready(&error))? {
            return Ok(None);
        }
        let there = (home, self.url);
        let (whom, to) = ((whom, more), (&called, answers));
        let asker = &self.discovery.asker;
        let sent = asker.ask_later(&way.client, there, whom, to, deadline).await;
        let fate = Fate::of(&sent);
        let rule = match sent {
            Ok(taken) => {
                drop(way.answered());
                match taken {
                    Taken::Yes => &rules::ASKED,
                    Taken::NotLater => &rules::NOT_LATER,
                    Taken::Refused => &rules::REFUSED,
                }
            }
            Err(error) => {
                let why = logged(&error);
                tracing::warn!(community = %home, error = why, "ITI-55 was not taken");
                way.failed(&error)
            }
        };
        let noted = self.discovery.note(&called.message_id, fate, self.ctx.now()).await;
        if let Err(error) = noted {
            tracing::error!(community = %home, %error, "what became of a question was not kept");
        }
        Ok(Some(rule))
    }

    fn unready(&self, error: &NoPatients) -> &'static Rule {
        tracing::error!(community = %self.community.home, %error, "a patient cannot be looked for");
        &rules::UNREADY
    }
}

/// What is known of a question that went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is looked into.
    Taken,
    /// It is not: nobody will answer it.
    NotTaken,
    /// What came back does not tell.
    Unknown,
}

impl Fate {
    pub(super) fn of(sent: &Result<Taken, ClientError>) -> Self {
        match sent {
            Ok(Taken::Yes) => Self::Taken,
            // With 4xx whoever answered refuses the request (RFC 9110, 15.5), but for 408: it was too slow.
            Ok(Taken::NotLater | Taken::Refused)
            | Err(
                ClientError::Connect(_)
                | ClientError::Tls(_)
                | ClientError::Fault(_)
                | ClientError::Http(400..=407 | 409..=499),
            ) => Self::NotTaken,
            Err(
                ClientError::Broken(_)
                | ClientError::Timeout
                | ClientError::Http(_)
                | ClientError::Malformed(_)
                | ClientError::TooLarge(_)
                | ClientError::Audit(_)
                | ClientError::Local(_),
            ) => Self::Unknown,
        }
    }
}

/// What is told of a patient beside what a first question tells; an error, if nobody is asked, is what stands in its
/// place.
pub(super) fn more_to_tell(
    last: Option<Question>,
    (whom, asked_by): (&Whom, [u8; 32]),
    now: DateTime<Utc>,
) -> Result<Vec<Attribute>, Unfound> {
    let last = last.filter(|last| last.until > now && last.asked_by == asked_by);
    match last {
        None => Ok(Vec::new()),
        Some(Question { heard: None, .. }) => Err(Unfound::from(&rules::ASKED)),
        Some(Question { heard: Some(said), with_more, .. }) => {
            let more = attributes(&said);
            // Once: whoever asks for more again cannot tell (ITI TF-2: 3.55.4.2.3).
            match with_more || !whom.knows_any(&more) {
                true => Err(unfound(said)),
                false => Ok(more),
            }
        }
    }
}

/// A question that nobody took yet, and what it is called.
pub(super) fn question(
    (whom, asked_by): (&Whom, [u8; 32]),
    more: &[Attribute],
    now: DateTime<Utc>,
) -> (Called, Question) {
    let called = Called {
        message_id: format!("urn:uuid:{}", Uuid::new_v4()),
        message: Uuid::new_v4(),
        query: Uuid::new_v4(),
    };
    let question = Question {
        patient: whom.patient.clone(),
        message_id: called.message_id.clone(),
        message: called.message.to_string(),
        query: called.query.to_string(),
        asked_by,
        with_more: !more.is_empty(),
        heard: None,
        until: now + UNSURE,
    };
    (called, question)
}

/// The attributes that an answer asked for.
fn attributes(said: &Said) -> Vec<Attribute> {
    let is_asked = said.row == rules::MORE_ASKED.id;
    let codes = said.detail.split(' ').filter(|_| is_asked);
    let known = |code| Attribute::ALL.into_iter().find(|attribute| attribute.code() == code);
    codes.filter_map(known).collect()
}

/// A row that this version does not know is one that went wrong.
fn unfound(said: Said) -> Unfound {
    let rule = rules::all().iter().copied().find(|rule| rule.id == said.row);
    Unfound { rule: rule.unwrap_or(&rules::FAILED), detail: said.detail }
}

/// An answer that came later, and how.
pub struct AnsweredLater<'a> {
    /// The name of the node that brought it.
    pub from: &'a str,
    /// wsa:RelatesTo.
    pub relates_to: Option<&'a str>,
    /// What it says.
    pub answer: &'a Answer,
    /// How long that may be kept.
    pub keeps: Option<TimeToLive>,
}

/// What becomes of such an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was awaited of this community; `None`: it names the patient, else the row that says why not.
    Taken(HomeCommunityId, Option<&'static Rule>),
    /// Nobody awaits it.
    NotAwaited,
}

/// An answer that was looked at. Nothing has come of it yet, so that it can be recorded before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    ending: Ending,
    /// The wsa:MessageID of its question, and what it leaves of that; `None`: it has nothing to do with any.
    leaves: Option<(String, Settled)>,
}

impl Judged {
    fn not_awaited() -> Self {
        Self { ending: Ending::NotAwaited, leaves: None }
    }

    /// What becomes of it.
    pub const fn ending(&self) -> &Ending {
        &self.ending
    }
}

impl Gateway {
    /// Looks at an answer as if it had come on the connection of its question. It has to be awaited, of the node
    /// alone as which its community connects here.
    ///
    /// # Errors
    /// When what is known of the patients cannot be read.
    pub async fn judge_later(
        &self,
        ctx: &Ctx,
        came: &AnsweredLater<'_>,
    ) -> Result<Judged, NoPatients> {
        match &self.inner.config.discovery {
            Some(discovery) => {
                let known = self.inner.config.communities.known();
                discovery.judge(&known, ctx.now(), came).await
            }
            None => Ok(Judged::not_awaited()),
        }
    }

    /// Keeps what an answer leaves, once: `false` if its question was answered or dropped since it was looked at.
    ///
    /// # Errors
    /// When what is known of the patients cannot be kept; then it is awaited still.
    pub async fn take_later(&self, judged: &Judged) -> Result<bool, NoPatients> {
        let Some(discovery) = &self.inner.config.discovery else { return Ok(false) };
        let is_kept = discovery.take(judged).await?;
        if let (Ending::Taken(home, rule), true) = (&judged.ending, is_kept) {
            let word = rule.map_or("found", |rule| rule.id);
            self.inner.config.observer.asked(home.as_str(), ITI_55.id, word);
        }
        Ok(is_kept)
    }
}

impl Discovery {
    /// Notes what became of a question that went out: one that may have been taken stays as it was put.
    pub(super) async fn note(
        &self,
        message_id: &str,
        fate: Fate,
        now: DateTime<Utc>,
    ) -> Result<(), NoPatients> {
        match fate {
            Fate::Taken => self.patients.await_answer(message_id, now + AWAITED).await,
            Fate::NotTaken => self.patients.withdraw(message_id).await,
            Fate::Unknown => Ok(()),
        }
    }

    /// Looks at an answer of one of the communities that are `known`.
    pub(super) async fn judge(
        &self,
        known: &Known,
        now: DateTime<Utc>,
        came: &AnsweredLater<'_>,
    ) -> Result<Judged, NoPatients> {
        let Some((home, question)) = self.awaited(known, now, came).await? else {
            return Ok(Judged::not_awaited());
        };
        let Some(community) = known.communities.get(&home) else {
            return Ok(Judged::not_awaited());
        };
        let person = self.patients.person(&question.patient).await?.unwrap_or_default();
        let shared = &self.asker.shared;
        let whom = Whom::of(&question.patient, person, shared, community.discovery_by);
        let whom = whom.ok().filter(|whom| whom.digest(community) == question.asked_by);
        let Some(whom) = whom else {
            let leaves = Some((question.message_id, Settled::Void));
            return Ok(Judged { ending: Ending::NotAwaited, leaves });
        };
        let verdict = judge(shared, &whom, &home, &came.answer.outcome)
            .map(|found| (found.patient.id.clone(), found.degree));
        let rule = verdict.as_ref().err().map(|unfound| unfound.rule);
        let keeps = (came.keeps, self.asker.keeps);
        let settled = settled(now, verdict, question.asked_by, keeps);
        let leaves = Some((question.message_id, settled));
        Ok(Judged { ending: Ending::Taken(home, rule), leaves })
    }

    /// Keeps what it leaves; `false` if its question is awaited no more.
    pub(super) async fn take(&self, judged: &Judged) -> Result<bool, NoPatients> {
        match &judged.leaves {
            Some((message_id, settled)) => self.patients.settle(message_id, settled.clone()).await,
            None => Ok(false),
        }
    }

    /// The question that it answers, and to whom that went. Its names are random: only who got it knows them.
    async fn awaited(
        &self,
        known: &Known,
        now: DateTime<Utc>,
        came: &AnsweredLater<'_>,
    ) -> Result<Option<(HomeCommunityId, Question)>, NoPatients> {
        let Some(id) = came.relates_to else { return Ok(None) };
        let found = self.patients.question_of(id).await?;
        Ok(found.filter(|(home, question)| {
            let peer = known.communities.get(home).and_then(|c| c.peer.as_deref());
            let Answer { target, query_id, .. } = came.answer;
            question.heard.is_none()
                && question.until > now
                && peer == Some(came.from)
                && target.root().eq_ignore_ascii_case(&question.message)
                && query_id.root().eq_ignore_ascii_case(&question.query)
        }))
    }
}

/// What an answer leaves behind.
fn settled(
    now: DateTime<Utc>,
    verdict: Result<(PatientId, Option<u8>), Unfound>,
    asked_by: [u8; 32],
    (theirs, ours): (Option<TimeToLive>, Option<TimeToLive>),
) -> Settled {
    let (counterpart, degree) = match verdict {
        Ok((theirs, degree)) => (Counterpart::Patient(theirs), degree),
        Err(unfound) if is_nobody(unfound.rule) => (Counterpart::Nobody, None),
        Err(Unfound { rule, detail }) => {
            let said = Said { row: rule.id.to_owned(), detail };
            return Settled::Told(said, now + AT_HAND);
        }
    };
    let kept = until(now, theirs, ours, &counterpart);
    let until = kept.unwrap_or(now + AT_HAND).max(now + AT_HAND);
    Settled::Known(Correlation { counterpart, asked_by, degree, since: now, until })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-12-01T00:00:00Z".parse().unwrap()
    }

    fn days(n: u32) -> Option<TimeToLive> {
        Some(TimeToLive::days(n))
    }

    #[test]
    fn an_answer_serves_at_least_whoever_asks_again() {
        let theirs = PatientId::parse("there^^^&1.2.3&ISO").unwrap();
        let until = |keeps| match settled(now(), Ok((theirs.clone(), Some(98))), [7; 32], keeps) {
            Settled::Known(Correlation { until, degree: Some(98), .. }) => until - now(),
            other => panic!("{other:?}"),
        };
        assert_eq!(until((days(7), days(30))), TimeDelta::days(7));
        assert_eq!(until((days(60), days(30))), TimeDelta::days(30));
        assert_eq!(until((None, days(30))), AT_HAND);
        assert_eq!(until((days(0), days(30))), AT_HAND);
    }

    #[test]
    fn what_names_nobody_is_told_for_a_day() {
        let keeps = (days(7), days(30));
        let nobody = settled(now(), Err(Unfound::from(&rules::NOBODY)), [7; 32], keeps);
        let Settled::Known(nobody) = nobody else { panic!("{nobody:?}") };
        assert_eq!(nobody.counterpart, Counterpart::Nobody);
        assert_eq!(nobody.until, now() + TimeDelta::hours(24));
        let detail = Attribute::Address.code().to_owned();
        let asked = Unfound { rule: &rules::MORE_ASKED, detail };
        let told = settled(now(), Err(asked.clone()), [7; 32], keeps);
        let Settled::Told(said, until) = told else { panic!("{told:?}") };
        assert_eq!(until, now() + AT_HAND);
        assert_eq!(attributes(&said), [Attribute::Address]);
        assert_eq!(unfound(said), asked);
        let said = Said { row: rules::SEVERAL.id.to_owned(), detail: String::new() };
        assert!(attributes(&said).is_empty());
        assert_eq!(unfound(said).rule.id, "discovery-several");
        let strange = Said { row: "of-tomorrow".to_owned(), detail: String::new() };
        assert_eq!(unfound(strange).rule.id, "discovery-failed");
    }
}
