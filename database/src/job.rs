//! A write job: what it does, and how its caller hears of it.

use crate::db::Db;
use crate::error::DatabaseError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::oneshot;

/// What a job wants with the changes it made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Commit them.
    Keep,
    /// Undo them.
    Undo,
}

/// A job in the queue of the writers.
pub(crate) trait WriteJob: Send {
    /// Does the work and keeps the answer back. Never panics. May be called again after an undo.
    fn run(&mut self, db: &mut Db) -> Outcome;
    /// Whether what it removed must not stay in a log either.
    fn erases(&self) -> bool;
    /// Gives the answer out; an error of the commit replaces it.
    fn answer(self: Box<Self>, commit: Result<(), DatabaseError>);
}

/// The caller's end.
pub(crate) struct Waiting<T, E>(oneshot::Receiver<Result<T, E>>);

impl<T, E: From<DatabaseError>> Waiting<T, E> {
    pub(crate) async fn wait(self) -> Result<T, E> {
        match self.0.await {
            Ok(answer) => answer,
            // The thread that had the job is gone.
            Err(_) => Err(DatabaseError::Closed.into()),
        }
    }
}

/// A channel for one answer.
pub(crate) fn answer_channel<T, E>() -> (oneshot::Sender<Result<T, E>>, Waiting<T, E>) {
    let (sender, receiver) = oneshot::channel();
    (sender, Waiting(receiver))
}

/// Sends an answer; a caller that stopped waiting does not need it.
pub(crate) fn send<T>(sender: oneshot::Sender<T>, answer: T) {
    drop(sender.send(answer));
}

struct Work<T, E, F> {
    work: F,
    erases: bool,
    result: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

/// A job around `work`, and where its answer arrives.
pub(crate) fn work<T, E, F>(work: F, erases: bool) -> (Box<dyn WriteJob>, Waiting<T, E>)
where
    T: Send + 'static,
    E: From<DatabaseError> + Send + 'static,
    F: FnMut(&mut Db) -> Result<T, E> + Send + 'static,
{
    let (answer, waiting) = answer_channel();
    (Box::new(Work { work, erases, result: None, answer }), waiting)
}

/// Runs `work`; a panic becomes an error.
pub(crate) fn caught<T, E: From<DatabaseError>>(
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        tracing::error!("a database job panicked");
        Err(DatabaseError::Panicked.into())
    })
}

impl<T, E, F> WriteJob for Work<T, E, F>
where
    T: Send,
    E: From<DatabaseError> + Send,
    F: FnMut(&mut Db) -> Result<T, E> + Send,
{
    fn run(&mut self, db: &mut Db) -> Outcome {
        let result = caught(|| (self.work)(db));
        let outcome = if result.is_ok() { Outcome::Keep } else { Outcome::Undo };
        self.result = Some(result);
        outcome
    }

    fn erases(&self) -> bool {
        self.erases
    }

    fn answer(self: Box<Self>, commit: Result<(), DatabaseError>) {
        let answer = match (commit, self.result) {
            (Ok(()), Some(result)) => result,
            // The job's own error says more than that of the commit that it was not part of.
            (Err(_), Some(Err(own))) => Err(own),
            (Err(e), _) => Err(e.into()),
            (Ok(()), None) => Err(DatabaseError::Unavailable.into()),
        };
        send(self.answer, answer);
    }
}
