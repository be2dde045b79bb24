-- The node that submitted an object, by its name in the table of peers: it sees what it submitted. Of
-- the house's own, and of what came before this column, nobody is noted.
ALTER TABLE document_entry ADD COLUMN submitter TEXT;
ALTER TABLE submission_set ADD COLUMN submitter TEXT;
