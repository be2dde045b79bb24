//! What the conversion of a sample export gives.

pub(crate) mod outcome;
