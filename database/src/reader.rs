//! Reading: on reader threads, or at once on the caller's.

use crate::db::Db;
use crate::error::{DatabaseError, OpenError};
use crate::job::{Waiting, answer_channel, caught, send};
use crate::pool::Pool;
use crate::queue::Queue;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A read on the caller's own thread that took longer than this was none for that place.
const SHORT: Duration = Duration::from_millis(50);
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

/// Runs `work` on this thread if a connection is free; else gives it back.
pub(crate) fn at_once<T, E, F>(pool: &Pool, work: F) -> Result<Result<T, E>, F>
where
    E: From<DatabaseError>,
    F: FnOnce(&mut Db) -> Result<T, E>,
{
    let Some(mut link) = pool.try_take() else { return Err(work) };
    let started = Instant::now();
    let result = match link.get() {
        Ok(db) => caught(|| work(db)),
        Err(e) => Err(e.into()),
    };
    pool.put(link);
    let took = started.elapsed();
    if took > SHORT {
        tracing::warn!(took_ms = took.as_millis(), "a short read was long");
    }
    Ok(result)
}

/// Starts `count` reader threads.
pub(crate) fn start(
    pool: &Arc<Pool>,
    queue: &Arc<Queue<Box<dyn ReadJob>>>,
    count: usize,
) -> Result<Vec<JoinHandle<()>>, OpenError> {
    (0..count)
        .map(|n| {
            let (pool, queue) = (Arc::clone(pool), Arc::clone(queue));
            let thread = thread::Builder::new().name(format!("db-read-{n}"));
            Ok(thread.spawn(move || {
                while let Some(job) = queue.next() {
                    // The pool closes after these threads ended.
                    let Some(mut link) = pool.take() else { return };
                    job.run(link.get());
                    pool.put(link);
                }
            })?)
        })
        .collect()
}
