-- What other communities told of persons (ITI TF-2: 3.55.4.2.3.1): as whom one knows a person, or that it
-- knows nobody like them. The person is a keyed hash, what was told is sealed.
CREATE TABLE correlation (
    id_hash BLOB NOT NULL, -- of the identifier that the person is asked about by
    home TEXT NOT NULL, -- homeCommunityId
    is_nobody BOOLEAN NOT NULL, -- that it knows nobody
    until BIGINT NOT NULL, -- how long it holds, microseconds since 1970
    sealed BLOB NOT NULL,
    PRIMARY KEY (id_hash, home)
) WITHOUT ROWID;
CREATE INDEX correlation_home ON correlation (home);
CREATE INDEX correlation_until ON correlation (until);
