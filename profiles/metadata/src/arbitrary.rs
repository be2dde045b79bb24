//! Generators of valid metadata for property tests.
