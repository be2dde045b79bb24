//! The patients of the Initiating Gateway are the persons of this process.

use super::persons::Persons;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use renkei_gateway::initiating::{
    Correlation, Counterpart, NoPatients, Patients, Question, Said, Settled,
};
use renkei_identity::IdentityError;
use renkei_identity::correlation::Correlation as Kept;
use renkei_identity::question::{Question as Asked, Settled as Left};
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use renkei_person::Person;

/// Who the persons are, here and elsewhere.
pub(super) struct Elsewhere(Persons);

impl Elsewhere {
    pub(super) fn new(persons: &Persons) -> Self {
        Self(persons.clone())
    }
}

fn kept(correlation: Correlation) -> Kept {
    let Correlation { counterpart, asked_by, degree, since, until } = correlation;
    let theirs = match counterpart {
        Counterpart::Patient(theirs) => Some(theirs),
        Counterpart::Nobody => None,
    };
    Kept { theirs, asked_by, degree, since, until }
}

fn question(asked: Asked) -> Question {
    let Asked { patient, message_id, message, query, asked_by, with_more, heard, until } = asked;
    let heard = heard.map(|(row, detail)| Said { row, detail });
    Question { patient, message_id, message, query, asked_by, with_more, heard, until }
}

fn asked(question: Question) -> Asked {
    let Question { patient, message_id, message, query, asked_by, with_more, heard, until } =
        question;
    let heard = heard.map(|Said { row, detail }| (row, detail));
    Asked { patient, message_id, message, query, asked_by, with_more, heard, until }
}

fn left(settled: Settled) -> Left {
    match settled {
        Settled::Known(correlation) => Left::Known(kept(correlation)),
        Settled::Told(Said { row, detail }, until) => Left::Told((row, detail), until),
        Settled::Void => Left::Void,
    }
}

fn failed(error: IdentityError) -> NoPatients {
    NoPatients(error.to_string())
}

impl Patients for Elsewhere {
    fn person<'a>(
        &'a self,
        patient: &'a PatientId,
    ) -> BoxFuture<'a, Result<Option<Person>, NoPatients>> {
        Box::pin(async move {
            // What the feed was told is known here, too.
            let told = self.0.settle().await;
            told.map_err(|error| NoPatients(format!("{error:#}")))?;
            let found = self.0.identity().person(patient).await.map_err(failed)?;
            Ok(found.map(|found| found.person))
        })
    }

    fn correlation<'a>(
        &'a self,
        patient: &'a PatientId,
        home: &'a HomeCommunityId,
    ) -> BoxFuture<'a, Result<Option<Correlation>, NoPatients>> {
        Box::pin(async move {
            let kept = self.0.identity().correlation(patient, home).await.map_err(failed)?;
            Ok(kept.map(|Kept { theirs, asked_by, degree, since, until }| {
                let counterpart = theirs.map_or(Counterpart::Nobody, Counterpart::Patient);
                Correlation { counterpart, asked_by, degree, since, until }
            }))
        })
    }

    fn keep<'a>(
        &'a self,
        patient: &'a PatientId,
        home: &'a HomeCommunityId,
        correlation: Correlation,
    ) -> BoxFuture<'a, Result<(), NoPatients>> {
        Box::pin(async move {
            let (kept, now) = (kept(correlation), Utc::now());
            self.0.identity().correlate(patient, home, kept, now).await.map_err(failed)
        })
    }

    fn forget<'a>(
        &'a self,
        patient: &'a PatientId,
        home: &'a HomeCommunityId,
    ) -> BoxFuture<'a, Result<(), NoPatients>> {
        Box::pin(async move {
            self.0
                .identity()
                .forget_correlations(home, Some(patient))
                .await
                .map(drop)
                .map_err(failed)
        })
    }

    fn question<'a>(
        &'a self,
        patient: &'a PatientId,
        home: &'a HomeCommunityId,
    ) -> BoxFuture<'a, Result<Option<Question>, NoPatients>> {
        Box::pin(async move {
            let found = self.0.identity().question(patient, home).await.map_err(failed)?;
            Ok(found.map(question))
        })
    }

    fn question_of<'a>(
        &'a self,
        message_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<(HomeCommunityId, Question)>, NoPatients>> {
        Box::pin(async move {
            let found = self.0.identity().question_of(message_id).await.map_err(failed)?;
            Ok(found.map(|(home, asked)| (home, question(asked))))
        })
    }

    fn ask<'a>(
        &'a self,
        home: &'a HomeCommunityId,
        question: Question,
    ) -> BoxFuture<'a, Result<bool, NoPatients>> {
        let (asked, now) = (asked(question), Utc::now());
        Box::pin(async move { self.0.identity().ask(home, asked, now).await.map_err(failed) })
    }

    fn await_answer<'a>(
        &'a self,
        message_id: &'a str,
        until: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<(), NoPatients>> {
        let identity = self.0.identity();
        Box::pin(async move { identity.await_answer(message_id, until).await.map_err(failed) })
    }

    fn withdraw<'a>(&'a self, message_id: &'a str) -> BoxFuture<'a, Result<(), NoPatients>> {
        let identity = self.0.identity();
        Box::pin(async move { identity.withdraw_question(message_id).await.map_err(failed) })
    }

    fn settle<'a>(
        &'a self,
        message_id: &'a str,
        settled: Settled,
    ) -> BoxFuture<'a, Result<bool, NoPatients>> {
        let (left, now) = (left(settled), Utc::now());
        Box::pin(async move {
            let identity = self.0.identity();
            identity.settle_question(message_id, left, now).await.map_err(failed)
        })
    }
}
