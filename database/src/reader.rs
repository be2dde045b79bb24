//! Reader threads.

use crate::connect::{Source, Use};
use crate::db::Db;
use crate::error::{DatabaseError, OpenError};
use crate::job::{Waiting, answer_channel, caught, send};
use crate::queue::Queue;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;

/// A job in the queue of the readers.
pub(crate) trait ReadJob: Send {
    /// Does the work on a connection, or passes on why there is none.
    fn run(self: Box<Self>, db: Result<&mut Db, DatabaseError>);
}

struct Read<T, E, F> {
    work: F,
    answer: oneshot::Sender<Result<T, E>>,
}

/// A job around `work`, and where its answer arrives.
pub(crate) fn job<T, E, F>(work: F) -> (Box<dyn ReadJob>, Waiting<T, E>)
where
    T: Send + 'static,
    E: From<DatabaseError> + Send + 'static,
    F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
{
    let (answer, waiting) = answer_channel();
    (Box::new(Read { work, answer }), waiting)
}

impl<T, E, F> ReadJob for Read<T, E, F>
where
    T: Send,
    E: From<DatabaseError> + Send,
    F: FnOnce(&mut Db) -> Result<T, E> + Send,
{
    fn run(self: Box<Self>, db: Result<&mut Db, DatabaseError>) {
        let Self { work, answer } = *self;
        // Nobody waits any more: a deadline passed or a client went away.
        if answer.is_closed() {
            return;
        }
        let result = match db {
            Ok(db) => caught(|| work(db)),
            Err(e) => Err(e.into()),
        };
        send(answer, result);
    }
}

/// Starts `count` readers, each with an open connection.
pub(crate) fn start(
    source: &Arc<Source>,
    queue: &Arc<Queue<Box<dyn ReadJob>>>,
    count: usize,
) -> Result<Vec<JoinHandle<()>>, OpenError> {
    (0..count)
        .map(|n| {
            let mut link = source.link(Use::Read)?;
            let queue = Arc::clone(queue);
            let thread = thread::Builder::new().name(format!("db-read-{n}"));
            Ok(thread.spawn(move || {
                while let Some(job) = queue.next() {
                    job.run(link.get());
                    link.tidy();
                }
            })?)
        })
        .collect()
}
