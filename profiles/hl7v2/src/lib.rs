//! Patient identity in HL7 v2: the feed (ITI-8, ITI TF-2: 3.8; ITI-64, ITI TF-2: 3.64), queries for identifiers and
//! persons (ITI-9, ITI-21), notifications of changes (ITI-10), and their transport, MLLP.
//!
//! A frame taken off the wire by [`mllp`] is read by [`adt`] or [`query`], which give a message or a
//! refusal ready to be sent; [`ack`] writes and reads the acknowledgements, [`query::answer`] the answers.

pub mod ack;
pub mod adt;
pub mod authorities;
pub mod batch;
pub mod charset;
pub mod cx;
pub mod mllp;
pub mod msh;
pub mod query;
mod shift;
mod structure;
pub mod text;
