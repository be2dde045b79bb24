//! The tables, as Diesel sees them; the migrations make them and say what they are for.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    /// A record: a row each identifier of any domain.
    person (key) {
        key -> BigInt,
        id_hash -> Binary,
        survivor -> Nullable<BigInt>,
        told -> BigInt,
        sealed -> Binary,
        is_home -> Bool,
        cluster -> BigInt,
        epoch -> BigInt,
    }
}

table! {
    /// The domains of records.
    domain (oid) {
        oid -> Text,
    }
}

table! {
    /// All identifiers of a person.
    known_as (cluster) {
        cluster -> BigInt,
        sealed -> Binary,
    }
}

table! {
    /// What a record is found by.
    lead (hash, person_key) {
        hash -> Binary,
        person_key -> BigInt,
    }
}

table! {
    /// Leads that too many records have.
    crowd (hash) {
        hash -> Binary,
        is_left_out -> Bool,
    }
}

table! {
    /// What is known of two records.
    pair (low, high) {
        low -> BigInt,
        high -> BigInt,
        told -> Integer,
        line -> Integer,
        score -> Integer,
        decided -> Nullable<Integer>,
        waiting -> Nullable<BigInt>,
        sealed -> Binary,
    }
}

table! {
    /// The rules of matching that were put in force.
    rules (epoch) {
        epoch -> BigInt,
        version -> Text,
        toml -> Text,
        terms -> Text,
        since -> BigInt,
        is_done -> Bool,
    }
}

table! {
    /// Persons whose identifiers changed.
    changed (key) {
        key -> BigInt,
        at -> BigInt,
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
joinable!(lead -> person (person_key));
allow_tables_to_appear_in_same_query!(clue, person);
allow_tables_to_appear_in_same_query!(lead, person);
