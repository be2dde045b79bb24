-- The ids of processes, submissions, contents and segments are UUIDs of version 7: rows are in the order
-- in which they came, and neighbours in time are neighbours on disk.

-- A process that has work under way, and when it last said so (microseconds since 1970 by the clock
-- of this database, as all times here: processes on several machines share no other).
CREATE TABLE lease (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    renewed BIGINT NOT NULL
);

-- A submission whose outcome is not settled. Without a lease nobody works on it any more: its
-- sender was told that the outcome is open. `set_id` is its SubmissionSet.uniqueId, by which the registry is asked;
-- it and `records`, the audit records of its success, sealed, are there when all of it was stored.
CREATE TABLE submission (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    lease BLOB CHECK (length(lease) = 16),
    since BIGINT NOT NULL,
    set_id TEXT,
    records BLOB
);

-- One row a document. state: 1 stored, 2 confirmed, 3 being removed. home: 0 rows of `chunk`, 1 a
-- part of a segment file, which begins at `position`. `sealed_size` are the bytes of all chunks,
-- `stride` those of each but the last.
CREATE TABLE content (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    state SMALLINT NOT NULL,
    unique_id TEXT,
    mime_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha1 BLOB NOT NULL CHECK (length(sha1) = 20),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    chunks INTEGER NOT NULL,
    home SMALLINT NOT NULL,
    segment BLOB CHECK (length(segment) = 16),
    position BIGINT NOT NULL,
    sealed_size BIGINT NOT NULL,
    stride INTEGER NOT NULL,
    key_name TEXT NOT NULL,
    key_algorithm TEXT NOT NULL,
    key_bytes BLOB NOT NULL,
    created BIGINT NOT NULL
);
CREATE UNIQUE INDEX content_unique_id ON content (unique_id);
CREATE INDEX content_removing ON content (id) WHERE state = 3;
-- What is left of a segment, and when nothing is.
CREATE INDEX content_segment ON content (segment) WHERE segment IS NOT NULL;

-- One row for each DocumentEntry of a document that was registered, or is being registered by a
-- submission that is not settled. A document stays while it has one. `set_id` is the
-- SubmissionSet.uniqueId that brought it, empty where nobody knows: repair kept the document because the
-- registry has an entry of it. The media type of the document is that of the entry that was
-- registered last.
CREATE TABLE entry (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    content_id BLOB NOT NULL REFERENCES content (id),
    submission_id BLOB REFERENCES submission (id),
    set_id TEXT NOT NULL,
    mime_type TEXT NOT NULL
);
CREATE UNIQUE INDEX entry_submission ON entry (submission_id, content_id);
CREATE INDEX entry_content ON entry (content_id);
CREATE INDEX entry_set ON entry (set_id);

-- SubmissionSets without documents that a settled submission brought: a registry takes each once, and no
-- row of `entry` tells of them. One that is sent again after an open outcome is not taken for it.
CREATE TABLE bare_set (
    set_id TEXT NOT NULL PRIMARY KEY
) WITHOUT ROWID;

-- Documents that an administrator removed (ITI TF-2: 3.86), by uniqueId, and when: what the registry
-- still says of them lacks nothing. The row goes when the document is registered anew.
CREATE TABLE removed (
    unique_id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
) WITHOUT ROWID;

-- Documents on their way into `chunk`, and the process that brings them. The commit of the `content`
-- row takes the row here away; without a living lease it was left behind, and its chunks are swept.
CREATE TABLE arriving (
    content_id BLOB NOT NULL PRIMARY KEY CHECK (length(content_id) = 16),
    lease BLOB CHECK (length(lease) = 16)
);

-- Content whose home is this database. A chunk comes before its `content` row and goes before it.
CREATE TABLE chunk (
    content_id BLOB NOT NULL CHECK (length(content_id) = 16),
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (content_id, number)
);
