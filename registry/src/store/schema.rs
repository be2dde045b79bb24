//! The tables, as Diesel sees them; the migrations make them.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    /// One row a patient identifier.
    patient (key) {
        key -> BigInt,
        cx_hash -> Binary,
        cx -> Binary,
        survivor -> Nullable<BigInt>,
    }
}

table! {
    /// Which object an id names.
    identifier (kind, value) {
        kind -> SmallInt,
        value -> Text,
        patient_key -> BigInt,
        object_id -> Text,
        object_kind -> SmallInt,
    }
}

table! {
    /// DocumentEntries.
    document_entry (patient_key, id) {
        patient_key -> BigInt,
        id -> Text,
        unique_id -> Text,
        submission -> Text,
        status -> SmallInt,
        object_type -> SmallInt,
        availability -> SmallInt,
        version -> Integer,
        lid -> Text,
        home -> Nullable<Text>,
        repository -> Text,
        hash -> Text,
        size -> BigInt,
        class_code -> Nullable<Text>,
        type_code -> Nullable<Text>,
        practice_setting_code -> Nullable<Text>,
        facility_type_code -> Nullable<Text>,
        format_code -> Nullable<Text>,
        event_codes -> Nullable<Text>,
        confidentiality_codes -> Nullable<Text>,
        creation_time -> Nullable<Text>,
        service_start -> Nullable<Text>,
        service_stop -> Nullable<Text>,
        author_institution -> Nullable<Text>,
        recipient -> Nullable<Text>,
        audience -> Nullable<Text>,
        author_persons -> Nullable<Binary>,
        reference_ids -> Nullable<Binary>,
        fragment -> Binary,
    }
}

table! {
    /// SubmissionSets.
    submission_set (patient_key, id) {
        patient_key -> BigInt,
        id -> Text,
        unique_id -> Text,
        status -> SmallInt,
        home -> Nullable<Text>,
        source_id -> Text,
        submission_time -> Text,
        content_type_code -> Nullable<Text>,
        recipient -> Nullable<Text>,
        author_persons -> Nullable<Binary>,
        fragment -> Binary,
    }
}

table! {
    /// Associations.
    association (patient_key, id) {
        patient_key -> BigInt,
        id -> Text,
        association_type -> Text,
        status -> SmallInt,
        home -> Nullable<Text>,
        source_id -> Text,
        target_key -> BigInt,
        target_id -> Text,
        fragment -> Binary,
    }
}

joinable!(identifier -> patient (patient_key));
allow_tables_to_appear_in_same_query!(patient, identifier);
