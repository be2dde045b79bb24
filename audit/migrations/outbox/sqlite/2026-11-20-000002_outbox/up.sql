-- Audit records of what an actor did, until they are delivered.
CREATE TABLE audit_outbox (
    at BIGINT NOT NULL, -- EventDateTime, microseconds since 1970: the order of delivery
    id BLOB NOT NULL CHECK (length(id) = 16), -- of the record
    body BLOB NOT NULL, -- the record, compressed and sealed
    PRIMARY KEY (at, id)
);
