//! The checkup record: standard CSV, HS037 FHIR Bundle, 特定健診 CDA, tables of items and codes.
//!
//! A [`Record`] is one checkup of one person. It is written as a line of the standard CSV
//! ([`kcsv`]), as an HS037 健康診断結果報告書 Bundle ([`hs037`]) and as a 特定健診 document ([`cda`]).
//! Which items exist, and all their codes, units, limits and places, stand in data files read by
//! [`tables`]; what a programme decides by [`programmes`].

pub mod archive;
pub mod cda;
pub mod check_digit;
mod companions;
pub mod dates;
pub mod decimal;
pub mod fold;
#[cfg(test)]
mod generated;
pub mod hash;
pub mod hs037;
pub mod identity;
pub mod kcsv;
pub mod number;
pub mod own;
pub mod practice;
pub mod programmes;
mod record;
pub mod tables;
pub mod terms;
pub mod units;
pub mod width;

pub use record::{Field, Foreign, Record};
pub use tables::{Column, Kind, Requirement, ValueType, tables};
