DROP TABLE damage;
DROP TABLE entry;
DROP TABLE journal;
