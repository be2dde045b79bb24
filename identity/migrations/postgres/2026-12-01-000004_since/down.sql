ALTER TABLE correlation DROP COLUMN since;
