-- The sealed ebRIM of an entry is longer than what a row without rowid holds beside others on a page
-- of 4 KiB (1,002 octets): each had a page of its own for the rest, written with the commit and read
-- with the answer. A table of rows holds 4,061.
CREATE TABLE fragment_row (
    key BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
);
INSERT INTO fragment_row (key, sealed) SELECT key, sealed FROM fragment ORDER BY key;
DROP TABLE fragment;
ALTER TABLE fragment_row RENAME TO fragment;
