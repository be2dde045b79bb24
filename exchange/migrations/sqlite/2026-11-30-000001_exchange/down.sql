DROP TABLE reply;
DROP TABLE answered;
