//! The tables as Diesel sees them; what they are for is said in the migrations.

diesel::table! {
    lease (id) {
        id -> Binary,
        renewed -> BigInt,
    }
}

diesel::table! {
    submission (id) {
        id -> Binary,
        lease -> Nullable<Binary>,
        since -> BigInt,
        set_id -> Nullable<Text>,
        set_uuid -> Nullable<Binary>,
        records -> Nullable<Binary>,
    }
}

diesel::table! {
    content (id) {
        id -> Binary,
        state -> SmallInt,
        unique_id -> Nullable<Text>,
        mime_type -> Text,
        size -> BigInt,
        sha1 -> Binary,
        sha256 -> Binary,
        chunks -> Integer,
        home -> SmallInt,
        segment -> Nullable<Binary>,
        position -> BigInt,
        sealed_size -> BigInt,
        stride -> Integer,
        key_name -> Text,
        key_algorithm -> Text,
        key_bytes -> Binary,
        created -> BigInt,
    }
}

diesel::table! {
    entry (key) {
        key -> BigInt,
        content_id -> Binary,
        submission_id -> Nullable<Binary>,
        set_id -> Text,
        mime_type -> Text,
    }
}

diesel::table! {
    bare_set (set_id) {
        set_id -> Text,
    }
}

diesel::table! {
    source (source_id) {
        source_id -> Text,
        node -> Text,
    }
}

diesel::table! {
    removed (unique_id) {
        unique_id -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    arriving (content_id) {
        content_id -> Binary,
        lease -> Nullable<Binary>,
    }
}

diesel::table! {
    chunk (content_id, number) {
        content_id -> Binary,
        number -> Integer,
        bytes -> Binary,
    }
}

diesel::allow_tables_to_appear_in_same_query!(lease, submission, content, entry, arriving, chunk);
