//! The one client: SOAP over mutual TLS, MLLP over TLS, identities.
//!
//! Everything in the house that calls another node goes through here: one way to present a
//! certificate, to frame a message, to read an answer within limits, and to audit the call.

mod answer;
mod attachment;
pub mod certificate;
mod connection;
mod error;
mod identity;
mod incoming;
pub mod mllp;
mod outgoing;
mod progress;
mod soap;
#[cfg(test)]
mod testing;

pub use answer::{DocumentSink, Received, Retrieved};
pub use attachment::{Attachment, Body};
pub use connection::{CodesFile, Connection, ConnectionError};
pub use error::ClientError;
pub use identity::{Identity, IdentityError};
pub use soap::{ClientOptions, SoapClient};
