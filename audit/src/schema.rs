//! The tables; `migrations` has their definitions.

diesel::table! {
    audit_outbox (at, id) {
        id -> Text,
        at -> Text,
        body -> Binary,
    }
}

diesel::table! {
    record (seq) {
        seq -> BigInt,
        id -> Text,
        at -> Text,
        event -> Text,
        event_type -> Text,
        outcome -> Integer,
        source_id -> Text,
        body -> Binary,
    }
}
