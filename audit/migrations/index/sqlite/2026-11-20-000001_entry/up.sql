-- What the journals hold and where. Nothing here says whom a record is about; all of it can be made
-- anew from the journals.
CREATE TABLE journal (
    id BLOB NOT NULL PRIMARY KEY,
    segment BIGINT NOT NULL, -- read up to here
    place BIGINT NOT NULL,
    next BIGINT NOT NULL, -- number of the entry that comes next
    mark BLOB NOT NULL -- leaf hash of the last frame before the place, empty at the start of a segment
) WITHOUT ROWID;
CREATE TABLE entry (
    num INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE, -- of the record
    at BIGINT NOT NULL, -- EventDateTime, microseconds since 1970
    event TEXT NOT NULL, -- EventID code
    event_type TEXT NOT NULL, -- EventTypeCode code, empty for none
    outcome INTEGER NOT NULL, -- EventOutcomeIndicator
    source_id TEXT NOT NULL, -- AuditSourceID
    journal BLOB NOT NULL,
    number BIGINT NOT NULL,
    segment BIGINT NOT NULL,
    place BIGINT NOT NULL, -- octets from the start of the segment
    octets BLOB, -- only where entries are delivered: the entry as it stands in the journal
    wrapped_key BLOB -- its key; none when it was erased
);
CREATE INDEX entry_at ON entry (at, num);
CREATE INDEX entry_event_type ON entry (event_type, at, num);
-- What could not be read.
CREATE TABLE damage (
    journal BLOB NOT NULL,
    segment BIGINT NOT NULL,
    first BIGINT NOT NULL, -- numbers of entries that are missing, or -1
    last BIGINT NOT NULL,
    place BIGINT NOT NULL, -- octets that are no entry, or -1; beside numbers, up to where it was once read
    octets BIGINT NOT NULL,
    PRIMARY KEY (journal, segment, first, place)
) WITHOUT ROWID;
