//! Association (ITI TF-3: 4.2.2). Table 4.3.1-3 says nothing of it; what its type and ends are is the
//! subject of `rules::associations`.

use super::table::{
    Count, Object, Place, Row,
    need::{O, R},
};
use super::value::{Value, Values, parts, values};
use crate::fragment::Hole;
use crate::ids::ObjectId;
use crate::model::{Association, ExtraSlot, ObjectKind};

/// The attribute whose faults count between a SubmissionSet and a DocumentEntry only: many senders
/// put it on every membership.
pub(super) const STATUS_OF_MEMBER: &str = "SubmissionSetStatus";

impl Object for Association {
    const KIND: ObjectKind = ObjectKind::Association;
    const ELEMENT: &'static str = "rim:Association";
    const PREFIX: &'static str = "XDSAssociation";
    const OTHER_SLOTS: &'static [&'static str] =
        &["OriginalStatus", "NewStatus", "AssociationPropagation"];

    fn rows() -> &'static [Row<Self>] {
        ROWS
    }

    fn blank(id: ObjectId) -> Self {
        Self::blank(id)
    }

    fn id(&self) -> &ObjectId {
        &self.id
    }

    fn extra(&self) -> &[ExtraSlot] {
        &self.extra
    }

    fn extra_mut(&mut self) -> &mut Vec<ExtraSlot> {
        &mut self.extra
    }
}

type Attribute = Row<Association>;

#[rustfmt::skip]
static ROWS: &[Attribute] = &[
    Attribute::id([R, R, R]),
    Attribute::xml("homeCommunityId", "home", [O, O, O], values!(optional home)).open(Hole::Home),
    Attribute::xml("logicalID", "lid", [O, O, O], values!(optional lid)).open(Hole::LogicalId),
    Attribute::xml("availabilityStatus", "status", [O, O, O], values!(optional status))
        .set_by_registry()
        .open(Hole::Status),
    Attribute::fixed("objectType", super::ASSOCIATION),
    Attribute::xml("associationType", "associationType", [R, R, R], values!(one association_type)),
    Attribute::xml("sourceObject", "sourceObject", [R, R, R], values!(one source)),
    Attribute::xml("targetObject", "targetObject", [R, R, R], values!(one target)),
    Attribute::slot(STATUS_OF_MEMBER, [O, O, O], values!(optional submission_set_status)),
    Attribute::slot("PreviousVersion", [O, O, O], values!(optional previous_version)),
    Attribute::version(values!(optional version)).set_by_registry().open(Hole::Version),
    Attribute::code("documentation", "urn:uuid:abd807a3-4432-4053-87b4-fd82c643d1f3", [O, O, O], parts!(Code optional documentation)),
];
