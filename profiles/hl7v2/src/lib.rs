//! The HL7 v2 patient feed (ITI-8, ITI TF-2: 3.8; ITI-64, ITI TF-2: 3.64) and its transport, MLLP.
//!
//! A frame taken off the wire by [`mllp`] is read by [`adt`], which answers with a feed or with a
//! refusal ready to be sent; [`ack`] writes and reads the acknowledgements.

pub mod ack;
pub mod adt;
pub mod authorities;
pub mod charset;
pub mod cx;
pub mod mllp;
pub mod msh;
mod shift;
mod structure;
pub mod text;
