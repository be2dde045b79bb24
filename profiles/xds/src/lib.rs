//! XDS.b transactions as values, their messages, and the stored query catalogue (ITI TF-2: 3.18,
//! 3.41, 3.42, 3.43).

pub mod transaction;
