//! Renkei.
fn main() {}
