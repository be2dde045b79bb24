//! One record format for every event (DICOM PS3.15 A.5 with the IHE additions, ITI TF-2: 3.20.7).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A coded value: code, system, text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Coded {
    /// csd-code.
    pub code: String,
    /// codeSystemName.
    pub system: String,
    /// originalText.
    pub text: String,
}

impl Coded {
    /// A coded value.
    pub fn new(code: &str, system: &str, text: &str) -> Self {
        Self { code: code.to_owned(), system: system.to_owned(), text: text.to_owned() }
    }
}

/// EventActionCode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// C.
    Create,
    /// R.
    Read,
    /// U.
    Update,
    /// D.
    Delete,
    /// E.
    Execute,
}

impl Action {
    /// The letter on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Create => "C",
            Self::Read => "R",
            Self::Update => "U",
            Self::Delete => "D",
            Self::Execute => "E",
        }
    }

    /// The action of a letter.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Create, Self::Read, Self::Update, Self::Delete, Self::Execute]
            .into_iter()
            .find(|a| a.code() == code)
    }
}

/// EventOutcomeIndicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// 0.
    Success,
    /// 4.
    MinorFailure,
    /// 8.
    SeriousFailure,
    /// 12: no answer, or one that cannot be read.
    MajorFailure,
}

impl Outcome {
    /// The number on the wire.
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::MinorFailure => 4,
            Self::SeriousFailure => 8,
            Self::MajorFailure => 12,
        }
    }

    /// The outcome of a number.
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::Success, Self::MinorFailure, Self::SeriousFailure, Self::MajorFailure]
            .into_iter()
            .find(|o| o.code() == code)
    }
}

/// ActiveParticipant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// UserID.
    pub user_id: String,
    /// AlternativeUserID: the process id on one's own record.
    pub alternative_user_id: Option<String>,
    /// UserName.
    pub user_name: Option<String>,
    /// UserIsRequestor.
    pub requestor: bool,
    /// RoleIDCode, each.
    pub roles: Vec<Coded>,
    /// NetworkAccessPointID with its type (1 name, 2 address, 5 URI).
    pub network: Option<(u8, String)>,
}

/// ParticipantObjectDetail: a name and a value that is base64 on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// Type.
    pub name: String,
    /// Value, plain.
    pub value: String,
}

/// ParticipantObjectIdentification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// ParticipantObjectID.
    pub id: String,
    /// ParticipantObjectTypeCode.
    pub type_code: u8,
    /// ParticipantObjectTypeCodeRole.
    pub role: u8,
    /// ParticipantObjectDataLifeCycle.
    pub life_cycle: Option<u8>,
    /// ParticipantObjectIDTypeCode.
    pub id_type: Coded,
    /// ParticipantObjectName.
    pub name: Option<String>,
    /// ParticipantObjectQuery, plain; base64 on the wire.
    pub query: Option<String>,
    /// ParticipantObjectDetail, each.
    pub details: Vec<Detail>,
}

/// One audit record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Names the record in outboxes and stores, so that it is delivered once.
    pub id: Uuid,
    /// EventDateTime.
    pub at: DateTime<Utc>,
    /// EventID.
    pub event: Coded,
    /// EventTypeCode.
    pub event_type: Option<Coded>,
    /// EventActionCode.
    pub action: Action,
    /// EventOutcomeIndicator.
    pub outcome: Outcome,
    /// EventOutcomeDescription: codes of the findings, never personal values.
    pub outcome_description: Option<String>,
    /// PurposeOfUse, each (ITI TF-2: 3.20.7.1.2).
    #[serde(default)]
    pub purposes: Vec<Coded>,
    /// ActiveParticipant, each.
    pub participants: Vec<Participant>,
    /// AuditSourceID.
    pub source_id: String,
    /// AuditEnterpriseSiteID.
    pub source_site: Option<String>,
    /// AuditSourceTypeCode: 4 registry, repository, gateway; 3 portal; 9 adapter.
    pub source_type: u8,
    /// ParticipantObjectIdentification, each.
    pub objects: Vec<Object>,
}

impl AuditRecord {
    /// The same of a call whose answer goes to the address `reply_to`: the caller is named by that (the content of
    /// wsa:ReplyTo; ITI TF-2: 3.18.5.1.1, 3.43.6.1.1), and its UserName is what it was called before, by its
    /// certificate.
    #[must_use]
    pub fn answered_at(mut self, reply_to: &str) -> Self {
        for caller in self.participants.iter_mut().filter(|end| end.requestor) {
            let by_certificate = std::mem::replace(&mut caller.user_id, reply_to.to_owned());
            caller.user_name = Some(by_certificate);
        }
        self
    }
}
