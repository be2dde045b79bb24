//! SubmissionSet (ITI TF-3: 4.2.3.3).

use super::table::{
    Count, Object, Place, Row, TextElement, Texts,
    need::{O, R, R2, X},
};
use super::value::{Value, Values, parts, text, values};
use crate::fragment::Hole;
use crate::ids::{Dtm, ObjectId, Oid};
use crate::model::{ExtraSlot, ObjectKind, SubmissionSet};
use crate::rules::hl7;

impl Object for SubmissionSet {
    const KIND: ObjectKind = ObjectKind::SubmissionSet;
    const ELEMENT: &'static str = "rim:RegistryPackage";
    const PREFIX: &'static str = "XDSSubmissionSet";

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
            title: None,
            comments: None,
            authors: Vec::new(),
            content_type_code: None,
            intended_recipients: Vec::new(),
            patient_id: None,
            source_id: Oid::unknown(),
            submission_time: Dtm::unknown(),
            unique_id: Oid::unknown(),
            extra: Vec::new(),
        }
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

type Attribute = Row<SubmissionSet>;

#[rustfmt::skip]
static ROWS: &[Attribute] = &[
    Attribute::id([R, R, R]),
    Attribute::xml("homeCommunityId", "home", [O, O, O], values!(optional home)).open(Hole::Home),
    Attribute::xml("logicalID", "lid", [O, O, O], values!(optional lid)).open(Hole::LogicalId),
    Attribute::xml("availabilityStatus", "status", [O, O, O], values!(optional status))
        .set_by_registry()
        .open(Hole::Status),
    Attribute::fixed("objectType", super::PACKAGE),
    Attribute::slot("intendedRecipient", [O, O, O], values!(many intended_recipients))
        .personal(hl7::recipient),
    Attribute::slot("submissionTime", [R, R, R], values!(one submission_time)),
    text!("title", Name, [O, O, O], title),
    text!("comments", Description, [O, O, O], comments),
    Attribute::version(values!(optional version)).set_by_registry().open(Hole::Version),
    Attribute::label("urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"),
    Attribute::author("urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d", [R2, R2, R2], parts!(Author many authors)),
    Attribute::code("contentTypeCode", "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500", [R, R, R], parts!(Code optional content_type_code)),
    Attribute::marker("urn:uuid:5003a9db-8d8d-49e6-bf0c-990e34ac7707", [X, X, X]),
    Attribute::identifier("patientId", "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446", [R, R, R], values!(optional patient_id))
        .open(Hole::PatientId),
    Attribute::identifier("sourceId", "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832", [R, R, R], values!(one source_id)),
    Attribute::identifier("uniqueId", "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8", [R, R, R], values!(one unique_id)),
];
