//! Names of the resources of an HS037 document: version-5 UUIDs, so that the same checkup gives the
//! same ones.

use uuid::Uuid;

use crate::Record;
use crate::hs037::View;

/// The resources of one document.
#[derive(Clone, Debug)]
pub struct Resources {
    prefix: String,
}

impl Resources {
    /// They are named after institution, person, day and programme, all of which the document shows: a
    /// name made of what it hides, such as the card number, could be used to guess that.
    pub fn of(record: &Record, view: View) -> Self {
        // the same resource with more in it is another one
        let mut prefix = match view {
            View::Full => String::new(),
            View::Statutory => "stat|".to_owned(),
        };
        for id in ["inst_no", "patient_id", "exam_date", "program_code"] {
            push_escaped(record.get(id), &mut prefix);
            prefix.push('|');
        }
        Self { prefix }
    }

    /// The name of a place in the document.
    pub fn uuid(&self, slot: &str) -> Uuid {
        let name = [self.prefix.as_str(), slot].concat();
        Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
    }
}

/// A bar separates the parts of a name, so one within a part has a backslash before it.
fn push_escaped(part: &str, name: &mut String) {
    for letter in part.chars() {
        if matches!(letter, '|' | '\\') {
            name.push('\\');
        }
        name.push(letter);
    }
}
