-- One row a patient identifier. `survivor` is the row itself until a merge points it elsewhere, so
-- that "everything of this person" is always one join over the index on `survivor`.
CREATE TABLE patient (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    cx_hash BLOB NOT NULL UNIQUE,
    cx BLOB NOT NULL,
    survivor INTEGER REFERENCES patient (key)
);
CREATE INDEX patient_survivor ON patient (survivor);

-- Each object has two names: `id`, the entryUUID that goes on the wire, and `key`, a UUID version 7
-- that never leaves the registry: rows are in the order in which they came, and neighbours in time
-- are neighbours on disk.
--
-- The first hop of every search by entryUUID. A row outlives its object, then without a key: the id
-- of a removed object is never given again (ITI TF-2: 3.62).
-- kind: 0 DocumentEntry, 1 SubmissionSet, 2 Folder, 3 Association; the same numbers everywhere.
CREATE TABLE object (
    id BLOB NOT NULL PRIMARY KEY,
    kind SMALLINT NOT NULL,
    patient_key INTEGER REFERENCES patient (key),
    key BLOB
) WITHOUT ROWID;

-- The one name space of uniqueIds, and the first hop from that of a SubmissionSet or Folder. Several
-- DocumentEntries may share a uniqueId: their row leads nowhere, they are found by their own index.
-- A row outlives what it named, as above.
CREATE TABLE unique_id (
    value TEXT NOT NULL PRIMARY KEY,
    kind SMALLINT NOT NULL,
    patient_key INTEGER REFERENCES patient (key),
    key BLOB
) WITHOUT ROWID;

-- The sealed ebRIM of every object, apart from what is searched: rows that are searched stay small,
-- and a change of status copies none of it.
CREATE TABLE fragment (
    key BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) WITHOUT ROWID;

-- Plain columns are what SQL searches; everything else is in the sealed fragment. Columns of several
-- values are framed by line feeds, one before each value and one at the end. `latest` marks the
-- newest version of its `lid`. On-Demand entries have neither hash nor size.
-- A person's rows lie side by side: conditions are checked on them without further indices.
CREATE TABLE document_entry (
    patient_key INTEGER NOT NULL REFERENCES patient (key),
    key BLOB NOT NULL,
    id BLOB NOT NULL,
    unique_id TEXT NOT NULL,
    lid BLOB NOT NULL,
    version INTEGER NOT NULL,
    latest SMALLINT NOT NULL,
    status SMALLINT NOT NULL,
    object_type SMALLINT NOT NULL,
    availability SMALLINT NOT NULL,
    home TEXT,
    repository TEXT NOT NULL,
    hash BLOB,
    size BIGINT,
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
    PRIMARY KEY (patient_key, key)
) WITHOUT ROWID;
CREATE INDEX document_entry_unique_id ON document_entry (unique_id);
CREATE UNIQUE INDEX document_entry_lid ON document_entry (lid, version);

-- The entries that carry a reference id, by its keyed hash.
CREATE TABLE reference (
    hash BLOB NOT NULL,
    patient_key INTEGER NOT NULL REFERENCES patient (key),
    key BLOB NOT NULL,
    PRIMARY KEY (hash, patient_key, key)
) WITHOUT ROWID;

-- Who has an object with a code: how objects of all patients are found. A patient has few codes and
-- many objects, therefore it leads to patients. The row goes with the last object.
-- attribute: 0 classCode, 1 healthcareFacilityTypeCode, 2 eventCodeList, 3 codeList of a Folder.
CREATE TABLE patient_code (
    attribute SMALLINT NOT NULL,
    code TEXT NOT NULL,
    patient_key INTEGER NOT NULL REFERENCES patient (key),
    PRIMARY KEY (attribute, code, patient_key)
) WITHOUT ROWID;

CREATE TABLE submission_set (
    patient_key INTEGER NOT NULL REFERENCES patient (key),
    key BLOB NOT NULL,
    id BLOB NOT NULL,
    unique_id TEXT NOT NULL,
    status SMALLINT NOT NULL,
    home TEXT,
    source_id TEXT NOT NULL,
    submission_time TEXT NOT NULL,
    content_type_code TEXT,
    author_institution TEXT,
    recipient TEXT,
    audience TEXT,
    author_persons BLOB,
    PRIMARY KEY (patient_key, key)
) WITHOUT ROWID;

CREATE TABLE folder (
    patient_key INTEGER NOT NULL REFERENCES patient (key),
    key BLOB NOT NULL,
    id BLOB NOT NULL,
    unique_id TEXT NOT NULL,
    lid BLOB NOT NULL,
    version INTEGER NOT NULL,
    latest SMALLINT NOT NULL,
    status SMALLINT NOT NULL,
    home TEXT,
    codes TEXT,
    last_update_time TEXT NOT NULL,
    PRIMARY KEY (patient_key, key)
) WITHOUT ROWID;
CREATE UNIQUE INDEX folder_lid ON folder (lid, version);

-- An association is filed under the patient of its submission; its ends may be of other patients (a
-- document included by reference) or identifiers (a merged one), therefore each has a key of its own.
-- association_type: 0 HasMember, 1 RPLC, 2 XFRM, 3 APND, 4 XFRM_RPLC, 5 signs,
-- 6 IsSnapshotOf.
-- set_status: 0 Original, 1 Reference, NULL for what is no membership of a submission.
CREATE TABLE association (
    key BLOB NOT NULL PRIMARY KEY,
    id BLOB NOT NULL,
    patient_key INTEGER NOT NULL REFERENCES patient (key),
    association_type SMALLINT NOT NULL,
    status SMALLINT NOT NULL,
    set_status SMALLINT,
    home TEXT,
    source_kind SMALLINT NOT NULL,
    source_patient INTEGER NOT NULL REFERENCES patient (key),
    source_key BLOB NOT NULL,
    target_kind SMALLINT NOT NULL,
    target_patient INTEGER NOT NULL REFERENCES patient (key),
    target_key BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX association_source ON association (source_key, association_type);
CREATE INDEX association_target ON association (target_key, association_type);
