//! Ports at which something is to listen soon.
//!
//! A port that the system picks may be picked again for a connection of somebody else before it is listened at. These lie
//! below the range from which it picks (Linux: 32768 and above), and a process hands out each once; where it begins is
//! another place for each process.

use anyhow::{Result, bail};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

const FIRST: u32 = 15_000;
const COUNT: u32 = 17_000;

static HANDED_OUT: AtomicU32 = AtomicU32::new(0);

/// A port at which nobody listens, and at which nobody else will who asks here.
///
/// # Errors
/// When none of a thousand is free.
pub fn free() -> Result<u16> {
    let begin = std::process::id().wrapping_mul(811);
    for _ in 0..1000 {
        let number = HANDED_OUT.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(FIRST + begin.wrapping_add(number) % COUNT)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port")
}
