//! The registry on both databases.

mod feeding;
mod finding;
mod model;
mod plans;
mod registering;
mod together;
mod world;
