//! Associations (ITI TF-3: 4.2.2): what they say, and between whom.

use super::{AvailabilityStatus, Code, ExtraSlot};
use crate::ids::{EntryUuid, HomeCommunityId, Invalid, ObjectId};

/// What an association says (ITI TF-3: 4.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AssociationType {
    /// Membership.
    HasMember,
    /// Replace.
    Rplc,
    /// Transform.
    Xfrm,
    /// Append.
    Apnd,
    /// Transform and replace.
    XfrmRplc,
    /// Signs.
    Signs,
    /// Snapshot of an On-Demand entry.
    IsSnapshotOf,
    /// Metadata Update: status change.
    UpdateAvailabilityStatus,
    /// Metadata Update: association submission.
    SubmitAssociation,
}

impl AssociationType {
    /// Every type.
    pub const ALL: [Self; 9] = [
        Self::HasMember,
        Self::Rplc,
        Self::Xfrm,
        Self::Apnd,
        Self::XfrmRplc,
        Self::Signs,
        Self::IsSnapshotOf,
        Self::UpdateAvailabilityStatus,
        Self::SubmitAssociation,
    ];

    /// The URN.
    pub const fn urn(self) -> &'static str {
        match self {
            Self::HasMember => "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember",
            Self::Rplc => "urn:ihe:iti:2007:AssociationType:RPLC",
            Self::Xfrm => "urn:ihe:iti:2007:AssociationType:XFRM",
            Self::Apnd => "urn:ihe:iti:2007:AssociationType:APND",
            Self::XfrmRplc => "urn:ihe:iti:2007:AssociationType:XFRM_RPLC",
            Self::Signs => "urn:ihe:iti:2007:AssociationType:signs",
            Self::IsSnapshotOf => "urn:ihe:iti:2010:AssociationType:IsSnapshotOf",
            Self::UpdateAvailabilityStatus => {
                "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
            }
            Self::SubmitAssociation => "urn:ihe:iti:2010:AssociationType:SubmitAssociation",
        }
    }

    /// Parses the URN.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|v| v.urn() == s).ok_or(Invalid {
            expected: "an association type of ITI TF-3 4.2.2",
            expected_ja: "ITI TF-3 4.2.2 の関連タイプ",
        })
    }
}

/// SubmissionSetStatus of a SubmissionSet-DocumentEntry membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubmissionSetStatus {
    /// The document comes with this submission.
    Original,
    /// The document was registered before.
    Reference,
}

impl SubmissionSetStatus {
    /// The slot value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Original => "Original",
            Self::Reference => "Reference",
        }
    }

    /// Parses the slot value.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        [Self::Original, Self::Reference].into_iter().find(|v| v.name() == s).ok_or(Invalid {
            expected: "Original or Reference",
            expected_ja: "Original または Reference",
        })
    }
}

/// An association.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Association {
    /// Its id.
    pub id: ObjectId,
    /// logicalID; a registry gives one to every object (ebRIM 3.0: 2.5).
    pub lid: Option<EntryUuid>,
    /// version.
    pub version: Option<u32>,
    /// homeCommunityId.
    pub home: Option<HomeCommunityId>,
    /// availabilityStatus (Metadata Update).
    pub status: Option<AvailabilityStatus>,
    /// associationType.
    pub association_type: AssociationType,
    /// sourceObject.
    pub source: ObjectId,
    /// targetObject.
    pub target: ObjectId,
    /// SubmissionSetStatus.
    pub submission_set_status: Option<SubmissionSetStatus>,
    /// PreviousVersion (Metadata Update).
    pub previous_version: Option<u32>,
    /// The documentation classification.
    pub documentation: Option<Code>,
    /// Slots that are not of the standard, Metadata Update's other slots included.
    pub extra: Vec<ExtraSlot>,
}

impl Association {
    /// One of which nothing is said yet but its id: its ends stand empty.
    pub fn blank(id: ObjectId) -> Self {
        Self {
            id,
            lid: None,
            version: None,
            home: None,
            status: None,
            association_type: AssociationType::HasMember,
            source: ObjectId::unknown(),
            target: ObjectId::unknown(),
            submission_set_status: None,
            previous_version: None,
            documentation: None,
            extra: Vec::new(),
        }
    }

    /// One that joins two objects, and says nothing more.
    pub fn joining(
        id: ObjectId,
        association_type: AssociationType,
        source: &ObjectId,
        target: &ObjectId,
    ) -> Self {
        let (source, target) = (source.clone(), target.clone());
        Self { association_type, source, target, ..Self::blank(id) }
    }

    /// As [`Self::joining`], under a symbolic id that tells it from the others of its submission.
    pub fn numbered(
        number: usize,
        association_type: AssociationType,
        source: &ObjectId,
        target: &ObjectId,
    ) -> Self {
        let id = ObjectId::Symbol(format!("Association{number:02}"));
        Self::joining(id, association_type, source, target)
    }

    /// The membership of an object in the submission that brings it.
    #[must_use]
    pub fn original(self) -> Self {
        Self { submission_set_status: Some(SubmissionSetStatus::Original), ..self }
    }
}
