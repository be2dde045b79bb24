//! The one client: SOAP over mutual TLS, MLLP over TLS, identities.
//!
//! Everything in the house that calls another node goes through here: one way to present a
//! certificate, to frame a message, to read an answer within limits, and to audit the call.

mod answer;
mod answered;
mod attachment;
pub mod certificate;
mod connection;
mod error;
pub mod fetch;
mod identity;
mod incoming;
mod mailbox;
pub mod mllp;
mod on_record;
mod options;
mod outgoing;
pub mod pair;
mod persons;
mod probe;
mod progress;
mod reply;
mod response;
mod soap;
#[cfg(test)]
mod testing;

pub use answer::{DocumentSink, Listed, Listing, Received, Retrieved};
pub use answered::{Answered, Reply, read_reply};
pub use attachment::Attachment;
pub use connection::{CodesFile, Connection, ConnectionError, UnknownRepository};
pub use error::ClientError;
pub use identity::{Identity, IdentityError};
pub use mailbox::{Delivery, Mailbox, Pigeonhole};
pub use options::{CallOptions, ClientOptions, Retry};
pub use persons::{CrossReferenced, FoundPerson, FoundPersons, LookupError, Persons};
pub use probe::time_of;
pub use renkei_soap::document::{Body, Document};
pub use renkei_soap::envelope::HeaderElement;
pub use reply::ReplySender;
pub use soap::{Elsewhere, Retrieval, SoapClient};
