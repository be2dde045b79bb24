//! Association (ITI TF-3: 4.2.2).

use super::table::{Count, Header, HeaderRef, Object, Row, number, texts};
use crate::ids::{Invalid, ObjectId};
use crate::model::{Association, AssociationType, ObjectKind, SubmissionSetStatus};

/// The attribute whose faults count between a SubmissionSet and a DocumentEntry only: many senders
/// put it on every membership.
pub(super) const STATUS_OF_MEMBER: &str = "SubmissionSetStatus";

impl Object for Association {
    const KIND: ObjectKind = ObjectKind::Association;
    const ELEMENT: &'static str = "rim:Association";
    const PREFIX: &'static str = "XDSAssociation";
    const OBJECT_TYPE: Option<&'static str> =
        Some("urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Association");
    const LABEL: Option<&'static str> = None;
    const OTHER_SLOTS: &'static [&'static str] =
        &["OriginalStatus", "NewStatus", "AssociationPropagation"];

    fn rows() -> &'static [Row<Self>] {
        ROWS
    }

    fn blank(id: ObjectId) -> Self {
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

    fn id(&self) -> &ObjectId {
        &self.id
    }

    fn put(&mut self, h: Header) {
        self.home = h.home;
        self.status = h.status;
        self.lid = h.lid;
        self.version = h.version;
        self.extra = h.extra;
    }

    fn header(&self) -> HeaderRef<'_> {
        HeaderRef {
            home: self.home.as_ref(),
            status: self.status,
            lid: self.lid,
            version: self.version,
            extra: &self.extra,
            ..HeaderRef::default()
        }
    }
}

type Attribute = Row<Association>;

static ROWS: &[Attribute] = &[
    Attribute::xml(
        "associationType",
        |a| vec![a.association_type.urn().to_owned()],
        |a, v| AssociationType::parse(v).map(|t| a.association_type = t),
    ),
    Attribute::xml(
        "sourceObject",
        |a| vec![a.source.to_string()],
        |a, v| ObjectId::parse(v).map(|o| a.source = o),
    ),
    Attribute::xml(
        "targetObject",
        |a| vec![a.target.to_string()],
        |a, v| ObjectId::parse(v).map(|o| a.target = o),
    ),
    Attribute::slot(
        STATUS_OF_MEMBER,
        Count::Optional,
        |a| a.submission_set_status.iter().map(|s| s.name().to_owned()).collect(),
        |a, v| member_status(v).map(|s| a.submission_set_status = Some(s)),
    ),
    Attribute::slot(
        "PreviousVersion",
        Count::Optional,
        |a| texts(a.previous_version.as_ref()),
        |a, v| number(v).map(|n| a.previous_version = Some(n)),
    ),
    Attribute::code(
        "documentation",
        "urn:uuid:abd807a3-4432-4053-87b4-fd82c643d1f3",
        Count::Optional,
        |a| a.documentation.as_slice(),
        |a, c| a.documentation = Some(c),
    ),
];

fn member_status(s: &str) -> Result<SubmissionSetStatus, Invalid> {
    [SubmissionSetStatus::Original, SubmissionSetStatus::Reference]
        .into_iter()
        .find(|v| v.name() == s)
        .ok_or(Invalid {
            expected: "Original or Reference",
            expected_ja: "Original または Reference",
        })
}
