//! Canonical URLs and code systems of HS037.

/// 特定健診 item codes (JLAC10, 17 digits).
pub const ITEM_CODE: &str = "urn:oid:1.2.392.200119.6.1005";
/// JLAC10 codes of items that are none of 特定健診.
pub const JLAC10: &str = "urn:oid:1.2.392.200119.4.504";
/// All systems of JLAC10 item codes that a document may use.
pub const ITEM_CODES: [&str; 3] = [ITEM_CODE, JLAC10, "urn:oid:1.2.392.100495.100.1051"];
/// An institution's own items, followed by 1 and its ten digits.
pub const OWN_ITEM: &str = "urn:oid:2.25.185732698166007113028036616671757965052.11.1";
/// 特定健診 method codes.
pub const METHOD_CODE: &str = "urn:oid:1.2.392.200119.6.1007";
/// Units.
pub const UCUM: &str = "http://unitsofmeasure.org";
/// 報告区分, as the active profile binds it.
pub const REPORT_CATEGORY: &str = "urn:oid:2.16.840.1.113883.2.2.1.6.1001";
/// All systems of 報告区分 that editions of the guide name.
pub const REPORT_CATEGORIES: [&str; 4] = [
    REPORT_CATEGORY,
    "urn:oid:1.2.392.200119.6.1001",
    "1.2.392.200119.6.1001",
    "http://jpfhir.jp/fhir/eCheckup/CodeSystem/checkup-report-category",
];
/// 健診プログラムサービスコード.
pub const PROGRAMME: &str = "urn:oid:1.2.392.200119.6.1002";
/// Sections.
pub const SECTION: &str = "http://jpfhir.jp/fhir/eCheckup/CodeSystem/section-code";
/// 一連検査グループ.
pub const GROUP: &str = "http://jpfhir.jp/fhir/eCheckup/CodeSystem/observationGroup-codes";
/// Relation of a member to its group.
pub const GROUP_RELATION: &str =
    "http://jpfhir.jp/fhir/Common/Extension/StructureDefinition/observatioGroupRelationship";
/// Category of an observation.
pub const CATEGORY: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS";
/// Why there is no value.
pub const ABSENT: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
/// The same as an extension, where an element cannot be left out.
pub const ABSENT_EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
/// L, N, H, LX, HX.
pub const INTERPRETATION: &str =
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
/// Order of an ordinal code.
pub const ORDINAL: &str = "http://hl7.org/fhir/StructureDefinition/ordinalValue";
/// Kanji (IDE) or kana (SYL).
pub const NAME_FORM: &str = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation";
/// Version of the document.
pub const DOCUMENT_VERSION: &str =
    "http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber";
/// Identifier of the document as a resource.
pub const RESOURCE_IDENTIFIER: &str =
    "http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier";
/// Identifier of the Bundle.
pub const BUNDLE_IDENTIFIER: &str = "http://jpfhir.jp/fhir/clins/bundle-identifier";
/// 保険者番号:記号:番号:枝番.
pub const MEMBER_ID: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID";
/// Patient number of an institution, followed by 1 and its ten digits.
pub const LOCAL_PATIENT: &str = "urn:oid:1.2.392.100495.20.3.51.1";
/// 保険医療機関番号.
pub const INSTITUTION: &str =
    "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no";
/// All systems of 健診機関番号 that vendors use.
pub const INSTITUTIONS: [&str; 2] = [INSTITUTION, "urn:oid:1.2.392.200119.6.102"];
/// 保険者番号.
pub const INSURER: &str = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber";
/// The same as an OID.
pub const INSURER_OID: &str = "urn:oid:1.2.392.100495.20.3.61";
/// All systems of 保険者番号 that vendors use.
pub const INSURERS: [&str; 3] = [INSURER, INSURER_OID, "urn:oid:1.2.392.200119.6.101"];
/// 公費負担者番号.
pub const PUBLIC_PAYER: &str = "urn:oid:1.2.392.100495.20.3.71";
/// Who entered the data of a document.
pub const DATA_ENTERER: &str =
    "http://jpfhir.jp/fhir/eCheckup/Extension/StructureDefinition/composition_dataEnterer";
/// Who wrote the text of a finding.
pub const COMPONENT_PERFORMER: &str =
    "http://jpfhir.jp/fhir/eCheckup/Extension/StructureDefinition/observation-component-performer";
/// Type of document.
pub const DOCUMENT_TYPE: &str = "http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes";
/// Role of an institution.
pub const INSTITUTION_ROLE: &str =
    "http://jpfhir.jp/fhir/eCheckup/CodeSystem/report-organization-code";
/// Kind of organisation.
pub const ORGANIZATION_TYPE: &str = "http://terminology.hl7.org/CodeSystem/organization-type";
/// Class of the encounter.
pub const ENCOUNTER_CLASS: &str = "http://jpfhir.jp/fhir/eCheckup/CodeSystem/encounter-category";
/// Individual or group visit.
pub const ENCOUNTER_TYPE: &str = "http://jpfhir.jp/fhir/eCheckup/CodeSystem/checkup-encounter-type";
/// 受診券.
pub const TICKET: &str = "urn:oid:1.2.392.200119.6.208";
/// 医保, 国保 ….
pub const INSURANCE_CATEGORY: &str =
    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/InsuranceMajorCategory";
/// 被保険者, 被扶養者.
pub const INSURED_CATEGORY: &str =
    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/InsuredPersonCategory";
/// Extensions of a Coverage end with Symbol, Number, SubNumber.
pub const INSURED_PERSON: &str =
    "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson";
/// 記号.
pub const INSURED_SYMBOL: &str =
    "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPersonSymbol";
/// 番号.
pub const INSURED_NUMBER: &str =
    "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPersonNumber";
/// 枝番.
pub const INSURED_SUB_NUMBER: &str =
    "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPersonSubNumber";

/// Profile of the Bundle.
pub const BUNDLE_PROFILE: &str =
    "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_eCheckupGeneral";
/// Profile of the Patient.
pub const PATIENT_PROFILE: &str =
    "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Patient_eCheckupGeneral";
/// Profile of the Composition.
pub const COMPOSITION_PROFILE: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Composition_eCheckupGeneral";
/// Profile of the Practitioner.
pub const PRACTITIONER_PROFILE: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Practitioner_eCheckupGeneral";
/// Profile of the institution.
pub const ORGANIZATION_PROFILE: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Organization_eCheckupGeneral";
/// Profile of the insurer.
pub const INSURER_PROFILE: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_OrganizationInsurer_eCheckupGeneral";
/// Profile of the Encounter.
pub const ENCOUNTER_PROFILE: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Encounter_eCheckupGeneral";
/// Profile of the ticket.
pub const TICKET_PROFILE: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_CoverageService_eCheckupGeneral";
/// Profile of the insurance.
pub const INSURANCE_PROFILE: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_CoverageInsurance_eCheckupGeneral";
/// Profile of a result.
pub const OBSERVATION_PROFILE: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Observation_eCheckupGeneral";
/// Profile of a 一連検査グループ.
pub const GROUP_PROFILE: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_ObservationGroup_eCheckupGeneral";
/// Profile of who entered the data.
pub const PRACTITIONER_ROLE_PROFILE: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_PractitionerRole_eCheckupGeneral";
/// Profile of a result with an attachment.
pub const DIAGNOSTIC_REPORT_PROFILE: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_DiagnosticReport_eCheckupGeneral";
/// Profile of an image.
pub const MEDIA_PROFILE: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Media_eCheckupGeneral";
/// Profile of an attached document.
pub const DOCUMENT_REFERENCE_PROFILE: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_DocumentReference_eCheckupGeneral";
/// Profile of a specimen.
pub const SPECIMEN_PROFILE: &str =
    "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Specimen_eCheckupGeneral";
