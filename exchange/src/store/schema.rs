//! The tables; `migrations` has their definitions.

diesel::table! {
    answered (key) {
        key -> Binary,
        at -> BigInt,
        digest -> Binary,
        answer -> Nullable<Binary>,
    }
}

diesel::table! {
    reply (id) {
        id -> Binary,
        made -> BigInt,
        due -> BigInt,
        attempts -> Integer,
        body -> Binary,
        partner -> Binary,
        host -> Binary,
        under_way -> BigInt,
    }
}
