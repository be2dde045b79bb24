//! A network that is slow: a relay in front of a listener.

use anyhow::{Result, ensure};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Relays connections to a port of this machine until it is dropped; what the listener behind it says passes at
/// full speed until it is told to be [`slow`](Relay::slow).
pub struct Relay {
    port: u16,
    over: Arc<AtomicBool>,
    pace: Arc<Pace>,
}

/// How what the listener says passes.
struct Pace {
    /// A byte a second.
    slow: AtomicBool,
    /// So many octets more before it holds.
    left: AtomicU64,
    /// Whether it holds.
    holds: AtomicBool,
}

impl Pace {
    /// Waits while it holds; how much of `octets` passes now.
    fn room(&self, octets: usize) -> usize {
        let wanted = u64::try_from(octets).unwrap_or(u64::MAX);
        let passes = |left: u64| left.checked_sub(wanted);
        while self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, passes).is_err() {
            self.holds.store(true, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(5));
        }
        if !self.slow.load(Ordering::SeqCst) {
            return octets;
        }
        thread::sleep(Duration::from_secs(1));
        1
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // The listening thread hears of it with its next connection.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

impl Relay {
    /// A relay to `port`.
    ///
    /// # Errors
    /// When no port can be listened on.
    pub fn to(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let relay = Self {
            port: listener.local_addr()?.port(),
            over: Arc::default(),
            pace: Arc::new(Pace {
                slow: AtomicBool::new(false),
                left: AtomicU64::new(u64::MAX),
                holds: AtomicBool::new(false),
            }),
        };
        let (over, pace) = (Arc::clone(&relay.over), Arc::clone(&relay.pace));
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                drop(both_ways(near, far, Arc::clone(&pace)));
            }
        });
        Ok(relay)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on a byte a second passes on each connection, of what the listener behind it says.
    pub fn slow(&self) {
        self.pace.slow.store(true, Ordering::SeqCst);
    }

    /// Lets so many octets pass, of what the listener behind it says on all connections, and then none.
    pub fn hold_after(&self, octets: u64) {
        self.pace.left.store(octets, Ordering::SeqCst);
    }

    /// Waits until it holds.
    ///
    /// # Errors
    /// When it does not, for a minute.
    pub fn holds(&self) -> Result<()> {
        let until = Instant::now() + Duration::from_secs(60);
        while !self.pace.holds.load(Ordering::SeqCst) {
            ensure!(Instant::now() < until, "less than that came");
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Lets all pass again.
    pub fn go_on(&self) {
        self.hold_after(u64::MAX);
    }
}

fn both_ways(near: TcpStream, far: TcpStream, pace: Arc<Pace>) -> Result<()> {
    let (from, to) = (near.try_clone()?, far.try_clone()?);
    thread::spawn(move || pass(from, to, |octets| octets));
    thread::spawn(move || pass(far, near, |octets| pace.room(octets)));
    Ok(())
}

/// Passes what comes on until either end closes, as much at once as there is room for.
fn pass(mut from: TcpStream, mut to: TcpStream, room: impl Fn(usize) -> usize) -> Result<()> {
    let mut chunk = [0; 16 * 1024];
    loop {
        let Ok(n @ 1..) = from.read(&mut chunk) else {
            return Ok(to.shutdown(Shutdown::Write)?);
        };
        let mut left = chunk.get(..n).unwrap_or_default();
        while !left.is_empty() {
            let (now, later) = left.split_at(room(left.len()));
            to.write_all(now)?;
            left = later;
        }
    }
}
