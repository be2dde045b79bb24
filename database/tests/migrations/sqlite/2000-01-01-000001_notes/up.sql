CREATE TABLE note (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size BIGINT NOT NULL,
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX note_name ON note (name);
CREATE INDEX note_kind ON note (kind, id);
