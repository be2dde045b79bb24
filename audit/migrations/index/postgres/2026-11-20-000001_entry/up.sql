-- What the journals hold and where. Nothing here says whom a record is about; all of it can be made
-- anew from the journals.
CREATE TABLE journal (
    id BYTEA NOT NULL PRIMARY KEY,
    segment BIGINT NOT NULL, -- read up to here
    place BIGINT NOT NULL,
    next BIGINT NOT NULL, -- number of the entry that comes next
    mark BYTEA NOT NULL -- leaf hash of the last frame before the place, empty at the start of a segment
);
CREATE TABLE entry (
    num BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id BYTEA NOT NULL UNIQUE, -- of the record
    at BIGINT NOT NULL, -- EventDateTime, microseconds since 1970
    event TEXT COLLATE "C" NOT NULL, -- EventID code
    event_type TEXT COLLATE "C" NOT NULL, -- EventTypeCode code, empty for none
    outcome INTEGER NOT NULL, -- EventOutcomeIndicator
    source_id TEXT COLLATE "C" NOT NULL, -- AuditSourceID
    journal BYTEA NOT NULL,
    number BIGINT NOT NULL,
    segment BIGINT NOT NULL,
    place BIGINT NOT NULL, -- octets from the start of the segment
    octets BYTEA, -- only where entries are delivered: the entry as it stands in the journal
    wrapped_key BYTEA -- its key; none when it was erased
);
CREATE INDEX entry_at ON entry (at, num);
CREATE INDEX entry_event_type ON entry (event_type, at, num);
-- What could not be read.
CREATE TABLE damage (
    journal BYTEA NOT NULL,
    segment BIGINT NOT NULL,
    first BIGINT NOT NULL, -- numbers of entries that are missing, or -1
    last BIGINT NOT NULL,
    place BIGINT NOT NULL, -- octets that are no entry, or -1; beside numbers, up to where it was once read
    octets BIGINT NOT NULL,
    PRIMARY KEY (journal, segment, first, place)
);
