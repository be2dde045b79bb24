//! A web server that has one file or none, over plain HTTP, as CAs publish what they revoked.

use anyhow::Result;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// One that runs until the tests end.
pub struct Publisher {
    address: SocketAddr,
    file: Arc<Mutex<Option<Vec<u8>>>>,
}

impl Publisher {
    /// One without a file.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (address, file) = (listener.local_addr()?, Arc::<Mutex<Option<Vec<u8>>>>::default());
        let shared = Arc::clone(&file);
        thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                let file = shared.lock().unwrap_or_else(PoisonError::into_inner).clone();
                // Whoever does not stay for the answer asks again.
                drop(answer(caller, file));
            }
        });
        Ok(Self { address, file })
    }

    /// Where the file is.
    pub fn url(&self) -> String {
        format!("http://{}/list.crl", self.address)
    }

    /// Has this file from now on, or none.
    pub fn publish(&self, file: Option<Vec<u8>>) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = file;
    }
}

fn answer(mut caller: TcpStream, file: Option<Vec<u8>>) -> Result<()> {
    caller.set_read_timeout(Some(Duration::from_secs(5)))?;
    let (mut asked, mut some) = (Vec::new(), [0; 1024]);
    while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
        match caller.read(&mut some)? {
            0 => break,
            n => asked.extend_from_slice(some.get(..n).unwrap_or_default()),
        }
    }
    let status = if file.is_some() { "200 OK" } else { "404 Not Found" };
    let body = file.unwrap_or_default();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    caller.write_all(&[head.as_bytes(), &body].concat())?;
    Ok(())
}
