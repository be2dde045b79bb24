-- A process that has work under way, and when it last said so (microseconds since 1970).
CREATE TABLE lease (
    id TEXT NOT NULL PRIMARY KEY,
    renewed BIGINT NOT NULL
);

-- A submission whose outcome is not settled. Without a lease nobody works on it any more and its
-- sender has been answered. `records` are the audit records of its success, sealed.
CREATE TABLE submission (
    id TEXT NOT NULL PRIMARY KEY,
    lease TEXT,
    since BIGINT NOT NULL,
    records BLOB
);

-- One row a document. state: 0 uploading, 1 stored, 2 confirmed, 3 being removed.
CREATE TABLE content (
    id TEXT NOT NULL PRIMARY KEY,
    state SMALLINT NOT NULL,
    unique_id TEXT,
    mime_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha1 TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    chunks INTEGER NOT NULL,
    key_name TEXT NOT NULL,
    key_algorithm TEXT NOT NULL,
    key_bytes BLOB NOT NULL,
    created BIGINT NOT NULL
);
CREATE UNIQUE INDEX content_unique_id ON content (unique_id);
CREATE INDEX content_removing ON content (id) WHERE state = 3;

-- Which unsettled submissions need which documents: a document that two of them share is removed
-- only when both were refused.
CREATE TABLE holder (
    submission_id TEXT NOT NULL REFERENCES submission (id),
    content_id TEXT NOT NULL REFERENCES content (id),
    PRIMARY KEY (submission_id, content_id)
);
CREATE INDEX holder_content ON holder (content_id);

CREATE TABLE chunk (
    content_id TEXT NOT NULL REFERENCES content (id),
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (content_id, number)
);

CREATE TABLE audit_outbox (
    id TEXT NOT NULL,
    at TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (at, id)
);
