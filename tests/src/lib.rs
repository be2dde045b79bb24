//! The whole system, seen from outside: real processes, real TLS, real databases.
//!
//! This crate never links an actor. It starts the program, reads its ready line, issues identities
//! with its command line, and speaks to it over the network.

#![allow(clippy::expect_used, reason = "a sample that cannot be made is a broken test")]

pub mod audit;
pub mod community;
pub mod consumer;
pub mod elsewhere;
pub mod exports;
pub mod forge;
pub mod held;
pub mod identity;
pub mod large;
pub mod leak;
pub mod message;
pub mod metrics;
pub mod mllp;
pub mod openssl_ca;
pub mod peer;
pub mod port;
pub mod postgres;
pub mod process;
pub mod program;
pub mod publisher;
pub mod python;
pub mod receiver;
pub mod relay;
pub mod reply;
pub mod row;
pub mod sample;
pub mod schema;
pub mod stream;
pub mod time;
pub mod undertaker;
pub mod whole;
pub mod wire;
pub mod world;

pub use identity::Identities;
pub use process::{Form, INSURED, Place, Ready, Renkei, Start};
pub use world::World;
