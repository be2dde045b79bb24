//! Patient identifiers as HL7 v2 writes them: CX (ITI TF-2: E.1).

use crate::text::escape;
use hl7_parser::message::Repeat;
use renkei_metadata::escapes::unescape;
use renkei_metadata::ids::{Invalid, Oid, PatientId};

/// One repetition of PID-3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CxField {
    /// CX.1.
    pub id: String,
    /// CX.4.1: the authority by a local name.
    pub namespace: Option<String>,
    /// CX.4.2: the authority by its OID.
    pub universal_id: Option<String>,
    /// CX.4.3: `ISO` when CX.4.2 is an OID.
    pub universal_id_type: Option<String>,
    /// CX.5, such as `PI`.
    pub id_type: Option<String>,
    /// Whether an ampersand that is not escaped divides CX.1, so that it is no identifier.
    pub(crate) divided: bool,
}

impl CxField {
    /// Whether the identifier was issued by `authority`, by OID.
    pub fn is_of(&self, authority: &Oid) -> bool {
        let iso = self.universal_id_type.as_deref().is_none_or(|t| t.eq_ignore_ascii_case("ISO"));
        iso && self.universal_id.as_deref() == Some(authority.as_str())
    }

    /// The identifier in the form of document metadata. An error when CX.4 names no OID or the
    /// identifier itself is malformed.
    pub fn patient_id(&self) -> Result<PatientId, Invalid> {
        if self.divided {
            return Err(Invalid {
                expected: "an identifier in which separators are escaped",
                expected_ja: "区切り文字をエスケープしたID",
            });
        }
        let oid = Oid::parse(self.universal_id.as_deref().unwrap_or_default())?;
        PatientId::new(&self.id, oid)
    }

    pub(crate) fn read(repeat: &Repeat<'_>) -> Self {
        let part = |component, sub| {
            let value = repeat.component(component)?.subcomponent(sub)?.value;
            let value = unescape(value).trim().to_owned();
            (!value.is_empty() && value != "\"\"").then_some(value)
        };
        Self {
            id: part(1, 1).unwrap_or_default(),
            namespace: part(4, 1),
            universal_id: part(4, 2),
            universal_id_type: part(4, 3),
            id_type: part(5, 1),
            divided: (2..=repeat.component(1).map_or(0, |c| c.subcomponents.len()))
                .any(|sub| part(1, sub).is_some()),
        }
    }

    pub(crate) fn write(&self) -> String {
        let part = |value: &Option<String>| escape(value.as_deref().unwrap_or_default());
        let authority =
            [part(&self.namespace), part(&self.universal_id), part(&self.universal_id_type)];
        let cx = format!("{}^^^{}^{}", escape(&self.id), authority.join("&"), part(&self.id_type));
        cx.trim_end_matches(['^', '&']).to_owned()
    }
}

impl From<&PatientId> for CxField {
    fn from(id: &PatientId) -> Self {
        Self {
            id: id.id.clone(),
            namespace: None,
            universal_id: Some(id.authority.as_str().to_owned()),
            universal_id_type: Some("ISO".to_owned()),
            id_type: Some("PI".to_owned()),
            divided: false,
        }
    }
}
