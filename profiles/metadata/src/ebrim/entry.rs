//! DocumentEntry (ITI TF-3: 4.2.3.2).

use super::table::{Count, Header, HeaderRef, Hole, Object, Row, number, texts};
use crate::ids::{
    Dtm, LanguageCode, MimeType, ObjectId, PatientId, RepositoryUniqueId, Sha1Hash, UniqueId,
};
use crate::model::{DocumentAvailability, DocumentEntry, EntryType, ObjectKind};

impl Object for DocumentEntry {
    const KIND: ObjectKind = ObjectKind::DocumentEntry;
    const ELEMENT: &'static str = "rim:ExtrinsicObject";
    const PREFIX: &'static str = "XDSDocumentEntry";
    const OBJECT_TYPE: Option<&'static str> = None;
    const LABEL: Option<&'static str> = None;
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
            object_type: EntryType::Stable,
            mime_type: MimeType::unknown(),
            title: None,
            comments: None,
            authors: Vec::new(),
            class_code: None,
            confidentiality_codes: Vec::new(),
            event_codes: Vec::new(),
            format_code: None,
            facility_type_code: None,
            practice_setting_code: None,
            type_code: None,
            creation_time: None,
            availability: None,
            hash: None,
            size: None,
            language: None,
            legal_authenticator: None,
            reference_ids: Vec::new(),
            repository: None,
            service_start: None,
            service_stop: None,
            source_patient_id: None,
            source_patient_info: Vec::new(),
            uri: None,
            patient_id: None,
            unique_id: UniqueId::unknown(),
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

type Attribute = Row<DocumentEntry>;

static ROWS: &[Attribute] = &[
    Attribute::xml(
        "mimeType",
        |e| vec![e.mime_type.to_string()],
        |e, v| MimeType::parse(v).map(|m| e.mime_type = m),
    ),
    Attribute::xml(
        "objectType",
        |e| vec![e.object_type.urn().to_owned()],
        |e, v| EntryType::parse(v).map(|t| e.object_type = t),
    ),
    Attribute::slot(
        "creationTime",
        Count::Optional,
        |e| texts(e.creation_time.as_ref()),
        |e, v| Dtm::parse(v).map(|t| e.creation_time = Some(t)),
    ),
    Attribute::slot(
        "documentAvailability",
        Count::Optional,
        |e| e.availability.iter().map(|a| a.urn().to_owned()).collect(),
        |e, v| DocumentAvailability::parse(v).map(|a| e.availability = Some(a)),
    )
    .open(Hole::Availability),
    Attribute::slot(
        "hash",
        Count::Optional,
        |e| texts(e.hash.as_ref()),
        |e, v| Sha1Hash::parse(v).map(|h| e.hash = Some(h)),
    ),
    Attribute::slot(
        "languageCode",
        Count::Optional,
        |e| texts(e.language.as_ref()),
        |e, v| LanguageCode::parse(v).map(|l| e.language = Some(l)),
    ),
    Attribute::slot(
        "legalAuthenticator",
        Count::Optional,
        |e| texts(e.legal_authenticator.as_ref()),
        |e, v| {
            e.legal_authenticator = Some(v.to_owned());
            Ok(())
        },
    )
    .personal(),
    Attribute::slot(
        "referenceIdList",
        Count::Many,
        |e| e.reference_ids.clone(),
        |e, v| {
            e.reference_ids.push(v.to_owned());
            Ok(())
        },
    )
    .on_the_wire("urn:ihe:iti:xds:2013:referenceIdList")
    .personal(),
    Attribute::slot(
        "repositoryUniqueId",
        Count::Optional,
        |e| texts(e.repository.as_ref()),
        |e, v| RepositoryUniqueId::parse(v).map(|r| e.repository = Some(r)),
    ),
    Attribute::slot(
        "serviceStartTime",
        Count::Optional,
        |e| texts(e.service_start.as_ref()),
        |e, v| Dtm::parse(v).map(|t| e.service_start = Some(t)),
    ),
    Attribute::slot(
        "serviceStopTime",
        Count::Optional,
        |e| texts(e.service_stop.as_ref()),
        |e, v| Dtm::parse(v).map(|t| e.service_stop = Some(t)),
    ),
    Attribute::slot(
        "size",
        Count::Optional,
        |e| texts(e.size.as_ref()),
        |e, v| number(v).map(|n| e.size = Some(n)),
    ),
    Attribute::slot(
        "sourcePatientId",
        Count::Optional,
        |e| texts(e.source_patient_id.as_ref()),
        |e, v| {
            e.source_patient_id = Some(v.to_owned());
            Ok(())
        },
    )
    .personal(),
    Attribute::slot(
        "sourcePatientInfo",
        Count::Many,
        |e| e.source_patient_info.clone(),
        |e, v| {
            e.source_patient_info.push(v.to_owned());
            Ok(())
        },
    )
    .personal(),
    Attribute::slot(
        "URI",
        Count::Optional,
        |e| texts(e.uri.as_ref()),
        |e, v| {
            e.uri = Some(v.to_owned());
            Ok(())
        },
    ),
    Attribute::author(
        "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d",
        |e| &e.authors,
        |e, a| e.authors.push(a),
    ),
    Attribute::code(
        "classCode",
        "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a",
        Count::Optional,
        |e| e.class_code.as_slice(),
        |e, c| e.class_code = Some(c),
    ),
    Attribute::code(
        "confidentialityCode",
        "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f",
        Count::Many,
        |e| &e.confidentiality_codes,
        |e, c| e.confidentiality_codes.push(c),
    ),
    Attribute::code(
        "eventCodeList",
        "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4",
        Count::Many,
        |e| &e.event_codes,
        |e, c| e.event_codes.push(c),
    ),
    Attribute::code(
        "formatCode",
        "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d",
        Count::Optional,
        |e| e.format_code.as_slice(),
        |e, c| e.format_code = Some(c),
    ),
    Attribute::code(
        "healthcareFacilityTypeCode",
        "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
        Count::Optional,
        |e| e.facility_type_code.as_slice(),
        |e, c| e.facility_type_code = Some(c),
    ),
    Attribute::code(
        "practiceSettingCode",
        "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead",
        Count::Optional,
        |e| e.practice_setting_code.as_slice(),
        |e, c| e.practice_setting_code = Some(c),
    ),
    Attribute::code(
        "typeCode",
        "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983",
        Count::Optional,
        |e| e.type_code.as_slice(),
        |e, c| e.type_code = Some(c),
    ),
    Attribute::identifier(
        "patientId",
        "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427",
        Count::Optional,
        |e| texts(e.patient_id.as_ref()),
        |e, v| PatientId::parse(v).map(|p| e.patient_id = Some(p)),
    )
    .open(Hole::PatientId),
    Attribute::identifier(
        "uniqueId",
        "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab",
        Count::One,
        |e| vec![e.unique_id.to_string()],
        |e, v| UniqueId::parse(v).map(|u| e.unique_id = u),
    ),
];
