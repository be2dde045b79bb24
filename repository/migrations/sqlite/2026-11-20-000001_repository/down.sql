DROP TABLE audit_outbox;
DROP TABLE chunk;
DROP TABLE arriving;
DROP TABLE entry;
DROP TABLE content;
DROP TABLE submission;
DROP TABLE lease;
