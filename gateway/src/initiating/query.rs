//! ITI-18 in, ITI-38 out.

use super::answer::{self, Answer};
use super::discovery::{Unfound, renamed};
use super::link::Way;
use super::merge::{self, Passed};
use super::object::Object;
use super::said::{self, Said};
use super::sight::Sight;
use super::targets::Targets;
use super::{Gateway, OwnAnswer, rules};
use crate::community::Community;
use crate::logged::logged;
use futures_util::future;
use renkei_context::Ctx;
use renkei_metadata::finding::{Finding, Reporter, Rule};
use renkei_metadata::ids::PatientId;
use renkei_soap::xml::{Element, Reader};
use renkei_xds::iti18::AdhocQuery;
use renkei_xds::response::{RegistryError, Status, errors_of};
use renkei_xds::transaction::ITI_38;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout_at;

/// How much longer than a community what is kept here may take: who keeps its deadline knows better what became of it.
const KEPT: Duration = Duration::from_secs(1);

/// One answer made of all.
#[derive(Debug)]
pub struct Answered {
    /// How it ended.
    pub status: Status,
    /// Errors and warnings.
    pub errors: Vec<RegistryError>,
    /// The content of rim:RegistryObjectList, with the prefix `rim`.
    pub objects: String,
    /// The patients that the query names.
    pub patients: Vec<PatientId>,
    /// What became of each community.
    pub said: Vec<Said>,
}

/// What one community adds.
struct Share {
    objects: String,
    errors: Vec<RegistryError>,
    said: Said,
}

impl Gateway {
    /// Asks all that a query is for, side by side, each as long as it may take.
    pub async fn query(&self, ctx: &Ctx, query: &AdhocQuery) -> Answered {
        let known = self.known_to(ctx);
        let targets = Targets::of(query, &known, self.own());
        let deadline = ctx.deadline.min(Instant::now() + self.inner.config.query_time);
        let own = async {
            match targets.own {
                true => Some(self.ask_own(ctx, &targets.query, deadline).await),
                false => None,
            }
        };
        let sight = Sight::of(ctx);
        let asked = sight.asks(&targets.query);
        let others = targets.others.iter().map(|community| async {
            let passed = self.ask(ctx, community, &asked, &targets.patients, deadline).await;
            self.share_of(community, &targets.query, &sight, passed)
        });
        let (own, others) = future::join(own, future::join_all(others)).await;
        let mut errors = errors_of(&targets.findings, Reporter::Registry);
        let (mut objects, mut said) = (String::new(), Vec::new());
        for share in own.into_iter().chain(others) {
            errors.extend(share.errors);
            objects.push_str(&share.objects);
            said.push(share.said);
        }
        said::complete(&mut said, self.own(), &known);
        let status = merge::status(&errors, !objects.is_empty());
        Answered { status, errors, objects, patients: targets.patients, said }
    }

    /// What goes out of what passed.
    fn share_of(
        &self,
        community: &Community,
        query: &AdhocQuery,
        sight: &Sight,
        passed: Result<(Passed, Said), Unfound>,
    ) -> Share {
        let (mut passed, said) = match passed {
            Ok(passed) => passed,
            Err(unfound) => return failed(&unfound, community),
        };
        sight.keep(&mut passed.objects);
        let home = community.home.as_str();
        // What their documents have to be.
        for object in &passed.objects {
            self.inner.seen.note(home, &object.content);
        }
        let objects = Self::written(home, &passed.objects, sight.refers(query));
        Share { objects, errors: passed.errors, said }
    }

    async fn ask(
        &self,
        ctx: &Ctx,
        community: &Arc<Community>,
        query: &AdhocQuery,
        patients: &[PatientId],
        deadline: Instant,
    ) -> Result<(Passed, Said), Unfound> {
        let home = community.home.as_str();
        let observer = &self.inner.config.observer;
        // What they are known as is asked within the deadline; what is kept here has to be found within it, too.
        let known_as = self.known_as(ctx, community, patients, deadline);
        let theirs = match timeout_at((deadline + KEPT).into(), known_as).await {
            Ok(Ok(theirs)) => theirs,
            Ok(Err(unfound)) => return Err(unfound),
            Err(_) => return Err(Unfound::from(&rules::UNREADY)),
        };
        let sent = match &community.discovery {
            Some(_) => renamed(query, &theirs).map(Cow::Owned),
            None => Some(Cow::Borrowed(query)),
        };
        let Some(query) = sent else { return Err(Unfound::from(&rules::UNREADY)) };
        let answer = match self.answer_of(community, &query, deadline).await {
            Ok(answer) => answer,
            Err(rule) => {
                observer.asked(home, ITI_38.id, rule.id);
                return Err(rule.into());
            }
        };
        let passed = merge::pass(community, &theirs, ctx.now(), answer);
        if passed.knows_nobody && community.discovery.is_some() {
            self.unlearn(community, patients).await;
        }
        for (quirk, times) in merge::tally(&passed.forgiven) {
            observer.forgave(&community.home, quirk.name(), times, ctx.now()).await;
        }
        let word = match &passed {
            Passed { knows_nobody: true, .. } => said::NO_SUCH_PATIENT,
            Passed { errors, .. } if !errors.is_empty() => said::ANSWERED_WITH_ERRORS,
            Passed { .. } => said::ANSWERED,
        };
        observer.asked(home, ITI_38.id, word);
        Ok((passed, Said::of(community, word)))
    }

    pub(super) async fn answer_of(
        &self,
        community: &Arc<Community>,
        query: &AdhocQuery,
        deadline: Instant,
    ) -> Result<Answer, &'static Rule> {
        let link = self.link(community);
        let question = link.question(Way::Query, deadline).await?;
        let client = question.client.with(question.options(Some(deadline)));
        let most = self.inner.config.most_objects;
        let read = |r: &mut Reader<'_>, e: &Element| answer::read(r, e, most);
        let asked = client.query_as(&ITI_38, &community.query, query, read, |answer| {
            (answer.status, &answer.errors)
        });
        match asked.await {
            Ok(answer) => {
                drop(question.answered());
                Ok(answer)
            }
            Err(error) => {
                let why = logged(&error);
                tracing::warn!(community = %community.home, error = why, "no answer to ITI-38");
                Err(question.failed(&error))
            }
        }
    }

    async fn ask_own(&self, ctx: &Ctx, query: &AdhocQuery, deadline: Instant) -> Share {
        let own = self.own();
        let broken = |rule: &'static Rule| {
            let finding = Finding::new(rule, own.as_str()).location(own.as_str());
            let errors = errors_of(&[finding], Reporter::Registry);
            Share { objects: String::new(), errors, said: Said::own(own, rule.id) }
        };
        let Some(registry) = &self.inner.config.registry else {
            return broken(&rules::NOT_SET_UP);
        };
        let answer = timeout_at((deadline + KEPT).into(), registry.query(ctx, query)).await;
        let Ok(OwnAnswer { errors, objects, .. }) = answer else { return broken(&rules::SILENT) };
        match objects {
            Some(objects) if errors.is_empty() => {
                Share { objects, errors, said: Said::own(own, said::ANSWERED) }
            }
            Some(objects) => {
                Share { objects, errors, said: Said::own(own, said::ANSWERED_WITH_ERRORS) }
            }
            None => broken(&rules::UNREADABLE),
        }
    }

    /// The objects of a community as they go out; as references, if `refers`.
    fn written(home: &str, objects: &[Object], refers: bool) -> String {
        let mut out = String::new();
        for object in objects {
            if refers {
                object.refer(&mut out, home);
                continue;
            }
            let said = (object.needs_home || object.home.is_some()).then_some(home);
            object.write(&mut out, said);
        }
        out
    }
}

fn failed(unfound: &Unfound, community: &Community) -> Share {
    let finding = merge::told(unfound.rule, community).value(&unfound.detail);
    let errors = errors_of(&[finding], Reporter::Registry);
    Share { objects: String::new(), errors, said: Said::without(community, unfound.rule) }
}
