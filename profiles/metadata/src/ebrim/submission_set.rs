//! SubmissionSet (ITI TF-3: 4.2.3.3).

use super::table::{Count, Header, HeaderRef, Hole, Object, Row, texts};
use crate::ids::{Dtm, ObjectId, Oid, PatientId};
use crate::model::{ObjectKind, SubmissionSet};

impl Object for SubmissionSet {
    const KIND: ObjectKind = ObjectKind::SubmissionSet;
    const ELEMENT: &'static str = "rim:RegistryPackage";
    const PREFIX: &'static str = "XDSSubmissionSet";
    const OBJECT_TYPE: Option<&'static str> = Some(super::PACKAGE);
    const LABEL: Option<&'static str> = Some("urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd");
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

type Attribute = Row<SubmissionSet>;

static ROWS: &[Attribute] = &[
    Attribute::slot(
        "intendedRecipient",
        Count::Many,
        |s| s.intended_recipients.clone(),
        |s, v| {
            s.intended_recipients.push(v.to_owned());
            Ok(())
        },
    )
    .personal(),
    Attribute::slot(
        "submissionTime",
        Count::One,
        |s| vec![s.submission_time.to_string()],
        |s, v| Dtm::parse(v).map(|t| s.submission_time = t),
    ),
    Attribute::author(
        "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d",
        |s| &s.authors,
        |s, a| s.authors.push(a),
    ),
    Attribute::code(
        "contentTypeCode",
        "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500",
        Count::Optional,
        |s| s.content_type_code.as_slice(),
        |s, c| s.content_type_code = Some(c),
    ),
    Attribute::identifier(
        "patientId",
        "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446",
        Count::Optional,
        |s| texts(s.patient_id.as_ref()),
        |s, v| PatientId::parse(v).map(|p| s.patient_id = Some(p)),
    )
    .open(Hole::PatientId),
    Attribute::identifier(
        "sourceId",
        "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832",
        Count::One,
        |s| vec![s.source_id.to_string()],
        |s, v| Oid::parse(v).map(|o| s.source_id = o),
    ),
    Attribute::identifier(
        "uniqueId",
        "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8",
        Count::One,
        |s| vec![s.unique_id.to_string()],
        |s, v| Oid::parse(v).map(|o| s.unique_id = o),
    ),
];
