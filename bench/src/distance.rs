//! A network between two programs of one machine: octets arrive a while after they were sent, in order, as many as
//! were sent.

use anyhow::Result;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Octets that are taken at once.
const PIECE: usize = 64 * 1024;

/// Puts a port `one_way` away: what is sent to the port that it returns arrives there that much later, and answers
/// take as long. Ends with the process.
///
/// # Errors
/// When no port is free.
pub(crate) fn away(port: u16, one_way: Duration) -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let here = listener.local_addr()?.port();
    thread::spawn(move || {
        // A connection that cannot be made is one that the caller sees end.
        for near in listener.incoming().flatten() {
            if let Ok(far) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
                drop(both(&near, &far, one_way));
            }
        }
    });
    Ok(here)
}

fn both(near: &TcpStream, far: &TcpStream, one_way: Duration) -> std::io::Result<()> {
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    carry(near.try_clone()?, far.try_clone()?, one_way);
    carry(far.try_clone()?, near.try_clone()?, one_way);
    Ok(())
}

/// One thread takes what comes, another one hands it on when it has been under way long enough.
fn carry(mut from: TcpStream, mut to: TcpStream, one_way: Duration) {
    let (sent, arriving) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut piece = vec![0; PIECE];
        while let Ok(length) = from.read(&mut piece) {
            let octets = piece.get(..length).unwrap_or_default().to_vec();
            if length == 0 || sent.send((Instant::now() + one_way, octets)).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        for (due, octets) in arriving {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&octets).is_err() {
                break;
            }
        }
        // Whoever is at the other end may have gone.
        drop(to.shutdown(Shutdown::Write));
    });
}
