-- Messages of the last day that changed something, so that a repeat is answered as before.
CREATE TABLE answered (
    key BYTEA NOT NULL PRIMARY KEY, -- SHA-256 of the peer and the wsa:MessageID
    at BIGINT NOT NULL, -- microseconds since 1970
    digest BYTEA NOT NULL, -- SHA-256 of the envelope, and behind it of the parts
    answer BYTEA -- sealed; none while only the change itself is known
);
CREATE INDEX answered_at ON answered (at);

-- Replies that wait for their way to the address that their request named.
CREATE TABLE reply (
    id BYTEA NOT NULL PRIMARY KEY,
    made BIGINT NOT NULL, -- microseconds since 1970
    due BIGINT NOT NULL, -- when it is tried next
    attempts INTEGER NOT NULL,
    body BYTEA NOT NULL -- sealed: where to, and what
);
CREATE INDEX reply_due ON reply (due);
