//! Document Source: reads a checkup export, converts, checks, submits.

mod cells;
mod checks;
pub mod convert;
pub mod decode;
pub mod documents;
mod file_set;
pub mod findings;
mod headers;
mod in_use;
mod layout;
mod long_table;
mod made;
pub mod mapping;
mod one_table;
pub mod output;
mod parts;
mod private;
pub mod propose;
mod quotes;
pub mod refusals;
pub mod report;
mod rows;
mod samples;
mod seen;
pub mod set;
mod shortened;
mod steps;
pub mod submit;
mod table;
pub mod withdraw;
pub mod workbook;

pub use convert::{
    Accepted, ConvertError, Mode, Outcome, Rules, Sink, Source, convert, convert_again,
};
pub use file_set::{FileSet, FileSetError, FileSetErrors, FileSetOptions, FileSetRequest};
pub use findings::{Code, Finding, RefusedRow, Severity};
pub use mapping::check::{CheckReport, check as check_mapping};
pub use mapping::{Mapping, MappingError, MappingErrors};
pub use propose::{Draft, ProposeError, ProposeOptions, ProposedColumn, propose, propose_with};
pub use report::{ConvertReport, Options, convert_file, convert_input, read_mapping};
pub use rows::Lines;
pub use samples::{Sample, samples};
pub use shortened::{ShortenedItem, ShortenedRecord};
