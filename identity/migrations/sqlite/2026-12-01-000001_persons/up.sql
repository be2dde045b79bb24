-- Persons, a row each identifier of the affinity domain. Whoever they are is sealed; they are found by
-- keyed hashes. `survivor` is the row itself until a merge points it to the person that it is now, at
-- once and never over another row; `told` is the time of the newest message about it, in microseconds
-- since 1970, so that one that comes again or late changes nothing.
CREATE TABLE person (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id_hash BLOB NOT NULL UNIQUE,
    survivor INTEGER REFERENCES person (key),
    told BIGINT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX person_survivor ON person (survivor);

-- What a person is found by: an identifier in the form in which it is compared, or a name in kana with
-- a date of birth.
CREATE TABLE clue (
    hash BLOB NOT NULL,
    person_key INTEGER NOT NULL REFERENCES person (key),
    PRIMARY KEY (hash, person_key)
) WITHOUT ROWID;
CREATE INDEX clue_person ON clue (person_key);
