//! DocumentEntry (ITI TF-3: 4.2.3.2).

use super::table::{
    Count, Object, Place, Row, TextElement, Texts,
    need::{O, R, R2, X},
};
use super::value::{Value, Values, parts, text, values};
use crate::fragment::Hole;
use crate::ids::ObjectId;
use crate::model::{DocumentEntry, ExtraSlot, ObjectKind};
use crate::rules::hl7;

impl Object for DocumentEntry {
    const KIND: ObjectKind = ObjectKind::DocumentEntry;
    const ELEMENT: &'static str = "rim:ExtrinsicObject";
    const PREFIX: &'static str = "XDSDocumentEntry";

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

type Attribute = Row<DocumentEntry>;

#[rustfmt::skip]
static ROWS: &[Attribute] = &[
    Attribute::id([R, R, R]),
    Attribute::xml("homeCommunityId", "home", [O, O, O], values!(optional home)).open(Hole::Home),
    Attribute::xml("logicalID", "lid", [O, O, O], values!(optional lid)).open(Hole::LogicalId),
    Attribute::xml("availabilityStatus", "status", [O, O, O], values!(optional status))
        .set_by_registry()
        .open(Hole::Status),
    Attribute::xml("mimeType", "mimeType", [R, R, R], values!(one mime_type)),
    Attribute::xml("objectType", "objectType", [R, R, R], values!(one object_type)),
    Attribute::slot("creationTime", [R, R, X], values!(optional creation_time)),
    Attribute::slot("documentAvailability", [O, O, O], values!(optional availability))
        .open(Hole::Availability),
    Attribute::slot("hash", [O, R, X], values!(optional hash)),
    Attribute::slot("languageCode", [R, R, R], values!(optional language)),
    Attribute::slot("legalAuthenticator", [O, O, O], values!(optional legal_authenticator))
        .personal(hl7::xcn),
    Attribute::slot("referenceIdList", [O, O, O], values!(many reference_ids))
        .on_the_wire("urn:ihe:iti:xds:2013:referenceIdList")
        .personal(hl7::cxi),
    Attribute::slot("repositoryUniqueId", [O, R, R], values!(optional repository)),
    Attribute::slot("serviceStartTime", [R2, R2, O], values!(optional service_start)),
    Attribute::slot("serviceStopTime", [R2, R2, O], values!(optional service_stop)),
    Attribute::slot("size", [O, R, X], values!(optional size)),
    Attribute::slot("sourcePatientId", [R, R, R], values!(optional source_patient_id))
        .personal(hl7::cx),
    Attribute::slot("sourcePatientInfo", [O, O, O], values!(many source_patient_info))
        .personal(|v| hl7::pid_field(v).map(drop)),
    Attribute::slot("URI", [O, O, O], values!(optional uri)).in_form(hl7::uri),
    text!("title", Name, [O, O, O], title).at_most(128),
    text!("comments", Description, [O, O, O], comments),
    Attribute::version(values!(optional version)).set_by_registry().open(Hole::Version),
    Attribute::author("urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d", [R2, R2, R2], parts!(Author many authors)),
    Attribute::code("classCode", "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a", [R, R, R], parts!(Code optional class_code)),
    Attribute::code("confidentialityCode", "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f", [R, R, R], parts!(Code many confidentiality_codes)),
    Attribute::code("eventCodeList", "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4", [O, O, O], parts!(Code many event_codes)),
    Attribute::code("formatCode", "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d", [R, R, R], parts!(Code optional format_code)),
    Attribute::code("healthcareFacilityTypeCode", "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1", [R, R, R], parts!(Code optional facility_type_code)),
    Attribute::code("practiceSettingCode", "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead", [R, R, R], parts!(Code optional practice_setting_code)),
    Attribute::code("typeCode", "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983", [R, R, R], parts!(Code optional type_code)),
    Attribute::marker("urn:uuid:ab9b591b-83ab-4d03-8f5d-f93b1fb92e85", [X, X, X]),
    Attribute::identifier("patientId", "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427", [R, R, R], values!(optional patient_id))
        .open(Hole::PatientId),
    Attribute::identifier("uniqueId", "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab", [R, R, R], values!(one unique_id)),
];
