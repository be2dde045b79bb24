//! Renkei: document sharing for health-checkup results, one program.
//!
//! This crate is the composition root: it reads settings, opens the actors on a data directory,
//! puts them behind listeners, and speaks to people and scripts on the command line.

mod actors;
mod code_list;
mod commands;
mod communities;
mod connect;
mod demo;
#[cfg(test)]
mod docs;
mod endpoints;
mod files;
mod host;
mod house;
mod listen;
mod logging;
mod mandates;
mod members;
mod metrics;
mod patient_key;
mod persons;
mod pipeline;
mod pki;
mod progress;
mod ready;
mod running;
mod settings;
mod show;
mod site;
mod time;
mod tls;
mod today;

/// The whole program: reads the command line, does what it says and answers the status of the process.
pub fn main() -> std::process::ExitCode {
    commands::main()
}
