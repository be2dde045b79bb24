//! Document Source: reads a checkup export, converts, checks, submits.

mod cells;
mod checks;
pub mod convert;
pub mod decode;
pub mod findings;
pub mod mapping;
pub mod output;
pub mod refusals;
pub mod report;
mod rows;
mod samples;
pub mod submit;

pub use convert::{Accepted, ConvertError, Mode, Outcome, Rules, Sink, Source, convert};
pub use findings::{Code, Finding, RefusedRow, Severity};
pub use mapping::{Mapping, MappingError, MappingErrors};
pub use report::{ConvertReport, Options, convert_file, read_mapping};
pub use samples::{Sample, samples};
