-- Plain is only what records are searched by; body is the record, compressed and sealed.
CREATE TABLE record (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL, -- EventDateTime, UTC, microseconds
    event TEXT NOT NULL, -- EventID code
    event_type TEXT NOT NULL, -- EventTypeCode code, empty for none
    outcome INTEGER NOT NULL, -- EventOutcomeIndicator
    source_id TEXT NOT NULL, -- AuditSourceID
    body BLOB NOT NULL
);
CREATE INDEX record_at ON record (at, seq);
CREATE INDEX record_event_type ON record (event_type, at, seq);
