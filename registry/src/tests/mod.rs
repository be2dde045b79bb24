//! The registry on both databases.

mod conditions;
mod feeding;
mod finding;
mod folders;
mod holding;
mod inspecting;
mod model;
mod plans;
mod prepared;
mod registering;
mod searching;
mod together;
mod world;
