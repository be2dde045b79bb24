//! XDS.b transactions as values, their messages, and the stored query catalogue (ITI TF-2: 3.18,
//! 3.41, 3.42, 3.43, 3.57, 3.61, 3.62, 3.86, 3.92).
//!
//! Each message has one file that reads and writes it. A body that cannot be made sense of as XML
//! or as the element its transaction calls for is a SOAP fault; everything wrong inside it is a
//! [finding](renkei_metadata::finding) and goes into the response of the transaction.

pub mod catalogue;
mod document_request;
pub mod iti18;
pub mod iti41;
pub mod iti42;
pub mod iti43;
pub mod iti57;
pub mod iti61;
pub mod iti62;
pub mod iti86;
pub mod iti92;
mod refusal;
pub mod response;
pub mod rules;
mod submit;
pub mod transaction;
pub mod update;
pub mod wsdl;
mod xop;

#[cfg(test)]
mod testing;
