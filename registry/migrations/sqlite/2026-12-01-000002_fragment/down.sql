CREATE TABLE fragment_row (
    key BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) WITHOUT ROWID;
INSERT INTO fragment_row (key, sealed) SELECT key, sealed FROM fragment ORDER BY key;
DROP TABLE fragment;
ALTER TABLE fragment_row RENAME TO fragment;
