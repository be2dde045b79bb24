//! What a server sends.

use crate::{Question, SECOND, Timestamp};

/// The mode of a server's answer.
const SERVER: u8 = 4;
/// Leap indicator: the server's own clock is not synchronised.
const UNSYNCHRONISED: u8 = 3;
/// Root delay and root dispersion from here on say nothing about a second (MAXDIST of RFC 5905, appendix A.1.1).
const FAR: i64 = SECOND;

/// An answer that can be believed as far as it can be checked alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How many servers are between it and a reference clock: 1 to 15.
    pub stratum: u8,
    /// Nanoseconds to the reference clock and back.
    pub root_delay: i64,
    /// Nanoseconds by which it may be off its reference clock.
    pub root_dispersion: i64,
    /// When the question came.
    pub receive: Timestamp,
    /// When the answer left.
    pub transmit: Timestamp,
}

/// What a server wants of its clients (kiss codes, RFC 5905, 7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kiss {
    /// `DENY` or `RSTR`: never to be asked again.
    Leave,
    /// `RATE`: to be asked less often.
    Slower,
}

/// Why octets are no answer to go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Fewer than 48 octets.
    #[error("its answer is too short")]
    Short,
    /// Another mode than that of a server, or another version.
    #[error("it does not answer as a server of NTP version 3 or 4")]
    Mode,
    /// The answer to another question, or a forged one.
    #[error("it answers another question")]
    Origin,
    /// It does not want to be asked.
    #[error("it does not want to be asked {}", match .0 { Kiss::Leave => "at all", Kiss::Slower => "so often" })]
    Kiss(Kiss),
    /// It does not know the time itself.
    #[error("its own clock is not synchronised")]
    Unsynchronised,
    /// It is too far from a reference clock to judge by.
    #[error("it is too far from its reference clock")]
    Far,
    /// Its timestamps contradict each other.
    #[error("its timestamps contradict each other")]
    Times,
}

impl Answer {
    /// Reads the answer to `question` (RFC 4330, 5). What is behind the 48 octets (extension fields, a message
    /// authentication code) is not looked at.
    pub fn read(octets: &[u8], question: &Question) -> Result<Self, Unusable> {
        let fields = Fields::read(octets).ok_or(Unusable::Short)?;
        // First of all: whoever does not know the number has not seen the question.
        if fields.mode != SERVER || !(3..=4).contains(&fields.version) {
            return Err(Unusable::Mode);
        }
        if fields.originate != question.nonce {
            return Err(Unusable::Origin);
        }
        match (fields.stratum, &fields.reference_id) {
            (0, b"DENY" | b"RSTR") => return Err(Unusable::Kiss(Kiss::Leave)),
            (0, b"RATE") => return Err(Unusable::Kiss(Kiss::Slower)),
            (1..=15, _) if fields.leap != UNSYNCHRONISED => {}
            _ => return Err(Unusable::Unsynchronised),
        }
        let distances = [fields.root_delay, fields.root_dispersion];
        if distances.iter().any(|d| !(0..FAR).contains(d)) {
            return Err(Unusable::Far);
        }
        let Fields { receive, transmit, reference, .. } = fields;
        let (received, sent) = (receive.unix_nanos(), transmit.unix_nanos());
        let later = !reference.is_none() && reference.unix_nanos() > sent;
        if receive.is_none() || transmit.is_none() || received > sent || later {
            return Err(Unusable::Times);
        }
        Ok(Self {
            stratum: fields.stratum,
            root_delay: fields.root_delay,
            root_dispersion: fields.root_dispersion,
            receive,
            transmit,
        })
    }
}

/// The octets, each where it belongs.
struct Fields {
    leap: u8,
    version: u8,
    mode: u8,
    stratum: u8,
    root_delay: i64,
    root_dispersion: i64,
    reference_id: [u8; 4],
    reference: Timestamp,
    originate: u64,
    receive: Timestamp,
    transmit: Timestamp,
}

impl Fields {
    fn read(octets: &[u8]) -> Option<Self> {
        let rest = &mut &*octets;
        let [first, stratum, _poll, _precision] = take(rest)?;
        Some(Self {
            leap: first >> 6,
            version: (first >> 3) & 7,
            mode: first & 7,
            stratum,
            root_delay: short(i64::from(i32::from_be_bytes(take(rest)?))),
            root_dispersion: short(i64::from(u32::from_be_bytes(take(rest)?))),
            reference_id: take(rest)?,
            reference: Timestamp(u64::from_be_bytes(take(rest)?)),
            originate: u64::from_be_bytes(take(rest)?),
            receive: Timestamp(u64::from_be_bytes(take(rest)?)),
            transmit: Timestamp(u64::from_be_bytes(take(rest)?)),
        })
    }
}

/// Nanoseconds of 16 bits of seconds and 16 bits of a fraction.
const fn short(value: i64) -> i64 {
    (value * SECOND) >> 16
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}
