-- The first octets of a key tell when its object was registered: what is new for everybody is found by them. Of
-- the whole key there is no index, or a planner would take it in the place of the primary key.
CREATE INDEX document_entry_registered ON document_entry (substr(key, 1, 6));
