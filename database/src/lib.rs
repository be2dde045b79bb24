//! Diesel plumbing: one URL, SQLite or PostgreSQL, readers, one writer, migrations.
