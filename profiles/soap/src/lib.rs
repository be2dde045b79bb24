//! SOAP 1.2 with WS-Addressing, MTOM/XOP as streams, and XML with limits.
//!
//! Readers take bytes and limits, never sockets. ITI TF-2: Appendix V.

mod charset;
pub mod cid;
pub mod document;
pub mod envelope;
pub mod fault;
pub mod limits;
pub mod message;
pub mod mime;
pub mod multipart;
mod split;
pub mod tolerance;
pub mod words;
pub mod xml;

pub use cid::{decode_cid, encode_cid};
