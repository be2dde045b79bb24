//! SOAP 1.2 with WS-Addressing, MTOM/XOP as streams, and XML with limits.
//!
//! Readers take bytes and limits, never sockets. ITI TF-2: Appendix V.

pub mod xml;
