-- When it was told, microseconds since 1970: what ends soon is asked for anew.
ALTER TABLE correlation ADD COLUMN since BIGINT NOT NULL DEFAULT 0;
