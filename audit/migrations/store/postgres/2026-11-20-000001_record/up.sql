-- Plain is only what records are searched by; body is the record, compressed and sealed.
CREATE TABLE record (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    at TEXT COLLATE "C" NOT NULL, -- EventDateTime, UTC, microseconds
    event TEXT COLLATE "C" NOT NULL, -- EventID code
    event_type TEXT COLLATE "C" NOT NULL, -- EventTypeCode code, empty for none
    outcome INTEGER NOT NULL, -- EventOutcomeIndicator
    source_id TEXT COLLATE "C" NOT NULL, -- AuditSourceID
    body BYTEA NOT NULL
);
CREATE INDEX record_at ON record (at, seq);
CREATE INDEX record_event_type ON record (event_type, at, seq);
