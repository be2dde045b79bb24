//! The name of a time server, as the settings have it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// `host`, `host:port`, `[::1]:port`, or a bare address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimeServer {
    pub(super) host: String,
    pub(super) port: u16,
}

impl FromStr for TimeServer {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self { host: address.ip().to_string(), port: address.port() });
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self { host: address.to_string(), port: renkei_ntp::PORT });
        }
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, port.parse().map_err(drop)?),
            None => (text, renkei_ntp::PORT),
        };
        url::Host::parse(host).map_err(drop)?;
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for TimeServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}
