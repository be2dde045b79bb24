-- The entryUUID of the SubmissionSet, where it is known before the registry has it: what somebody else registers
-- under the same uniqueId has another.
ALTER TABLE submission ADD COLUMN set_uuid BYTEA CHECK (length(set_uuid) = 16);
