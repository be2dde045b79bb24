//! A closed loop: each connection sends its next request when it has the answer to the last.

use anyhow::{Context, Result, bail};
use openssl::ssl::SslConnector;
use renkei_tests::message::Message;
use renkei_tests::wire::Wire;
use std::sync::Barrier;
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

/// Characters of a wrong answer that are shown.
const SHOWN: usize = 2_000;

/// What a connection does next.
pub(crate) enum Request {
    /// POST of a message.
    Post(&'static str, Message),
    /// GET of a path.
    Get(String),
}

/// What all connections do.
#[derive(Clone, Copy)]
pub(crate) struct Load<'a> {
    /// TLS settings.
    pub(crate) connector: &'a SslConnector,
    /// How many there are.
    pub(crate) connections: usize,
    /// How long they go on.
    pub(crate) each: Duration,
    /// The next request of any of them.
    pub(crate) next: &'a (dyn Fn() -> Request + Sync),
    /// Whether a body is the right answer. Called for each, so it has to be quick.
    pub(crate) right: &'a (dyn Fn(&[u8]) -> bool + Sync),
}

/// What one run gave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stats {
    /// Requests, all connections together.
    pub(crate) count: usize,
    /// Requests per second of wall time.
    pub(crate) rate: f64,
    /// Latency, 50th percentile.
    pub(crate) p50: Duration,
    /// Latency, 99th percentile.
    pub(crate) p99: Duration,
    /// Bytes of one answer's body.
    pub(crate) bytes: usize,
}

impl Load<'_> {
    /// Runs against a port; any wrong answer fails the run.
    pub(crate) fn run(&self, port: u16) -> Result<Stats> {
        let barrier = Barrier::new(self.connections);
        let results: Vec<Result<One>> = std::thread::scope(|scope| {
            let one = || {
                let wire = Wire::connect(self.connector, port);
                barrier.wait();
                self.one_loop(wire?)
            };
            let threads: Vec<_> = (0..self.connections).map(|_| scope.spawn(one)).collect();
            let join = |t: ScopedJoinHandle<'_, Result<One>>| {
                t.join().unwrap_or_else(|_| bail!("a connection's thread ended badly"))
            };
            threads.into_iter().map(join).collect()
        });
        let mut latencies = Vec::new();
        let (mut bytes, mut seconds) = (0, 0.0f64);
        for result in results {
            let one = result?;
            latencies.extend(one.latencies);
            bytes = one.bytes;
            seconds = seconds.max(one.seconds);
        }
        latencies.sort_unstable();
        let count = latencies.len();
        let at = |percent: usize| latencies.get(count * percent / 100).copied();
        let (p50, p99) = at(50).zip(at(99)).context("no answers")?;
        Ok(Stats { count, rate: count as f64 / seconds, p50, p99, bytes })
    }

    fn one_loop(&self, mut wire: Wire) -> Result<One> {
        let started = Instant::now();
        let mut latencies = Vec::new();
        let mut bytes = 0;
        while started.elapsed() < self.each {
            let request = (self.next)();
            let sent = Instant::now();
            let answer = match &request {
                Request::Post(path, m) => wire.post(path, &m.content_type, &m.body)?,
                Request::Get(path) => wire.get(path)?,
            };
            latencies.push(sent.elapsed());
            if answer.status != 200 || !(self.right)(&answer.body) {
                let text: String = answer.text().chars().take(SHOWN).collect();
                bail!("not the right answer: {} {text}", answer.status);
            }
            bytes = answer.body.len();
        }
        Ok(One { latencies, bytes, seconds: started.elapsed().as_secs_f64() })
    }
}

/// What one connection saw.
struct One {
    latencies: Vec<Duration>,
    bytes: usize,
    seconds: f64,
}
