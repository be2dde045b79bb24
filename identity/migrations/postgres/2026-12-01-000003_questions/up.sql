-- Questions for persons to other communities whose answers come later (ITI TF-2: 3.55.6.2): the last one about
-- a person for each community. The person is a keyed hash, what was asked is sealed.
CREATE TABLE question (
    id_hash BYTEA NOT NULL, -- of the identifier that the person is asked about by
    home TEXT NOT NULL, -- homeCommunityId
    message_id TEXT NOT NULL UNIQUE, -- wsa:MessageID, to which the answer relates
    until BIGINT NOT NULL, -- how long it is awaited, or what was answered is told; microseconds since 1970
    sealed BYTEA NOT NULL,
    PRIMARY KEY (id_hash, home)
);
CREATE INDEX question_home ON question (home);
CREATE INDEX question_until ON question (until);
