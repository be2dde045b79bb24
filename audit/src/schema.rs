//! The tables; `migrations` has their definitions.

diesel::table! {
    audit_outbox (at, id) {
        id -> Binary,
        at -> BigInt,
        body -> Binary,
    }
}

diesel::table! {
    journal (id) {
        id -> Binary,
        segment -> BigInt,
        place -> BigInt,
        next -> BigInt,
        mark -> Binary,
    }
}

diesel::table! {
    entry (num) {
        num -> BigInt,
        id -> Binary,
        at -> BigInt,
        event -> Text,
        event_type -> Text,
        outcome -> Integer,
        source_id -> Text,
        journal -> Binary,
        number -> BigInt,
        segment -> BigInt,
        place -> BigInt,
        octets -> Nullable<Binary>,
        wrapped_key -> Nullable<Binary>,
    }
}

diesel::table! {
    damage (journal, segment, first, place) {
        journal -> Binary,
        segment -> BigInt,
        first -> BigInt,
        last -> BigInt,
        place -> BigInt,
        octets -> BigInt,
    }
}
