//! The tables, as Diesel sees them; the migrations make them and say what they are for.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    /// A row each identifier of the affinity domain.
    person (key) {
        key -> BigInt,
        id_hash -> Binary,
        survivor -> Nullable<BigInt>,
        told -> BigInt,
        sealed -> Binary,
    }
}

table! {
    /// What a person is found by.
    clue (hash, person_key) {
        hash -> Binary,
        person_key -> BigInt,
    }
}

table! {
    /// What other communities told of persons.
    correlation (id_hash, home) {
        id_hash -> Binary,
        home -> Text,
        is_nobody -> Bool,
        until -> BigInt,
        sealed -> Binary,
        since -> BigInt,
    }
}

table! {
    /// Questions to other communities whose answers come later.
    question (id_hash, home) {
        id_hash -> Binary,
        home -> Text,
        message_id -> Text,
        until -> BigInt,
        sealed -> Binary,
    }
}

table! {
    /// How often other communities were forgiven what they did wrong.
    forgiven (home, quirk) {
        home -> Text,
        quirk -> Text,
        times -> BigInt,
        last -> BigInt,
    }
}

joinable!(clue -> person (person_key));
allow_tables_to_appear_in_same_query!(clue, person);
