//! Whether the clock of this machine is right (ITI-1, ITI TF-2: 3.1).
//!
//! Servers are asked by SNTP in the background. The clock is never set: that is for the time service of the
//! operating system. It is watched, told of in health and metrics, and alarmed about; by policy nothing is
//! submitted while it is wrong.

mod ask;
mod clock;
mod name;
mod source;
#[cfg(test)]
mod tests;
mod told;
mod watch;

pub(crate) use clock::Clock;
pub(crate) use name::TimeServer;
