//! The person for whom a node acts, as an assertion names them (IHE XUA: ITI TF-2: 3.40.4.1.2).
//!
//! A node is who its certificate says it is; a person is who an assertion provider says they are. What is
//! not known is `None` or empty: an assertion has to say little more than who its subject is.

use std::fmt;
use std::sync::Arc;

/// A code of the affinity domain, in SAML a `CE` of HL7 v3 (ITI TF-2: 3.40.4.1.2.1, 3.40.4.1.2.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    /// `code`.
    pub code: String,
    /// `codeSystem`.
    pub system: String,
    /// `displayName`.
    pub display: Option<String>,
}

/// An assertion as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Its id, by which it is told apart from others of its issuer.
    pub id: String,
    /// Its octets in the envelope, for the signature and for whoever has to hand it on unchanged.
    pub xml: Arc<str>,
}

/// The subject of an assertion that was accepted.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// `saml2:Issuer`: who says so.
    pub issuer: String,
    /// `saml2:NameID`: the principal.
    pub id: String,
    /// `@SPProvidedID`: how this node calls them.
    pub alias: Option<String>,
    /// `subject-id`: the name, for people.
    pub name: Option<String>,
    /// `subject:organization`.
    pub organization: Option<String>,
    /// `subject:organization-id`.
    pub organization_id: Option<String>,
    /// `homeCommunityId` of the person.
    pub home: Option<String>,
    /// `subject:role` (option Subject-Role).
    pub roles: Vec<Code>,
    /// `subject:purposeofuse` (option PurposeOfUse); audited as such.
    pub purposes: Vec<Code>,
    /// `resource-id`: the patient whose consent the assertion speaks of, a CX (option Authz-Consent).
    pub patient: Option<String>,
    /// `bppc:docid`: the consent document (option Authz-Consent).
    pub consent: Option<String>,
    /// `xua:2012:acp`: the policy consented to (option Authz-Consent).
    pub policy: Option<String>,
    /// What it was all read from.
    pub assertion: Assertion,
}

impl Person {
    /// A person of whom the assertion says nothing else.
    pub fn new(issuer: &str, id: &str, assertion: Assertion) -> Self {
        Self {
            issuer: issuer.to_owned(),
            id: id.to_owned(),
            alias: None,
            name: None,
            organization: None,
            organization_id: None,
            home: None,
            roles: Vec::new(),
            purposes: Vec::new(),
            patient: None,
            consent: None,
            policy: None,
            assertion,
        }
    }

    /// How audit records name them: `alias<user@issuer>` (ITI TF-2: 3.40.4.2.2).
    pub fn user_name(&self) -> String {
        let alias = self.alias.as_deref().unwrap_or_default();
        format!("{alias}<{}@{}>", self.id, self.issuer)
    }
}

// A log must hold nothing that says who somebody is.

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl fmt::Debug for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assertion").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> Person {
        let assertion = Assertion { id: "_1".into(), xml: "<saml2:Assertion ID='_1'/>".into() };
        Person::new("https://idp.example.jp/saml", "dr-sato", assertion)
    }

    #[test]
    fn audit_names_alias_user_and_issuer() {
        let mut person = person();
        assert_eq!(person.user_name(), "<dr-sato@https://idp.example.jp/saml>");
        person.alias = Some("ho".into());
        assert_eq!(person.user_name(), "ho<dr-sato@https://idp.example.jp/saml>");
    }

    #[test]
    fn a_log_does_not_say_who_it_is() {
        let person = Person { name: Some("佐藤 花子".into()), ..person() };
        let text = format!("{person:?} {:?}", person.assertion);
        for hidden in ["sato", "佐藤", "_1", "saml2"] {
            assert!(!text.contains(hidden), "{text}");
        }
    }
}
