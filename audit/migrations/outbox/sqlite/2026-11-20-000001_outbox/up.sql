-- Actors have this table beside their own; here it stands alone for the tests.
CREATE TABLE audit_outbox (
    id TEXT NOT NULL,
    at TEXT NOT NULL, -- EventDateTime, UTC, microseconds: the order of delivery
    body BLOB NOT NULL, -- the record, compressed and sealed
    PRIMARY KEY (at, id)
);
