//! Exports of institutions, as they are sent and as they should not be, through the whole conversion. One program, so
//! that what they share is compiled and linked once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::string_slice,
    reason = "a test fails by a panic, its helpers included"
)]

mod broken;
mod bytes;
mod exports;
mod file_set;
mod guide;
mod institutions;
mod profile;
mod propose;
mod rules;
mod samples;
