-- From here on a row of `person` is a record: one identifier of any domain, with what was told under it. Records of
-- one person have one `cluster`, the lowest key among them; `epoch` says under which rules its pairs were judged
-- last.
ALTER TABLE person ADD COLUMN is_home BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE person ADD COLUMN cluster BIGINT NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
UPDATE person SET cluster = COALESCE(survivor, key);
CREATE INDEX person_cluster ON person (cluster);

-- The domains of records.
CREATE TABLE domain (
    oid TEXT PRIMARY KEY
) WITHOUT ROWID;

-- As whom a person is known: all identifiers of a cluster, sealed.
CREATE TABLE known_as (
    cluster INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL
);

-- What a record is found by: by a search, or as one that another has to be compared with. Keyed hashes.
CREATE TABLE lead (
    hash BLOB NOT NULL,
    person_key BIGINT NOT NULL REFERENCES person (key),
    PRIMARY KEY (hash, person_key)
) WITHOUT ROWID;
CREATE INDEX lead_person ON lead (person_key);

-- Leads that too many records have: these are compared by finer ones, or not at all.
CREATE TABLE crowd (
    hash BLOB PRIMARY KEY,
    is_left_out BOOLEAN NOT NULL
) WITHOUT ROWID;

-- What is known of two records: who told that they are one person (1 the lower, 2 the higher, 3 both), what the
-- rules say (1 work list, 2 linked) by which score (hundredths of a bit), what a clerk decided (1 the same, 0 not
-- the same), and since when it waits for one (microseconds since 1970). Why and by whom is sealed.
CREATE TABLE pair (
    low BIGINT NOT NULL REFERENCES person (key),
    high BIGINT NOT NULL REFERENCES person (key),
    told INTEGER NOT NULL,
    line INTEGER NOT NULL,
    score INTEGER NOT NULL,
    decided INTEGER,
    waiting BIGINT,
    sealed BLOB NOT NULL,
    PRIMARY KEY (low, high)
) WITHOUT ROWID;
CREATE INDEX pair_high ON pair (high);
CREATE INDEX pair_waiting ON pair (waiting);

-- The rules of matching that were put in force, the last of them the ones that are. `is_done` when all pairs were
-- judged by them; `terms` are the shares of names.
CREATE TABLE rules (
    epoch BIGINT PRIMARY KEY,
    version TEXT NOT NULL,
    toml TEXT NOT NULL,
    terms TEXT NOT NULL,
    since BIGINT NOT NULL,
    is_done BOOLEAN NOT NULL
);

-- Persons whose identifiers changed, for those who want to be told (ITI TF-2: 3.10.4.1.1); sealed.
CREATE TABLE changed (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    sealed BLOB NOT NULL
);
