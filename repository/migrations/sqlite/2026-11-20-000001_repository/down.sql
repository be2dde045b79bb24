DROP TABLE chunk;
DROP TABLE arriving;
DROP TABLE removed;
DROP TABLE bare_set;
DROP TABLE entry;
DROP TABLE content;
DROP TABLE submission;
DROP TABLE lease;
