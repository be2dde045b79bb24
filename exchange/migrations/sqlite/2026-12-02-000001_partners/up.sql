-- Whose a reply is, so that none takes the place of another's. Replies of before belong to one partner together.
ALTER TABLE reply ADD COLUMN partner BLOB NOT NULL DEFAULT x''; -- SHA-256 of the node whose request it answers
ALTER TABLE reply ADD COLUMN host BLOB NOT NULL DEFAULT x''; -- SHA-256 of scheme, host and port of where it goes
ALTER TABLE reply ADD COLUMN under_way BIGINT NOT NULL DEFAULT 0; -- until when it is tried by whoever took it, microseconds since 1970
CREATE INDEX reply_partner ON reply (partner);
CREATE INDEX reply_under_way ON reply (under_way);
