//! A network that is slow: a relay in front of a listener.

use anyhow::Result;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Relays connections to a port of this machine until it is dropped; what the listener behind it says passes at
/// full speed until it is told to be [`slow`](Relay::slow).
pub struct Relay {
    port: u16,
    over: Arc<AtomicBool>,
    slow: Arc<AtomicBool>,
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
            slow: Arc::default(),
        };
        let (over, slow) = (Arc::clone(&relay.over), Arc::clone(&relay.slow));
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                drop(both_ways(near, far, Arc::clone(&slow)));
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
        self.slow.store(true, Ordering::SeqCst);
    }
}

fn both_ways(near: TcpStream, far: TcpStream, slow: Arc<AtomicBool>) -> Result<()> {
    let (from, to) = (near.try_clone()?, far.try_clone()?);
    thread::spawn(move || pass(from, to, || false));
    thread::spawn(move || pass(far, near, || slow.load(Ordering::SeqCst)));
    Ok(())
}

/// Passes what comes on until either end closes: at once, or a byte a second.
fn pass(mut from: TcpStream, mut to: TcpStream, is_slow: impl Fn() -> bool) -> Result<()> {
    let mut chunk = [0; 16 * 1024];
    loop {
        let n = from.read(&mut chunk)?;
        if n == 0 {
            return Ok(to.shutdown(Shutdown::Write)?);
        }
        let mut left = chunk.get(..n).unwrap_or_default();
        while !left.is_empty() {
            let room = if is_slow() { 1 } else { left.len() };
            if room == 1 {
                thread::sleep(Duration::from_secs(1));
            }
            let (now, later) = left.split_at(room);
            to.write_all(now)?;
            left = later;
        }
    }
}
