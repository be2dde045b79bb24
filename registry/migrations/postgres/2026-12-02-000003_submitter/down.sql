ALTER TABLE submission_set DROP COLUMN submitter;
ALTER TABLE document_entry DROP COLUMN submitter;
