DROP TABLE forgiven;
