//! The one client: SOAP over mutual TLS, MLLP over TLS, identities.
//!
//! Everything in the house that calls another node goes through here: one way to present a
//! certificate, to frame a message, to read an answer within limits, and to audit the call.

pub mod certificate;
mod connection;
mod identity;

pub use connection::{Connection, ConnectionError};
pub use identity::{Identity, IdentityError};
