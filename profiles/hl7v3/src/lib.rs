//! HL7 v3 messages (HL7 V3 Normative Edition 2008, ITI TF-2: Appendix O): Patient Identity Feed, PIXV3 Query and
//! Update Notification, Patient Demographics Query (ITI-44 to 47), Cross Gateway Patient Discovery (ITI-55) and
//! Patient Location Query (ITI-56).
//!
//! A message is a transmission wrapper around a control act around a payload. [`transmission`],
//! [`acknowledgement`] and [`query`] are what messages share; [`iti44`] (whose message of a revised record is that
//! of ITI-46, too), [`iti45`], [`iti47`], [`iti55`] and [`iti56`] put them together: [`interaction`] has a row for
//! each message.
//! A person in them is a [`renkei_person::Person`]; [`person`] is its encoding.
//!
//! Readers are liberal: what a message may hold beyond what is understood here is passed over and counted.
//! What is understood has to be right, or the whole message is refused with every reason, in Japanese and
//! English. Writers are strict: what they write is valid by the published schemas.

pub mod acknowledgement;
mod answering;
mod datatypes;
pub mod interaction;
pub mod iti44;
pub mod iti45;
pub mod iti47;
pub mod iti55;
pub mod iti56;
pub mod person;
mod places;
pub mod problem;
pub mod query;
mod registration;
pub mod told;
pub mod transmission;
mod tree;

pub use datatypes::{InstanceId, Time};
pub use problem::{Problem, Read, Refusal, Rule};
pub use tree::limits;

/// Namespace of HL7 v3.
pub const HL7: &str = "urn:hl7-org:v3";
/// Namespace of the bodies of ITI-56 and of the header block of ITI-55.
pub const XCPD: &str = "urn:ihe:iti:xcpd:2009";
/// Namespace of `xsi:type` and `xsi:nil`.
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

#[cfg(test)]
mod testing;
