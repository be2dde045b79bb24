ALTER TABLE submission DROP COLUMN set_uuid;
