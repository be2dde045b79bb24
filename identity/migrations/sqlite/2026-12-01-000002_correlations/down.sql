DROP TABLE correlation;
