-- A spool is a database with nothing but an outbox; actors have the same table beside their own.
CREATE TABLE audit_outbox (
    id TEXT NOT NULL,
    at TEXT NOT NULL, -- EventDateTime, UTC, microseconds: the order of delivery
    body BLOB NOT NULL, -- the record, compressed and sealed
    PRIMARY KEY (at, id)
);
