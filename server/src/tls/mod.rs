//! Mutual TLS (ITI-19): the acceptor that every listener for systems shares, and the gate behind it.

mod acceptor;
mod gate;
mod suites;

pub(crate) use acceptor::{Acceptor, Handshake};
pub(crate) use gate::{Alarm, Gate, NodeFailure, Visitor, caller};
pub(crate) use suites::{Suites, tell};

#[cfg(test)]
pub(crate) mod tests;
