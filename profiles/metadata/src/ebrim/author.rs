//! The slots of an author (ITI TF-3: 4.2.3.1.4).

use super::table::{Count, Row, need::O};
use super::value::{Value, Values, values};
use crate::model::Author;
use crate::rules::hl7;

type Attribute = Row<Author>;

#[rustfmt::skip]
pub(crate) static AUTHOR: &[Attribute] = &[
    Attribute::slot("authorPerson", [O, O, O], values!(optional person)).personal(hl7::xcn),
    Attribute::slot("authorInstitution", [O, O, O], values!(many institutions)).personal(hl7::xon),
    Attribute::slot("authorRole", [O, O, O], values!(many roles)).unquoted(),
    Attribute::slot("authorSpecialty", [O, O, O], values!(many specialties)).unquoted(),
    Attribute::slot("authorTelecommunication", [O, O, O], values!(many telecommunications)).personal(hl7::xtn),
];
