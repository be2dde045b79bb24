DROP INDEX reply_under_way;
DROP INDEX reply_partner;
ALTER TABLE reply DROP COLUMN under_way;
ALTER TABLE reply DROP COLUMN host;
ALTER TABLE reply DROP COLUMN partner;
