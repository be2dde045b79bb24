DROP TABLE clue;
DROP TABLE person;
