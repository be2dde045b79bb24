//! The gateways of Cross-Community Access (ITI TF-1: 18): what another community may ask of this one, and
//! what this one asks of others.

pub mod community;
pub mod incoming;
pub mod initiating;
mod logged;
pub mod responding;
