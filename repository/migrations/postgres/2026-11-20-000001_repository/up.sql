-- A process that has work under way, and when it last said so (microseconds since 1970).
CREATE TABLE lease (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    renewed BIGINT NOT NULL
);

-- A submission whose outcome is not settled. Without a lease nobody works on it any more and its
-- sender has been answered. `records` are the audit records of its success, sealed.
CREATE TABLE submission (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    lease TEXT COLLATE "C",
    since BIGINT NOT NULL,
    records BYTEA
);

-- One row a document. state: 0 uploading, 1 stored, 2 confirmed, 3 being removed.
CREATE TABLE content (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    state SMALLINT NOT NULL,
    unique_id TEXT COLLATE "C",
    mime_type TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    sha1 TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    chunks INTEGER NOT NULL,
    key_name TEXT COLLATE "C" NOT NULL,
    key_algorithm TEXT COLLATE "C" NOT NULL,
    key_bytes BYTEA NOT NULL,
    created BIGINT NOT NULL
);
CREATE UNIQUE INDEX content_unique_id ON content (unique_id);
CREATE INDEX content_removing ON content (id) WHERE state = 3;

-- Which unsettled submissions need which documents: a document that two of them share is removed
-- only when both were refused.
CREATE TABLE holder (
    submission_id TEXT COLLATE "C" NOT NULL REFERENCES submission (id),
    content_id TEXT COLLATE "C" NOT NULL REFERENCES content (id),
    PRIMARY KEY (submission_id, content_id)
);
CREATE INDEX holder_content ON holder (content_id);

CREATE TABLE chunk (
    content_id TEXT COLLATE "C" NOT NULL REFERENCES content (id),
    number INTEGER NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (content_id, number)
);

CREATE TABLE audit_outbox (
    id TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (at, id)
);

-- Chunks are ciphertext: an attempt to compress them costs time and gains nothing.
ALTER TABLE chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;
