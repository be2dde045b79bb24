-- Under which sourceId a node submits that was issued for none: that of its first submission, which is
-- its own from then on.
CREATE TABLE source (
    source_id TEXT NOT NULL PRIMARY KEY,
    node TEXT NOT NULL UNIQUE
);
