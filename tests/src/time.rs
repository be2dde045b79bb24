//! Time servers: a real one, where it is installed, and one that says whatever a test wants.

use anyhow::{Context, Result, bail};
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// Seconds from 1900 to 1970.
const TO_1970: u64 = 2_208_988_800;

/// chrony on loopback, which serves the time of this machine and sets no clock.
pub struct Chrony {
    child: Child,
    port: u16,
    _place: TempDir,
}

impl Chrony {
    /// Starts one that calls itself of this stratum; `None` where it is not installed.
    pub fn start(stratum: u8) -> Result<Option<Self>> {
        let found = ["/usr/sbin/chronyd", "/usr/bin/chronyd"].into_iter();
        let Some(program) = found.into_iter().find(|p| std::path::Path::new(p).is_file()) else {
            eprintln!("note: no chronyd here, left out");
            return Ok(None);
        };
        let place = tempfile::tempdir()?;
        let port = UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port();
        let file = place.path().join("chrony.conf");
        let pid = place.path().join("pid");
        let text = format!(
            "port {port}\nbindaddress 127.0.0.1\nallow 127.0.0.1\nlocal stratum {stratum}\n\
             cmdport 0\nbindcmdaddress /\npidfile {}\n",
            pid.display()
        );
        std::fs::write(&file, text)?;
        let user = String::from_utf8(Command::new("id").arg("-un").output()?.stdout)?;
        let child = Command::new(program)
            .args(["-d", "-x", "-U", "-u", user.trim(), "-f"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("could not start chronyd")?;
        let chrony = Self { child, port, _place: place };
        chrony.wait()?;
        Ok(Some(chrony))
    }

    /// As `time.servers` names it.
    pub fn name(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Until it answers.
    fn wait(&self) -> Result<()> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(200)))?;
        let mut question = [0; 48];
        question[0] = 0x23;
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until {
            socket.send_to(&question, self.name())?;
            if socket.recv(&mut [0; 100]).is_ok() {
                return Ok(());
            }
        }
        bail!("chronyd does not answer")
    }
}

impl Drop for Chrony {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a server of a test says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// The time of this machine and so many seconds.
    Off(i64),
    /// That of five minutes ahead for a question that was not asked, then the right one.
    ForgedFirst,
    /// Only the forged answer.
    Forged,
    /// A kiss of death with this code.
    Kiss(&'static [u8; 4]),
    /// That its own clock is not synchronised.
    Unsynchronised,
}

/// A time server in this process.
pub struct Server {
    port: u16,
    says: Arc<Mutex<Says>>,
    asked: Arc<Mutex<Vec<Instant>>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts one.
    pub fn start(says: Says) -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(100)))?;
        let port = socket.local_addr()?.port();
        let says = Arc::new(Mutex::new(says));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let ends = Arc::new(AtomicBool::new(false));
        let serving = (Arc::clone(&says), Arc::clone(&asked), Arc::clone(&ends));
        let thread = std::thread::spawn(move || {
            let (says, asked, ends) = serving;
            while !ends.load(Ordering::Relaxed) {
                let mut question = [0; 48];
                let Ok((48, from)) = socket.recv_from(&mut question) else { continue };
                asked.lock().expect("nobody panics").push(Instant::now());
                let says = *says.lock().expect("nobody panics");
                for answer in answers(says, &question) {
                    socket.send_to(&answer, from).expect("loopback takes it");
                }
            }
        });
        Ok(Self { port, says, asked, ends, thread: Some(thread) })
    }

    /// As `time.servers` names it.
    pub fn name(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Says something else from now on.
    pub fn say(&self, says: Says) {
        *self.says.lock().expect("nobody panics") = says;
    }

    /// When it was asked.
    pub fn asked(&self) -> Vec<Instant> {
        self.asked.lock().expect("nobody panics").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        drop(self.thread.take().map(JoinHandle::join));
    }
}

fn answers(says: Says, question: &[u8; 48]) -> Vec<[u8; 48]> {
    let honest = |off| answer(question, off);
    let forged = || {
        let mut octets = honest(300);
        octets[24] ^= 1;
        octets
    };
    match says {
        Says::Off(seconds) => vec![honest(seconds)],
        Says::ForgedFirst => vec![forged(), honest(0)],
        Says::Forged => vec![forged()],
        Says::Kiss(code) => {
            let mut octets = honest(0);
            octets[..2].copy_from_slice(&[0xe4, 0]);
            octets[12..16].copy_from_slice(code);
            vec![octets]
        }
        Says::Unsynchronised => {
            let mut octets = honest(0);
            octets[0] |= 0xc0;
            vec![octets]
        }
    }
}

/// Stratum 2, and so many seconds ahead (RFC 5905, 7.3).
fn answer(question: &[u8; 48], off: i64) -> [u8; 48] {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970");
    let seconds = (since.as_secs() + TO_1970).wrapping_add_signed(off);
    let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
    let now = ((seconds << 32) | fraction).to_be_bytes();
    let mut octets = [0; 48];
    octets[..4].copy_from_slice(&[0x24, 2, 6, 0xe9]);
    octets[8..12].copy_from_slice(&0x0000_0100_u32.to_be_bytes());
    octets[16..24].copy_from_slice(&((seconds - 10) << 32).to_be_bytes());
    octets[24..32].copy_from_slice(&question[40..]);
    octets[32..40].copy_from_slice(&now);
    octets[40..].copy_from_slice(&now);
    octets
}
