//! The registry on both databases.

mod conditions;
mod entitled;
mod feeding;
mod filing;
mod finding;
mod folders;
mod holding;
mod inspecting;
mod labels;
mod life;
mod model;
mod octets;
mod on_demand;
mod plans;
mod prepared;
mod querying;
mod registering;
mod relating;
mod removing;
mod rows;
pub(crate) mod samples;
mod searching;
mod telling;
mod together;
mod updating;
mod world;
