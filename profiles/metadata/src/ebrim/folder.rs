//! Folder (ITI TF-3: 4.2.3.4).

use super::table::{Count, Header, HeaderRef, Hole, Object, Row, texts};
use crate::ids::{Dtm, ObjectId, Oid, PatientId};
use crate::model::{Folder, ObjectKind};

impl Object for Folder {
    const KIND: ObjectKind = ObjectKind::Folder;
    const ELEMENT: &'static str = "rim:RegistryPackage";
    const PREFIX: &'static str = "XDSFolder";
    const OBJECT_TYPE: Option<&'static str> = Some(super::PACKAGE);
    const LABEL: Option<&'static str> = Some("urn:uuid:d9d542f3-6cc4-48b6-8870-ea235fbc94c2");
    const OTHER_SLOTS: &'static [&'static str] = &[];

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

    fn put(&mut self, h: Header) {
        self.home = h.home;
        self.status = h.status;
        self.lid = h.lid;
        self.version = h.version;
        self.title = h.title;
        self.comments = h.comments;
        self.extra = h.extra;
    }

    fn header(&self) -> HeaderRef<'_> {
        HeaderRef {
            home: self.home.as_ref(),
            status: self.status,
            lid: self.lid,
            version: self.version,
            title: self.title.as_ref(),
            comments: self.comments.as_ref(),
            extra: &self.extra,
        }
    }
}

type Attribute = Row<Folder>;

static ROWS: &[Attribute] = &[
    Attribute::slot(
        "lastUpdateTime",
        Count::Optional,
        |f| texts(f.last_update_time.as_ref()),
        |f, v| Dtm::parse(v).map(|t| f.last_update_time = Some(t)),
    )
    .open(Hole::LastUpdateTime),
    Attribute::code(
        "codeList",
        "urn:uuid:1ba97051-7806-41a8-a48b-8fce7af683c5",
        Count::Many,
        |f| &f.codes,
        |f, c| f.codes.push(c),
    ),
    Attribute::identifier(
        "patientId",
        "urn:uuid:f64ffdf0-4b97-4e06-b79f-a52b38ec2f8a",
        Count::Optional,
        |f| texts(f.patient_id.as_ref()),
        |f, v| PatientId::parse(v).map(|p| f.patient_id = Some(p)),
    )
    .open(Hole::PatientId),
    Attribute::identifier(
        "uniqueId",
        "urn:uuid:75df8f67-9973-4fbe-a900-df66cefecc5a",
        Count::One,
        |f| vec![f.unique_id.to_string()],
        |f, v| Oid::parse(v).map(|o| f.unique_id = o),
    ),
];
