-- Messages of the patient feed that were carried out and are still to be told to who keeps the persons, in the
-- order of their keys, UUIDs of version 7.
CREATE TABLE news (
    key BYTEA NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL, -- microseconds since 1970
    failed_at BIGINT, -- when it could not be told last, if it could not
    message BYTEA NOT NULL -- sealed
);
