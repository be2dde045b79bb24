//! Folder (ITI TF-3: 4.2.3.4).

use super::table::{
    Count, Object, Place, Row, TextElement, Texts,
    need::{O, R, X},
};
use super::value::{Value, Values, parts, text, values};
use crate::fragment::Hole;
use crate::ids::{ObjectId, Oid};
use crate::model::{ExtraSlot, Folder, ObjectKind};

impl Object for Folder {
    const KIND: ObjectKind = ObjectKind::Folder;
    const ELEMENT: &'static str = "rim:RegistryPackage";
    const PREFIX: &'static str = "XDSFolder";

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
            codes: Vec::new(),
            last_update_time: None,
            patient_id: None,
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

type Attribute = Row<Folder>;

#[rustfmt::skip]
static ROWS: &[Attribute] = &[
    Attribute::id([R, R, R]),
    Attribute::xml("homeCommunityId", "home", [O, O, O], values!(optional home)).open(Hole::Home),
    Attribute::xml("logicalID", "lid", [O, O, O], values!(optional lid)).open(Hole::LogicalId),
    Attribute::xml("availabilityStatus", "status", [O, O, O], values!(optional status))
        .set_by_registry()
        .open(Hole::Status),
    Attribute::fixed("objectType", super::PACKAGE),
    Attribute::slot("lastUpdateTime", [O, O, O], values!(optional last_update_time))
        .set_by_registry()
        .open(Hole::LastUpdateTime),
    text!("title", Name, [R, R, R], title),
    text!("comments", Description, [O, O, O], comments),
    Attribute::version(values!(optional version)).set_by_registry().open(Hole::Version),
    Attribute::label("urn:uuid:d9d542f3-6cc4-48b6-8870-ea235fbc94c2"),
    Attribute::code("codeList", "urn:uuid:1ba97051-7806-41a8-a48b-8fce7af683c5", [R, R, R], parts!(Code many codes)),
    Attribute::marker("urn:uuid:2c144a76-29a9-4b7c-af54-b25409fe7d03", [X, X, X]),
    Attribute::identifier("patientId", "urn:uuid:f64ffdf0-4b97-4e06-b79f-a52b38ec2f8a", [R, R, R], values!(optional patient_id))
        .open(Hole::PatientId),
    Attribute::identifier("uniqueId", "urn:uuid:75df8f67-9973-4fbe-a900-df66cefecc5a", [R, R, R], values!(one unique_id)),
];
