//! Finding a patient of ours in another community before it is asked for documents (ITI-55, ITI TF-2: 3.55):
//! by what it told before, as long as that holds, else by asking.

mod ask;
mod later;
mod locate;
mod renamed;
mod renew;
#[cfg(test)]
mod tests;
mod verdict;
mod whom;

pub use ask::Asker;
pub use later::{AnsweredLater, Ending, Judged};
pub use locate::{Silent, Whereabouts, locate};
pub(super) use renamed::renamed;
pub(super) use renew::Renewing;
pub(super) use verdict::Unfound;

use super::link::Way;
use super::patients::{Correlation, Counterpart, NoPatients, Patients};
use super::{Gateway, rules};
use crate::community::{By, Community, When};
use crate::logged::logged;
use ask::Heard;
use chrono::{DateTime, TimeDelta, Utc};
use renkei_client::{CallOptions, ClientError, SoapClient};
use renkei_context::Ctx;
use renkei_hl7v3::iti55::{Attribute, Outcome, TimeToLive};
use renkei_metadata::finding::Rule;
use renkei_metadata::ids::PatientId;
use renkei_person::{Birth, Name, Person, Sex, SharedAuthorities, Writing};
use renkei_xds::transaction::ITI_55;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;
use verdict::judge;
use whom::Whom;

/// How long it is remembered that a community knows nobody: whoever goes there today is known tomorrow.
const NOBODY_KEPT: TimeDelta = TimeDelta::hours(24);

/// What discovery needs.
pub struct Discovery {
    /// Our patients.
    pub patients: Arc<dyn Patients>,
    /// Who asks.
    pub asker: Asker,
    /// The time in which a community has to answer, within that of the whole query.
    pub time: Duration,
    /// Where communities send answers that come later; `None`: nowhere.
    pub answers: Option<Url>,
}

impl Gateway {
    /// The identifiers by which `community` knows `patients`: our own where it has no discovery.
    pub(super) async fn known_as(
        &self,
        ctx: &Ctx,
        community: &Arc<Community>,
        patients: &[PatientId],
        deadline: Instant,
    ) -> Result<Vec<PatientId>, Unfound> {
        let Some(url) = &community.discovery else { return Ok(patients.to_vec()) };
        let discovery = self.inner.config.discovery.as_ref();
        let discovery = discovery.ok_or(Unfound::from(&rules::NOT_SET_UP))?;
        let mut found = Vec::new();
        for patient in patients {
            let chain = Chain { gateway: self, ctx, discovery, community, url, deadline };
            found.push(chain.find(patient).await?);
        }
        Ok(found)
    }

    /// A community does not know these any more: what it told of them is void.
    pub(super) async fn unlearn(&self, community: &Community, patients: &[PatientId]) {
        let Some(discovery) = &self.inner.config.discovery else { return };
        for patient in patients {
            let forgotten = discovery.patients.forget(patient, &community.home).await;
            if let Err(error) = forgotten {
                tracing::error!(community = %community.home, %error, "a correlation was not dropped");
            }
        }
    }
}

/// The way to one patient of one community.
struct Chain<'a> {
    gateway: &'a Gateway,
    ctx: &'a Ctx,
    discovery: &'a Discovery,
    community: &'a Arc<Community>,
    url: &'a Url,
    deadline: Instant,
}

impl Chain<'_> {
    async fn find(&self, patient: &PatientId) -> Result<PatientId, Unfound> {
        let (patients, home) = (&self.discovery.patients, &self.community.home);
        let not_looked_for = |rule: &'static Rule| {
            self.count(rule.id);
            Unfound::from(rule)
        };
        let unready = |error: NoPatients| {
            tracing::error!(community = %home, %error, "a patient cannot be looked for");
            not_looked_for(&rules::UNREADY)
        };
        let person = patients.person(patient).await.map_err(unready)?;
        let (shared, by) = (&self.discovery.asker.shared, self.community.discovery_by);
        let whom = Whom::of(patient, person.unwrap_or_default(), shared, by);
        let whom = whom.map_err(not_looked_for)?;
        let (now, asked_by) = (self.ctx.now(), whom.digest(self.community));
        let kept = patients.correlation(patient, home).await.map_err(unready)?;
        let kept = kept.filter(|kept| kept.until > now && kept.asked_by == asked_by);
        let Some(kept) = kept else {
            return match self.community.discovery_answers {
                When::Now => self.look(&whom, asked_by).await,
                When::Later => Err(self.look_later(&whom, asked_by).await),
            };
        };
        if kept.is_ending(now) {
            self.renew(whom, asked_by);
        }
        match kept.counterpart {
            Counterpart::Patient(theirs) => Ok(theirs),
            Counterpart::Nobody => Err(Unfound::from(&rules::NOBODY)),
        }
    }

    /// Asks, and keeps what is answered for as long as both sides allow.
    async fn look(&self, whom: &Whom, asked_by: [u8; 32]) -> Result<PatientId, Unfound> {
        let deadline = self.deadline.min(Instant::now() + self.discovery.time);
        let mut heard = self.ask(whom, &[], deadline).await?;
        if let Some(more) = heard.wants_of(whom) {
            heard = self.ask(whom, &more, deadline).await?;
        }
        let home = &self.community.home;
        let verdict = judge(&self.discovery.asker.shared, whom, home, &heard.outcome)
            .map(|found| (found.patient.id.clone(), found.degree));
        self.count(verdict.as_ref().map_or_else(|unfound| unfound.rule.id, |_| "found"));
        let now = self.ctx.now();
        let (counterpart, degree) = match &verdict {
            Ok((theirs, degree)) => (Counterpart::Patient(theirs.clone()), *degree),
            Err(Unfound { rule, .. }) if is_nobody(rule) => (Counterpart::Nobody, None),
            Err(_) => return verdict.map(|(theirs, _)| theirs),
        };
        let until = until(now, heard.keeps, self.discovery.asker.keeps, &counterpart);
        if let Some(until) = until {
            let correlation = Correlation { counterpart, asked_by, degree, since: now, until };
            let kept = self.discovery.patients.keep(&whom.patient, home, correlation).await;
            if let Err(error) = kept {
                tracing::error!(community = %home, %error, "a correlation was not kept");
            }
        }
        verdict.map(|(theirs, _)| theirs)
    }

    async fn ask(
        &self,
        whom: &Whom,
        more: &[Attribute],
        deadline: Instant,
    ) -> Result<Heard, Unfound> {
        let not_asked = |rule: &'static Rule| {
            self.count(rule.id);
            Unfound::from(rule)
        };
        let link = self.gateway.link(self.community);
        let question = link.question(Way::Discovery, deadline).await.map_err(not_asked)?;
        let there = (&self.community.home, self.url);
        let asker = &self.discovery.asker;
        let call = question.options(Some(deadline));
        match asker.ask(&question.client, there, (whom, more), call).await {
            Ok(heard) => {
                drop(question.answered());
                Ok(heard)
            }
            Err(error) => {
                let (home, why) = (&self.community.home, logged(&error));
                tracing::warn!(community = %home, error = why, "no answer to ITI-55");
                Err(not_asked(question.failed(&error)))
            }
        }
    }

    fn count(&self, word: &'static str) {
        let observer = &self.gateway.inner.config.observer;
        observer.asked(self.community.home.as_str(), ITI_55.id, word);
    }
}

/// The digest of all that can be told of a patient to find them in `community`, as it is entered: what it told
/// holds of the patient as long as it was asked by this. `None` when too little is known to ask.
pub fn digest(
    patient: &PatientId,
    person: &Person,
    shared: &SharedAuthorities,
    community: &Community,
) -> Option<[u8; 32]> {
    let whom = Whom::of(patient, person.clone(), shared, community.discovery_by).ok()?;
    Some(whom.digest(community))
}

fn is_nobody(rule: &'static Rule) -> bool {
    std::ptr::eq(rule, &rules::NOBODY)
}

/// How long an answer is kept: not at all unless both sides say how long it may be.
fn until(
    now: DateTime<Utc>,
    theirs: Option<TimeToLive>,
    ours: Option<TimeToLive>,
    counterpart: &Counterpart,
) -> Option<DateTime<Utc>> {
    let until = theirs?.until(now).min(ours?.until(now));
    let until = match counterpart {
        Counterpart::Patient(_) => until,
        Counterpart::Nobody => until.min(now + NOBODY_KEPT),
    };
    (until > now).then_some(until)
}

/// Looks for somebody who is nobody, to see whether a community answers at all; the code of the error that it
/// answers with.
///
/// # Errors
/// When it does not answer.
pub async fn discovery_trial(
    client: &SoapClient,
    asker: &Asker,
    community: &Community,
    url: &Url,
    nobody: &PatientId,
) -> Result<Option<&'static str>, ClientError> {
    let person = Person {
        names: vec![Name::new(Writing::Syllabic, "ソンザイシナイ", "カンジャ")],
        birth: Birth::parse("19000101"),
        sex: Some(Sex::Other),
        ..Person::default()
    };
    // An identifier of nobody would have to be one that is given to nobody ever.
    let Ok(whom) = Whom::of(nobody, person, &SharedAuthorities::default(), By::Demographics) else {
        return Ok(None);
    };
    let there = (&community.home, url);
    Ok(match asker.ask(client, there, (&whom, &[]), CallOptions::default()).await?.outcome {
        Outcome::Error(reason) => Some(reason.map_or("AE", |reason| reason.code())),
        Outcome::Found(_) => Some("Found"),
        Outcome::Requested(_) | Outcome::NotFound => None,
    })
}
