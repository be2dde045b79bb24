//! A repository and its registry in one process, as its callers meet them. One program, so that what they share is
//! compiled and linked once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test program")]

mod confirm;
mod erasing;
mod inspect;
mod keys;
mod prepared;
mod processes;
mod removing;
mod repair;
mod retrieve;
mod submit;
mod support;
