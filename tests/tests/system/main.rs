//! The whole system, by what can be seen of it over the network, on the command line and on disk.
//!
//! One binary, so that tests share running programs: [`renkei_tests::World::shared`].

#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::expect_used,
    clippy::panic,
    reason = "all of it is tests; helpers of tests are not known as such"
)]

#[macro_use]
mod forms;
mod expect;
mod fields;
mod institution;
mod shelf;
mod shell;

mod access;
mod acquaintance;
mod admin;
mod apart;
mod asynchronous;
mod audit;
mod audit_about;
mod audit_changes;
mod authorities;
mod authorization;
mod certificates;
mod check;
mod cli;
mod communities;
mod community;
mod correlations;
mod crash;
mod delivery;
mod delivery_domain;
mod delivery_identity;
mod demo;
mod description;
mod discovery;
mod feed;
mod feed_field;
mod feed_merge;
mod feeders;
mod folders;
mod framing;
mod handshake;
mod leak;
mod life;
mod lifetimes;
mod listen;
mod locations;
mod malformed;
mod mandates;
mod matching;
mod members;
mod on_demand;
mod overdue;
mod patients_v3;
mod pixpdq;
mod query;
mod refusal;
mod relations;
mod removal;
mod repositories;
mod responding;
mod retrieve;
mod revocation;
mod serve;
mod sets;
mod sightings;
mod stored_queries;
mod story;
mod strangers;
mod submission;
mod time;
mod update;
mod whose;
mod withdraw;
mod year_folder;
