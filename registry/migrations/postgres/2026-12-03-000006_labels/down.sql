-- What the earlier versions said stands in their ebRIM; by the columns alone nothing is taken back.
SELECT 1;
