ALTER TABLE lead ADD CONSTRAINT lead_person_key_fkey FOREIGN KEY (person_key) REFERENCES person (key);
