-- One row a patient identifier. `survivor` is the row itself until a merge points it elsewhere, so
-- that "everything of this person" is always one join over the index on `survivor`.
CREATE TABLE patient (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    cx_hash BLOB NOT NULL UNIQUE,
    cx BLOB NOT NULL,
    survivor INTEGER REFERENCES patient (key)
);
CREATE INDEX patient_survivor ON patient (survivor);

-- The first hop of every search by id. kind: 0 entryUUID, 1 uniqueId of a DocumentEntry (the first
-- one registered under it), 2 uniqueId of a SubmissionSet or Folder.
CREATE TABLE identifier (
    kind SMALLINT NOT NULL,
    value TEXT NOT NULL,
    patient_key INTEGER NOT NULL REFERENCES patient (key),
    object_id TEXT NOT NULL,
    object_kind SMALLINT NOT NULL,
    PRIMARY KEY (kind, value)
) WITHOUT ROWID;

-- Plain columns are what SQL searches; everything else is in the sealed fragment. Columns of several
-- values are framed by line feeds, one before each value and one at the end.
CREATE TABLE document_entry (
    patient_key INTEGER NOT NULL REFERENCES patient (key),
    id TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    submission TEXT NOT NULL,
    status SMALLINT NOT NULL,
    object_type SMALLINT NOT NULL,
    availability SMALLINT NOT NULL,
    version INTEGER NOT NULL,
    lid TEXT NOT NULL,
    home TEXT,
    repository TEXT NOT NULL,
    hash TEXT NOT NULL,
    size BIGINT NOT NULL,
    class_code TEXT,
    type_code TEXT,
    practice_setting_code TEXT,
    facility_type_code TEXT,
    format_code TEXT,
    event_codes TEXT,
    confidentiality_codes TEXT,
    creation_time TEXT,
    service_start TEXT,
    service_stop TEXT,
    author_institution TEXT,
    recipient TEXT,
    audience TEXT,
    author_persons BLOB,
    reference_ids BLOB,
    fragment BLOB NOT NULL,
    PRIMARY KEY (patient_key, id)
);
CREATE INDEX document_entry_service ON document_entry (patient_key, status, service_start);
CREATE INDEX document_entry_unique_id ON document_entry (patient_key, unique_id);

CREATE TABLE submission_set (
    patient_key INTEGER NOT NULL REFERENCES patient (key),
    id TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    status SMALLINT NOT NULL,
    home TEXT,
    source_id TEXT NOT NULL,
    submission_time TEXT NOT NULL,
    content_type_code TEXT,
    recipient TEXT,
    author_persons BLOB,
    fragment BLOB NOT NULL,
    PRIMARY KEY (patient_key, id)
);
CREATE INDEX submission_set_time ON submission_set (patient_key, submission_time);

-- An association belongs to the patient of its submission; its target may be of another patient
-- (a document included by reference), therefore the target has a key of its own.
CREATE TABLE association (
    patient_key INTEGER NOT NULL REFERENCES patient (key),
    id TEXT NOT NULL,
    association_type TEXT NOT NULL,
    status SMALLINT NOT NULL,
    home TEXT,
    source_id TEXT NOT NULL,
    target_key INTEGER NOT NULL REFERENCES patient (key),
    target_id TEXT NOT NULL,
    fragment BLOB NOT NULL,
    PRIMARY KEY (patient_key, id)
);
CREATE INDEX association_source ON association (patient_key, source_id, id);
CREATE INDEX association_target ON association (target_key, target_id);

-- Audit records of what was done here, until they are delivered; `at` is the order of delivery.
CREATE TABLE audit_outbox (
    id TEXT NOT NULL,
    at TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (at, id)
);
