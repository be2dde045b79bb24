//! The DICOM AuditMessage (PS3.15 A.5.1): written strictly, read with the drift of its schemas.

mod read;
mod write;

pub use read::{ReadError, read};
pub use write::write;

#[cfg(test)]
mod tests;
