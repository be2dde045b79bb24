//! Pages of docs/ that show how to talk to a house: each example is a message that a running program has
//! just answered or sent, or a program that has just run.
//!
//! `RENKEI_WRITE_DOCS=1 cargo test -p renkei-tests --test docs` writes docs/examples anew.

#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::expect_used,
    reason = "all of it is tests; helpers of tests are not known as such"
)]

mod across;
mod changes;
mod clients;
mod commands;
mod discovery;
mod documents;
mod examples;
mod house;
mod identities;
mod messages;
mod notices;
mod page;
mod people;
mod pretty;
mod queries;
mod script;
mod settle;
mod tools;
