DROP TABLE audit_outbox;
DROP TABLE association;
DROP TABLE submission_set;
DROP TABLE document_entry;
DROP TABLE identifier;
DROP TABLE patient;
