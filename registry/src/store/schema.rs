//! The tables, as Diesel sees them; the migrations make them and say what they are for.

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
    /// Messages of the patient feed that are still to be told.
    news (key) {
        key -> Binary,
        at -> BigInt,
        failed_at -> Nullable<BigInt>,
        message -> Binary,
    }
}

table! {
    /// Which object an entryUUID names, or named.
    object (id) {
        id -> Binary,
        kind -> SmallInt,
        patient_key -> Nullable<BigInt>,
        key -> Nullable<Binary>,
    }
}

table! {
    /// What a uniqueId names, or named.
    unique_id (value) {
        value -> Text,
        kind -> SmallInt,
        patient_key -> Nullable<BigInt>,
        key -> Nullable<Binary>,
    }
}

table! {
    /// The ebRIM of every object.
    fragment (key) {
        key -> Binary,
        sealed -> Binary,
    }
}

table! {
    /// DocumentEntries.
    document_entry (patient_key, key) {
        patient_key -> BigInt,
        key -> Binary,
        id -> Binary,
        unique_id -> Text,
        lid -> Binary,
        version -> Integer,
        latest -> SmallInt,
        status -> SmallInt,
        object_type -> SmallInt,
        availability -> SmallInt,
        home -> Nullable<Text>,
        repository -> Text,
        hash -> Nullable<Binary>,
        size -> Nullable<BigInt>,
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
        submitter -> Nullable<Text>,
    }
}

table! {
    /// The entries that carry a reference id.
    reference (hash, patient_key, key) {
        hash -> Binary,
        patient_key -> BigInt,
        key -> Binary,
    }
}

table! {
    /// SubmissionSets.
    submission_set (patient_key, key) {
        patient_key -> BigInt,
        key -> Binary,
        id -> Binary,
        unique_id -> Text,
        status -> SmallInt,
        home -> Nullable<Text>,
        source_id -> Text,
        submission_time -> Text,
        content_type_code -> Nullable<Text>,
        author_institution -> Nullable<Text>,
        recipient -> Nullable<Text>,
        audience -> Nullable<Text>,
        author_persons -> Nullable<Binary>,
        submitter -> Nullable<Text>,
    }
}

table! {
    /// Folders.
    folder (patient_key, key) {
        patient_key -> BigInt,
        key -> Binary,
        id -> Binary,
        unique_id -> Text,
        lid -> Binary,
        version -> Integer,
        latest -> SmallInt,
        status -> SmallInt,
        home -> Nullable<Text>,
        codes -> Nullable<Text>,
        last_update_time -> Text,
    }
}

table! {
    /// Associations.
    association (key) {
        key -> Binary,
        id -> Binary,
        patient_key -> BigInt,
        association_type -> SmallInt,
        status -> SmallInt,
        set_status -> Nullable<SmallInt>,
        home -> Nullable<Text>,
        source_kind -> SmallInt,
        source_patient -> BigInt,
        source_key -> Binary,
        target_kind -> SmallInt,
        target_patient -> BigInt,
        target_key -> Binary,
    }
}

joinable!(object -> patient (patient_key));
allow_tables_to_appear_in_same_query!(
    patient,
    object,
    association,
    reference,
    document_entry,
    submission_set,
    folder,
);
