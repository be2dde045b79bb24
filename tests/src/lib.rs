//! The whole system, seen from outside: real processes, real TLS, real databases.
//!
//! This crate never links an actor. It starts the program, reads its ready line, issues identities
//! with its command line, and speaks to it over the network.

#![allow(clippy::expect_used, reason = "a sample that cannot be made is a broken test")]

pub mod identity;
pub mod message;
pub mod peer;
pub mod postgres;
pub mod process;
pub mod program;
pub mod sample;
pub mod wire;

pub use identity::Identities;
pub use process::{Form, Ready, Renkei, Start};
