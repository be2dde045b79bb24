//! The ebRIM form of the metadata (ITI TF-3: 4.2): reading without stopping at the first fault, and
//! writing in the order of the schema.

use crate::finding::Checked;
use crate::model::{RegistryObject, Submission};
use renkei_soap::xml::{Element, Reader, Writer, XmlError};

/// Reads a submission; the reader is inside `object_list`, the rim:RegistryObjectList.
///
/// The value is there whenever there is a SubmissionSet, even when findings refuse the message, so
/// that the rules can add theirs. Attributes that the model cannot do without then hold stand-ins;
/// therefore nothing but [`crate::rules::check`] may use the value of a refused message.
pub fn read_submission(
    r: &mut Reader<'_>,
    object_list: &Element,
) -> Result<Checked<Submission>, XmlError> {
    _ = (r, object_list);
    Ok(Checked::bad(Vec::new()))
}

/// Reads the objects of an answer, ObjectRefs included.
pub fn read_objects(
    r: &mut Reader<'_>,
    object_list: &Element,
) -> Result<Checked<Vec<RegistryObject>>, XmlError> {
    _ = (r, object_list);
    Ok(Checked::bad(Vec::new()))
}

/// Writes the rim:RegistryObjectList of a submission; the caller has declared the prefix `rim`.
pub fn write_submission(w: &mut Writer, s: &Submission) {
    _ = (w, s);
}

/// Writes one object; the caller has declared the prefix `rim`.
pub fn write_object(w: &mut Writer, object: &RegistryObject) {
    _ = (w, object);
}
